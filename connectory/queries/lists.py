"""Flows, apps, agents and people as lists, each with what it has to do with connectors."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    true,
)

from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    AGENT_VERSIONS,
    AGENTS,
    APP_VERSIONS,
    APPS,
    FLOW_VERSIONS,
    FLOWS,
    PERMISSIONS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    Person,
    environment_name,
    holds,
    in_environment,
    known_connectors,
    present,
    with_person,
)
from connectory.queries.tables import CONNECTORS as _CONNECTORS
from connectory.queries.usage import agent_pairs, app_pairs, flow_pairs

_FLOWS: Schema = {
    "flow_id": "count",
    "name": "text",
    "environment": "text",
    "state": "text",
    "owner": "text",
    "trigger_kind": "text",
    "managed": "maybe",
    "definition_state": "text",
    "custom_connectors": "count",
    "created_at": "time",
    "modified_at": "time",
}
_APPS: Schema = {
    "app_id": "count",
    "name": "text",
    "environment": "text",
    "owner": "text",
    "app_type": "text",
    "shared_users": "number",
    "shared_groups": "number",
    "custom_connectors": "count",
    "created_at": "time",
    "modified_at": "time",
    "published_at": "time",
}
_AGENTS: Schema = {
    "agent_id": "count",
    "name": "text",
    "environment": "text",
    "owner": "text",
    "active": "maybe",
    "managed": "maybe",
    "custom_connectors": "count",
    "created_at": "time",
    "modified_at": "time",
    "published_at": "time",
}
_PEOPLE: Schema = {
    "principal_key": "text",
    "name": "text",
    "user_principal_name": "text",
    "mail": "text",
    "kind": "text",
    "state": "text",
    "department": "text",
    "job_title": "text",
    "company": "text",
    "manager": "text",
    "connectors_owned": "count",
    "connectors_shared": "count",
}


def flows(
    connection: Connection, moment: Moment, environment_id: int | None = None
) -> pd.DataFrame:
    """Return the cloud flows present, by name; custom_connectors counts those each uses.

    Asked for an environment, those in it.

    The owner of a flow without Dataverse row is its creator: such a flow cannot change hands.
    """
    run_id = moment.run_id
    uses = _uses(flow_pairs(run_id).subquery("pairs"), "flow_id", run_id)
    facts = FLOW_VERSIONS.c
    rows = in_environment(
        FLOWS.join(
            FLOW_VERSIONS, and_(facts.flow_id == FLOWS.c.id, present(FLOW_VERSIONS, run_id))
        ),
        FLOWS.c.environment_id,
        run_id,
    ).outerjoin(uses, uses.c.consumer_id == FLOWS.c.id)
    owner_key = func.coalesce(facts.owner_key, facts.creator_key)
    joined, owner = with_person(rows, owner_key, run_id, "owner")
    name = func.coalesce(facts.display_name, facts.name, FLOWS.c.key)
    query = (
        select(
            FLOWS.c.id,
            name,
            environment_name(),
            facts.state,
            owner.name,
            facts.trigger_kind,
            facts.managed,
            facts.definition_state,
            func.coalesce(uses.c.custom_connectors, 0),
            facts.created_at,
            facts.modified_at,
        )
        .select_from(joined)
        .where(_in(FLOWS, environment_id))
        .order_by(func.lower(name), FLOWS.c.id)
    )
    return framed(connection, query, _FLOWS)


def apps(connection: Connection, moment: Moment, environment_id: int | None = None) -> pd.DataFrame:
    """Return the canvas apps present, by name; custom_connectors counts those each uses.

    Asked for an environment, those in it.
    """
    run_id = moment.run_id
    uses = _uses(app_pairs(run_id).subquery("pairs"), "app_id", run_id)
    facts = APP_VERSIONS.c
    rows = in_environment(
        APPS.join(APP_VERSIONS, and_(facts.app_id == APPS.c.id, present(APP_VERSIONS, run_id))),
        APPS.c.environment_id,
        run_id,
    ).outerjoin(uses, uses.c.consumer_id == APPS.c.id)
    joined, owner = with_person(rows, facts.owner_key, run_id, "owner")
    name = func.coalesce(facts.display_name, facts.name)
    query = (
        select(
            APPS.c.id,
            name,
            environment_name(),
            owner.name,
            facts.app_type,
            facts.shared_users,
            facts.shared_groups,
            func.coalesce(uses.c.custom_connectors, 0),
            facts.created_at,
            facts.modified_at,
            facts.published_at,
        )
        .select_from(joined)
        .where(_in(APPS, environment_id))
        .order_by(func.lower(name), APPS.c.id)
    )
    return framed(connection, query, _APPS)


def _in(noun: Table, environment_id: int | None) -> ColumnElement[bool]:
    return true() if environment_id is None else noun.c.environment_id == environment_id


def agents(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the agents present, by name; custom_connectors counts those each uses.

    active is missing where only the inventory tells of an agent.
    """
    run_id = moment.run_id
    uses = _uses(agent_pairs(run_id).subquery("pairs"), "agent_id", run_id)
    facts = AGENT_VERSIONS.c
    rows = in_environment(
        AGENTS.join(
            AGENT_VERSIONS, and_(facts.agent_id == AGENTS.c.id, present(AGENT_VERSIONS, run_id))
        ),
        AGENTS.c.environment_id,
        run_id,
    ).outerjoin(uses, uses.c.consumer_id == AGENTS.c.id)
    joined, owner = with_person(rows, facts.owner_key, run_id, "owner")
    name = func.coalesce(facts.display_name, facts.name)
    query = (
        select(
            AGENTS.c.id,
            name,
            environment_name(),
            owner.name,
            facts.active,
            facts.managed,
            func.coalesce(uses.c.custom_connectors, 0),
            facts.created_at,
            facts.modified_at,
            facts.published_at,
        )
        .select_from(joined)
        .order_by(func.lower(name), AGENTS.c.id)
    )
    return framed(connection, query, _AGENTS)


def _uses(pairs: Subquery, link: str, run_id: int) -> Subquery:
    """Count by consumer the connectors it uses that are not gone."""
    known = select(_CONNECTORS.c.id).select_from(known_connectors(run_id)).subquery("known")
    return (
        select(pairs.c[link].label("consumer_id"), func.count().label("custom_connectors"))
        .select_from(pairs.join(known, known.c.id == pairs.c.connector_id))
        .group_by(pairs.c[link])
        .subquery("uses")
    )


def people(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return everyone the directory told of, by name, also those deleted, who are told apart.

    connectors_owned counts the role Owner, connectors_shared the other roles, both held directly
    on connectors that are not gone.
    """
    run_id = moment.run_id
    facts = PRINCIPAL_VERSIONS.c
    roles = _roles(run_id)
    rows = PRINCIPALS.join(
        PRINCIPAL_VERSIONS,
        and_(facts.principal_id == PRINCIPALS.c.id, holds(PRINCIPAL_VERSIONS, run_id)),
    ).outerjoin(roles, roles.c.principal_key == PRINCIPALS.c.key)
    joined, manager = with_person(rows, facts.manager_key, run_id, "manager")
    person = Person(PRINCIPALS.c.key, PRINCIPALS, PRINCIPAL_VERSIONS)
    query = (
        select(
            PRINCIPALS.c.key,
            person.name,
            facts.user_principal_name,
            facts.mail,
            facts.kind,
            person.state(absent="unknown"),
            facts.department,
            facts.job_title,
            facts.company,
            manager.name,
            func.coalesce(roles.c.owned, 0),
            func.coalesce(roles.c.shared, 0),
        )
        .select_from(joined)
        .where(or_(facts.presence != "gone", facts.presence_reason == "deleted"))
        .order_by(func.lower(person.name), PRINCIPALS.c.key)
    )
    return framed(connection, query, _PEOPLE)


def _roles(run_id: int) -> Subquery:
    owner = PERMISSIONS.c.role == "Owner"

    def distinct(condition: Any) -> Any:
        return func.count(case((condition, PERMISSIONS.c.connector_id)).distinct())

    query: Select[Any] = (
        select(
            PERMISSIONS.c.principal_key,
            distinct(owner).label("owned"),
            distinct(~owner).label("shared"),
        )
        .select_from(
            known_connectors(run_id).join(
                PERMISSIONS, PERMISSIONS.c.connector_id == _CONNECTORS.c.id
            )
        )
        .where(holds(PERMISSIONS, run_id))
        .group_by(PERMISSIONS.c.principal_key)
    )
    return query.subquery("roles")
