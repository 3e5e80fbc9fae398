"""Campaigns as frames: what was asked, who has answered what, who has not, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, select

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ATTESTATION_EVENTS,
    ATTESTATION_REQUESTS,
    CAMPAIGNS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    connector_name,
    environment_name,
    holds,
)

OUTCOMES: Final = ("keep", "retire", "hand_over", "not_mine", "unanswered", "cancelled")
"""How a request may end; the first four are answers."""
ANSWERS: Final = OUTCOMES[:4]
STATES: Final = ("late", "open", *OUTCOMES)
"""How a request stands: late is open past its deadline."""

_CAMPAIGNS: Schema = {
    "campaign_id": "count",
    "name": "text",
    "purpose": "text",
    "state": "text",
    "opened_by": "text",
    "opened_at": "time",
    "deadline": "day",
    "closed_at": "time",
    "closed_by": "text",
    "connectors": "count",
    "answered": "count",
    **dict.fromkeys(STATES, "count"),
}
_REQUESTS: Schema = {
    "request_id": "count",
    "campaign_id": "count",
    "campaign": "text",
    "connector_id": "count",
    "connector": "text",
    "environment_id": "number",
    "environment": "text",
    "environment_sku": "text",
    "presence": "text",
    "state": "text",
    "asked": "text",
    "asked_name": "text",
    "role": "text",
    "passed": "list",
    "deadline": "day",
    "reminders": "count",
    "escalations": "count",
    "opened_at": "time",
    "closed_at": "time",
    "answered_by": "text",
    "via": "text",
    "reason": "text",
    "hand_over_to": "text",
    "current": "flag",
}
_EVENTS: Schema = {"at": "time", "what": "text", "who": "text", "told": "list"}
_WAITING: Schema = {
    "asked": "text",
    "asked_name": "text",
    "role": "text",
    "open": "count",
    "late": "count",
    "reminders": "count",
    "deadline": "day",
}


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign.

    Attributes:
        facts: Its row of `campaigns`.
        chosen: How its connectors were chosen.
        steps: Its steps by environment, as they were when it was opened.
    """

    facts: Mapping[str, Any]
    chosen: Mapping[str, Any]
    steps: Mapping[str, Any]


def campaigns(connection: Connection, today: date) -> pd.DataFrame:
    """Return all campaigns with how far each is, the newest first.

    Args:
        connection: Open transaction on the store.
        today: The day it is.

    Returns:
        state: open, late (open past its deadline) or closed. connectors: those it asks about, each
        counted once below by its latest request in it, also if that was handed on: answered, and
        how many are in each of `STATES`.
    """
    query = _campaigns(today).order_by(CAMPAIGNS.c.id.desc())
    return framed(connection, query, _CAMPAIGNS)


def campaign(connection: Connection, campaign_id: int, today: date) -> Campaign | None:
    """Return one campaign; None if there is none of that number."""
    row = connection.execute(_campaigns(today).where(CAMPAIGNS.c.id == campaign_id)).one_or_none()
    if row is None:
        return None
    query = select(CAMPAIGNS.c.chosen, CAMPAIGNS.c.steps).where(CAMPAIGNS.c.id == campaign_id)
    chosen, steps = connection.execute(query).one()
    return Campaign(dict(zip(_CAMPAIGNS, row, strict=True)), chosen, steps)


def requests(
    connection: Connection,
    moment: Moment,
    today: date,
    *,
    campaign_id: int | None = None,
    asked: str | None = None,
    connector_id: int | None = None,
) -> pd.DataFrame:
    """Return requests, those that are open first, by deadline and name.

    Args:
        connection: Open transaction on the store.
        moment: As of when connectors are named.
        today: The day it is.
        campaign_id: Of one campaign.
        asked: That somebody is asked now: object id, or mailbox: and an address.
        connector_id: About one connector.

    Returns:
        state: of `STATES`. passed: who was to be asked before, and why it was not them. current:
        it is the latest about its connector in its campaign.
    """
    row = ATTESTATION_REQUESTS.c
    query = _requests(moment.run_id, today)
    for column, value in (
        (row.campaign_id, campaign_id),
        (row.asked, asked),
        (row.connector_id, connector_id),
    ):
        if value is not None:
            query = query.where(column == value)
    rows = written(connection, query, _REQUESTS)
    ranks = rows.assign(
        rank=[STATES.index(one) for one in rows["state"]],
        folded=rows["connector"].fillna("").str.casefold(),
    ).sort_values(["rank", "deadline", "folded", "request_id"])
    return rows.loc[ranks.index].reset_index(drop=True)


def waiting_for(asked: pd.DataFrame) -> pd.DataFrame:
    """Return who has not answered, whoever is late with most first.

    Args:
        asked: Rows of `requests`.

    Returns:
        asked, asked_name, role; open: requests to them, late ones among them; late; reminders: the
        most that one of these requests has had; deadline: the first.
    """
    told = asked[asked["state"].isin(["open", "late"])]
    rows = [
        (
            who,
            some["asked_name"].iloc[0],
            some["role"].iloc[0],
            len(some),
            int((some["state"] == "late").sum()),
            int(some["reminders"].max()),
            min(some["deadline"]),
        )
        for who, some in told.groupby("asked", sort=False)
    ]
    rows.sort(key=lambda row: (-row[4], -row[3], row[6], str(row[1]).casefold()))
    return frame(rows, _WAITING)


def request_log(connection: Connection, request_id: int) -> pd.DataFrame:
    """Return what happened to a request, the oldest first; told: the details of each."""
    event = ATTESTATION_EVENTS.c
    query = (
        select(event.at, event.what, event.who, event.told)
        .where(event.request_id == request_id)
        .order_by(event.id)
    )
    return framed(connection, query, _EVENTS)


def evidence(connection: Connection, request_id: int) -> Mapping[str, Any]:
    """Return what was known of a connector when it was asked about; nothing without a request."""
    row = ATTESTATION_REQUESTS.c
    told: Mapping[str, Any] | None = connection.scalar(
        select(row.facts).where(row.id == request_id)
    )
    return told or {}


def _latest() -> Any:
    """Return the number of the latest request about each connector of each campaign."""
    row = ATTESTATION_REQUESTS.c
    return (
        select(func.max(row.id).label("id")).group_by(row.campaign_id, row.connector_id).subquery()
    )


def _stands(today: date) -> ColumnElement[str]:
    row = ATTESTATION_REQUESTS.c
    return case(
        (row.closed_at.is_not(None), row.outcome), (row.deadline < today, "late"), else_="open"
    )


def _campaigns(today: date) -> Select[Any]:
    row, state, latest = ATTESTATION_REQUESTS.c, _stands(today), _latest()
    counts = (
        select(
            row.campaign_id,
            func.count().label("connectors"),
            *(func.count(case((state == one, 1))).label(one) for one in STATES),
        )
        .join(latest, latest.c.id == row.id)
        .group_by(row.campaign_id)
        .subquery("counts")
    )
    told = {one: func.coalesce(counts.c[one], 0) for one in ("connectors", *STATES)}
    answered = told["keep"] + told["retire"] + told["hand_over"] + told["not_mine"]
    own = CAMPAIGNS.c
    columns: dict[str, ColumnElement[Any]] = {
        **{name: own[name] for name in _CAMPAIGNS if name in own},
        "campaign_id": own.id,
        "state": case(
            (own.closed_at.is_not(None), "closed"), (own.deadline < today, "late"), else_="open"
        ),
        "answered": answered,
        **told,
    }
    return select(*(columns[name].label(name) for name in _CAMPAIGNS)).select_from(
        CAMPAIGNS.outerjoin(counts, counts.c.campaign_id == own.id)
    )


def named(rows: FromClause, connector_id: ColumnElement[Any], run_id: int) -> FromClause:
    """Join what a connector was called last, and its environment, also of one that is gone."""
    return (
        rows.join(CONNECTORS, CONNECTORS.c.id == connector_id)
        .outerjoin(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, run_id),
            ),
        )
        .outerjoin(
            ENVIRONMENT_VERSIONS,
            and_(
                ENVIRONMENT_VERSIONS.c.environment_id == CONNECTORS.c.environment_id,
                holds(ENVIRONMENT_VERSIONS, run_id),
            ),
        )
    )


def names() -> dict[str, ColumnElement[Any]]:
    """Return the columns of `named` by what frames call them."""
    return {
        "connector_id": CONNECTORS.c.id,
        "connector": connector_name(),
        "environment_id": CONNECTORS.c.environment_id,
        "environment": environment_name(),
        "environment_sku": ENVIRONMENT_VERSIONS.c.sku,
        "presence": CONNECTOR_VERSIONS.c.presence,
    }


def _requests(run_id: int, today: date) -> Select[Any]:
    row, latest = ATTESTATION_REQUESTS.c, _latest()
    columns: dict[str, ColumnElement[Any]] = {
        **{name: row[name] for name in _REQUESTS if name in row},
        **names(),
        "request_id": row.id,
        "campaign": CAMPAIGNS.c.name,
        "state": _stands(today),
        "current": latest.c.id.is_not(None),
    }
    rows = ATTESTATION_REQUESTS.join(CAMPAIGNS, CAMPAIGNS.c.id == row.campaign_id).outerjoin(
        latest, latest.c.id == row.id
    )
    return select(*(columns[name].label(name) for name in _REQUESTS)).select_from(
        named(rows, row.connector_id, run_id)
    )


def written(connection: Connection, query: Select[Any], schema: Schema) -> pd.DataFrame:
    """Run a query and return its rows as a frame; a database may tell a flag as 0 or 1."""
    flags = [place for place, kind in enumerate(schema.values()) if kind == "flag"]
    rows = [list(row) for row in connection.execute(query)]
    for row in rows:
        for place in flags:
            row[place] = bool(row[place])
    return frame(rows, schema)
