"""What a store says of licences, billing, credentials and the roles on assets."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from collectors.nouns import (
    APP_CREDENTIALS,
    APP_PERMISSIONS,
    APP_REFERENCES,
    APP_REGISTRATIONS,
    APPS,
    BILLING_POLICIES,
    BILLING_POLICY_ENVIRONMENTS,
    CONNECTORS,
    ENVIRONMENT_ALLOCATIONS,
    ENVIRONMENTS,
    FLOW_OPERATIONS,
    FLOW_PERMISSIONS,
    FLOW_REFERENCES,
    FLOWS,
    LICENCE_ASSIGNMENTS,
    LICENCE_SKUS,
    Edge,
    Noun,
)

Row = dict[str, Any]


def entitlements(connection: Connection) -> dict[str, Any]:
    """Return what is present of each of these nouns, keyed as the account of truth is."""
    return {
        "licence_skus": _skus(connection),
        "licence_assignments": _licences(connection),
        "billing_policies": _policies(connection),
        "allocations": _allocations(connection),
        "app_registrations": _registrations(connection),
        "connector_clients": _clients(connection),
        "app_permissions": _permissions(connection, APPS, APP_PERMISSIONS, APP_REFERENCES),
        "flow_permissions": _permissions(
            connection, FLOWS, FLOW_PERMISSIONS, FLOW_OPERATIONS, FLOW_REFERENCES
        ),
    }


def _rows(connection: Connection, noun: Noun) -> list[RowMapping]:
    table, versions = noun.entity, noun.versions
    query = (
        select(table, *[column for column in versions.c if column.name not in table.c])
        .join(versions, versions.c[noun.link] == table.c.id)
        .where(versions.c.to_run.is_(None), versions.c.presence == "present")
    )
    return list(connection.execute(query).mappings())


def _open(connection: Connection, edge: Edge) -> list[RowMapping]:
    query = select(edge.table).where(edge.table.c.to_run.is_(None))
    return list(connection.execute(query).mappings())


def _skus(connection: Connection) -> dict[str, Row]:
    return {
        row["key"]: {
            "part_number": row["part_number"],
            "status": row["capability_status"],
            "applies_to": row["applies_to"],
            "consumed": row["consumed"],
            "enabled": row["enabled"],
            "warning": row["warning"],
            "suspended": row["suspended"],
            "plans": [[plan["id"], plan["name"]] for plan in row["service_plans"]],
        }
        for row in _rows(connection, LICENCE_SKUS)
    }


def _licences(connection: Connection) -> dict[tuple[str, str], Row]:
    return {
        (row["principal_key"], row["sku_key"]): {
            "direct": row["direct"],
            "groups": row["group_keys"],
            "disabled_plans": row["disabled_plans"],
        }
        for row in _open(connection, LICENCE_ASSIGNMENTS)
    }


def _policies(connection: Connection) -> dict[str, Row]:
    paid: dict[int, list[str]] = defaultdict(list)
    for edge in _open(connection, BILLING_POLICY_ENVIRONMENTS):
        paid[edge["billing_policy_id"]].append(edge["environment_key"])
    return {
        row["key"]: {
            "name": row["name"],
            "status": row["status"],
            "location": row["location"],
            "subscription_id": row["subscription_id"],
            "resource_group": row["resource_group"],
            "meters": row["meters"],
            "created": _when(row["created_at"]),
            "environments": sorted(paid[row["id"]]),
        }
        for row in _rows(connection, BILLING_POLICIES)
    }


def _allocations(connection: Connection) -> set[tuple[Any, ...]]:
    here = {row["key"] for row in _rows(connection, ENVIRONMENTS)}
    return {
        (row["environment_key"], row["currency"], row["allocated"])
        for row in _open(connection, ENVIRONMENT_ALLOCATIONS)
        if row["environment_key"] in here
    }


def _registrations(connection: Connection) -> dict[str, Row]:
    held: dict[str, list[Row]] = defaultdict(list)
    for one in _open(connection, APP_CREDENTIALS):
        held[one["holder_key"]].append(
            {
                "id": one["credential_key"],
                "kind": one["kind"],
                "display_name": one["display_name"],
                "start": _when(one["starts_at"]),
                "end": _when(one["ends_at"]),
            }
        )
    return {
        row["key"]: {
            "id": row["object_id"],
            "display_name": row["display_name"],
            "created": _when(row["created_at"]),
            "credentials": sorted(held[row["object_id"]], key=lambda one: one["id"]),
        }
        for row in _rows(connection, APP_REGISTRATIONS)
    }


def _clients(connection: Connection) -> set[tuple[str, str, str]]:
    homes = _homes(connection)
    return {
        (homes[row["environment_id"]], row["key"], row["client_id"].casefold())
        for row in _rows(connection, CONNECTORS)
        if row["client_id"]
    }


def _permissions(
    connection: Connection, noun: Noun, edge: Edge, *links: Edge
) -> set[tuple[Any, ...]]:
    """Return roles on what is here and refers to a connector that is here."""
    homes = _homes(connection)
    here = {(row["environment_id"], row["key"]) for row in _rows(connection, CONNECTORS)}
    assets = {row["id"]: row for row in _rows(connection, noun)}
    using = {
        held[link.parent]
        for link in links
        for held in _open(connection, link)
        if held[link.parent] in assets
        and (assets[held[link.parent]]["environment_id"], held["connector_key"]) in here
    }
    return {
        (
            homes[assets[held[edge.parent]]["environment_id"]],
            assets[held[edge.parent]]["name"].casefold(),
            held["principal_type"],
            held["principal_key"],
            held["role"],
        )
        for held in _open(connection, edge)
        if held[edge.parent] in using
    }


def _homes(connection: Connection) -> dict[int, str]:
    table = ENVIRONMENTS.entity
    return {row.id: row.key for row in connection.execute(select(table.c.id, table.c.key))}


def _when(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
