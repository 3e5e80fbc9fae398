"""Connections and connection references as people know them, and the people behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    case,
    func,
    select,
)

from connectory.domain.connection_facts import (
    Identity,
    mail_domain,
)
from connectory.queries.tables import (
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    Person,
    holds,
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A connection or a connection reference, as people know it.

    Attributes:
        asset: connection or connection_reference.
        connector_id: None where its connector is not known; one that is gone still is.
        account: Account it signs in as, if told.
        owner: Who made a connection, or owns a reference.
        owner_state: enabled, disabled, deleted or unknown; None where nobody is told.
        references: Connection references bound to it; of a reference None.
        flows: Flows that refer to it.
        apps: Apps that carry it; of a reference None.
    """

    asset: str
    asset_id: int
    name: str
    connector_id: int | None
    connector: str
    environment_id: int
    environment: str
    account: str | None
    owner: str | None
    owner_state: str | None
    status: str | None
    status_detail: str | None
    references: int | None
    flows: int
    apps: int | None
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is behind an account name, and where members of the tenant have their addresses.

    Attributes:
        people: Identity by sign-in name and mail address, case-folded.
        domains: Domains of the members' sign-in names; None if the directory told of no member.
    """

    people: Mapping[str, Identity]
    domains: frozenset[str] | None


def directory(connection: Connection, run_id: int) -> Directory:
    """Return the addresses of everyone the directory told of, also of those who left."""
    facts = PRINCIPAL_VERSIONS.c
    person = Person(PRINCIPALS.c.key, PRINCIPALS, PRINCIPAL_VERSIONS)
    query = (
        select(
            person.name.label("name"),
            facts.kind,
            person.state(absent="unknown").label("state"),
            facts.user_principal_name.label("sign_in"),
            facts.mail,
        )
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(holds(PRINCIPAL_VERSIONS, run_id), facts.kind.in_(["user", "guest"]))
        # Who is there wins over somebody who left an address behind.
        .order_by(case((facts.presence == "gone", 0), else_=1), PRINCIPALS.c.id)
    )
    people: dict[str, Identity] = {}
    domains: set[str] = set()
    for row in connection.execute(query):
        identity = Identity(row.name, row.kind, row.state, row.sign_in)
        for address in (row.mail, row.sign_in):
            if address:
                people[address.casefold()] = identity
        domain = mail_domain(row.sign_in) if row.kind == "user" else None
        if domain:
            domains.add(domain)
    return Directory(people, frozenset(domains) or None)


def identity(row: RowMapping) -> Identity | None:
    """Return who is behind a row that has `person_columns`; None if it names nobody."""
    if row["owner_key"] is None:
        return None
    nameless = row["owner"] is None or row["owner"] == row["owner_key"]
    name = row.get("creator_name") if nameless else row["owner"]
    return Identity(name or "Somebody", row["owner_kind"], row["owner_state"], row["owner_sign_in"])


SHARED = (
    "asset_id",
    "connector_id",
    "connector",
    "environment_id",
    "environment",
    "owner_state",
    "status",
    "status_detail",
    "modified_at",
)
"""Columns that both queries select under the names of `Asset`."""


def person_columns(person: Person, absent: str) -> tuple[ColumnElement[Any], ...]:
    """Return what `identity` asks of somebody who was joined by `with_person`."""
    return (
        person.key.label("owner_key"),
        func.coalesce(person.facts.c.display_name, person.facts.c.user_principal_name).label(
            "owner"
        ),
        person.facts.c.kind.label("owner_kind"),
        person.facts.c.user_principal_name.label("owner_sign_in"),
        person.state(absent=absent).label("owner_state"),
    )
