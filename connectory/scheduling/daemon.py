"""The daemon: of several on one store one leads, the others stand by to take over.

What makes the leader is a lease in the store. APScheduler tells it when to look; the ledger tells
what is due. A run is a process of its own (see `child`), and a failing run, mail server or store
ends nothing but itself.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, PriorityQueue

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectory.database import reading
from connectory.domain.schedule import Cron
from connectory.lease import HeldLease, LeaseLost, LeaseTaken, holder_name
from connectory.scheduling import child
from connectory.scheduling.book import Book, Due

LEASE = "schedule"

_LOG = logging.getLogger(__name__)
_Waiting = PriorityQueue[tuple[datetime, int, int, Due]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the daemon looks, in seconds."""

    stand_by: float = 5.0
    patrol: float = 30.0


class _Moments(BaseTrigger):  # type: ignore[misc]
    """Tells APScheduler the due moments of a cron, in UTC.

    The library's own trigger repeats one moment through the whole hour that a clock is set back.
    """

    def __init__(self, cron: Cron) -> None:
        self._cron = cron

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the due moment after the previous one, and not before now."""
        after = now if previous_fire_time is None else max(previous_fire_time, now)
        return self._cron.next_after(after)


@dataclass
class Daemon:
    """Runs what is due until stopped.

    Attributes:
        engine: The store, migrated.
        jobs: Cron by job; jobs due together are run in this order.
        options: Options of ours that every run inherits.
        bounds: How long a run may take.
        grace: How much later than due a run may still start.
        at_once: Runs at the same time.
        lease_seconds: After how long without a sign of life another daemon takes over.
        wall: Real time.
        watch: Looks after what operators must be told; called at every patrol while leading.
        rhythm: How often the daemon looks.
        stopping: Set by `stop`.
    """

    engine: Engine
    jobs: Mapping[str, Cron]
    options: Sequence[str]
    bounds: child.Bounds
    grace: timedelta
    at_once: int
    lease_seconds: int
    wall: Callable[[], datetime]
    watch: Callable[[], object]
    rhythm: Rhythm = field(default_factory=Rhythm)
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Let the daemon end: runs under way are asked to stop, nothing more is started."""
        self.stopping.set()

    def run(self) -> None:
        """Lead, or stand by to lead, until stopped."""
        standing_by = False
        while not self.stopping.is_set():
            try:
                lease = HeldLease(self.engine, LEASE, self.lease_seconds, self.wall)
            except LeaseTaken as error:
                if not standing_by:
                    _LOG.info("standing by: %s", error)
                standing_by = True
            except SQLAlchemyError as error:
                _LOG.warning("the store cannot be asked: %s", _cause(error))
            else:
                standing_by = False
                self._lead(lease)
            self.stopping.wait(self.rhythm.stand_by)

    def _lead(self, lease: HeldLease) -> None:
        """Run what is due for as long as the lease lasts."""
        _LOG.info("leading, with %d jobs", len(self.jobs))
        book = Book(self.engine, lease, holder_name(), self.wall, self.grace)
        leading = _Leading(self, book)
        try:
            leading.until_it_ends()
        except LeaseLost as error:
            _LOG.warning("another scheduler took over: %s", error)
        except SQLAlchemyError as error:
            _LOG.warning("the store failed: %s", _cause(error))
        finally:
            leading.wait()
            try:
                lease.release()
            except SQLAlchemyError as error:
                _LOG.warning("the lease could not be given back: %s", _cause(error))


class _Leading:
    """One tenure: the queue of what is to be run, and the threads that run it."""

    def __init__(self, daemon: Daemon, book: Book) -> None:
        self._daemon = daemon
        self._book = book
        self._order = {job: number for number, job in enumerate(daemon.jobs)}
        self._serial = itertools.count()
        self._queue: _Waiting = PriorityQueue()
        self._over = threading.Event()
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, name=f"run {number}", daemon=True)
            for number in range(daemon.at_once)
        ]

    def until_it_ends(self) -> None:
        """Run what is due until the daemon is stopped.

        Raises:
            LeaseLost: Another daemon leads now.
            SQLAlchemyError: The store failed at the beginning.
        """
        daemon = self._daemon
        self._book.arm(daemon.jobs)
        for due in self._book.take_over():
            self._put(due)
        for worker in self._workers:
            worker.start()
        scheduler = BackgroundScheduler(timezone="UTC")
        for job, cron in daemon.jobs.items():
            scheduler.add_job(
                self._look,
                _Moments(cron),
                args=[job, cron],
                id=job,
                coalesce=True,
                misfire_grace_time=None,
                max_instances=1,
            )
        scheduler.start()
        try:
            self._patrol()
        finally:
            scheduler.shutdown(wait=True)

    def wait(self) -> None:
        """Wait for the runs under way, and start no more."""
        self._over.set()
        for worker in self._workers:
            if worker.is_alive():
                worker.join()

    def _patrol(self) -> None:
        """Look at everything now and then: clocks jump, stores fail, processes stall."""
        daemon = self._daemon
        while not daemon.stopping.is_set():
            for job, cron in daemon.jobs.items():
                self._look(job, cron)
            try:
                with reading(daemon.engine) as connection:
                    self._book.lease.check(connection)
            except SQLAlchemyError as error:
                _LOG.warning("the store failed: %s", _cause(error))
            else:
                self._tell()
            if self._ends_within(daemon.rhythm.patrol):
                break

    def _tell(self) -> None:
        try:
            self._daemon.watch()
        except Exception as error:  # noqa: BLE001 - whatever breaks the telling breaks no run
            _LOG.warning("operators could not be told: %s: %s", type(error).__name__, error)

    def _ends_within(self, seconds: float) -> bool:
        """Wait so long, or until a run ends; tell if the daemon is stopped meanwhile.

        Raises:
            LeaseLost: A thread found that another daemon leads.
        """
        left = seconds
        while left > 0:
            if self._lost.is_set():
                raise LeaseLost("found by a run")
            step = min(left, 0.5)
            if self._daemon.stopping.wait(step):
                return True
            if self._ended.is_set():
                # What came of it may have to be told.
                self._ended.clear()
                return False
            left -= step
        return False

    def _look(self, job: str, cron: Cron) -> None:
        """Record what fell due of a job and queue what is to be run."""
        try:
            due = self._book.due(job, cron)
        except LeaseLost:
            self._lost.set()
        except SQLAlchemyError as error:
            _LOG.warning("%s: what is due could not be recorded: %s", job, _cause(error))
        else:
            if due is not None:
                self._put(due)

    def _put(self, due: Due) -> None:
        order = self._order.get(due.job, len(self._order))
        self._queue.put((due.at, order, next(self._serial), due))

    def _work(self) -> None:
        while not (self._over.is_set() or self._daemon.stopping.is_set()):
            try:
                due = self._queue.get(timeout=0.2)[-1]
            except Empty:
                continue
            self._run(due)

    def _run(self, due: Due) -> None:
        daemon = self._daemon
        if not self._recorded(due, lambda: self._book.start(due)):
            return
        _LOG.info("%s: started, due %s", due.job, due.at)
        ended = child.run(child.command(due.job, daemon.options), daemon.bounds, daemon.stopping)
        _LOG.info("%s: %s %s", due.job, ended.state, ended.reason or "")
        self._recorded(due, lambda: self._book.end(due, ended.state, ended.reason, ended.run_id))
        self._ended.set()

    def _recorded(self, due: Due, write: Callable[[], None]) -> bool:
        """Write to the ledger, as often as it takes while this tenure lasts; tell if it was done.

        What stays unwritten is settled by the next tenure.
        """
        while True:
            try:
                write()
            except LeaseLost:
                self._lost.set()
                return False
            except SQLAlchemyError as error:
                _LOG.warning("%s: could not be recorded: %s", due.job, _cause(error))
            else:
                return True
            if self._over.is_set() or self._daemon.stopping.wait(self._daemon.rhythm.stand_by):
                return False


def _cause(error: SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:300]
