"""Breaking changes that nobody accepted, by connector, and whom each of them hits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal

import pandas as pd
from sqlalchemy import Connection, and_, exists, func, or_, select

from connectory.domain.digest import Contact, Drift
from connectory.drift_settings import DriftSettings
from connectory.queries.accepted import standing
from connectory.queries.call_tables import Window
from connectory.queries.drift_board import drift_board
from connectory.queries.drift_hits import open_changes
from connectory.queries.hits import GRADES, Grades, Use, contacts, use
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment, at
from connectory.queries.tables import (
    ACCEPTANCES,
    COMPARISON_CHANGES,
    DEFINITION_STEPS,
    FAMILY_ANSWERS,
    holds,
)
from connectory.queries.uses import DAYS

SINCE_DAYS: Final = 7
"""So far back new versions are told of."""
_BREAKING: Final = "breaking"
_TOLD: Final = 3

_Operations = dict[str | None, int]
"""Changes by operation, those of the connector as a whole under None."""
_Kind = Literal["broke", "drifted"]


def drifts(
    connection: Connection,
    moment: Moment,
    settings: DriftSettings,
    *,
    left_out: Collection[int] = (),
    today: date | None = None,
) -> dict[int, tuple[Drift, ...]]:
    """Return what breaks callers of each connector and was accepted by nobody.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: Chains of environments.
        left_out: Connectors not told of.
        today: The day it is, for acceptances that end; that of the run by default.

    Returns:
        By connector, new versions of the last days before what differs from a reference.
    """
    broke = _broke(connection, moment, left_out, today)
    drifted = _drifted(connection, moment, today)
    places = _places(drift_board(connection, moment, settings, left_out=left_out, today=today))
    drifted = {connector: found for connector, found in drifted.items() if connector in places}
    if not broke and not drifted:
        return {}
    known = _Hits(use(connection, moment, Window.before(moment, DAYS)))
    found: dict[int, list[Drift]] = defaultdict(list)
    for connector, operations in broke.items():
        found[connector].append(known.told("broke", "", [connector], operations))
    for connector, operations in drifted.items():
        against, sides = places[connector]
        found[connector].append(known.told("drifted", against, sides, operations))
    return {connector: tuple(told) for connector, told in found.items()}


def _drifted(connection: Connection, moment: Moment, today: date | None) -> dict[int, _Operations]:
    opened = open_changes(connection, moment, today)
    rows = opened[opened["severity"] == _BREAKING]
    return _by_connector(rows[["connector_id", "operation_id", "changes"]].itertuples(index=False))


def _broke(
    connection: Connection, moment: Moment, left_out: Collection[int], today: date | None
) -> dict[int, _Operations]:
    """Return breaking changes of new versions of the last days, by connector and operation."""
    steps, changes, family = DEFINITION_STEPS.c, COMPARISON_CHANGES.c, FAMILY_ANSWERS.c
    before = at(connection, moment.read_at - timedelta(days=SINCE_DAYS))
    accepted = exists(
        select(ACCEPTANCES.c.id)
        .where(
            ACCEPTANCES.c.fingerprint == changes.fingerprint,
            or_(
                ACCEPTANCES.c.connector_id == steps.connector_id,
                ACCEPTANCES.c.family_key == family.family_key,
            ),
            standing(moment, today),
        )
        .correlate(DEFINITION_STEPS, FAMILY_ANSWERS, COMPARISON_CHANGES)
    )
    columns = (steps.connector_id, changes.operation_id)
    query = (
        select(*columns, func.count())
        .select_from(
            DEFINITION_STEPS.join(
                COMPARISON_CHANGES, changes.comparison_id == steps.comparison_id
            ).outerjoin(
                FAMILY_ANSWERS,
                and_(
                    family.connector_id == steps.connector_id,
                    holds(FAMILY_ANSWERS, moment.run_id),
                ),
            )
        )
        .where(
            steps.run_id > (before.run_id if before else 0),
            steps.run_id <= moment.run_id,
            counted(steps.connector_id, left_out),
            changes.severity == _BREAKING,
            ~accepted,
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    return _by_connector(connection.execute(query))


def _by_connector(rows: Any) -> dict[int, _Operations]:
    found: dict[int, _Operations] = defaultdict(dict)
    for connector, operation, number in rows:
        name = operation if isinstance(operation, str) else None
        found[int(connector)][name] = int(number)
    return dict(found)


def _places(board: pd.DataFrame) -> Mapping[int, tuple[str, list[int]]]:
    """Return by connector the environment of its reference, and the two as they are."""
    here = board[board["connector_id"].notna()]
    names = dict(zip(here["connector_id"].astype(int), here["environment"], strict=True))
    compared = here[here["against_connector_id"].notna()]
    return {
        int(connector): (str(names.get(int(other), "")), [int(connector), int(other)])
        for connector, other in zip(
            compared["connector_id"], compared["against_connector_id"], strict=True
        )
    }


class _Hits:
    """Who is hit, looked up by connector: all consumers are gone through once."""

    def __init__(self, known: Use) -> None:
        self._known = known
        self._grades: Grades = known.graded()
        self._rows = known.consumers.groupby("connector_id").indices

    def told(
        self, kind: _Kind, against: str, sides: Collection[int], operations: _Operations
    ) -> Drift:
        """Return breaking changes with whom they hit."""
        graded = {name: self._grades.of(sides, name) for name in operations}
        worst = min(graded.values(), key=GRADES.index)
        names = sorted(
            (name for name in operations if name is not None),
            key=lambda name: (GRADES.index(graded[name]), name),
        )
        whole = None in operations
        hit = self._of(sides).hit(sides, None if whole else names)
        each = hit.drop_duplicates(["kind", "consumer_id"])
        people = contacts(hit)
        return Drift(
            kind=kind,
            against=against,
            changes=sum(operations.values()),
            grade=worst,
            operations=() if whole else tuple(names),
            flows=int((each["kind"] == "flow").sum()),
            apps=int((each["kind"] == "app").sum()),
            agents=int((each["kind"] == "agent").sum()),
            contacts=tuple(_contacts(people.head(_TOLD))),
            people=len(people),
        )

    def _of(self, sides: Collection[int]) -> Use:
        places = [place for side in sides for place in self._rows.get(side, ())]
        rows = self._known.consumers.iloc[sorted(places)]
        return Use(rows, self._known.calls, self._known.short)


def _contacts(people: pd.DataFrame) -> Iterator[Contact]:
    columns = ("owner", "mail", "flows", "apps", "agents")
    for name, mail, *things in zip(*(people[column] for column in columns), strict=True):
        who, where = (text if isinstance(text, str) else "" for text in (name, mail))
        yield Contact(who, where, sum(int(one) for one in things))
