"""How much each connector is used: rows of connector and consumer, and counts of them.

A connector is used where a consumer in its environment names its key.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    and_,
    case,
    func,
    select,
    true,
    union,
)

from connectory.domain.ownership import OwnerState, without_owner
from connectory.queries.tables import (
    AGENT_OPERATIONS,
    AGENT_VERSIONS,
    AGENTS,
    APP_REFERENCES,
    APP_VERSIONS,
    APPS,
    BROKEN,
    CONNECTION_VERSIONS,
    CONNECTIONS,
    CONNECTORS,
    FLOW_OPERATIONS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    PERMISSIONS,
    REFERENCE_VERSIONS,
    REFERENCES,
    holds,
    present,
)

WITHOUT_OWNER = tuple(state for state in get_args(OwnerState) if without_owner(state))
"""Verdicts that mean nobody in working order owns the connector."""


Which = int | Collection[int] | None
"""One connector, some of them, or all."""


def _only(which: Which) -> ColumnElement[bool]:
    if which is None:
        return true()
    return CONNECTORS.c.id == which if isinstance(which, int) else CONNECTORS.c.id.in_(list(which))


def connection_counts(run_id: int, connector_id: int | None = None) -> Subquery:
    """Return connector_id, connections, broken_connections of connectors that have any."""
    rows = CONNECTORS.join(
        CONNECTION_VERSIONS, CONNECTION_VERSIONS.c.connector_key == CONNECTORS.c.key
    ).join(
        CONNECTIONS,
        and_(
            CONNECTIONS.c.id == CONNECTION_VERSIONS.c.connection_id,
            CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            func.count().label("connections"),
            func.sum(case((CONNECTION_VERSIONS.c.status == BROKEN, 1), else_=0)).label(
                "broken_connections"
            ),
        )
        .select_from(rows)
        .where(present(CONNECTION_VERSIONS, run_id), _only(connector_id))
        .group_by(CONNECTORS.c.id)
        .subquery("connection_counts")
    )


def reference_counts(run_id: int, connector_id: int | None = None) -> Subquery:
    """Return connector_id, references of connectors that have any."""
    rows = CONNECTORS.join(
        REFERENCE_VERSIONS, REFERENCE_VERSIONS.c.connector_key == CONNECTORS.c.key
    ).join(
        REFERENCES,
        and_(
            REFERENCES.c.id == REFERENCE_VERSIONS.c.connection_reference_id,
            REFERENCES.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    return (
        select(CONNECTORS.c.id.label("connector_id"), func.count().label("references"))
        .select_from(rows)
        .where(present(REFERENCE_VERSIONS, run_id), _only(connector_id))
        .group_by(CONNECTORS.c.id)
        .subquery("reference_counts")
    )


def flow_pairs(run_id: int, connector_id: Which = None) -> CompoundSelect[tuple[int, int]]:
    """Return each pair of connector_id and flow_id once: by an operation or by a reference."""
    return union(
        *(
            select(CONNECTORS.c.id.label("connector_id"), FLOWS.c.id.label("flow_id"))
            .select_from(
                CONNECTORS.join(edge, edge.c.connector_key == CONNECTORS.c.key)
                .join(
                    FLOWS,
                    and_(
                        FLOWS.c.id == edge.c.flow_id,
                        FLOWS.c.environment_id == CONNECTORS.c.environment_id,
                    ),
                )
                .join(FLOW_VERSIONS, FLOW_VERSIONS.c.flow_id == FLOWS.c.id)
            )
            .where(holds(edge, run_id), present(FLOW_VERSIONS, run_id), _only(connector_id))
            for edge in (FLOW_OPERATIONS, FLOW_REFERENCES)
        )
    )


def app_pairs(run_id: int, connector_id: Which = None) -> Select[tuple[int, int]]:
    """Return each pair of connector_id and app_id once."""
    return (
        select(CONNECTORS.c.id.label("connector_id"), APPS.c.id.label("app_id"))
        .distinct()
        .select_from(
            CONNECTORS.join(APP_REFERENCES, APP_REFERENCES.c.connector_key == CONNECTORS.c.key)
            .join(
                APPS,
                and_(
                    APPS.c.id == APP_REFERENCES.c.app_id,
                    APPS.c.environment_id == CONNECTORS.c.environment_id,
                ),
            )
            .join(APP_VERSIONS, APP_VERSIONS.c.app_id == APPS.c.id)
        )
        .where(holds(APP_REFERENCES, run_id), present(APP_VERSIONS, run_id), _only(connector_id))
    )


def agent_pairs(run_id: int, connector_id: Which = None) -> Select[tuple[int, int]]:
    """Return each pair of connector_id and agent_id once."""
    return (
        select(CONNECTORS.c.id.label("connector_id"), AGENTS.c.id.label("agent_id"))
        .distinct()
        .select_from(
            CONNECTORS.join(AGENT_OPERATIONS, AGENT_OPERATIONS.c.connector_key == CONNECTORS.c.key)
            .join(
                AGENTS,
                and_(
                    AGENTS.c.id == AGENT_OPERATIONS.c.agent_id,
                    AGENTS.c.environment_id == CONNECTORS.c.environment_id,
                ),
            )
            .join(AGENT_VERSIONS, AGENT_VERSIONS.c.agent_id == AGENTS.c.id)
        )
        .where(
            holds(AGENT_OPERATIONS, run_id), present(AGENT_VERSIONS, run_id), _only(connector_id)
        )
    )


def flow_counts(run_id: int, connector_id: int | None = None) -> Subquery:
    """Return connector_id, flows of connectors that have any."""
    pairs = flow_pairs(run_id, connector_id).subquery("flow_pairs")
    return (
        select(pairs.c.connector_id, func.count().label("flows"))
        .group_by(pairs.c.connector_id)
        .subquery("flow_counts")
    )


def app_counts(run_id: int, connector_id: int | None = None) -> Subquery:
    """Return connector_id, apps of connectors that have any."""
    pairs = app_pairs(run_id, connector_id).subquery("app_pairs")
    return (
        select(pairs.c.connector_id, func.count().label("apps"))
        .group_by(pairs.c.connector_id)
        .subquery("app_counts")
    )


def agent_counts(run_id: int, connector_id: int | None = None) -> Subquery:
    """Return connector_id, agents of connectors that have any."""
    pairs = agent_pairs(run_id, connector_id).subquery("agent_pairs")
    return (
        select(pairs.c.connector_id, func.count().label("agents"))
        .group_by(pairs.c.connector_id)
        .subquery("agent_counts")
    )


def sharing_counts(run_id: int) -> Subquery:
    """Return connector_id, everyone (0 or 1), shared_users, shared_groups: owners left out."""
    shared = PERMISSIONS.c.role != "Owner"

    def distinct(kind: str) -> ColumnElement[int]:
        named = and_(PERMISSIONS.c.principal_type == kind, shared)
        return func.count(func.distinct(case((named, PERMISSIONS.c.principal_key))))

    return (
        select(
            PERMISSIONS.c.connector_id,
            func.max(case((PERMISSIONS.c.principal_type == "tenant", 1), else_=0)).label(
                "everyone"
            ),
            distinct("user").label("shared_users"),
            distinct("group").label("shared_groups"),
        )
        .where(holds(PERMISSIONS, run_id))
        .group_by(PERMISSIONS.c.connector_id)
        .subquery("sharing_counts")
    )
