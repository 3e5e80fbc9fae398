"""Connectors and people by what others call them: names, ids, addresses, in any letter case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from connectory.domain.ownership import PersonState, person_state
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    PRINCIPAL_VERSIONS,
    PRINCIPALS,
    holds,
    in_environment,
    known_connectors,
)

_LISTED: Final = 8
_FEW: Final = 500
"""Up to so many people the store is asked for them alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A connector and where it is.

    Attributes:
        id: Surrogate key.
        key: Its key.
        name: Name for people.
        environment_key: Key of the environment.
        environment: Name of the environment for people.
    """

    id: int
    key: str
    name: str
    environment_key: str
    environment: str


Called = Mapping[str, Sequence[Place]]
"""Connectors by `environment/connector`, case-folded, in every way each may be called."""


def connectors_called(connection: Connection, moment: Moment) -> Called:
    """Return the connectors that are not gone by everything they may be called.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
    """
    facts, place, run_id = CONNECTOR_VERSIONS.c, ENVIRONMENT_VERSIONS.c, moment.run_id
    rows = in_environment(known_connectors(run_id), CONNECTORS.c.environment_id, run_id)
    query = select(
        CONNECTORS.c.id,
        CONNECTORS.c.key,
        facts.name,
        facts.display_name,
        ENVIRONMENTS.c.key.label("place_key"),
        place.name.label("place_id"),
        place.display_name.label("place"),
    ).select_from(rows.join(ENVIRONMENTS, ENVIRONMENTS.c.id == CONNECTORS.c.environment_id))
    found: dict[str, list[Place]] = defaultdict(list)
    for row in connection.execute(query.order_by(CONNECTORS.c.id)):
        one = Place(
            row.id,
            row.key,
            row.display_name or row.name or row.key,
            row.place_key,
            row.place or row.place_id,
        )
        places = {name.casefold() for name in (row.place, row.place_id, row.place_key) if name}
        names = {name.casefold() for name in (row.display_name, row.name, row.key) if name}
        for called in {f"{where}/{name}" for where in places for name in names}:
            found[called].append(one)
    return found


def unclear(reference: str, called: Called, *, hint: bool = True) -> str:
    """Say why a reference does not name exactly one connector, and what to write instead.

    Args:
        reference: What was written.
        called: What there is.
        hint: Look for what may have been meant, which takes time where there is much.
    """
    rows = called.get(reference.casefold(), [])
    if rows:
        told = _some([f"{row.environment_key}/{row.key}" for row in rows])
        return f"{len(rows)} connectors are called {reference}: {told}; write one of these"
    near = get_close_matches(reference.casefold(), list(called), n=3) if hint else []
    told_near = f"; did you mean {' or '.join(near)}?" if near else "; write environment/connector"
    return f"no connector is called {reference}{told_near}"


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the directory.

    Attributes:
        key: Object id.
        name: Name for people.
        kind: user, guest, service_principal or group.
        state: Whether they are in working order.
        address: Sign-in name, else mail address, else the object id: tells them apart.
    """

    key: str
    name: str
    kind: str
    state: PersonState
    address: str


def people_called(
    connection: Connection, moment: Moment, words: Collection[str]
) -> dict[str, tuple[Named, ...]]:
    """Return who is called so: by object id, else sign-in name or mail address, else full name.

    Of several called alike, those who left are left out unless all did. The answer is by the words
    case-folded; what calls nobody is not in it.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        words: What they are called, in any letter case.
    """
    wanted = {word.strip().casefold() for word in words} - {""}
    if not wanted:
        return {}
    facts = PRINCIPAL_VERSIONS.c
    texts = (facts.user_principal_name, facts.mail, facts.display_name)
    query = (
        select(PRINCIPALS.c.key, *texts, facts.kind, facts.presence, facts.enabled)
        .join(PRINCIPAL_VERSIONS, facts.principal_id == PRINCIPALS.c.id)
        .where(holds(PRINCIPAL_VERSIONS, moment.run_id))
        .order_by(PRINCIPALS.c.id)
    )
    if len(wanted) <= _FEW:
        asked = sorted({form for word in words for form in (word.strip().lower(), word.strip())})
        fits = [func.lower(column).in_(asked) for column in (PRINCIPALS.c.key, *texts)]
        query = query.where(or_(*fits))
    by_rank: dict[str, dict[int, list[Named]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(query):
        for rank, names in enumerate(((row[0],), (row[1], row[2]), (row[3],))):
            for name in {told.casefold() for told in names if told} & wanted:
                by_rank[name][rank].append(_named(row))
    return {name: _clearest(ranks) for name, ranks in by_rank.items()}


def _named(row: Any) -> Named:
    key, sign_in, mail, name, kind, presence, enabled = row
    state = person_state(presence=presence, enabled=enabled, answered=True)
    return Named(key, name or sign_in or mail or key, kind, state, sign_in or mail or key)


def _clearest(ranks: Mapping[int, list[Named]]) -> tuple[Named, ...]:
    found = list({one.key: one for one in ranks[min(ranks)]}.values())
    here = [one for one in found if one.state != "deleted"]
    return tuple(here or found)


def several(word: str, people: Iterable[Named]) -> str:
    """Say that a word calls more than one, and what to write instead."""
    told = [one.address for one in people]
    return f"{len(told)} people are called {word}: {_some(told)}; write one of these"


def _some(texts: Sequence[str]) -> str:
    rest = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + rest
