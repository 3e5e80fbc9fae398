"""Connections and connection references of the simulated tenant."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Final

from connectory.simulator.environments import Layout
from connectory.simulator.identifiers import connection_name, encoded, logical_name
from connectory.simulator.inventory import live_connectors
from connectory.simulator.openapi import Blueprint
from connectory.simulator.people import Cast
from connectory.simulator.randomness import chance, guid, hexadecimal, moment, stream
from connectory.simulator.sizes import Size
from connectory.simulator.state import (
    Connection,
    ConnectionReference,
    Connector,
    Json,
    Person,
    Tenant,
)
from connectory.simulator.words import HOSTILE_CONNECTIONS, PUBLISHER_PREFIX

FIRST_PARTY: Final[dict[str, tuple[str, ...]]] = {
    "shared_sharepointonline": ("GetItems", "PostItem", "PatchItem", "CreateFile"),
    "shared_office365": ("SendEmailV2", "GetEmailsV3", "V4CalendarPostItem"),
    "shared_commondataserviceforapps": ("ListRecords", "CreateRecord", "UpdateRecord"),
}
"""Connectors of Microsoft that flows and apps use beside the custom ones, with operations."""

CONNECTED: Final[Json] = {"status": "Connected"}
EXPIRED: Final[Json] = {
    "status": "Error",
    "target": "token",
    "error": {
        "code": "Unauthorized",
        "message": "Failed to refresh access token. AADSTS50173: The provided grant has expired.",
    },
}


def add_connections(tenant: Tenant, size: Size, layout: Layout, cast: Cast) -> None:
    """Fill the tenant's connections: custom connectors first, most of them used, then the rest."""
    rng = stream(tenant.seed, "connections")
    custom = [c for c in live_connectors(tenant) if c.name is not None and chance(rng, 0.85)]
    weights = [
        rng.randrange(1, 8) * (3 if layout.stages.get(c.environment) == "prod" else 1)
        for c in custom
    ]
    for connector in rng.choices(custom, weights, k=round(size.connections * 0.6)):
        add_connection(tenant, rng, cast, connector.environment, connector)
    environments = [name for name, e in tenant.environments.items() if e.deleted is None]
    while len(tenant.connections) < size.connections:
        add_connection(tenant, rng, cast, rng.choice(environments), rng.choice(list(FIRST_PARTY)))
    _plant(tenant, rng)
    for _ in range(size.bulk_connections):
        add_connection(tenant, rng, cast, layout.default, rng.choice(list(FIRST_PARTY)))


def add_connection(
    tenant: Tenant, rng: random.Random, cast: Cast, environment: str, connector: Connector | str
) -> Connection:
    """Add and return a connection of a working person to a custom or first-party connector."""
    creator = rng.choice(cast.departed if chance(rng, 0.03) else cast.working)
    created = moment(rng, tenant.now, 3, 600)
    name = connector if isinstance(connector, str) else connector.name or ""
    account = creator.user_principal_name if signs_in(connector) else None
    if account is not None and chance(rng, 0.01):
        account = _personal(creator)
    connection = Connection(
        environment=environment,
        name=connection_name(rng, name),
        connector=name,
        display_name=account or (name if isinstance(connector, str) else connector.display_name),
        account_name=None if chance(rng, 0.08) else account,
        created_by=None if chance(rng, 0.01) else creator.id,
        created=created,
        modified=moment(rng, tenant.now, 0.5, (tenant.now - created).days),
        statuses=_statuses(rng),
        allow_sharing=account is None and chance(rng, 0.3),
    )
    if account is not None and chance(rng, 0.2):
        connection.expiration = tenant.now + timedelta(days=rng.uniform(1, 90))
    tenant.connections.append(connection)
    return connection


def signs_in(connector: Connector | Blueprint | str) -> bool:
    """Return whether a connection carries an account: an OAuth sign-in, not a key or password."""
    if isinstance(connector, str):
        return True
    parameters = connector.connection_parameters.values()
    kinds = {str(p.get("type")).lower() for p in parameters if isinstance(p, dict)}
    return "oauthsetting" in kinds or connector.connection_parameter_sets is not None


def _personal(person: Person) -> str:
    return person.display_name.lower().replace(" ", ".") + "@freemail.example"


def _statuses(rng: random.Random) -> list[Json]:
    drawn = rng.random()
    if drawn < 0.9:  # noqa: PLR2004 - share of connections that work
        return [CONNECTED]
    if drawn < 0.95:  # noqa: PLR2004 - share that plainly fail
        return [EXPIRED]
    if drawn < 0.98:  # noqa: PLR2004 - share of which one part fails
        return [CONNECTED, EXPIRED] if chance(rng, 0.5) else [EXPIRED, CONNECTED]
    return [{"status": rng.choice(("Unknown", "PendingConfirmation"))}]


def _plant(tenant: Tenant, rng: random.Random) -> None:
    mixed, failed = rng.sample(tenant.connections, 2)
    mixed.statuses, failed.statuses = [CONNECTED, EXPIRED], [EXPIRED]
    in_production = [
        connection
        for connection in tenant.connections
        if tenant.environments[connection.environment].sku == "Production"
        and connection.account_name is not None
    ]
    if in_production:
        private = rng.choice(in_production)
        maker = tenant.people.get(private.created_by or "") or next(iter(tenant.people.values()))
        private.account_name = private.display_name = _personal(maker)
    if len(tenant.connections) > 100:  # noqa: PLR2004 - a believable share of odd names
        for connection, name in zip(
            rng.sample(tenant.connections, len(HOSTILE_CONNECTIONS)),
            HOSTILE_CONNECTIONS,
            strict=True,
        ):
            connection.display_name = name


def add_references(tenant: Tenant, size: Size, layout: Layout, cast: Cast) -> None:
    """Fill the tenant's connection references: only in environments with Dataverse.

    One in twenty is unbound; a few point at a connector that is not in their environment.
    """
    rng = stream(tenant.seed, "connection references")
    by_environment: dict[str, list[Connection]] = defaultdict(list)
    for connection in tenant.connections[: size.connections]:
        if tenant.environments[connection.environment].dataverse is not None:
            by_environment[connection.environment].append(connection)
    rows = {(c.environment, c.name): c for c in tenant.connectors if c.name is not None}
    taken: Counter[tuple[str, str]] = Counter()
    environments = list(by_environment)
    weights = [3 if layout.stages.get(name) else 1 for name in environments]
    for environment in rng.choices(environments, weights, k=size.references):
        connection = rng.choice(by_environment[environment])
        connector = rows.get((environment, connection.connector))
        managed = layout.stages.get(environment) in {"test", "prod"}
        number = taken[environment, connection.connector]
        add_reference(tenant, rng, cast, connection, connector, number=number, managed=managed)
        taken[environment, connection.connector] += 1
    for reference in rng.sample(tenant.connection_references, max(1, size.references // 20)):
        reference.connection = None
    for reference in rng.sample(tenant.connection_references, max(1, size.references // 60)):
        reference.connector = (
            f"shared_{encoded('retired hub')}{encoded('_' + hexadecimal(rng, 16))}"
        )
        reference.connector_row_id = None


def add_reference(
    tenant: Tenant,
    rng: random.Random,
    cast: Cast,
    connection: Connection,
    connector: Connector | None,
    *,
    number: int,
    managed: bool,
) -> ConnectionReference:
    """Add and return a connection reference bound to `connection` in its environment.

    `number` tells the references to one connector in one environment apart.
    """
    title = connector.display_name if connector is not None else connection.connector[7:]
    slug = logical_name(PUBLISHER_PREFIX, f"shared{title}").replace("_5f", "_")
    # A solution carries a reference's logical name from stage to stage unchanged.
    origin = (connector.family if connector else None) or connection.connector
    suffix = hexadecimal(stream(tenant.seed, origin, number), 5)
    created = moment(rng, tenant.now, 2, 500)
    reference = ConnectionReference(
        environment=connection.environment,
        id=guid(rng),
        logical_name=f"{slug}_{suffix}",
        display_name=f"{title} reference",
        connector=connection.connector,
        connector_row_id=(
            connector.dataverse.connector_id if connector and connector.dataverse else None
        ),
        connection=connection.name,
        owner_id=rng.choice(cast.departed if chance(rng, 0.04) else cast.makers).id,
        active=not chance(rng, 0.03),
        managed=managed,
        created=created,
        modified=moment(rng, tenant.now, 1, (tenant.now - created).days),
        prompting_behavior=int(chance(rng, 0.1)),
        solution_id=guid(rng),
    )
    tenant.connection_references.append(reference)
    return reference
