"""The ledger of the schedule: who may write, what is covered, what is taken over."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from daemons import events, moment
from sqlalchemy import Engine, update

from connectory.database import writing
from connectory.domain.schedule import Cron
from connectory.lease import HeldLease, LeaseLost
from connectory.scheduling.book import Book
from connectory.scheduling.child import Bounds, run
from models import Lease

DAILY = Cron("0 2 * * *", "UTC")
HOURLY = Cron("0 * * * *", "UTC")
START = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Return the time it is set to."""
        return self.now

    def on(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)


@contextmanager
def opened(store: Engine, clock: Time, *, grace_hours: float = 2) -> Iterator[Book]:
    """Yield the book under a lease of its own; the lease goes by real time."""
    lease = HeldLease(store, "schedule", 60, lambda: datetime.now(UTC))
    try:
        yield Book(store, lease, "host/1/1", clock, timedelta(hours=grace_hours))
    finally:
        lease.release()


def told(store: Engine, job: str = "%") -> list[tuple[str, str, int]]:
    """Return state, newest due moment and count of every row."""
    return [(e.state, f"{moment(e.due_at):%d %H:%M}", e.times) for e in events(store, job)]


def test_each_due_moment_is_handed_out_once(store: Engine) -> None:
    """Asked again nothing more is due, until the next moment is."""
    clock = Time()
    with opened(store, clock) as book:
        book.arm({"flows": HOURLY})
        assert book.due("flows", HOURLY) is None
        clock.on(minutes=31)
        due = book.due("flows", HOURLY)
        assert due is not None
        assert book.due("flows", HOURLY) is None
        book.start(due)
        book.end(due, "partial", "one\r\n\x00 environment  refused", 7)
        clock.on(hours=1)
        assert book.due("flows", HOURLY) is not None

    assert told(store) == [
        ("armed", "23 00:30", 1),
        ("partial", "23 01:00", 1),
        ("waiting", "23 02:00", 1),
    ]
    assert events(store)[1].reason == "one environment refused"
    assert events(store)[1].run_id == 7


def test_what_nobody_saw_is_one_row_and_the_newest_is_run(store: Engine) -> None:
    """After five hours four are missed in one row; after too long all are, and none is run."""
    clock = Time()
    with opened(store, clock, grace_hours=0.5) as book:
        book.arm({"flows": HOURLY})
        clock.on(hours=4.6)
        due = book.due("flows", HOURLY)
        assert due is not None
        book.start(due)
        book.end(due, "complete", None, 1)
        clock.on(hours=3.6)
        assert book.due("flows", HOURLY) is None

    assert told(store) == [
        ("armed", "23 00:30", 1),
        ("missed", "23 04:00", 4),
        ("complete", "23 05:00", 1),
        ("missed", "23 08:00", 3),
    ]


def test_a_run_still_under_way_skips_the_next(store: Engine) -> None:
    """Nothing of one job runs beside itself, and the row says why."""
    clock = Time()
    with opened(store, clock) as book:
        book.arm({"flows": HOURLY})
        clock.on(minutes=31)
        due = book.due("flows", HOURLY)
        assert due is not None
        book.start(due)
        clock.on(hours=1)
        assert book.due("flows", HOURLY) is None

    assert told(store)[1:] == [("running", "23 01:00", 1), ("skipped", "23 02:00", 1)]
    assert events(store)[2].reason == "the run due at 01:00 UTC was still under way"


def test_the_next_scheduler_settles_what_was_left(store: Engine) -> None:
    """What was begun is lost, what was waiting is taken over or missed; its late end still counts."""
    clock = Time()
    with opened(store, clock) as book:
        book.arm({"apps": HOURLY, "flows": HOURLY, "people": DAILY})
        clock.on(minutes=31)
        begun, waiting = book.due("apps", HOURLY), book.due("flows", HOURLY)
        assert begun is not None
        assert waiting is not None
        book.start(begun)
    clock.on(minutes=70)
    with opened(store, clock) as book:
        assert book.take_over() == [waiting]
        book.end(begun, "complete", None, 3)
    clock.on(hours=3)
    with opened(store, clock) as book:
        assert book.take_over() == []

    assert told(store, "apps")[1:] == [("complete", "23 01:00", 1)]
    assert told(store, "flows")[1:] == [("missed", "23 01:00", 1)]


def test_a_changed_or_removed_cron_leaves_no_gap(store: Engine) -> None:
    """What was due by the cron before is missed, the new one counts from now, an old job rests."""
    clock = Time()
    with opened(store, clock) as book:
        book.arm({"apps": HOURLY, "flows": HOURLY})
        clock.on(hours=2)
        book.arm({"flows": DAILY})
        book.arm({"flows": DAILY})
        clock.on(hours=30)
        assert book.due("apps", HOURLY) is None
        book.arm({"apps": HOURLY, "flows": DAILY})

    assert told(store, "apps") == [
        ("armed", "23 00:30", 1),
        ("missed", "23 02:00", 2),
        ("disarmed", "23 02:30", 1),
        ("armed", "24 08:30", 1),
    ]
    assert told(store, "flows") == [
        ("armed", "23 00:30", 1),
        ("missed", "23 02:00", 2),
        ("armed", "23 02:30", 1),
    ]


def test_a_scheduler_that_lost_its_lease_writes_nothing(store: Engine) -> None:
    """One that stalled until another took over finds every record refused."""
    clock = Time()
    stalled = HeldLease(store, "schedule", 60, lambda: datetime.now(UTC))
    book = Book(store, stalled, "host/1/1", clock, timedelta(hours=2))
    book.arm({"flows": HOURLY})
    with writing(store) as connection:
        connection.execute(
            update(Lease).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )
    clock.on(hours=1)
    with opened(store, clock):
        for write in (lambda: book.due("flows", HOURLY), lambda: book.arm({}), book.take_over):
            with pytest.raises(LeaseLost):
                write()
    stalled.release()

    assert told(store) == [("armed", "23 00:30", 1)]


# --- one run as a process


def program(text: str) -> list[str]:
    """Return the command of a small program."""
    return [sys.executable, "-c", text]


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("print('{\"run_id\": 7}')", "complete", None),
        ("import sys; print('partial: flows: refused', file=sys.stderr); sys.exit(3)", "partial", "partial: flows: refused"),
        ("import sys; print('connectory: taken', file=sys.stderr); sys.exit(4)", "skipped", "taken"),
        ("import sys; sys.exit(1)", "failed", "exit code 1"),
        ("import os; os.kill(os.getpid(), 9)", "failed", "the run was ended by signal 9"),
        ("import sys; sys.stderr.buffer.write(bytes([255, 0, 10])); sys.exit(1)", "failed", None),
    ],
)  # fmt: skip
def test_the_end_of_a_process_is_understood(text: str, state: str, words: str | None) -> None:
    """Exit codes, signals and the last line of errors tell what became of a run."""
    ended = run(program(text), Bounds(60, 1), threading.Event())

    assert ended.state == state
    assert words is None or ended.reason == words
    assert ended.run_id == (7 if state == "complete" else None)


def test_a_run_that_takes_too_long_or_will_not_stop_is_killed() -> None:
    """One that ignores being asked is killed after the bound, with everything it started."""
    deaf = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "time.sleep(60)\n"
    )
    begun = time.monotonic()
    late = run(program(deaf), Bounds(1, 0.5), threading.Event())
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    asked = run(program("import time; time.sleep(60)"), Bounds(60, 5), stop)

    assert time.monotonic() - begun < 20
    assert (late.state, asked.state) == ("failed", "stopped")
    assert "schedule.longest_minutes" in (late.reason or "")
