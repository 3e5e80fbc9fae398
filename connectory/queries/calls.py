"""How much was called, how often and how it went: sums over the figures of whole days.

Every question reads rollups only, so that it costs the same whatever single calls are still kept.
Of each connector and day the best source that tells of it counts (connectory/domain/evidence.py);
calls of no connector stand apart (`unmatched_calls`). A connector without a row was not called as
far as any log tells.
"""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.domain import evidence
from connectory.queries.call_tables import (
    CLASSES,
    EVERY,
    OPERATIONS,
    Chosen,
    Window,
    errors,
    headline,
    moment_of,
    of_connectors,
    total,
    who_called,
    within,
)
from connectory.queries.former_callers import (
    former_by_connector,
    former_by_day,
    with_former,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    connector_name,
    environment_name,
)

_TOLD: Schema = {"evidence": "text", "source": "text"}
_DAYS: Schema = {
    "day": "time",
    **_TOLD,
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
    "presence": "text",
    **_TOLD,
    "calls": "count",
    "errors": "count",
    **dict.fromkeys(CLASSES, "count"),
    "retries": "count",
    "callers": "count",
    "consumers": "count",
    "last_used": "time",
}


def calls_by_day(connection: Connection, window: Window, chosen: Chosen = EVERY) -> pd.DataFrame:
    """Return calls of each day that has any, with how they failed: the sum over connectors."""
    figures = headline(OPERATIONS, window, chosen)
    sums = (
        select(
            OPERATIONS.c.day,
            figures.told_by(),
            total(OPERATIONS.c.calls),
            errors(),
            *(total(OPERATIONS.c[name]) for name in CLASSES),
        )
        .select_from(figures.rows)
        .where(within(OPERATIONS.c.day, window))
        .group_by(OPERATIONS.c.day)
        .subquery("sums")
    )
    who = who_called(window, chosen, "day")
    query = (
        select(*sums.c, who.c.callers, who.c.consumers)
        .join(who, who.c.day == sums.c.day)
        .order_by(sums.c.day)
    )
    rows = [
        (moment_of(day), *evidence.named(evidence.told_by(bits)), *rest)
        for day, bits, *rest in connection.execute(query)
    ]
    return with_former(frame(rows, _DAYS), former_by_day(connection, window, chosen), "day")


def calls_by_connector(
    connection: Connection, moment: Moment, window: Window, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return every connector that was called, the most called first.

    Where one source is best on some days and another on others, both are named, the better first.
    presence: of the connector, which may be gone since.
    """
    figures = headline(OPERATIONS, window, chosen)
    sums = (
        select(
            figures.connector_id,
            figures.told_by().label("bits"),
            total(OPERATIONS.c.calls).label("calls"),
            errors().label("errors"),
            *(total(OPERATIONS.c[name]).label(name) for name in CLASSES),
            total(OPERATIONS.c.retries).label("retries"),
            func.max(OPERATIONS.c.day).label("last"),
        )
        .select_from(figures.rows)
        .where(within(OPERATIONS.c.day, window))
        .group_by(figures.connector_id)
        .subquery("sums")
    )
    who = who_called(window, chosen, "connector_id")
    named_rows = of_connectors(sums, sums.c.connector_id, moment)
    query = (
        select(
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            CONNECTOR_VERSIONS.c.presence,
            *list(sums.c)[1:-1],
            who.c.callers,
            who.c.consumers,
            sums.c.last,
        )
        .select_from(named_rows.join(who, who.c.connector_id == sums.c.connector_id))
        .order_by(sums.c.calls.desc(), CONNECTORS.c.id)
    )
    rows = [
        (*row[:4], *evidence.named(evidence.told_by(row[4])), *row[5:-1], moment_of(row[-1]))
        for row in connection.execute(query)
    ]
    former = former_by_connector(connection, window, chosen)
    return with_former(frame(rows, _CONNECTORS), former, "connector_id")
