"""Keeping calls exactly once: the raw rows and all figures, in one transaction a batch.

A call is known by its day, target and key. Only rows that were not known are added, to the raw
table and to every figure alike, so that replays, overlaps and late rows change nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, Table

from collectors.telemetry.bulk import held, insert, upsert
from collectors.telemetry.call import DAY_US, Call, event_key
from collectors.telemetry.days import make_room, sealed
from collectors.telemetry.endpoints import Endpoints
from collectors.telemetry.names import LONGEST, Names
from collectors.telemetry.rollups import Columns, roll_up
from models import CallCaller, CallConnection, CallConsumer, Invocation, UsageTarget

_INVOCATIONS = cast("Table", Invocation.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_TABLES = tuple(
    cast("Table", model.__table__) for model in (CallConsumer, CallCaller, CallConnection)
)
_EPOCH: Final = date(1970, 1, 1)
_COLUMNS: Final = (
    "day",
    "target_id",
    "event_key",
    "endpoint_id",
    "consumer_id",
    "caller_id",
    "connection_id",
    "status",
    "duration_us",
    "request_bytes",
    "response_bytes",
    "retries",
    "weight",
)
Writing = Callable[[], AbstractContextManager[Connection]]
Numbered = tuple[int, int, bytes]
"""Day as days since 1970, target and key of an event."""


@dataclass(slots=True)
class Kept:
    """What became of some rows.

    Attributes:
        rows: How many there were.
        new: Of these, not known before.
        late: Of these, of a day that is sealed: counted, not added.
    """

    rows: int = 0
    new: int = 0
    late: int = 0


class Keeper:
    """Keeps the calls of one source.

    Args:
        source: Name of the source, under which its targets stand.
        writing: Opens a writing transaction; every batch is one.
        rename: What an account is kept as; itself by default.
    """

    def __init__(
        self, source: str, writing: Writing, rename: Callable[[str], str] | None = None
    ) -> None:
        self._writing = writing
        self._rename = rename
        self._endpoints = Endpoints(source)
        self._names = tuple(Names(table) for table in _TABLES)

    def add(
        self, calls: Sequence[Call], and_then: Callable[[Connection], None] | None = None
    ) -> Kept:
        """Keep calls and what they add up to.

        Args:
            calls: One batch; thousands are best.
            and_then: Writes what belongs to the batch, in its transaction.
        """
        try:
            with self._writing() as connection:
                kept = self._keep(connection, calls)
                if and_then is not None:
                    and_then(connection)
                return kept
        except BaseException:
            self._endpoints.forget()
            for names in self._names:
                names.forget()
            raise

    def _keep(self, connection: Connection, calls: Sequence[Call]) -> Kept:
        kept = Kept(rows=len(calls))
        if not calls:
            return kept
        rows = self._numbered(connection, calls)
        closed = _closed(connection, rows)
        open_rows = [row for row in rows if row[:2] not in closed] if closed else rows
        kept.late = len(rows) - len(open_rows)
        known = _known(connection, open_rows)
        new: dict[Numbered, tuple[Any, ...]] = {}
        for row in open_rows:
            key = row[0], row[1], row[2]
            if key not in known:
                new.setdefault(key, row)
        kept.new = len(new)
        _store(connection, list(new.values()))
        _count(connection, rows, new, closed)
        return kept

    def _numbered(self, connection: Connection, calls: Sequence[Call]) -> list[tuple[Any, ...]]:
        """Return calls as rows of the raw table, the day as days since 1970."""
        columns = list(zip(*calls, strict=True))
        if self._rename is not None:
            kept_as = {name: self._rename(name) for name in set(columns[8])}
            columns[8] = tuple(kept_as[name] for name in columns[8])
        seen = list(zip(*columns[2:7], strict=True))
        placed = self._endpoints.placed(connection, seen)
        people = [[name[:LONGEST] for name in column] for column in columns[7:10]]
        ids = [
            names.ids(connection, column) for names, column in zip(self._names, people, strict=True)
        ]
        keys = [event_key(at, event) for at, event in zip(columns[0], columns[1], strict=True)]
        places = [placed[one] for one in seen]
        return list(
            zip(
                [at // DAY_US for at in columns[0]],
                [place.target_id for place in places],
                keys,
                [place.endpoint_id for place in places],
                *(
                    [known[name] for name in column]
                    for known, column in zip(ids, people, strict=True)
                ),
                *columns[10:],
                strict=True,
            )
        )


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _closed(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> set[tuple[int, int]]:
    days = {row[0] for row in rows}
    return {
        ((day - _EPOCH).days, target)
        for day, target in sealed(connection, [_day(number) for number in days])
    }


def _driver_days(connection: Connection, numbers: set[int]) -> dict[int, Any]:
    """Return days as the database's own driver takes them."""
    plain = connection.dialect.name == "postgresql"
    return {number: _day(number) if plain else _day(number).isoformat() for number in numbers}


def _known(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> set[Numbered]:
    """Return which of these events are kept already."""
    days = _driver_days(connection, {row[0] for row in rows})
    make_room(connection, [_day(day) for day in days])
    numbers = {str(day): number for number, day in days.items()}
    keys = [(days[row[0]], row[1], row[2]) for row in rows]
    return {
        (numbers[str(day)], target, bytes(key))
        for day, target, key in held(connection, _INVOCATIONS, "event_key", keys)
    }


def _store(connection: Connection, new: Sequence[tuple[Any, ...]]) -> None:
    """Insert new rows and add them to every figure."""
    if not new:
        return
    numbers = sorted({row[0] for row in new})
    told = _driver_days(connection, set(numbers))
    insert(connection, _INVOCATIONS, _COLUMNS, [(told[row[0]], *row[1:]) for row in new])
    place = {number: index for index, number in enumerate(numbers)}
    columns = Columns.of(
        [
            (
                place[day],
                int.from_bytes(key[:5], "big"),
                target,
                endpoint,
                consumer,
                caller,
                connected,
                -1 if status is None else status,
                -1 if took is None else took,
                -1 if request is None else request,
                -1 if response is None else response,
                retries,
                weight,
            )
            for (
                day,
                target,
                key,
                endpoint,
                consumer,
                caller,
                connected,
                status,
                took,
                request,
                response,
                retries,
                weight,
            ) in new
        ]
    )
    roll_up(connection, columns, [told[number] for number in numbers])


def _count(
    connection: Connection,
    rows: Sequence[tuple[Any, ...]],
    new: dict[Numbered, tuple[Any, ...]],
    closed: set[tuple[int, int]],
) -> None:
    """Count what was added and what came too late, by day and target."""
    added = Counter(key[:2] for key in new)
    late = Counter(row[:2] for row in rows if row[:2] in closed)
    touched = sorted({row[:2] for row in rows})
    days = _driver_days(connection, {day for day, _ in touched})
    never = False if connection.dialect.name == "postgresql" else 0
    upsert(
        connection,
        _DAYS,
        ("day", "target_id", "rows", "late_rows", "sealed"),
        [(days[one[0]], one[1], added[one], late[one], never) for one in touched],
        key=("day", "target_id"),
        changes={"rows": "add", "late_rows": "add"},
    )
