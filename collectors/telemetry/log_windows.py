"""Reading a log by query, window after window of when its service took rows in.

Rows arrive late, so that what was read is remembered by when rows were taken in and not by when
calls began; the last minutes are read twice, which changes nothing. A window that does not come
whole is halved. What the service no longer keeps is written down as a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast

from sqlalchemy import Connection, Table, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from collectors.api.errors import BadReply, ServerFault, TooLarge
from collectors.contract import SourceReading, StepContext
from collectors.telemetry.call import Calls
from collectors.telemetry.gathering import TOGETHER, Portion
from collectors.telemetry.keeping import Keeper
from collectors.telemetry.log_query import Incomplete, Record, ask, moment
from collectors.telemetry.reading_ahead import read_ahead
from connectory.pseudonyms import Rename
from connectory.telemetry_settings import QueriedLog, TelemetrySettings
from models import CallGap, CallRead

_READS = cast("Table", CallRead.__table__)
_GAPS = cast("Table", CallGap.__table__)
_AHEAD: Final = timedelta(hours=1)
"""A clock that was farther ahead than this when a log was read was wrong: it is read anew."""
_SHORTEST: Final = timedelta(seconds=1)
_PATIENCE: Final = 4
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time: its first moment, and the first after it."""

    start: datetime
    end: datetime

    @property
    def taken_in(self) -> str:
        """The condition of a query that rows were taken in within it."""
        return f"ingestion_time() >= {moment(self.start)} and ingestion_time() < {moment(self.end)}"

    def halves(self) -> tuple[Window, Window]:
        """Return both halves."""
        middle = self.start + (self.end - self.start) / 2
        return Window(self.start, middle), Window(middle, self.end)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a source does with a log of its.

    Attributes:
        source: Name of the source.
        name: Name of the log in the settings.
        log: The log.
        query: Makes the query for the rows of a condition.
        calls: Turns records into calls; what holds none is told as a shortfall.
        placed: Adds to records, of calls or of sums by consumer, what their consumer tells; None
            where it tells nothing.
        rename: What an account is kept as; itself if None.
        until: Rows that were taken in later wait for the next run; none do if None.
    """

    source: str
    name: str
    log: QueriedLog
    query: Callable[[str], str]
    calls: Callable[[Sequence[Record]], Calls]
    placed: Callable[[Sequence[Record]], Sequence[Record]] | None = None
    rename: Rename | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What a window held.

    Attributes:
        window: The window.
        rows: Rows of the log.
        portions: Their calls.
        lost: Why it can never be read; empty if it was.
    """

    window: Window
    rows: int = 0
    portions: Sequence[Portion] = ()
    lost: str = ""


def read(step: StepContext, reading: SourceReading, reader: Reader) -> None:
    """Read what a log's service has taken in since it was last read.

    The next window is asked for while the last is being kept.

    Raises:
        ApiError: The service failed; what came before is kept, and goes on from there.
    """
    keeper = Keeper(reader.source, step.store.writing, reader.rename, reader.log.place)
    reached, whole = unread(step, reader)
    for found in read_ahead(_windows(step, reader, whole)):
        if found.lost:
            note_gap(step, reader, found.window, found.lost)
            reading.falls_short(
                f"{found.window.start:%Y-%m-%d %H:%M:%S} UTC: {found.lost}; raise it"
            )
        else:
            _keep(step, reading, reader, keeper, found)
    end = max(whole.start, whole.end)
    step.watermark = max(end, reached or end).isoformat()


def _windows(step: StepContext, reader: Reader, whole: Window) -> Iterator[_Read]:
    """Yield what windows hold, one after the other, as long as they come whole and soon.

    Raises:
        ApiError: The service failed.
    """
    start, span, patience = whole.start, timedelta(hours=reader.log.window_hours), _PATIENCE
    longest = span
    while start < whole.end:
        window = Window(start, min(start + span, whole.end))
        shortest = window.end - window.start <= _SHORTEST
        try:
            found = _asked(step, reader, window)
        except (ServerFault, BadReply):
            # A query that takes too long, or a reply that breaks, may do for a shorter window.
            patience -= 1
            if not patience or shortest:
                raise
            span = (window.end - window.start) / 2
            continue
        except (Incomplete, TooLarge) as error:
            if not shortest:
                span = (window.end - window.start) / 2
                continue
            found = _lost(reader.log, window, error)
        yield found
        start = window.end
        if not found.lost and found.rows * _FEW < reader.log.rows_per_query:
            span = min(longest, span * 2)


def _asked(step: StepContext, reader: Reader, window: Window) -> _Read:
    records = ask(step.api, reader.log, reader.query(window.taken_in), reader.log.rows_per_query)
    return _Read(window, len(records), portions(reader.calls(records)))


def unread(step: StepContext, reader: Reader) -> tuple[datetime | None, Window]:
    """Return up to when a log was read, and what is to be read of it now.

    What its service no longer keeps since then is written down as a gap.
    """
    now, oldest = reading_to(step, reader), window_kept(step, reader)
    reached = reached_by(step, reader)
    if reached is None or reached > now + _AHEAD:
        return None, Window(oldest, now)
    if reached < oldest:
        note_gap(step, reader, Window(reached, oldest), _expired(reader.log))
    overlap = timedelta(minutes=reader.log.overlap_minutes)
    start = oldest if step.settings.full else max(oldest, reached - overlap)
    return reached, Window(start, now)


def reading_to(step: StepContext, reader: Reader) -> datetime:
    """Return the moment from which on rows that are taken in wait for the next run."""
    return reader.until or step.now.astimezone(UTC)


def window_kept(step: StepContext, reader: Reader) -> datetime:
    """Return the first moment of which a log's service still keeps rows."""
    return step.now.astimezone(UTC) - timedelta(days=reader.log.keeps_days)


def _expired(log: QueriedLog) -> str:
    return f"the service keeps rows for {log.keeps_days} days; read it more often"


def _lost(log: QueriedLog, window: Window, error: Incomplete | TooLarge) -> _Read:
    """Return a second that holds more than its service ever hands out.

    Raises:
        Incomplete: The service failed at it in another way, and may not do so again.
    """
    if isinstance(error, Incomplete) and not error.crowded:
        raise error
    start = window.start.replace(microsecond=0)
    reason = f"more rows in a second than rows_per_query ({log.rows_per_query})"
    return _Read(Window(start, start + timedelta(seconds=2)), lost=reason)


def _keep(
    step: StepContext, reading: SourceReading, reader: Reader, keeper: Keeper, found: _Read
) -> None:
    """Keep the calls of a window, and with the last of them that it was read."""
    for number, portion in enumerate(found.portions):
        last = number == len(found.portions) - 1
        kept = keeper.add(
            portion, (lambda c: reach(c, step, reader, found.window.end)) if last else None
        )
        step.store.tally.add(seen=kept.rows, changed=kept.new)
        if kept.late:
            reading.falls_short(
                f"{kept.late} calls came after the figures of their day were closed"
            )
    reading.rows += found.rows


def portions(calls: Calls) -> list[Portion]:
    """Return calls in portions that are kept together; one that is empty if there are none."""
    starts = range(0, len(calls) or 1, TOGETHER)
    return [Portion.of(calls.portion(at, at + TOGETHER)) for at in starts]


def first_unread(connection: Connection, telemetry: TelemetrySettings, now: datetime) -> date:
    """Return the first day of which a log may still tell calls, and its service still keeps them.

    A day that is closed before would take no more of them.

    Args:
        connection: Open transaction.
        telemetry: The logs.
        now: When.
    """
    today = now.astimezone(UTC)
    days = [today.date()]
    for source, logs in telemetry.queried.items():
        for log in logs.values():
            oldest = today - timedelta(days=log.keeps_days)
            days.append(max(oldest, _reached(connection, source, log.place) or oldest).date())
    return min(days)


def reached_by(step: StepContext, reader: Reader) -> datetime | None:
    """Return up to when a log was read; None if it never was."""
    with step.store.looking() as connection:
        return _reached(connection, reader.source, reader.log.place)


def _reached(connection: Connection, source: str, place: str) -> datetime | None:
    query = select(_READS.c.read_to).where(_READS.c.source == source, _READS.c.log == place)
    return connection.scalar(query)


def reach(connection: Connection, step: StepContext, reader: Reader, to: datetime) -> None:
    """Note up to when a log was read; it never goes back but from a time that has not come."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"name": reader.name, "read_to": to, "run_id": step.store.run_id}
    made = make(_READS).values(source=reader.source, log=reader.log.place, **values)
    ahead = _READS.c.read_to > step.now
    connection.execute(
        made.on_conflict_do_update(
            index_elements=[_READS.c.source, _READS.c.log],
            set_={name: made.excluded[name] for name in values},
            where=or_(_READS.c.read_to < made.excluded.read_to, ahead),
        )
    )


def note_gap(step: StepContext, reader: Reader, window: Window, reason: str) -> None:
    """Write down what is lost, once."""
    place = {
        "source": reader.source,
        "log": reader.log.place,
        "from_at": window.start,
        "to_at": window.end,
    }
    known = select(_GAPS.c.id).where(*(_GAPS.c[name] == value for name, value in place.items()))
    with step.store.writing() as connection:
        if connection.scalar(known) is None:
            connection.execute(
                insert(_GAPS).values(
                    **place, name=reader.name, reason=reason, run_id=step.store.run_id
                )
            )
        if window.end <= step.now:
            reach(connection, step, reader, window.end)
