"""Who called, and when in the week."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    distinct,
    func,
    literal_column,
    select,
)

from connectory.queries.call_tables import (
    CALLERS,
    CONSUMERS,
    DAILY,
    ENDPOINTS,
    HOURLY,
    Window,
    errors,
    moment_of,
    named,
    only,
    rows_of_days,
    total,
    within,
)
from connectory.queries.former_callers import callers_known_since, former_of_day
from connectory.queries.frames import Schema, frame
from connectory.queries.tables import FLOW_VERSIONS, FLOWS

MOST = 100
"""Callers and consumers that are listed; how many there are in all says `callers`."""
_WHO: Schema = {
    "name": "text",
    "calls": "count",
    "errors": "count",
    "connectors": "count",
    "last_used": "time",
}
_HOURS: Schema = {"weekday": "count", "hour": "count", "calls": "count"}


@dataclass(frozen=True, slots=True)
class Callers:
    """How many different ones are named by the logs of some days.

    Attributes:
        callers: Accounts.
        consumers: Flows, apps and programs.
        anonymous: Calls of which a log names neither.
        connectors: Connectors that were called.
        callers_known_since: Day before which accounts are forgotten and not among those counted,
            unless it is that one day alone; None if they are known of every day.
    """

    callers: int
    consumers: int
    anonymous: int
    connectors: int
    callers_known_since: date | None = None


def callers(connection: Connection, window: Window, connector_id: int | None = None) -> Callers:
    """Return how many different accounts and consumers called, and how many calls name nobody."""
    nobody = and_(CALLERS.c.key == "", CONSUMERS.c.key == "")
    query = (
        select(
            named(DAILY.c.caller_id, CALLERS),
            named(DAILY.c.consumer_id, CONSUMERS),
            total(case((nobody, DAILY.c.calls), else_=0)),
            func.count(distinct(ENDPOINTS.c.connector_id)),
        )
        .select_from(rows_of_days())
        .where(within(DAILY.c.day, window), only(connector_id))
    )
    told = Callers(*connection.execute(query).one(), callers_known_since(connection, window))
    former = former_of_day(connection, window, connector_id)
    return replace(told, callers=max(told.callers, former))


def calls_by_caller(
    connection: Connection, window: Window, connector_id: int | None = None
) -> pd.DataFrame:
    """Return the accounts that called most; calls of nobody known any more stand under no name."""
    return _who(connection, CALLERS, DAILY.c.caller_id, window, connector_id)


def calls_by_consumer(
    connection: Connection, window: Window, connector_id: int | None = None
) -> pd.DataFrame:
    """Return the flows, apps and programs that called most; flows that are known by their name."""
    told = _who(connection, CONSUMERS, DAILY.c.consumer_id, window, connector_id)
    facts = FLOW_VERSIONS.c
    query = (
        select(FLOWS.c.key, facts.display_name)
        .join(FLOW_VERSIONS, facts.flow_id == FLOWS.c.id)
        .where(FLOWS.c.key.in_(told["name"].dropna().tolist()), facts.to_run.is_(None))
    )
    names = {row.key: row.display_name for row in connection.execute(query) if row.display_name}
    return told.assign(name=[names.get(name, name) for name in told["name"]])


def _who(
    connection: Connection,
    table: Table,
    key: ColumnElement[Any],
    window: Window,
    connector_id: int | None,
) -> pd.DataFrame:
    rows = DAILY.join(ENDPOINTS, ENDPOINTS.c.id == DAILY.c.endpoint_id).join(
        table, table.c.id == key
    )
    name = func.coalesce(table.c.key, literal_column("''"))
    query = (
        select(
            func.nullif(name, ""),
            total(DAILY.c.calls),
            errors(),
            func.count(distinct(ENDPOINTS.c.connector_id)),
            func.max(DAILY.c.day),
        )
        .select_from(rows)
        .where(within(DAILY.c.day, window), only(connector_id))
        .group_by(name)
        .order_by(total(DAILY.c.calls).desc(), name)
        .limit(MOST)
    )
    found = [(*row[:-1], moment_of(row[-1])) for row in connection.execute(query)]
    return frame(found, _WHO)


def calls_by_hour(
    connection: Connection, window: Window, connector_id: int | None = None
) -> pd.DataFrame:
    """Return calls by weekday (0 is Monday) and UTC hour, a row for each that has any."""
    query = (
        select(HOURLY.c.day, HOURLY.c.hour, total(HOURLY.c.calls))
        .join(ENDPOINTS, ENDPOINTS.c.id == HOURLY.c.endpoint_id)
        .where(within(HOURLY.c.day, window), only(connector_id))
        .group_by(HOURLY.c.day, HOURLY.c.hour)
    )
    found: dict[tuple[int, int], int] = defaultdict(int)
    for day, hour, calls in connection.execute(query):
        found[day.weekday(), hour] += int(calls)
    return frame([(*key, calls) for key, calls in sorted(found.items())], _HOURS)
