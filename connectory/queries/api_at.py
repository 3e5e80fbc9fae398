"""A connector of the store by what a person calls it: `environment/connector`, perhaps `@date`."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, tzinfo
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, select

from connectory.domain.drift.api import Api
from connectory.queries.comparing import NotCompared, api_of_side, sides
from connectory.queries.moments import Moment, at, latest, on
from connectory.queries.tables import (
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    in_environment,
    known_connectors,
)

_LISTED: Final = 8


class NoSuchApi(Exception):
    """The store has no such definition; the text says why and what to write instead."""


def api_at(connection: Connection, reference: str, zone: tzinfo = UTC) -> Api:
    """Return what a connector of the store describes.

    Args:
        connection: Open transaction on the store.
        reference: `environment/connector`: the environment by name or id, the connector by the name
            people see, its runtime name or its key, in any letter case. `@2026-11-30` behind it
            takes the newest run of that day or before, and a time the newest run by then.
        zone: Where days and times without zone are.

    Raises:
        NoSuchApi: Nothing or more than one is called so, or its definition cannot be read.
    """
    newest = latest(connection)
    if newest is None:
        raise NoSuchApi("the store has no finished run; run: connectory collect")
    named = _named(connection, newest)
    if reference.casefold() in named or "@" not in reference:
        return _read(connection, newest, reference, named)
    name, _, day = reference.rpartition("@")
    moment = _moment(connection, day, zone)
    return _read(connection, moment, name, _named(connection, moment))


def _moment(connection: Connection, told: str, zone: tzinfo) -> Moment:
    try:
        found = on(connection, date.fromisoformat(told), zone)
    except ValueError:
        try:
            when = datetime.fromisoformat(told)
        except ValueError:
            raise NoSuchApi(f"{told!r} is no date; write e.g. 2026-11-30") from None
        found = at(connection, when if when.tzinfo else when.replace(tzinfo=zone))
    if found is None:
        raise NoSuchApi(f"the store has no finished run of {told} or before")
    return found


def _named(connection: Connection, moment: Moment) -> dict[str, list[Any]]:
    """Return the connectors that are not gone by everything they may be called."""
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
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query.order_by(CONNECTORS.c.id)):
        places = {name.casefold() for name in (row.place, row.place_id, row.place_key) if name}
        names = {name.casefold() for name in (row.display_name, row.name, row.key) if name}
        for called in {f"{one}/{name}" for one in places for name in names}:
            found[called].append(row)
    return found


def _read(
    connection: Connection, moment: Moment, reference: str, named: dict[str, list[Any]]
) -> Api:
    rows = named.get(reference.casefold(), [])
    if len(rows) != 1:
        raise NoSuchApi(_unclear(reference, rows, named))
    side = sides(connection, moment.run_id, [rows[0].id])[rows[0].id]
    read = api_of_side(connection, side)
    if isinstance(read, NotCompared):
        raise NoSuchApi(f"{reference}: {read.reason}")
    return read


def _unclear(reference: str, rows: list[Any], named: dict[str, list[Any]]) -> str:
    if rows:
        told = [f"{row.place_key}/{row.key}" for row in rows]
        rest = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
        listed = ", ".join(told[:_LISTED])
        return f"{len(rows)} connectors are called {reference}: {listed}{rest}; write one of these"
    near = get_close_matches(reference.casefold(), list(named), n=3)
    told_near = f"; did you mean {' or '.join(near)}?" if near else "; write environment/connector"
    return f"no connector is called {reference}{told_near}"
