"""Naming who answers for connectors, and taking that back: each decision a row that stays.

Nothing of the tenant is touched. A row is ended, never altered, so that the rows are the log of
who decided what and when; what is said again as it stands costs no row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from connectory.database import writing
from connectory.domain.one_line import one_line
from connectory.domain.stewardship import FIELDS, PEOPLE, StewardFields, Unfit, checked
from connectory.queries.called import Named, people_called, several
from connectory.queries.moments import latest
from models import Connector, Steward

LONGEST_NAME: Final = 200
LONGEST_REASON: Final = 2_000
VIA: Final = ("dashboard", "csv", "file", "attestation")
_STEWARDS = cast("Table", Steward.__table__)
_CONNECTORS = cast("Table", Connector.__table__)
_COLUMNS: Final = {name: f"{name}_key" if name in PEOPLE else name for name in FIELDS}
_CHUNK: Final = 500
_Told = TypeVar("_Told")


class NotAppointed(Exception):
    """Nothing was decided; the text says why and what to do. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall stand for one connector from now on.

    Attributes:
        connector_id: Surrogate key of the connector.
        fields: Who answers for it, people by object id; empty takes back what stands.
    """

    connector_id: int
    fields: StewardFields


@dataclass(frozen=True, slots=True)
class Decided:
    """How many connectors got another steward, lost theirs, or keep what they had."""

    appointed: int = 0
    dismissed: int = 0
    unchanged: int = 0


def appoint(
    engine: Engine,
    connector_id: int,
    fields: StewardFields,
    *,
    author: str,
    via: str,
    reason: str = "",
    now: datetime,
) -> bool:
    """Name who answers for a connector, in the place of what stands.

    Args:
        engine: The store.
        connector_id: The connector.
        fields: All that is to stand; people by object id, mail address, sign-in name or full name.
        author: Who decides.
        via: dashboard, csv, file or attestation.
        reason: Why, where that is said.
        now: When that is.

    Returns:
        Whether anything changed.

    Raises:
        NotAppointed: A field does not fit, somebody is not known or not in working order, nothing
            is said, nobody is named who decides, or the store takes no writing.
    """
    who = _author(author)
    try:
        told = checked(fields)
    except Unfit as error:
        raise NotAppointed(str(error)) from error
    if told.empty:
        raise NotAppointed(
            "nothing is said; name at least one of the fields, or take back what stands"
        )

    def write(connection: Connection) -> Decided:
        if (
            connection.scalar(select(_CONNECTORS.c.id).where(_CONNECTORS.c.id == connector_id))
            is None
        ):
            raise NotAppointed(f"the store knows no connector {connector_id}")
        resolved = _resolved(connection, told)
        return decide(
            connection,
            [Decision(connector_id, resolved)],
            author=who,
            via=via,
            reason=reason,
            now=now,
        )

    return written(engine, write).appointed > 0


def dismiss(
    engine: Engine, connector_id: int, *, author: str, via: str, reason: str = "", now: datetime
) -> bool:
    """Take back who answers for a connector; return whether anybody did.

    Args:
        engine: The store.
        connector_id: The connector.
        author: Who decides.
        via: dashboard, csv, file or attestation.
        reason: Why, where that is said.
        now: When that is.

    Raises:
        NotAppointed: Nobody is named who decides, or the store takes no writing.
    """
    who = _author(author)

    def write(connection: Connection) -> Decided:
        nothing = [Decision(connector_id, StewardFields())]
        return decide(connection, nothing, author=who, via=via, reason=reason, now=now)

    return written(engine, write).dismissed > 0


def decide(
    connection: Connection,
    decisions: Sequence[Decision],
    *,
    author: str,
    via: str,
    reason: str,
    now: datetime,
) -> Decided:
    """Write what shall stand, for connectors named once each; what stands already is left alone.

    Args:
        connection: Open writing transaction.
        decisions: What shall stand.
        author: Who decides.
        via: How it was decided.
        reason: Why, where that is said.
        now: When that is.
    """
    who, why = _author(author), one_line(reason, LONGEST_REASON) or None
    told = compared(decisions, standing(connection))
    ending = told.ending
    for start in range(0, len(ending), _CHUNK):
        connection.execute(
            update(_STEWARDS)
            .where(
                _STEWARDS.c.connector_id.in_(ending[start : start + _CHUNK]),
                _STEWARDS.c.replaced_at.is_(None),
            )
            .values(replaced_at=now, replaced_by=who)
        )
    made = {"via": via, "reason": why, "decided_by": who, "decided_at": now}
    if told.fresh:
        connection.execute(
            insert(_STEWARDS),
            [{"connector_id": one.connector_id, **_row(one.fields), **made} for one in told.fresh],
        )
    return told.counts


@dataclass(frozen=True, slots=True)
class Compared:
    """Decisions beside what stands.

    Attributes:
        fresh: Those that say something else.
        ending: Connectors of which something stands that shall not any more.
        counts: How many are of which kind.
    """

    fresh: tuple[Decision, ...]
    ending: tuple[int, ...]
    counts: Decided


def compared(decisions: Sequence[Decision], stands: Mapping[int, StewardFields]) -> Compared:
    """Return which decisions change what stands."""
    nothing = StewardFields()
    changed = [one for one in decisions if stands.get(one.connector_id, nothing) != one.fields]
    fresh = tuple(one for one in changed if not one.fields.empty)
    ending = tuple(one.connector_id for one in changed if one.connector_id in stands)
    counts = Decided(len(fresh), len(changed) - len(fresh), len(decisions) - len(changed))
    return Compared(fresh, ending, counts)


def written(engine: Engine, write: Callable[[Connection], _Told]) -> _Told:
    """Do something in a writing transaction of its own.

    Raises:
        NotAppointed: The store takes no writing, or somebody decided the same at this moment.
    """
    try:
        with writing(engine) as connection:
            return write(connection)
    except IntegrityError as error:
        raise NotAppointed(
            "somebody else decided about the same connector at this moment; read it again"
        ) from error
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        raise NotAppointed(
            f"the store took no writing: {cause}; "
            f"{engine.url.render_as_string(hide_password=True)}; the account of database.url must "
            "be allowed to insert into and update stewards"
        ) from error


def resolved_people(told: StewardFields, known: Mapping[str, tuple[Named, ...]]) -> StewardFields:
    """Return fields with people by their object ids.

    Args:
        told: Fields that were checked.
        known: Who is called what, as `people_called` told it.

    Raises:
        NotAppointed: Nobody or several are called so, or they cannot answer for anything.
    """
    found: dict[str, Any] = {}
    for name in PEOPLE:
        if word := getattr(told, name):
            found[name] = _one(name, word, known.get(word.casefold(), ()))
    if len(found) == len(PEOPLE) and len(set(found.values())) == 1:
        raise NotAppointed("deputy: it is the business owner; name another person, or nobody")
    return replace(told, **found)


def _one(field: str, word: str, people: Sequence[Named]) -> str:
    if not people:
        raise NotAppointed(
            f"{field}: nobody in the directory is called {word!r}; write a sign-in name, mail "
            "address or object id"
        )
    if len(people) > 1:
        raise NotAppointed(f"{field}: {several(word, people)}")
    person = people[0]
    if person.kind not in {"user", "guest"}:
        kind = "a group" if person.kind == "group" else "an application"
        raise NotAppointed(
            f"{field}: {person.name} is {kind}; name a person, and the group as team"
        )
    if person.state != "present":
        left = "is no longer in the directory" if person.state == "deleted" else "may not sign in"
        raise NotAppointed(f"{field}: {person.name} {left}; name somebody else")
    return person.key


def _resolved(connection: Connection, told: StewardFields) -> StewardFields:
    words = [word for name in PEOPLE if (word := getattr(told, name))]
    if not words:
        return told
    moment = latest(connection)
    if moment is None:
        raise NotAppointed("nobody was read yet; run: connectory collect")
    return resolved_people(told, people_called(connection, moment, words))


def standing(connection: Connection) -> dict[int, StewardFields]:
    """Return what stands for each connector now, people by object id."""
    query = select(_STEWARDS).where(_STEWARDS.c.replaced_at.is_(None))
    return {
        row["connector_id"]: StewardFields(**{name: row[_COLUMNS[name]] for name in FIELDS})
        for row in connection.execute(query).mappings()
    }


def _row(fields: StewardFields) -> dict[str, Any]:
    return {_COLUMNS[name]: value for name, value in asdict(fields).items()}


def _author(text: str) -> str:
    told = one_line(text, LONGEST_NAME)
    if not told:
        raise NotAppointed("nobody is named who decides; say who it is")
    return told
