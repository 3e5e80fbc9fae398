"""Accepting changes until a day, and withdrawing that: each decision a row that stays.

Nothing of the tenant is touched, and no answer is altered: an acceptance stands beside what was
found. It holds for the very fact; one that changes is another fact, and open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectory.database import writing
from connectory.domain.one_line import one_line
from models import Acceptance, ComparisonChange, Connector, FamilyAnswer

_ACCEPTANCES = cast("Table", Acceptance.__table__)
_CHANGES = cast("Table", ComparisonChange.__table__)
_CONNECTORS = cast("Table", Connector.__table__)
_FAMILIES = cast("Table", FamilyAnswer.__table__)
LONGEST_NAME: Final = 200
LONGEST_REASON: Final = 2_000
_REPLACED: Final = "accepted anew"
_Told = TypeVar("_Told")


class NotAccepted(Exception):
    """Nothing was accepted or withdrawn; the text says why and what to do. Nothing was written."""


def accept(
    engine: Engine,
    *,
    comparison_id: int,
    fingerprints: Collection[str],
    connector_id: int | None = None,
    family_key: str | None = None,
    until: date,
    reason: str,
    author: str,
    now: datetime,
) -> tuple[int, ...]:
    """Accept changes that a comparison found, for a connector or for its whole family.

    What stands of the same changes is withdrawn in favour of the new decision.

    Args:
        engine: The store.
        comparison_id: Where they were found.
        fingerprints: Which of them.
        connector_id: The connector it holds for; or else
        family_key: The family it holds for.
        until: Last day for which it holds.
        reason: Why.
        author: Who decides.
        now: When that is.

    Returns:
        The numbers of the acceptances.

    Raises:
        NotAccepted: Somebody or a reason is not named, the day is not ahead, what is accepted was
            not found, or the store takes no writing.
    """
    who, why = _author(author), _reason(reason)
    if until <= now.astimezone(UTC).date():
        raise NotAccepted(f"{until:%d %b %Y} is not ahead; write a day after today")
    if (connector_id is None) == (family_key is None):
        raise NotAccepted("an acceptance holds for a connector or for a family; name one of them")
    if not fingerprints:
        raise NotAccepted("no change is named; name at least one")
    decided = {"until": until, "reason": why, "accepted_by": who, "accepted_at": now}
    scope = {"connector_id": connector_id, "family_key": family_key}

    def write(connection: Connection) -> tuple[int, ...]:
        _known(connection, connector_id, family_key)
        found = _found(connection, comparison_id, fingerprints)
        standing = and_(
            _ACCEPTANCES.c.connector_id == connector_id
            if connector_id is not None
            else _ACCEPTANCES.c.family_key == family_key,
            _ACCEPTANCES.c.fingerprint.in_([row["fingerprint"] for row in found]),
        )
        _end(connection, standing, who, _REPLACED, now)
        rows = [{**row, **scope, **decided, "comparison_id": comparison_id} for row in found]
        return _insert(connection, rows)

    return _written(engine, write)


def withdraw(
    engine: Engine, acceptance_ids: Sequence[int], *, reason: str, author: str, now: datetime
) -> int:
    """Withdraw acceptances; return how many stood.

    Args:
        engine: The store.
        acceptance_ids: Which.
        reason: Why.
        author: Who decides.
        now: When that is.

    Raises:
        NotAccepted: Somebody or a reason is not named, none of them stands, or the store takes no
            writing.
    """
    who, why = _author(author), _reason(reason)

    def write(connection: Connection) -> int:
        ended = _end(connection, _ACCEPTANCES.c.id.in_(list(acceptance_ids)), who, why, now)
        if not ended:
            raise NotAccepted("none of these acceptances stands any more; read the page again")
        return ended

    return _written(engine, write)


def _written(engine: Engine, write: Callable[[Connection], _Told]) -> _Told:
    try:
        with writing(engine) as connection:
            return write(connection)
    except IntegrityError as error:
        raise NotAccepted(
            "somebody else accepted the same at this moment; read the page again"
        ) from error
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise NotAccepted(
            f"the store took no writing: {cause}; "
            f"{engine.url.render_as_string(hide_password=True)}; the account of database.url must "
            "be allowed to insert into and update acceptances"
        ) from error


def _known(connection: Connection, connector_id: int | None, family_key: str | None) -> None:
    if connector_id is not None:
        query = select(_CONNECTORS.c.id).where(_CONNECTORS.c.id == connector_id)
    else:
        query = select(_FAMILIES.c.id).where(_FAMILIES.c.family_key == family_key).limit(1)
    if connection.scalar(query) is None:
        named = f"connector {connector_id}" if family_key is None else f"family {family_key}"
        raise NotAccepted(f"the store knows no {named}")


def _found(
    connection: Connection, comparison_id: int, fingerprints: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the changes that are accepted, once each, as they were found."""
    wanted = set(fingerprints)
    query = (
        select(_CHANGES.c.fingerprint, _CHANGES.c.rule, _CHANGES.c.severity)
        .where(_CHANGES.c.comparison_id == comparison_id)
        .order_by(_CHANGES.c.ordinal)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(query).mappings():
        if row["fingerprint"] in wanted:
            found.setdefault(row["fingerprint"], dict(row))
    if lost := sorted(wanted - found.keys()):
        raise NotAccepted(
            f"comparison {comparison_id} has no change {lost[0]} (any more); read the page again"
        )
    return list(found.values())


def _end(
    connection: Connection, which: ColumnElement[bool], who: str, why: str, now: datetime
) -> int:
    ended = connection.execute(
        update(_ACCEPTANCES)
        .where(which, _ACCEPTANCES.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=who, withdrawn_reason=why)
    )
    return ended.rowcount


def _insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    statement = insert(_ACCEPTANCES).returning(_ACCEPTANCES.c.id)
    return tuple(connection.execute(statement.values(row)).scalar_one() for row in rows)


def _author(text: str) -> str:
    told = one_line(text, LONGEST_NAME)
    if not told:
        raise NotAccepted("nobody is named who decides; say who it is")
    return told


def _reason(text: str) -> str:
    told = one_line(text, LONGEST_REASON)
    if not told:
        raise NotAccepted("no reason is given; say why")
    return told
