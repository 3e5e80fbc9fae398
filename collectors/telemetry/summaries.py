"""Figures of whole days, summed where the log lies: nothing but the sums leaves its service.

A day is asked for whole and replaced whole, whenever rows of it were taken in since it was last
read. How a day was first read, by rows or summed, it is read ever after, so that nothing counts
twice when the setting changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast

from sqlalchemy import Table, case, func, select, tuple_

from collectors.api.errors import TooLarge
from collectors.contract import SourceReading, StepContext
from collectors.telemetry.call import DAY_US, Calls
from collectors.telemetry.keeping import Keeper
from collectors.telemetry.log_query import Incomplete, Record, ask, moment
from collectors.telemetry.log_windows import (
    Reader,
    Window,
    note_gap,
    portions,
    reach,
    read,
    reading_to,
    unread,
    window_kept,
)
from collectors.telemetry.summed_days import SummedDay, replace_day
from models import CallSummary, CallTarget, UsageTarget

_SUMMARIES = cast("Table", CallSummary.__table__)
_TARGETS = cast("Table", CallTarget.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_SHORTEST: Final = timedelta(minutes=1)
_MOST_DAYS: Final = 10_000
_IN_PART: Final = "the service kept a part of this day only when it was read, and it is not summed"
_SHAPE: Final = "address, environment, method, path, operation"
_FOLDED: Final = r"""
| extend status = coalesce(status, 0), took = tolong(round(duration * 1000.0))
| extend path = replace_regex(path, @"/[^/]*\d[^/]*\d[^/]*\d[^/]*", @"/{}")
| distinct at, event, address, environment, method, path, operation, consumer, caller, connection, status, took, request_bytes, response_bytes, weight"""
_DAILY: Final = f"""
| summarize calls = sum(weight) by {_SHAPE}, consumer, caller, status"""
_HOURLY: Final = """
| summarize calls = sum(weight), rows = count(), timed = sumif(weight, isnotnull(took)), duration_us = sum(took * weight), request_bytes = sum(request_bytes * weight), response_bytes = sum(response_bytes * weight), latest = max(at) by {by}, hour = hourofday(at), status"""
_LATENCY: Final = """
| extend scale = pow(10.0, max_of(0.0, floor(log10(todouble(max_of(took, tolong(1)))), 1.0) - 2.0))
| extend about = tolong(round(todouble(took) / scale) * scale)
| summarize calls = sumif(weight, isnotnull(took)), largest = max(response_bytes) by {by}, about"""
_MINUTES: Final = """
| summarize calls = sum(weight) by address, connection, minute = hourofday(at) * 60 + toint(datetime_diff("minute", at, bin(at, 1h)))"""


def read_summaries(step: StepContext, reading: SourceReading, reader: Reader) -> None:
    """Read the figures of every day of which rows were taken in since a log was last read.

    Raises:
        ApiError: The service failed; days that were read stay, the others are read next time.
    """
    reached, window = unread(step, reader)
    known = _Days.of(step, reader)
    for day in _touched(step, reader, window):
        begins = datetime.combine(day, time(), UTC)
        if day in known.by_rows:
            _by_rows(step, reading, reader, Window(begins, begins + _DAY))
        elif _may_sum(step, reading, reader, day, known):
            sum_day(step, reading, reader, day)
        elif day not in known.summed | known.closed and (reached is None or reached < window.start):
            note_gap(step, reader, Window(max(window.start, begins), begins + _DAY), _IN_PART)
    with step.store.writing() as connection:
        reach(connection, step, reader, window.end)
    step.watermark = window.end.isoformat()


def read_rows(step: StepContext, reading: SourceReading, reader: Reader) -> None:
    """Read the rows of a log since it was last read; days that came summed are summed again.

    Raises:
        ApiError: The service failed; what came before is kept, and goes on from there.
    """
    known = _Days.of(step, reader)
    if known.summed:
        for day in _touched(step, reader, unread(step, reader)[1]):
            if day in known.summed and _may_sum(step, reading, reader, day, known):
                sum_day(step, reading, reader, day)
        calls = reader.calls
        reader = replace(reader, calls=lambda records: _others(calls(records), known.summed))
    read(step, reading, reader)


def _may_sum(
    step: StepContext, reading: SourceReading, reader: Reader, day: date, known: _Days
) -> bool:
    """Tell whether the figures of a day can be put in place of those that stand.

    Not those of a day of which its service keeps a part only, nor of one that takes no more.
    """
    if day in known.closed:
        reading.falls_short(f"calls of {day} came after the figures of that day were closed")
        return False
    if datetime.combine(day, time(), UTC) < window_kept(step, reader):
        stays = "stays as it was read" if day in known.summed else "is left out"
        reading.falls_short(f"{day} is kept in part only by its service and {stays}")
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Days:
    """How the days of a log were read so far.

    Attributes:
        summed: Days that came summed.
        by_rows: Days of which rows are kept.
        closed: Days that take no more calls.
    """

    summed: frozenset[date]
    by_rows: frozenset[date]
    closed: frozenset[date]

    @classmethod
    def of(cls, step: StepContext, reader: Reader) -> _Days:
        """Return what is known of a log's days."""
        place = reader.source, reader.log.place
        summed = select(_SUMMARIES.c.day).where(
            tuple_(_SUMMARIES.c.source, _SUMMARIES.c.log) == place
        )
        figures = (
            select(_DAYS.c.day, func.max(case((_DAYS.c.sealed, 1), else_=0)).label("closed"))
            .join(_TARGETS, _TARGETS.c.id == _DAYS.c.target_id)
            .where(tuple_(_TARGETS.c.source, _TARGETS.c.log) == place, _DAYS.c.rows > 0)
            .group_by(_DAYS.c.day)
        )
        with step.store.looking() as connection:
            once = frozenset(connection.scalars(summed))
            told = {row.day: bool(row.closed) for row in connection.execute(figures)}
        closed = frozenset(day for day, done in told.items() if done)
        return cls(once, frozenset(told.keys() - once), closed)


def _others(calls: Calls, days: Collection[date]) -> Calls:
    """Return the calls of other days than these."""
    first = date(1970, 1, 1)
    numbers = {(day - first).days for day in days}
    return calls.where([at // DAY_US not in numbers for at in calls.at])


def sum_day(step: StepContext, reading: SourceReading, reader: Reader, day: date) -> None:
    """Read the figures of a day and put them in place of those that stand.

    Raises:
        ApiError: The service failed; what stands stays.
    """
    begins = datetime.combine(day, time(), UTC)
    window = Window(begins, begins + _DAY)
    told = SummedDay(day, reader.rename)
    for add, query in (
        (told.add_daily, _DAILY),
        (told.add_hourly, _HOURLY),
        (told.add_latency, _LATENCY),
        (told.add_minutes, _MINUTES),
    ):
        # Where a consumer tells the environment, sums that leave it out would not know theirs.
        by = _SHAPE if reader.placed is None else f"{_SHAPE}, consumer"
        for records in _asked(step, reader, window, _FOLDED + query.replace("{by}", by)):
            placed = None if query is _MINUTES else reader.placed
            for record in placed(records) if placed else records:
                add(record)
    with step.store.writing() as connection:
        replace_day(connection, reader.source, reader.log.place, told)
    reading.rows += told.rows
    step.store.tally.add(seen=told.rows, changed=0)


def _touched(step: StepContext, reader: Reader, window: Window) -> list[date]:
    """Return the days of calls that were taken in within a window.

    Raises:
        Incomplete: An hour of it does not come whole.
    """
    query = reader.query(window.taken_in) + "\n| summarize rows = count() by day = startofday(at)"
    try:
        records = ask(step.api, reader.log, query, _MOST_DAYS)
    except (Incomplete, TooLarge):
        if window.end - window.start <= _HOUR:
            raise
        return sorted({day for half in window.halves() for day in _touched(step, reader, half)})
    return sorted({datetime.fromisoformat(str(one["day"])).date() for one in records})


def _asked(
    step: StepContext, reader: Reader, window: Window, further: str
) -> Iterator[list[Record]]:
    """Yield the answers for the calls of a window, in parts where it does not come whole.

    Raises:
        Incomplete: A minute does not come whole.
    """
    # Nothing is taken in before it has happened: this spares the service the rows before. What is
    # taken in after this reading waits for the next one, or one answer would tell of it alone.
    query = reader.query(Window(window.start, reading_to(step, reader)).taken_in) + (
        f"\n| where at >= {moment(window.start)} and at < {moment(window.end)}{further}"
    )
    try:
        yield ask(step.api, reader.log, query, reader.log.rows_per_query)
    except (Incomplete, TooLarge):
        if window.end - window.start <= _SHORTEST:
            raise
        for half in window.halves():
            yield from _asked(step, reader, half, further)


def _by_rows(step: StepContext, reading: SourceReading, reader: Reader, window: Window) -> None:
    """Read a day that was read by rows before in the same way again."""
    keeper = Keeper(reader.source, step.store.writing, reader.rename, reader.log.place)
    for records in _asked(step, reader, window, ""):
        for portion in portions(reader.calls(records)):
            kept = keeper.add(portion)
            step.store.tally.add(seen=kept.rows, changed=kept.new)
        reading.rows += len(records)
