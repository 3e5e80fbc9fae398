"""How busy connections were, and what logs tell that belongs to no operation."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, and_, distinct, func, select

from connectory.queries.call_tables import (
    CONNECTIONS,
    DAILY,
    ENDPOINTS,
    FILES,
    TARGETS,
    Window,
    moment_of,
    rows_of_days,
    total,
    within,
)
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    connector_name,
    environment_name,
    holds,
    in_environment,
)

_MATCHED = ("path", "operation_id")
_MOST = 100
_MINUTE_US = 60_000_000
_UNMATCHED: Schema = {
    "address": "text",
    "environment": "text",
    "method": "text",
    "path": "text",
    "operation": "text",
    "reason": "text",
    "calls": "count",
    "last_used": "time",
}
_BUSY: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "day": "time",
    "minute": "time",
    "calls": "count",
}
_FILES: Schema = {
    "log": "text",
    "file": "text",
    "rows": "count",
    "new_rows": "count",
    "late_rows": "count",
    "bad_lines": "count",
    "first_bad": "text",
    "first_at": "time",
    "last_at": "time",
}


def busiest_minutes(connection: Connection, moment: Moment, window: Window) -> pd.DataFrame:
    """Return the busiest minute of a connection on each day, the busiest first, a hundred at most.

    A connection is known to be one of a connector only where its host is called by no other one.
    """
    hosts = (
        select(ENDPOINTS.c.target_id, func.min(ENDPOINTS.c.connector_id).label("connector_id"))
        .where(ENDPOINTS.c.connector_id.is_not(None))
        .group_by(ENDPOINTS.c.target_id)
        .having(func.count(distinct(ENDPOINTS.c.connector_id)) == 1)
        .subquery("hosts")
    )
    rows = (
        CONNECTIONS.join(hosts, hosts.c.target_id == CONNECTIONS.c.target_id)
        .join(CONNECTORS, CONNECTORS.c.id == hosts.c.connector_id)
        .join(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, moment.run_id),
            ),
        )
    )
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            CONNECTIONS.c.day,
            CONNECTIONS.c.busiest_minute,
            CONNECTIONS.c.busiest_calls,
        )
        .select_from(in_environment(rows, CONNECTORS.c.environment_id, moment.run_id))
        .where(within(CONNECTIONS.c.day, window))
        .order_by(CONNECTIONS.c.busiest_calls.desc(), CONNECTIONS.c.day, CONNECTORS.c.id)
        .limit(_MOST)
    )
    found = [
        (*row[:3], moment_of(row[3]), moment_of(row[3], row[4] * _MINUTE_US), row[5])
        for row in connection.execute(query)
    ]
    return frame(found, _BUSY)


def unmatched_calls(connection: Connection, window: Window) -> pd.DataFrame:
    """Return calls that belong to no operation that is known, with the reason, the most first."""
    columns = (
        TARGETS.c.address,
        ENDPOINTS.c.environment_key,
        ENDPOINTS.c.method,
        ENDPOINTS.c.path,
        ENDPOINTS.c.operation,
        ENDPOINTS.c.matched_by,
    )
    query = (
        select(*columns, total(DAILY.c.calls), func.max(DAILY.c.day))
        .select_from(rows_of_days().join(TARGETS, TARGETS.c.id == ENDPOINTS.c.target_id))
        .where(within(DAILY.c.day, window), ENDPOINTS.c.matched_by.not_in(_MATCHED))
        .group_by(*columns)
        .order_by(total(DAILY.c.calls).desc(), *columns)
    )
    found = [(*row[:-1], moment_of(row[-1])) for row in connection.execute(query)]
    return frame(found, _UNMATCHED)


def log_files(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return every log file that was read up to a moment, the newest calls first."""
    query = (
        select(
            FILES.c.log,
            FILES.c.name,
            FILES.c.rows,
            FILES.c.new_rows,
            FILES.c.late_rows,
            FILES.c.bad_lines,
            FILES.c.first_bad,
            FILES.c.first_at,
            FILES.c.last_at,
        )
        .where(FILES.c.run_id <= moment.run_id)
        .order_by(FILES.c.last_at.desc(), FILES.c.id)
    )
    return framed(connection, query, _FILES)
