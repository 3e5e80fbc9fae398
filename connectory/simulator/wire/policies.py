"""Data policies (DLP) as three generations of the admin API answer: v2, v1, and the oldest."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.governance import ConnectorRule, DataPolicy, NamedConnector
from connectory.simulator.wire.exchange import (
    Json,
    Reply,
    Request,
    error,
    require_api_version,
    stamp,
)
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.world import World, derived

GOVERNANCE: Final = re.compile(r"/providers/powerplatform\.governance/", re.IGNORECASE)
OLDEST: Final = re.compile(
    r"/providers/microsoft\.businessappplatform/scopes/admin/apipolicies/?", re.IGNORECASE
)
_V2 = re.compile(r"/providers/powerplatform\.governance/v2/policies(?:/([^/]+))?/?", re.IGNORECASE)
_V1 = re.compile(r"/providers/powerplatform\.governance/v1/policies/?", re.IGNORECASE)
_CHILD = re.compile(
    r"/providers/powerplatform\.governance/v1/tenants/([^/]+)/policies/([^/]+)"
    r"/(urlpatterns|policyconnectorconfigurations)/?",
    re.IGNORECASE,
)
_PAGES: Final = Pages(50)
_HOMES: Final = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
_APIS: Final = "/providers/Microsoft.PowerApps"


def answer(world: World, request: Request) -> Reply:
    """Answer a request about data policies of the second or the first version."""
    shown = [policy for policy in world.tenant.governance.policies if not policy.old]
    if match := _V2.fullmatch(request.path):
        if match[1] is None:
            page = _PAGES.cut(request, shown, lambda p: _whole(world, p, listed=True))
            return Reply(200, page)
        found = next((p for p in shown if p.id == match[1].casefold()), None)
        return Reply(200, _whole(world, found, listed=False)) if found else _missing(match[1])
    require_api_version(request)
    if _V1.fullmatch(request.path):
        top = request.number("$top", _PAGES.size)
        return Reply(200, _PAGES.cut(request, shown, lambda p: _definition(world, p), top))
    if match := _CHILD.fullmatch(request.path):
        found = next((p for p in shown if p.id == match[2].casefold()), None)
        if found is None or match[1].casefold() != world.tenant.id:
            return _missing(match[2])
        if match[3].casefold() == "urlpatterns":
            return Reply(200, _patterns(found)) if found.patterns else _missing(match[2])
        return Reply(200, configurations(found.rules)) if found.rules else _missing(match[2])
    return error(404, "NotFound", f"No resource at {request.path}.")


def oldest(world: World, request: Request) -> Reply:
    """Answer the list that tells every policy in the words of the first ones."""
    rows = world.tenant.governance.policies
    return Reply(200, _PAGES.cut(request, rows, lambda p: _in_old_words(world, p)))


def _missing(name: str) -> Reply:
    return error(404, "PolicyNotFound", f"The policy '{name}' has no such part.")


def _whole(world: World, policy: DataPolicy, *, listed: bool) -> Json:
    told: Json = {"policyDefinition": _definition(world, policy)}
    if listed and policy.thin:
        return told
    exempt = {} if policy.exempt is None else {"exemptResourcesDefinition": policy.exempt}
    return (
        told
        | exempt
        | {
            "connectorConfigurationsDefinition": configurations(policy.rules),
            "customConnectorUrlPatternsDefinition": _patterns(policy),
        }
    )


def _definition(world: World, policy: DataPolicy) -> Json:
    return {
        "name": policy.id,
        "displayName": policy.display_name,
        "defaultConnectorsClassification": policy.default,
        "connectorGroups": [
            {
                "classification": group,
                "connectors": [_named(one) for one in policy.connectors if one.group == group],
            }
            for group in ("Confidential", "General", "Blocked")
        ],
        "environmentType": policy.reach,
        "environments": [_home(name) for name in policy.environments],
        "createdBy": {"displayName": _author(world, policy)},
        "createdTime": stamp(policy.created),
        "lastModifiedBy": {"displayName": _author(world, policy)},
        "lastModifiedTime": stamp(policy.modified),
        "etag": derived(policy.id, policy.modified.isoformat()),
        "isLegacySchemaVersion": False,
    }


def _author(world: World, policy: DataPolicy) -> str:
    return world.tenant.people[policy.created_by].display_name


def _home(name: str) -> Json:
    kind = "Microsoft.BusinessAppPlatform/scopes/environments"
    return {"id": f"{_HOMES}/{name}", "name": name, "type": kind}


def place(connector: str, environment: str | None) -> str:
    """Return the path of a connector: below its environment where one is named."""
    if environment is None:
        return f"{_APIS}/apis/{connector}"
    return f"{_APIS}/scopes/admin/environments/{environment}/apis/{connector}"


def _named(one: NamedConnector) -> Json:
    path = place(one.connector, one.environment)
    return {"id": path, "name": one.connector, "type": "Microsoft.PowerApps/apis"}


def _patterns(policy: DataPolicy) -> Json:
    """Return the patterns in another order than theirs: only their numbers tell it."""
    rules = [
        {"order": number, "customConnectorRuleClassification": one.group, "pattern": one.pattern}
        for number, one in enumerate(policy.patterns, start=1)
    ]
    return {"rules": rules[::-1]}


def configurations(rules: list[ConnectorRule]) -> Json:
    """Return what a policy says of single actions and addresses of connectors."""
    paths = list(dict.fromkeys(place(rule.connector, rule.environment) for rule in rules))
    actions: list[Json] = []
    endpoints: list[Json] = []
    for path in paths:
        mine = [rule for rule in rules if place(rule.connector, rule.environment) == path]
        acts = [rule for rule in mine if rule.kind == "action"]
        ends = [rule for rule in mine if rule.kind == "endpoint"]
        if acts:
            told = [
                {"actionId": one.subject, "behavior": "Allow" if one.allowed else "Block"}
                for one in acts
            ]
            actions.append(
                {
                    "connectorId": path,
                    "defaultConnectorActionRuleBehavior": "Allow",
                    "actionRules": told,
                }
            )
        if ends:
            listed = [
                {
                    "order": number,
                    "behavior": "Allow" if one.allowed else "Deny",
                    "endpoint": one.subject,
                }
                for number, one in enumerate(ends, start=1)
            ]
            endpoints.append({"connectorId": path, "endpointRules": listed})
    return {"connectorActionConfigurations": actions, "endpointConfigurations": endpoints}


_OLD_GROUPS: Final = {"Confidential": "hbi", "General": "lbi", "Blocked": "blocked"}


def _in_old_words(world: World, policy: DataPolicy) -> Json:
    """Return a policy as groups of business impact, without patterns or rules."""
    constraints: Json = {}
    if policy.reach != "AllEnvironments":
        constraints["environmentFilter1"] = {
            "type": "environmentFilter",
            "parameters": {
                "filterType": "exclude" if policy.reach == "ExceptEnvironments" else "include",
                "environments": [_home(name) for name in policy.environments],
            },
        }
    groups = {
        word: {"apis": [_named(one) for one in policy.connectors if one.group == group]}
        for group, word in _OLD_GROUPS.items()
    }
    return {
        "id": f"/providers/Microsoft.BusinessAppPlatform/scopes/admin/apiPolicies/{policy.id}",
        "name": policy.id,
        "type": "Microsoft.BusinessAppPlatform/scopes/apiPolicies",
        "tags": {},
        "properties": {
            "displayName": policy.display_name,
            "definition": {
                "constraints": constraints,
                "apiGroups": groups,
                "defaultApiGroup": _OLD_GROUPS[policy.default],
                "rules": {},
            },
            "createdBy": {"id": policy.created_by, "displayName": _author(world, policy)},
            "createdTime": stamp(policy.created),
            "lastModifiedTime": stamp(policy.modified),
        },
    }
