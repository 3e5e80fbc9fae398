"""One connection or connection reference for each thing that can be wrong with one.

They come on top of what a size asks for, in a production environment with Dataverse that can be
read, so that every tenant has every case and what each shows is known beforehand.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from connectory.simulator.connections import CONNECTED, EXPIRED
from connectory.simulator.identifiers import connection_name, encoded, logical_name
from connectory.simulator.inventory import live_connectors
from connectory.simulator.people import Cast
from connectory.simulator.randomness import guid, hexadecimal, moment, stream
from connectory.simulator.state import (
    App,
    AppReference,
    Connection,
    ConnectionReference,
    Connector,
    Json,
    Permission,
    Person,
    PlantedCase,
    Tenant,
)
from connectory.simulator.words import GUEST_COMPANIES, PUBLISHER_PREFIX

PRIVATE_MAIL: Final = "freemail.example"
SERVICE_ACCOUNT: Final = "svc-integration"
"""What the invented company's service accounts begin with."""


def failed(code: str, message: str) -> Json:
    """Return the status of a connection that fails."""
    return {"status": "Error", "target": "token", "error": {"code": code, "message": message}}


FAILURES: Final[dict[str, Json]] = {
    "password changed": EXPIRED,
    "account disabled": failed("Unauthorized", "AADSTS50057: The user account is disabled."),
    "secret expired": failed("Unauthorized", "AADSTS7000222: The provided client secret keys for "
                             "the app are expired."),
    "unused for months": failed("Unauthorized", "AADSTS700082: The refresh token has expired due "
                                "to inactivity."),
    "second factor": failed("Unauthorized", "AADSTS50076: You must use multi-factor "
                            "authentication to access this resource."),
    "consent missing": failed("Unauthorized", "AADSTS65001: The user or administrator has not "
                              "consented to use the application."),
    "no access": failed("Forbidden", "The caller has no access to this resource."),
    "no reason told": {"status": "Error"},
}  # fmt: skip
"""Statuses of connections that do not work, by what happened."""


@dataclass(slots=True)
class _Stage:
    """Where the cases are planted, and by whom."""

    tenant: Tenant
    rng: random.Random
    cast: Cast
    connectors: Iterator[Connector]
    member: Person

    def connect(self, case: str, *findings: str, creator: str | None = None) -> Connection:
        """Add and return a working connection that signs in with a key, or as a service."""
        connector = next(self.connectors)
        created = moment(self.rng, self.tenant.now, 30, 300)
        account = None if with_key(connector) else f"{SERVICE_ACCOUNT}@{self.tenant.domain}"
        connection = Connection(
            environment=connector.environment,
            name=connection_name(self.rng, str(connector.name)),
            connector=str(connector.name),
            display_name=account or connector.display_name,
            account_name=account,
            created_by=creator or self.member.id,
            created=created,
            modified=created,
            statuses=[CONNECTED],
        )
        self.tenant.connections.append(connection)
        home, name = connector.environment, connection.name
        self.tenant.planted.append(PlantedCase(case, home, "connection", name, findings))
        return connection

    def refer(
        self, case: str, *findings: str, to: Connection | None, owner: str | None = None
    ) -> ConnectionReference:
        """Add and return a reference bound to a connection, or to none."""
        connector = self._connector(to)
        created = moment(self.rng, self.tenant.now, 20, 200)
        row = connector.dataverse
        slug = logical_name(PUBLISHER_PREFIX, f"shared{connector.display_name}")
        reference = ConnectionReference(
            environment=connector.environment,
            id=guid(self.rng),
            logical_name=f"{slug.replace('_5f', '_')}_{hexadecimal(self.rng, 5)}",
            display_name=f"{connector.display_name} reference",
            connector=str(connector.name),
            connector_row_id=row.connector_id if row else None,
            connection=to.name if to else None,
            owner_id=owner or self.member.id,
            active=True,
            managed=True,
            created=created,
            modified=created,
            solution_id=guid(self.rng),
        )
        self.tenant.connection_references.append(reference)
        home = connector.environment
        self.tenant.planted.append(
            PlantedCase(case, home, "connection_reference", reference.id, findings)
        )
        return reference

    def _connector(self, connection: Connection | None) -> Connector:
        if connection is None:
            return next(self.connectors)
        place = connection.environment, connection.connector
        return next(c for c in self.tenant.connectors if (c.environment, c.name) == place)


def with_key(connector: Connector) -> bool:
    """Tell whether connections to a connector sign in with a key or password, as nobody."""
    kinds = {
        str(parameter.get("type")).lower()
        for parameter in connector.connection_parameters.values()
        if isinstance(parameter, dict)
    }
    return "oauthsetting" not in kinds and connector.connection_parameter_sets is None


def plant_connection_cases(tenant: Tenant, cast: Cast) -> None:
    """Plant every case in the first production environment that can be read in every way."""
    connectors = _connectors(tenant)
    if connectors:
        member = next(p for p in cast.makers if p.enabled and p.user_type == "Member")
        rng = stream(tenant.seed, "connection cases")
        stage = _Stage(tenant, rng, cast, itertools.cycle(connectors), member)
        for plant in _CASES:
            plant(stage)


def _connectors(tenant: Tenant) -> list[Connector]:
    for name, home in tenant.environments.items():
        if home.sku != "Production" or home.deleted is not None or not home.admin_readable:
            continue
        if home.dataverse is None or not home.dataverse.application_user:
            continue
        listed = [c for c in live_connectors(tenant) if c.environment == name and c.in_admin_list]
        if offered := [c for c in listed if c.name is not None]:
            return offered
    return []


def _failures(stage: _Stage) -> None:
    for case, status in FAILURES.items():
        stage.connect(case, "broken").statuses = [CONNECTED, status]
    stage.connect("never confirmed", "unconfirmed").statuses = [{"status": "PendingConfirmation"}]
    stage.connect("status not known").statuses = [{"status": "Unknown"}]
    stage.connect("no status told").statuses = []


def _people(stage: _Stage) -> None:
    cast = stage.cast
    stage.connect("maker left", "owner_left", creator=cast.departed[0].id)
    # Whom the directory has forgotten leaves an id behind, and no name.
    stage.connect("maker forgotten", "owner_left", creator=guid(stage.rng))
    if cast.disabled:
        stage.connect("maker disabled", "owner_disabled", creator=cast.disabled[0].id)
    stage.connect("maker not told").created_by = None
    if cast.guests:
        guest = cast.guests[0]
        stage.connect("made by a guest", "guest", creator=guest.id)
        stage.connect("signs in as a guest", "guest").account_name = guest.mail
    outside = stage.connect("made in another tenant", "outside", creator=guid(stage.rng))
    outside.creator_tenant = guid(stage.rng)
    partner = stage.connect("signs in at a partner", "outside")
    partner.account_name = f"integration@{GUEST_COMPANIES[0][1]}"
    partner.account_tenant = guid(stage.rng)
    private = stage.connect("private mailbox", "outside")
    private.account_name = f"{stage.member.display_name.replace(' ', '.').lower()}@{PRIVATE_MAIL}"


def _accounts(stage: _Stage) -> None:
    """Accounts of persons and of services, each bound to a reference or to nothing."""
    own = stage.member.user_principal_name
    personal = stage.connect("personal account relied on", "personal_account")
    stage.connect("personal account of an app user").account_name = own
    service = stage.connect("service account")
    personal.account_name = own
    service.account_name = f"{SERVICE_ACCOUNT}@{stage.tenant.domain}"
    stage.refer("bound to a personal account", to=personal)
    stage.refer("bound to a service account", to=service)
    key = stage.connect("key or service relied on")
    stage.refer("bound to a key or service", to=key)


def _shares(stage: _Stage) -> None:
    def share(case: str, held: Permission) -> None:
        connection = stage.connect(case, "shared")
        connection.allow_sharing, connection.permissions = True, [held]

    colleague = next(p for p in stage.cast.makers if p.id != stage.member.id)
    group = next(g for g in stage.tenant.groups.values() if g.deleted is None)
    everyone = f"tenant-{stage.tenant.id}"
    share("shared with a colleague", Permission(colleague.id, "CanView", "User", colleague.id))
    share("shared with a group", Permission(group.id, "CanEdit", "Group", group.id))
    share("shared with everyone", Permission(everyone, "CanView", "Tenant", None))
    stage.connect("may be shared, is not").allow_sharing = True
    handed = stage.connect("handed out by an app", "shared")
    _add_app(stage, handed, colleague)


def _add_app(stage: _Stage, connection: Connection, colleague: Person) -> None:
    created = moment(stage.rng, stage.tenant.now, 10, 100)
    owner = stage.member.id
    stage.tenant.apps.append(
        App(
            environment=connection.environment,
            name=guid(stage.rng),
            display_name="Shared desk",
            owner_id=owner,
            created_by=owner,
            created=created,
            modified=created,
            published=created,
            references=[
                AppReference(
                    guid(stage.rng), connection.connector, custom=True,
                    shared_connection=connection.name, data_sources=["Desk"],
                )
            ],
            shared_users=1,
            shared_groups=0,
            permissions=[
                Permission(owner, "Owner", "User", owner),
                Permission(colleague.id, "CanView", "User", colleague.id),
            ],
        )
    )  # fmt: skip


def _references(stage: _Stage) -> None:
    cast = stage.cast
    stage.refer("never bound", "unbound", to=None)
    stale = stage.refer("bound to what was deleted", "connection_absent", to=None)
    stale.connection = hexadecimal(stage.rng, 32)
    sound = stage.connect("bound by sound references")
    stage.refer("sound", to=sound)
    departed = cast.departed[0].id
    stage.refer("reference of a leaver", "owner_left", to=sound, owner=departed)
    if cast.disabled:
        blocked = cast.disabled[0].id
        stage.refer("reference of a blocked account", "owner_disabled", to=sound,
                    owner=blocked)  # fmt: skip
    if cast.guests:
        stage.refer("reference of a guest", "guest", to=sound,
                    owner=cast.guests[0].id)  # fmt: skip
    lost = stage.refer("connector left behind", "connector_absent", to=sound)
    lost.connector = f"shared_{encoded('old hub')}{encoded('_' + hexadecimal(stage.rng, 16))}"
    lost.connector_row_id = None
    renamed = stage.refer("connector known by its row", to=sound)
    if renamed.connector_row_id is not None:
        # After an import the path still names the connector of the environment it came from.
        renamed.connector = f"{renamed.connector}{encoded('_' + hexadecimal(stage.rng, 16))}"


_CASES: Final[tuple[Callable[[_Stage], None], ...]] = (
    _failures,
    _people,
    _accounts,
    _shares,
    _references,
)
