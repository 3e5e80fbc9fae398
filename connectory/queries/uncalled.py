"""Connectors of which no log tells a call, with what else tells of their use."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Subquery, and_, func, literal, select

from connectory.queries.call_tables import EVERY, Chosen, Window, counting, moment_of, within
from connectory.queries.flow_runs import COUNTS, best_days
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    APPS,
    AUDIT_EVENTS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENTS,
    connector_name,
    environment_name,
    in_environment,
    present,
)
from connectory.queries.usage import app_pairs, flow_pairs

_UNCALLED: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "last_run": "time",
    "last_launch": "time",
}


def connectors_not_called(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return connectors that are there and of which no log tells a call on some days, by name.

    last_run, last_launch: last of these days on which a flow that uses it ran, or an app that uses
    it was opened; whether either called it is not said.
    """
    called = select(counting(window, chosen).c.connector_id).distinct().subquery("called")
    runs, launches = _runs(moment, window), _launches(moment, window)
    mine = CONNECTORS.c.id
    rows = CONNECTORS.join(CONNECTOR_VERSIONS, CONNECTOR_VERSIONS.c.connector_id == mine)
    for told in (called, runs, launches):
        rows = rows.outerjoin(told, told.c.connector_id == mine)
    query = (
        select(mine, connector_name(), environment_name(), runs.c.day, launches.c["at"])
        .select_from(in_environment(rows, CONNECTORS.c.environment_id, moment.run_id))
        .where(
            present(CONNECTOR_VERSIONS, moment.run_id),
            chosen.holds(mine),
            called.c.connector_id.is_(None),
        )
        .order_by(func.lower(connector_name()), mine)
    )
    found = [
        (*names, _start(ran), _start(at.astimezone(UTC).date() if at else None))
        for *names, ran, at in connection.execute(query)
    ]
    return frame(found, _UNCALLED)


def _runs(moment: Moment, window: Window) -> Subquery:
    best, pairs = best_days(moment), flow_pairs(moment.run_id).subquery("of_flows")
    number: ColumnElement[int] = sum((best.c[name] for name in COUNTS), literal(0))
    return (
        select(pairs.c.connector_id, func.max(best.c.day).label("day"))
        .join(best, best.c.flow_id == pairs.c.flow_id)
        .where(within(best.c.day, window), number > 0)
        .group_by(pairs.c.connector_id)
        .subquery("runs")
    )


def _launches(moment: Moment, window: Window) -> Subquery:
    pairs, events = app_pairs(moment.run_id).subquery("of_apps"), AUDIT_EVENTS.c
    rows = (
        AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key)
        .join(
            APPS, and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key)
        )
        .join(pairs, pairs.c.app_id == APPS.c.id)
    )
    return (
        select(pairs.c.connector_id, func.max(events.at).label("at"))
        .select_from(rows)
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at >= datetime.combine(window.first, time(), UTC),
            events.at < datetime.combine(window.last + timedelta(days=1), time(), UTC),
        )
        .group_by(pairs.c.connector_id)
        .subquery("launches")
    )


def _start(day: date | None) -> Any:
    return pd.NaT if day is None else moment_of(day)
