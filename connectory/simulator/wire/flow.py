"""Cloud flows, as the Flow service answers."""

from __future__ import annotations

import re

from connectory.simulator.state import Environment, Flow
from connectory.simulator.wire import workflows
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page, stamp
from connectory.simulator.wire.records import maker_environment
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.processsimple"
_LIST = re.compile(rf"{_ROOT}/scopes/admin/environments/([^/]+)/(?:v2/)?flows", re.IGNORECASE)
_ONE = re.compile(
    rf"{_ROOT}/scopes/admin/environments/([^/]+)/flows/([^/]+)(/permissions|/runs)?", re.IGNORECASE
)
_ENVIRONMENTS = re.compile(rf"{_ROOT}/environments", re.IGNORECASE)
_PAGE = 100


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the Flow service."""
    if "api-version" not in request.query:
        return error(
            400, "MissingApiVersionParameter", "The api-version query parameter is required."
        )
    if request.app_only and world.settings.flow_app_only == "refuse":
        text = "The caller object id is not a licensed user of this service."
        return error(403, "UserNotLicensed", text)
    if _ENVIRONMENTS.fullmatch(request.path):
        shown = [maker_environment(e) for e in world.environments.values()]
        return Reply(200, {"value": shown})
    match = _LIST.fullmatch(request.path) or _ONE.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    home = world.environments.get(match[1].casefold())
    if home is None or not home.admin_readable:
        text = f"The environment '{match[1]}' could not be found in the tenant."
        return error(403, "EnvironmentAccessDenied", text)
    found = [f for f in world.flows.get(home.name.casefold(), []) if f.in_flow_api]
    if match.re is _LIST:
        if request.query.get("include") == "softDeletedFlows":
            found = [f for f in found if f.deleted is not None]
        rows, following = page(request, found, _PAGE)
        return Reply(200, {"value": [record(world, home, f) for f in rows], **following})
    one = next((f for f in found if f.name.casefold() == match[2].casefold()), None)
    if one is None:
        return error(404, "FlowNotFound", f"Could not find flow '{match[2]}'.")
    if match[3] is None:
        return Reply(200, _whole(world, home, one))
    return Reply(200, {"value": _permissions(one) if match[3] == "/permissions" else []})


def record(world: World, home: Environment, flow: Flow) -> Json:
    """Return a flow as the list shows it: without any hint of its connectors."""
    return {
        "name": flow.name,
        "id": f"/providers/Microsoft.ProcessSimple/environments/{home.name}/flows/{flow.name}",
        "type": "Microsoft.ProcessSimple/environments/flows",
        "properties": {
            "apiId": "/providers/Microsoft.PowerApps/apis/shared_logicflows",
            "displayName": flow.display_name,
            "state": flow.state,
            "createdTime": stamp(flow.created),
            "lastModifiedTime": stamp(flow.modified),
            "flowSuspensionReason": "None",
            "environment": {
                "name": home.name,
                "type": "NotSpecified",
                "id": f"/environments/{home.name}",
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
            **({"workflowEntityId": flow.workflow_id} if flow.workflow_id else {}),
        },
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


def _permissions(flow: Flow) -> list[Json]:
    """Return who holds a flow: ids and types only, no names."""
    return [
        {
            "name": flow.owner_id,
            "id": f"/flows/{flow.name}/permissions/{flow.owner_id}",
            "type": "Microsoft.ProcessSimple/environments/flows/permissions",
            "properties": {
                "roleName": "Owner",
                "permissionType": "Principal",
                "principal": {"id": flow.owner_id, "type": "User"},
            },
        }
    ]
