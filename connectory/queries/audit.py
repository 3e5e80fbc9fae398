"""What the audit log told: who did what to connectors and what uses them, and how far it was read.

Opening an app is evidence of the grade ``launch``: somebody started an app that uses the connector.
Whether the app called it the log does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    func,
    or_,
    select,
    true,
)

from connectory.domain.stretches import merged
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    APP_VERSIONS,
    APPS,
    AUDIT_BLOBS,
    AUDIT_EVENTS,
    AUDIT_QUERIES,
    AUDIT_SPANS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FLOW_VERSIONS,
    FLOWS,
    connector_name,
    environment_name,
    holds,
    meaning_of_absence,
    with_person,
)
from connectory.queries.usage import app_pairs, flow_pairs

EVIDENCE = "launch"
_EVENTS: Schema = {
    "at": "time",
    "noun": "text",
    "action": "text",
    "operation": "text",
    "name": "text",
    "target_key": "text",
    "connector_id": "number",
    "connector": "text",
    "environment": "text",
    "actor": "text",
    "actor_key": "text",
    "actor_state": "text",
    "succeeded": "maybe",
}
_LAUNCHES: Schema = {"day": "time", "launches": "number", "people": "number"}


@dataclass(frozen=True, slots=True)
class LogRead:
    """How far the audit log was read.

    Attributes:
        spans: Stretches of time read whole, the oldest first; what lies between two is lost.
        filled: Of these, what had expired and was told by a query afterwards.
        expired: Parts inside them that had expired before they could be read.
    """

    spans: tuple[tuple[datetime, datetime], ...]
    expired: int
    filled: tuple[tuple[datetime, datetime], ...] = ()

    def covers(self, day: date) -> bool:
        """Tell whether all of a UTC day was read, as far as it had been handed out."""
        start = datetime.combine(day, time(), UTC)
        return any(begin <= start < end for begin, end in self.spans)


def log_read(connection: Connection, moment: Moment) -> LogRead:
    """Return how far the log was read up to a moment."""
    table = AUDIT_SPANS.c
    query = select(table.from_at, table.to_at).order_by(table.from_at)
    spans = [
        (row.from_at, min(row.to_at, moment.read_at))
        for row in connection.execute(query)
        if row.from_at <= moment.read_at
    ]
    queries = AUDIT_QUERIES.c
    answered = select(queries.from_at, queries.to_at).where(
        queries.state == "filled", queries.run_id <= moment.run_id
    )
    filled = merged((row.from_at, row.to_at) for row in connection.execute(answered))
    expired = select(func.count()).where(
        AUDIT_BLOBS.c.state == "expired", AUDIT_BLOBS.c.run_id <= moment.run_id
    )
    return LogRead(tuple(merged([*spans, *filled])), connection.scalar(expired) or 0, tuple(filled))


def audit_events(
    connection: Connection, moment: Moment, connector_id: int | None = None
) -> pd.DataFrame:
    """Return what is kept of the log up to a moment, the newest first.

    Args:
        connection: Open transaction on the store.
        moment: Events read up to this.
        connector_id: Only those about this connector, connections to it, and flows and apps that
            use it at the moment.

    Returns:
        One row an event. action: created, edited, saved (either of both), deleted, shared,
        unshared, launched or other. connector: the one it is about, of connectors and
        connections. actor_state: what the directory says of whoever did it.
    """
    run_id = moment.run_id
    events = AUDIT_EVENTS.c
    joined, actor = with_person(_named(run_id), events.actor_key, run_id, "actor")
    flow, app = FLOW_VERSIONS.c, APP_VERSIONS.c
    name = func.coalesce(flow.display_name, flow.name, app.display_name, events.target_key)
    query = (
        select(
            events.at,
            events.noun,
            events.action,
            events.operation,
            name,
            events.target_key,
            CONNECTORS.c.id,
            connector_name(),
            func.coalesce(environment_name(), events.environment_key),
            func.coalesce(actor.name, events.actor_name),
            events.actor_key,
            actor.state(absent=meaning_of_absence(connection, run_id)),
            events.succeeded,
        )
        .select_from(joined)
        .where(events.run_id <= run_id, _about(run_id, connector_id))
        .order_by(events.at.desc(), events.id.desc())
    )
    return framed(connection, query, _EVENTS)


def _named(run_id: int) -> FromClause:
    """Join to events what they are about, where the store knows it under the same name."""
    events = AUDIT_EVENTS.c
    home = ENVIRONMENTS.c.id

    def here(noun: str, things: FromClause) -> ColumnElement[bool]:
        same = and_(things.c.environment_id == home, things.c.key == events.target_key)
        return and_(events.noun == noun, same)

    def now(versions: FromClause, link: str, things: FromClause) -> ColumnElement[bool]:
        return and_(versions.c[link] == things.c.id, holds(versions, run_id))

    return (
        AUDIT_EVENTS.outerjoin(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key)
        .outerjoin(
            ENVIRONMENT_VERSIONS,
            and_(
                ENVIRONMENT_VERSIONS.c.environment_id == home, holds(ENVIRONMENT_VERSIONS, run_id)
            ),
        )
        .outerjoin(
            CONNECTORS,
            and_(CONNECTORS.c.environment_id == home, CONNECTORS.c.key == events.connector_key),
        )
        .outerjoin(CONNECTOR_VERSIONS, now(CONNECTOR_VERSIONS, "connector_id", CONNECTORS))
        .outerjoin(FLOWS, here("flow", FLOWS))
        .outerjoin(FLOW_VERSIONS, now(FLOW_VERSIONS, "flow_id", FLOWS))
        .outerjoin(APPS, here("app", APPS))
        .outerjoin(APP_VERSIONS, now(APP_VERSIONS, "app_id", APPS))
    )


def _about(run_id: int, connector_id: int | None) -> ColumnElement[bool]:
    if connector_id is None:
        return true()
    flows = flow_pairs(run_id, connector_id).subquery("its_flows")
    apps = app_pairs(run_id, connector_id).subquery("its_apps")
    return or_(
        CONNECTORS.c.id == connector_id,
        FLOWS.c.id.in_(select(flows.c.flow_id)),
        APPS.c.id.in_(select(apps.c.app_id)),
    )


def launches_by_day(
    connection: Connection, moment: Moment, connector_id: int, days: int
) -> pd.DataFrame:
    """Return how often apps that use a connector were opened on each of the last days.

    Args:
        connection: Open transaction on the store.
        moment: The last day is that of this moment.
        connector_id: Which connector.
        days: How many days.

    Returns:
        One row a UTC day. people: different ones who opened an app. Both are missing, not zero, on
        a day of which the log was not read.
    """
    read = log_read(connection, moment)
    last = moment.read_at.astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    events = AUDIT_EVENTS.c
    apps = app_pairs(moment.run_id, connector_id).subquery("its_apps")
    rows = AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key).join(
        APPS, and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key)
    )
    query = (
        select(events.at, func.coalesce(events.actor_key, events.actor_name).label("who"))
        .select_from(rows)
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at >= datetime.combine(first, time(), UTC),
            APPS.c.id.in_(select(apps.c.app_id)),
        )
    )
    told: dict[date, list[str]] = {}
    for row in connection.execute(query):
        told.setdefault(row.at.astimezone(UTC).date(), []).append(row.who)
    found: list[tuple[Any, ...]] = []
    for number in range(days):
        day = first + timedelta(days=number)
        who = told.get(day, [])
        known = bool(who) or read.covers(day)
        counts = (len(who), len(set(who))) if known else (pd.NA, pd.NA)
        found.append((datetime.combine(day, time(), UTC), *counts))
    return frame(found, _LAUNCHES)
