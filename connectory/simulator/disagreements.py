"""What lists of the simulated tenant disagree about on purpose, beyond what chance brought."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from connectory.simulator.inventory import live_connectors
from connectory.simulator.randomness import chance, stream
from connectory.simulator.state import Connector, Permission, Tenant

SHARED: Final = 0.2
"""Share of connectors that the collecting application was given a role on."""
CROWD: Final = 40
"""From so many connectors on, some are in a state that a small tenant would feel."""


def plant_disagreements(tenant: Tenant) -> None:
    """Share some connectors with the collector, and let a few lists lag or keep what is gone."""
    rng = stream(tenant.seed, "disagreements")
    named = [one for one in live_connectors(tenant) if one.name is not None]
    _share(tenant, rng, named)
    if len(named) >= CROWD:
        _lag(named)
        _leave_rows_behind(tenant, named)


def _share(tenant: Tenant, rng: random.Random, named: list[Connector]) -> None:
    robot = next(
        p.id for p in tenant.service_principals.values() if p.app_id == tenant.collector_app_id
    )
    for number, connector in enumerate(named):
        if number == 0 or chance(rng, SHARED):
            connector.permissions.append(Permission(robot, "CanView", "ServicePrincipal", robot))


def _lag(named: list[Connector]) -> None:
    """Make sure that one connector is not yet in the admin list, which other lists show."""
    if all(one.in_admin_list for one in named):
        late = next(one for one in named[1:] if one.dataverse is None)
        late.in_admin_list, late.in_connectivity = False, True


def _leave_rows_behind(tenant: Tenant, named: list[Connector]) -> None:
    """Delete the runtime of a connector whose row a managed solution keeps in Dataverse."""
    kept = [one for one in named if one.dataverse is not None and one.dataverse.managed]
    readable = [
        one
        for one in kept
        if (database := tenant.environments[one.environment].dataverse) is not None
        and database.application_user
    ]
    for one in readable[: max(1, len(named) // 300)]:
        one.runtime_deleted = tenant.now - timedelta(days=3)
        one.in_admin_list = one.in_connectivity = False
