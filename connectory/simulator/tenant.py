"""Build a simulated tenant: the same arguments always give the same tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from connectory.simulator import audit
from connectory.simulator.agents import add_agents
from connectory.simulator.apps import add_apps
from connectory.simulator.asset_sharing import share_flows
from connectory.simulator.backends import plant_backends
from connectory.simulator.billing import add_billing
from connectory.simulator.connection_cases import plant_connection_cases
from connectory.simulator.connections import add_connections, add_references
from connectory.simulator.definitions import load_pool
from connectory.simulator.disagreements import plant_disagreements
from connectory.simulator.drift_cases import plant_drift_cases
from connectory.simulator.environments import add_environments
from connectory.simulator.flows import add_flows
from connectory.simulator.inventory import add_connectors
from connectory.simulator.licence_planting import plant_licence_cases
from connectory.simulator.licences import add_licences
from connectory.simulator.owner_planting import plant_owner_cases
from connectory.simulator.people import add_directory, cast_of
from connectory.simulator.policies import add_policies
from connectory.simulator.randomness import guid, stream
from connectory.simulator.registrations import add_registrations
from connectory.simulator.sharing import add_permissions
from connectory.simulator.sizes import SIZES
from connectory.simulator.state import Tenant
from connectory.simulator.words import DOMAIN

START: Final = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""The clock of every tenant before its first advance; a Monday."""


def build(size: str, seed: int, definitions: Path | None) -> Tenant:
    """Return a tenant of the named size, seeded, with its clock at `START`.

    Args:
        size: a key of `sizes.SIZES`.
        seed: same seed, same tenant, down to the last id.
        definitions: a folder of connector definitions to use, or None for invented ones.

    Raises:
        ValueError: the size is unknown.
        FileNotFoundError: `definitions` holds no connector definition.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}; choose one of {', '.join(SIZES)}")
    plan = SIZES[size]
    rng = stream(seed, "tenant")
    tenant = Tenant(
        id=guid(rng),
        domain=DOMAIN,
        seed=seed,
        size=size,
        now=START,
        started=START,
        collector_app_id=guid(rng),
    )
    add_directory(tenant, plan)
    cast = cast_of(tenant)
    layout = add_environments(tenant, plan, cast)
    add_connectors(tenant, plan, layout, cast, load_pool(definitions, seed))
    add_permissions(tenant, cast)
    add_connections(tenant, plan, layout, cast)
    add_references(tenant, plan, layout, cast)
    add_flows(tenant, plan, layout, cast)
    add_apps(tenant, plan, cast)
    plant_drift_cases(tenant)
    plant_backends(tenant)
    plant_connection_cases(tenant, cast)
    share_flows(tenant, cast)
    add_agents(tenant, plan, cast)
    plant_disagreements(tenant)
    add_licences(tenant)
    add_billing(tenant, cast)
    plant_licence_cases(tenant, cast)
    add_registrations(tenant)
    add_policies(tenant, layout, cast)
    plant_owner_cases(tenant, cast)
    audit.begin(tenant)
    return tenant
