"""Keeping calls exactly once: the raw rows and all figures, in one transaction a batch.

A call is known by its day, target and key. Only rows that were not known are added, to the raw
table and to every figure alike, so that replays, overlaps and late rows change nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table

from collectors.telemetry.bulk import insert, upsert
from collectors.telemetry.call import DAY_US, Calls
from collectors.telemetry.columns import EPOCH, day_of
from collectors.telemetry.days import make_room, sealed
from collectors.telemetry.earlier import known, minutes, newest
from collectors.telemetry.endpoints import Endpoints
from collectors.telemetry.gathering import Named, Portion
from collectors.telemetry.groups import grouped
from collectors.telemetry.last_days import LastDays
from collectors.telemetry.met import Met
from collectors.telemetry.names import Names
from collectors.telemetry.rollups import roll_up
from collectors.telemetry.rows import Rows
from connectory.domain.tallies import Whole
from models import CallCaller, CallConnection, CallConsumer, Invocation, UsageTarget

_INVOCATIONS = cast("Table", Invocation.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_TABLES = tuple(
    cast("Table", model.__table__) for model in (CallConsumer, CallCaller, CallConnection)
)
Writing = Callable[[], AbstractContextManager[Connection]]


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

    def add(self, more: Kept) -> None:
        """Count what became of others as well."""
        self.rows += more.rows
        self.new += more.new
        self.late += more.late


class Keeper:
    """Keeps the calls of one source, or of one log of it.

    Args:
        source: Name of the source, under which its targets stand.
        writing: Opens a writing transaction; every batch is one.
        rename: What an account is kept as; itself by default.
        log: Where the log lies, for one that is queried: its targets are its own.
    """

    def __init__(
        self,
        source: str,
        writing: Writing,
        rename: Callable[[str], str] | None = None,
        log: str = "",
    ) -> None:
        self._writing = writing
        self._rename = rename
        self._endpoints = Endpoints(source, log)
        self._names = tuple(Names(table) for table in _TABLES)
        self._callers = LastDays()
        self._met = Met()

    def add(
        self, calls: Calls | Portion, and_then: Callable[[Connection], None] | None = None
    ) -> Kept:
        """Keep calls and what they add up to.

        Args:
            calls: One batch; thousands are best. One of very many days takes several transactions.
            and_then: Writes what belongs to the batch, in its last transaction.
        """
        whole = calls if isinstance(calls, Portion) else Portion.of(calls)
        kept = Kept()
        try:
            *before, last = whole.of_few_days()
            for some in before:
                with self._writing() as connection:
                    kept.add(self._keep(connection, some))
            with self._writing() as connection:
                kept.add(self._keep(connection, last))
                if and_then is not None:
                    and_then(connection)
        except BaseException:
            self._endpoints.forget()
            for names in self._names:
                names.forget()
            self._callers.forget()
            self._met.forget()
            raise
        return kept

    def _keep(self, connection: Connection, calls: Portion) -> Kept:
        if not len(calls):
            return Kept()
        rows = self._numbered(connection, calls)
        closed = _closed(connection, rows)
        new = _store(connection, rows.take(~closed) if closed.any() else rows, self._met)
        self._callers.note(connection, new.caller, new.day)
        _count(connection, rows, new, closed)
        return Kept(rows=len(rows), new=len(new), late=int(closed.sum()))

    def _numbered(self, connection: Connection, calls: Portion) -> Rows:
        """Return calls as whole numbers, in the order of their keys, what is equal as it came."""
        target, endpoint = self._placed(connection, calls)
        named = (calls.consumer, calls.caller, calls.connection)
        consumer, caller, connected = (
            self._ids(connection, names, column, self._rename if column is calls.caller else None)
            for names, column in zip(self._names, named, strict=True)
        )
        rows = Rows(
            day=calls.at // DAY_US,
            us=calls.at % DAY_US,
            target=target,
            key=calls.key,
            endpoint=endpoint,
            consumer=consumer,
            caller=caller,
            connection=connected,
            status=calls.status,
            duration=calls.duration,
            request=calls.request,
            response=calls.response,
            retries=calls.retries,
            weight=calls.weight,
        )
        first, rest = _halves(rows)
        return rows.take(np.lexsort((rest, first, rows.target, rows.day)))

    def _placed(self, connection: Connection, calls: Portion) -> tuple[Whole, Whole]:
        """Return targets and endpoints."""
        called = (calls.address, calls.environment, calls.method, calls.path, calls.operation)
        places = grouped(*(column.numbers for column in called))
        seen = [column.told(column.numbers[places.first]) for column in called]
        targets, endpoints = self._endpoints.of(connection, seen)
        return places.spread(_whole(targets)), places.spread(_whole(endpoints))

    def _ids(
        self,
        connection: Connection,
        names: Names,
        column: Named,
        rename: Callable[[str], str] | None,
    ) -> Whole:
        used = column.used()
        told = column.told(used)
        ids = np.zeros(len(column.names), dtype=np.int64)
        ids[used] = names.of(connection, [rename(name) for name in told] if rename else told)
        return ids[column.numbers]


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)


def _halves(rows: Rows) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the keys of rows as two numbers each, of which the first begins with the time."""
    halves = rows.key.view(">u8").reshape(-1, 2).astype(np.uint64)
    return halves[:, 0], halves[:, 1]


def _closed(connection: Connection, rows: Rows) -> NDArray[np.bool_]:
    """Tell of each row whether its day and target are sealed."""
    found = sealed(connection, [day_of(number) for number in np.unique(rows.day).tolist()])
    if not found:
        return np.zeros(len(rows), dtype=bool)
    closed = {((day - EPOCH).days, target) for day, target in found}
    places = zip(rows.day.tolist(), rows.target.tolist(), strict=True)
    return np.array([place in closed for place in places], dtype=bool)


def _store(connection: Connection, rows: Rows, met: Met) -> Rows:
    """Insert the rows that are not known, each once, add them to every figure and return them."""
    if not len(rows):
        return rows
    make_room(connection, [day_of(number) for number in np.unique(rows.day).tolist()])
    first, rest = _halves(rows)
    repeats = np.zeros(len(rows), dtype=bool)
    repeats[1:] = np.logical_and.reduce(
        [part[1:] == part[:-1] for part in (rows.day, rows.target, first, rest)]
    )
    rows = rows.take(~repeats)
    latest = newest(connection, rows)
    fresh = ~known(connection, rows, latest)
    rows, latest = rows.take(fresh), latest[fresh]
    if not len(rows):
        return rows
    before = minutes(connection, rows, latest)
    insert(
        connection,
        _INVOCATIONS,
        {
            "day": rows.day,
            "target_id": rows.target,
            "event_key": rows.key,
            "endpoint_id": rows.endpoint,
            "consumer_id": rows.consumer,
            "caller_id": rows.caller,
            "connection_id": rows.connection,
            "status": rows.status,
            "duration_us": rows.duration,
            "request_bytes": rows.request,
            "response_bytes": rows.response,
            "retries": rows.retries,
            "weight": rows.weight,
        },
    )
    roll_up(connection, rows, before, met)
    return rows


def _count(connection: Connection, rows: Rows, new: Rows, closed: NDArray[np.bool_]) -> None:
    """Count what was added and what came too late, by day and target."""
    day, target = np.concatenate([rows.day, new.day]), np.concatenate([rows.target, new.target])
    groups = grouped(day, target)
    first = groups.first
    none = np.zeros(len(first), dtype=np.int64)
    columns = {
        "day": day[first],
        "target_id": target[first],
        "rows": groups.sum(_whole([0] * len(rows) + [1] * len(new))),
        "late_rows": groups.sum(
            np.concatenate([closed.astype(np.int64), np.zeros(len(new), dtype=np.int64)])
        ),
        "sealed": none,
    }
    upsert(connection, _DAYS, columns, {"rows": "add", "late_rows": "add"})
