"""Roles on apps and flows: asked of those that use a custom connector, and of no others."""

from __future__ import annotations

from pathlib import Path

import httpx
from sqlalchemy import Engine
from tenants import Tenant, tenant
from told import told

from collectors.permissions import holder

ROLES = ("app_permissions", "flow_permissions")


def test_a_flows_holder_has_no_name_and_everyone_no_id() -> None:
    """Principals of flows carry id and type only; the whole tenant is known by its id."""
    flow = {"properties": {"roleName": "CanView", "principal": {"id": "ANN", "type": "User"}}}
    everyone = {"properties": {"roleName": "CanView", "principal": {"id": None, "type": "Tenant"}}}

    assert holder(flow, "T1") == {
        "principal_type": "user",
        "principal_key": "ann",
        "principal_name": None,
        "role": "CanView",
    }
    assert holder(everyone, "T1")["principal_key"] == "t1"


def asked(simulated: Tenant) -> int:
    """Return how many requests for the roles of an app or flow were answered."""
    routes = simulated.get("requests")["routes"]
    return sum(
        count
        for route, count in routes.items()
        if route.endswith("/permissions") and ("/apps/" in route or "/flows/" in route)
    )


def test_nothing_is_asked_about_assets_without_custom_connectors(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """There is one request for each asset that uses a custom connector, and not one more."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store)
        wanted = {(home, asset) for noun in ROLES for home, asset, *_ in told(sqlite_store)[noun]}
        count = asked(simulated)
        truth = simulated.get("truth")

    assert count == len(wanted)
    assert 0 < count < len(truth["apps"]) + len(truth["flows"])


def test_users_groups_and_everyone_are_told_apart(sqlite_store: Engine, tmp_path: Path) -> None:
    """All kinds of holders are found on apps and flows, with the roles that let them run only."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store)
    found = told(sqlite_store)

    for noun in ROLES:
        assert {row[2] for row in found[noun]} == {"user", "group", "tenant"}
    assert {row[4] for row in found["flow_permissions"]} == {"Owner", "CanEdit", "CanView"}


def test_groups_of_assets_are_resolved_in_the_same_run(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """A group that holds nothing but a role on an asset is known with its members at once."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store)
        truth = simulated.get("truth")
    found = told(sqlite_store)
    alive = {row["id"] for row in truth["people"] if row["kind"] == "group"}
    of_assets = {row[3] for noun in ROLES for row in found[noun] if row[2] == "group"} & alive
    of_connectors = {row[3] for row in found["permissions"] if row[2] == "group"}
    members = {row["group_id"] for row in truth["memberships"]}

    assert of_assets - of_connectors
    assert of_assets <= found["people"].keys()
    assert of_assets & members <= {group for group, _ in found["memberships"]}


def test_a_closed_flow_service_is_a_gap_and_not_a_zero(store: Engine, tmp_path: Path) -> None:
    """Where the Flow service refuses applications, roles on flows are refused, never absent."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = told(store)["flow_permissions"]
        simulated.post("settings", flow_app_only="refuse")
        httpx.delete(f"{simulated.served.url}/_sim/requests").raise_for_status()
        report = simulated.collect(store)
        routes = simulated.get("requests")["routes"]

    assert before
    assert told(store)["flow_permissions"] == before
    assert not [route for route in routes if "/flows/" in route and "permissions" in route]
    short = [step for step in report.short if step.collector == "asset_permissions"]
    assert short
    assert all("UserNotLicensed" in str(step.reason) for step in short)


def test_an_asset_that_cannot_be_asked_keeps_its_roles(store: Engine, tmp_path: Path) -> None:
    """A failure on single assets leaves theirs as they were, and names them."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = {noun: told(store)[noun] for noun in ROLES}
        simulated.post("faults", path="/(apps|flows)/[^/]+/permissions", kind="500")
        report = simulated.collect(store, ["asset_permissions"], full=True)

    assert {noun: told(store)[noun] for noun in ROLES} == before
    assert report.short
    assert all("_permissions: " in str(step.reason) for step in report.short)
