"""A day whose figures came summed: put together, and put in place of what stood."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any, Final, cast

import numpy as np
from sqlalchemy import Connection, Table, delete, insert, select

from collectors.telemetry.columns import EPOCH
from collectors.telemetry.endpoints import Endpoints, Seen
from collectors.telemetry.groups import LARGEST_SUM
from collectors.telemetry.last_days import LastDays
from collectors.telemetry.log_query import Record
from collectors.telemetry.names import LONGEST, Names, add_missing
from connectory.domain.calls import error_class
from connectory.domain.histogram import buckets
from connectory.domain.identity import parse_time
from connectory.domain.load import BUSY_MINUTE
from connectory.domain.tallies import added
from connectory.pseudonyms import Rename
from models import (
    CallCaller,
    CallConnection,
    CallConsumer,
    CallSummary,
    CallTarget,
    UsageConnection,
    UsageDay,
    UsageHour,
    UsageMinute,
    UsageOperation,
    UsageTarget,
)

_SUMMARIES = cast("Table", CallSummary.__table__)
_TARGETS = cast("Table", CallTarget.__table__)
_DAILY = cast("Table", UsageDay.__table__)
_HOURLY = cast("Table", UsageHour.__table__)
_OPERATIONS = cast("Table", UsageOperation.__table__)
_CONNECTIONS = cast("Table", UsageConnection.__table__)
_BUSY = cast("Table", UsageMinute.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_TOLD: Final = ("calls", "timed", "duration_us", "request_bytes", "response_bytes")
_SUMS: Final = (*_TOLD, "unauthorized", "throttled", "refused", "failed", "timed_out", "retries")
_MINUTES: Final = 1440
_HOURS: Final = 24


@dataclass(slots=True)
class SummedDay:
    """The figures of a day as they come, row by row of four answers.

    Attributes:
        day: UTC day.
        rename: What an account is kept as; itself if None.
        rows: Rows of the log that they sum.
    """

    day: date
    rename: Rename | None = None
    rows: int = 0
    daily: dict[tuple[Seen, str, str], Counter[str]] = field(default_factory=dict)
    hourly: dict[tuple[Seen, int], Counter[str]] = field(default_factory=dict)
    operations: dict[Seen, Counter[str]] = field(default_factory=dict)
    latency: dict[Seen, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    largest: dict[Seen, int] = field(default_factory=lambda: defaultdict(int))
    minutes: dict[tuple[str, str], Counter[int]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    targets: Counter[str] = field(default_factory=Counter)

    def add_daily(self, record: Record) -> None:
        """Add calls of one endpoint by one consumer and caller that ended in one way."""
        seen = _seen(record)
        caller = _name(record, "caller")
        key = seen, _name(record, "consumer"), self.rename(caller) if self.rename else caller
        _count(self.daily.setdefault(key, Counter()), record)

    def add_hourly(self, record: Record) -> None:
        """Add calls of one endpoint in one hour that ended in one way."""
        seen, hour = _seen(record), _within(record["hour"], _HOURS)
        _count(self.hourly.setdefault((seen, hour), Counter()), record)
        one = self.operations.setdefault(seen, Counter())
        for name in _TOLD:
            one[name] += _whole(record.get(name))
        if kind := error_class(_whole(record["status"])):
            one[kind] += _whole(record["calls"])
        one["last_us"] = max(one["last_us"], self._time(record["latest"]))
        self.rows += _whole(record["rows"])
        self.targets[seen[0]] += _whole(record["rows"])

    def _time(self, told: Any) -> int:
        """Return the time of a call of this day, in microseconds since it began."""
        last = parse_time(told)
        if last is None or last.astimezone(UTC).date() != self.day:
            raise ValueError("the last call of a day is of another one")
        moment = last - last.replace(hour=0, minute=0, second=0, microsecond=0)
        return int(moment.total_seconds()) * 10**6 + last.microsecond

    def add_latency(self, record: Record) -> None:
        """Add calls of one endpoint that took about as long: three digits are told."""
        seen = _seen(record)
        self.largest[seen] = max(self.largest[seen], _whole(record.get("largest")))
        # Where no duration was told there is an endpoint all the same.
        self.latency.setdefault(seen, Counter())
        if record.get("about") is not None:
            self.latency[seen][_whole(record["about"])] += _whole(record["calls"])

    def add_minutes(self, record: Record) -> None:
        """Add calls through one connection in one minute."""
        place = str(record["address"]).casefold(), _name(record, "connection")
        self.minutes[place][_within(record["minute"], _MINUTES)] += _whole(record["calls"])


def _count(one: Counter[str], record: Record) -> None:
    """Add calls that ended in one way to figures of calls and errors."""
    calls, kind = _whole(record["calls"]), error_class(_whole(record["status"]))
    one["calls"] += calls
    one["errors"] += calls if kind else 0
    one["throttled"] += calls if kind == "throttled" else 0


def _seen(record: Record) -> Seen:
    return (
        str(record["address"] or "").casefold(),
        str(record["environment"] or "").casefold(),
        str(record["method"] or "").upper() or "GET",
        str(record["path"] or "") or "/",
        str(record["operation"] or ""),
    )


def _name(record: Record, name: str) -> str:
    return str(record.get(name) or "").replace("\x00", "").strip().casefold()[:LONGEST]


def _whole(value: Any) -> int:
    return 0 if value is None else int(value)


def _within(value: Any, most: int) -> int:
    told = _whole(value)
    if not 0 <= told < most:
        raise ValueError("a part of a day is out of range")
    return told


def replace_day(connection: Connection, source: str, log: str, told: SummedDay) -> None:
    """Put the figures of a day in place of those that stood for the same log.

    Args:
        connection: Open writing transaction.
        source: Name of the source.
        log: Where the log lies.
        told: The figures.
    """
    targets = select(_TARGETS.c.id).where(_TARGETS.c.source == source, _TARGETS.c.log == log)
    for table in (_DAILY, _HOURLY, _OPERATIONS, _CONNECTIONS, _BUSY, _DAYS):
        connection.execute(
            delete(table).where(table.c.day == told.day, table.c.target_id.in_(targets))
        )
    _Written(connection, source, log, told).write()
    add_missing(connection, _SUMMARIES, [{"source": source, "log": log, "day": told.day}])


class _Written:
    """Writes the figures of a day, with ids in place of names."""

    def __init__(self, connection: Connection, source: str, log: str, told: SummedDay) -> None:
        self._connection, self._told = connection, told
        seen = {key[0] for key in told.daily} | {key[0] for key in told.hourly}
        places = sorted(seen | set(told.latency))
        columns = list(zip(*places, strict=True)) or [()] * 5
        found = zip(*Endpoints(source, log).of(connection, columns), strict=True)
        self._placed: dict[Seen, tuple[int, int]] = dict(zip(places, found, strict=True))
        self._target = {one[0]: target for one, (target, _) in self._placed.items()}
        self._consumers, self._callers, self._connections = (
            dict(
                zip(names, Names(cast("Table", model.__table__)).of(connection, names), strict=True)
            )
            for model, names in (
                (CallConsumer, sorted({key[1] for key in told.daily})),
                (CallCaller, sorted({key[2] for key in told.daily})),
                (CallConnection, sorted({key[1] for key in told.minutes})),
            )
        )
        self._day = told.day

    def write(self) -> None:
        """Write all figures."""
        called = np.array(
            sorted({self._callers[key[2]] for key in self._told.daily}), dtype=np.int64
        )
        LastDays().note(
            self._connection, called, np.full(len(called), (self._day - EPOCH).days, dtype=np.int64)
        )
        self._daily()
        self._hourly()
        self._operations()
        self._minutes()
        rows = [
            (self._day, self._target[one], n, 0, False) for one, n in self._told.targets.items()
        ]
        columns = ("day", "target_id", "rows", "late_rows", "sealed")
        self._insert(_DAYS, columns, rows)

    def _insert(
        self, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        if rows:
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            self._connection.execute(insert(table), named)

    def _daily(self) -> None:
        found: dict[tuple[int, int, int, int], Counter[str]] = defaultdict(Counter)
        for (seen, consumer, caller), sums in self._told.daily.items():
            who = self._consumers[consumer], self._callers[caller]
            found[(*self._placed[seen], *who)].update(sums)
        sums_of = ("calls", "errors")
        rows = [(self._day, *key, *(one[name] for name in sums_of)) for key, one in found.items()]
        key = ("day", "target_id", "endpoint_id", "consumer_id", "caller_id")
        self._insert(_DAILY, (*key, *sums_of), rows)

    def _hourly(self) -> None:
        found: dict[tuple[int, int, int], Counter[str]] = defaultdict(Counter)
        for (seen, hour), sums in self._told.hourly.items():
            found[(*self._placed[seen], hour)].update(sums)
        sums_of = ("calls", "errors", "throttled")
        rows = [(self._day, *key, *(one[name] for name in sums_of)) for key, one in found.items()]
        self._insert(_HOURLY, ("day", "target_id", "endpoint_id", "hour", *sums_of), rows)

    def _operations(self) -> None:
        took: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        sums: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        most: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        for seen, counts in self._told.latency.items():
            place = self._placed[seen]
            took[place].update(counts)
            told = self._told.operations.get(seen, Counter())
            sums[place].update({name: told[name] for name in _SUMS})
            most[place] |= Counter(last_us=told["last_us"], largest=self._told.largest[seen])
        rows = [
            (
                *(self._day, *place),
                *(min(sums[place][name], LARGEST_SUM) for name in _SUMS),
                *(most[place]["last_us"], most[place]["largest"], _packed(counts)),
            )
            for place, counts in took.items()
        ]
        key = ("day", "target_id", "endpoint_id")
        self._insert(_OPERATIONS, (*key, *_SUMS, "last_us", "largest_response", "latency"), rows)

    def _minutes(self) -> None:
        rows = []
        for (address, connected), counts in self._told.minutes.items():
            minute, most = min(counts.items(), key=lambda one: (-one[1], one[0]))
            place = self._target[address], self._connections[connected]
            rows.append((self._day, *place, minute, most))
        columns = ("day", "target_id", "connection_id", "busiest_minute", "busiest_calls")
        self._insert(_CONNECTIONS, columns, rows)
        busy = [
            (self._day, self._target[address], self._connections[connected], minute, calls)
            for (address, connected), counts in self._told.minutes.items()
            for minute, calls in counts.items()
            if calls >= BUSY_MINUTE
        ]
        self._insert(_BUSY, ("day", "target_id", "connection_id", "minute", "calls"), busy)


def _packed(counts: Counter[int]) -> bytes:
    """Return counts of durations as a tally."""
    keys = np.array(list(counts), dtype=np.int64)
    amounts = np.array(list(counts.values()), dtype=np.int64)
    return added(np.zeros(len(keys), dtype=np.int64), buckets(keys), amounts, {}).packed(1)[0]
