"""How many accounts called on days of which it is forgotten who they were.

Different accounts of several such days cannot be told apart any more: figures of one day are what
they were, figures of several count the accounts that are still known, and say since when these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from connectory.queries.call_tables import ENDPOINTS, Window, moment_of, only, total, within
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
    connection: Connection, window: Window, connector_id: int | None = None
) -> dict[datetime, int]:
    """Return by day how many accounts called, of those days of which they are forgotten."""
    query = _numbers(_whole(connector_id), window, connector_id, COUNTED.c.day)
    return {moment_of(row[0]): row[1] for row in connection.execute(query)}


def former_of_day(connection: Connection, window: Window, connector_id: int | None = None) -> int:
    """Return how many accounts called on the one day of a window; 0 if it has several."""
    return sum(former_by_day(connection, window, connector_id).values()) if _one(window) else 0


def former_by_connector(connection: Connection, window: Window) -> dict[int, int]:
    """Return by connector how many accounts called on the one day of a window."""
    if not _one(window):
        return {}
    query = _numbers(COUNTED.c.of_connector, window, None, ENDPOINTS.c.connector_id)
    return {row[0]: row[1] for row in connection.execute(query) if row[0] is not None}


def former_by_operation(
    connection: Connection, window: Window, connector_id: int | None = None
) -> dict[tuple[int, str, str], int]:
    """Return by connector, operation and method how many accounts called on the one day."""
    if not _one(window):
        return {}
    place = (
        ENDPOINTS.c.connector_id,
        func.coalesce(ENDPOINTS.c.operation_id, ""),
        ENDPOINTS.c.method,
    )
    query = _numbers(COUNTED.c.of_operation, window, connector_id, *place)
    rows = connection.execute(query)
    return {(row[0], row[1], row[2]): row[3] for row in rows if row[0] is not None}


def _one(window: Window) -> bool:
    return window.first == window.last


def _whole(connector_id: int | None) -> ColumnElement[int]:
    return COUNTED.c.of_source if connector_id is None else COUNTED.c.of_connector


def _numbers(
    number: ColumnElement[int],
    window: Window,
    connector_id: int | None,
    *group: ColumnElement[Any],
) -> Select[Any]:
    return (
        select(*group, total(number))
        .join(ENDPOINTS, ENDPOINTS.c.id == COUNTED.c.endpoint_id)
        .where(within(COUNTED.c.day, window), only(connector_id))
        .group_by(*group)
    )
