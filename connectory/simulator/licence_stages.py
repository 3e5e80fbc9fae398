"""Environments in which cases of licensing play: what each is like is decided here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from connectory.simulator.billing import linked_without_meters
from connectory.simulator.entitlements import Allocation
from connectory.simulator.inventory import live_connectors
from connectory.simulator.licence_cases import Kind
from connectory.simulator.state import Connector, Environment, Tenant

_CAPACITY: Final = "AppPass"
_TURNS: Final[tuple[Kind, ...]] = ("plain", "few passes", "plain", "passes", "plain")
"""What environments become that are neither managed nor paid for as one goes, in turn."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An environment of a kind, with the custom connectors that apps and flows can use there."""

    environment: str
    connectors: tuple[Connector, ...]


def stages(tenant: Tenant) -> dict[Kind, list[Stage]]:
    """Make environments what cases of each kind take, and return them.

    Passes are left only where a case is about them. What an environment is like beside that was
    decided before: whether it is managed, and whether it is paid for as one goes.
    """
    offered = _offered(tenant)
    found: dict[Kind, list[Stage]] = defaultdict(list)
    turns = cycle(_TURNS)
    metered, unmetered = _linked(tenant)
    for name, home in tenant.environments.items():
        if home.deleted is not None or not home.admin_readable or not offered[name]:
            continue
        special = _kind(home, metered, unmetered)
        kind: Kind = next(turns) if special is None else special
        if kind not in ("passes", "few passes", "linked"):
            tenant.allocations = [
                one for one in tenant.allocations
                if (one.environment, one.currency) != (name, _CAPACITY)
            ]  # fmt: skip
        found[kind].append(Stage(name, tuple(offered[name])))
    return found


def hand_out(tenant: Tenant, environment: str, passes: int) -> None:
    """Hand out passes to an environment in place of those it had."""
    for one in tenant.allocations:
        if (one.environment, one.currency) == (environment, _CAPACITY):
            one.allocated = passes
            return
    tenant.allocations.append(Allocation(environment, _CAPACITY, passes))


def _offered(tenant: Tenant) -> dict[str, list[Connector]]:
    """Return by environment the connectors that the admin list shows, with what they can do.

    Where any are in use already it is these, so that what nobody uses remains so.
    """
    used = {(app.environment, one.connector) for app in tenant.apps for one in app.references}
    used |= {(flow.environment, one.connector) for flow in tenant.flows for one in flow.references}
    found: dict[str, list[Connector]] = defaultdict(list)
    for connector in live_connectors(tenant):
        known = connector.definition.operations if connector.definition else None
        if connector.name is not None and connector.in_admin_list and known:
            found[connector.environment].append(connector)
    for name, there in found.items():
        found[name] = [one for one in there if (name, one.name) in used] or there
    return found


def _linked(tenant: Tenant) -> tuple[set[str], set[str]]:
    """Return the environments that a policy pays for, with and without the meter of apps."""
    metered: set[str] = set()
    for policy in tenant.billing_policies:
        if policy.enabled and policy.meters and policy.meters["powerApps"]:
            metered |= set(policy.environments)
    return metered, linked_without_meters(tenant)


def _kind(home: Environment, metered: set[str], unmetered: set[str]) -> Kind | None:
    """Return what an environment is like; None where it is nothing out of the special."""
    if home.sku == "Teams":
        return "teams"
    if home.sku == "Developer":
        return "managed developer" if home.managed else "developer"
    if home.name in unmetered:
        return "linked"
    if home.name in metered:
        return "managed and metered" if home.managed else "metered"
    if home.managed:
        return "managed"
    return "passes" if home.is_default else None
