"""Cloud flows, as the Flow service answers."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.asset_sharing import flow_permissions
from connectory.simulator.state import Environment, Flow, Permission
from connectory.simulator.wire import flow_runs, workflows
from connectory.simulator.wire.app_records import maker_environment
from connectory.simulator.wire.exchange import (
    Json,
    Reply,
    Request,
    error,
    require_api_version,
    stamp,
)
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.powerapps import denied
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.processsimple"
_FLOWS = re.compile(
    rf"{_ROOT}(/scopes/admin)?/environments/([^/]+)/(?:v2/)?flows"
    r"(?:/([^/]+)(?:/(permissions|runs|owners)(?:/([^/]+))?)?)?/?",
    re.IGNORECASE,
)
_ENVIRONMENTS = re.compile(rf"{_ROOT}(?:/scopes/admin)?/environments/?", re.IGNORECASE)
_PROVIDER = "Microsoft.ProcessSimple"
_PAGES: Final = Pages(100)


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Flow service."""
    require_api_version(request)
    if request.app_only and world.settings.flow_app_only == "refuse":
        text = "The caller object id is not a licensed user of this service."
        return error(403, "UserNotLicensed", text)
    if _ENVIRONMENTS.fullmatch(request.path):
        shown = list(world.environments.values())
        return Reply(200, _PAGES.cut(request, shown, lambda e: maker_environment(e, _PROVIDER)))
    match = _FLOWS.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    home = world.environments.get(match[2].casefold())
    if home is None or (match[1] and not home.admin_readable):
        return denied(world, match[2])
    if match[3] is None:
        return _listed(world, request, home, admin=bool(match[1]))
    one = world.flow_named.get((home.name.casefold(), match[3].casefold()))
    if one is None or not one.in_flow_api:
        return error(404, "FlowNotFound", f"Could not find flow '{match[3]}'.")
    if match[4] is None:
        return Reply(200, _whole(world, home, one))
    if match[4].casefold() == "runs" and match[5] is not None:
        return flow_runs.single(world, home, one, match[5])
    if match[4].casefold() == "runs":
        return flow_runs.listed(world, request, home, one)
    if match[5] is not None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    return Reply(200, _PAGES.cut(request, flow_permissions(one), lambda p: _permission(one, p)))


def _listed(world: World, request: Request, home: Environment, *, admin: bool) -> Reply:
    folded = home.name.casefold()
    found = [f for f in world.flows.get(folded, []) if f.in_flow_api]
    if not admin:
        caller = request.claims.get("oid")
        found = [f for f in found if f.owner_id == caller]
    elif request.query.get("include", "").casefold() == "softdeletedflows":
        found += [f for f in world.deleted_flows.get(folded, []) if f.in_flow_api]
    top = request.number("$top", _PAGES.size)
    return Reply(200, _PAGES.cut(request, found, lambda f: record(world, home, f), top))


def record(world: World, home: Environment, flow: Flow) -> Json:
    """Return a flow as the list shows it: without any hint of its connectors."""
    properties: Json = {
        "apiId": "/providers/Microsoft.PowerApps/apis/shared_logicflows",
        "displayName": flow.display_name,
        "state": flow.state if flow.deleted is None else "Deleted",
        "createdTime": stamp(flow.created),
        "lastModifiedTime": stamp(flow.modified),
        "flowSuspensionReason": "None",
        "environment": {
            "name": home.name,
            "type": f"{_PROVIDER}/environments",
            "id": f"/providers/{_PROVIDER}/environments/{home.name}",
        },
        "definitionSummary": {"triggers": [], "actions": []},
        "creator": {
            "tenantId": world.tenant.id,
            "objectId": flow.creator_id,
            "userId": flow.creator_id,
            "userType": "ActiveDirectory",
        },
        "provisioningMethod": "FromDefinition",
        "flowFailureAlertSubscribed": True,
        "isManaged": flow.managed,
    }
    if flow.workflow_id is not None:
        properties["workflowEntityId"] = flow.workflow_id
    return {
        "name": flow.name,
        "id": f"/providers/{_PROVIDER}/environments/{home.name}/flows/{flow.name}",
        "type": f"{_PROVIDER}/environments/flows",
        "properties": properties,
    }


def _whole(world: World, home: Environment, flow: Flow) -> Json:
    told = record(world, home, flow)
    told["properties"] |= {
        "definition": workflows.definition(flow),
        "definitionSummary": workflows.summary(flow),
        "connectionReferences": workflows.flow_references(flow),
        "installedConnectionReferences": {},
    }
    return told


def _permission(flow: Flow, held: Permission) -> Json:
    """Return a role on a flow: its holder has an id and a type there, but no name."""
    path = f"/providers/{_PROVIDER}/environments/{flow.environment}/flows/{flow.name}/permissions"
    # Everyone's id is that of the tenant, which stands in the name of the assignment.
    identity = held.principal_id or held.name.removeprefix("tenant-")
    return {
        "name": held.name,
        "id": f"{path}/{held.name}",
        "type": f"{_PROVIDER}/environments/flows/permissions",
        "properties": {
            "roleName": held.role,
            "permissionType": "Principal",
            "principal": {"id": identity, "type": held.principal_type},
        },
    }
