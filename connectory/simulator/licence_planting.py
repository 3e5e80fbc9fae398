"""Deal people into cases of licensing, and plant the apps, flows, shares and licences of these.

Whoever is in no case and builds nothing has no part in anything premium; whoever builds holds
licences for all of it. So the verdict on everybody is that of the role they were dealt.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Final

from connectory.simulator.dealt import Part, Place
from connectory.simulator.flow_runs import RETENTION, runs_of
from connectory.simulator.licence_cases import BUILDS, CASES, Case, Role
from connectory.simulator.licence_stages import Stage, hand_out, stages
from connectory.simulator.licences import add_subscriptions, hold_only
from connectory.simulator.people import Cast
from connectory.simulator.randomness import guid, moment, stream
from connectory.simulator.state import (
    App,
    AppReference,
    Call,
    Connector,
    Flow,
    FlowReference,
    Group,
    Permission,
    Tenant,
)
from connectory.simulator.titles import app_title, flow_title

DEALT_SHARE: Final = 0.8
"""Share of those who build nothing that is dealt into cases."""
ROUNDS: Final = 10


def plant_licence_cases(tenant: Tenant, cast: Cast) -> None:
    """Plant every case for which there are people and an environment, more of them in turns."""
    builders = {person.id for person in cast.makers}
    tenant.dealt.builders |= builders
    planting = _Planting(tenant, cast)
    planting.plant()
    hold_only(tenant, dict.fromkeys(builders, BUILDS) | planting.holders)
    add_subscriptions(tenant)


class _Planting:
    """Plants cases, and remembers who is still to be dealt.

    Attributes:
        holders: The role of everybody who was dealt one.
    """

    def __init__(self, tenant: Tenant, cast: Cast) -> None:
        self._tenant, self._cast = tenant, cast
        self._rng = stream(tenant.seed, "licence cases")
        self._deck = _deck(cast, self._rng)
        self._builders = cycle(self._rng.sample(cast.makers, len(cast.makers)))
        self._next: dict[str, Iterator[Connector]] = {}
        self._numbers = 0
        self.holders: dict[str, Role] = {}

    def plant(self) -> None:
        """Plant case after case, each time in the next environment of its kind."""
        places = stages(self._tenant)
        for turn in range(ROUNDS):
            for case in CASES:
                offered = places.get(case.kind, [])
                # What is about a whole environment, or about nobody, is there once.
                once = case.handed_out is not None or not case.roles
                if offered and not (once and turn >= len(offered)) and self._enough(case):
                    self._case(case, offered[turn % len(offered)])

    def _enough(self, case: Case) -> bool:
        """Tell whether there are people for a case."""
        wanted = dict.fromkeys(self._deck, 0)
        for role in case.roles:
            wanted[role.account] += role.count
        return all(len(self._deck[kind]) >= number for kind, number in wanted.items())

    def _case(self, case: Case, stage: Stage) -> None:
        self._numbers += 1
        tenant, home = self._tenant, stage.environment
        tenant.dealt.environments.add(home)
        if case.handed_out is not None:
            hand_out(tenant, home, case.handed_out)
        players = [(role, self._deal(case, role)) for role in case.roles]
        for role, people in players:
            self.holders |= dict.fromkeys(people, role)
        for _ in range(case.apps):
            self._app(case, stage, players)
        if case.trigger:
            self._flow(case, stage, players)

    def _deal(self, case: Case, role: Role) -> list[str]:
        deck = self._deck[role.account]
        people = [deck.pop() for _ in range(role.count)]
        part = Part(case.name, self._numbers, role.name)
        self._tenant.dealt.parts |= dict.fromkeys(people, part)
        return people

    def _connectors(self, case: Case, stage: Stage) -> list[Connector]:
        """Return the connectors of one asset: those of the environment that were used least."""
        offered = self._next.setdefault(stage.environment, cycle(stage.connectors))
        number = min(case.connectors, len(stage.connectors))
        found = [next(offered) for _ in range(number)]
        self._tenant.dealt.connectors |= {(c.environment, str(c.name)) for c in found}
        return found

    # --- apps

    def _app(self, case: Case, stage: Stage, players: list[tuple[Role, list[str]]]) -> None:
        rng, tenant = self._rng, self._tenant
        own = [people[0] for role, people in players if role.app == "owns"]
        owner = own[0] if own else next(self._builders).id
        created = moment(rng, tenant.now, 60, 600)
        shares = [
            share
            for role, people in players
            if role.app in ("opens", "may open")
            for share in self._shares(role, people)
        ]
        groups = sum(share.principal_type != "User" for share in shares)
        app = App(
            environment=stage.environment,
            name=guid(rng),
            display_name=app_title(rng),
            owner_id=owner,
            created_by=owner,
            created=created,
            modified=moment(rng, tenant.now, 10, 50),
            published=moment(rng, tenant.now, 8, 10),
            references=[
                AppReference(guid(rng), str(one.name), custom=True, data_sources=["Source"])
                for one in self._connectors(case, stage)
            ],
            shared_users=len(shares) - groups,
            shared_groups=groups,
            permissions=[Permission(owner, "Owner", "User", owner), *shares],
        )
        tenant.apps.append(app)
        place = app.environment, app.name
        tenant.dealt.assets.add(place)
        for role, people in players:
            if role.app in ("opens", "owns"):
                tenant.dealt.openings += [(place, person) for person in people]

    def _shares(self, role: Role, people: Iterable[str]) -> list[Permission]:
        """Return the roles by which people come to an asset."""
        if role.by == "tenant":
            return [Permission(f"tenant-{self._tenant.id}", "CanView", "Tenant", None)]
        if role.by == "share":
            return [Permission(one, "CanView", "User", one) for one in people]
        inner = self._group(people)
        outer = self._group([inner.id])
        return [Permission(outer.id, "CanView", "Group", outer.id)]

    def _group(self, members: Iterable[str]) -> Group:
        name = f"{app_title(self._rng)} {len(self._tenant.groups)}"
        group = Group(guid(self._rng), name, list(members), [next(self._builders).id])
        self._tenant.groups[group.id] = group
        return group

    # --- flows

    def _flow(self, case: Case, stage: Stage, players: list[tuple[Role, list[str]]]) -> None:
        rng, tenant = self._rng, self._tenant
        owner = self._flow_owner(case, players)
        created = moment(rng, tenant.now, 60, 600)
        flow = Flow(
            environment=stage.environment,
            name=guid(rng),
            display_name=flow_title(rng),
            state="Started",
            creator_id=owner,
            owner_id=owner,
            created=created,
            modified=moment(rng, tenant.now, 10, 50),
            workflow_id=None,
            in_flow_api=True,
            calls=[],
            references=[],
            trigger_kind=case.trigger,
        )
        for connector in self._connectors(case, stage):
            name, known = str(connector.name), connector.definition
            operations = (known.operations if known else None) or []
            operation = str(rng.choice(operations)["operationId"])
            flow.calls.append(Call(operation.replace(".", "_"), name, operation))
            flow.references.append(FlowReference(name, name, None, None))
        while not _runs(tenant, flow):
            flow.name = guid(rng)
        for role, people in players:
            if role.flow == "starts":
                flow.permissions += self._shares(role, people)
            if role.flow == "co-owns":
                flow.permissions += [Permission(one, "CanEdit", "User", one) for one in people]
        tenant.flows.append(flow)
        place: Place = flow.environment, flow.name
        tenant.dealt.assets.add(place)
        if case.principal:
            tenant.dealt.principal_flows.append((place, case.name))

    def _flow_owner(self, case: Case, players: list[tuple[Role, list[str]]]) -> str:
        if case.principal:
            # The first is the collector itself, the last is disabled.
            return list(self._tenant.service_principals)[2]
        own = [people[0] for role, people in players if role.flow == "owns"]
        return own[0] if own else next(self._builders).id


def _deck(cast: Cast, rng: random.Random) -> dict[str, list[str]]:
    """Return who can be dealt, by kind of account; some of each stay out of everything."""
    builders = {person.id for person in cast.makers}
    members = [p for p in cast.working if p.user_type == "Member" and p.id not in builders]
    found = {}
    for kind, people in (("member", members), ("guest", cast.guests), ("disabled", cast.disabled)):
        shuffled = rng.sample([person.id for person in people], len(people))
        found[kind] = shuffled[: int(len(shuffled) * DEALT_SHARE)]
    return found


def _runs(tenant: Tenant, flow: Flow) -> bool:
    """Tell whether a flow ran lately: of one that never did nobody tells how often it does."""
    return any(runs_of(tenant, flow, tenant.now - RETENTION))
