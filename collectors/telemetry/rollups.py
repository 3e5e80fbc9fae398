"""What new calls add to the figures of their days, in the transaction that keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import numpy as np
from sqlalchemy import Connection, Table

from collectors.telemetry.bulk import insert, looked_up, upsert
from collectors.telemetry.columns import Columns
from collectors.telemetry.earlier import MINUTE_US
from collectors.telemetry.groups import Groups, grouped
from collectors.telemetry.met import Met
from collectors.telemetry.rows import Rows
from connectory.domain.calls import error_class
from connectory.domain.histogram import buckets
from connectory.domain.load import BUSY_MINUTE
from connectory.domain.tallies import Whole, added
from models import UsageConnection, UsageDay, UsageHour, UsageMinute, UsageOperation

_DAILY = cast("Table", UsageDay.__table__)
_HOURLY = cast("Table", UsageHour.__table__)
_OPERATIONS = cast("Table", UsageOperation.__table__)
_CONNECTIONS = cast("Table", UsageConnection.__table__)
_MINUTES = cast("Table", UsageMinute.__table__)
_HOUR_US: Final = 3_600_000_000
_NONE: Final = -1
_CLASSES: Final = ("unauthorized", "throttled", "refused", "failed", "timed_out")
_STATUSES: Final = 1000


def _classes() -> Whole:
    """Return by status which error class it is, as a place in `_CLASSES`; -1 for none."""
    told = (error_class(status) for status in range(_STATUSES))
    return np.array([_CLASSES.index(one) if one else _NONE for one in told], dtype=np.int64)


_CLASS_OF: Final = _classes()


def roll_up(connection: Connection, told: Rows, before: tuple[Whole, ...], met: Met) -> None:
    """Add calls that were not known before to every figure of their days.

    Args:
        connection: The transaction that keeps the calls themselves.
        told: The calls.
        before: What was kept of their minutes before them: day, target, connection, minute, calls.
        met: Remembers figures of callers.
    """
    if not len(told):
        return
    known = told.status >= 0
    classes = np.where(known, _CLASS_OF[np.clip(told.status, 0, _STATUSES - 1)], _NONE)
    _daily(connection, told, classes, met)
    _hourly(connection, told, classes)
    _operations(connection, told, classes)
    _connections(connection, told, before)


def _daily(connection: Connection, told: Rows, classes: Whole, met: Met) -> None:
    groups = grouped(told.day, told.target, told.endpoint, told.consumer, told.caller)
    first = groups.first
    figures = {"calls": told.weight, "errors": told.weight * (classes >= 0)}
    key = {
        "day": told.day[first],
        "target_id": told.target[first],
        "endpoint_id": told.endpoint[first],
        "consumer_id": told.consumer[first],
        "caller_id": told.caller[first],
    }
    columns = {**key, **{name: groups.sum(values) for name, values in figures.items()}}
    if connection.dialect.name == "postgresql":
        unmet = met.unmet(connection, *key.values())
        insert(connection, _DAILY, {name: values[unmet] for name, values in columns.items()})
        columns = {name: values[~unmet] for name, values in columns.items()}
    upsert(connection, _DAILY, columns, dict.fromkeys(figures, "add"))


def _hourly(connection: Connection, told: Rows, classes: Whole) -> None:
    hours = told.us // _HOUR_US
    groups = grouped(told.day, told.target, told.endpoint, hours)
    first = groups.first
    figures = {
        "calls": told.weight,
        "errors": told.weight * (classes >= 0),
        "throttled": told.weight * (classes == _CLASSES.index("throttled")),
    }
    columns = {
        "day": told.day[first],
        "target_id": told.target[first],
        "endpoint_id": told.endpoint[first],
        "hour": hours[first],
        **{name: groups.sum(values) for name, values in figures.items()},
    }
    upsert(connection, _HOURLY, columns, dict.fromkeys(figures, "add"))


def _operations(connection: Connection, told: Rows, classes: Whole) -> None:
    groups = grouped(told.day, told.target, told.endpoint)
    first = groups.first
    key = {
        "day": told.day[first],
        "target_id": told.target[first],
        "endpoint_id": told.endpoint[first],
    }
    sums = _sums(told, classes)
    columns: Columns = {
        **key,
        **{name: groups.bounded_sum(values) for name, values in sums.items()},
        "last_us": groups.most(told.us),
        "largest_response": np.maximum(groups.most(told.response), 0),
        "latency": _latencies(connection, told, groups, key),
    }
    changes = {
        **dict.fromkeys(sums, "bounded"),
        **dict.fromkeys(("last_us", "largest_response"), "most"),
        "latency": "replace",
    }
    upsert(connection, _OPERATIONS, columns, changes)


def _sums(told: Rows, classes: Whole) -> dict[str, Whole]:
    """Return what is added up of calls, by figure."""
    timed = told.duration >= 0
    return {
        "calls": told.weight,
        **{name: told.weight * (classes == place) for place, name in enumerate(_CLASSES)},
        "retries": told.retries * told.weight,
        "timed": told.weight * timed,
        "duration_us": np.where(timed, told.duration, 0) * told.weight,
        "request_bytes": np.maximum(told.request, 0) * told.weight,
        "response_bytes": np.maximum(told.response, 0) * told.weight,
    }


def _latencies(
    connection: Connection, told: Rows, groups: Groups, key: Mapping[str, Whole]
) -> list[bytes]:
    """Return the tally of durations of each group, with what was there before."""
    same = " AND ".join(f"held.{name} = wanted.{name}" for name in key)
    held = looked_up(connection, _OPERATIONS, key, "held.latency", same)
    before = {place: bytes(raw) for place, raw in enumerate(held) if raw}
    timed = told.duration >= 0
    tallies = added(groups.of[timed], buckets(told.duration[timed]), told.weight[timed], before)
    return tallies.packed(len(groups.starts))


def _connections(connection: Connection, told: Rows, before: tuple[Whole, ...]) -> None:
    """Find the busiest of the minutes that were added to; the others are what they were."""
    own = (told.day, told.target, told.connection, told.us // MINUTE_US)
    day, target, connected, minute = (
        np.concatenate([new, old]) for new, old in zip(own, before, strict=False)
    )
    every = grouped(day, target, connected, minute)
    # Rows of a group keep their order, and the new ones stand before the old ones.
    touched = every.first < len(told)
    calls = every.sum(np.concatenate([told.weight, before[-1]]))[touched]
    first = every.first[touched]
    _busy_minutes(connection, calls, (day[first], target[first], connected[first], minute[first]))
    # Grouping keeps the order within a group: the first minute with the most stands first.
    best = np.lexsort((minute[first], -calls))
    first, calls = first[best], calls[best]
    busiest = grouped(day[first], target[first], connected[first]).first
    first, calls = first[busiest], calls[busiest]
    columns = {
        "day": day[first],
        "target_id": target[first],
        "connection_id": connected[first],
        "busiest_minute": minute[first],
        "busiest_calls": calls,
    }
    figures = ("busiest_calls", "busiest_minute")
    upsert(connection, _CONNECTIONS, columns, dict.fromkeys(figures, "replace"), figures)


def _busy_minutes(connection: Connection, calls: Whole, place: tuple[Whole, ...]) -> None:
    busy = np.flatnonzero(calls >= BUSY_MINUTE)
    if len(busy):
        names = ("day", "target_id", "connection_id", "minute")
        columns = {name: column[busy] for name, column in zip(names, place, strict=True)}
        upsert(connection, _MINUTES, {**columns, "calls": calls[busy]}, {"calls": "replace"})
