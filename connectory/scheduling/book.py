"""The schedule's ledger: every due moment gets one row, also when nobody was there to run it.

Which moments are due is told by the newest row of a job and its cron, never by what a scheduler
remembers, so it does not matter which process looks or how long none did. All rows but the ends of
runs are written under the scheduler's lease.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Connection, Engine, Table, insert, select, update

from connectory.database import writing
from connectory.domain.one_line import one_line
from connectory.domain.schedule import Cron
from connectory.lease import HeldLease
from models import ScheduleEvent

End = Literal["complete", "partial", "failed", "stopped", "skipped"]

_EVENTS = cast("Table", ScheduleEvent.__table__)
_OPEN = ("waiting", "running")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Due:
    """A run that is to be started."""

    event: int
    job: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """The ledger as the one scheduler that holds the lease writes it.

    Attributes:
        engine: The store.
        lease: The scheduler's lease; every method but `end` raises LeaseLost if it is gone.
        holder: Name of this process.
        wall: Real time.
        grace: How much later than due a run may still start.
    """

    engine: Engine
    lease: HeldLease
    holder: str
    wall: Callable[[], datetime]
    grace: timedelta

    def arm(self, jobs: Mapping[str, Cron]) -> None:
        """Write down which jobs go by which cron from now on, where that has changed.

        Until now the cron before was in force, and what was due by it is recorded as missed.
        """
        now = self.wall()
        with self.lease.writing() as connection:
            known = {row.job: row for row in _newest(connection)}
            for job in sorted(known.keys() | jobs.keys()):
                last, cron = known.get(job), jobs.get(job)
                before = None if last is None or last.state == "disarmed" else _cron_of(last)
                if before == cron:
                    continue
                if last is not None and before is not None:
                    gone = "its cron was changed before anybody ran it"
                    _missed(
                        connection, job, before, list(before.between(last.due_at, now)), gone, now
                    )
                # A row may stand at this very moment; the next microsecond is as good.
                later = now if last is None else max(now, last.due_at + timedelta(microseconds=1))
                state = "disarmed" if cron is None else "armed"
                _insert(connection, job, cron or before or Cron("0 0 * * *", "UTC"), [later], state)

    def take_over(self) -> list[Due]:
        """Settle what the scheduler before left open, and return what can still be started.

        What it had begun is ``lost``: it may have gone on without it, which the ledger of runs
        tells. What was waiting is taken over, or missed if it is too late for it.
        """
        now, adopted = self.wall(), []
        with self.lease.writing() as connection:
            for row in connection.execute(
                select(_EVENTS).where(_EVENTS.c.state.in_(_OPEN)).order_by(_EVENTS.c.id)
            ).all():
                values: dict[str, Any]
                if row.state == "running":
                    reason = "the scheduler that had started it is gone; see the runs of that time"
                    values = {"state": "lost", "reason": reason, "finished_at": now}
                elif now - row.due_at <= self.grace:
                    values = {"scheduler": self.holder}
                    adopted.append(Due(row.id, row.job, row.due_at))
                else:
                    reason = "the scheduler ended before it was started, and it is too late for it"
                    values = {"state": "missed", "reason": reason, "finished_at": now}
                connection.execute(update(_EVENTS).where(_EVENTS.c.id == row.id).values(**values))
        return adopted

    def due(self, job: str, cron: Cron) -> Due | None:
        """Record everything that fell due since the job's newest row; return what to start.

        Of several moments only the newest is run, and none that is older than the grace; the
        others are recorded as missed. While the run before is under way the newest is skipped.

        Args:
            job: Collector, or assess.
            cron: By which it goes now.
        """
        now = self.wall()
        with self.lease.writing() as connection:
            last = next((row for row in _newest(connection, job)), None)
            if last is None or last.state == "disarmed":
                return None
            moments = list(cron.between(last.due_at, now))
            if not moments:
                return None
            newest = moments[-1]
            if now - newest > self.grace:
                _missed(connection, job, cron, moments, "no scheduler ran at that time", now)
                return None
            reason = f"no scheduler was free at that time; run together with {newest:%H:%M} UTC"
            _missed(connection, job, cron, moments[:-1], reason, now)
            busy = connection.scalar(
                select(_EVENTS.c.due_at).where(_EVENTS.c.job == job, _EVENTS.c.state.in_(_OPEN))
            )
            if busy is not None:
                reason = f"the run due at {busy:%H:%M} UTC was still under way"
                values = {"reason": reason, "finished_at": now}
                _insert(connection, job, cron, [newest], "skipped", **values)
                return None
            values = {"scheduler": self.holder}
            event = _insert(connection, job, cron, [newest], "waiting", **values)
            return Due(event, job, newest)

    def start(self, due: Due) -> None:
        """Record that a run is started."""
        with self.lease.writing() as connection:
            connection.execute(
                update(_EVENTS)
                .where(_EVENTS.c.id == due.event)
                .values(state="running", scheduler=self.holder, started_at=self.wall())
            )

    def end(self, due: Due, state: End, reason: str | None, run_id: int | None) -> None:
        """Record how a run ended; also one that was given up for lost meanwhile."""
        with writing(self.engine) as connection:
            connection.execute(
                update(_EVENTS)
                .where(_EVENTS.c.id == due.event, _EVENTS.c.state.in_(["running", "lost"]))
                .values(
                    state=state,
                    reason=reason and one_line(reason, _LONGEST),
                    run_id=run_id,
                    finished_at=self.wall(),
                )
            )


def _newest(connection: Connection, job: str | None = None) -> list[Any]:
    """Return the newest row of one job, or of each."""
    if job is not None:
        query = select(_EVENTS).where(_EVENTS.c.job == job).order_by(_EVENTS.c.due_at.desc())
        return list(connection.execute(query.limit(1)))
    names = connection.scalars(select(_EVENTS.c.job).distinct()).all()
    return [row for name in names for row in _newest(connection, name)]


def _cron_of(row: Any) -> Cron:
    return Cron(row.cron, row.time_zone)


def _missed(
    connection: Connection,
    job: str,
    cron: Cron,
    moments: list[datetime],
    reason: str,
    now: datetime,
) -> None:
    if moments:
        _insert(connection, job, cron, moments, "missed", reason=reason, finished_at=now)


def _insert(
    connection: Connection,
    job: str,
    cron: Cron,
    moments: list[datetime],
    state: str,
    **values: Any,
) -> int:
    row = {
        "job": job,
        "cron": cron.text,
        "time_zone": cron.zone,
        "first_due_at": moments[0],
        "due_at": moments[-1],
        "times": len(moments),
        "state": state,
        **values,
    }
    return int(
        cast("int", connection.scalar(insert(_EVENTS).values(**row).returning(_EVENTS.c.id)))
    )
