"""How near calls come to what the platform allows a connection in a minute.

A connection is known to be one of a connector only where its host is called by no other one. Where
a log names no connection, all calls of its host count as those of one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, FromClause, Select, and_, distinct, func, select

from connectory.domain import evidence, load
from connectory.queries.call_tables import (
    CONNECTION_NAMES,
    CONNECTIONS,
    ENDPOINTS,
    EVERY,
    MINUTES,
    TARGETS,
    Chosen,
    Window,
    counting,
    moment_of,
    of_connectors,
    within,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import CONNECTORS, connector_name, environment_name

MOST = 100
"""Stretches that are listed, the longest first."""
_MINUTES: Final = 1440
_MINUTE_US: Final = 60_000_000
_BUSY: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "evidence": "text",
    "source": "text",
    "connection": "text",
    "minute": "time",
    "calls": "count",
    "days": "count",
    "outlook": "text",
    "reached_on": "time",
}
_BURSTS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "evidence": "text",
    "source": "text",
    "connection": "text",
    "start": "time",
    "minutes": "count",
    "calls": "count",
    "most": "count",
}


def busiest_minutes(
    connection: Connection, moment: Moment, window: Window, limit: int, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return the busiest minute of any connection of each connector, the busiest first.

    days: of which the source tells that counts on the last of them. outlook and reached_on: whether
    its busiest minute comes to the limit if it grows as it did on these, and when
    (connectory/domain/load.py).
    """
    facts = CONNECTIONS.c
    order = (facts.busiest_calls.desc(), facts.day, facts.target_id, facts.connection_id)
    ranked = (
        _rows(window, chosen)
        .add_columns(
            func.row_number().over(partition_by=_HOSTS.c.connector_id, order_by=order).label("at"),
        )
        .subquery("ranked")
    )
    peaks = select(ranked).where(ranked.c["at"] == 1).subquery("peaks")
    query = _named(peaks, moment).order_by(peaks.c.busiest_calls.desc(), CONNECTORS.c.id)
    daily = _daily(connection, window, chosen)
    found = []
    for row in connection.execute(query):
        days = daily[row.connector_id]
        there = row.busiest_calls >= limit
        lead = load.Lead("reached") if there else load.leads(days, limit)
        found.append(
            (
                *_told(row),
                moment_of(row.day, row.busiest_minute * _MINUTE_US),
                row.busiest_calls,
                len(days),
                lead.outlook,
                moment_of(lead.day) if lead.day else pd.NaT,
            )
        )
    return frame(found, _BUSY)


def bursts(
    connection: Connection, moment: Moment, window: Window, limit: int, chosen: Chosen = EVERY
) -> pd.DataFrame:
    """Return stretches of minutes with as many calls of one connection as the limit, or more.

    The longest first, a hundred at most; one that runs over midnight is one. Of a limit below that
    of a busy minute (connectory/domain/load.py) the busy ones alone are told.
    """
    busy = _rows(window, chosen).where(CONNECTIONS.c.busiest_calls >= limit).subquery("busy")
    at = and_(*(MINUTES.c[name] == busy.c[name] for name in ("day", "target_id", "connection_id")))
    query = (
        _named(busy.join(MINUTES, at), moment, MINUTES.c.minute, MINUTES.c.calls, rows=busy)
        .where(MINUTES.c.calls >= limit)
        .order_by(busy.c.day, busy.c.target_id, busy.c.connection_id, MINUTES.c.minute)
    )
    minutes: dict[tuple[int, int, int], list[tuple[int, int]]] = defaultdict(list)
    about: dict[tuple[int, int, int], Any] = {}
    for row in connection.execute(query):
        key = row.connector_id, row.target_id, row.connection_id
        about[key] = row
        minutes[key].append((row.day.toordinal() * _MINUTES + row.minute, row.calls))
    found = [
        (*_told(about[key]), _minute(one.start), one.minutes, one.calls, one.most)
        for key, told in minutes.items()
        for one in load.bursts(told, limit)
    ]
    found.sort(key=lambda row: (-row[7], -row[8], row[6], row[0], row[5] or ""))
    return frame(found[:MOST], _BURSTS)


_HOSTS = (
    select(ENDPOINTS.c.target_id, func.min(ENDPOINTS.c.connector_id).label("connector_id"))
    .where(ENDPOINTS.c.connector_id.is_not(None))
    .group_by(ENDPOINTS.c.target_id)
    .having(func.count(distinct(ENDPOINTS.c.connector_id)) == 1)
    .subquery("hosts")
)
"""Targets that one connector alone calls."""


def _of_hosts(window: Window, chosen: Chosen) -> FromClause:
    """Return how busy connections were, of each connector and day by its best source."""
    told = counting(window, chosen)
    targets = select(told.c.day, told.c.target_id).distinct().subquery("targets")
    return (
        CONNECTIONS.join(_HOSTS, _HOSTS.c.target_id == CONNECTIONS.c.target_id)
        .join(TARGETS, TARGETS.c.id == CONNECTIONS.c.target_id)
        .join(
            targets,
            and_(
                targets.c.day == CONNECTIONS.c.day, targets.c.target_id == CONNECTIONS.c.target_id
            ),
        )
    )


def _rows(window: Window, chosen: Chosen) -> Select[Any]:
    return (
        select(_HOSTS.c.connector_id, TARGETS.c.source, CONNECTIONS)
        .select_from(_of_hosts(window, chosen))
        .where(within(CONNECTIONS.c.day, window))
    )


def _named(source: Any, moment: Moment, *more: Any, rows: Any = None) -> Select[Any]:
    """Return rows of connections with the names of what they belong to.

    Args:
        source: The rows, perhaps with more beside them.
        moment: As of when.
        more: Further columns.
        rows: The rows alone, where there is more beside them.
    """
    rows = source if rows is None else rows
    named = of_connectors(
        source.join(CONNECTION_NAMES, CONNECTION_NAMES.c.id == rows.c.connection_id),
        rows.c.connector_id,
        moment,
    )
    return select(
        rows.c.connector_id,
        connector_name().label("connector"),
        environment_name().label("environment"),
        rows.c.source,
        func.nullif(CONNECTION_NAMES.c.key, "").label("connection"),
        rows.c.day,
        rows.c.target_id,
        rows.c.connection_id,
        rows.c.busiest_minute,
        rows.c.busiest_calls,
        *more,
    ).select_from(named)


def _told(row: Any) -> tuple[Any, ...]:
    source = evidence.RANKED[evidence.place(row.source)]
    named = (row.connector_id, row.connector, row.environment)
    return (*named, source.evidence, source.name, row.connection)


def _daily(
    connection: Connection, window: Window, chosen: Chosen
) -> dict[int, list[tuple[date, int]]]:
    """Return of each connector the busiest minute of each day of which one source tells.

    The one that counts on its last day: where another begins to tell, more is told, not called.
    """
    source, day = TARGETS.c.source, CONNECTIONS.c.day
    query = (
        select(_HOSTS.c.connector_id, source, day, func.max(CONNECTIONS.c.busiest_calls))
        .select_from(_of_hosts(window, chosen))
        .where(within(day, window))
        .group_by(_HOSTS.c.connector_id, source, day)
        .order_by(day)
    )
    found: dict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    latest: dict[int, str] = {}
    for connector, name, when, most in connection.execute(query):
        found[connector, name].append((when, most))
        latest[connector] = name
    return {connector: found[connector, name] for connector, name in latest.items()}


def _minute(number: int) -> Any:
    day, minute = divmod(number, _MINUTES)
    return moment_of(date.fromordinal(day), minute * _MINUTE_US)
