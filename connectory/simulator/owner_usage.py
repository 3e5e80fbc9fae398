"""Who uses a connector that was planted for its owner: connections, flows, apps and agents.

A connector in use has flows that run, an app that is opened every week and a connection that works.
Of one that is quiet the flow is on and nothing starts it any more; of a stale one it is switched
off; of an abandoned one the connection has expired as well, and one that was never used has nothing.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta

from connectory.simulator.connections import CONNECTED, EXPIRED, add_reference, signs_in
from connectory.simulator.flow_runs import RETENTION, runs_of
from connectory.simulator.identifiers import connection_name
from connectory.simulator.owning import PlantedOwner
from connectory.simulator.people import Cast
from connectory.simulator.randomness import guid, hexadecimal, moment
from connectory.simulator.state import (
    Agent,
    AgentCall,
    App,
    AppReference,
    Call,
    Connection,
    Connector,
    Flow,
    FlowReference,
    Permission,
    Person,
    Tenant,
)
from connectory.simulator.words import PUBLISHER_PREFIX


def give_users(
    tenant: Tenant,
    rng: random.Random,
    connector: Connector,
    planted: PlantedOwner,
    maker: Person,
    cast: Cast,
) -> None:
    """Give a planted connector those who use it as much as the case says."""
    users = _Users(tenant, rng, connector, maker)
    match planted.use:
        case "active":
            users.connect()
            users.flow(maker)
            # Somebody else's flow that signs in by the first one's account.
            users.flow(_colleague(rng, cast, maker), refer=cast)
            users.app()
            users.agent()
        case "quiet":
            users.connect()
            users.flow(maker, runs_until=tenant.now - timedelta(days=24.5))
        case "stale" | "abandoned":
            if planted.use == "abandoned":
                users.connect().statuses = [EXPIRED]
            else:
                users.connect()
            off = users.flow(maker)
            off.state, off.modified = "Stopped", _switched_off(tenant, planted)
        case "unknown":
            users.connect()
            users.agent()
        case "never_used":
            pass


def _switched_off(tenant: Tenant, planted: PlantedOwner) -> datetime:
    """Return the end of the last day on which a planted connector was called."""
    last = planted.called_until or tenant.now.date()
    return datetime.combine(last, time(23, 30), UTC)


def _colleague(rng: random.Random, cast: Cast, maker: Person) -> Person:
    return rng.choice([one for one in cast.makers if one is not maker])


class _Users:
    """Adds what uses one connector, by way of one connection of whoever made it."""

    def __init__(
        self, tenant: Tenant, rng: random.Random, connector: Connector, maker: Person
    ) -> None:
        self._tenant, self._rng, self._connector, self._maker = tenant, rng, connector, maker
        self._home, self._name = connector.environment, str(connector.name)
        definition = connector.definition
        operations = (definition.operations if definition else None) or []
        self._operations = [str(one["operationId"]) for one in operations if not one["trigger"]]
        self._connection = ""
        self._reference = ""

    def _made(self) -> datetime:
        return moment(self._rng, self._tenant.now, 262, 278)

    def connect(self) -> Connection:
        """Add a connection that signs in as whoever made the connector, or with a key."""
        account = self._maker.user_principal_name if signs_in(self._connector) else None
        created = self._made()
        connection = Connection(
            environment=self._home,
            name=connection_name(self._rng, self._name),
            connector=self._name,
            display_name=account or self._connector.display_name,
            account_name=account,
            created_by=self._maker.id,
            created=created,
            modified=created,
            statuses=[CONNECTED],
        )
        self._tenant.connections.append(connection)
        self._connection = connection.name
        return connection

    def flow(
        self, owner: Person, *, runs_until: datetime | None = None, refer: Cast | None = None
    ) -> Flow:
        """Add a flow that is on and has run lately, or until a moment of the last weeks."""
        rng, tenant, created = self._rng, self._tenant, self._made()
        has_database = tenant.environments[self._home].dataverse is not None
        operation = self._operations[0]
        flow = Flow(
            environment=self._home,
            name=guid(rng),
            display_name=f"{self._connector.display_name}: {operation}",
            state="Started",
            creator_id=owner.id,
            owner_id=owner.id,
            created=created,
            modified=created + timedelta(days=9),
            workflow_id=guid(rng) if has_database else None,
            in_flow_api=True,
            calls=[Call(operation.replace(".", "_"), self._name, operation)],
            references=[],
            runs_until=runs_until,
        )
        since = tenant.now - RETENTION if runs_until else tenant.now - timedelta(days=2)
        while not any(runs_of(tenant, flow, since)):
            flow.name = guid(rng)
        bound = self._refer(refer) if refer is not None and has_database else None
        flow.references.append(FlowReference(self._name, self._name, self._connection, bound))
        tenant.flows.append(flow)
        tenant.dealt.assets.add((flow.environment, flow.name))
        return flow

    def _refer(self, cast: Cast) -> str:
        """Add a connection reference of whoever made the connector; return its logical name."""
        connection = next(c for c in self._tenant.connections if c.name == self._connection)
        reference = add_reference(
            self._tenant, self._rng, cast, connection, self._connector, number=0, managed=False
        )
        reference.owner_id, reference.active = self._maker.id, True
        self._reference = reference.logical_name
        return self._reference

    def app(self) -> None:
        """Add an app that its owner opens every week, with a connection its users share."""
        rng, created, owner = self._rng, self._made(), self._maker.id
        key, source = guid(rng), self._connector.display_name.replace(" ", "")
        link = AppReference(key, self._name, custom=True, shared_connection=self._connection,
                            data_sources=[source])  # fmt: skip
        app = App(
            environment=self._home,
            name=guid(rng),
            display_name=f"{self._connector.display_name} Desk",
            owner_id=owner,
            created_by=owner,
            created=created,
            modified=created + timedelta(days=9),
            published=created + timedelta(days=9),
            references=[link],
            shared_users=0,
            shared_groups=0,
            permissions=[Permission(owner, "Owner", "User", owner)],
        )
        self._tenant.apps.append(app)
        place = self._home, app.name
        self._tenant.dealt.assets.add(place)
        self._tenant.dealt.openings.append((place, owner))

    def agent(self) -> None:
        """Add an agent that calls it by that reference, if any, where there is a database."""
        if self._tenant.environments[self._home].dataverse is None:
            return
        rng, created = self._rng, self._made()
        title = f"{self._connector.display_name} assistant"
        schema = f"{PUBLISHER_PREFIX}_{title.replace(' ', '').lower()}{hexadecimal(rng, 4)}"
        component = f"{schema}.action.{hexadecimal(rng, 6)}"
        reference = self._reference or f"{schema}.{self._name}.{hexadecimal(rng, 12)}"
        call = AgentCall(component, "", self._name, self._operations[0], reference, invoker=False)
        self._tenant.agents.append(
            Agent(
                environment=self._home,
                id=guid(rng),
                schema_name=schema,
                display_name=title,
                owner_id=self._maker.id,
                created=created,
                modified=created + timedelta(days=9),
                published=created + timedelta(days=9),
                active=True,
                managed=False,
                calls=[call],
            )
        )
