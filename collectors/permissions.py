"""Who may use, edit or own each custom connector.

Source: role assignments of the admin API. Whoever is named here may be a person, a group, an
application, or everyone in the tenant, which has no usable id of its own.
"""

from __future__ import annotations

from typing import Any

from collectors.api.errors import ApiError
from collectors.api.paging import NextLink
from collectors.contract import Collector, StepContext
from collectors.lookups import present
from collectors.nouns import CONNECTOR_PERMISSIONS, CONNECTORS

_TYPES = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "service_principal",
    "tenant": "tenant",
}


def collect(step: StepContext) -> None:
    """Read the permissions of every connector the admin list showed here."""
    with step.reading("permissions") as source:
        connectors = {
            row.name: row.id for row in present(step.store, CONNECTORS, source="admin") if row.name
        }
        for name, result in step.api.map(lambda item: _read(step, item), list(connectors)):
            if isinstance(result, ApiError):
                source.falls_short(f"{name}: {result}")
                continue
            if isinstance(result, BaseException):
                raise result
            connector = connectors[name]
            held = [holder(record, step.tenant_id) for record in result]
            rows = [{"connector_id": connector, **role} for role in held]
            step.store.replace_edges(CONNECTOR_PERMISSIONS, [connector], rows)
            source.rows += len(rows)
            step.store.tally.add(seen=len(rows))


def _read(step: StepContext, name: str) -> list[dict[str, Any]]:
    path = (
        f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}"
        f"/apis/{name}/permissions"
    )
    pages = step.api.pages("powerapps", path, {"api-version": "2017-06-01"}, pager=NextLink())
    return [record for page in pages for record in page]


def holder(record: dict[str, Any], tenant_id: str) -> dict[str, Any]:
    """Return who holds which role by one role assignment, of a connector or of another asset."""
    properties = record["properties"]
    principal = properties["principal"]
    kind = _TYPES.get(str(principal.get("type", "")).casefold(), "unknown")
    identity = principal.get("id") or principal.get("tenantId") or tenant_id
    return {
        "principal_type": kind,
        "principal_key": (tenant_id if kind == "tenant" else identity).casefold(),
        "principal_name": principal.get("displayName") or None,
        "role": properties["roleName"],
    }


COLLECTOR = Collector("permissions", "environment", collect)
