"""Who may change or run the apps and flows that use a custom connector; no others are asked about.

Sources: role assignments of apps at the Power Apps service, and of flows at the Flow service, which
tells ids without names. Groups among them are resolved by collectors/group_members.py.
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import NextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.nouns import (
    APP_PERMISSIONS,
    APP_REFERENCES,
    APPS,
    FLOW_OPERATIONS,
    FLOW_PERMISSIONS,
    FLOW_REFERENCES,
    FLOWS,
)
from collectors.permissions import ROLE, keep_roles
from collectors.records import every
from collectors.targets import refusal, users_of_connectors


def collect(step: StepContext) -> None:
    """Read the roles on each app, then on each flow, that refers to a custom connector."""
    if worth_asking(step, "app_permissions", "apps", "admin_list"):
        with step.reading("app_permissions") as source:
            apps = users_of_connectors(step.store, APPS, (APP_REFERENCES,), source="admin_list")
            keep_roles(
                step, source, APP_PERMISSIONS, apps, lambda name: _app(step, name), noun=APPS
            )
    if worth_asking(step, "flow_permissions", "flows", "flow_api"):
        with step.reading("flow_permissions") as source:
            links = (FLOW_OPERATIONS, FLOW_REFERENCES)
            flows = users_of_connectors(step.store, FLOWS, links, source="flow_api")
            keep_roles(
                step, source, FLOW_PERMISSIONS, flows, lambda name: _flow(step, name), noun=FLOWS
            )


def worth_asking(step: StepContext, source: str, collector: str, asked: str) -> bool:
    """Tell whether a service is worth asking; one that just refused its list refuses the rest.

    Otherwise a closed Flow service, of whose flows only Dataverse tells, would pass for read.

    Args:
        step: The step.
        source: Its source; noted as refused if it is not worth asking.
        collector: Collector that asked for the list,
        asked: and the source it asked.
    """
    refused = refusal(step.store, collector, asked)
    if refused is not None:
        step.sources[source] = SourceReading(source, "refused", refused)
    return refused is None


def _app(step: StepContext, name: str) -> list[dict[str, Any]]:
    home = step.scope.name
    path = (
        f"/providers/Microsoft.PowerApps/scopes/admin/environments/{home}/apps/{name}/permissions"
    )
    parameters = {
        "api-version": step.settings.powerapps_admin_api_version,
        "$filter": f"environment eq '{home}'",
    }
    pages = step.api.pages("powerapps", path, parameters, pager=NextLink())
    return list(every(pages, ROLE, path))


def _flow(step: StepContext, name: str) -> list[dict[str, Any]]:
    path = (
        f"/providers/Microsoft.ProcessSimple/scopes/admin/environments/{step.scope.name}"
        f"/flows/{name}/permissions"
    )
    pages = step.api.pages("flow", path, {"api-version": "2016-11-01"}, pager=NextLink())
    return list(every(pages, ROLE, path))


COLLECTOR = Collector(
    "asset_permissions", "environment", collect, after=("connectors", "flows", "apps")
)
