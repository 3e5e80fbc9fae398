"""What an honest reader must know of licences, billing, credentials and the roles on assets."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

Row = dict[str, Any]
_KINDS = {"ServicePrincipal": "service_principal"}


def entitlements(truth: dict[str, Any], readable: set[str]) -> dict[str, Any]:
    """Return the simulator's account of these nouns, narrowed to what its services show.

    Args:
        truth: The simulator's account.
        readable: Environments whose admin calls are answered.
    """
    return {
        "licence_skus": {row["id"]: _without(row, "id") for row in truth["licence_skus"]},
        "licence_assignments": {
            (row["person_id"], row["sku_id"]): _without(row, "person_id", "sku_id")
            for row in truth["licence_assignments"]
        },
        "billing_policies": {row["id"]: _policy(row) for row in truth["billing_policies"]},
        "allocations": {
            (row["environment_id"].casefold(), row["currency"], row["allocated"])
            for row in truth["allocations"]
            if row["listed"] or row["environment_id"] in readable
        },
        "app_registrations": {
            row["client_id"].casefold(): _registration(row) for row in truth["app_registrations"]
        },
        "connector_clients": _clients(truth),
        "app_permissions": _roles(truth, "app", readable),
        "flow_permissions": _roles(truth, "flow", readable),
    }


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _policy(row: Row) -> Row:
    return {
        **_without(row, "id"),
        "created": _when(row["created"]),
        "environments": sorted(name.casefold() for name in row["environments"]),
    }


def _registration(row: Row) -> Row:
    return {
        "id": row["id"],
        "display_name": row["display_name"],
        "created": _when(row["created"]),
        "credentials": [
            {**one, "start": _when(one["start"]), "end": _when(one["end"])}
            for one in row["credentials"]
        ],
    }


def _clients(truth: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Return the first client id of each connector that some list shows with its parameters."""
    shown = {
        (row["environment_id"], row["name"] or row["dataverse_id"]): row["name"]
        for row in truth["connectors"]
        if row["sources"]
    }
    first: dict[tuple[str, str], str] = {}
    for row in truth["connector_clients"]:
        if (row["environment_id"], row["connector"]) in shown:
            first.setdefault((row["environment_id"], row["connector"]), row["client_id"])
    return {
        (home.casefold(), (name if shown[home, name] else f"dv:{name}").casefold(), c.casefold())
        for (home, name), c in first.items()
    }


def _roles(truth: dict[str, Any], asset: str, readable: set[str]) -> set[tuple[Any, ...]]:
    """Return roles on assets that use a connector somebody shows, where they can be asked."""
    using = using_connectors(truth)
    return {
        (
            row["environment_id"].casefold(),
            row[asset].casefold(),
            _KINDS.get(row["principal_type"], row["principal_type"].lower()),
            row["principal_id"].casefold(),
            row["role"],
        )
        for row in truth[f"{asset}_permissions"]
        if row["environment_id"] in readable
        and row.get("listed", True)
        and (row["environment_id"], row[asset]) in using
    }


def using_connectors(truth: dict[str, Any]) -> set[tuple[str, str]]:
    """Return environment and id of the flows and apps that use a connector somebody shows."""
    shown: dict[str, set[str]] = defaultdict(set)
    for row in truth["connectors"]:
        if row["sources"] and row["name"]:
            shown[row["environment_id"]].add(row["name"].casefold())
    named = [(row, {name.casefold() for name in row["connectors"]}) for row in truth["apps"]]
    for row in truth["flows"]:
        calls = [*row["operations"], *row["references"]]
        named.append((row, {call["connector"].casefold() for call in calls}))
    return {
        (row["environment_id"], row["id"])
        for row, names in named
        if names & shown[row["environment_id"]]
    }


def _when(text: str) -> str:
    return text.partition(".")[0].removesuffix("+00:00") + "+00:00"
