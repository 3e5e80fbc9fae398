"""Who called, and when in the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
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
    or_,
    select,
)

from connectory.domain import evidence
from connectory.queries.call_tables import (
    CALLERS,
    CONSUMERS,
    DAILY,
    EVERY,
    HOURLY,
    Chosen,
    Window,
    headline,
    moment_of,
    named,
    nobody,
    total,
    within,
)
from connectory.queries.former_callers import callers_known_since, former_of_day
from connectory.queries.frames import Schema, frame
from connectory.queries.tables import (
    APP_VERSIONS,
    APPS,
    FLOW_VERSIONS,
    FLOWS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
)

_PSEUDONYMOUS = "canvas_calls"
"""The source that names no account but a pseudonym of its service."""
MOST = 100
"""Callers and consumers that are listed; how many there are in all says `callers`."""
_WHO: Schema = {
    "name": "text",
    "evidence": "text",
    "source": "text",
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
        callers: Accounts, and pseudonyms that stand for one.
        pseudonyms: Of these, what only Application Insights names: a person whom another log names
            as well is among the accounts once more.
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
    pseudonyms: int = 0


def callers(connection: Connection, window: Window, chosen: Chosen = EVERY) -> Callers:
    """Return how many different accounts and consumers called, and how many calls name nobody."""
    figures = headline(DAILY, window, chosen)
    anonymous = and_(DAILY.c.caller_id == nobody(CALLERS), DAILY.c.consumer_id == nobody(CONSUMERS))
    query = (
        select(
            named(DAILY.c.caller_id, CALLERS),
            named(DAILY.c.consumer_id, CONSUMERS),
            total(case((anonymous, DAILY.c.calls), else_=0)),
            func.count(distinct(figures.connector_id)),
            named(case((figures.told.c.source != _PSEUDONYMOUS, DAILY.c.caller_id)), CALLERS),
        )
        .select_from(figures.rows)
        .where(within(DAILY.c.day, window))
    )
    *numbers, accounts = connection.execute(query).one()
    since = callers_known_since(connection, window)
    named_ones, consumers, nameless, connectors = numbers
    told = Callers(named_ones, consumers, nameless, connectors, since, named_ones - accounts)
    former = former_of_day(connection, window, chosen)
    return replace(told, callers=max(told.callers, former))


def calls_by_caller(
    connection: Connection, window: Window, chosen: Chosen = EVERY, most: int | None = MOST
) -> pd.DataFrame:
    """Return the accounts that called most; calls of nobody known any more stand under no name.

    kind: account, or pseudonym where only Application Insights names it. state: whether the directory
    has the account enabled, disabled or deleted by now; missing where it has none of that name.

    Args:
        connection: Open transaction on the store.
        window: Days.
        chosen: Which connectors.
        most: How many are listed; None for all.
    """
    told = _who(connection, CALLERS, DAILY.c.caller_id, window, chosen, most)
    kinds = [
        None if name is None else "pseudonym" if source == _PSEUDONYMOUS else "account"
        for name, source in zip(told["name"], told["source"], strict=True)
    ]
    told.insert(1, "kind", pd.Series(kinds, index=told.index, dtype="object"))
    states = _states(connection, told["name"].dropna().tolist())
    told.insert(
        2,
        "state",
        pd.Series([states.get(name) for name in told["name"]], told.index, dtype="object"),
    )
    return told


def _states(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Return what the directory says now of accounts, by the sign-in name or id a log tells."""
    facts = PRINCIPAL_VERSIONS.c
    sign_in = func.lower(facts.user_principal_name)
    query = (
        select(PRINCIPALS.c.key, sign_in, facts.presence, facts.enabled)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(facts.to_run.is_(None))
        .order_by(facts.presence)  # gone before present: who is there has the name
    )
    if len(names) <= MOST:
        query = query.where(or_(sign_in.in_(names), PRINCIPALS.c.key.in_(names)))
    found: dict[str, str] = {}
    for key, name, presence, enabled in connection.execute(query):
        left = "deleted" if presence == "gone" else "disabled"
        state = left if presence == "gone" or enabled is False else "enabled"
        found |= dict.fromkeys({key, name} - {None}, state)
    return found


def calls_by_consumer(
    connection: Connection, window: Window, chosen: Chosen = EVERY, most: int | None = MOST
) -> pd.DataFrame:
    """Return the flows, apps and programs that called most; those that are known by their name.

    kind: flow or app; missing where the store knows none of that id, in whatever environment.

    Args:
        connection: Open transaction on the store.
        window: Days.
        chosen: Which connectors.
        most: How many are listed; None for all.
    """
    told = _who(connection, CONSUMERS, DAILY.c.consumer_id, window, chosen, most)
    known = _names(connection, told["name"].dropna().tolist())
    found = [known.get(name, (name, None)) for name in told["name"]]
    kinds = pd.Series([kind for _, kind in found], index=told.index, dtype="object")
    shown = told.assign(name=pd.Series([name for name, _ in found], told.index, dtype="object"))
    shown.insert(1, "kind", kinds)
    return shown


def _names(connection: Connection, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return what people call flows and apps, and which of both they are, by the id a log tells.

    Of a flow a log may tell its id at the Flow service or that of its Dataverse row.
    """
    flows, apps = FLOW_VERSIONS.c, APP_VERSIONS.c
    of_flows = (
        select(FLOWS.c.key, func.lower(flows.workflow_id).label("row"), flows.display_name)
        .join(FLOW_VERSIONS, flows.flow_id == FLOWS.c.id)
        .where(
            or_(FLOWS.c.key.in_(keys), func.lower(flows.workflow_id).in_(keys)),
            flows.to_run.is_(None),
        )
    )
    of_apps = (
        select(APPS.c.key, apps.display_name)
        .join(APP_VERSIONS, apps.app_id == APPS.c.id)
        .where(APPS.c.key.in_(keys), apps.to_run.is_(None))
    )
    found: dict[str, tuple[str, str]] = {}
    for key, name in connection.execute(of_apps):
        if name:
            found[key] = name, "app"
    for key, row, name in connection.execute(of_flows):
        if name:
            found |= dict.fromkeys({key, row} - {None}, (name, "flow"))
    return found


def _who(
    connection: Connection,
    table: Table,
    key: ColumnElement[Any],
    window: Window,
    chosen: Chosen,
    most: int | None,
) -> pd.DataFrame:
    figures = headline(DAILY, window, chosen)
    name = func.coalesce(table.c.key, literal_column("''"))
    query = (
        select(
            func.nullif(name, ""),
            figures.told_by(),
            total(DAILY.c.calls),
            total(DAILY.c.errors),
            func.count(distinct(figures.connector_id)),
            func.max(DAILY.c.day),
        )
        .select_from(figures.rows.join(table, table.c.id == key))
        .where(within(DAILY.c.day, window))
        .group_by(name)
        .order_by(total(DAILY.c.calls).desc(), name)
        .limit(most)
    )
    found = [
        (name, *evidence.named(evidence.told_by(bits)), *rest, moment_of(last))
        for name, bits, *rest, last in connection.execute(query)
    ]
    return frame(found, _WHO)


def calls_by_hour(connection: Connection, window: Window, chosen: Chosen = EVERY) -> pd.DataFrame:
    """Return calls by weekday (0 is Monday) and UTC hour, a row for each that has any."""
    query = (
        select(HOURLY.c.day, HOURLY.c.hour, total(HOURLY.c.calls))
        .select_from(headline(HOURLY, window, chosen).rows)
        .where(within(HOURLY.c.day, window))
        .group_by(HOURLY.c.day, HOURLY.c.hour)
    )
    found: dict[tuple[int, int], int] = defaultdict(int)
    for day, hour, calls in connection.execute(query):
        found[day.weekday(), hour] += int(calls)
    return frame([(*key, calls) for key, calls in sorted(found.items())], _HOURS)
