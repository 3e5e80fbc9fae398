"""The custom connectors of the simulated tenant: where they live and what they are made of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import cycle
from typing import Final

from connectory.simulator.drift_edits import become, extras_of, ground_of
from connectory.simulator.environments import Layout
from connectory.simulator.identifiers import logical_name, runtime_name, solution_runtime_name
from connectory.simulator.mutations import sibling
from connectory.simulator.openapi import Blueprint, backend_of, define, parse, roundtrips
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import Connector, DataverseConnector, Tenant
from connectory.simulator.words import HOSTILE_CONNECTORS, PUBLISHER_PREFIX

PLAIN: Final = 1
"""Number of the family that differs in its host only."""
WITHOUT_TEST: Final = 2
"""Number of the family that is in no test environment."""
WHOLE: Final = 4
"""The first families, up to this number, are in all other environments of their chain."""
DEFAULT_SHARE: Final = 0.35
"""Share of connectors outside families that sit in the default environment."""


def add_connectors(
    tenant: Tenant, size: Size, layout: Layout, cast: Cast, pool: list[Blueprint]
) -> None:
    """Fill the tenant's connectors: families first, then every other blueprint at least once.

    Where the size allows, each blueprint of `pool` is used; documents that do not survive being
    written again are used as they are, never in a family.
    """
    rng = stream(tenant.seed, "connectors")
    order = rng.sample(pool, len(pool))
    writable = [blueprint for blueprint in order if roundtrips(blueprint.content)]
    writable = writable[: (len(writable) + 1) // 2]
    add = partial(add_connector, tenant, rng, cast)
    chosen = _families(tenant, add, rng, layout, writable, size)
    rest = cycle([blueprint for blueprint in order if blueprint.key not in chosen] or order)
    homes = _homes(tenant, rng, layout)
    aware = 0.25 if size.families else 0.75
    while len(tenant.connectors) < size.connectors:
        add(next(rest), next(homes), solution_aware=chance(rng, aware))
    for environment in _hidden(tenant):
        add(next(rest), environment, solution_aware=False)
    _plant(tenant, rng)


def _hidden(tenant: Tenant) -> list[str]:
    """List the environments whose connectors no admin call shows: denied or deleted ones."""
    return [
        name
        for name, environment in tenant.environments.items()
        if environment.deleted is not None or not environment.admin_readable
    ]


def _families(
    tenant: Tenant,
    add: Callable[..., Connector],
    rng: random.Random,
    layout: Layout,
    pool: list[Blueprint],
    size: Size,
) -> set[str]:
    if not pool:
        return set()
    for number in range(size.families):
        blueprint = pool[number % len(pool)]
        environments = layout.chains[number % len(layout.chains)]
        stages = list(zip(("dev", "test", "prod"), environments, strict=True))
        short = chance(rng, 0.25)
        if number == WITHOUT_TEST:
            del stages[1]
        elif short and number > WHOLE:
            del stages[rng.choice((1, 2))]
        family = f"{blueprint.key}@{number}"
        tenant.drifting.chains[family] = environments
        for stage, environment in stages:
            member = partial(add, blueprint, environment, family=family, managed=stage != "dev")
            if environment == stages[-1][1]:
                member()
                continue
            numbers = stream(tenant.seed, "sibling", number, stage)
            become(member(content=blueprint.content), sibling(
                blueprint.content, numbers, stage, extras=extras_of(blueprint),
                taken=ground_of(tenant, family), plain=number == PLAIN,
            ))  # fmt: skip
    return {pool[number % len(pool)].key for number in range(size.families)}


def _homes(tenant: Tenant, rng: random.Random, layout: Layout) -> Iterator[str]:
    """Yield environments for connectors outside families, the default one most often."""
    hidden = _hidden(tenant)
    others = [
        name
        for name in tenant.environments
        if name not in hidden and name != layout.default and layout.stages.get(name) != "test"
    ]
    if not layout.chains:
        yield from cycle([layout.default, *others, *others])
    while True:
        yield layout.default if chance(rng, DEFAULT_SHARE) else rng.choice(others)


def add_connector(
    tenant: Tenant,
    rng: random.Random,
    cast: Cast,
    blueprint: Blueprint,
    environment: str,
    *,
    family: str | None = None,
    content: bytes | None = None,
    managed: bool = False,
    solution_aware: bool = True,
) -> Connector:
    """Add and return a connector made from `blueprint`, without permissions yet.

    It gets a Dataverse row if it is to be solution-aware and its environment has Dataverse.
    `content` replaces the blueprint's document.
    """
    database = tenant.environments[environment].dataverse
    maker = rng.choice(cast.makers)
    created, changed = _lifetime(rng, tenant)
    definition = blueprint.definition() if content is None else define(content)
    logical = logical_name(PUBLISHER_PREFIX, blueprint.title)
    row = None
    if database is not None and solution_aware:
        name = solution_runtime_name(rng, logical)
        # Whether the column carries the prefix differs between tenants, so both are served.
        internal = name.removeprefix("shared_") if chance(rng, 0.3) else name
        row = DataverseConnector(guid(rng), logical, internal, maker.id, managed, guid(rng))
    else:
        name = runtime_name(rng, blueprint.title)
    backend = blueprint.backend_url if content is None else backend_of(parse(content))
    connector = Connector(
        environment=environment,
        name=name,
        display_name=blueprint.title,
        description=blueprint.description,
        created=created,
        changed=changed,
        created_by=None if chance(rng, 0.05) else maker.id,
        modified_by=None if chance(rng, 0.05) else maker.id,
        backend_url=None if chance(rng, 0.03) else backend,
        brand_color=blueprint.brand_color,
        connection_parameters=blueprint.connection_parameters,
        connection_parameter_sets=blueprint.connection_parameter_sets,
        policies=list(blueprint.policies),
        script_operations=list(blueprint.script_operations),
        has_script=blueprint.has_script,
        definition=definition,
        permissions=[],
        dataverse=row,
        in_connectivity=not chance(rng, 0.08),
        family=family or blueprint.key,
    )
    tenant.connectors.append(connector)
    return connector


def _lifetime(rng: random.Random, tenant: Tenant) -> tuple[datetime, datetime]:
    age = rng.uniform(15, 900)
    return moment(rng, tenant.now, age, age), moment(rng, tenant.now, 1, age)


def _plant(tenant: Tenant, rng: random.Random) -> None:
    """Plant what a real tenant holds now and then, a share of the connectors each."""
    usual = [c for c in tenant.connectors if not tenant.environments[c.environment].deleted]
    solution_aware = [c for c in usual if c.dataverse is not None and not c.dataverse.managed]
    for connector in solution_aware[-max(1, len(tenant.connectors) // 150) :]:
        _never_synchronised(connector)
    outside = [c for c in usual if c.dataverse is None]
    rng.shuffle(outside)
    for connector in outside[: len(tenant.connectors) // 100]:
        connector.in_admin_list, connector.in_connectivity = False, True
    if len(usual) >= 60:  # noqa: PLR2004 - a believable share of odd names needs a crowd
        for connector, name in zip(outside[-3:], HOSTILE_CONNECTORS, strict=True):
            connector.display_name = name
            connector.description = "Maintained by nobody in particular"
        outside[0].backend_url = None


def _never_synchronised(connector: Connector) -> None:
    """Leave a connector with its Dataverse row only: no runtime name, in no other list."""
    connector.name = None
    connector.in_admin_list = connector.in_connectivity = False
    if connector.dataverse is not None:
        connector.dataverse.internal_id = None


def live_connectors(tenant: Tenant) -> list[Connector]:
    """Return the connectors that exist now, in environments that exist now."""
    return [
        connector
        for connector in tenant.connectors
        if connector.deleted is None and tenant.environments[connector.environment].deleted is None
    ]
