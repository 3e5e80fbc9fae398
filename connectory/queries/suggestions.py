"""Who could answer for connectors, from what the store knows of people and connectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from connectory.domain.suggesting import DAYS, Claim, suggested
from connectory.queries.call_tables import (
    CALLERS,
    DAILY,
    EVERY,
    Chosen,
    Window,
    headline,
    total,
    within,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.owners_ever import FEW, only, owners_ever
from connectory.queries.standing import standing_stewards
from connectory.queries.tables import (
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTORS,
    FAMILY_ANSWERS,
    PERMISSIONS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    STEWARDS,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    present,
)

MOST: Final = 5
"""How many are suggested for a connector."""
_CALLERS: Final = 10
"""Callers of a connector that are looked up: most of them are people, some are not."""
_SCHEMA: Schema = {
    "connector_id": "count",
    "principal_key": "text",
    "name": "text",
    "mail": "text",
    "department": "text",
    "reason": "text",
    "words": "text",
    "reasons": "list",
    "rank": "count",
}
_Claims = dict[int, list[tuple[str, Claim]]]


def suggestions(
    connection: Connection,
    moment: Moment,
    connector_ids: Collection[int] | None = None,
    *,
    without: Collection[str] = (),
    most: int = MOST,
) -> pd.DataFrame:
    """Return who could answer for connectors, the likeliest first.

    Only people of the tenant in working order who do not own the connector themselves. Accounts
    of callers that are kept as keyed hashes, or are forgotten, are nobody's.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        connector_ids: Which connectors; all that are not gone if None.
        without: Object ids of people who are about to leave.
        most: How many a connector.

    Returns:
        A row a connector and person: the best reason as a code, all in English words, and each as
        {reason, count, where}; rank begins at 1.
    """
    chosen = None if connector_ids is None else set(connector_ids)
    owners, claims = _of_owners(connection, moment, chosen)
    for part in (
        _deputies(connection, moment),
        _editors_and_families(connection, moment.run_id, chosen),
        _makers_of_connections(connection, moment.run_id, chosen),
        _callers(connection, moment, chosen),
    ):
        for connector_id, who, claim in part:
            claims[connector_id].append((who, claim))
    wanted = _wanted(connection, moment.run_id, chosen)
    people = _people(
        connection, moment.run_id, {who for told in claims.values() for who, _ in told}
    )
    rows: list[list[Any]] = []
    leaving = set(without)
    for connector_id in wanted:
        aside = owners[connector_id] | leaving
        told = [(key, claim) for key, claim in claims[connector_id] if key not in aside]
        names = {key: people[key][0] for key, _ in told if key in people}
        for rank, one in enumerate(suggested(told, names, most), 1):
            reasons = [{"reason": c.reason, "count": c.count, "where": c.where} for c in one.claims]
            told_of = [*people[one.person], one.reason, one.words, reasons, rank]
            rows.append([connector_id, one.person, *told_of])
    return frame(rows, _SCHEMA)


def _wanted(connection: Connection, run_id: int, chosen: set[int] | None) -> list[int]:
    query = select(CONNECTORS.c.id).select_from(known_connectors(run_id)).order_by(CONNECTORS.c.id)
    found = connection.scalars(only(query, CONNECTORS.c.id, chosen)).all()
    return [one for one in found if chosen is None or one in chosen]


_Claimed = Iterator[tuple[int, str, Claim]]


def _of_owners(
    connection: Connection, moment: Moment, chosen: set[int] | None
) -> tuple[dict[int, set[str]], _Claims]:
    """Return who owns each connector, and the managers of those as claims."""
    owners: dict[int, set[str]] = defaultdict(set)
    former: dict[int, int] = {}
    claims: _Claims = defaultdict(list)
    for row in connection.execute(owners_ever(moment.run_id, chosen)):
        connector_id = row.connector_id
        if row.until is None:
            owners[connector_id].add(row.owner_key)
        elif owners[connector_id] or former.setdefault(connector_id, row.until) != row.until:
            continue
        if row.manager_key is not None:
            claim = Claim("manager", where=row.owner_name or row.principal_name or "")
            claims[connector_id].append((row.manager_key, claim))
    return owners, claims


def _deputies(connection: Connection, moment: Moment) -> _Claimed:
    query = select(STEWARDS.c.connector_id, STEWARDS.c.deputy_key).where(
        standing_stewards(moment), STEWARDS.c.deputy_key.is_not(None)
    )
    for connector_id, key in connection.execute(query):
        yield connector_id, key, Claim("deputy")


def _editors_and_families(connection: Connection, run_id: int, chosen: set[int] | None) -> _Claimed:
    """Yield who may edit a connector, and who owns the same one in other environments."""
    families = _families(connection, run_id, chosen)
    alike = families.keys() | (chosen or set())
    roles = PERMISSIONS.c
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    query = (
        select(roles.connector_id, roles.principal_key, roles.role, environment_name())
        .select_from(rows.join(PERMISSIONS, roles.connector_id == CONNECTORS.c.id))
        .where(
            holds(PERMISSIONS, run_id),
            roles.principal_type == "user",
            roles.role.in_(("Owner", "CanEdit")),
        )
        .order_by(roles.connector_id, roles.id)
    )
    query = only(query, CONNECTORS.c.id, None if chosen is None else alike)
    owned: dict[str, dict[str, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for connector_id, key, role, place in connection.execute(query):
        if role == "CanEdit":
            yield connector_id, key, Claim("editor")
        elif connector_id in families:
            owned[families[connector_id]][key].append((connector_id, place))
    for connector_id, family in families.items():
        if chosen is not None and connector_id not in chosen:
            continue
        for key, homes in owned.get(family, {}).items():
            elsewhere = [place for other, place in homes if other != connector_id]
            if elsewhere:
                yield connector_id, key, Claim("family_owner", len(elsewhere), elsewhere[0] or "")


def _families(connection: Connection, run_id: int, chosen: set[int] | None) -> dict[int, str]:
    """Return the family of each connector, and of those that belong to one of the chosen."""
    table = FAMILY_ANSWERS.c
    query = select(table.connector_id, table.family_key).where(holds(FAMILY_ANSWERS, run_id))
    if chosen is not None and len(chosen) <= FEW:
        mine = select(table.family_key).where(
            holds(FAMILY_ANSWERS, run_id), table.connector_id.in_(sorted(chosen))
        )
        query = query.where(table.family_key.in_(mine))
    return {row.connector_id: row.family_key for row in connection.execute(query)}


def _makers_of_connections(
    connection: Connection, run_id: int, chosen: set[int] | None
) -> _Claimed:
    facts = CONNECTION_VERSIONS.c
    rows = CONNECTORS.join(CONNECTION_VERSIONS, facts.connector_key == CONNECTORS.c.key).join(
        CONNECTIONS,
        and_(
            CONNECTIONS.c.id == facts.connection_id,
            CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    query = (
        select(CONNECTORS.c.id, facts.creator_key, func.count())
        .select_from(rows)
        .where(present(CONNECTION_VERSIONS, run_id), facts.creator_key.is_not(None))
        .group_by(CONNECTORS.c.id, facts.creator_key)
    )
    for connector_id, key, count in connection.execute(only(query, CONNECTORS.c.id, chosen)):
        yield connector_id, key, Claim("connection_owner", count)


def _callers(connection: Connection, moment: Moment, chosen: set[int] | None) -> _Claimed:
    """Yield who called most, where a log tells an account that the directory has."""
    window = Window.before(moment, DAYS)
    one = Chosen(next(iter(chosen))) if chosen is not None and len(chosen) == 1 else EVERY
    figures = headline(DAILY, window, one)
    calls = total(DAILY.c.calls)
    place = func.row_number().over(
        partition_by=figures.connector_id, order_by=[calls.desc(), CALLERS.c.key]
    )
    ranked = (
        select(
            figures.connector_id.label("connector_id"),
            CALLERS.c.key.label("account"),
            calls.label("calls"),
            place.label("place"),
        )
        .select_from(figures.rows.join(CALLERS, CALLERS.c.id == DAILY.c.caller_id))
        .where(within(DAILY.c.day, window), CALLERS.c.key != "")
        .group_by(figures.connector_id, CALLERS.c.key)
        .subquery("ranked")
    )
    query = select(ranked).where(ranked.c.place <= _CALLERS)
    found = connection.execute(only(query, ranked.c.connector_id, chosen)).all()
    accounts = _accounts(connection, moment.run_id, {row.account for row in found})
    for row in found:
        for key in accounts.get(row.account, ()):
            yield row.connector_id, key, Claim("caller", int(row.calls))


def _accounts(
    connection: Connection, run_id: int, accounts: Collection[str]
) -> Mapping[str, list[str]]:
    """Return the object ids of accounts that logs tell by sign-in name or id."""
    if not accounts:
        return {}
    facts = PRINCIPAL_VERSIONS.c
    sign_in = func.lower(facts.user_principal_name)
    query = (
        select(PRINCIPALS.c.key, sign_in)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(present(PRINCIPAL_VERSIONS, run_id))
    )
    if len(accounts) <= FEW:
        query = query.where(or_(sign_in.in_(accounts), PRINCIPALS.c.key.in_(accounts)))
    found: dict[str, list[str]] = defaultdict(list)
    for key, name in connection.execute(query):
        for account in {key, name} & set(accounts):
            found[account].append(key)
    return found


def _people(
    connection: Connection, run_id: int, keys: Collection[str]
) -> dict[str, tuple[str, str | None, str | None]]:
    """Return name, mail and department of those who are people of the tenant in working order."""
    facts = PRINCIPAL_VERSIONS.c
    query = (
        select(
            PRINCIPALS.c.key,
            func.coalesce(facts.display_name, facts.user_principal_name, PRINCIPALS.c.key),
            facts.mail,
            facts.department,
        )
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(
            present(PRINCIPAL_VERSIONS, run_id),
            facts.kind == "user",
            or_(facts.enabled.is_(None), facts.enabled),
        )
    )
    if len(keys) <= FEW:
        query = query.where(PRINCIPALS.c.key.in_(sorted(keys)))
    return {
        key: (name, mail, department) for key, name, mail, department in connection.execute(query)
    }
