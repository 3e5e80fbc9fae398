"""Who is asked next about a connector, who is named to have it, and whom no letter reaches any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, func, or_, select

from connectory.domain.answering import MAILBOX, Hindrance, Recipient
from connectory.domain.asking import hindrance
from connectory.queries.directory import known, told_of
from connectory.queries.moments import Moment
from connectory.queries.recipients import Mailing, recipient_for, recipients
from connectory.queries.tables import (
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    meaning_of_absence,
    present,
    with_person,
)

_SOME: Final = 500


def next_to_ask(
    connection: Connection,
    moment: Moment,
    mailing: Mailing,
    before: Mapping[int, Collection[str]],
) -> dict[int, Recipient]:
    """Return who is asked next about each connector; one for whom nobody is left is not in it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        mailing: Mailbox that is asked last, and whether guests are.
        before: Who was asked already, by connector.
    """
    return recipients(connection, moment, mailing, before, before=before)


def somebody_named(
    connection: Connection, moment: Moment, mailing: Mailing, named: str
) -> Recipient | None:
    """Return whoever is meant by an id, an address or a name, if that is one who can be asked.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        mailing: Whether guests are asked.
        named: As written by whoever handed a connector over.
    """
    facts, told = PRINCIPAL_VERSIONS.c, named.strip().casefold()
    if not told:
        return None
    rows = PRINCIPALS.join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
    people = (
        select(PRINCIPALS.c.key)
        .select_from(rows)
        .where(present(PRINCIPAL_VERSIONS, moment.run_id), facts.kind.in_(("user", "guest")))
        .limit(2)
    )
    address = or_(
        func.lower(facts.mail) == told,
        func.lower(facts.user_principal_name) == told,
        func.lower(PRINCIPALS.c.key) == told,
    )
    for condition in (address, func.lower(facts.display_name) == told):
        keys = list(connection.scalars(people.where(condition)))
        if len(keys) == 1:
            return recipient_for(connection, moment, mailing, keys[0], role="named")
        if keys:
            return None
    return None


def unreachable(
    connection: Connection, moment: Moment, mailing: Mailing, asked: Collection[str]
) -> dict[str, Hindrance]:
    """Return the people who cannot be written to any more, with the reason.

    Whom the directory could not tell is not among them.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        mailing: Whether guests are written to.
        asked: Whom it is about, by `Recipient.recipient`.
    """
    answered = meaning_of_absence(connection, moment.run_id) == "deleted"
    keys = sorted({one for one in asked if not one.startswith(MAILBOX)})
    found: dict[str, Hindrance] = {}
    for start in range(0, len(keys), _SOME):
        rows, person = with_person(PRINCIPALS, PRINCIPALS.c.key, moment.run_id, "person")
        query = select(*told_of(person, "person")).select_from(rows)
        some = query.where(PRINCIPALS.c.key.in_(keys[start : start + _SOME]))
        for row in connection.execute(some).mappings():
            who = known(row, "person", answered=answered)
            if who is None:
                continue
            why = hindrance(who.kind, who.state, who.mail, guests=mailing.mail_guests)
            if why in {"departed", "disabled", "no_address"}:
                found[who.key] = why
    return found
