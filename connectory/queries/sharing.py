"""With whom connectors are shared, and what the directory says of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, select

from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    EVERYONE,
    GROUP_MEMBERS,
    PERMISSIONS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    connector_name,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    with_person,
)

_SCHEMA: Schema = {
    "principal": "text",
    "principal_type": "text",
    "principal_key": "text",
    "role": "text",
    "state": "text",
    "department": "text",
    "mail": "text",
    "people": "number",
}
_ALL: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    **_SCHEMA,
}
_ROLES = ("Owner", "CanEdit", "CanViewWithShare", "CanView")


def owned_by(connection: Connection, moment: Moment, principal_key: str) -> tuple[str, set[int]]:
    """Return what somebody is called, and the connectors on which they hold the role Owner."""
    facts = PRINCIPAL_VERSIONS.c
    name = connection.scalar(
        select(func.coalesce(facts.display_name, facts.user_principal_name))
        .join(PRINCIPALS, PRINCIPALS.c.id == facts.principal_id)
        .where(PRINCIPALS.c.key == principal_key, holds(PRINCIPAL_VERSIONS, moment.run_id))
    )
    owned = select(PERMISSIONS.c.connector_id).where(
        PERMISSIONS.c.principal_key == principal_key,
        PERMISSIONS.c.role == "Owner",
        holds(PERMISSIONS, moment.run_id),
    )
    return name or principal_key, set(connection.scalars(owned))


def permissions(connection: Connection, moment: Moment, connector_id: int) -> pd.DataFrame:
    """Return who holds which role on a connector, owners first.

    state is enabled, disabled, deleted or unknown, as the directory says. people is how many a
    group reaches, directly or through other groups; missing for others and for groups that could
    not be read.
    """
    query = _roles(connection, moment.run_id).where(CONNECTORS.c.id == connector_id)
    roles = query.subquery("roles")
    return framed(
        connection,
        select(*(roles.c[name] for name in _SCHEMA)).order_by(
            roles.c.rank, func.lower(roles.c.principal), roles.c.principal_key
        ),
        _SCHEMA,
    )


def all_permissions(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the roles on every connector that is not gone, with the connector's name."""
    query = _roles(connection, moment.run_id).where(CONNECTOR_VERSIONS.c.presence != "gone")
    roles = query.subquery("roles")
    return framed(
        connection,
        select(*(roles.c[name] for name in _ALL)).order_by(
            roles.c.connector_id, roles.c.rank, roles.c.principal_key
        ),
        _ALL,
    )


def _roles(connection: Connection, run_id: int) -> Select[Any]:
    absent = meaning_of_absence(connection, run_id)
    rows = CONNECTORS.join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, run_id),
        ),
    ).join(
        PERMISSIONS,
        and_(PERMISSIONS.c.connector_id == CONNECTORS.c.id, holds(PERMISSIONS, run_id)),
    )
    placed = in_environment(rows, CONNECTORS.c.environment_id, run_id)
    joined, person = with_person(placed, PERMISSIONS.c.principal_key, run_id, "principal")
    everyone = PERMISSIONS.c.principal_type == "tenant"
    group = PERMISSIONS.c.principal_type == "group"
    members = (
        select(func.count(GROUP_MEMBERS.c.member_key.distinct()))
        .where(GROUP_MEMBERS.c.group_key == PERMISSIONS.c.principal_key)
        .where(holds(GROUP_MEMBERS, run_id))
        .correlate(PERMISSIONS)
        .scalar_subquery()
    )
    name = func.coalesce(
        person.facts.c.display_name,
        person.facts.c.user_principal_name,
        PERMISSIONS.c.principal_name,
        PERMISSIONS.c.principal_key,
    )
    # Groups are read one by one after the permissions: absence of one proves nothing.
    state = case(
        (everyone, "enabled"),
        (group, person.state(absent="unknown")),
        else_=person.state(absent=absent),
    )
    return select(
        CONNECTORS.c.id.label("connector_id"),
        connector_name().label("connector"),
        environment_name().label("environment"),
        case((everyone, EVERYONE), else_=name).label("principal"),
        PERMISSIONS.c.principal_type,
        PERMISSIONS.c.principal_key,
        PERMISSIONS.c.role,
        state.label("state"),
        person.facts.c.department,
        person.facts.c.mail,
        case((and_(group, person.facts.c.presence == "present"), members)).label("people"),
        case(
            *((PERMISSIONS.c.role == role, rank) for rank, role in enumerate(_ROLES)),
            else_=len(_ROLES),
        ).label("rank"),
    ).select_from(joined)
