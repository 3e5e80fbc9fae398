"""What new calls add to the figures of their days, in the transaction that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table

from collectors.telemetry.bulk import held, upsert
from connectory.domain.calls import error_class
from connectory.domain.histogram import buckets
from connectory.domain.tallies import Whole, added
from models import UsageConnection, UsageDay, UsageHour, UsageOperation

_DAILY = cast("Table", UsageDay.__table__)
_HOURLY = cast("Table", UsageHour.__table__)
_OPERATIONS = cast("Table", UsageOperation.__table__)
_CONNECTIONS = cast("Table", UsageConnection.__table__)
_HOUR_US: Final = 3_600_000_000
_MINUTE_US: Final = 60_000_000
_NOTHING: Final = -1
_CLASSES: Final = ("unauthorized", "throttled", "refused", "failed", "timed_out")
_STATUSES: Final = 1000


def _classes() -> Whole:
    """Return by status which error class it is, as a place in `_CLASSES`; -1 for none."""
    told = (error_class(status) for status in range(_STATUSES))
    return np.array([_CLASSES.index(one) if one else _NOTHING for one in told], dtype=np.int64)


_CLASS_OF: Final = _classes()


@dataclass(frozen=True, slots=True)
class Columns:
    """New calls, column by column; -1 where a status, duration or size is not told.

    Attributes:
        day: Place of the day in `days`.
        us: Time of day in microseconds.
        target: Call target.
        endpoint: Call endpoint.
        consumer: Call consumer.
        caller: Call caller.
        connection: Call connection.
        status: HTTP status, 0 to 999.
        duration: Microseconds.
        request: Bytes.
        response: Bytes.
        retries: Tries before.
        weight: Calls each row stands for.
    """

    day: Whole
    us: Whole
    target: Whole
    endpoint: Whole
    consumer: Whole
    caller: Whole
    connection: Whole
    status: Whole
    duration: Whole
    request: Whole
    response: Whole
    retries: Whole
    weight: Whole

    @classmethod
    def of(cls, rows: Sequence[tuple[int, ...]]) -> Columns:
        """Return rows of whole numbers in the order of the attributes as columns."""
        table = np.array(rows, dtype=np.int64).reshape(len(rows), len(fields(cls)))
        return cls(*np.ascontiguousarray(table.T))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows that share a key.

    Attributes:
        first: Some row of each group.
        of: Group of each row.
    """

    first: NDArray[np.intp]
    of: NDArray[np.intp]

    @property
    def number(self) -> int:
        return len(self.first)

    def sum(self, values: Whole) -> Whole:
        found = np.zeros(self.number, dtype=np.int64)
        np.add.at(found, self.of, values)
        return found

    def most(self, values: Whole) -> Whole:
        found = np.zeros(self.number, dtype=np.int64)
        np.maximum.at(found, self.of, values)
        return found


def _groups(*keys: Whole) -> _Groups:
    codes = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        held, inverse = np.unique(key, return_inverse=True)
        # Kept small after each column, so that the product never leaves 63 bits.
        _, codes = np.unique(codes * len(held) + inverse, return_inverse=True)
    _, first, of = np.unique(codes, return_index=True, return_inverse=True)
    return _Groups(first, of)


def roll_up(connection: Connection, told: Columns, days: Sequence[date | str]) -> None:
    """Add calls that were not known before to every figure of their days.

    Args:
        connection: The transaction that keeps the calls themselves.
        told: The calls.
        days: Days by their place, as the database's own driver takes them.
    """
    if not len(told.day):
        return
    known = told.status >= 0
    classes = np.where(known, _CLASS_OF[np.clip(told.status, 0, _STATUSES - 1)], _NOTHING)
    _daily(connection, told, classes, days)
    _hourly(connection, told, classes, days)
    _operations(connection, told, days)
    _connections(connection, told, days)


def _daily(connection: Connection, told: Columns, classes: Whole, days: Sequence[Any]) -> None:
    groups = _groups(told.day, told.endpoint, told.consumer, told.caller)
    timed = told.duration >= 0
    figures = {
        "calls": told.weight,
        **{name: told.weight * (classes == place) for place, name in enumerate(_CLASSES)},
        "retries": told.retries * told.weight,
        "timed": told.weight * timed,
        "duration_us": np.where(timed, told.duration, 0) * told.weight,
        "request_bytes": np.maximum(told.request, 0) * told.weight,
        "response_bytes": np.maximum(told.response, 0) * told.weight,
    }
    columns = [groups.sum(values).tolist() for values in figures.values()]
    key = ("day", "target_id", "endpoint_id", "consumer_id", "caller_id")
    first = groups.first
    rows = zip(
        [days[place] for place in told.day[first].tolist()],
        told.target[first].tolist(),
        told.endpoint[first].tolist(),
        told.consumer[first].tolist(),
        told.caller[first].tolist(),
        *columns,
        groups.most(told.us).tolist(),
        strict=True,
    )
    changes = {**dict.fromkeys(figures, "add"), "last_us": "most"}
    upsert(connection, _DAILY, (*key, *changes), list(rows), key=key, changes=changes)


def _hourly(connection: Connection, told: Columns, classes: Whole, days: Sequence[Any]) -> None:
    hours = told.us // _HOUR_US
    groups = _groups(told.day, told.endpoint, hours)
    first = groups.first
    rows = zip(
        [days[place] for place in told.day[first].tolist()],
        told.target[first].tolist(),
        told.endpoint[first].tolist(),
        hours[first].tolist(),
        groups.sum(told.weight).tolist(),
        groups.sum(told.weight * (classes >= 0)).tolist(),
        groups.sum(told.weight * (classes == _CLASSES.index("throttled"))).tolist(),
        strict=True,
    )
    key = ("day", "target_id", "endpoint_id", "hour")
    changes = dict.fromkeys(("calls", "errors", "throttled"), "add")
    upsert(connection, _HOURLY, (*key, *changes), list(rows), key=key, changes=changes)


def _operations(connection: Connection, told: Columns, days: Sequence[Any]) -> None:
    groups = _groups(told.day, told.endpoint)
    first = groups.first
    keys = _keys(told, told.endpoint, first, days)
    before = _before(connection, _OPERATIONS, "endpoint_id", "latency", keys)
    timed = told.duration >= 0
    tallies = added(
        groups.of[timed], buckets(told.duration[timed]), told.weight[timed], before
    ).packed(groups.number)
    largest = groups.most(told.response).tolist()
    rows = [(*key, *rest) for key, *rest in zip(keys, largest, tallies, strict=True)]
    key = ("day", "target_id", "endpoint_id")
    changes = {"largest_response": "most", "latency": "replace"}
    upsert(connection, _OPERATIONS, (*key, *changes), rows, key=key, changes=changes)


def _connections(connection: Connection, told: Columns, days: Sequence[Any]) -> None:
    groups = _groups(told.day, told.target, told.connection)
    first = groups.first
    keys = _keys(told, told.connection, first, days)
    before = _before(connection, _CONNECTIONS, "connection_id", "minutes", keys)
    tallies = added(groups.of, told.us // _MINUTE_US, told.weight, before)
    minutes, most = (column.tolist() for column in tallies.peaks(groups.number))
    packed = tallies.packed(groups.number)
    rows = [(*key, *rest) for key, *rest in zip(keys, minutes, most, packed, strict=True)]
    key = ("day", "target_id", "connection_id")
    changes = dict.fromkeys(("busiest_minute", "busiest_calls", "minutes"), "replace")
    upsert(connection, _CONNECTIONS, (*key, *changes), rows, key=key, changes=changes)


Key = tuple[Any, int, int]


def _keys(told: Columns, what: Whole, first: NDArray[np.intp], days: Sequence[Any]) -> list[Key]:
    return list(
        zip(
            [days[place] for place in told.day[first].tolist()],
            told.target[first].tolist(),
            what[first].tolist(),
            strict=True,
        )
    )


def _before(
    connection: Connection, table: Table, what: str, tally: str, keys: Sequence[Key]
) -> Mapping[int, bytes]:
    """Return the tallies that stand under some of these keys, by the place of the key."""
    places = {(str(day), target, one): place for place, (day, target, one) in enumerate(keys)}
    return {
        places[str(day), target, one]: bytes(raw)
        for day, target, one, raw in held(connection, table, what, keys, (tally,))
    }
