"""What relies on connections and connection references: counts by environment and key."""

from __future__ import annotations

from sqlalchemy import Subquery, case, func, select

from connectory.queries.tables import (
    APP_REFERENCES,
    APP_VERSIONS,
    APPS,
    FLOW_REFERENCES,
    FLOW_VERSIONS,
    FLOWS,
    REFERENCE_VERSIONS,
    REFERENCES,
    holds,
    present,
)


def reference_use(run_id: int) -> Subquery:
    """Return environment_id, connection_key, references: those bound to each connection."""
    facts = REFERENCE_VERSIONS.c
    return (
        select(
            REFERENCES.c.environment_id,
            facts.connection_key,
            func.count().label("references"),
        )
        .join(REFERENCE_VERSIONS, facts.connection_reference_id == REFERENCES.c.id)
        .where(present(REFERENCE_VERSIONS, run_id), facts.connection_key.is_not(None))
        .group_by(REFERENCES.c.environment_id, facts.connection_key)
        .subquery("reference_use")
    )


def flow_use(run_id: int) -> Subquery:
    """Return environment_id, connection_key, flows: those that run with each connection.

    A flow that takes the connection of whoever starts it relies on none.
    """
    links = FLOW_REFERENCES.c
    return (
        select(
            FLOWS.c.environment_id,
            links.connection_key,
            func.count(links.flow_id.distinct()).label("flows"),
        )
        .join(FLOW_REFERENCES, links.flow_id == FLOWS.c.id)
        .join(FLOW_VERSIONS, FLOW_VERSIONS.c.flow_id == FLOWS.c.id)
        .where(
            holds(FLOW_REFERENCES, run_id),
            present(FLOW_VERSIONS, run_id),
            links.connection_key.is_not(None),
            links.invoker.is_(False),
        )
        .group_by(FLOWS.c.environment_id, links.connection_key)
        .subquery("flow_use")
    )


def flow_use_of_references(run_id: int) -> Subquery:
    """Return environment_id, logical_name (case-folded), flows: those that name each reference."""
    links = FLOW_REFERENCES.c
    return (
        select(
            FLOWS.c.environment_id,
            links.logical_name,
            func.count(links.flow_id.distinct()).label("flows"),
        )
        .join(FLOW_REFERENCES, links.flow_id == FLOWS.c.id)
        .join(FLOW_VERSIONS, FLOW_VERSIONS.c.flow_id == FLOWS.c.id)
        .where(
            holds(FLOW_REFERENCES, run_id),
            present(FLOW_VERSIONS, run_id),
            links.logical_name.is_not(None),
        )
        .group_by(FLOWS.c.environment_id, links.logical_name)
        .subquery("flow_use_of_references")
    )


def app_use(run_id: int) -> Subquery:
    """Return environment_id, connection_key, apps, shared_apps: those that carry a connection.

    shared_apps are shared with somebody, who then uses the connection as well.
    """
    links, facts = APP_REFERENCES.c, APP_VERSIONS.c
    others = func.coalesce(facts.shared_users, 0) + func.coalesce(facts.shared_groups, 0)
    return (
        select(
            APPS.c.environment_id,
            links.connection_key,
            func.count(links.app_id.distinct()).label("apps"),
            func.count(case((others > 0, links.app_id)).distinct()).label("shared_apps"),
        )
        .join(APP_REFERENCES, links.app_id == APPS.c.id)
        .join(APP_VERSIONS, facts.app_id == APPS.c.id)
        .where(
            holds(APP_REFERENCES, run_id),
            present(APP_VERSIONS, run_id),
            links.connection_key.is_not(None),
        )
        .group_by(APPS.c.environment_id, links.connection_key)
        .subquery("app_use")
    )
