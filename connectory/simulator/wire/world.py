"""The tenant as the services look at it: indexed, with settings and an account of what was asked.

The indexes follow the tenant only when `changed` is called, as every lever of the simulator does.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from connectory.simulator.call_store import CallStore
from connectory.simulator.drift_facts import Backend
from connectory.simulator.entitlements import Licence
from connectory.simulator.state import (
    Agent,
    App,
    Connection,
    ConnectionReference,
    Connector,
    Environment,
    Flow,
    Json,
    Person,
    Tenant,
)
from connectory.simulator.wire.asked import Query

SECRET = "simulated-secret"  # noqa: S105 - nothing real is behind it
Placed = TypeVar("Placed", Connector, Connection, ConnectionReference, Flow, App, Agent)
Key = tuple[str, str]
_NAMED = re.compile(
    r"(?<=/)(?:[^/]*[0-9a-f]{8}-[0-9a-f]{4}-[^/]*|shared[-_][^/]*|[0-9a-f]{32}|[^/]*@[^/]*)(?=/|$)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Settings:
    """What a test can set about the services.

    Attributes:
        flow_app_only: ``allow`` or ``refuse``: whether the Flow service takes application tokens.
        token_lifetime: Seconds a token lives.
        sas_lifetime: Seconds a signed address lives.
        secret_expired: The collector's client secret has expired.
        certificate_pem: The certificate registered for the collector.
        device_polls: How often a device code is still pending before it is approved.
        revoked_before: Tokens issued before this moment (epoch seconds) are revoked.
        page_limit: Most rows of any page; 0 leaves each service its own size.
        agent_tables: Whether databases have the tables of Copilot Studio.
        signs_in: User principal name of the person who signs in; empty takes any member.
        password: What the password grant wants of that person; empty takes any.
        flow_run_ttl: Seconds that Dataverse keeps flow runs; 0 keeps none.
        flow_runs_dropped: Dataverse admits to have missed flow runs.
        audit_subscribed: The audit log is subscribed to.
        audit_late_hours: How much later than they were made half of its blobs are listed.
        log_days: Days that log services keep a row.
        log_row_limit: Most rows that one query is answered with.
        log_partial_above: Rows beyond which a query is given up midway; 0 for none.
        logs_closed: Logs that may not be read, of gateway, classic_gateway, flows and apps.
        audit_query_polls: How often a query of the log is asked for its state until it ends.
        audit_query_ends: State it then has: ``succeeded``, ``failed``, ``cancelled``; ``running``
            never ends.
        webhook_fails: What the webhook of the old kind says went wrong; empty while it works.
    """

    flow_app_only: str = "allow"
    token_lifetime: int = 3599
    sas_lifetime: int = 62 * 60
    secret_expired: bool = False
    certificate_pem: str = ""
    device_polls: int = 0
    revoked_before: float = 0.0
    page_limit: int = 0
    agent_tables: bool = True
    signs_in: str = ""
    password: str = ""
    flow_run_ttl: int = 28 * 86_400
    flow_runs_dropped: bool = False
    audit_subscribed: bool = True
    audit_late_hours: int = 0
    log_days: int = 30
    log_row_limit: int = 500_000
    log_partial_above: int = 0
    logs_closed: str = ""
    audit_query_polls: int = 3
    audit_query_ends: str = "succeeded"
    webhook_fails: str = ""


@dataclass
class World:
    """The tenant, its settings, and what was asked of it."""

    tenant: Tenant
    settings: Settings = field(default_factory=Settings)
    calls: CallStore = field(default_factory=CallStore)
    requests: Counter[str] = field(default_factory=Counter)
    routes: Counter[str] = field(default_factory=Counter)
    trespasses: Counter[str] = field(default_factory=Counter)
    device_codes: dict[str, int] = field(default_factory=dict)
    device_scopes: dict[str, str] = field(default_factory=dict)
    """What each device code was asked for: whoever redeems it says no more of that."""
    used_codes: set[str] = field(default_factory=set)
    rounds: list[dict[str, int]] = field(default_factory=list)
    """Who had an account at the end of each round of changes a client was told."""
    audit_queries: dict[str, Query] = field(default_factory=dict)
    """Queries of the audit log, by id."""
    mails: list[Json] = field(default_factory=list)
    """Messages that were accepted to be sent."""
    cards: list[Json] = field(default_factory=list)
    """Cards that were taken."""
    audit_since: datetime = field(init=False)
    """When the audit log was subscribed to; nothing made before is ever handed out."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Subscribe to the audit log a week before the tenant's first moment."""
        self.audit_since = self.tenant.now - timedelta(days=7)

    def changed(self) -> None:
        """Forget the indexes after the tenant has changed."""
        for name, value in vars(type(self)).items():
            if isinstance(value, cached_property):
                self.__dict__.pop(name, None)

    def note(self, method: str, host: str, path: str) -> None:
        """Count a request, by host and by route."""
        self.requests[host] += 1
        self.routes[f"{method} {host}{_NAMED.sub('*', path)}"] += 1

    @cached_property
    def environments(self) -> dict[str, Environment]:
        """Environments that exist, by case-folded name, in the order of names."""
        found = sorted(self.tenant.environments.values(), key=lambda e: e.name)
        return {e.name.casefold(): e for e in found if e.deleted is None}

    @cached_property
    def by_host(self) -> dict[str, Environment]:
        """Environments by either host of their Dataverse."""
        hosts: dict[str, Environment] = {}
        for environment in self.environments.values():
            if environment.dataverse is not None:
                hosts[environment.dataverse.web_host.casefold()] = environment
                hosts[environment.dataverse.api_host.casefold()] = environment
        return hosts

    @cached_property
    def connectors(self) -> dict[str, list[Connector]]:
        """Connectors by environment."""
        return _grouped(self.tenant.connectors)

    @cached_property
    def connector_named(self) -> dict[Key, Connector]:
        """Connectors by environment and runtime name."""
        return _named(self.tenant.connectors)

    @cached_property
    def connections(self) -> dict[str, list[Connection]]:
        """Connections by environment."""
        return _grouped(self.tenant.connections)

    @cached_property
    def connections_of(self) -> dict[Key, list[Connection]]:
        """Connections by environment and connector."""
        found: dict[Key, list[Connection]] = defaultdict(list)
        for one in self.tenant.connections:
            if one.deleted is None:
                found[one.environment.casefold(), one.connector.casefold()].append(one)
        return found

    @cached_property
    def references(self) -> dict[str, list[ConnectionReference]]:
        """Connection references by environment."""
        return _grouped(self.tenant.connection_references)

    @cached_property
    def flows(self) -> dict[str, list[Flow]]:
        """Flows by environment."""
        return _grouped(self.tenant.flows)

    @cached_property
    def flow_named(self) -> dict[Key, Flow]:
        """Flows by environment and name."""
        return _named(self.tenant.flows)

    @cached_property
    def deleted_flows(self) -> dict[str, list[Flow]]:
        """Flows in the recycle bin, by environment."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.tenant.flows:
            if flow.deleted is not None:
                found[flow.environment.casefold()].append(flow)
        return found

    @cached_property
    def apps(self) -> dict[str, list[App]]:
        """Apps by environment."""
        return _grouped(self.tenant.apps)

    @cached_property
    def agents(self) -> dict[str, list[Agent]]:
        """Agents by environment."""
        return _grouped(self.tenant.agents)

    @cached_property
    def app_named(self) -> dict[Key, App]:
        """Apps by environment and name."""
        return _named(self.tenant.apps)

    @cached_property
    def people(self) -> list[Person]:
        """People who have an account now."""
        return [p for p in self.tenant.people.values() if p.deleted is None]

    @cached_property
    def person_named(self) -> dict[str, Person]:
        """People who have an account now, by id and by user principal name, case-folded."""
        named = {p.user_principal_name.casefold(): p for p in self.people}
        return named | {p.id.casefold(): p for p in self.people}

    @cached_property
    def licences_of(self) -> dict[str, list[Licence]]:
        """Licences by the person who holds them."""
        found: dict[str, list[Licence]] = defaultdict(list)
        for licence in self.tenant.licences:
            found[licence.person].append(licence)
        return found

    @cached_property
    def stored(self) -> dict[str, Connector]:
        """Connectors by the name their documents have in storage."""
        return {blob_name(c): c for c in self.tenant.connectors if c.deleted is None}

    @cached_property
    def backends(self) -> dict[str, list[Backend]]:
        """APIs that tell of themselves, by their host."""
        found: dict[str, list[Backend]] = defaultdict(list)
        for backend in self.tenant.drifting.backends:
            found[backend.host.casefold()].append(backend)
        return found

    @cached_property
    def owners(self) -> dict[str, dict[str, str]]:
        """Whom the rows of an environment's Dataverse name: system user by person, by environment."""
        found: dict[str, dict[str, str]] = {}
        for folded, home in self.environments.items():
            if home.dataverse is None:
                continue
            people = {
                *([home.created_by] if home.created_by else ()),
                *(c.dataverse.owner_id for c in self.connectors.get(folded, ()) if c.dataverse),
                *(c.created_by for c in self.connectors.get(folded, ()) if c.created_by),
                *(r.owner_id for r in self.references.get(folded, ())),
                *(f.owner_id for f in self.flows.get(folded, ())),
                *(a.owner_id for a in self.agents.get(folded, ())),
            }
            found[folded] = {person: system_user(home, person) for person in sorted(people)}
        return found


def _grouped(things: list[Placed]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = defaultdict(list)
    for thing in things:
        if thing.deleted is None:
            found[thing.environment.casefold()].append(thing)
    return found


Named = TypeVar("Named", Connector, Flow, App)


def _named(things: list[Named]) -> dict[Key, Named]:
    return {
        (thing.environment.casefold(), thing.name.casefold()): thing
        for thing in things
        if thing.deleted is None and thing.name is not None
    }


def blob_name(connector: Connector) -> str:
    """Return the name a connector's documents have in storage."""
    return derived(connector.environment, connector.name or connector.display_name)


def derived(*parts: str) -> str:
    """Return an id that depends only on these parts, of the shape of a random one."""
    made = uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts))
    return str(uuid.UUID(bytes=made.bytes, version=4))


def system_user(environment: Environment, person: str) -> str:
    """Return the id a person has as system user of an environment's Dataverse."""
    database = environment.dataverse
    return derived(database.organization_id if database else "", person.casefold())
