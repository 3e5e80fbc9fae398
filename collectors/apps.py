"""Canvas apps of an environment and the connectors they refer to.

Source: the admin list of apps. It tells no operation: those stand only inside the app package.
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import NextLink
from collectors.contract import Collector, StepContext
from collectors.nouns import APP_REFERENCES, APPS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import connector_key, parse_time

_APP = Shape(
    texts=("name",),
    objects=("properties",),
    may_be_objects=("properties.owner", "properties.createdBy", "properties.connectionReferences"),
)


def collect(step: StepContext) -> None:
    """Read the apps of one environment page by page."""
    path = f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}/apps"
    parameters = {"api-version": step.settings.powerapps_admin_api_version, "$top": "250"}
    with step.reading("admin_list") as source:
        pages = step.api.pages("powerapps", path, parameters, pager=NextLink())
        for page in sound(source, pages, _APP):
            ids = step.store.keep(APPS, [parse(record) for record in page], source=source.source)
            rows = [row for record in page for row in references(record, ids)]
            step.store.replace_edges(APP_REFERENCES, list(ids.values()), rows)
            source.rows += len(ids)


def parse(record: dict[str, Any]) -> Kept:
    """Return one app; the sharing counts name users and groups, not the people in the groups."""
    properties = record["properties"]
    owner = properties.get("owner") or {}
    creator = properties.get("createdBy") or {}
    return Kept(
        record["name"].casefold(),
        {
            "name": record["name"],
            "display_name": properties.get("displayName"),
            "app_type": record.get("appType"),
            "owner_key": owner["id"].casefold() if owner.get("id") else None,
            "creator_key": creator["id"].casefold() if creator.get("id") else None,
            "shared_users": properties.get("sharedUsersCount"),
            "shared_groups": properties.get("sharedGroupsCount"),
            "uses_premium": properties.get("usesPremiumApi"),
            "uses_custom": properties.get("usesCustomApi"),
            "created_at": parse_time(properties.get("createdTime")),
            "modified_at": parse_time(properties.get("lastModifiedTime")),
            "published_at": parse_time(properties.get("lastPublishTime")),
        },
    )


def references(record: dict[str, Any], ids: dict[str, int]) -> list[dict[str, Any]]:
    """Return an app's links to connectors; their ids are in lower case there, unlike elsewhere."""
    found = record["properties"].get("connectionReferences") or {}
    rows = []
    for key, reference in found.items():
        shared = reference.get("sharedConnectionId")
        rows.append(
            {
                "app_id": ids[record["name"].casefold()],
                "reference_key": key,
                "connector_key": connector_key(reference["id"]),
                "connection_key": shared.rpartition("/")[2].casefold() if shared else None,
            }
        )
    return rows


COLLECTOR = Collector(
    "apps", "environment", collect, retires=(APPS,), presence_sources=("admin_list",)
)
