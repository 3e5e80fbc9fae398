"""Advanced connector policies: allow-lists that environments and groups of them are assigned.

Source: the governance part of the Power Platform API. A rule-based policy may hold other rules as
well; only the rule set on connectors is kept, and a policy without one is none of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collectors.api.errors import ApiError
from collectors.api.paging import ODataNextLink
from collectors.contract import SourceReading, StepContext
from collectors.nouns import DATA_POLICIES, DATA_POLICY_TARGETS
from collectors.policy_records import Row, Told, allowed
from collectors.records import Shape, every, sound
from collectors.store import Kept
from connectory.domain.identity import environment_key, parse_time

_POLICIES = "/governance/ruleBasedPolicies"
_ASSIGNMENTS = "/governance/ruleBasedPolicies/assignments"
_VERSION = {"api-version": "2024-10-01"}
_RULE_SET = "connectormanagement"
_POLICY = Shape(texts=("id",))
_ASSIGNED = Shape(texts=("policyId", "resourceId", "resourceType"))

Keep = Callable[[StepContext, list[Told], SourceReading | None], dict[str, int]]


def read(step: StepContext, keep: Keep) -> None:
    """Read the allow-lists, then to which environments and groups each is assigned.

    Args:
        step: The step.
        keep: Stores policies and returns their surrogate keys.
    """
    ids: dict[str, int] = {}
    with step.reading("rule_based_policies") as source:
        pages = step.api.pages("powerplatform", _POLICIES, _VERSION, pager=ODataNextLink())
        for page in sound(source, pages, _POLICY):
            for batch in step.read_each(lambda one: allow_list(_whole(step, one)), page):
                told = []
                for policy, read in batch:
                    if isinstance(read, ApiError):
                        # Whether it rules on connectors at all is not known, so nothing is kept.
                        source.falls_short(f"policy {policy['id']}: {read}")
                    elif read is not None:
                        told.append(read)
                ids |= keep(step, told, source)
                source.rows += len(told)
    if not ids:
        step.skip("rule_based_assignments", "no allow-list is known to ask about")
        return
    with step.reading("rule_based_assignments") as source:
        parameters = {"includeRuleSetCounts": "true", **_VERSION}
        pages = step.api.pages("powerplatform", _ASSIGNMENTS, parameters, pager=ODataNextLink())
        found = list(every(pages, _ASSIGNED, _ASSIGNMENTS))
        _assign(step, source, ids, [row for row in found if row["policyId"].casefold() in ids])


def _assign(
    step: StepContext, source: SourceReading, ids: dict[str, int], assignments: list[Row]
) -> None:
    """Store to what policies are assigned, but for those of which that is not wholly understood."""
    strange = {row["policyId"].casefold() for row in assignments if assigned(row) is None}
    if strange:
        source.falls_short(
            f"{len(strange)} policies are assigned to a kind of thing that is not known; "
            "where they apply stays as it was"
        )
    clear = {key: policy for key, policy in ids.items() if key not in strange}
    targets = [
        {"data_policy_id": clear[key], **target}
        for row in assignments
        if (key := row["policyId"].casefold()) in clear and (target := assigned(row)) is not None
    ]
    with step.store.together():
        step.store.replace_edges(DATA_POLICY_TARGETS, list(clear.values()), targets)
        told = [Kept(key, {"targets_read": True}) for key in clear]
        step.store.keep(DATA_POLICIES, told, source=None)
    source.rows += len(targets)


def _whole(step: StepContext, record: Row) -> Row:
    """Return a policy with its rule sets, asked for where the list only counts them."""
    if record.get("ruleSets") is not None:
        return record
    return dict(step.api.get_json("powerplatform", f"{_POLICIES}/{record['id']}", _VERSION))


def _facts(record: Row) -> Row:
    return {
        "name": record.get("name"),
        "system": "allow_list",
        "reach": "Assigned",
        "default_group": "blocked",
        "modified_at": parse_time(record.get("lastModified")),
    }


def allow_list(record: Row) -> Told | None:
    """Return an advanced connector policy; None for a policy that has no rule on connectors."""
    for one in record.get("ruleSets") or []:
        if str(one["id"]).casefold() == _RULE_SET:
            named, narrowed = allowed(one["inputs"]["AllowedConnectorList"])
            return Told(
                record["id"].casefold(),
                _facts(record),
                connectors=named,
                patterns=[],
                rules=narrowed,
            )
    return None


def assigned(row: dict[str, Any]) -> Row | None:
    """Return what a policy is assigned to; None for a kind of thing that nobody knows."""
    kind = str(row["resourceType"]).casefold()
    if kind == "environment":
        return {"kind": "environment", "target_key": environment_key(row["resourceId"])}
    if kind == "environmentgroup":
        return {"kind": "group", "target_key": row["resourceId"].casefold()}
    return None
