"""Everything one person has to do with: what they own, answer for, may edit or are asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.domain.ignoring import IgnoreRules
from connectory.drift_settings import DriftSettings
from connectory.queries import drift_hits, hits
from connectory.queries.answerable import roles
from connectory.queries.call_tables import Window
from connectory.queries.connectors import connectors
from connectory.queries.drift_board import drift_board
from connectory.queries.frames import Schema, frame
from connectory.queries.ignoring import NO_RULES
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ATTESTATION_REQUESTS,
    CAMPAIGNS,
    CONNECTOR_VERSIONS,
    CREDENTIALS,
    EXEMPTIONS,
    STALENESS_ANSWERS,
    holds,
)
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
    "staleness_reason": "text",
    "last_used_on": "text",
    "evidence": "text",
    "exempt_until": "text",
    "drift": "text",
    "drift_open": "number",
    "drift_use": "text",
    "credential": "text",
    "credential_ends_at": "time",
    "request_id": "number",
    "campaign_id": "number",
    "campaign": "text",
    "deadline": "text",
    "asked_as": "text",
}
Told = dict[int, dict[str, Any]]
"""What is told of connectors beside the list, by connector."""


def my_connectors(
    connection: Connection,
    moment: Moment,
    person: str,
    *,
    today: date,
    drift: DriftSettings = _USUAL,
    ignore: IgnoreRules = NO_RULES,
) -> pd.DataFrame:
    """Return the connectors that somebody owns, answers for, may edit or is asked about, by name.

    Args:
        connection: Open transaction on the store.
        moment: As of when. What people decided, and what is asked, is told as it is now.
        person: Object id, or a mailbox of the settings.
        today: The day it is, for what people decided until a day.
        drift: The chains that are declared.
        ignore: What the settings leave out of figures.

    Returns:
        roles: of `answerable.ROLES`. drift: as the drift board shows it, missing where nothing is compared;
        drift_open counts breaking and risky changes that nobody accepted, drift_use tells whether
        the worst of them are used. staleness: missing before it was assessed. credential: that of
        its application which ends next, or ended last. request_id, campaign, deadline, asked_as:
        of a request to this person that is open. Days are written as 2026-11-23.
    """
    held = roles(connection, moment.run_id, person)
    listed = connectors(connection, moment, ignore)[list(_LISTED)]
    mine = listed[listed["connector_id"].isin(list(held))]
    ids = [int(one) for one in mine["connector_id"]]
    told = _merged(
        {one: {"roles": held[one]} for one in ids},
        _staleness(connection, moment.run_id, ids),
        _exempt(connection, ids, today),
        _drift(connection, moment, ids, drift, today),
        _credentials(connection, moment, ids),
        _requests(connection, ids, person),
    )
    rows = [
        [(told[values[0]] | dict(zip(_LISTED, values, strict=True))).get(name) for name in _SCHEMA]
        for values in mine.itertuples(index=False, name=None)
    ]
    return frame(rows, _SCHEMA)


def _merged(*parts: Told) -> Told:
    told: Told = defaultdict(dict)
    for part in parts:
        for connector, facts in part.items():
            told[connector].update(facts)
    return told


def _staleness(connection: Connection, run_id: int, ids: Collection[int]) -> Told:
    told = STALENESS_ANSWERS.c
    query = select(
        told.connector_id, told.state, told.score, told.reason, told.last_used_on, told.evidence
    ).where(holds(STALENESS_ANSWERS, run_id), told.connector_id.in_(ids))
    return {
        connector: {
            "staleness": state,
            "score": score,
            "staleness_reason": reason,
            "last_used_on": _written(last),
            "evidence": grade,
        }
        for connector, state, score, reason, last, grade in connection.execute(query)
    }


def _exempt(connection: Connection, ids: Collection[int], today: date) -> Told:
    standing = EXEMPTIONS.c
    query = select(standing.connector_id, standing.until).where(
        standing.connector_id.in_(ids), standing.withdrawn_at.is_(None), standing.until >= today
    )
    return {one: {"exempt_until": _written(until)} for one, until in connection.execute(query)}


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


def _credentials(connection: Connection, moment: Moment, ids: Collection[int]) -> Told:
    """Return the credential of their applications that ends next, else the one that ended last."""
    facts = CONNECTOR_VERSIONS.c
    query = (
        select(
            facts.connector_id,
            func.coalesce(CREDENTIALS.c.display_name, CREDENTIALS.c.kind),
            CREDENTIALS.c.ends_at,
        )
        .join(CREDENTIALS, CREDENTIALS.c.client_key == func.lower(facts.client_id))
        .where(
            holds(CONNECTOR_VERSIONS, moment.run_id),
            holds(CREDENTIALS, moment.run_id),
            facts.connector_id.in_(ids),
            CREDENTIALS.c.ends_at.is_not(None),
        )
        .order_by(facts.connector_id, CREDENTIALS.c.ends_at)
    )
    told: Told = {}
    for connector, name, ends_at in connection.execute(query):
        now = told.get(connector)
        if now is None or now["credential_ends_at"] < moment.read_at:
            told[connector] = {"credential": name, "credential_ends_at": ends_at.astimezone(UTC)}
    return told


def _requests(connection: Connection, ids: Collection[int], person: str) -> Told:
    asked = ATTESTATION_REQUESTS.c
    query = (
        select(
            asked.connector_id, asked.id, asked.campaign_id, CAMPAIGNS.c.name, asked.deadline,
            asked.role,
        )
        .join(CAMPAIGNS, CAMPAIGNS.c.id == asked.campaign_id)
        .where(asked.connector_id.in_(ids), asked.closed_at.is_(None), asked.asked == person)
    )  # fmt: skip
    return {
        connector: {
            "request_id": request,
            "campaign_id": campaign,
            "campaign": name,
            "deadline": _written(deadline),
            "asked_as": role,
        }
        for connector, request, campaign, name, deadline, role in connection.execute(query)
    }


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
