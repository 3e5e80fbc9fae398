"""Who holds which role on the apps and flows that use a custom connector."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, Table, and_, case, func, literal, null, select, union_all

from connectory.queries.frames import Schema, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    APP_PERMISSIONS,
    APP_VERSIONS,
    APPS,
    EVERYONE,
    FLOW_PERMISSIONS,
    FLOW_VERSIONS,
    FLOWS,
    environment_name,
    holds,
    in_environment,
    meaning_of_absence,
    present,
    with_person,
)

_SCHEMA: Schema = {
    "kind": "text",
    "asset_id": "count",
    "asset": "text",
    "environment": "text",
    "principal": "text",
    "principal_type": "text",
    "principal_key": "text",
    "role": "text",
    "state": "text",
    "department": "text",
}


def asset_permissions(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the roles on apps and flows that are here, by kind and name.

    Only assets that use a custom connector are read. On a flow, Owner and CanEdit may change it;
    the others may only run it. state is what the directory says of the holder.
    """
    absent = meaning_of_absence(connection, moment.run_id)
    roles = union_all(
        _roles(moment.run_id, absent, "app", APPS, APP_VERSIONS, APP_PERMISSIONS),
        _roles(moment.run_id, absent, "flow", FLOWS, FLOW_VERSIONS, FLOW_PERMISSIONS),
    ).subquery("roles")
    query = select(*(roles.c[name] for name in _SCHEMA)).order_by(
        roles.c.kind, func.lower(roles.c.asset), roles.c.asset_id, roles.c.role,
        roles.c.principal_key,
    )  # fmt: skip
    return framed(connection, query, _SCHEMA)


def _roles(
    run_id: int, absent: str, kind: str, assets: Table, versions: Table, edge: Table
) -> Select[Any]:
    link = edge.c[f"{kind}_id"]
    rows = assets.join(
        versions, and_(versions.c[f"{kind}_id"] == assets.c.id, present(versions, run_id))
    ).join(edge, and_(link == assets.c.id, holds(edge, run_id)))
    placed = in_environment(rows, assets.c.environment_id, run_id)
    joined, person = with_person(placed, edge.c.principal_key, run_id, "principal")
    everyone = edge.c.principal_type == "tenant"
    told = edge.c.principal_name if "principal_name" in edge.c else null()
    name = func.coalesce(
        person.facts.c.display_name,
        person.facts.c.user_principal_name,
        told,
        edge.c.principal_key,
    )
    # Groups are read one by one after the permissions: absence of one proves nothing.
    state = case(
        (everyone, "enabled"),
        (edge.c.principal_type == "group", person.state(absent="unknown")),
        else_=person.state(absent=absent),
    )
    return select(
        literal(kind).label("kind"),
        assets.c.id.label("asset_id"),
        func.coalesce(versions.c.display_name, versions.c.name, assets.c.key).label("asset"),
        environment_name().label("environment"),
        case((everyone, EVERYONE), else_=name).label("principal"),
        edge.c.principal_type,
        edge.c.principal_key,
        edge.c.role,
        state.label("state"),
        person.facts.c.department,
    ).select_from(joined)
