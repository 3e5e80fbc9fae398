"""What can happen in a simulated tenant on one day."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectory.simulator.apps import add_app
from connectory.simulator.audit import note
from connectory.simulator.connections import CONNECTED, EXPIRED, add_connection
from connectory.simulator.definitions import INVENTED_POOL
from connectory.simulator.flows import Surroundings, add_flow, compose, surroundings_of
from connectory.simulator.identifiers import solution_runtime_name
from connectory.simulator.invented import invent
from connectory.simulator.inventory import add_connector, live_connectors
from connectory.simulator.licence_cases import BUILDS
from connectory.simulator.licences import hold_only
from connectory.simulator.people import Cast, add_person
from connectory.simulator.randomness import chance
from connectory.simulator.sharing import give_owner, share
from connectory.simulator.state import Connection, Connector, Flow, Permission, Tenant
from connectory.simulator.words import MAKER_DEPARTMENTS

DRAWS: Final = 1000
"""How often a connection is drawn before a search is given up."""


@dataclass(slots=True)
class Day:
    """One day of a tenant: its random numbers and who was there in the morning."""

    tenant: Tenant
    rng: random.Random
    cast: Cast
    _around: dict[str, Surroundings] | None = None

    def around(self, environment: str) -> Surroundings:
        """Return what an environment offered to flows and apps when first asked this day."""
        if self._around is None:
            self._around = surroundings_of(self.tenant)
        return self._around[environment]

    def moment(self) -> datetime:
        """Return a moment of this day, at the latest the tenant's present clock."""
        return self.tenant.now - timedelta(seconds=self.rng.uniform(60, 86_000))

    def environment(self) -> str:
        """Return an environment in which something new may appear."""
        environments = self.tenant.environments.values()
        open_ones = [e.name for e in environments if e.deleted is None and e.admin_readable]
        open_ones = [name for name in open_ones if self.tenant.environments[name].sku != "Teams"]
        default = next(e.name for e in environments if e.is_default)
        return default if chance(self.rng, 0.3) else self.rng.choice(open_ones)

    def connectors(self) -> list[Connector]:
        """Return the connectors with a runtime name in environments we may read.

        Those that were planted for who owns and uses them are left alone.
        """
        planted = self.tenant.owning.planted
        return [
            connector
            for connector in live_connectors(self.tenant)
            if connector.name is not None
            and (connector.environment, connector.name) not in planted
            and self.tenant.environments[connector.environment].admin_readable
        ]


def new_connector(day: Day) -> None:
    """A maker builds a connector, connects to it, and uses it in a flow."""
    tenant, rng = day.tenant, day.rng
    blueprint = invent(INVENTED_POOL + len(tenant.connectors), tenant.seed)
    environment = day.environment()
    connector = add_connector(
        tenant, rng, day.cast, blueprint, environment, solution_aware=chance(rng, 0.3)
    )
    connector.created = connector.changed = day.moment()
    give_owner(tenant, rng, day.cast, connector)
    note(tenant, connector.created, "created", connector)
    if chance(rng, 0.4):
        share(tenant, rng, connector)
    connection = add_connection(tenant, rng, day.cast, environment, connector)
    connection.created = connection.modified = tenant.now
    connection.statuses = [CONNECTED]
    note(tenant, connection.created, "created", connection)


def delete_connector(day: Day) -> None:
    """Somebody deletes a connector; what used it stays behind."""
    kept = day.tenant.dealt.connectors
    told = {story.family for story in day.tenant.drifting.stories}
    # What was built this week is nobody's to delete yet.
    week = day.tenant.now - timedelta(days=7)
    candidates = [
        c
        for c in day.connectors()
        if (c.environment, str(c.name)) not in kept and c.family not in told and c.created < week
    ]
    if len(candidates) > 3:  # noqa: PLR2004 - a tenant never runs out of connectors
        connector = day.rng.choice(candidates)
        connector.deleted = day.moment()
        note(day.tenant, connector.deleted, "deleted", connector)


def synchronise_connector(day: Day) -> None:
    """A connector known to Dataverse only gets its runtime name and appears in every list."""
    for connector in live_connectors(day.tenant):
        if connector.name is None and connector.dataverse is not None:
            name = solution_runtime_name(day.rng, connector.dataverse.logical_name)
            connector.name = connector.dataverse.internal_id = name
            connector.in_admin_list = connector.in_connectivity = True
            connector.changed = day.moment()
            owner = connector.dataverse.owner_id
            connector.permissions = [Permission(owner, "Owner", "User", owner)]
            return


def change_owner(day: Day) -> None:
    """The owner of a connector leaves, is blocked, or hands it to a colleague."""
    cased = day.tenant.dealt.parts.keys() | day.tenant.owning.kept(day.tenant.now.date())
    working = {p.id: p for p in day.cast.working if p.enabled and p.id not in cased}
    owned: dict[str, list[Connector]] = defaultdict(list)
    for connector in day.connectors():
        for permission in connector.permissions:
            if permission.role == "Owner" and permission.principal_id in working:
                owned[str(permission.principal_id)].append(connector)
    if not owned:
        return
    person = working[day.rng.choice(list(owned))]
    drawn = day.rng.random()
    if drawn < 0.35 or len(owned[person.id]) > 1:  # noqa: PLR2004 - share handed over in time
        hand_over(day, day.rng.choice(owned[person.id]))
    elif drawn < 0.85:  # noqa: PLR2004 - half of the changes are departures
        person.deleted, person.enabled = day.moment(), False
    else:
        person.enabled = False


def adopt_connector(day: Day) -> None:
    """A colleague takes over a connector whose owner is gone."""
    orphans = [
        connector
        for connector in day.connectors()
        for permission in connector.permissions
        if permission.role == "Owner"
        and permission.principal_type == "User"
        and not _works(day.tenant, permission.principal_id)
    ]
    if orphans:
        hand_over(day, day.rng.choice(orphans))


def _works(tenant: Tenant, person_id: str | None) -> bool:
    person = tenant.people.get(person_id or "")
    return person is not None and person.enabled and person.deleted is None


def hand_over(day: Day, connector: Connector) -> None:
    """Give a connector a working owner in place of the one it had."""
    owner = day.rng.choice([p.id for p in day.cast.makers if _works(day.tenant, p.id)])
    rest = [p for p in connector.permissions if p.role != "Owner" and p.principal_id != owner]
    connector.permissions = [Permission(owner, "Owner", "User", owner), *rest]
    if connector.dataverse is not None:
        connector.dataverse.owner_id = owner
    note(day.tenant, day.tenant.now, "shared", connector, owner)


def change_sharing(day: Day) -> None:
    """A connector is shared with someone more, or a share is taken back."""
    candidates = [c for c in day.connectors() if c.permissions]
    connector = day.rng.choice(candidates)
    shared = [p for p in connector.permissions if p.role != "Owner"]
    if shared and chance(day.rng, 0.4):
        connector.permissions.remove(day.rng.choice(shared))
        note(day.tenant, day.tenant.now, "unshared", connector)
        return
    present = {permission.principal_id for permission in connector.permissions}
    person = day.rng.choice(day.cast.working)
    if person.id not in present:
        connector.permissions.append(Permission(person.id, "CanView", "User", person.id))
        note(day.tenant, day.tenant.now, "shared", connector)


def leave(day: Day) -> None:
    """Somebody who builds nothing leaves the company."""
    staying = {person.id for person in day.cast.makers} | day.tenant.dealt.parts.keys()
    staying |= day.tenant.owning.kept(day.tenant.now.date())
    others = [p for p in day.cast.working if p.enabled and p.id not in staying]
    if others:
        person = day.rng.choice(others)
        person.deleted, person.enabled = day.moment(), False


def join(day: Day) -> None:
    """Somebody joins the company."""
    taken = {person.user_principal_name for person in day.tenant.people.values()}
    person = add_person(day.tenant, day.rng, taken)
    person.created = day.moment()
    if person.department in MAKER_DEPARTMENTS:
        day.tenant.dealt.builders.add(person.id)
        hold_only(day.tenant, {person.id: BUILDS})


def _connection(day: Day, *, working: bool) -> Connection | None:
    """Draw a connection that works, or one that does not; None when they are hard to find."""
    for _ in range(DRAWS):
        connection = day.rng.choice(day.tenant.connections)
        if connection.deleted is None and (connection.statuses == [CONNECTED]) is working:
            return connection
    return None


def break_connection(day: Day) -> None:
    """The sign-in behind a connection expires."""
    connection = _connection(day, working=True)
    if connection is not None:
        connection.statuses, connection.modified = [EXPIRED], day.moment()


def repair_connection(day: Day) -> None:
    """Somebody signs in again."""
    connection = _connection(day, working=False)
    if connection is not None:
        connection.statuses, connection.modified = [CONNECTED], day.moment()


def new_connection(day: Day) -> None:
    """Somebody connects to a connector."""
    connector = day.rng.choice(day.connectors())
    connection = add_connection(day.tenant, day.rng, day.cast, connector.environment, connector)
    connection.created = connection.modified = day.moment()
    connection.statuses = [CONNECTED]
    note(day.tenant, connection.created, "created", connection)


def delete_connection(day: Day) -> None:
    """Somebody removes a connection."""
    connection = _connection(day, working=True)
    if connection is not None:
        connection.deleted = day.moment()
        note(day.tenant, connection.deleted, "deleted", connection)


def new_flow(day: Day) -> None:
    """A maker builds a flow."""
    environment = day.environment()
    around = day.around(environment)
    flow = add_flow(day.tenant, day.rng, day.cast, environment, around)
    flow.created = flow.modified = day.moment()
    note(day.tenant, flow.created, "created", flow)


def _flows(day: Day) -> list[Flow]:
    environments, cased = day.tenant.environments, day.tenant.dealt.assets
    return [
        flow
        for flow in day.tenant.flows
        if flow.deleted is None
        and environments[flow.environment].deleted is None
        and (flow.environment, flow.name) not in cased
    ]


def edit_flow(day: Day) -> None:
    """A maker changes what a flow calls."""
    flow = day.rng.choice(_flows(day))
    compose(day.rng, flow, day.around(flow.environment))
    flow.modified = day.moment()
    note(day.tenant, flow.modified, "edited", flow)


def delete_flow(day: Day) -> None:
    """A maker deletes a flow."""
    flow = day.rng.choice(_flows(day))
    flow.deleted = flow.modified = day.moment()
    note(day.tenant, flow.deleted, "deleted", flow)


def new_app(day: Day) -> None:
    """A maker publishes an app."""
    environment = day.environment()
    flows = [flow for flow in _flows(day) if flow.environment == environment]
    around = day.around(environment)
    app = add_app(day.tenant, day.rng, day.cast, environment, around, flows)
    app.created = app.modified = app.published = day.moment()
    app.old = False
    note(day.tenant, app.created, "created", app)


def unbind_reference(day: Day) -> None:
    """A connection reference loses its connection."""
    bound = [
        reference
        for reference in day.tenant.connection_references
        if reference.deleted is None and reference.connection is not None
    ]
    if bound:
        reference = day.rng.choice(bound)
        reference.connection, reference.modified = None, day.moment()
