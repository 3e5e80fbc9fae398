"""Pay-as-you-go of the simulated tenant, and the capacity handed out to environments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from connectory.simulator.entitlements import Allocation, BillingPolicy
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.state import Environment, Tenant

METERS: Final = {
    "powerApps": True,
    "cloudFlowRuns": True,
    "desktopFlowAttendedRuns": False,
    "desktopFlowUnattendedRuns": False,
}


def add_billing(tenant: Tenant, cast: Cast) -> None:
    """Fill the tenant's billing policies and allocations.

    One policy pays for production environments, another is switched off and pays for none; of
    many environments one is linked for its capacity alone. The default environment is never paid
    for as one goes, but holds passes.
    """
    rng = stream(tenant.seed, "billing")
    living = [home for home in tenant.environments.values() if home.deleted is None]
    production = [home for home in living if home.sku == "Production"]
    linked = [home.name for home in production if chance(rng, 0.3)] or [production[0].name]
    capacity = linked[-1:] if len(linked) > 2 else []  # noqa: PLR2004 - some are metered first
    linked = [name for name in linked if name not in capacity]
    for name, enabled in (("PAYG Europe", True), ("PAYG pilot (ended)", False)):
        created = moment(rng, tenant.now, 100, 500)
        tenant.billing_policies.append(
            BillingPolicy(
                id=guid(rng),
                name=name,
                enabled=enabled,
                location="europe",
                subscription=guid(rng),
                resource_group=f"rg-{'payg' if enabled else 'pilot'}",
                created=created,
                modified=created + timedelta(days=7),
                created_by=cast.makers[0].id,
                environments=linked if enabled else [],
                meters=dict(METERS) if enabled else None,
            )
        )
    if capacity:
        policy = replace(tenant.billing_policies[0], id=guid(rng), name="PAYG Dataverse capacity")
        policy.environments, policy.meters = capacity, dict.fromkeys(METERS, False)
        tenant.billing_policies.append(policy)
    for number, home in enumerate(living):
        _allocate(tenant, home, passes=rng.randrange(1, 30), number=number)


def linked_without_meters(tenant: Tenant) -> set[str]:
    """Return the environments that a policy pays for, which bills neither apps nor flows."""
    return {
        name
        for policy in tenant.billing_policies
        if policy.enabled and policy.meters and not any(policy.meters.values())
        for name in policy.environments
    }


def _allocate(tenant: Tenant, home: Environment, *, passes: int, number: int) -> None:
    """Hand out passes to every second environment, and process licences to some of these."""
    if home.is_default or number % 2 == 1:
        tenant.allocations.append(Allocation(home.name, "AppPass", passes))
    if number % 4 == 1:
        tenant.allocations.append(Allocation(home.name, "PerFlowPlan", 1))
    # Not every record lists what was handed out; the newer service must then be asked.
    home.lists_addons = number % 5 != 1 or not home.admin_readable
