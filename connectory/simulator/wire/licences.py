"""Licences as the directory tells them: products subscribed to, and what each person holds."""

from __future__ import annotations

from collections import Counter

from connectory.simulator.entitlements import Licence, Product
from connectory.simulator.licences import living_licences
from connectory.simulator.state import Person
from connectory.simulator.wire.exchange import Json, seconds
from connectory.simulator.wire.world import World


def subscriptions(world: World) -> list[Json]:
    """Return the products the tenant subscribes to."""
    used = Counter(licence.sku for licence in living_licences(world.tenant))
    return [
        {
            "id": f"{world.tenant.id}_{one.product.sku}",
            "accountId": world.tenant.id,
            "accountName": world.tenant.domain.partition(".")[0],
            "skuId": one.product.sku,
            "skuPartNumber": one.product.part_number,
            "appliesTo": one.product.applies_to,
            "capabilityStatus": one.status,
            "consumedUnits": used[one.product.sku],
            "prepaidUnits": {
                "enabled": one.enabled,
                "suspended": one.suspended,
                "warning": one.warning,
                "lockedOut": 0,
            },
            "servicePlans": _plans(one.product),
            "subscriptionIds": [],
        }
        for one in world.tenant.subscriptions
    ]


def _plans(product: Product) -> list[Json]:
    return [
        {
            "servicePlanId": plan,
            "servicePlanName": name,
            "provisioningStatus": "Success",
            "appliesTo": product.applies_to,
        }
        for plan, name in product.plans
    ]


def held(world: World, person: Person) -> Json:
    """Return the members of a user that tell of licences."""
    mine = world.licences_of.get(person.id, [])
    products = {one.product.sku: one.product for one in world.tenant.subscriptions}
    return {
        "assignedLicenses": [
            {"disabledPlans": one.disabled_plans, "skuId": one.sku} for one in mine
        ],
        "licenseAssignmentStates": [state for one in mine for state in _states(person, one)],
        "assignedPlans": [
            {
                "assignedDateTime": seconds(person.created),
                "capabilityStatus": "Enabled",
                "service": "ProcessSimple" if "flow" in name.casefold() else "PowerAppsService",
                "servicePlanId": plan,
            }
            for one in mine
            for plan, name in products[one.sku].plans
            if plan not in one.disabled_plans
        ],
    }


def _states(person: Person, one: Licence) -> list[Json]:
    """Return a state for each way in which the licence came: directly has no group."""
    ways: list[str | None] = [*([None] if one.direct else []), *one.groups]
    return [
        {
            "skuId": one.sku,
            "disabledPlans": one.disabled_plans,
            "assignedByGroup": group,
            "state": "Active",
            "error": "None",
            "lastUpdatedDateTime": seconds(person.created),
        }
        for group in ways
    ]


def details(world: World, person: Person) -> list[Json]:
    """Return a person's licences with the plans inside."""
    products = {one.product.sku: one.product for one in world.tenant.subscriptions}
    return [
        {
            "id": one.sku,
            "skuId": one.sku,
            "skuPartNumber": products[one.sku].part_number,
            "servicePlans": _plans(products[one.sku]),
        }
        for one in world.licences_of.get(person.id, [])
    ]
