"""Who may use, edit or own each custom connector.

Source: role assignments of the admin API. Whoever is named here may be a person, a group, an
application, or everyone in the tenant, which has no usable id of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collectors.api.errors import ApiError
from collectors.api.paging import NextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.details import Details
from collectors.nouns import CONNECTOR_PERMISSIONS, CONNECTORS, Edge, Noun
from collectors.records import Shape, every
from collectors.targets import present

_TYPES = {
    "user": "user",
    "group": "group",
    "serviceprincipal": "service_principal",
    "tenant": "tenant",
}


ROLE = Shape(texts=("properties.roleName",), objects=("properties", "properties.principal"))
"""A role assignment, of whatever asset."""


def collect(step: StepContext) -> None:
    """Read the permissions of every connector the admin list showed here."""
    with step.reading("permissions") as source:
        connectors = {
            row.name: row.id for row in present(step.store, CONNECTORS, source="admin") if row.name
        }
        keep_roles(
            step,
            source,
            CONNECTOR_PERMISSIONS,
            connectors,
            lambda name: _read(step, name),
            noun=CONNECTORS,
        )


def keep_roles(
    step: StepContext,
    source: SourceReading,
    edge: Edge,
    assets: Mapping[str, int],
    read: Callable[[str], list[dict[str, Any]]],
    *,
    noun: Noun,
) -> None:
    """Read the role assignments of assets and store them; an asset that fails keeps what it had.

    Args:
        step: The step.
        source: Where rows are counted and shortcomings noted.
        edge: Which edges the roles are.
        assets: Surrogate key by the name that `read` takes.
        read: Returns the role assignments of one asset.
        noun: What the assets are.
    """
    details = Details(step, noun, "roles")
    known = details.recent(list(assets.values()))
    source.spared += len(known)
    for batch in step.read_each(read, [name for name, row in assets.items() if row not in known]):
        parents: list[int] = []
        rows: list[dict[str, Any]] = []
        for name, result in batch:
            if isinstance(result, ApiError):
                source.falls_short(f"{name}: {result}")
                continue
            parents.append(assets[name])
            rows += [{edge.parent: assets[name], **holder(r, step.tenant_id)} for r in result]
        step.store.replace_edges(edge, parents, rows)
        details.note(dict.fromkeys(parents))
        step.store.tally.add(seen=len(rows))
        source.rows += len(rows)


def _read(step: StepContext, name: str) -> list[dict[str, Any]]:
    path = (
        f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}"
        f"/apis/{name}/permissions"
    )
    pages = step.api.pages("powerapps", path, {"api-version": "2017-06-01"}, pager=NextLink())
    return list(every(pages, ROLE, path))


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


COLLECTOR = Collector("permissions", "environment", collect, after=("connectors",))
