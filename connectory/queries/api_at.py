"""A connector of the store by what a person calls it: `environment/connector`, perhaps `@date`."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

from sqlalchemy import Connection

from connectory.domain.drift.api import Api
from connectory.queries.called import Called, connectors_called, unclear
from connectory.queries.comparing import NotCompared, api_of_side, sides
from connectory.queries.moments import Moment, at, latest, on


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
    named = connectors_called(connection, newest)
    if reference.casefold() in named or "@" not in reference:
        return _read(connection, newest, reference, named)
    name, _, day = reference.rpartition("@")
    moment = _moment(connection, day, zone)
    return _read(connection, moment, name, connectors_called(connection, moment))


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


def _read(connection: Connection, moment: Moment, reference: str, named: Called) -> Api:
    rows = named.get(reference.casefold(), [])
    if len(rows) != 1:
        raise NoSuchApi(unclear(reference, named))
    side = sides(connection, moment.run_id, [rows[0].id])[rows[0].id]
    read = api_of_side(connection, side)
    if isinstance(read, NotCompared):
        raise NoSuchApi(f"{reference}: {read.reason}")
    return read
