"""What is told to those who answer for connectors: every figure by the query that its page asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

import pandas as pd
from sqlalchemy import Connection, RowMapping, Select, and_, func, select

from connectory.domain.answering import Recipient
from connectory.domain.digest import Ending, Gaps, Mine, Use, ending
from connectory.drift_settings import DriftSettings
from connectory.queries.credentials import credentials
from connectory.queries.exposure_answers import connector_answers
from connectory.queries.moments import Moment
from connectory.queries.owner_drift import drifts
from connectory.queries.stale import stale_connectors
from connectory.queries.standing import standing_stewards
from connectory.queries.tables import (
    ANSWERS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    DEFINITIONS,
    ENVIRONMENT_VERSIONS,
    STEWARDS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    with_person,
)

T = TypeVar("T")


def held(
    connection: Connection,
    moment: Moment,
    recipients: Mapping[int, Recipient],
    settings: DriftSettings,
    *,
    zone: tzinfo,
    today: date,
    left_out: Collection[int] = (),
) -> dict[int, Mine]:
    """Return connectors that somebody answers for, with what is known about each.

    The number of statements does not depend on how many there are.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        recipients: Who answers for which.
        settings: Chains of environments, for drift.
        zone: Where days are told.
        today: The day it is.
        left_out: Connectors not told of.
    """
    rows = connection.execute(_facts(moment)).mappings().all()
    drifting = drifts(connection, moment, settings, left_out=left_out, today=today)
    uses = _uses(connection, moment, today, left_out)
    costs = {row.connector_id: row for row in connector_answers(connection, moment)}
    ends = endings(connection, moment, zone, today)
    found: dict[int, Mine] = {}
    for row in rows:
        connector = row["id"]
        if connector in left_out or connector not in recipients:
            continue
        cost = costs.get(connector)
        found[connector] = Mine(
            connector_id=connector,
            name=row["name"],
            environment=row["environment"],
            sku=row["sku"] or "",
            recipient=recipients[connector],
            owner_state=row["owner_state"] or "owner_unknown",
            owner=row["owner"] or "",
            owner_key=row["owner_key"],
            use=uses.get(connector),
            drifts=drifting.get(connector, ()),
            endings=ends.get((row["client_id"] or "").lower(), ()),
            monthly=cost.monthly if cost else None,
            people=cost.people if cost else 0,
            gaps=_gaps(row),
            review_on=row["review_on"],
        )
    return found


def _facts(moment: Moment) -> Select[Any]:
    run_id, facts = moment.run_id, CONNECTOR_VERSIONS.c
    rows = (
        in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
        .outerjoin(DEFINITIONS, DEFINITIONS.c.id == facts.definition_id)
        .outerjoin(ANSWERS, and_(ANSWERS.c.connector_id == CONNECTORS.c.id, holds(ANSWERS, run_id)))
        .outerjoin(
            STEWARDS,
            and_(STEWARDS.c.connector_id == CONNECTORS.c.id, standing_stewards(moment)),
        )
    )
    joined, owner = with_person(rows, ANSWERS.c.owner_key, run_id, "owner")
    return (
        select(
            CONNECTORS.c.id,
            connector_name().label("name"),
            environment_name().label("environment"),
            ENVIRONMENT_VERSIONS.c.sku,
            ANSWERS.c.state.label("owner_state"),
            ANSWERS.c.owner_key,
            func.coalesce(owner.facts.c.display_name, owner.facts.c.user_principal_name).label(
                "owner"
            ),
            STEWARDS.c.review_on,
            facts.client_id,
            facts.description,
            facts.definition_state,
            DEFINITIONS.c.operations,
            DEFINITIONS.c.undocumented,
        )
        .select_from(joined)
        .where(facts.presence == "present")
        .order_by(CONNECTORS.c.id)
    )


def _uses(
    connection: Connection, moment: Moment, today: date, left_out: Collection[int]
) -> dict[int, Use]:
    """Return the verdict on the use of each connector that was judged."""
    told = stale_connectors(connection, moment, today, left_out)
    columns = ("connector_id", "state", "score", "last_used_on", "source", "exempt_until")
    return {
        int(connector): Use(
            state, _known(score, int), _known(last, _day), _known(source, str), _known(until, _day)
        )
        for connector, state, score, last, source, until in zip(
            *(told[name] for name in columns), strict=True
        )
    }


def _known(value: Any, what: Callable[[Any], T]) -> T | None:
    """Return the value of a cell, or None where it is missing."""
    return None if pd.isna(value) else what(value)


def _day(at: datetime) -> date:
    return at.date()


def _gaps(row: RowMapping) -> Gaps | None:
    """Return what a definition does not explain; None where none was read."""
    if row["definition_state"] != "readable" or row["operations"] is None:
        return None
    described = bool((row["description"] or "").strip())
    return Gaps(row["operations"], row["undocumented"] or 0, described)


def endings(
    connection: Connection, moment: Moment, zone: tzinfo, today: date
) -> dict[str, tuple[Ending, ...]]:
    """Return what ends, or has ended, by client id."""
    rows = credentials(connection, moment)
    endless = set(rows[rows["ends_at"].isna()]["client_id"])
    ends = rows[rows["ends_at"].notna()]
    of: dict[str, list[Ending]] = defaultdict(list)
    columns = ("client_id", "application", "kind", "ends_at")
    for client, application, kind, ends_at in zip(*(ends[name] for name in columns), strict=True):
        of[client].append(Ending(application, kind, ends_at.astimezone(zone).date()))
    told = {client: ending(some, today, endless=client in endless) for client, some in of.items()}
    return {client: some for client, some in told.items() if some}
