"""The schedule as frames: what is due by which cron, what came of it, and what fell silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, case, func, or_, select

from connectory.domain.schedule import Cron
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.tables import ASSESSMENTS, RUNS, SCHEDULE_EVENTS, SOURCES, STEPS

ASSESS = "assess"
"""The job that computes the answers."""
REPORTS = ("owner-digest", "tenant-summary", "exposure-summary", "campaigns", "outbox")
"""The jobs that write to people, in the order in which they go where they are due together."""

_LOOK_BACK = timedelta(days=35)
_JOBS: Schema = {
    "job": "text",
    "state": "text",
    "cron": "text",
    "time_zone": "text",
    "silent_since": "time",
    "last_complete_at": "time",
    "next_due_at": "time",
    "last_state": "text",
    "last_due_at": "time",
    "reason": "text",
}
_EVENTS: Schema = {
    "event_id": "count",
    "job": "text",
    "state": "text",
    "due_at": "time",
    "first_due_at": "time",
    "times": "count",
    "started_at": "time",
    "finished_at": "time",
    "run_id": "number",
    "reason": "text",
}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One job of the schedule in force and how it goes.

    Attributes:
        job: Collector, assess, or one of those that write to people.
        cron: When it is due.
        last_complete: Start of its last complete run; None if none is known within the time a
            silence is judged by.
        silent_since: The due moment that nothing came of; None while it is not silent.
        last: The newest row of the schedule's ledger about it.
    """

    job: str
    cron: Cron
    last_complete: datetime | None
    silent_since: datetime | None
    last: Any


def scheduled(connection: Connection, now: datetime, tolerance: timedelta) -> list[Scheduled]:
    """Return every job of the schedule in force, by name.

    A job is in force from when a scheduler first took it up until one found it no longer in the
    settings, whether or not a scheduler is running.

    Args:
        connection: Open transaction.
        now: The time it is.
        tolerance: How long a run may take, and be late, before its job counts as silent.
    """
    newest = (
        select(SCHEDULE_EVENTS.c.job, func.max(SCHEDULE_EVENTS.c.due_at).label("due_at"))
        .group_by(SCHEDULE_EVENTS.c.job)
        .subquery("newest")
    )
    query = (
        select(SCHEDULE_EVENTS)
        .join(
            newest,
            and_(
                newest.c.job == SCHEDULE_EVENTS.c.job, newest.c.due_at == SCHEDULE_EVENTS.c.due_at
            ),
        )
        .where(SCHEDULE_EVENTS.c.state != "disarmed")
        .order_by(SCHEDULE_EVENTS.c.job)
    )
    rows = connection.execute(query).all()
    began = _armed(connection)
    complete = _last_complete(connection, now - tolerance - _LOOK_BACK)
    found = []
    for row in rows:
        cron = Cron(row.cron, row.time_zone)
        last = complete.get(row.job)
        since = max(filter(None, (began.get(row.job), last)), default=row.due_at)
        silent = cron.silent_since(since, tolerance=tolerance, now=now)
        found.append(Scheduled(row.job, cron, last, silent, row))
    return found


def jobs(connection: Connection, now: datetime, tolerance: timedelta) -> pd.DataFrame:
    """Return every job of the schedule in force, those that fell silent first.

    ``state`` is ``silent`` or ``on_time``. ``last_state`` and ``last_due_at`` tell what became of
    the newest due moment, the latter missing before the first. ``last_complete_at`` is when the
    last complete run began, missing if none did within five weeks.
    """
    told = scheduled(connection, now, tolerance)
    rows = [
        (
            one.job,
            "silent" if one.silent_since else "on_time",
            one.cron.text,
            one.cron.zone,
            one.silent_since,
            one.last_complete,
            one.cron.next_after(now),
            one.last.state,
            None if one.last.state == "armed" else one.last.due_at,
            one.last.reason,
        )
        for one in sorted(told, key=lambda one: (one.silent_since is None, one.job))
    ]
    return frame(rows, _JOBS)


def events(connection: Connection, limit: int = 200) -> pd.DataFrame:
    """Return what became of the newest due moments, the latest first.

    Args:
        connection: Open transaction.
        limit: Most rows.
    """
    columns = [SCHEDULE_EVENTS.c[name] for name in _EVENTS if name != "event_id"]
    query = (
        select(SCHEDULE_EVENTS.c.id, *columns)
        .order_by(SCHEDULE_EVENTS.c.due_at.desc(), SCHEDULE_EVENTS.c.id.desc())
        .limit(limit)
    )
    return framed(connection, query, _EVENTS)


def failures(connection: Connection, since: datetime) -> list[Any]:
    """Return the rows of the ledger about runs that failed or were lost, ended since a moment."""
    query = (
        select(SCHEDULE_EVENTS)
        .where(
            SCHEDULE_EVENTS.c.state.in_(["failed", "lost"]),
            SCHEDULE_EVENTS.c.finished_at >= since,
        )
        .order_by(SCHEDULE_EVENTS.c.id)
    )
    return list(connection.execute(query))


def _armed(connection: Connection) -> Mapping[str, datetime]:
    """Return since when each job goes by the cron it goes by."""
    query = (
        select(SCHEDULE_EVENTS.c.job, func.max(SCHEDULE_EVENTS.c.due_at))
        .where(SCHEDULE_EVENTS.c.state == "armed")
        .group_by(SCHEDULE_EVENTS.c.job)
    )
    return {row.job: row[1] for row in connection.execute(query)}


def _last_complete(connection: Connection, since: datetime) -> Mapping[str, datetime]:
    """Return when the last complete run of each job began, of those begun since a moment.

    Complete is a run over all environments in which the collector came to the end of every source
    that let it in: one that refuses is a stated gap and no reason to call it silent.
    """
    short = (
        select(SOURCES.c.id)
        .where(
            SOURCES.c.step_id == STEPS.c.id,
            SOURCES.c.outcome.not_in(["complete", "refused", "skipped", "not_asked"]),
        )
        .exists()
    )
    told = select(SOURCES.c.id).where(SOURCES.c.step_id == STEPS.c.id).exists()
    whole = or_(
        STEPS.c.state.in_(["complete", "skipped"]),
        and_(STEPS.c.state.in_(["partial", "failed"]), told, ~short),
    )
    per_run = (
        select(STEPS.c.collector, STEPS.c.run_id)
        .join(RUNS, RUNS.c.id == STEPS.c.run_id)
        .where(RUNS.c.started_at >= since)
        .group_by(STEPS.c.collector, STEPS.c.run_id)
        .having(
            func.sum(case((whole, 0), else_=1)) == 0,
            func.sum(case((STEPS.c.state.in_(["complete", "partial"]), 1), else_=0)) > 0,
        )
        .subquery("whole")
    )
    found = (
        select(per_run.c.collector, RUNS.c.started_at, RUNS.c.arguments)
        .join(RUNS, RUNS.c.id == per_run.c.run_id)
        .where(RUNS.c.state.in_(["complete", "partial"]))
        .order_by(RUNS.c.started_at)
    )
    complete = {
        row.collector: row.started_at
        for row in connection.execute(found)
        if not row.arguments.get("environments")
    }
    assessed = connection.scalar(
        select(func.max(ASSESSMENTS.c.started_at)).where(ASSESSMENTS.c.state == "complete")
    )
    written = (
        select(SCHEDULE_EVENTS.c.job, func.max(SCHEDULE_EVENTS.c.started_at))
        .where(
            SCHEDULE_EVENTS.c.job.in_(REPORTS),
            SCHEDULE_EVENTS.c.state == "complete",
            SCHEDULE_EVENTS.c.started_at >= since,
        )
        .group_by(SCHEDULE_EVENTS.c.job)
    )
    reported: dict[str, datetime] = {row.job: row[1] for row in connection.execute(written)}
    return complete | reported | ({ASSESS: assessed} if assessed else {})


__all__ = ["ASSESS", "REPORTS", "Scheduled", "events", "failures", "jobs", "scheduled"]
