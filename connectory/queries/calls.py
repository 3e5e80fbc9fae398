"""What was called, how often and how it went: sums over the figures of whole days.

Every question reads rollups only, so that it costs the same whatever single calls are still kept.
Evidence is `call`: what logs of backends tell. A connector without a row was not called as far as
any log tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.domain import histogram
from connectory.domain.tallies import merge
from connectory.queries.call_tables import (
    CALLERS,
    CLASSES,
    CONSUMERS,
    DAILY,
    ENDPOINTS,
    EVIDENCE,
    OPERATIONS,
    Window,
    errors,
    moment_of,
    named,
    of_connectors,
    only,
    rows_of_days,
    total,
    within,
)
from connectory.queries.former_callers import (
    former_by_connector,
    former_by_day,
    former_by_operation,
    with_former,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import CONNECTORS, connector_name, environment_name

QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_DAYS: Schema = {
    "day": "time",
    "calls": "count",
    "errors": "count",
    **dict.fromkeys(CLASSES, "count"),
    "callers": "count",
    "consumers": "count",
}
_CONNECTORS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "evidence": "text",
    "calls": "count",
    "errors": "count",
    **dict.fromkeys(CLASSES, "count"),
    "callers": "count",
    "consumers": "count",
    "last_used": "time",
}
_OPERATION: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "operation": "text",
    "method": "text",
    "path": "text",
    "calls": "count",
    "errors": "count",
    "callers": "count",
    "last_used": "time",
    **dict.fromkeys(QUANTILES, "seconds"),
    "largest_response": "count",
}


def calls_by_day(
    connection: Connection, window: Window, connector_id: int | None = None
) -> pd.DataFrame:
    """Return calls of each day that has any, matched or not, with how they failed."""
    query = (
        select(
            DAILY.c.day,
            total(DAILY.c.calls),
            errors(),
            *(total(DAILY.c[name]) for name in CLASSES),
            named(DAILY.c.caller_id, CALLERS),
            named(DAILY.c.consumer_id, CONSUMERS),
        )
        .select_from(rows_of_days())
        .where(within(DAILY.c.day, window), only(connector_id))
        .group_by(DAILY.c.day)
        .order_by(DAILY.c.day)
    )
    rows = [(moment_of(row[0]), *row[1:]) for row in connection.execute(query)]
    former = former_by_day(connection, window, connector_id)
    return with_former(frame(rows, _DAYS), former, "day")


def calls_by_connector(connection: Connection, moment: Moment, window: Window) -> pd.DataFrame:
    """Return every connector that was called, the most called first."""
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            total(DAILY.c.calls).label("calls"),
            errors(),
            *(total(DAILY.c[name]) for name in CLASSES),
            named(DAILY.c.caller_id, CALLERS),
            named(DAILY.c.consumer_id, CONSUMERS),
            func.max(DAILY.c.day),
        )
        .select_from(of_connectors(moment))
        .where(within(DAILY.c.day, window))
        .group_by(CONNECTORS.c.id, connector_name(), environment_name())
        .order_by(total(DAILY.c.calls).desc(), CONNECTORS.c.id)
    )
    rows = [
        (*row[:3], EVIDENCE, *row[3:-1], moment_of(row[-1])) for row in connection.execute(query)
    ]
    former = former_by_connector(connection, window)
    return with_former(frame(rows, _CONNECTORS), former, "connector_id")


def calls_by_operation(
    connection: Connection, moment: Moment, window: Window, connector_id: int | None = None
) -> pd.DataFrame:
    """Return every operation that was called, the most called first, with how long it took.

    p50, p95 and p99 are milliseconds, within two percent; missing where no duration is told.
    """
    query = (
        select(
            CONNECTORS.c.id.label("connector_id"),
            connector_name().label("connector"),
            environment_name().label("environment"),
            func.coalesce(ENDPOINTS.c.operation_id, "").label("operation"),
            ENDPOINTS.c.method,
            func.min(ENDPOINTS.c.path).label("path"),
            total(DAILY.c.calls).label("calls"),
            errors().label("errors"),
            named(DAILY.c.caller_id, CALLERS).label("callers"),
            func.max(DAILY.c.day).label("last"),
        )
        .select_from(of_connectors(moment))
        .where(within(DAILY.c.day, window), only(connector_id))
        .group_by(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            ENDPOINTS.c.operation_id,
            ENDPOINTS.c.method,
        )
        .order_by(total(DAILY.c.calls).desc(), CONNECTORS.c.id, ENDPOINTS.c.operation_id)
    )
    took = _latencies(connection, window, connector_id)
    rows: list[Sequence[Any]] = []
    for row in connection.execute(query):
        packed, largest = took.get((row.connector_id, row.operation, row.method), (b"", 0))
        told = [histogram.quantile(packed, share) for share in QUANTILES.values()]
        shown = [None if one is None else one / 1000 for one in told]
        rows.append((*row[:-1], moment_of(row[-1]), *shown, largest))
    former = former_by_operation(connection, window, connector_id)
    return with_former(frame(rows, _OPERATION), former, "connector_id", "operation", "method")


def _latencies(
    connection: Connection, window: Window, connector_id: int | None
) -> dict[tuple[int, str, str], tuple[bytes, int]]:
    """Return by connector, operation and method the tally of durations, and the largest response."""
    query = (
        select(
            ENDPOINTS.c.connector_id,
            func.coalesce(ENDPOINTS.c.operation_id, ""),
            ENDPOINTS.c.method,
            OPERATIONS.c.latency,
            OPERATIONS.c.largest_response,
        )
        .join(ENDPOINTS, ENDPOINTS.c.id == OPERATIONS.c.endpoint_id)
        .where(
            within(OPERATIONS.c.day, window),
            ENDPOINTS.c.connector_id.is_not(None),
            only(connector_id),
        )
    )
    parts: dict[tuple[int, str, str], list[bytes]] = defaultdict(list)
    largest: dict[tuple[int, str, str], int] = defaultdict(int)
    for connector, operation, method, packed, size in connection.execute(query):
        key = connector, operation, method
        parts[key].append(bytes(packed))
        largest[key] = max(largest[key], size)
    return {key: (merge(packed), largest[key]) for key, packed in parts.items()}
