"""Operations by their calls: how often, how long they took, and which are never called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from connectory.domain import evidence, histogram
from connectory.domain.tallies import merge
from connectory.queries.call_tables import (
    ENDPOINTS,
    EVERY,
    OPERATIONS,
    Chosen,
    Window,
    counting,
    errors,
    headline,
    moment_of,
    of_connectors,
    total,
    who_called,
    within,
)
from connectory.queries.former_callers import former_by_operation, with_former
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    connector_name,
    environment_name,
    holds,
)
from connectory.queries.tables import OPERATIONS as OFFERED

QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_OPERATION: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "operation": "text",
    "method": "text",
    "path": "text",
    "evidence": "text",
    "source": "text",
    "deprecated": "flag",
    "calls": "count",
    "errors": "count",
    "retries": "count",
    "callers": "count",
    "last_used": "time",
    **dict.fromkeys(QUANTILES, "seconds"),
    "largest_response": "number",
}
_NEVER: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "operation": "text",
    "method": "text",
    "path": "text",
    "summary": "text",
    "deprecated": "flag",
}


def calls_by_operation(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return every operation that was called, the most called first, with how long it took.

    p50, p95 and p99 are milliseconds, within two percent; missing where no duration is told, as is
    the largest response where no size is. deprecated: by the definition at the moment.
    """
    figures = headline(OPERATIONS, window, chosen)
    what = figures.told.c
    sums = (
        select(
            what.connector_id,
            func.coalesce(what.operation_id, "").label("operation"),
            what.method,
            func.min(what.path).label("path"),
            figures.told_by().label("bits"),
            total(OPERATIONS.c.calls).label("calls"),
            errors().label("errors"),
            total(OPERATIONS.c.retries).label("retries"),
            func.max(OPERATIONS.c.day).label("last"),
        )
        .select_from(figures.rows)
        .where(within(OPERATIONS.c.day, window))
        .group_by(what.connector_id, what.operation_id, what.method)
        .subquery("sums")
    )
    who = who_called(window, chosen, "connector_id", "operation_id", "method")
    same = and_(
        who.c.connector_id == sums.c.connector_id,
        func.coalesce(who.c.operation_id, "") == sums.c.operation,
        who.c.method == sums.c.method,
    )
    names = (connector_name().label("connector"), environment_name().label("environment"))
    query = (
        select(sums.c.connector_id, *names, *list(sums.c)[1:-1], who.c.callers, sums.c.last)
        .select_from(of_connectors(sums, sums.c.connector_id, moment).join(who, same))
        .order_by(sums.c.calls.desc(), sums.c.connector_id, sums.c.operation, sums.c.method)
    )
    took = _latencies(connection, window, chosen)
    old = _deprecated(connection, moment, chosen)
    rows: list[Sequence[Any]] = []
    for row in connection.execute(query):
        packed, largest = took.get((row.connector_id, row.operation, row.method), (b"", 0))
        told = [histogram.quantile(packed, share) for share in QUANTILES.values()]
        rows.append(
            (
                *row[:6],
                *evidence.named(evidence.told_by(row.bits)),
                (row.connector_id, row.operation) in old,
                *row[7:-1],
                moment_of(row.last),
                *(None if one is None else one / 1000 for one in told),
                largest or pd.NA,
            )
        )
    former = former_by_operation(connection, window, chosen)
    return with_former(frame(rows, _OPERATION), former, "connector_id", "operation", "method")


def _latencies(
    connection: Connection, window: Window, chosen: Chosen
) -> dict[tuple[int, str, str], tuple[bytes, int]]:
    """Return by connector, operation and method the tally of durations, and the largest response."""
    figures = headline(OPERATIONS, window, chosen)
    what = figures.told.c
    query = (
        select(
            what.connector_id,
            func.coalesce(what.operation_id, ""),
            what.method,
            OPERATIONS.c.latency,
            OPERATIONS.c.largest_response,
        )
        .select_from(figures.rows)
        .where(within(OPERATIONS.c.day, window))
    )
    parts: dict[tuple[int, str, str], list[bytes]] = defaultdict(list)
    largest: dict[tuple[int, str, str], int] = defaultdict(int)
    for connector, operation, method, packed, size in connection.execute(query):
        key = connector, operation, method
        parts[key].append(bytes(packed))
        largest[key] = max(largest[key], size)
    return {key: (merge(packed), largest[key]) for key, packed in parts.items()}


def _deprecated(connection: Connection, moment: Moment, chosen: Chosen) -> set[tuple[int, str]]:
    """Return connector and name of the operations that definitions call deprecated."""
    versions = CONNECTOR_VERSIONS.c
    query = (
        select(versions.connector_id, OFFERED.c.operation_id)
        .join(OFFERED, OFFERED.c.definition_id == versions.definition_id)
        .where(
            holds(CONNECTOR_VERSIONS, moment.run_id),
            OFFERED.c.deprecated,
            OFFERED.c.operation_id.is_not(None),
            chosen.holds(versions.connector_id),
        )
    )
    return {(connector, operation) for connector, operation in connection.execute(query)}


def never_called(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return operations that no source tells a call of, though their connector was called.

    Only of connectors of which a log of calls tells: others may be called unseen. Triggers are
    left out, since the platform calls them when it registers a hook or asks for news.
    """
    first = counting(window, chosen)
    of_calls = [one.name for one in evidence.CALL_SOURCES if one.evidence == "call"]
    seen = (
        select(first.c.connector_id)
        .where(first.c.source.in_(of_calls))
        .distinct()
        .subquery("of_calls")
    )
    called = (
        select(ENDPOINTS.c.connector_id, ENDPOINTS.c.operation_id)
        .join(OPERATIONS, OPERATIONS.c.endpoint_id == ENDPOINTS.c.id)
        .where(within(OPERATIONS.c.day, window), ENDPOINTS.c.operation_id.is_not(None))
        .distinct()
        .subquery("called")
    )
    rows = of_connectors(seen, seen.c.connector_id, moment)
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            OFFERED.c.operation_id,
            OFFERED.c.method,
            OFFERED.c.path,
            OFFERED.c.summary,
            OFFERED.c.deprecated,
        )
        .select_from(
            rows.join(
                OFFERED, OFFERED.c.definition_id == CONNECTOR_VERSIONS.c.definition_id
            ).outerjoin(
                called,
                (called.c.connector_id == CONNECTORS.c.id)
                & (called.c.operation_id == OFFERED.c.operation_id),
            )
        )
        .where(
            OFFERED.c.kind != "trigger",
            OFFERED.c.operation_id.is_not(None),
            called.c.operation_id.is_(None),
        )
        .order_by(func.lower(connector_name()), CONNECTORS.c.id, OFFERED.c.ordinal)
    )
    return framed(connection, query, _NEVER)
