"""What could be read and what could not: "no data" and "zero" never look alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Subquery,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
)

from connectory.queries.moments import Moment
from connectory.queries.runs import runs, step_sources, steps
from connectory.queries.tables import (
    ENVIRONMENT_VERSIONS,
    RUNS,
    SOURCES,
    STEPS,
    alias,
    environment_name,
    present,
)

__all__ = ["Coverage", "Gap", "coverage", "runs", "step_sources", "steps"]

_SHORT = ("partial", "refused", "failed", "not_asked")
"""Outcomes that are gaps; skipped is not one: there is nothing to read."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the latest attempt could not read, or not whole.

    Attributes:
        environment: Name of the environment; None for the tenant.
        collector: Which collector.
        source: Which of its sources; empty if the step broke as a whole.
        outcome: partial, refused, failed or not_asked: nobody is there who may ask.
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


def _newest(run_id: int, *, tenant: bool) -> Subquery:
    """Each collector and scope with the latest run that has a step of it."""
    return (
        select(STEPS.c.collector, STEPS.c.environment_id, func.max(STEPS.c.run_id).label("run_id"))
        .where(STEPS.c.run_id <= run_id, _of_tenant(STEPS, tenant=tenant))
        .group_by(STEPS.c.collector, STEPS.c.environment_id)
        .subquery("newest")
    )


def _of_tenant(steps: FromClause, *, tenant: bool) -> ColumnElement[bool]:
    return steps.c.environment_id.is_(None) if tenant else steps.c.environment_id.is_not(None)


def _same_scope(one: FromClause, other: FromClause, *, tenant: bool) -> ColumnElement[bool]:
    """Compare scopes of one kind at a time: only so does every database use the index."""
    place: ColumnElement[bool] = (
        one.c.environment_id.is_(None) if tenant else one.c.environment_id == other.c.environment_id
    )
    return and_(one.c.collector == other.c.collector, place)


def _latest_steps(connection: Connection, run_id: int) -> list[Row[Any]]:
    """Return the latest step of each collector over each environment."""
    newest = _newest(run_id, tenant=False)
    query = select(STEPS.c.environment_id, STEPS.c.state).join(
        newest, and_(newest.c.run_id == STEPS.c.run_id, _same_scope(STEPS, newest, tenant=False))
    )
    return list(connection.execute(query))


def _gaps(connection: Connection, run_id: int, names: dict[int, str]) -> list[Gap]:
    gaps = [
        Gap(names.get(row.environment_id), *row[1:])
        for tenant in (True, False)
        for row in connection.execute(_fallen_short(run_id, tenant=tenant))
        if row.environment_id is None or row.environment_id in names
    ]
    return sorted(gaps, key=lambda gap: (gap.environment or "", gap.collector, gap.source))


def _fallen_short(run_id: int, *, tenant: bool) -> Select[Any]:
    """Sources that fell short in the latest steps, and steps that failed beyond their sources."""
    newest = _newest(run_id, tenant=tenant)
    whole = SOURCES.c.id.is_(None)
    return (
        select(
            STEPS.c.environment_id,
            STEPS.c.collector,
            func.coalesce(SOURCES.c.source, "").label("source"),
            func.coalesce(SOURCES.c.outcome, STEPS.c.state).label("outcome"),
            func.coalesce(SOURCES.c.reason, STEPS.c.reason, "").label("reason"),
            _since(run_id, tenant=tenant).label("since"),
        )
        .join(
            newest,
            and_(newest.c.run_id == STEPS.c.run_id, _same_scope(STEPS, newest, tenant=tenant)),
        )
        .outerjoin(SOURCES, and_(SOURCES.c.step_id == STEPS.c.id, SOURCES.c.outcome.in_(_SHORT)))
        .where(or_(~whole, and_(whole, STEPS.c.state == "failed")))
    )


def _since(run_id: int, *, tenant: bool) -> Any:
    """Start of the earliest attempt that fell short after the last one that did not."""
    step = alias(STEPS, "step")
    good = alias(STEPS, "good")
    last_good = (
        select(good.c.run_id)
        .where(
            _same_scope(good, STEPS, tenant=tenant),
            good.c.run_id <= run_id,
            _read(good, short=False),
        )
        .order_by(good.c.run_id.desc())
        .limit(1)
        .correlate(STEPS, SOURCES)
        .scalar_subquery()
    )
    return (
        select(step.c.started_at)
        .where(
            _same_scope(step, STEPS, tenant=tenant),
            step.c.run_id <= run_id,
            step.c.run_id > func.coalesce(last_good, 0),
            _read(step, short=True),
        )
        .order_by(step.c.run_id)
        .limit(1)
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
