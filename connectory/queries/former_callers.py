"""How many accounts called on days of which it is forgotten who they were.

Different accounts of several such days cannot be told apart any more: figures of one day are what
they were, figures of several count the accounts that are still known, and say since when these are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, func, select

from connectory.queries.call_tables import (
    ENDPOINTS,
    EVERY,
    TARGETS,
    Chosen,
    Window,
    headline,
    moment_of,
    total,
    within,
)
from models import UsageCallers

COUNTED = cast("Table", UsageCallers.__table__)


def with_former(rows: pd.DataFrame, former: Mapping[Any, int], *key: str) -> pd.DataFrame:
    """Return figures whose `callers` are those that were counted, where these are more.

    Args:
        rows: Figures with callers that are known.
        former: What one of the questions below returned.
        key: Columns by which it is told.
    """
    places = [rows[name] for name in key]
    found = list(places[0]) if len(places) == 1 else list(zip(*places, strict=True))
    counted = pd.Series([former.get(one, 0) for one in found], rows.index, dtype="int64")
    # Until all of a day is forgotten, those still known are some of those counted.
    return rows.assign(callers=rows["callers"].where(rows["callers"] >= counted, counted))


def callers_known_since(connection: Connection, window: Window) -> date | None:
    """Return the day from which on it is known who called; None if it is known of every day.

    It may lie after the last day of the window: then it is known of none of them.
    """
    last = connection.scalar(select(func.max(COUNTED.c.day)).where(within(COUNTED.c.day, window)))
    return None if last is None else last + timedelta(days=1)


def former_by_day(
    connection: Connection, window: Window, chosen: Chosen = EVERY
) -> dict[datetime, int]:
    """Return by day how many accounts called, of those days of which they are forgotten.

    Of all connectors together it is the number of the source that named most: accounts of several
    sources cannot be told apart any more.
    """
    if chosen.connector_id is not None:
        rows = _numbers(connection, window, chosen, "day")
        return {moment_of(day): number for day, number in rows}
    query = (
        select(COUNTED.c.day, TARGETS.c.source, total(COUNTED.c.of_source))
        .join(TARGETS, TARGETS.c.id == COUNTED.c.target_id)
        .where(within(COUNTED.c.day, window))
        .group_by(COUNTED.c.day, TARGETS.c.source)
    )
    found: dict[datetime, int] = defaultdict(int)
    for day, _, number in connection.execute(query):
        found[moment_of(day)] = max(found[moment_of(day)], number)
    return found


def former_of_day(connection: Connection, window: Window, chosen: Chosen = EVERY) -> int:
    """Return how many accounts called on the one day of a window; 0 if it has several."""
    return sum(former_by_day(connection, window, chosen).values()) if _one(window) else 0


def former_by_source(
    connection: Connection, window: Window, chosen: Chosen = EVERY
) -> dict[str, int]:
    """Return by source how many accounts called on the forgotten day of some days that had most.

    There were as many at least; more cannot be said of several days.
    """
    mine = [] if chosen.connector_id is None else [ENDPOINTS.c.connector_id == chosen.connector_id]
    number = COUNTED.c.of_source if chosen.connector_id is None else COUNTED.c.of_connector
    query = (
        select(COUNTED.c.day, TARGETS.c.source, total(number))
        .join(TARGETS, TARGETS.c.id == COUNTED.c.target_id)
        .join(ENDPOINTS, ENDPOINTS.c.id == COUNTED.c.endpoint_id)
        .where(within(COUNTED.c.day, window), *mine)
        .group_by(COUNTED.c.day, TARGETS.c.source)
    )
    found: dict[str, int] = defaultdict(int)
    for _, source, most in connection.execute(query):
        found[source] = max(found[source], most)
    return found


def former_by_connector(
    connection: Connection, window: Window, chosen: Chosen = EVERY
) -> dict[int, int]:
    """Return by connector how many accounts called on the one day of a window."""
    if not _one(window):
        return {}
    rows = _numbers(connection, window, chosen, "connector_id")
    return dict(rows)


def former_by_operation(
    connection: Connection, window: Window, chosen: Chosen = EVERY
) -> dict[tuple[int, str, str], int]:
    """Return by connector, operation and method how many accounts called on the one day."""
    if not _one(window):
        return {}
    key = ("connector_id", "operation_id", "method")
    rows = _numbers(connection, window, chosen, *key, number=COUNTED.c.of_operation)
    return {(one, name or "", method): number for one, name, method, number in rows}


def _one(window: Window) -> bool:
    return window.first == window.last


def _numbers(
    connection: Connection,
    window: Window,
    chosen: Chosen,
    *group: str,
    number: ColumnElement[int] = COUNTED.c.of_connector,
) -> list[tuple[Any, ...]]:
    """Return sums of what was counted, of the source that counts for each connector and day."""
    figures = headline(COUNTED, window, chosen)
    key = [figures.told.c[name] for name in group]
    query = (
        select(*key, total(number))
        .select_from(figures.rows)
        .where(within(COUNTED.c.day, window))
        .group_by(*key)
    )
    return [tuple(row) for row in connection.execute(query)]
