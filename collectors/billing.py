"""Pay-as-you-go billing policies, and the capacity handed out to environments.

Sources: the licensing part of the Power Platform API, and the admin list of environments, which
tells add-ons of most environments in a few pages where the other service takes a request for each.
"""

from __future__ import annotations

from typing import Any

from collectors.api.errors import ApiError, NotFound
from collectors.api.paging import NextLink, ODataNextLink
from collectors.contract import StepContext
from collectors.nouns import (
    BILLING_POLICIES,
    BILLING_POLICY_ENVIRONMENTS,
    ENVIRONMENT_ALLOCATIONS,
)
from collectors.records import Shape, every, sound
from collectors.store import Kept
from connectory.domain.identity import environment_key, parse_time

_POLICIES = "/licensing/billingPolicies"
_POLICIES_VERSION = {"api-version": "2022-03-01-preview"}
_ALLOCATIONS_VERSION = {"api-version": "2024-10-01"}
_ENVIRONMENTS = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
_WITH_ADDONS = {"api-version": "2020-10-01", "$expand": "properties.capacity,properties.addons"}
_POLICY = Shape(texts=("id",), may_be_objects=("billingInstrument",))
_PAID_FOR = Shape(texts=("environmentId",))
_ADDED_TO = Shape(texts=("name",), objects=("properties",), may_be_lists=("properties.addons",))
_METER_STATE = "payasyougostate"


def read_policies(step: StepContext) -> None:
    """Read the billing policies, then which environments each pays for."""
    ids: dict[str, int] = {}
    with step.reading("billing_policies") as source:
        pages = step.api.pages("powerplatform", _POLICIES, _POLICIES_VERSION, pager=ODataNextLink())
        for page in sound(source, pages, _POLICY):
            kept = [policy(record) for record in page]
            ids |= step.store.keep(BILLING_POLICIES, kept, source=source.source)
            source.rows += len(kept)
    if not ids:
        step.skip("billing_policy_environments", "no billing policy is known to ask about")
        return
    with step.reading("billing_policy_environments") as source:
        for key, result in step.api.map(lambda one: _environments(step, one), list(ids)):
            if isinstance(result, ApiError):
                source.falls_short(f"billing policy {key}: {result}")
                continue
            if isinstance(result, BaseException):
                raise result
            rows = [{"billing_policy_id": ids[key], "environment_key": home} for home in result]
            step.store.replace_edges(BILLING_POLICY_ENVIRONMENTS, [ids[key]], rows)
            step.store.tally.add(seen=len(rows))
            source.rows += len(rows)


def _environments(step: StepContext, key: str) -> list[str]:
    path = f"{_POLICIES}/{key}/environments"
    pages = step.api.pages("powerplatform", path, _POLICIES_VERSION, pager=ODataNextLink())
    # Some replies spell these ids in capitals.
    rows = every(pages, _PAID_FOR, path)
    return sorted({environment_key(row["environmentId"]) for row in rows})


def policy(record: dict[str, Any]) -> Kept:
    """Return one billing policy."""
    payer = record.get("billingInstrument") or {}
    return Kept(
        record["id"].casefold(),
        {
            "name": record.get("name"),
            "kind": record.get("type"),
            "status": record.get("status"),
            "location": record.get("location"),
            "subscription_id": payer.get("subscriptionId"),
            "resource_group": payer.get("resourceGroup"),
            "meters": meters(record),
            "created_at": parse_time(record.get("createdOn")),
            "modified_at": parse_time(record.get("lastModifiedOn")),
        },
    )


def meters(record: dict[str, Any]) -> dict[str, bool] | None:
    """Return whether each meter of a billing policy is on; None where the reply does not say.

    The published form of this reply tells no meter, so a linked environment proves none to be on.
    Replies have been seen that do tell: as an object per product with a state per meter, or as one
    list with an entry per meter.
    """
    found: dict[str, bool] = {}
    for name, value in record.items():
        if name.endswith("Policy") and isinstance(value, dict):
            for switch, state in value.items():
                if switch.casefold().endswith(_METER_STATE):
                    found[switch[: -len(_METER_STATE)] or name.removesuffix("Policy")] = _on(state)
    listed = record.get("payGoEntitlements")
    for entry in listed if isinstance(listed, list) else ():
        found[str(entry["entitlementId"])] = _on(entry.get("payAsYouGoState"))
    return found or None


def _on(state: Any) -> bool:
    return state is True or str(state).casefold() == "enabled"


def read_allocations(step: StepContext) -> None:
    """Read what each environment was handed out: from the list, else from the newer service."""
    silent: list[str] = []
    with step.reading("addons") as source:
        pages = step.api.pages("bap", _ENVIRONMENTS, _WITH_ADDONS, pager=NextLink())
        for page in sound(source, pages, _ADDED_TO):
            told = {}
            for record in page:
                listed = record["properties"].get("addons")
                if listed is None:
                    silent.append(record["name"])
                else:
                    key = environment_key(record["name"])
                    told[key] = [_allocation(key, row, "addonType") for row in listed]
            _keep(step, told)
            source.rows += sum(len(rows) for rows in told.values())
    if not silent:
        return
    with step.reading("allocations") as source:
        for name, result in step.api.map(lambda one: _allocations(step, one), silent):
            if isinstance(result, ApiError):
                source.falls_short(f"environment {name}: {result}")
                continue
            if isinstance(result, BaseException):
                raise result
            _keep(step, {environment_key(name): result})
            source.rows += len(result)


def _allocations(step: StepContext, name: str) -> list[dict[str, Any]]:
    """Ask for one environment; one to which nothing was handed out is not found there."""
    path = f"/licensing/allocationsByEnvironment/{name}"
    try:
        reply = step.api.get_json("powerplatform", path, _ALLOCATIONS_VERSION)
    except NotFound:
        return []
    key = environment_key(name)
    return [_allocation(key, row, "currencyType") for row in reply["currencyAllocations"]]


def _allocation(key: str, row: dict[str, Any], currency: str) -> dict[str, Any]:
    allocated = int(row.get("allocated") or 0)
    return {"environment_key": key, "currency": row[currency], "allocated": allocated}


def _keep(step: StepContext, told: dict[str, list[dict[str, Any]]]) -> None:
    rows = [row for listed in told.values() for row in listed if row["allocated"]]
    step.store.replace_edges(ENVIRONMENT_ALLOCATIONS, list(told), rows)
    step.store.tally.add(seen=len(rows))
