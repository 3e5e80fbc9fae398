"""What uses connectors: connections, connection references, flows, apps and agents.

Asked for one connector, rows are those of that connector, whatever became of it; asked for all,
those of every connector that is not gone.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    select,
    true,
)

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    APP_VERSIONS,
    APPS,
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    FLOW_OPERATIONS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    REFERENCE_VERSIONS,
    REFERENCES,
    alias,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    present,
    with_person,
)
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

_CONNECTIONS: Schema = {
    "connection_id": "count",
    "name": "text",
    "display_name": "text",
    "account": "text",
    "creator": "text",
    "creator_state": "text",
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "status": "text",
    "status_detail": "text",
    "created_at": "time",
    "modified_at": "time",
    "expires_at": "time",
}
_REFERENCES: Schema = {
    "connection_reference_id": "count",
    "logical_name": "text",
    "display_name": "text",
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "owner": "text",
    "bound": "flag",
    "connection": "text",
    "active": "maybe",
    "modified_at": "time",
}
_CONSUMERS: Schema = {
    "kind": "text",
    "consumer_id": "count",
    "name": "text",
    "environment": "text",
    "state": "text",
    "owner": "text",
    "operation_id": "text",
    "action": "text",
    "is_trigger": "maybe",
    "invoker": "maybe",
    "connector_id": "count",
    "connector": "text",
    "modified_at": "time",
}


def connections(
    connection: Connection,
    moment: Moment,
    connector_id: int | None = None,
    *,
    environment_id: int | None = None,
) -> pd.DataFrame:
    """Return the connections present, broken ones first; of one environment if asked for it.

    creator_state is enabled, disabled, deleted or unknown, as the directory says; None where no
    creator is told.
    """
    run_id = moment.run_id
    facts = CONNECTION_VERSIONS.c
    rows = (
        _connectors(run_id, connector_id)
        .join(CONNECTION_VERSIONS, facts.connector_key == CONNECTORS.c.key)
        .join(
            CONNECTIONS,
            and_(
                CONNECTIONS.c.id == facts.connection_id,
                CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
            ),
        )
    )
    joined, creator = with_person(rows, facts.creator_key, run_id, "creator")
    name = func.coalesce(
        creator.facts.c.display_name,
        creator.facts.c.user_principal_name,
        facts.creator_name,
        facts.creator_key,
    )
    query = (
        select(
            CONNECTIONS.c.id,
            facts.name,
            facts.display_name,
            facts.account_name,
            name,
            creator.state(absent=meaning_of_absence(connection, run_id)),
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            facts.status,
            facts.status_detail,
            facts.created_at,
            facts.modified_at,
            facts.expires_at,
        )
        .select_from(joined)
        .where(present(CONNECTION_VERSIONS, run_id), _in_environment(environment_id))
        .order_by(case((facts.status == "Error", 0), else_=1), CONNECTORS.c.id, CONNECTIONS.c.id)
    )
    return framed(connection, query, _CONNECTIONS)


def references(
    connection: Connection,
    moment: Moment,
    connector_id: int | None = None,
    *,
    environment_id: int | None = None,
) -> pd.DataFrame:
    """Return the connection references present; of one environment if asked for it.

    bound: it names a connection, of which `connection` is the name people see, else the name.
    """
    run_id = moment.run_id
    facts = REFERENCE_VERSIONS.c
    bound, target = alias(CONNECTIONS, "bound"), alias(CONNECTION_VERSIONS, "target")
    rows = (
        _connectors(run_id, connector_id)
        .join(REFERENCE_VERSIONS, facts.connector_key == CONNECTORS.c.key)
        .join(
            REFERENCES,
            and_(
                REFERENCES.c.id == facts.connection_reference_id,
                REFERENCES.c.environment_id == CONNECTORS.c.environment_id,
            ),
        )
        .outerjoin(
            bound,
            and_(
                bound.c.environment_id == REFERENCES.c.environment_id,
                bound.c.key == facts.connection_key,
            ),
        )
        .outerjoin(target, and_(target.c.connection_id == bound.c.id, holds(target, run_id)))
    )
    joined, owner = with_person(rows, facts.owner_key, run_id, "owner")
    query = (
        select(
            REFERENCES.c.id,
            facts.logical_name,
            facts.display_name,
            CONNECTORS.c.id,
            connector_name(),
            environment_name(),
            owner.name,
            facts.connection_key.is_not(None),
            func.coalesce(target.c.display_name, target.c.name, facts.connection_key),
            facts.active,
            facts.modified_at,
        )
        .select_from(joined)
        .where(present(REFERENCE_VERSIONS, run_id), _in_environment(environment_id))
        .order_by(CONNECTORS.c.id, REFERENCES.c.id)
    )
    return framed(connection, query, _REFERENCES)


def _in_environment(environment_id: int | None) -> ColumnElement[bool]:
    return true() if environment_id is None else CONNECTORS.c.environment_id == environment_id


def consumers(
    connection: Connection, moment: Moment, connector_id: int | None = None
) -> pd.DataFrame:
    """Return what uses connectors: a row per call of a flow or agent, and a row per app.

    A flow that only refers to a connector has one row without operation. The owner of a flow
    without Dataverse row is its creator: such a flow cannot change hands. invoker: the flow runs
    with the connection of whoever runs it; missing where nothing tells.
    """
    rows = [
        row
        for query in (
            _flows(moment.run_id, connector_id),
            _apps(moment.run_id, connector_id),
            _agents(moment.run_id, connector_id),
        )
        for row in connection.execute(query)
    ]
    return frame(rows, _CONSUMERS)


def _flows(run_id: int, connector_id: int | None) -> Select[Any]:
    pairs = flow_pairs(run_id, connector_id).subquery("pairs")
    facts, calls, links = FLOW_VERSIONS.c, FLOW_OPERATIONS.c, FLOW_REFERENCES.c
    rows = (
        _connectors(run_id, connector_id)
        .join(pairs, pairs.c.connector_id == CONNECTORS.c.id)
        .join(FLOWS, FLOWS.c.id == pairs.c.flow_id)
        .join(FLOW_VERSIONS, and_(facts.flow_id == FLOWS.c.id, holds(FLOW_VERSIONS, run_id)))
        .outerjoin(
            FLOW_OPERATIONS,
            and_(
                calls.flow_id == FLOWS.c.id,
                calls.connector_key == CONNECTORS.c.key,
                holds(FLOW_OPERATIONS, run_id),
            ),
        )
    )
    owner_key = func.coalesce(facts.owner_key, facts.creator_key)
    joined, owner = with_person(rows, owner_key, run_id, "owner")
    invoker = (
        select(func.max(case((links.invoker.is_(True), 1), else_=0)))
        .where(
            links.flow_id == FLOWS.c.id,
            links.connector_key == CONNECTORS.c.key,
            holds(FLOW_REFERENCES, run_id),
        )
        .correlate(FLOWS, CONNECTORS)
        .scalar_subquery()
    )
    name = func.coalesce(facts.display_name, facts.name, FLOWS.c.key)
    return (
        select(
            literal("flow"),
            FLOWS.c.id,
            name,
            environment_name(),
            facts.state,
            owner.name,
            calls.operation_id,
            calls.action,
            calls.is_trigger,
            invoker == 1,
            CONNECTORS.c.id,
            connector_name(),
            facts.modified_at,
        )
        .select_from(joined)
        .order_by(func.lower(name), FLOWS.c.id, CONNECTORS.c.id, calls.id)
    )


def _apps(run_id: int, connector_id: int | None) -> Select[Any]:
    pairs = app_pairs(run_id, connector_id).subquery("pairs")
    facts = APP_VERSIONS.c
    rows = (
        _connectors(run_id, connector_id)
        .join(pairs, pairs.c.connector_id == CONNECTORS.c.id)
        .join(APPS, APPS.c.id == pairs.c.app_id)
        .join(APP_VERSIONS, and_(facts.app_id == APPS.c.id, holds(APP_VERSIONS, run_id)))
    )
    joined, owner = with_person(rows, facts.owner_key, run_id, "owner")
    name = func.coalesce(facts.display_name, facts.name)
    return (
        select(
            literal("app"),
            APPS.c.id,
            name,
            environment_name(),
            null(),
            owner.name,
            null(),
            null(),
            null(),
            null(),
            CONNECTORS.c.id,
            connector_name(),
            facts.modified_at,
        )
        .select_from(joined)
        .order_by(func.lower(name), APPS.c.id, CONNECTORS.c.id)
    )


def _agents(run_id: int, connector_id: int | None) -> Select[Any]:
    pairs = agent_pairs(run_id, connector_id).subquery("pairs")
    facts, calls = AGENT_VERSIONS.c, AGENT_OPERATIONS.c
    rows = (
        _connectors(run_id, connector_id)
        .join(pairs, pairs.c.connector_id == CONNECTORS.c.id)
        .join(AGENTS, AGENTS.c.id == pairs.c.agent_id)
        .join(AGENT_VERSIONS, and_(facts.agent_id == AGENTS.c.id, holds(AGENT_VERSIONS, run_id)))
        .join(
            AGENT_OPERATIONS,
            and_(
                calls.agent_id == AGENTS.c.id,
                calls.connector_key == CONNECTORS.c.key,
                holds(AGENT_OPERATIONS, run_id),
            ),
        )
    )
    joined, owner = with_person(rows, facts.owner_key, run_id, "owner")
    name = func.coalesce(facts.display_name, facts.name)
    return (
        select(
            literal("agent"),
            AGENTS.c.id,
            name,
            environment_name(),
            case((facts.active.is_(True), "Active"), (facts.active.is_(False), "Inactive")),
            owner.name,
            calls.operation_id,
            calls.action,
            null(),
            calls.invoker,
            CONNECTORS.c.id,
            connector_name(),
            facts.modified_at,
        )
        .select_from(joined)
        .order_by(func.lower(name), AGENTS.c.id, CONNECTORS.c.id, calls.id)
    )


def _connectors(run_id: int, connector_id: int | None) -> FromClause:
    """One connector, whatever its presence, or all that are not gone; with their environment."""
    facts = CONNECTOR_VERSIONS.c
    which: ColumnElement[bool] = (
        facts.presence != "gone" if connector_id is None else CONNECTORS.c.id == connector_id
    )
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(facts.connector_id == CONNECTORS.c.id, holds(CONNECTOR_VERSIONS, run_id), which),
    )
    return in_environment(rows, CONNECTORS.c.environment_id, run_id)
