"""The tenant as the services look at it: indexed by environment, with settings and a log."""

from __future__ import annotations

import threading
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from connectory.simulator.state import (
    App,
    Connection,
    ConnectionReference,
    Connector,
    Environment,
    Flow,
    Tenant,
)

SECRET = "simulated-secret"  # noqa: S105 - nothing real is behind it
Placed = TypeVar("Placed", Connector, Connection, ConnectionReference, Flow, App)


@dataclass(slots=True)
class Settings:
    """What a test can set about the services."""

    flow_app_only: str = "allow"
    token_lifetime: int = 3599
    secret_expired: bool = False
    certificate_pem: str = ""
    device_polls: int = 0
    revoked_before: float = 0.0


@dataclass
class World:
    """The tenant, its settings, and what was asked of it."""

    tenant: Tenant
    settings: Settings = field(default_factory=Settings)
    requests: Counter[str] = field(default_factory=Counter)
    trespasses: Counter[str] = field(default_factory=Counter)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def changed(self) -> None:
        """Forget the indexes after the tenant has changed."""
        for name in ("environments", "connectors", "connections", "references", "flows", "apps"):
            self.__dict__.pop(name, None)
        self.__dict__.pop("signed", None)
        self.__dict__.pop("by_host", None)

    @cached_property
    def environments(self) -> dict[str, Environment]:
        """Environments that exist, by case-folded name."""
        found = self.tenant.environments.values()
        return {e.name.casefold(): e for e in found if e.deleted is None}

    @cached_property
    def by_host(self) -> dict[str, Environment]:
        """Environments by either host of their Dataverse."""
        hosts: dict[str, Environment] = {}
        for environment in self.environments.values():
            if environment.dataverse is not None:
                hosts[environment.dataverse.web_host] = environment
                hosts[environment.dataverse.api_host] = environment
        return hosts

    @cached_property
    def connectors(self) -> dict[str, list[Connector]]:
        """Connectors by environment."""
        return _grouped(self.tenant.connectors)

    @cached_property
    def connections(self) -> dict[str, list[Connection]]:
        """Connections by environment."""
        return _grouped(self.tenant.connections)

    @cached_property
    def references(self) -> dict[str, list[ConnectionReference]]:
        """Connection references by environment."""
        return _grouped(self.tenant.connection_references)

    @cached_property
    def flows(self) -> dict[str, list[Flow]]:
        """Flows by environment."""
        return _grouped(self.tenant.flows)

    @cached_property
    def apps(self) -> dict[str, list[App]]:
        """Apps by environment."""
        return _grouped(self.tenant.apps)

    @cached_property
    def signed(self) -> dict[str, Connector]:
        """Connectors by the name their definition has in storage."""
        return {blob_name(c): c for c in self.tenant.connectors if c.deleted is None}


def _grouped(things: list[Placed]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = defaultdict(list)
    for thing in things:
        if thing.deleted is None:
            found[thing.environment.casefold()].append(thing)
    return found


def blob_name(connector: Connector) -> str:
    """Return the name a connector's definition has in storage."""
    return derived(connector.environment, connector.name or connector.display_name)


def derived(*parts: str) -> str:
    """Return an id that depends only on these parts, of the shape of a random one."""
    made = uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts))
    return str(uuid.UUID(bytes=made.bytes, version=4))


def system_user(environment: Environment, person: str) -> str:
    """Return the id a person has as system user of an environment's Dataverse."""
    database = environment.dataverse
    return derived(database.organization_id if database else "", person.casefold())
