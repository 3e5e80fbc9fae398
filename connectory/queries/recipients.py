"""Who answers for each connector now, and who was passed over on the way to them.

The order is that of docs/owners.md: business owner, deputy, owners at the platform, the groups
that own it, the managers of those, the mailbox of the Centre of Excellence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, Select, and_, select

from connectory.domain.answering import MAILBOX, Hindrance, Recipient, Role
from connectory.domain.asking import Candidate, first_to_ask, hindrance, mailable
from connectory.queries.directory import Known, known, last_known, somebody, told_of
from connectory.queries.moments import Moment
from connectory.queries.owners_ever import only, owners_ever
from connectory.queries.owning_groups import Members, members_of_owners
from connectory.queries.standing import standing_stewards
from connectory.queries.tables import (
    ANSWERS,
    CONNECTORS,
    PRINCIPALS,
    STEWARDS,
    holds,
    known_connectors,
    meaning_of_absence,
    with_person,
)


class Mailing(Protocol):
    """Settings that decide who is written to: the section ``[reports]``."""

    @property
    def coe_mailbox(self) -> str:
        """Address that is asked where nobody else is left; may be empty."""

    @property
    def mail_guests(self) -> bool:
        """Guests are written to as well."""


@dataclass(slots=True)
class _Ladder:
    """Who may be asked about one connector; former are the last who owned it, if none does now."""

    stewards: list[tuple[Role, Known]] = field(default_factory=list)
    owners: list[_Owner] = field(default_factory=list)
    former: list[_Owner] = field(default_factory=list)
    managers_of_stewards: list[Known] = field(default_factory=list)
    permissions_read: bool = False


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who holds the role Owner, or held it until a run, and the last known manager."""

    who: Known
    manager: Known | None
    until: int | None


def recipients(
    connection: Connection,
    moment: Moment,
    settings: Mailing,
    connector_ids: Collection[int] | None = None,
    *,
    beyond: Mapping[int, int] | None = None,
    before: Mapping[int, Collection[str]] | None = None,
) -> dict[int, Recipient]:
    """Return who answers for each connector that is not gone; nobody is in it for whom none is left.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: Mailbox that is asked last, and whether guests are.
        connector_ids: Which connectors; all if None.
        beyond: By connector, how many were asked already and did not answer; or
        before: by connector, who was, as `Recipient.recipient`: they are passed over wherever they
            stand by now, and whoever came before them since is asked.
    """
    chosen = None if connector_ids is None else set(connector_ids)
    ladders = _ladders(connection, moment, chosen)
    members = members_of_owners(connection, moment.run_id, guests=settings.mail_guests)
    found: dict[int, Recipient] = {}
    for connector_id, ladder in ladders.items():
        rungs = _candidates(ladder, members, settings)
        skipped, asked = (beyond or {}).get(connector_id, 0), (before or {}).get(connector_id, ())
        told = first_to_ask(rungs, skipped, asked)
        if told is not None:
            found[connector_id] = told
    return found


def recipient_for(
    connection: Connection,
    moment: Moment,
    settings: Mailing,
    principal_key: str,
    *,
    role: Role = "owner",
) -> Recipient | None:
    """Return one person or group as somebody to write to; None if they cannot be.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: Whether guests are written to.
        principal_key: Object id.
        role: As what they are written to.
    """
    rows, person = with_person(PRINCIPALS, PRINCIPALS.c.key, moment.run_id, "person")
    query = select(*told_of(person, "person")).select_from(rows)
    row = connection.execute(query.where(PRINCIPALS.c.key == principal_key)).mappings().first()
    who = None if row is None else known(row, "person", answered=False)
    return None if who is None else first_to_ask([_candidate(who, role, settings)])


def _candidates(
    ladder: _Ladder, members: Mapping[str, Members], settings: Mailing
) -> Iterator[Candidate]:
    for role, who in ladder.stewards:
        yield _candidate(who, role, settings)
    people = [owner for owner in ladder.owners if owner.who.kind != "group"]
    groups = [owner.who for owner in ladder.owners if owner.who.kind == "group"]
    for owner in people:
        yield _candidate(owner.who, "owner", settings)
    for group in groups:
        yield from _of_group(group, members.get(group.key), settings)
    if not ladder.owners:
        why: Hindrance = "nobody" if ladder.permissions_read else "unknown"
        yield Candidate("", "", "", None, "owner", why)
    managers = [owner.manager for owner in people or ladder.former]
    for manager in [*managers, *ladder.managers_of_stewards]:
        if manager is not None:
            yield _candidate(manager, "manager", settings)
    if settings.coe_mailbox:
        address = settings.coe_mailbox
        yield Candidate(MAILBOX + address, address, address, None, "coe", None)


def _candidate(who: Known, role: Role, settings: Mailing) -> Candidate:
    why = hindrance(who.kind, who.state, who.mail, guests=settings.mail_guests)
    return Candidate(who.key, who.name, who.mail or "", who.language, role, why)


def _of_group(group: Known, told: Members | None, settings: Mailing) -> Iterator[Candidate]:
    if group.state != "present" or told is None or not told.working:
        one = _candidate(group, "group", settings)
        yield replace(one, why="empty_group") if group.state == "present" else one
    elif mailable(group.mail) or not told.first:
        yield _candidate(group, "group", settings)
    else:
        for member in told.first:
            yield _candidate(member, "group", settings)


def _ladders(connection: Connection, moment: Moment, chosen: set[int] | None) -> dict[int, _Ladder]:
    run_id = moment.run_id
    answered = meaning_of_absence(connection, run_id) == "deleted"
    ladders: dict[int, _Ladder] = {}
    for row in connection.execute(only(_known(run_id), CONNECTORS.c.id, chosen)).mappings():
        if chosen is None or row["connector_id"] in chosen:
            read = row["state"] not in {None, "owner_unknown"}
            ladders[row["connector_id"]] = _Ladder(permissions_read=read)
    for row in connection.execute(_stewards(moment, chosen)).mappings():
        if (ladder := ladders.get(row["connector_id"])) is not None:
            _add_stewards(ladder, row, answered=answered)
    for row in connection.execute(owners_ever(run_id, chosen)).mappings():
        if (ladder := ladders.get(row["connector_id"])) is not None:
            _add_owner(ladder, row, answered=answered)
    return ladders


def _add_stewards(ladder: _Ladder, row: RowMapping, *, answered: bool) -> None:
    roles: tuple[tuple[Role, str], ...] = (("steward", "steward"), ("deputy", "deputy"))
    for role, prefix in roles:
        if (who := known(row, prefix, answered=answered)) is not None:
            ladder.stewards.append((role, who))
        if (manager := known(row, f"of_{prefix}", answered=answered)) is not None:
            ladder.managers_of_stewards.append(manager)


def _add_owner(ladder: _Ladder, row: RowMapping, *, answered: bool) -> None:
    group = row["principal_type"] == "group"
    # Groups are read one by one after the permissions: absence of one proves nothing.
    who = somebody(row, "owner", answered=answered and not group, name=row["principal_name"])
    if who.kind is None:
        who = Known(who.key, who.name, row["principal_type"], who.state, None, None)
    owner = _Owner(who, known(row, "manager", answered=answered), row["until"])
    if owner.until is None:
        ladder.owners.append(owner)
    elif not ladder.former or ladder.former[0].until == owner.until:
        ladder.former.append(owner)


def _known(run_id: int) -> Select[Any]:
    rows = known_connectors(run_id).outerjoin(
        ANSWERS, and_(ANSWERS.c.connector_id == CONNECTORS.c.id, holds(ANSWERS, run_id))
    )
    return (
        select(CONNECTORS.c.id.label("connector_id"), ANSWERS.c.state)
        .select_from(rows)
        .order_by(CONNECTORS.c.id)
    )


def _stewards(moment: Moment, chosen: set[int] | None) -> Select[Any]:
    """Return who stands as business owner and deputy, with their last known managers."""
    run_id = moment.run_id
    rows, owner = with_person(STEWARDS, STEWARDS.c.business_owner_key, run_id, "steward")
    rows, deputy = with_person(rows, STEWARDS.c.deputy_key, run_id, "deputy")
    standing = (
        select(
            STEWARDS.c.connector_id,
            *told_of(owner, "steward"),
            *told_of(deputy, "deputy"),
            last_known(owner, "manager_key", run_id).label("above_steward"),
            last_known(deputy, "manager_key", run_id).label("above_deputy"),
        )
        .select_from(rows)
        .where(standing_stewards(moment))
    )
    named = only(standing, STEWARDS.c.connector_id, chosen).subquery("named")
    rows, first = with_person(named, named.c.above_steward, run_id, "of_steward")
    rows, second = with_person(rows, named.c.above_deputy, run_id, "of_deputy")
    told = [*told_of(first, "of_steward"), *told_of(second, "of_deputy")]
    return select(*named.c, *told).select_from(rows)
