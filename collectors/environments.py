"""Environments: the admin list, and the list of those deleted.

Source: the environment list of the admin API (docs/permissions.md names the right it needs).
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import NextLink
from collectors.contract import Collector, StepContext
from collectors.nouns import ENVIRONMENTS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import environment_key, parse_time

_ADMIN = "/providers/Microsoft.BusinessAppPlatform/scopes/admin"


_ENVIRONMENT = Shape(
    texts=("name",),
    objects=("properties",),
    may_be_objects=("properties.createdBy", "properties.linkedEnvironmentMetadata"),
)


def collect(step: StepContext) -> None:
    """Read every environment, then those that were deleted."""
    with step.reading("admin_list") as source:
        pages = step.api.pages(
            "bap", f"{_ADMIN}/environments", {"api-version": "2020-10-01"}, pager=NextLink()
        )
        for page in sound(source, pages, _ENVIRONMENT):
            kept = [parse(record) for record in page]
            step.store.keep(ENVIRONMENTS, kept, source=source.source)
            source.rows += len(kept)
    with step.reading("deleted_list") as source:
        pages = step.api.pages(
            "bap", f"{_ADMIN}/deletedEnvironments", {"api-version": "2019-05-01"}, pager=NextLink()
        )
        for page in sound(source, pages, _ENVIRONMENT):
            kept = [parse(record) for record in page]
            step.store.keep(
                ENVIRONMENTS, kept, source=source.source, presence="gone", reason="deleted"
            )
            source.rows += len(kept)


def parse(record: dict[str, Any]) -> Kept:
    """Return one environment.

    Managed is the protection level ``Standard``; ``Basic`` or none is unmanaged, whatever the
    words suggest.
    """
    properties = record["properties"]
    linked = properties.get("linkedEnvironmentMetadata") or {}
    creator = properties.get("createdBy") or {}
    states = properties.get("states") or {}
    group = properties.get("parentEnvironmentGroup") or {}
    return Kept(
        environment_key(record["name"]),
        {
            "name": record["name"],
            "display_name": properties.get("displayName"),
            "description": properties.get("description"),
            "sku": properties.get("environmentSku"),
            "location": record.get("location"),
            "azure_region": properties.get("azureRegion"),
            "is_default": bool(properties.get("isDefault")),
            "managed": _protection(properties) == "standard",
            "has_dataverse": bool(linked.get("instanceUrl") or linked.get("instanceApiUrl")),
            "organization_id": linked.get("resourceId"),
            "instance_url": _trimmed(linked.get("instanceUrl")),
            "api_url": _trimmed(linked.get("instanceApiUrl") or linked.get("instanceUrl")),
            "group_key": group["id"].casefold() if group.get("id") else None,
            "state": (states.get("runtime") or {}).get("id"),
            "creator_key": creator["id"].casefold() if creator.get("id") else None,
            "created_at": parse_time(properties.get("createdTime")),
        },
    )


def _protection(properties: dict[str, Any]) -> str:
    governance = properties.get("governanceConfiguration") or {}
    return str(governance.get("protectionLevel") or "").casefold()


def _trimmed(url: str | None) -> str | None:
    return url.rstrip("/") if url else None


COLLECTOR = Collector(
    "environments",
    "tenant",
    collect,
    retires=(ENVIRONMENTS,),
    presence_sources=("admin_list", "deleted_list"),
    after=(),
)
