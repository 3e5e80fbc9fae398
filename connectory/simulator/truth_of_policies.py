"""What is true of policies in the simulated tenant, told plainly."""

from __future__ import annotations

from typing import Final

from connectory.simulator.governance import AdvancedPolicy, DataPolicy
from connectory.simulator.state import Json, Tenant

_GROUPS: Final = {
    "Confidential": "business",
    "General": "non_business",
    "Blocked": "blocked",
    "Ignore": "ignore",
}


def policies(tenant: Tenant) -> dict[str, list[Json]]:
    """Return the policies, the cases planted among connectors, and the gateways.

    A case is left out once its connector or environment is gone. `sources` names the lists that
    show a policy; what only the oldest list shows has no patterns that anybody could read.
    """
    told = [_data(policy) for policy in tenant.governance.policies]
    told += [_advanced(policy) for policy in tenant.governance.advanced]
    return {
        "data_policies": sorted(told, key=lambda row: str(row["id"])),
        "sorted_connectors": _cases(tenant),
        "gateways": [{"id": one.id, "name": one.name} for one in tenant.governance.gateways],
    }


def _data(policy: DataPolicy) -> Json:
    return {
        "id": policy.id,
        "name": policy.display_name,
        "system": "data_policy",
        "sources": ["legacy"] if policy.old else ["legacy", "v1", "v2"],
        "default": _GROUPS[policy.default],
        "reach": policy.reach,
        "environments": sorted(policy.environments),
        "groups": [],
        "connectors": [
            [one.connector, one.environment, _GROUPS[one.group]] for one in policy.connectors
        ],
        "patterns": [[one.pattern, _GROUPS[one.group]] for one in policy.patterns],
        "rules": [
            [one.connector, one.environment, one.kind, one.subject, one.allowed]
            for one in policy.rules
        ],
        "created": policy.created.isoformat(),
        "modified": policy.modified.isoformat(),
    }


def _advanced(policy: AdvancedPolicy) -> Json:
    return {
        "id": policy.id,
        "name": policy.name,
        "system": "allow_list",
        "sources": ["rule_based"],
        "default": "blocked",
        "reach": "Assigned",
        "environments": sorted(policy.environments),
        "groups": sorted(policy.groups),
        "connectors": [[one.connector, one.environment, "allowed"] for one in policy.allowed],
        "patterns": [],
        "rules": [
            [one.connector, one.environment, "action", action, True]
            for one in policy.allowed
            for action in one.actions or []
        ],
        "created": None,
        "modified": policy.modified.isoformat(),
    }


def _cases(tenant: Tenant) -> list[Json]:
    living = {
        (one.environment, one.name)
        for one in tenant.connectors
        if one.deleted is None and tenant.environments[one.environment].deleted is None
    }
    return [
        {
            "environment_id": one.environment,
            "connector": one.connector,
            "group": _GROUPS[one.group],
            "rule": one.rule,
        }
        for one in tenant.governance.sorted
        if (one.environment, one.connector) in living
    ]
