"""Pay-as-you-go and capacity, as the licensing part of the Power Platform API answers."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.entitlements import BillingPolicy
from connectory.simulator.state import Environment
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

_POLICIES = re.compile(r"/licensing/billingpolicies/?", re.IGNORECASE)
_ENVIRONMENTS = re.compile(r"/licensing/billingpolicies/([^/]+)/environments/?", re.IGNORECASE)
_ALLOCATIONS = re.compile(r"/licensing/allocationsbyenvironment/([^/]+)/?", re.IGNORECASE)
_PAGES: Final = Pages(100, link="@odata.nextLink")


def answer(world: World, request: Request) -> Reply:
    """Answer a request about billing policies or allocations."""
    require_api_version(request)
    tenant = world.tenant
    if _POLICIES.fullmatch(request.path):
        return Reply(200, _PAGES.cut(request, tenant.billing_policies, _policy))
    if match := _ENVIRONMENTS.fullmatch(request.path):
        for policy in tenant.billing_policies:
            if policy.id == match[1].casefold():
                # Ids of environments come back in capitals there.
                rows = [
                    {"billingPolicyId": policy.id, "environmentId": name.upper()}
                    for name in policy.environments
                ]
                return Reply(200, _PAGES.cut(request, rows, lambda row: row))
        return error(403, "Forbidden", "The billing policy was not found.")
    if match := _ALLOCATIONS.fullmatch(request.path):
        return _allocations(world, match[1])
    return error(404, "NotFound", f"No resource at {request.path}.")


def _policy(policy: BillingPolicy) -> Json:
    who = {"id": policy.created_by, "type": "User"}
    told: Json = {
        "id": policy.id,
        "name": policy.name,
        "type": "PayAsYouGo",
        "status": "Enabled" if policy.enabled else "Disabled",
        "location": policy.location,
        "billingInstrument": {
            "id": f"/subscriptions/{policy.subscription}/resourceGroups/{policy.resource_group}",
            "resourceGroup": policy.resource_group,
            "subscriptionId": policy.subscription,
        },
        "createdOn": stamp(policy.created),
        "createdBy": who,
        "lastModifiedOn": stamp(policy.modified),
        "lastModifiedBy": who,
    }
    if policy.meters is not None:
        told |= _meters(policy.meters)
    return told


def _meters(meters: dict[str, bool]) -> Json:
    """Return the members that tell which meters are on, one per product."""
    state = {name: "Enabled" if on else "Disabled" for name, on in meters.items()}
    return {
        "powerAppsPolicy": {"payAsYouGoState": state.pop("powerApps")},
        "powerAutomatePolicy": {f"{name}PayAsYouGoState": value for name, value in state.items()},
    }


def _allocations(world: World, name: str) -> Reply:
    """Return what an environment was handed out; nothing at all is answered as not found."""
    home = world.environments.get(name.casefold())
    if home is None or not home.admin_readable:
        return denied(world, name)
    rows = [
        {"currencyType": one.currency, "allocated": one.allocated, "enforcementRules": []}
        for one in world.tenant.allocations
        if one.environment == home.name
    ]
    if not rows:
        return error(404, "NotFound", "No allocation was found.")
    return Reply(200, {"environmentId": home.name, "currencyAllocations": rows})


def addons(world: World, home: Environment) -> list[Json]:
    """Return what an environment was handed out, as its admin record tells it."""
    return [
        {"addonType": one.currency, "allocated": one.allocated, "addonUnit": "Unit"}
        for one in world.tenant.allocations
        if one.environment == home.name
    ]
