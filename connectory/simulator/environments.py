"""The environments of the simulated tenant and how they belong together."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, hexadecimal, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import Dataverse, Environment, Person, Tenant
from connectory.simulator.words import COMPANY, ENVIRONMENT_AREAS

# BAP location, Azure region, the Dataverse region part of the host name.
REGIONS: Final = (
    ("europe", "westeurope", "crm4"),
    ("europe", "northeurope", "crm4"),
    ("germany", "germanywestcentral", "crm16"),
    ("unitedkingdom", "uksouth", "crm11"),
)


_TEAMS: Final = 4
_MANAGED: Final = 3
"""Which of the environments outside chains is of Teams, and which is managed."""


@dataclass(slots=True)
class Layout:
    """Environment ids by their place: the default one, chains (dev, test, prod), and the rest."""

    default: str
    chains: list[tuple[str, str, str]] = field(default_factory=list)
    singles: list[str] = field(default_factory=list)

    stages: dict[str, str] = field(default_factory=dict)
    """`dev`, `test` or `prod` of each environment that belongs to a chain."""


def add_environments(tenant: Tenant, size: Size, cast: Cast) -> Layout:
    """Fill the tenant's environments, one of them soft-deleted, and return their layout."""
    rng = stream(tenant.seed, "environments")
    add = partial(_add, tenant, rng, cast.makers)
    default = add(f"{COMPANY} (default)", "Default", dataverse=size.chains > 0)
    layout = Layout(default.name)
    for number in range(size.chains):
        area = "Operations" if size.chains == 1 else _area(number)
        dev = add(f"{area} DEV", "Sandbox")
        test = add(f"{area} TEST", "Sandbox", managed=number % 2 == 0)
        prod = add(f"{area} PROD", "Production", managed=number % 3 > 0)
        layout.chains.append((dev.name, test.name, prod.name))
        layout.stages |= {dev.name: "dev", test.name: "test", prod.name: "prod"}
    for number in range(size.singles):
        layout.singles.append(_single(tenant, rng, cast.makers, size, number).name)
    trial = add("Campaign trial 2025", "Trial")
    trial.deleted = moment(rng, tenant.now, 1, 5)
    _restrict(tenant, size, layout)
    return layout


def _area(number: int) -> str:
    generation, index = divmod(number, len(ENVIRONMENT_AREAS))
    return ENVIRONMENT_AREAS[index] + (f" {generation + 1}" if generation else "")


def _single(
    tenant: Tenant, rng: random.Random, makers: list[Person], size: Size, number: int
) -> Environment:
    if size.chains == 0:
        return _add(tenant, rng, makers, "Operations PROD", "Production", managed=True)
    if number == _TEAMS:
        return _add(tenant, rng, makers, f"{_area(number)} (Teams)", "Teams")
    if number % 3 == 1:
        return _add(tenant, rng, makers, f"{_area(number // 3)} Lab", "Sandbox")
    maker = rng.choice(makers)
    name = f"{maker.display_name}'s Environment"
    managed = number == _MANAGED
    return _add(tenant, rng, makers, name, "Developer", managed=managed, dataverse=number % 3 > 1)


def _add(
    tenant: Tenant,
    rng: random.Random,
    makers: list[Person],
    display_name: str,
    sku: str,
    *,
    managed: bool = False,
    dataverse: bool = True,
) -> Environment:
    location, azure_region, crm = REGIONS[0] if chance(rng, 0.6) else rng.choice(REGIONS)
    is_default = sku == "Default"
    name = f"Default-{tenant.id}" if is_default else guid(rng)
    created = moment(rng, tenant.now, 90, 1800)
    environment = Environment(
        name=name,
        display_name=display_name,
        description=None if chance(rng, 0.5) else f"{display_name}, run by the platform team",
        sku=sku,
        location=location,
        azure_region=azure_region,
        is_default=is_default,
        managed=managed,
        created=created,
        modified=moment(rng, tenant.now, 1, (tenant.now - created).days),
        created_by=None if is_default else rng.choice(makers).id,
        dataverse=Dataverse(guid(rng), f"org{hexadecimal(rng, 8)}", crm) if dataverse else None,
    )
    tenant.environments[name] = environment
    return environment


def _restrict(tenant: Tenant, size: Size, layout: Layout) -> None:
    """Refuse admin calls in some environments and Dataverse in others, counted from the end."""
    for name in layout.singles[len(layout.singles) - size.denied :]:
        tenant.environments[name].admin_readable = False
    tests = [chain[1] for chain in reversed(layout.chains)]
    for name in (tests if len(tests) > 1 else [layout.default])[: size.refused]:
        database = tenant.environments[name].dataverse
        if database is not None:
            database.application_user = False
