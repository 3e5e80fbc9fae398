"""What rests on accounts that leave: rows about connections, references, and what uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    and_,
    func,
    literal,
    null,
    or_,
    select,
)

from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    APP_PERMISSIONS,
    APP_REFERENCES,
    APP_VERSIONS,
    APPS,
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    FLOW_PERMISSIONS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    GROUP_MEMBERS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    REFERENCE_VERSIONS,
    REFERENCES,
    connector_name,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    present,
)

Keys = Collection[str]


def connections(connection: Connection, run_id: int, keys: Keys, accounts: Keys) -> list[Row[Any]]:
    """Return connections to custom connectors that people made, or that sign in as them.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        keys: Object ids.
        accounts: Sign-in names and mail addresses, case-folded.
    """
    facts = CONNECTION_VERSIONS.c
    rows = (
        known_connectors(run_id)
        .join(CONNECTION_VERSIONS, facts.connector_key == CONNECTORS.c.key)
        .join(
            CONNECTIONS,
            and_(
                CONNECTIONS.c.id == facts.connection_id,
                CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
            ),
        )
    )
    query = (
        select(
            CONNECTIONS.c.id,
            CONNECTIONS.c.key,
            func.coalesce(facts.display_name, facts.name).label("name"),
            facts.account_name,
            facts.creator_key,
            facts.status,
            CONNECTOR_VERSIONS.c.authentication_kinds,
            *_connector(),
        )
        .select_from(in_environment(rows, CONNECTORS.c.environment_id, run_id))
        .where(
            present(CONNECTION_VERSIONS, run_id),
            or_(
                facts.creator_key.in_(list(keys)),
                func.lower(facts.account_name).in_(list(accounts)),
            ),
        )
        .order_by(CONNECTIONS.c.id)
    )
    return list(connection.execute(query))


def _connector() -> tuple[ColumnElement[Any], ...]:
    return (
        CONNECTORS.c.id.label("connector_id"),
        connector_name().label("connector"),
        CONNECTORS.c.environment_id,
        environment_name().label("environment"),
    )


def references(
    connection: Connection, run_id: int, keys: Keys, leaving: Collection[int]
) -> list[Row[Any]]:
    """Return connection references that are bound to some connections, or that people own.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        keys: Object ids of these people.
        leaving: Surrogate keys of these connections.
    """
    facts = REFERENCE_VERSIONS.c
    rows = (
        known_connectors(run_id)
        .join(REFERENCE_VERSIONS, facts.connector_key == CONNECTORS.c.key)
        .join(
            REFERENCES,
            and_(
                REFERENCES.c.id == facts.connection_reference_id,
                REFERENCES.c.environment_id == CONNECTORS.c.environment_id,
            ),
        )
        .outerjoin(
            CONNECTIONS,
            and_(
                CONNECTIONS.c.environment_id == REFERENCES.c.environment_id,
                CONNECTIONS.c.key == facts.connection_key,
            ),
        )
    )
    query = (
        select(
            REFERENCES.c.id,
            facts.logical_name.label("name"),
            func.lower(facts.logical_name).label("logical_name"),
            facts.owner_key,
            CONNECTIONS.c.id.label("connection_id"),
            *_connector(),
        )
        .select_from(in_environment(rows, CONNECTORS.c.environment_id, run_id))
        .where(
            present(REFERENCE_VERSIONS, run_id),
            or_(CONNECTIONS.c.id.in_(list(leaving)), facts.owner_key.in_(list(keys))),
        )
        .order_by(REFERENCES.c.id)
    )
    return list(connection.execute(query))


def consumers(connection: Connection, run_id: int, keys: Keys, leaving: Keys, bound: Keys) -> Any:
    """Yield flows, apps and agents with each link by which they use a connector.

    Of those that people own every link, else those by a connection or reference named. A flow
    without Dataverse row belongs to whoever created it.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        keys: Object ids of these people.
        leaving: Keys of connections, of whatever environment.
        bound: Logical names of references, case-folded, of whatever environment.
    """
    for query in (
        _flows(run_id, keys, leaving, bound),
        _apps(run_id, keys, leaving),
        _agents(run_id, keys, bound),
    ):
        yield from connection.execute(query)


def _of(noun: Any, edge: Any, versions: Any, link: str, run_id: int) -> Any:
    rows = (
        known_connectors(run_id)
        .join(edge, edge.c.connector_key == CONNECTORS.c.key)
        .join(
            noun,
            and_(noun.c.id == edge.c[link], noun.c.environment_id == CONNECTORS.c.environment_id),
        )
        .join(versions, versions.c[link] == noun.c.id)
    )
    return in_environment(rows, CONNECTORS.c.environment_id, run_id)


def _flows(run_id: int, keys: Keys, leaving: Keys, bound: Keys) -> Select[Any]:
    facts, links = FLOW_VERSIONS.c, FLOW_REFERENCES.c
    owner = func.coalesce(facts.owner_key, facts.creator_key)
    return (
        select(
            literal("flow").label("kind"),
            FLOWS.c.id,
            func.coalesce(facts.display_name, facts.name, FLOWS.c.key).label("name"),
            facts.state,
            owner.label("owner_key"),
            links.connection_key,
            func.lower(links.logical_name).label("logical_name"),
            links.invoker,
            *_connector(),
        )
        .select_from(_of(FLOWS, FLOW_REFERENCES, FLOW_VERSIONS, "flow_id", run_id))
        .where(
            holds(FLOW_REFERENCES, run_id),
            present(FLOW_VERSIONS, run_id),
            or_(
                owner.in_(list(keys)),
                links.connection_key.in_(list(leaving)),
                func.lower(links.logical_name).in_(list(bound)),
            ),
        )
        .order_by(FLOWS.c.id, CONNECTORS.c.id, links.id)
    )


def _apps(run_id: int, keys: Keys, leaving: Keys) -> Select[Any]:
    facts, links = APP_VERSIONS.c, APP_REFERENCES.c
    return (
        select(
            literal("app").label("kind"),
            APPS.c.id,
            func.coalesce(facts.display_name, facts.name).label("name"),
            null().label("state"),
            facts.owner_key,
            links.connection_key,
            null().label("logical_name"),
            null().label("invoker"),
            *_connector(),
        )
        .select_from(_of(APPS, APP_REFERENCES, APP_VERSIONS, "app_id", run_id))
        .where(
            holds(APP_REFERENCES, run_id),
            present(APP_VERSIONS, run_id),
            or_(facts.owner_key.in_(list(keys)), links.connection_key.in_(list(leaving))),
        )
        .order_by(APPS.c.id, CONNECTORS.c.id, links.id)
    )


def _agents(run_id: int, keys: Keys, bound: Keys) -> Select[Any]:
    facts, calls = AGENT_VERSIONS.c, AGENT_OPERATIONS.c
    return (
        select(
            literal("agent").label("kind"),
            AGENTS.c.id,
            func.coalesce(facts.display_name, facts.name).label("name"),
            null().label("state"),
            facts.owner_key,
            null().label("connection_key"),
            func.lower(calls.logical_name).label("logical_name"),
            calls.invoker,
            *_connector(),
        )
        .select_from(_of(AGENTS, AGENT_OPERATIONS, AGENT_VERSIONS, "agent_id", run_id))
        .where(
            holds(AGENT_OPERATIONS, run_id),
            present(AGENT_VERSIONS, run_id),
            or_(facts.owner_key.in_(list(keys)), func.lower(calls.logical_name).in_(list(bound))),
        )
        .order_by(AGENTS.c.id, CONNECTORS.c.id, calls.id)
    )


def others_who_may_change(
    connection: Connection, run_id: int, keys: Keys, flows: Collection[int], apps: Collection[int]
) -> Iterator[tuple[str, int, str]]:
    """Yield kind, id and object id of those who may change a flow or app and do not leave.

    People and applications in working order, and groups in which such a person is.
    """
    who = _who_can_act(run_id, keys)
    for kind, table, link, some in (
        ("flow", FLOW_PERMISSIONS, "flow_id", flows),
        ("app", APP_PERMISSIONS, "app_id", apps),
    ):
        query = (
            select(table.c[link], table.c.principal_key)
            .join(who, who.c.key == table.c.principal_key)
            .where(
                holds(table, run_id),
                table.c.role.in_(("Owner", "CanEdit")),
                table.c[link].in_(list(some)),
            )
            .distinct()
            .order_by(table.c[link], table.c.principal_key)
        )
        for number, key in connection.execute(query):
            yield kind, number, key


def _who_can_act(run_id: int, leavers: Keys) -> Subquery:
    facts = PRINCIPAL_VERSIONS.c
    working = (
        select(PRINCIPALS.c.key)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(
            present(PRINCIPAL_VERSIONS, run_id),
            facts.kind != "group",
            or_(facts.enabled.is_(None), facts.enabled.is_(True)),
            PRINCIPALS.c.key.not_in(list(leavers)),
        )
    )
    groups = select(GROUP_MEMBERS.c.group_key).where(
        holds(GROUP_MEMBERS, run_id), GROUP_MEMBERS.c.member_key.in_(working)
    )
    return working.union(groups).subquery("who_can_act")
