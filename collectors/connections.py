"""Connections of an environment: every account that signed in to something.

Source: the admin list. It has no flag for sharing and no date of last use, and in admin scope the
account name is often empty.
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import NextLink
from collectors.contract import Collector, StepContext
from collectors.nouns import CONNECTIONS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import connector_key, parse_time
from connectory.domain.redaction import redact_text

_CONNECTION = Shape(
    texts=("name", "properties.apiId"),
    objects=("properties",),
    may_be_objects=("properties.createdBy", "properties.authenticatedUser"),
    may_be_lists=("properties.statuses",),
)


def collect(step: StepContext) -> None:
    """Read the connections page by page; the largest environments have hundreds of megabytes."""
    path = f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}/connections"
    parameters = {"api-version": step.settings.powerapps_admin_api_version, "$top": "250"}
    with step.reading("admin_list") as source:
        pages = step.api.pages("powerapps", path, parameters, pager=NextLink())
        for page in sound(source, pages, _CONNECTION):
            kept = [parse(record, step.tenant_id) for record in page]
            step.store.keep(CONNECTIONS, kept, source=source.source)
            source.rows += len(kept)


def parse(record: dict[str, Any], tenant_id: str) -> Kept:
    """Return one connection; any error among its statuses makes it broken.

    Args:
        record: As the service tells it; whom it signs in as is told by some replies only.
        tenant_id: Ours, so that another tenant's identity is noticed.
    """
    properties = record["properties"]
    creator = properties.get("createdBy") or {}
    status, detail = _status(properties.get("statuses") or [])
    return Kept(
        record["name"].casefold(),
        {
            "name": record["name"],
            "connector_key": connector_key(properties["apiId"]),
            "display_name": properties.get("displayName"),
            "account_name": properties.get("accountName"),
            "creator_key": creator["id"].casefold() if creator.get("id") else None,
            "creator_name": creator.get("displayName") or creator.get("userPrincipalName"),
            "status": status,
            "status_detail": detail,
            "allow_sharing": properties.get("allowSharing"),
            "creator_tenant": _another(creator, tenant_id),
            "account_tenant": _another(properties.get("authenticatedUser") or {}, tenant_id),
            "created_at": parse_time(properties.get("createdTime")),
            "modified_at": parse_time(properties.get("lastModifiedTime")),
            "expires_at": parse_time(properties.get("expirationTime")),
        },
    )


def _another(identity: dict[str, Any], tenant_id: str) -> str | None:
    told = str(identity.get("tenantId") or "").casefold()
    return told if told and told != tenant_id.casefold() else None


def _status(statuses: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    broken = next((item for item in statuses if item.get("status") == "Error"), None)
    if broken is not None:
        error = broken.get("error") or {}
        words = [str(error[part]) for part in ("code", "message") if error.get(part)]
        return "Error", redact_text(": ".join(words)) or None
    return (statuses[0].get("status") if statuses else None), None


COLLECTOR = Collector(
    "connections",
    "environment",
    collect,
    retires=(CONNECTIONS,),
    presence_sources=("admin_list",),
)
