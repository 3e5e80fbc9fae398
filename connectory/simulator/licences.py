"""Licences of the simulated tenant: what was bought, and who holds what, from where."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Final, Protocol

from connectory.simulator.entitlements import Licence, Product, Subscription
from connectory.simulator.randomness import chance, stream
from connectory.simulator.state import Group, Person, Tenant

# Ids of products and plans are Microsoft's published ones; how many there are is invented.
# https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
SUITE: Final = Product(
    "SPE_E3",
    "05e9a617-0261-4cee-bb44-138d3ef5d965",
    (
        ("c68f8d98-5534-41c8-bf36-22fa496fa792", "POWERAPPS_O365_P2"),
        ("76846ad7-7776-4c40-a281-a386362dd1b9", "FLOW_O365_P2"),
    ),
)
PREMIUM: Final = Product(
    "POWERAPPS_PER_USER",
    "b30411f5-fea1-4a59-9ad9-3db7c7ead579",
    (
        ("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86", "POWERAPPS_PER_USER"),
        ("dc789ed8-0170-4b65-a415-eb77d5bb350a", "Flow_PowerApps_PerUser"),
    ),
)
AUTOMATE: Final = Product(
    "POWERAUTOMATE_ATTENDED_RPA",
    "eda1941c-3c4f-4995-b5eb-e85a42175ab9",
    (("375cd0ad-c407-49fd-866a-0bff4f8a9a4d", "POWER_AUTOMATE_ATTENDED_RPA"),),
)
SALES: Final = Product(
    "DYN365_ENTERPRISE_SALES",
    "1e1a282c-9c54-43a2-9310-98ef728faace",
    (
        ("874fc546-6efe-4d22-90b8-5c4e7aa59f4b", "POWERAPPS_DYN_APPS"),
        ("7e6d7d78-73de-46ba-83b1-6d25117334ba", "FLOW_DYN_APPS"),
    ),
)
FREE: Final = Product(
    "FLOW_FREE",
    "f30db892-07e9-47e9-837c-80727f46fd3d",
    (("50e68c76-46c6-4674-81f9-75456511b170", "FLOW_P2_VIRAL"),),
)
TRIAL: Final = Product(
    "POWERAPPS_VIRAL",
    "dcb1a3ae-b33f-4487-846a-a640262fadf4",
    (
        ("d5368ca3-357e-4acb-9c21-8495fb025d1f", "POWERAPPS_P2_VIRAL"),
        ("d20bfa21-e9ae-43fc-93c2-20783f0840c3", "FLOW_P2_VIRAL_REAL"),
    ),
)
PLAN_2: Final = Product(
    "POWERFLOW_P2",
    "ddfae3e3-fcb2-4174-8ebd-3023cb213c8b",
    (
        ("00527d7f-d5bc-4c2a-8d1e-6c0de2410c81", "POWERAPPS_P2"),
        ("56be9436-e4b2-446c-bb7f-cc15d16cca4d", "FLOW_P2"),
    ),
)
FLOW_PLAN_2: Final = Product(
    "FLOW_P2",
    "4755df59-3f73-41ab-a249-596ad72b5504",
    (("56be9436-e4b2-446c-bb7f-cc15d16cca4d", "FLOW_P2"),),
)
DEVELOPER: Final = Product(
    "POWERAPPS_DEV",
    "5b631642-bd26-49fe-bd20-1daaa972ef80",
    (("a2729df7-25f8-4e63-984b-8a8484121554", "POWERAPPS_DEV_VIRAL"),),
)
EMBEDDED: Final = Product(
    "POWERAPPS_PER_USER_ISVEMB",
    "2a6fb3c6-30cc-4558-a69d-032425c1a3ba",
    (("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86", "POWERAPPS_PER_USER"),),
)
LAPSED: Final = Product(
    "POWERAPPS_PER_USER_BD_ONLY",
    "2ced8a00-3ed1-4295-ab7c-57170ff28e58",
    (("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86", "POWERAPPS_PER_USER"),),
)
"""Of a subscription that was not paid for any more."""
UNLISTED: Final = Product(
    "POWERAPPS_REGIONAL_OFFER",
    "9f3d52aa-7d0e-4a8b-bb0c-2f5b1a6c9e17",
    (("5c1c9a1e-6f7f-4e0a-8f0b-0d7f2b9a4c33", "POWERAPPS_REGIONAL_OFFER"),),
)
"""In no public table of products."""
PASSES: Final = Product(
    "POWERAPPS_PER_APP_NEW",
    "b4d7b828-e8dc-4518-91f9-e123ae48440d",
    (
        ("14f8dac2-0784-4daa-9cb2-6d670b088d64", "POWERAPPS_PER_APP_NEW"),
        ("c539fa36-a64e-479a-82e1-e40ff2aa83ee", "Flow_Per_APP"),
    ),
    applies_to="Company",
)
SINGLE: Final = (PREMIUM, AUTOMATE, SALES, FREE, TRIAL)
"""What people are given one by one, beside the suite that comes with the department."""
RARE: Final = (PLAN_2, FLOW_PLAN_2, DEVELOPER, EMBEDDED, LAPSED, UNLISTED)
"""What only those hold of whom a case of licensing says so."""


class Holding(Protocol):
    """What somebody holds, and which service plans of it are switched off."""

    @property
    def holds(self) -> tuple[Product, ...]:
        """Products."""
        ...

    @property
    def off(self) -> tuple[str, ...]:
        """Ids of service plans."""
        ...


def add_licences(tenant: Tenant) -> None:
    """Fill the licences people hold, before cases of licensing say who holds which.

    Departments give the suite to their members; the rest is handed to people one by one. A few
    hold the suite twice, some have one of its plans switched off, and some nothing at all.
    """
    rng = stream(tenant.seed, "licences")
    people = [person for person in tenant.people.values() if person.deleted is None]
    for person in people:
        _suite(tenant, rng, person)
        for product, share in zip(SINGLE, (0.2, 0.08, 0.05, 0.25, 0.02), strict=True):
            if chance(rng, share):
                give(tenant, rng, person, product)
    maker = next(person for person in people if person.enabled)
    if not any(licence.person == maker.id for licence in tenant.licences):
        give(tenant, rng, maker, PREMIUM)


def _suite(tenant: Tenant, rng: random.Random, person: Person) -> None:
    if person.user_type == "Guest" or chance(rng, 0.1):
        return
    groups = [group.id for group in _departments(tenant) if person.id in group.member_ids]
    direct = not groups or chance(rng, 0.15)
    tenant.licences.append(Licence(person.id, SUITE.sku, direct, groups, _off(rng, SUITE)))


def _departments(tenant: Tenant) -> list[Group]:
    return [g for g in tenant.groups.values() if g.display_name.endswith(": everyone")]


def _off(rng: random.Random, product: Product) -> list[str]:
    return [rng.choice(product.plans)[0]] if chance(rng, 0.15) else []


def give(tenant: Tenant, rng: random.Random, person: Person, product: Product) -> None:
    """Give a person a licence for a product, unless they hold one."""
    if not any(held.person == person.id and held.sku == product.sku for held in tenant.licences):
        licence = Licence(person.id, product.sku, direct=True, groups=[])
        licence.disabled_plans = _off(rng, product)
        tenant.licences.append(licence)


def hold_only(tenant: Tenant, holders: Mapping[str, Holding]) -> None:
    """Let people hold certain licences and no others; the suite comes from their department.

    Args:
        tenant: The tenant.
        holders: What each holds, by id, and which plans of that are off.
    """
    tenant.licences = [licence for licence in tenant.licences if licence.person not in holders]
    departments = {group.id: set(group.member_ids) for group in _departments(tenant)}
    for person, holder in sorted(holders.items()):
        for product in holder.holds:
            off = [plan for plan, _ in product.plans if plan in holder.off]
            givers = departments if product is SUITE else {}
            groups = [group for group, members in givers.items() if person in members]
            tenant.licences.append(Licence(person, product.sku, not groups, groups, off))


def add_subscriptions(tenant: Tenant) -> None:
    """Subscribe to what people hold, and to a little more."""
    rng = stream(tenant.seed, "subscriptions")
    used = Counter(licence.sku for licence in tenant.licences)
    for product in (SUITE, *SINGLE):
        _subscribe(tenant, product, used[product.sku] + rng.randrange(1, 6))
    for product in RARE:
        if used[product.sku]:
            _subscribe(tenant, product, used[product.sku] + rng.randrange(1, 6))
    tenant.subscriptions.append(Subscription(PASSES, "Enabled", enabled=20))


def _subscribe(tenant: Tenant, product: Product, units: int) -> None:
    if product is TRIAL:
        found = Subscription(product, "Warning", enabled=0, warning=units)
    elif product is LAPSED:
        found = Subscription(product, "Suspended", enabled=0, suspended=units)
    else:
        found = Subscription(product, "Enabled", enabled=units)
    tenant.subscriptions.append(found)


def living_licences(tenant: Tenant) -> list[Licence]:
    """Return the licences in use: deleting an account frees those it held."""
    here = {person.id for person in tenant.people.values() if person.deleted is None}
    return [licence for licence in tenant.licences if licence.person in here]
