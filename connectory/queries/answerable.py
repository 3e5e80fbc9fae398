"""Who has to do with connectors, and as what: owners, stewards, editors, and whoever is asked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Select, and_, case, func, literal, or_, select, union_all

from connectory.domain.answering import MAILBOX
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ATTESTATION_REQUESTS,
    CONNECTORS,
    GROUP_MEMBERS,
    PERMISSIONS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    STEWARDS,
    holds,
    known_connectors,
    meaning_of_absence,
)

ROLES: Final = ("owner", "group", "business_owner", "deputy", "editor", "asked")
"""What somebody may have to do with a connector; group: of a group that owns it."""
_PEOPLE: Schema = {
    "key": "text",
    "name": "text",
    "mail": "text",
    "state": "text",
    "connectors": "count",
}


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whose connectors are told.

    Attributes:
        key: Object id, or `MAILBOX` and an address.
        name: Name for people.
        mail: Mail address.
        state: enabled, disabled, deleted or unknown; None of a mailbox.
        kind: user, guest, service_principal or group; None if the directory has no such id.
        department: Department.
    """

    key: str
    name: str
    mail: str | None
    state: str | None
    kind: str | None
    department: str | None


def somebody(connection: Connection, moment: Moment, told: str) -> Somebody | None:
    """Return who is meant by an object id, sign-in name, mail address or mailbox; None if nobody is.

    Where several have an address, whoever is there goes before whoever has left.
    """
    wanted = told.strip().casefold()
    if wanted.startswith(MAILBOX):
        address = told.strip()[len(MAILBOX) :]
        return Somebody(f"{MAILBOX}{address}", address, address, None, None, None)
    facts = PRINCIPAL_VERSIONS.c
    query = (
        select(PRINCIPALS.c.key, _name(), facts.mail, _state(), facts.kind, facts.department)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(
            holds(PRINCIPAL_VERSIONS, moment.run_id),
            or_(
                PRINCIPALS.c.key == wanted,
                func.lower(facts.mail) == wanted,
                func.lower(facts.user_principal_name) == wanted,
            ),
        )
        .order_by(facts.presence != "present", PRINCIPALS.c.key)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is not None:
        return Somebody(*row)
    named = select(PERMISSIONS.c.principal_name).where(
        PERMISSIONS.c.principal_key == wanted, holds(PERMISSIONS, moment.run_id)
    )
    known = connection.execute(named.limit(1)).one_or_none()
    if known is None:
        return None
    absent = meaning_of_absence(connection, moment.run_id)
    return Somebody(wanted, known[0] or wanted, None, absent, None, None)


def people(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return everybody who owns, answers for, may edit or is asked about a connector that is not gone, by name.

    connectors: how many, those of their groups left out. Mailboxes that are asked have no state.
    """
    pairs = union_all(*_direct(moment.run_id)).subquery()
    there = select(CONNECTORS.c.id).select_from(known_connectors(moment.run_id))
    known = PRINCIPALS.join(
        PRINCIPAL_VERSIONS,
        and_(
            PRINCIPAL_VERSIONS.c.principal_id == PRINCIPALS.c.id,
            holds(PRINCIPAL_VERSIONS, moment.run_id),
        ),
    )
    query = (
        select(
            pairs.c.person,
            func.coalesce(func.max(_name()), pairs.c.person),
            func.max(PRINCIPAL_VERSIONS.c.mail),
            func.max(_state()),
            func.count(pairs.c.connector_id.distinct()),
        )
        .select_from(pairs.outerjoin(known, PRINCIPALS.c.key == pairs.c.person))
        .where(pairs.c.connector_id.in_(there))
        .group_by(pairs.c.person)
    )
    absent = meaning_of_absence(connection, moment.run_id)
    rows = [
        (key, name.removeprefix(MAILBOX), mail, state or _unlisted(key, absent), number)
        for key, name, mail, state, number in connection.execute(query)
    ]
    return frame(sorted(rows, key=lambda row: (row[1].casefold(), row[0])), _PEOPLE)


def _direct(run_id: int) -> list[Select[Any]]:
    """Return the statements that tell who has to do with a connector, and as what."""
    role = case((PERMISSIONS.c.role == "Owner", "owner"), else_="editor").label("role")
    open_request = ATTESTATION_REQUESTS.c.closed_at.is_(None)
    standing = STEWARDS.c.replaced_at.is_(None)
    return [
        select(PERMISSIONS.c.principal_key.label("person"), PERMISSIONS.c.connector_id, role).where(
            holds(PERMISSIONS, run_id),
            PERMISSIONS.c.role.in_(["Owner", "CanEdit"]),
            PERMISSIONS.c.principal_type != "tenant",
        ),
        *(
            select(STEWARDS.c[column], STEWARDS.c.connector_id, literal(named)).where(
                standing, STEWARDS.c[column].is_not(None)
            )
            for column, named in (("business_owner_key", "business_owner"), ("deputy_key", "deputy"))
        ),
        select(
            ATTESTATION_REQUESTS.c.asked, ATTESTATION_REQUESTS.c.connector_id, literal("asked")
        ).where(open_request),
    ]  # fmt: skip


def roles(connection: Connection, run_id: int, person: str) -> dict[int, list[str]]:
    """Return what somebody has to do with which connectors, of `ROLES`, also through groups."""
    pairs = union_all(*_direct(run_id)).subquery()
    groups = select(GROUP_MEMBERS.c.group_key).where(
        GROUP_MEMBERS.c.member_key == person, holds(GROUP_MEMBERS, run_id)
    )
    role = case((PERMISSIONS.c.role == "Owner", "group"), else_="editor")
    through = select(PERMISSIONS.c.connector_id, role).where(
        holds(PERMISSIONS, run_id),
        PERMISSIONS.c.role.in_(["Owner", "CanEdit"]),
        PERMISSIONS.c.principal_key.in_(groups),
    )
    own = select(pairs.c.connector_id, pairs.c.role).where(pairs.c.person == person)
    found: dict[int, set[str]] = defaultdict(set)
    for connector, named in connection.execute(union_all(own, through)):
        found[connector].add(named)
    return {one: [role for role in ROLES if role in named] for one, named in found.items()}


def _name() -> Any:
    facts = PRINCIPAL_VERSIONS.c
    return func.coalesce(facts.display_name, facts.user_principal_name, PRINCIPALS.c.key)


def _state() -> Any:
    facts = PRINCIPAL_VERSIONS.c
    return case(
        (facts.presence.is_(None), None),
        (facts.presence == "gone", "deleted"),
        (facts.enabled.is_(False), "disabled"),
        else_="enabled",
    )


def _unlisted(key: str, absent: str) -> str | None:
    return None if key.startswith(MAILBOX) else absent
