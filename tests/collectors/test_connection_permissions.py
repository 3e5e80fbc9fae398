"""Roles on connections: asked of those that may be shared, and of no others."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from tenants import tenant
from told import told

from collectors.connections import parse

OURS = "7c1e5a60-2f3b-4d9a-8e17-5b0a9c6d4e32"
OTHER = "0f9e8d7c-6b5a-4948-8372-615049382716"


def connection(**properties: object) -> dict[str, object]:
    """Return a connection as the service tells it, with as little as it is known to."""
    place = "/providers/Microsoft.PowerApps/scopes/admin/environments/e1/apis/shared_x"
    return {"name": "C1", "properties": {"apiId": place, **properties}}


def test_an_identity_of_another_tenant_is_kept_and_ours_is_not() -> None:
    """Only where a tenant is told and is not ours is it worth a word; absent says nothing."""
    foreign = connection(createdBy={"id": "a", "tenantId": OTHER.upper()})
    signed_in = connection(authenticatedUser={"name": "x@partner.example", "tenantId": OTHER})
    own = connection(createdBy={"id": "a", "tenantId": OURS.upper()}, authenticatedUser=None)

    columns = ("creator_tenant", "account_tenant")
    told_of = [
        tuple(parse(record, OURS).values[name] for name in columns)
        for record in (foreign, signed_in, own, connection())
    ]
    assert told_of == [(OTHER, None), (None, OTHER), (None, None), (None, None)]


def test_only_what_may_be_shared_is_asked_about(sqlite_store: Engine, tmp_path: Path) -> None:
    """There is one request for each connection that may be shared, and not one more."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(sqlite_store)
        routes = simulated.get("requests")["routes"]
        sharable = [
            c
            for c in simulated.served.tenant.connections
            if c.allow_sharing
            and simulated.served.tenant.environments[c.environment].admin_readable
            and c.connector not in {"shared_office365", "shared_sharepointonline"}
        ]
    asked = sum(
        count
        for route, count in routes.items()
        if route.endswith("/permissions") and "/connections/" in route
    )

    assert asked == len(sharable) > 0
    assert {row[2] for row in told(sqlite_store)["connection_permissions"]} == {
        "user",
        "group",
        "tenant",
    }


def test_refused_connections_are_a_gap_of_their_sharing_too(store: Engine, tmp_path: Path) -> None:
    """Where the list of connections was refused, nothing passes for not shared."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = told(store)["connection_permissions"]
        home = next(iter(before))[0]
        simulated.story("deny_environment", environment=home)
        report = simulated.collect(store)

    short = [step for step in report.short if step.collector == "connection_permissions"]
    assert [step.environment for step in short] == [home]
    assert told(store)["connection_permissions"] == before


def test_a_share_taken_back_is_gone_with_the_next_read(store: Engine, tmp_path: Path) -> None:
    """What a complete read of a connection does not show any more ends."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store)
        before = told(store)["connection_permissions"]
        for one in simulated.served.tenant.connections:
            one.permissions = [held for held in one.permissions if held.principal_type != "Tenant"]
        simulated.collect(store, full=True)
    after = told(store)["connection_permissions"]

    assert {row[2] for row in before - after} == {"tenant"}
    assert after < before
