"""Licences: what was bought, and who holds what, with the service plans switched off.

Source: Microsoft Graph v1.0. What pays per use or per environment is read by collectors/billing.py.
"""

from __future__ import annotations

from typing import Any

from collectors import billing
from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, StepContext
from collectors.lookups import open_parents
from collectors.nouns import BILLING_POLICIES, LICENCE_ASSIGNMENTS, LICENCE_SKUS
from collectors.records import Shape, sound
from collectors.store import Kept

_SKU = Shape(texts=("skuId",), may_be_objects=("prepaidUnits",), may_be_lists=("servicePlans",))
_HOLDER = Shape(texts=("id",), may_be_lists=("assignedLicenses", "licenseAssignmentStates"))


def collect(step: StepContext) -> None:
    """Read products, assignments, billing policies and what environments were handed out."""
    with step.reading("subscribed_skus") as source:
        pages = step.api.pages("graph", "/v1.0/subscribedSkus", pager=ODataNextLink())
        for page in sound(source, pages, _SKU):
            step.store.keep(LICENCE_SKUS, [sku(record) for record in page], source=source.source)
            source.rows += len(page)
    _assignments(step)
    billing.read_policies(step)
    billing.read_allocations(step)


def _assignments(step: StepContext) -> None:
    """Read everybody's licences; who is no longer listed holds none, as a whole list proves."""
    parameters = {"$select": "id,assignedLicenses,licenseAssignmentStates", "$top": "999"}
    listed: set[str] = set()
    with step.reading("assignments") as source:
        pages = step.api.pages("graph", "/v1.0/users", parameters, pager=ODataNextLink())
        for page in sound(source, pages, _HOLDER):
            holders = [record["id"].casefold() for record in page]
            rows = [row for record in page for row in assignments(record)]
            step.store.replace_edges(LICENCE_ASSIGNMENTS, holders, rows)
            step.store.tally.add(seen=len(rows))
            listed.update(holders)
            source.rows += len(rows)
        if source.outcome == "complete":
            left = open_parents(step.store, LICENCE_ASSIGNMENTS) - listed
            step.store.replace_edges(LICENCE_ASSIGNMENTS, sorted(left), [])


def sku(record: dict[str, Any]) -> Kept:
    """Return one product: joins go by its id, since names repeat and change."""
    units = record.get("prepaidUnits") or {}
    return Kept(
        record["skuId"].casefold(),
        {
            "part_number": record.get("skuPartNumber"),
            "capability_status": record.get("capabilityStatus"),
            "applies_to": record.get("appliesTo"),
            "consumed": record.get("consumedUnits"),
            "enabled": units.get("enabled"),
            "warning": units.get("warning"),
            "suspended": units.get("suspended"),
            "locked_out": units.get("lockedOut"),
            "service_plans": sorted(
                (_plan(plan) for plan in record.get("servicePlans") or []),
                key=lambda plan: str(plan["id"]),
            ),
        },
    )


def _plan(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": plan["servicePlanId"].casefold(),
        "name": plan.get("servicePlanName"),
        "status": plan.get("provisioningStatus"),
        "applies_to": plan.get("appliesTo"),
    }


def assignments(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the licences of one person.

    What is switched off is told per licence; from where a licence comes, per way: directly, or
    through a group. Directories that do not tell the ways leave both answers empty.
    """
    ways = record.get("licenseAssignmentStates")
    rows = []
    for licence in record["assignedLicenses"]:
        mine = [way for way in ways or [] if way["skuId"] == licence["skuId"]]
        groups = {way["assignedByGroup"] for way in mine if way.get("assignedByGroup")}
        rows.append(
            {
                "principal_key": record["id"].casefold(),
                "sku_key": licence["skuId"].casefold(),
                "disabled_plans": sorted(p.casefold() for p in licence.get("disabledPlans") or []),
                "direct": any(not way.get("assignedByGroup") for way in mine) if mine else None,
                "group_keys": sorted(group.casefold() for group in groups) if mine else None,
            }
        )
    return rows


COLLECTOR = Collector(
    "licences",
    "tenant",
    collect,
    retires=(LICENCE_SKUS, BILLING_POLICIES),
    presence_sources=("subscribed_skus", "billing_policies"),
)
