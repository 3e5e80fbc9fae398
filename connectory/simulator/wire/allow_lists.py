"""Advanced connector policies: allow-lists, and the environments and groups they are assigned to."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.governance import AdvancedPolicy, AllowedConnector
from connectory.simulator.wire.exchange import (
    Json,
    Reply,
    Request,
    error,
    require_api_version,
    stamp,
)
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.policies import place
from connectory.simulator.wire.world import World

_ASSIGNMENTS = re.compile(r"/governance/rulebasedpolicies/assignments/?", re.IGNORECASE)
_POLICIES = re.compile(r"/governance/rulebasedpolicies(?:/([^/]+))?/?", re.IGNORECASE)
_PAGES: Final = Pages(50, link="@odata.nextLink")


def answer(world: World, request: Request) -> Reply:
    """Answer a request about advanced connector policies."""
    require_api_version(request)
    policies = world.tenant.governance.advanced
    if _ASSIGNMENTS.fullmatch(request.path):
        rows = [row for policy in policies for row in _assigned(world, policy)]
        return Reply(200, _PAGES.cut(request, rows, lambda row: row))
    match = _POLICIES.fullmatch(request.path)
    if match is None:
        return error(404, "NotFound", f"No resource at {request.path}.")
    if match[1] is None:
        return Reply(200, _PAGES.cut(request, policies, lambda p: _policy(world, p, listed=True)))
    found = next((p for p in policies if p.id == match[1].casefold()), None)
    if found is None:
        return error(404, "NotFound", f"The policy '{match[1]}' was not found.")
    return Reply(200, _policy(world, found, listed=False))


def _policy(world: World, policy: AdvancedPolicy, *, listed: bool) -> Json:
    told: Json = {
        "id": policy.id,
        "tenantId": world.tenant.id,
        "name": policy.name,
        "lastModified": stamp(policy.modified),
        "ruleSetCount": 1,
    }
    if not (listed and policy.thin):
        entries = [_allowed(one) for one in policy.allowed]
        inputs = {"AllowedConnectorList": entries}
        told["ruleSets"] = [{"id": "ConnectorManagement", "version": "1.0", "inputs": inputs}]
    return told


def _allowed(one: AllowedConnector) -> Json:
    told: Json = {
        "AllowedConnector": place(one.connector, one.environment),
        "AllowedActionsMode": "AllAllowed" if one.actions is None else "SomeAllowed",
        "AllowedConnectionTypesMode": "AllAllowed",
    }
    if one.actions is not None:
        told["AllowedActions"] = one.actions
    return told


def _assigned(world: World, policy: AdvancedPolicy) -> list[Json]:
    resources = [("EnvironmentGroup", group) for group in policy.groups]
    resources += [("NotSpecified", name) for name in policy.others]
    # Ids of environments come back in capitals there, as in other parts of this API.
    resources += [("Environment", name.upper()) for name in policy.environments]
    return [
        {
            "policyId": policy.id,
            "resourceId": identity,
            "resourceType": kind,
            "ruleSetCount": 1,
            "tenantId": world.tenant.id,
        }
        for kind, identity in resources
    ]
