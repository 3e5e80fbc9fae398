"""Plant a connector for each case of who owns and uses one, with its people, groups and flows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, cycle
from typing import Final

from connectory.simulator.access_logs import Keeper, keeper_at
from connectory.simulator.connections import signs_in
from connectory.simulator.invented import invent
from connectory.simulator.inventory import add_connector, live_connectors
from connectory.simulator.openapi import Blueprint, backend_of, define
from connectory.simulator.owner_cases import CASES, SILENT_FOR, Holder, OwnerCase
from connectory.simulator.owner_usage import give_users
from connectory.simulator.owning import Planned, PlantedOwner, Use
from connectory.simulator.people import Cast
from connectory.simulator.randomness import guid, moment, stream
from connectory.simulator.state import (
    Connector,
    Group,
    Permission,
    Person,
    PrincipalType,
    Role,
    ServicePrincipal,
    Tenant,
)
from connectory.simulator.words import SYSTEMS

CROWD: Final = 40
"""From so many connectors on they are planted: a smaller tenant would be nothing else."""
_KEPT: Final = timedelta(days=20)
"""How long what was planted stays as it was, but for what is planned."""
_NAMES: Final = {"application": "svc-batch-export", "blocked application": "svc-night-import"}
_KEEPERS: Final[dict[Use, Keeper]] = {
    "active": "gateway", "quiet": "own_log", "stale": "own_log", "abandoned": "own_log",
    "never_used": "own_log", "unknown": "nobody",
}  # fmt: skip


def plant_owner_cases(tenant: Tenant, cast: Cast) -> None:
    """Plant a connector for each case, in a tenant that is large enough not to notice."""
    if len(live_connectors(tenant)) < CROWD:
        return
    planting = _Planting(tenant, cast)
    for case in CASES:
        planting.plant(case)
    planting.plan()


class _Planting:
    """Plants cases, and remembers who is still to be given a part in one."""

    def __init__(self, tenant: Tenant, cast: Cast) -> None:
        self._tenant, self._cast = tenant, cast
        self._rng = stream(tenant.seed, "owner cases")
        self._homes = _homes(tenant)
        own = {held.principal_id for c in tenant.connectors for held in c.permissions}
        heads = {person.manager_id for person in tenant.people.values()}
        free = [p for p in cast.makers if p.id not in own and p.id not in heads]
        self._leaver, self._traveller, *free = self._rng.sample(free, len(free))
        self._people = {
            "member": self._shuffled(free),
            "left": self._shuffled(cast.departed),
            "blocked": self._shuffled(
                [p for p in cast.disabled if p.id not in tenant.dealt.parts] or cast.disabled
            ),
            "guest": self._shuffled(
                [p for p in cast.guests if p.id not in tenant.dealt.parts] or cast.guests
            ),
        }
        self._planted: dict[str, Connector] = {}

    def _shuffled(self, people: list[Person]) -> Iterator[Person]:
        return cycle(self._rng.sample(people, len(people)))

    def plant(self, case: OwnerCase) -> None:
        """Add the connector of a case, its owners, and who uses it."""
        tenant, rng = self._tenant, self._rng
        home = next(self._homes[case.stage])
        blueprint = _blueprint(tenant.seed, case)
        connector = add_connector(tenant, rng, self._cast, blueprint, home, solution_aware=False)
        connector.in_connectivity, connector.backend_url = True, blueprint.backend_url
        connector.created = connector.changed = moment(rng, tenant.now, 280, 420)
        for role, holders in (("Owner", case.owners), ("CanEdit", case.editors)):
            for holder in holders:
                held = self._held(role, holder)  # type: ignore[arg-type]
                connector.permissions.append(held)
        if case.state == "nobody" and case.editors:
            viewer = next(self._people["member"]).id
            connector.permissions.append(Permission(viewer, "CanView", "User", viewer))
        maker = self._maker(connector)
        connector.created_by = connector.modified_by = maker.id
        planted = PlantedOwner(
            case.title, home, str(connector.name), case.state, *case.counts, case.use,
            _called_until(tenant, case.use),
        )  # fmt: skip
        tenant.owning.planted[home, str(connector.name)] = planted
        tenant.owning.players |= {str(held.principal_id) for held in connector.permissions}
        self._planted[case.title] = connector
        give_users(tenant, rng, connector, planted, maker, self._cast)

    def _maker(self, connector: Connector) -> Person:
        """Return who made it: an owner if one is a person, else somebody who builds."""
        owners = [self._tenant.people.get(str(held.principal_id)) for held in connector.permissions]
        working = [one for one in owners if one and one.enabled and one.user_type == "Member"]
        return working[0] if working else next(self._people["member"])

    def _held(self, role: Role, holder: Holder) -> Permission:
        kind: PrincipalType = "User"
        if "application" in holder:
            kind, identity = "ServicePrincipal", self._application(holder)
        elif "team" in holder:
            kind, identity = "Group", self._team(holder)
        else:
            identity = self._person(holder)
        return Permission(identity, role, kind, identity)

    def _person(self, holder: Holder) -> str:
        match holder:
            case "leaver":
                return self._leaver.id
            case "traveller":
                return self._traveller.id
            case "purged":
                return guid(self._rng)
            case "guest who left":
                person = next(self._people["left"])
                person.user_type = "Guest"
                return person.id
            case _:
                return next(self._people[holder]).id

    def _application(self, holder: Holder) -> str:
        rng = self._rng
        if holder not in _NAMES:
            return guid(rng)
        enabled = holder == "application"
        made = ServicePrincipal(guid(rng), guid(rng), _NAMES[holder], enabled)
        self._tenant.service_principals[made.id] = made
        return made.id

    def _team(self, holder: Holder) -> str:
        match holder:
            case "team":
                return self._group("Order desk", 3).id
            case "nested team":
                inner = self._group("Goods receipt, night shift", 1)
                outer = self._group("Goods receipt", 1)
                outer.member_ids.append(inner.id)
                inner.member_ids.append(outer.id)
                return outer.id
            case "empty team":
                return self._group("Halyard board", 0).id
            case "team of leavers":
                made = self._group("Trade fair 2024", 0)
                made.member_ids = [next(self._people[who]).id for who in ("left", "blocked")]
                self._tenant.owning.players |= set(made.member_ids)
                return made.id
            case _:
                made = self._group("Rollout board", 1)
                made.deleted = self._tenant.now - timedelta(days=9)
                return made.id

    def _group(self, name: str, members: int) -> Group:
        people = [next(self._people["member"]).id for _ in range(members)]
        self._tenant.owning.players |= set(people)
        made = Group(guid(self._rng), name, people, [next(self._people["member"]).id])
        self._tenant.groups[made.id] = made
        return made

    def plan(self) -> None:
        """Say what is going to happen: one leaves, one is away for a week, a group falls apart."""
        today, owning = self._tenant.now.date(), self._tenant.owning
        away = self._traveller.id
        group = str(self._planted["Goods Receipt"].permissions[0].principal_id)
        owning.kept_until = today + _KEPT
        owning.plans += [
            Planned(today + timedelta(days=9), "leaves", self._leaver.id),
            Planned(today + timedelta(days=4), "leaves", away),
            Planned(today + timedelta(days=11), "returns", away),
            Planned(today + timedelta(days=12), "is emptied", group),
        ]


def _homes(tenant: Tenant) -> dict[str, Iterator[str]]:
    """Return environments of each kind that administrators may read, one after the other."""
    kinds: dict[str, list[str]] = {"prod": [], "default": [], "dev": [], "alone": []}
    for name, home in tenant.environments.items():
        if home.deleted is None and home.admin_readable:
            if home.is_default:
                kinds["default"].append(name)
            elif home.sku == "Production":
                kinds["prod"].append(name)
            elif home.sku == "Sandbox":
                kinds["dev"].append(name)
            elif home.sku == "Developer":
                kinds["alone"].append(name)
    return {kind: cycle(names or kinds["default"]) for kind, names in kinds.items()}


def _called_until(tenant: Tenant, use: Use) -> date | None:
    if use == "never_used":
        return None
    if use not in SILENT_FOR:
        return date.max
    return (tenant.now - timedelta(days=SILENT_FOR[use])).date()


def _blueprint(seed: int, case: OwnerCase) -> Blueprint:
    """Return an invented definition under the title of a case, at a host of its own."""
    system = next(n for n, (_, label, _) in enumerate(SYSTEMS) if label == case.system)
    for index in count(system, len(SYSTEMS)):
        made = invent(index, seed)
        if "leaver" not in case.owners or signs_in(made):
            break
    document = json.loads(made.content)
    document["info"]["title"] = case.title
    description = f"{case.title}, for whoever needs it." if made.description else None
    if description:
        document["info"]["description"] = description
    slug = case.title.lower().replace(" ", "-")
    for turn in count(1):
        document["host"] = f"api{turn}.{slug}.larkspur.example"
        backend = backend_of(document)
        if keeper_at(seed, backend) == _KEEPERS[case.use]:
            break
    content = json.dumps(document, indent=2, ensure_ascii=False).encode()
    operations = define(content).operations
    return replace(
        made,
        key=f"owned-{slug}",
        title=case.title,
        description=description,
        content=content,
        operations=operations,
        backend_url=backend,
    )
