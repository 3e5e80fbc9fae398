"""Everything one person has to do with: what they own, answer for, may edit or are asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.answering import Recipient
from connectory.domain.digest import Asked, Mine, Task, by_urgency
from connectory.domain.ignoring import IgnoreRules
from connectory.drift_settings import DriftSettings
from connectory.queries import drift_hits, hits
from connectory.queries.answerable import Somebody, roles
from connectory.queries.call_tables import Window
from connectory.queries.campaigns import requests
from connectory.queries.connectors import connectors
from connectory.queries.drift_board import drift_board
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import NO_RULES
from connectory.queries.moments import Moment
from connectory.queries.owner_digest import held
from connectory.queries.uses import DAYS

_USUAL = DriftSettings()
_LISTED: Final = ("connector_id", "display_name", "name", "environment_id", "environment",
                  "environment_sku", "owner", "owner_state", "owner_reason", "consumers",
                  "licence_cost", "presence", "ignored")  # fmt: skip
_SCHEMA: Schema = {
    "connector_id": "count",
    "display_name": "text",
    "name": "text",
    "environment_id": "count",
    "environment": "text",
    "environment_sku": "text",
    "owner": "text",
    "owner_state": "text",
    "owner_reason": "text",
    "consumers": "number",
    "licence_cost": "money",
    "presence": "text",
    "ignored": "text",
    "roles": "list",
    "staleness": "text",
    "score": "number",
    "last_used_on": "day",
    "exempt_until": "day",
    "drift": "text",
    "drift_open": "number",
    "drift_use": "text",
    "credential": "text",
    "credential_ends_on": "day",
    "review_on": "day",
    "request_id": "number",
    "campaign_id": "number",
    "campaign": "text",
    "deadline": "day",
    "tasks": "count",
}
Told = dict[int, dict[str, Any]]
"""What is told of connectors beside the list, by connector."""


@dataclass(frozen=True, slots=True)
class MyConnectors:
    """What somebody has to do with, and what is to be done about it.

    Attributes:
        rows: A row a connector, by name. roles: of `answerable.ROLES`; drift: as the drift board
            shows it, missing where nothing is compared; drift_open counts breaking and risky
            changes that nobody accepted, drift_use tells whether the worst of them are used;
            staleness: missing before it was judged; credential: of its application, what ends
            first; request_id, campaign, deadline: of what is open to this person; tasks: how many
            things there are to do.
        todo: The same connectors as the digest tells them, with what is to be done about each, the
            most urgent first; without those that are missing at the moment.
    """

    rows: pd.DataFrame
    todo: tuple[tuple[Mine, tuple[Task, ...]], ...]


def my_connectors(
    connection: Connection,
    moment: Moment,
    person: Somebody,
    *,
    zone: tzinfo,
    today: date,
    drift: DriftSettings = _USUAL,
    ignore: IgnoreRules = NO_RULES,
) -> MyConnectors:
    """Return the connectors that somebody owns, answers for, may edit or is asked about.

    The number of statements does not depend on how many there are.

    Args:
        connection: Open transaction on the store.
        moment: As of when. Whoever answers for them, and what is asked, is told as it is now.
        person: Whose.
        zone: Where days are told.
        today: The day it is.
        drift: The chains that are declared.
        ignore: What the settings leave out of figures; it is told here and says so.
    """
    as_what = roles(connection, moment.run_id, person.key)
    listed = connectors(connection, moment, ignore)[list(_LISTED)]
    mine = listed[listed["connector_id"].isin(list(as_what))]
    ids = [int(one) for one in mine["connector_id"]]
    asked = requests(connection, moment, today, asked=person.key)
    open_to = asked[asked["state"].isin(["open", "late"])]
    to = Recipient(person.key, person.name, person.mail or "", None, "owner")
    known = held(connection, moment, dict.fromkeys(ids, to), drift, zone=zone, today=today)
    todo = tuple(by_urgency(_with_questions(known.values(), open_to), today))
    told = _merged(
        {one: {"roles": as_what[one], "tasks": 0} for one in ids},
        {one.connector_id: _told(one) | {"tasks": len(tasks)} for one, tasks in todo},
        _drift(connection, moment, ids, drift, today),
        _requests(open_to),
    )
    rows = [
        [(told[values[0]] | dict(zip(_LISTED, values, strict=True))).get(name) for name in _SCHEMA]
        for values in mine.itertuples(index=False, name=None)
    ]
    return MyConnectors(frame(rows, _SCHEMA), todo)


def _with_questions(known: Iterable[Mine], open_to: pd.DataFrame) -> list[Mine]:
    """Return connectors with the question that is open about each."""
    columns = ("connector_id", "request_id", "connector", "deadline")
    questions = {
        connector: Asked(request, connector, str(name), deadline, "")
        for connector, request, name, deadline in zip(
            *(open_to[column] for column in columns), strict=True
        )
    }
    return [replace(one, asked=questions.get(one.connector_id)) for one in known]


def _merged(*parts: Told) -> Told:
    told: Told = defaultdict(dict)
    for part in parts:
        for connector, facts in part.items():
            told[connector].update(facts)
    return told


def _told(mine: Mine) -> dict[str, Any]:
    use, first = mine.use, min(mine.endings, key=lambda one: one.ends_on, default=None)
    return {
        "staleness": use.state if use else None,
        "score": use.score if use else None,
        "last_used_on": use.last_used_on if use else None,
        "exempt_until": use.exempt_until if use else None,
        "credential": first.application if first else None,
        "credential_ends_on": first.ends_on if first else None,
        "review_on": mine.review_on,
    }


def _drift(
    connection: Connection,
    moment: Moment,
    ids: Collection[int],
    settings: DriftSettings,
    today: date,
) -> Told:
    """Return how they stand on the drift board, by the functions of its page."""
    board = drift_board(connection, moment, settings, today=today)
    mine = board[board["connector_id"].isin(list(ids))]
    opened = drift_hits.open_changes(connection, moment, today)
    sides = {int(one) for name in ("connector_id", "against_connector_id")
             for one in mine[name].dropna()}  # fmt: skip
    use = hits.use(connection, moment, Window.before(moment, DAYS), sides)
    shown = drift_hits.with_use(mine, opened, use.graded())
    columns = (shown[name] for name in ("connector_id", "shown", "open", "use"))
    return {
        int(one): {"drift": state, "drift_open": number, "drift_use": grade}
        for one, state, number, grade in zip(*columns, strict=True)
    }


def _requests(open_to: pd.DataFrame) -> Told:
    names = ("connector_id", "request_id", "campaign_id", "campaign", "deadline")
    return {
        int(values[0]): dict(zip(names[1:], values[1:], strict=True))
        for values in open_to[list(names)].itertuples(index=False, name=None)
    }
