"""What could be read and what could not: "no data" and "zero" never look alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Subquery,
    Table,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    ENVIRONMENT_VERSIONS,
    RUNS,
    SOURCES,
    STEPS,
    alias,
    environment_name,
    holds,
    present,
)

_SHORT = ("partial", "refused", "failed")
"""Outcomes that are gaps; skipped is not one: there is nothing to read."""

_RUNS: Schema = {
    "run_id": "count",
    "state": "text",
    "started_at": "time",
    "finished_at": "time",
    "seconds": "seconds",
    "steps": "count",
    "steps_not_complete": "count",
    "requests": "count",
    "retries": "count",
    "throttled_seconds": "seconds",
    "bytes_received": "count",
    "rows_seen": "count",
    "rows_changed": "count",
    "identity": "text",
    "reason": "text",
}
_STEPS: Schema = {
    "step_id": "count",
    "collector": "text",
    "environment": "text",
    "state": "text",
    "reason": "text",
    "requests": "count",
    "retries": "count",
    "throttled_seconds": "seconds",
    "bytes_received": "count",
    "rows_seen": "count",
    "rows_changed": "count",
    "seconds": "seconds",
    "started_at": "time",
}
_SOURCES: Schema = {
    "collector": "text",
    "environment": "text",
    "source": "text",
    "outcome": "text",
    "rows": "count",
    "reason": "text",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the latest attempt could not read, or not whole.

    Attributes:
        environment: Name of the environment; None for the tenant.
        collector: Which collector.
        source: Which of its sources; empty if the step broke as a whole.
        outcome: partial, refused or failed.
        reason: Cause and cure.
        since: When the first of the unbroken row of attempts that fell short started.
    """

    environment: str | None
    collector: str
    source: str
    outcome: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the tenant the answers rest on.

    Attributes:
        read_at: Start of the run that last read the collector read longest ago.
        environments: Environments present.
        environments_read: Of these, read: every collector that last tried to read it did so, and
            at least one has tried.
        gaps: What could not be read, by environment (the tenant first), collector and source.
    """

    read_at: datetime
    environments: int
    environments_read: int
    gaps: tuple[Gap, ...]


def coverage(connection: Connection, moment: Moment) -> Coverage:
    """Return what was read by the latest attempts up to the moment, and what was not."""
    steps = _latest_steps(connection, moment.run_id)
    names = {
        row.environment_id: row.name
        for row in connection.execute(
            select(ENVIRONMENT_VERSIONS.c.environment_id, environment_name().label("name")).where(
                present(ENVIRONMENT_VERSIONS, moment.run_id)
            )
        )
    }
    tried = {step.environment_id for step in steps}
    short = {step.environment_id for step in steps if step.state in {"partial", "failed"}}
    return Coverage(
        read_at=_oldest_reading(connection, moment),
        environments=len(names),
        environments_read=len((tried - short) & names.keys()),
        gaps=tuple(_gaps(connection, moment.run_id, names)),
    )


def _oldest_reading(connection: Connection, moment: Moment) -> datetime:
    """Return when the collector that was read longest ago was last read.

    A run of some collectors makes only what they read new; a page never claims more.
    """
    latest = (
        select(func.max(RUNS.c.started_at).label("at"))
        .join(STEPS, STEPS.c.run_id == RUNS.c.id)
        .where(RUNS.c.id <= moment.run_id, STEPS.c.state.in_(["complete", "partial"]))
        .group_by(STEPS.c.collector)
        .subquery()
    )
    return connection.scalar(select(func.min(latest.c.at))) or moment.read_at


def runs(connection: Connection) -> pd.DataFrame:
    """Return every run with the sums of its steps, the newest first.

    ``seconds`` is how long it took; missing while it runs. ``steps_not_complete`` counts steps
    that ended partial or failed.
    """
    not_complete = STEPS.c.state.in_(["partial", "failed"])
    sums = (
        select(
            STEPS.c.run_id,
            func.count().label("steps"),
            func.sum(case((not_complete, 1), else_=0)).label("steps_not_complete"),
            *(func.sum(STEPS.c[name]).label(name) for name in _SUMMED),
        )
        .group_by(STEPS.c.run_id)
        .subquery("sums")
    )
    query = (
        select(
            RUNS.c.id,
            RUNS.c.state,
            RUNS.c.started_at,
            RUNS.c.finished_at,
            func.coalesce(sums.c.steps, 0),
            func.coalesce(sums.c.steps_not_complete, 0),
            *(func.coalesce(sums.c[name], 0) for name in _SUMMED),
            RUNS.c.identity,
            RUNS.c.reason,
        )
        .select_from(RUNS.outerjoin(sums, sums.c.run_id == RUNS.c.id))
        .order_by(RUNS.c.id.desc())
    )
    rows = [
        (*row[:4], _seconds(row.started_at, row.finished_at), *row[4:])
        for row in connection.execute(query)
    ]
    return frame(rows, _RUNS)


_SUMMED = (
    "requests",
    "retries",
    "throttled_seconds",
    "bytes_received",
    "rows_seen",
    "rows_changed",
)


def steps(connection: Connection, run_id: int) -> pd.DataFrame:
    """Return the steps of a run in the order in which they started.

    The environment is named as of that run; None is the tenant.
    """
    query = (
        select(
            STEPS.c.id,
            STEPS.c.collector,
            environment_name(),
            STEPS.c.state,
            STEPS.c.reason,
            *(STEPS.c[name] for name in _SUMMED),
            STEPS.c.finished_at,
            STEPS.c.started_at,
        )
        .select_from(_with_environment(run_id))
        .where(STEPS.c.run_id == run_id)
        .order_by(STEPS.c.id)
    )
    rows = [
        (*row[:-2], _seconds(row.started_at, row.finished_at), row.started_at)
        for row in connection.execute(query)
    ]
    return frame(rows, _STEPS)


def step_sources(connection: Connection, run_id: int) -> pd.DataFrame:
    """Return how completely each step of a run read each of its sources."""
    query = (
        select(
            STEPS.c.collector,
            environment_name(),
            SOURCES.c.source,
            SOURCES.c.outcome,
            SOURCES.c.rows,
            SOURCES.c.reason,
        )
        .select_from(_with_environment(run_id).join(SOURCES, SOURCES.c.step_id == STEPS.c.id))
        .where(STEPS.c.run_id == run_id)
        .order_by(STEPS.c.id, SOURCES.c.id)
    )
    return framed(connection, query, _SOURCES)


def _with_environment(run_id: int) -> Any:
    return STEPS.outerjoin(
        ENVIRONMENT_VERSIONS,
        and_(
            ENVIRONMENT_VERSIONS.c.environment_id == STEPS.c.environment_id,
            holds(ENVIRONMENT_VERSIONS, run_id),
        ),
    )


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()


def _newest(run_id: int) -> Subquery:
    """Each collector and scope with the latest run that has a step of it."""
    return (
        select(STEPS.c.collector, STEPS.c.environment_id, func.max(STEPS.c.run_id).label("run_id"))
        .where(STEPS.c.run_id <= run_id)
        .group_by(STEPS.c.collector, STEPS.c.environment_id)
        .subquery("newest")
    )


def _same_scope(one: Any, other: Any) -> ColumnElement[bool]:
    both = and_(one.environment_id.is_(None), other.environment_id.is_(None))
    return and_(
        one.collector == other.collector, or_(one.environment_id == other.environment_id, both)
    )


def _latest_steps(connection: Connection, run_id: int) -> list[Row[Any]]:
    newest = _newest(run_id)
    query = select(STEPS.c.environment_id, STEPS.c.state).join(
        newest, and_(newest.c.run_id == STEPS.c.run_id, _same_scope(newest.c, STEPS.c))
    )
    return list(connection.execute(query))


def _gaps(connection: Connection, run_id: int, names: dict[int, str]) -> list[Gap]:
    newest = _newest(run_id)
    whole = SOURCES.c.id.is_(None)
    query = (
        select(
            STEPS.c.environment_id,
            STEPS.c.collector,
            func.coalesce(SOURCES.c.source, "").label("source"),
            func.coalesce(SOURCES.c.outcome, STEPS.c.state).label("outcome"),
            func.coalesce(SOURCES.c.reason, STEPS.c.reason, "").label("reason"),
            _since(run_id).label("since"),
        )
        .join(newest, and_(newest.c.run_id == STEPS.c.run_id, _same_scope(newest.c, STEPS.c)))
        .outerjoin(SOURCES, and_(SOURCES.c.step_id == STEPS.c.id, SOURCES.c.outcome.in_(_SHORT)))
        .where(or_(~whole, and_(whole, STEPS.c.state == "failed")))
    )
    gaps = [
        Gap(names.get(row.environment_id), *row[1:])
        for row in connection.execute(query)
        if row.environment_id is None or row.environment_id in names
    ]
    return sorted(gaps, key=lambda gap: (gap.environment or "", gap.collector, gap.source))


def _since(run_id: int) -> Any:
    """Start of the earliest attempt that fell short after the last one that did not."""
    step = alias(STEPS, "step")
    good = alias(STEPS, "good")
    last_good = (
        select(func.max(good.c.run_id))
        .where(_same_scope(good.c, STEPS.c), good.c.run_id <= run_id, _read(good, short=False))
        .correlate(STEPS, SOURCES)
        .scalar_subquery()
    )
    return (
        select(func.min(step.c.started_at))
        .where(
            _same_scope(step.c, STEPS.c),
            step.c.run_id <= run_id,
            step.c.run_id > func.coalesce(last_good, 0),
            _read(step, short=True),
        )
        .correlate(STEPS, SOURCES)
        .scalar_subquery()
    )


def _read(step: Table, *, short: bool) -> ColumnElement[bool]:
    """Tell whether a step read the source at hand short, or whole; without one, the step itself."""
    told = alias(SOURCES, f"told_{step.name}")
    outcome = told.c.outcome.in_(_SHORT) if short else told.c.outcome.not_in(_SHORT)
    source = exists(
        select(told.c.id)
        .where(told.c.step_id == step.c.id, told.c.source == SOURCES.c.source, outcome)
        .correlate(step, SOURCES)
    )
    state = step.c.state == "failed" if short else step.c.state != "failed"
    return or_(source, and_(SOURCES.c.source.is_(None), state))
