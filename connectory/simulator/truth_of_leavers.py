"""What is true of everybody who might leave: what would stop, and what nobody could change any more.

A connection that signs in as somebody stops with the account, and with it what runs by it. One that
signs in with a key goes on until somebody removes it, and may stop. What somebody owns goes on;
where nobody else can act who may edit it, it is orphaned. Only what uses custom connectors is told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connectory.simulator.call_store import CallStore
from connectory.simulator.connections import signs_in
from connectory.simulator.dealt import Place
from connectory.simulator.state import (
    Agent,
    App,
    Connection,
    ConnectionReference,
    Connector,
    Flow,
    Json,
    Permission,
    Tenant,
)
from connectory.simulator.truth_of_owners import acts, verdict

_WORST: Final = ("stops", "may_stop", "orphaned", "kept")
KINDS: Final = ("connectors", "connections", "references", "flows", "apps", "agents")
_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Assets:
    """What exists in a tenant now."""

    connectors: Sequence[Connector]
    connections: Sequence[Connection]
    references: Sequence[ConnectionReference]
    flows: Sequence[Flow]
    apps: Sequence[App]
    agents: Sequence[Agent]


def leavers(tenant: Tenant, calls: CallStore, assets: Assets) -> list[Json]:
    """Return by person what becomes of things if they leave, of everybody who has any.

    `effect` is the worst that happens to a thing: stops, may_stop, orphaned or kept. `account_told`
    is false of a connection whose record does not say as whom it signs in. `calls` are those of the
    last 30 days that a flow or app truly made to custom connectors, whoever knows of them.
    """
    told = _Told(tenant, calls, assets)
    told.gather()
    return [
        {"person_id": person, **{kind: _sorted(rows[kind].values()) for kind in KINDS}}
        for person, rows in sorted(told.rows.items())
        if person in tenant.people
    ]


def _sorted(rows: Iterable[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: tuple(map(str, row.values())))


@dataclass(slots=True)
class _Told:
    """Rows by person, kind and thing, and where each connection leads."""

    tenant: Tenant
    calls: CallStore
    assets: Assets
    rows: dict[str, dict[str, dict[Any, Json]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    resting: dict[Place, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Of a connection: who it rests on, each with what becomes of it without them."""
    bound: dict[Place, Place] = field(default_factory=dict)
    """The connection of a reference, by environment and logical name."""

    def gather(self) -> None:
        """Follow accounts to connections, these to references, and both to what runs by them."""
        custom = {(c.environment, c.name): c for c in self.assets.connectors if c.name}
        self._connections(custom)
        self._references(custom)
        made = _made(self.calls, self.tenant)
        for flow in self.assets.flows:
            self._thing("flows", flow, flow.name, _used(flow), custom, made["flow", flow.name])
        for app in self.assets.apps:
            self._thing("apps", app, app.name, _linked(app), custom, made["app", app.name])
        for agent in self.assets.agents:
            self._thing("agents", agent, agent.id, _called(agent), custom, None)
        self._connectors()

    def _connections(self, custom: dict[Any, Connector]) -> None:
        accounts = {
            name.casefold(): person.id
            for person in self.tenant.people.values()
            for name in (person.mail, person.user_principal_name)
            if name
        }
        for one in self.assets.connections:
            connector = custom.get((one.environment, one.connector))
            if connector is None:
                continue
            hidden = one.account_name is None and signs_in(connector)
            account = (one.account_name or (one.display_name if hidden else "")).casefold()
            person = accounts.get(account, one.created_by if hidden else None)
            resting = self.resting[one.environment, one.name]
            if one.created_by:
                resting[one.created_by] = "may_stop"
            if person:
                resting[person] = "stops"
            for who, effect in resting.items():
                self._row(
                    who, "connections", one, name=one.name, connector=one.connector,
                    effect=effect, account_told=not hidden,
                )  # fmt: skip

    def _references(self, custom: dict[Any, Connector]) -> None:
        for one in self.assets.references:
            if (one.environment, one.connector) not in custom:
                continue
            effects = {one.owner_id: "orphaned"}
            if one.connection is not None:
                place = one.environment, one.connection
                self.bound[one.environment, one.logical_name] = place
                effects |= self.resting.get(place, {})
            for who, effect in effects.items():
                self._row(who, "references", one, id=one.id, effect=effect)

    def _thing(
        self,
        kind: str,
        thing: Flow | App | Agent,
        name: str,
        links: Iterator[tuple[str, str | None, str | None]],
        custom: dict[Any, Connector],
        calls: int | None,
    ) -> None:
        effects: dict[str, list[str]] = defaultdict(list)
        used = set()
        for connector, connection, reference in links:
            if (thing.environment, connector) not in custom:
                continue
            used.add(connector)
            place = self.bound.get((thing.environment, reference or ""))
            if connection is not None and reference is None:
                place = thing.environment, connection
            for who, effect in self.resting.get(place, {}).items() if place else ():
                effects[who].append(effect)
        if not used:
            return
        effects[thing.owner_id].append("kept" if self._others(thing) else "orphaned")
        more = {} if calls is None else {"calls": calls}
        for who, some in effects.items():
            effect = min(some, key=_WORST.index)
            self._row(who, kind, thing, id=name, effect=effect, connectors=sorted(used), **more)

    def _others(self, thing: Flow | App | Agent) -> bool:
        """Tell whether somebody else can act who may edit a thing."""
        held: list[Permission] = getattr(thing, "permissions", [])
        return any(
            one.role in ("Owner", "CanEdit")
            and one.principal_id != thing.owner_id
            and acts(self.tenant, one)
            for one in held
        )

    def _connectors(self) -> None:
        for one in self.assets.connectors:
            owners = {
                str(held.principal_id)
                for held in one.permissions
                if held.role == "Owner" and held.principal_type == "User"
            }
            before = verdict(self.tenant, one)["state"]
            for who in owners & self.tenant.people.keys():
                left = replace(self.tenant.people[who], deleted=self.tenant.now)
                without = replace(self.tenant, people={**self.tenant.people, who: left})
                after = verdict(without, one)["state"]
                self._row(who, "connectors", one, connector=one.name, before=before, after=after)

    def _row(self, who: str, kind: str, thing: Any, **told: Any) -> None:
        self.rows[who][kind][id(thing)] = {"environment_id": thing.environment, **told}


def _used(flow: Flow) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield connector, connection and reference of each link; those of whoever starts it are none."""
    for call in flow.calls:
        yield call.connector, None, None
    for one in flow.references:
        if one.invoker:
            yield one.connector, None, None
        else:
            yield one.connector, one.connection, one.reference_logical_name


def _linked(app: App) -> Iterator[tuple[str, str | None, str | None]]:
    for one in app.references:
        yield one.connector, one.shared_connection, None


def _called(agent: Agent) -> Iterator[tuple[str, str | None, str | None]]:
    for call in agent.calls:
        yield call.connector, None, None if call.invoker else call.reference


def _made(calls: CallStore, tenant: Tenant) -> Counter[tuple[str, str]]:
    """Count the calls of the last days by who made them."""
    found: Counter[tuple[str, str]] = Counter()
    for call in calls.made_since(tenant.now, _DAYS):
        if call.flow is not None:
            found["flow", call.flow.name] += 1
        elif call.app is not None:
            found["app", call.app.name] += 1
    return found
