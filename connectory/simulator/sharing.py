"""Who owns the connectors of the simulated tenant, and whom they are shared with."""

from __future__ import annotations

import random
from typing import Final

from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, stream
from connectory.simulator.state import Connector, Permission, Role, Tenant

# Share of connectors per kind of owner; everybody else has a working owner.
DEPARTED: Final = 0.06
PURGED: Final = 0.015
DISABLED: Final = 0.03
GUEST: Final = 0.02
SERVICE: Final = 0.05
UNREADABLE: Final = 0.01
"""Connectors whose permission list is empty, so that their owner stays unknown."""

SHARED_ROLES: Final[tuple[Role, ...]] = ("CanView", "CanEdit", "CanViewWithShare")


def add_permissions(tenant: Tenant, cast: Cast) -> None:
    """Give every connector with a runtime name an owner and, to some, further principals.

    Roughly one in nine has no working owner: departed, purged from the directory or disabled.
    """
    rng = stream(tenant.seed, "permissions")
    named = [connector for connector in tenant.connectors if connector.name is not None]
    kinds = _kinds(rng, len(named))
    for connector, kind in zip(named, kinds, strict=True):
        if kind != "unreadable":
            give_owner(tenant, rng, cast, connector, kind)
            share(tenant, rng, connector)


def _kinds(rng: random.Random, count: int) -> list[str]:
    quota = {
        "departed": DEPARTED, "purged": PURGED, "disabled": DISABLED, "guest": GUEST,
        "service": SERVICE, "unreadable": UNREADABLE,
    }  # fmt: skip
    kinds = [kind for kind, share in quota.items() for _ in range(round(count * share))]
    if "departed" not in kinds:
        kinds.append("departed")
    kinds += ["working"] * (count - len(kinds))
    rng.shuffle(kinds)
    return kinds


def give_owner(
    tenant: Tenant, rng: random.Random, cast: Cast, connector: Connector, kind: str = "working"
) -> None:
    """Give a connector its owner: working, departed, purged, disabled, guest or service."""
    if kind == "service":
        principals = [p for p in tenant.service_principals.values() if p.enabled]
        owner = rng.choice(principals[1:]).id
        connector.permissions.append(Permission(owner, "Owner", "ServicePrincipal", owner))
        return
    owner = _owner(rng, cast, connector, kind)
    connector.permissions.append(Permission(owner, "Owner", "User", owner))
    if connector.created_by is not None and chance(rng, 0.9):
        connector.created_by = connector.modified_by = owner
    if connector.dataverse is not None and chance(rng, 0.88):
        connector.dataverse.owner_id = owner


def _owner(rng: random.Random, cast: Cast, connector: Connector, kind: str) -> str:
    if kind == "purged":
        return guid(rng)
    if kind == "working" and connector.created_by is not None and chance(rng, 0.8):
        return connector.created_by
    people = {"departed": cast.departed, "disabled": cast.disabled, "guest": cast.guests}
    return rng.choice(people.get(kind) or cast.makers).id


def share(tenant: Tenant, rng: random.Random, connector: Connector) -> None:
    """Share a connector with everyone, groups or people; half of them with nobody."""
    groups = [group for group in tenant.groups.values() if group.deleted is None]
    drawn = rng.random()
    if drawn < 0.06:  # noqa: PLR2004 - share open to everyone
        everyone = Permission(f"tenant-{tenant.id}", "CanView", "Tenant", None)
        connector.permissions.append(everyone)
    elif drawn < 0.3:  # noqa: PLR2004 - share given to groups
        for group in rng.sample(groups, rng.choice((1, 1, 1, 2))):
            role = rng.choices(SHARED_ROLES, (8, 2, 1))[0]
            connector.permissions.append(Permission(group.id, role, "Group", group.id))
    elif drawn < 0.5:  # noqa: PLR2004 - share given to single people
        _share_with_people(tenant, rng, connector)
    if chance(rng, 0.02):
        stale = [group.id for group in tenant.groups.values() if group.deleted is not None]
        connector.permissions += [Permission(name, "CanView", "Group", name) for name in stale[:1]]


def _share_with_people(tenant: Tenant, rng: random.Random, connector: Connector) -> None:
    present = {permission.principal_id for permission in connector.permissions}
    people = list(tenant.people.values())
    for person in rng.sample(people, min(len(people), rng.randrange(1, 6))):
        if person.id not in present:
            role = rng.choices(SHARED_ROLES, (6, 3, 1))[0]
            connector.permissions.append(Permission(person.id, role, "User", person.id))
