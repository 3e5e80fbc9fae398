"""What an honest reader must know of a tenant: the simulator's account, narrowed to what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import expected_of_entitlements
import expected_of_events
import expected_of_policies

Row = dict[str, Any]


def expected(truth: dict[str, Any], asked: set[str], *, person: bool = False) -> dict[str, Any]:
    """Return the simulator's account of what its services show with the rights granted.

    Args:
        truth: The simulator's account.
        asked: Groups that were named by a permission in an earlier run.
        person: A person signed in, whom alone the inventory query answers.
    """
    if not person:
        truth = truth | {noun: _without_inventory(truth[noun]) for noun in ("connectors", "agents")}
    homes = {row["id"]: row for row in truth["environments"] if not row["deleted"]}
    readable = {name for name, row in homes.items() if row["admin_readable"]}
    stored = {name for name, row in homes.items() if row["dataverse_readable"]}
    permissions = _permissions(truth, readable)
    more = expected_of_entitlements.entitlements(truth, readable)
    roles = permissions | more["app_permissions"] | more["flow_permissions"]
    groups = asked | {row[3] for row in roles if row[2] == "group"}
    return {
        "environments": {name.casefold(): _environment(row) for name, row in homes.items()},
        "people": _people(truth, groups),
        "memberships": {
            (row["group_id"], row["member_id"])
            for row in truth["memberships"]
            if row["group_id"] in groups
        },
        "connectors": {
            _connector_key(row): _connector(row)
            for row in truth["connectors"]
            if set(row["sources"]) - {"inventory"}
        },
        "permissions": permissions,
        "connections": {
            (row["environment_id"].casefold(), row["name"].casefold()): _connection(row)
            for row in truth["connections"]
            if row["environment_id"] in readable
        },
        "connection_references": {
            (row["environment_id"].casefold(), row["id"].casefold()): _reference(row)
            for row in truth["connection_references"]
            if row["environment_id"] in stored
        },
        "flows": {
            (row["environment_id"].casefold(), row["workflow_id"] or row["id"]): _flow(row)
            for row in truth["flows"]
            if row["sources"]
        },
        "apps": {
            (row["environment_id"].casefold(), row["id"].casefold()): _app(row)
            for row in truth["apps"]
            if row["environment_id"] in readable
        },
        "connection_permissions": _connection_roles(truth, readable),
        "agents": {
            (row["environment_id"].casefold(), row["id"].casefold()): _agent(row)
            for row in truth["agents"]
            if row["sources"]
        },
        **more,
        **expected_of_events.events(truth),
        **expected_of_policies.policies(truth),
    }


def _without_inventory(rows: list[Row]) -> list[Row]:
    return [row | {"sources": [s for s in row["sources"] if s != "inventory"]} for row in rows]


def _environment(row: Row) -> Row:
    names = (
        "display_name", "sku", "location", "has_dataverse", "is_default", "managed", "group_id",
    )  # fmt: skip
    return {**{name: row[name] for name in names}, "created": _when(row["created"])}


def _people(truth: dict[str, Any], groups: set[str]) -> dict[str, Row]:
    """Return people; a deleted one is known by what the recycle bin still shows."""
    living = {row["id"] for row in truth["people"] if not row["deleted"]}
    found: dict[str, Row] = {}
    for row in truth["people"]:
        if row["kind"] == "group" and row["id"] not in groups:
            continue
        person = {name: value for name, value in row.items() if name != "id"}
        # The directory leaves a deleted manager out.
        if person["manager_id"] not in living:
            person["manager_id"] = None
        if row["deleted"]:
            person = {name: person[name] for name in _BINNED}
        found[row["id"].casefold()] = person
    return found


_BINNED = ("kind", "display_name", "user_principal_name", "mail", "deleted")
"""What the recycle bin still shows of a deleted person; the rest stays as it was known before."""


def _connector_key(row: Row) -> tuple[str, str]:
    name = row["name"].casefold() if row["name"] else f"dv:{row['dataverse_id']}"
    return row["environment_id"].casefold(), name


def _connector(row: Row) -> Row:
    """Return a connector; what only the admin list tells is unknown where only Dataverse shows it."""
    told = {
        "display_name": row["display_name"],
        "created_by": row["created_by"],
        "created": _when(row["created"]),
        "changed": _when(row["changed"]),
        "sources": row["sources"],
        "backend_url": row["backend_url"],
        "definition_sha256": row["definition_sha256"],
        "operations": row["operations"],
        "policies": row["policies"],
        "script_operations": row["script_operations"],
        "owner_id": row["owner_id"] if "dataverse" in row["sources"] else None,
        "dataverse_id": row["dataverse_id"],
    }
    lists = [source for source in row["sources"] if source != "inventory"]
    if lists == ["dataverse"]:
        told |= {"created_by": None, "backend_url": None}
    if lists == ["connectivity"]:
        told |= {"definition_sha256": None, "operations": None}
    if row["operations"] is None:
        # Only a strict reader finds nothing there; how many ours reads is held elsewhere.
        del told["operations"]
    return told


def _permissions(truth: dict[str, Any], readable: set[str]) -> set[tuple[Any, ...]]:
    shown = {
        (row["environment_id"], row["name"])
        for row in truth["connectors"]
        if "admin" in row["sources"]
    }
    kinds = {"ServicePrincipal": "service_principal"}
    return {
        (
            row["environment_id"].casefold(),
            row["connector"].casefold(),
            kinds.get(row["principal_type"], row["principal_type"].lower()),
            (row["principal_id"] or truth["tenant_id"]).casefold(),
            row["role"],
        )
        for row in truth["permissions"]
        if row["environment_id"] in readable and (row["environment_id"], row["connector"]) in shown
    }


def _connection_roles(truth: dict[str, Any], readable: set[str]) -> set[tuple[Any, ...]]:
    """Return roles beside the creator's, on connections to connectors that some list shows."""
    shown = {(row["environment_id"], row["name"]) for row in truth["connectors"] if row["sources"]}
    return {
        (
            row["environment_id"].casefold(),
            row["connection"].casefold(),
            row["principal_type"].lower(),
            row["principal_id"].casefold(),
            row["role"],
        )
        for row in truth["connection_permissions"]
        if row["environment_id"] in readable and (row["environment_id"], row["connector"]) in shown
    }


def _connection(row: Row) -> Row:
    names = ("created_by", "account_name", "status")
    return {
        **{name: row[name] for name in names},
        "connector": row["connector"].casefold(),
        "created": _when(row["created"]),
    }


def _reference(row: Row) -> Row:
    return {
        "logical_name": row["logical_name"],
        "connector": row["connector"].casefold(),
        "connection": row["connection"].casefold() if row["connection"] else None,
        "owner_id": row["owner_id"],
        "active": row["active"],
    }


def _flow(row: Row) -> Row:
    """Return a flow; Dataverse alone names the connection reference instead of the connection."""
    only_rows = row["sources"] == ["dataverse"]
    return {
        "display_name": row["display_name"],
        "state": row["state"],
        "sources": row["sources"],
        "operations": sorted(
            (o["connector"].casefold(), o["operation_id"], o["action"], o["trigger"])
            for o in row["operations"]
        ),
        "references": sorted(
            (
                (
                    r["connector"].casefold(),
                    None
                    if only_rows and r["reference_logical_name"]
                    else (r["connection"].casefold() if r["connection"] else None),
                    r["reference_logical_name"].casefold() if r["reference_logical_name"] else None,
                    r["invoker"],
                )
                for r in row["references"]
            ),
            key=str,
        ),
    }


def _app(row: Row) -> Row:
    return {
        "display_name": row["display_name"],
        "owner_id": row["owner_id"],
        "connectors": sorted({name.casefold() for name in row["connectors"]}),
        "shared_users": row["shared_users"],
        "shared_groups": row["shared_groups"],
    }


def _agent(row: Row) -> Row:
    """Return an agent; the inventory alone tells neither state nor which part calls."""
    told: Row = {
        "display_name": row["display_name"],
        "owner_id": row["owner_id"],
        "active": row["active"],
        "created": _when(row["created"]),
        "published": _when(row["published"]) if row["published"] else None,
        "sources": row["sources"],
        "operations": sorted(
            (
                (o["connector"].casefold(), o["operation_id"], o["invoker"])
                for o in row["operations"]
            ),
            key=str,
        ),
    }
    if row["sources"] == ["inventory"]:
        told["active"] = None
        told["operations"] = sorted(
            {
                (
                    o["connector"].casefold(),
                    None if o["connector"] in _TABULAR else o["operation_id"],
                    None,
                )
                for o in row["operations"]
            },
            key=str,
        )
    return told


_TABULAR = {"shared_commondataserviceforapps"}
"""Connectors of tables, of which the inventory tells no operation."""


def _when(text: str) -> str:
    return text.partition(".")[0].removesuffix("+00:00") + "+00:00"


def differences(wanted: Any, found: Any) -> list[str]:
    """Return where two accounts of one noun differ, a line each."""
    if isinstance(wanted, set):
        return [f"lacks {row}" for row in _some(wanted - found)] + [
            f"invents {row}" for row in _some(found - wanted)
        ]
    lines = [f"lacks {key}" for key in _some(wanted.keys() - found.keys())]
    lines += [
        f"invents {key}"
        for key in _some(found.keys() - wanted.keys())
        # Whom even the recycle bin has forgotten, the store remembers as deleted.
        if not found[key].get("deleted")
    ]
    for key in wanted.keys() & found.keys():
        lines += [
            f"{key} {name}: {value!r} told as {found[key][name]!r}"
            for name, value in wanted[key].items()
            if found[key][name] != value
        ]
    return lines


def _some(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=str)
