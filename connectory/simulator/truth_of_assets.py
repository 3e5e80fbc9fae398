"""What is true of the roles on apps, flows and connections, whoever can see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectory.simulator.asset_sharing import flow_permissions as holders
from connectory.simulator.state import App, Connection, Flow, Json, Permission, Tenant


def app_permissions(apps: Sequence[App], tenant: Tenant) -> list[Json]:
    """Return the roles on apps."""
    return _sorted(
        {"app": app.name, **_row(app, held, tenant)} for app in apps for held in app.permissions
    )


def flow_permissions(flows: Sequence[Flow], tenant: Tenant) -> list[Json]:
    """Return the roles on flows; `listed` tells whether the Flow service knows the flow."""
    return _sorted(
        {"flow": flow.name, "listed": flow.in_flow_api, **_row(flow, held, tenant)}
        for flow in flows
        for held in holders(flow)
    )


def connection_permissions(connections: Sequence[Connection], tenant: Tenant) -> list[Json]:
    """Return the roles on connections beside the creator's; only where sharing is allowed."""
    return _sorted(
        {
            "connection": connection.name,
            "connector": connection.connector,
            **_row(connection, held, tenant),
        }
        for connection in connections
        if connection.allow_sharing
        for held in connection.permissions
    )


def _row(asset: App | Flow | Connection, held: Permission, tenant: Tenant) -> Json:
    return {
        "environment_id": asset.environment,
        "principal_type": held.principal_type,
        "principal_id": held.principal_id or tenant.id,
        "role": held.role,
    }


def _sorted(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))
