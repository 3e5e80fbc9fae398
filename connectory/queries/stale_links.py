"""What is linked to connectors, and when the last was that is linked no longer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Select, and_, case, func, select, union_all

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
    REFERENCE_VERSIONS,
    REFERENCES,
    RUNS,
    holds,
    present,
)
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs


def unlinked_at(run_id: int) -> Select[Any]:
    """Return by connector when the last run began that found something no longer linked to it."""
    ended = union_all(*_ended(run_id)).subquery("ended")
    return (
        select(ended.c.connector_id, func.max(RUNS.c.started_at))
        .join(RUNS, RUNS.c.id == ended.c.run_id)
        .group_by(ended.c.connector_id)
    )


def _ended(run_id: int) -> Iterator[Select[Any]]:
    """Yield for each kind of link those of what is no longer linked, with the run that found it so."""
    flows = flow_pairs(run_id).subquery("flows_now")
    apps = app_pairs(run_id).subquery("apps_now")
    agents = agent_pairs(run_id).subquery("agents_now")
    kinds: Iterable[tuple[Any, Any, Any, Any, str]] = (
        (FLOW_OPERATIONS, FLOWS, FLOW_VERSIONS, flows, "flow_id"),
        (FLOW_REFERENCES, FLOWS, FLOW_VERSIONS, flows, "flow_id"),
        (APP_REFERENCES, APPS, APP_VERSIONS, apps, "app_id"),
        (AGENT_OPERATIONS, AGENTS, AGENT_VERSIONS, agents, "agent_id"),
    )
    for edge, noun, versions, now, link in kinds:
        rows = (
            edge.join(noun, noun.c.id == edge.c[link])
            .join(
                CONNECTORS,
                and_(
                    CONNECTORS.c.key == edge.c.connector_key,
                    CONNECTORS.c.environment_id == noun.c.environment_id,
                ),
            )
            .join(versions, and_(versions.c[link] == noun.c.id, holds(versions, run_id)))
            .outerjoin(now, and_(now.c.connector_id == CONNECTORS.c.id, now.c[link] == noun.c.id))
        )
        closed = edge.c.to_run <= run_id
        yield (
            select(
                CONNECTORS.c.id.label("connector_id"),
                case((closed, edge.c.to_run), else_=versions.c.from_run).label("run_id"),
            )
            .select_from(rows)
            .where(edge.c.from_run <= run_id, now.c.connector_id.is_(None))
        )


def connections_of(run_id: int) -> Select[Any]:
    """Return by connector its connections: how many, how many broken, when the last was made."""
    facts = CONNECTION_VERSIONS.c
    rows = CONNECTORS.join(CONNECTION_VERSIONS, facts.connector_key == CONNECTORS.c.key).join(
        CONNECTIONS,
        and_(
            CONNECTIONS.c.id == facts.connection_id,
            CONNECTIONS.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            func.count().label("number"),
            func.count(case((facts.status == BROKEN, 1))).label("broken"),
            func.max(facts.created_at).label("made_at"),
        )
        .select_from(rows)
        .where(present(CONNECTION_VERSIONS, run_id))
        .group_by(CONNECTORS.c.id)
    )


def references_of(run_id: int) -> Select[Any]:
    """Return by connector its connection references: how many, and how many are bound."""
    facts = REFERENCE_VERSIONS.c
    rows = CONNECTORS.join(REFERENCE_VERSIONS, facts.connector_key == CONNECTORS.c.key).join(
        REFERENCES,
        and_(
            REFERENCES.c.id == facts.connection_reference_id,
            REFERENCES.c.environment_id == CONNECTORS.c.environment_id,
        ),
    )
    return (
        select(
            CONNECTORS.c.id.label("connector_id"),
            func.count().label("number"),
            func.count(facts.connection_key).label("bound"),
        )
        .select_from(rows)
        .where(present(REFERENCE_VERSIONS, run_id))
        .group_by(CONNECTORS.c.id)
    )
