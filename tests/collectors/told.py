"""What a store says of a tenant, in the words of the simulator's own account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import told_of_entitlements
import told_of_events
import told_of_policies
from sqlalchemy import Connection, Engine, select, text

from collectors.nouns import (
    AGENT_OPERATIONS,
    AGENTS,
    APP_REFERENCES,
    APPS,
    CONNECTION_PERMISSIONS,
    CONNECTION_REFERENCES,
    CONNECTIONS,
    CONNECTOR_PERMISSIONS,
    CONNECTORS,
    ENVIRONMENTS,
    FLOW_OPERATIONS,
    FLOW_REFERENCES,
    FLOWS,
    GROUP_MEMBERS,
    PRINCIPALS,
    Edge,
    Noun,
)
from collectors.versions import SIGHTINGS
from connectory.database import reading

Row = dict[str, Any]


def told(engine: Engine) -> dict[str, Any]:
    """Return every present row of the store, per noun, keyed as `expected` keys it."""
    with reading(engine) as connection:
        return {
            "environments": _environments(connection),
            "people": _people(connection),
            "memberships": _edges(connection, GROUP_MEMBERS, "group_key", "member_key"),
            "connectors": _connectors(connection),
            "permissions": _permissions(connection),
            "connections": _connections(connection),
            "connection_references": _references(connection),
            "flows": _flows(connection),
            "apps": _apps(connection),
            "connection_permissions": _connection_roles(connection),
            "agents": _agents(connection),
            **told_of_entitlements.entitlements(connection),
            **told_of_events.events(connection),
            **told_of_policies.policies(connection),
        }


def _rows(connection: Connection, noun: Noun, presence: str = "present") -> list[Row]:
    table, versions = noun.entity, noun.versions
    query = (
        select(table, *[c for c in versions.c if c.name not in table.c])
        .join(versions, versions.c[noun.link] == table.c.id)
        .where(versions.c.to_run.is_(None), versions.c.presence == presence)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if noun.scoped:
        names = select(ENVIRONMENTS.entity.c.id, ENVIRONMENTS.entity.c.key)
        homes = {row.id: row.key for row in connection.execute(names)}
        for row in rows:
            row["home"] = homes[row["environment_id"]]
    return rows


def _open(connection: Connection, edge: Edge) -> list[Row]:
    query = select(edge.table).where(edge.table.c.to_run.is_(None))
    return [dict(row) for row in connection.execute(query).mappings()]


def _edges(connection: Connection, edge: Edge, *columns: str) -> set[tuple[Any, ...]]:
    return {tuple(row[column] for column in columns) for row in _open(connection, edge)}


def _sources(connection: Connection, noun: Noun) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        select(SIGHTINGS.c.entity_id, SIGHTINGS.c.source)
        .where(SIGHTINGS.c.noun == noun.name, SIGHTINGS.c.to_run.is_(None))
        .order_by(SIGHTINGS.c.source)
    )
    for row in connection.execute(query):
        found[row.entity_id].append(row.source)
    return found


def _environments(connection: Connection) -> dict[Any, Row]:
    return {
        row["key"]: {
            "display_name": row["display_name"],
            "sku": row["sku"],
            "location": row["location"],
            "has_dataverse": row["has_dataverse"],
            "is_default": row["is_default"],
            "managed": row["managed"],
            "group_id": row["group_key"],
            "created": _when(row["created_at"]),
        }
        for row in _rows(connection, ENVIRONMENTS)
    }


def _people(connection: Connection) -> dict[Any, Row]:
    rows = [(row, False) for row in _rows(connection, PRINCIPALS)]
    rows += [(row, True) for row in _rows(connection, PRINCIPALS, "gone")]
    return {
        row["key"]: {
            "kind": row["kind"],
            "display_name": row["display_name"],
            "user_principal_name": row["user_principal_name"],
            "enabled": row["enabled"],
            "department": row["department"],
            "job_title": row["job_title"],
            "mail": row["mail"],
            "manager_id": row["manager_key"],
            "deleted": deleted,
            "app_id": row["application_id"],
        }
        for row, deleted in rows
    }


def _connectors(connection: Connection) -> dict[Any, Row]:
    sources = _sources(connection, CONNECTORS)
    documents = {
        row.id: row.sha256 for row in connection.execute(text("SELECT id, sha256 FROM definitions"))
    }
    offered: dict[int, list[str]] = defaultdict(list)
    query = "SELECT definition_id, operation_id FROM definition_operations"
    for row in connection.execute(text(query)):
        if row.operation_id:
            offered[row.definition_id].append(row.operation_id)
    return {
        (row["home"], row["key"]): {
            "display_name": row["display_name"],
            "created_by": row["creator_key"],
            "created": _when(row["created_at"]),
            "changed": _when(row["changed_at"]),
            "sources": sources[row["id"]],
            "backend_url": row["backend_url"],
            "definition_sha256": documents.get(row["definition_id"]),
            "operations": sorted(offered[row["definition_id"]])
            if row["definition_state"] == "readable"
            else None,
            "policies": len(row["policies"] or []),
            "script_operations": row["script_operations"],
            "owner_id": row["dataverse_owner_key"],
            "dataverse_id": row["dataverse_id"],
        }
        for row in _rows(connection, CONNECTORS)
    }


def _permissions(connection: Connection) -> set[tuple[Any, ...]]:
    connectors = {row["id"]: row for row in _rows(connection, CONNECTORS)}
    return {
        (
            connectors[row["connector_id"]]["home"],
            connectors[row["connector_id"]]["key"],
            row["principal_type"],
            row["principal_key"],
            row["role"],
        )
        for row in _open(connection, CONNECTOR_PERMISSIONS)
        if row["connector_id"] in connectors
    }


def _connection_roles(connection: Connection) -> set[tuple[Any, ...]]:
    """Return the roles on connections to connectors present, but for that of who made each."""
    here = {(row["home"], row["key"]) for row in _rows(connection, CONNECTORS)}
    connections = {
        row["id"]: row
        for row in _rows(connection, CONNECTIONS)
        if (row["home"], row["connector_key"]) in here
    }
    return {
        (
            connections[row["connection_id"]]["home"],
            connections[row["connection_id"]]["key"],
            row["principal_type"],
            row["principal_key"],
            row["role"],
        )
        for row in _open(connection, CONNECTION_PERMISSIONS)
        if row["connection_id"] in connections and row["role"] != "Owner"
    }


def _connections(connection: Connection) -> dict[Any, Row]:
    return {
        (row["home"], row["key"]): {
            "connector": row["connector_key"],
            "created_by": row["creator_key"],
            "account_name": row["account_name"],
            "status": row["status"],
            "created": _when(row["created_at"]),
        }
        for row in _rows(connection, CONNECTIONS)
    }


def _references(connection: Connection) -> dict[Any, Row]:
    return {
        (row["home"], row["key"]): {
            "logical_name": row["logical_name"],
            "connector": row["connector_key"],
            "connection": row["connection_key"],
            "owner_id": row["owner_key"],
            "active": row["active"],
        }
        for row in _rows(connection, CONNECTION_REFERENCES)
    }


def _flows(connection: Connection) -> dict[Any, Row]:
    sources = _sources(connection, FLOWS)
    calls = _children(_open(connection, FLOW_OPERATIONS), "flow_id")
    references = _children(_open(connection, FLOW_REFERENCES), "flow_id")
    return {
        (row["home"], row["workflow_id"] or row["key"]): {
            "display_name": row["display_name"],
            "state": row["state"],
            "sources": sources[row["id"]],
            "operations": sorted(
                (c["connector_key"], c["operation_id"], c["action"], c["is_trigger"])
                for c in calls[row["id"]]
            ),
            "references": _sorted(
                (r["connector_key"], r["connection_key"], r["logical_name"], r["invoker"])
                for r in references[row["id"]]
            ),
        }
        for row in _rows(connection, FLOWS)
    }


def _apps(connection: Connection) -> dict[Any, Row]:
    references = _children(_open(connection, APP_REFERENCES), "app_id")
    return {
        (row["home"], row["key"]): {
            "display_name": row["display_name"],
            "owner_id": row["owner_key"],
            "connectors": sorted({r["connector_key"] for r in references[row["id"]]}),
            "shared_users": row["shared_users"],
            "shared_groups": row["shared_groups"],
        }
        for row in _rows(connection, APPS)
    }


def _agents(connection: Connection) -> dict[Any, Row]:
    sources = _sources(connection, AGENTS)
    calls = _children(_open(connection, AGENT_OPERATIONS), "agent_id")
    return {
        (row["home"], row["key"]): {
            "display_name": row["display_name"],
            "owner_id": row["owner_key"],
            "active": row["active"],
            "created": _when(row["created_at"]),
            "published": _when(row["published_at"]),
            "sources": sources[row["id"]],
            "operations": _sorted(
                (c["connector_key"], c["operation_id"], c["invoker"]) for c in calls[row["id"]]
            ),
        }
        for row in _rows(connection, AGENTS)
    }


def _children(rows: Iterable[Row], parent: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[parent]].append(row)
    return found


def _sorted(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=str)


def _when(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
