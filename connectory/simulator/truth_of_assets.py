"""What is true of the roles on apps and flows: every one of them, whoever can see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectory.simulator.asset_sharing import flow_permissions as holders
from connectory.simulator.state import App, Flow, Json, Permission, Tenant


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


def _row(asset: App | Flow, held: Permission, tenant: Tenant) -> Json:
    return {
        "environment_id": asset.environment,
        "principal_type": held.principal_type,
        "principal_id": held.principal_id or tenant.id,
        "role": held.role,
    }


def _sorted(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))
