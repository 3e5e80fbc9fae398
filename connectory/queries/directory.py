"""What the directory says of people whom some row names, for statements that join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, case, func, select

from connectory.domain.ownership import PersonState, person_state
from connectory.queries.tables import PRINCIPAL_VERSIONS, Person, alias


@dataclass(frozen=True, slots=True)
class Known:
    """A principal as the directory tells it.

    Attributes:
        key: Object id.
        name: Name for people; the id if there is none.
        kind: user, guest, service_principal or group; None if the directory has no such id.
        state: Whether it is in working order.
        mail: Mail address.
        language: Preferred language.
    """

    key: str
    name: str
    kind: str | None
    state: PersonState
    mail: str | None
    language: str | None


def told_of(person: Person, prefix: str) -> list[ColumnElement[Any]]:
    """Return the columns from which `known` makes what the directory says of a person."""
    facts = person.facts.c
    return [
        person.key.label(f"{prefix}_key"),
        func.coalesce(facts.display_name, facts.user_principal_name).label(f"{prefix}_name"),
        facts.kind.label(f"{prefix}_kind"),
        facts.presence.label(f"{prefix}_presence"),
        facts.enabled.label(f"{prefix}_enabled"),
        facts.mail.label(f"{prefix}_mail"),
        facts.preferred_language.label(f"{prefix}_language"),
    ]


def known(row: RowMapping, prefix: str, *, answered: bool, name: str | None = None) -> Known | None:
    """Return what the directory says of the person of a row; None if the row names nobody.

    Args:
        row: A row with the columns of `told_of`.
        prefix: The prefix they were given.
        answered: The directory was read whole, so that an id it does not have is no more.
        name: What others call them, where the directory does not.
    """
    if row[f"{prefix}_key"] is None:
        return None
    return somebody(row, prefix, answered=answered, name=name)


def somebody(row: RowMapping, prefix: str, *, answered: bool, name: str | None = None) -> Known:
    """Return what the directory says of a person whom the row surely names; see `known`."""
    state = person_state(
        presence=row[f"{prefix}_presence"], enabled=row[f"{prefix}_enabled"], answered=answered
    )
    return Known(
        row[f"{prefix}_key"],
        row[f"{prefix}_name"] or name or row[f"{prefix}_key"],
        row[f"{prefix}_kind"],
        state,
        row[f"{prefix}_mail"],
        row[f"{prefix}_language"],
    )


def last_known(person: Person, column: str, run_id: int) -> ColumnElement[Any]:
    """Return what a column last held of a person: what it holds, or held before they left.

    The record of a deleted account tells neither its manager nor its department.

    Args:
        person: Joined with its version at the run.
        column: Which fact.
        run_id: As of which run.
    """
    before = alias(PRINCIPAL_VERSIONS, f"{person.facts.name}_before")
    earlier = (
        select(before.c[column])
        .where(
            before.c.principal_id == person.who.c.id,
            before.c.from_run <= run_id,
            before.c[column].is_not(None),
        )
        .order_by(before.c.from_run.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case((person.facts.c.presence == "present", person.facts.c[column]), else_=earlier)
