"""Licences of the simulated tenant: what was bought, and who holds what, from where."""

from __future__ import annotations

import random
from typing import Final

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


def add_licences(tenant: Tenant) -> None:
    """Fill the tenant's subscriptions and the licences people hold.

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
    _subscribe(tenant, rng)


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


def _subscribe(tenant: Tenant, rng: random.Random) -> None:
    for product in (SUITE, *SINGLE):
        used = sum(licence.sku == product.sku for licence in tenant.licences)
        spare = rng.randrange(1, 6)
        if product is TRIAL:
            ended = Subscription(product, "Warning", enabled=0, warning=used + spare)
            tenant.subscriptions.append(ended)
        else:
            tenant.subscriptions.append(Subscription(product, "Enabled", enabled=used + spare))
    tenant.subscriptions.append(Subscription(PASSES, "Enabled", enabled=20))


def living_licences(tenant: Tenant) -> list[Licence]:
    """Return the licences in use: deleting an account frees those it held."""
    here = {person.id for person in tenant.people.values() if person.deleted is None}
    return [licence for licence in tenant.licences if licence.person in here]
