"""Moments: the finished runs, as of which every question is answered.

A run is a moment when it ended complete or partial. What a failed run kept before it ended shows
at the next moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, cast

import pandas as pd
from sqlalchemy import Connection, Select, Table, func, select

from connectory.queries.frames import Schema, framed
from models import Assessment, Run

_RUNS = cast("Table", Run.__table__)
_ASSESSMENTS = cast("Table", Assessment.__table__)

FINISHED = ("complete", "partial")
"""States of a run that make it a moment."""

_SCHEMA: Schema = {"run_id": "count", "read_at": "time", "state": "text"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A finished run.

    Attributes:
        run_id: The run as of which facts are asked for.
        read_at: When the run started; facts are at least as new as this.
        state: complete or partial.
        assessment_id: Latest computation of the answers about it; None before the first.
    """

    run_id: int
    read_at: datetime
    state: str
    assessment_id: int | None = None


def latest(connection: Connection) -> Moment | None:
    """Return the newest finished run; None before the first."""
    return _newest(connection, _moments())


def at(connection: Connection, when: datetime) -> Moment | None:
    """Return the newest finished run that had started by `when`; None before the first."""
    return _newest(connection, _moments().where(_RUNS.c.started_at <= when))


def on(connection: Connection, day: date, zone: tzinfo) -> Moment | None:
    """Return the newest finished run that had started by the end of a day; None before the first.

    Args:
        connection: Open transaction on the store.
        day: The day.
        zone: Where that day is.
    """
    midnight = datetime.combine(day + timedelta(days=1), time.min, zone)
    return at(connection, midnight - timedelta(microseconds=1))


def by(connection: Connection, when: datetime, zone: tzinfo) -> Moment | None:
    """Return the newest finished run that had started by a local time; midnight means the whole day.

    Args:
        connection: Open transaction on the store.
        when: Time without zone.
        zone: Where it is told.
    """
    if when.time() == time.min:
        return on(connection, when.date(), zone)
    return at(connection, when.replace(tzinfo=zone))


def first(connection: Connection) -> Moment | None:
    """Return the oldest finished run; None before it."""
    row = connection.execute(_moments().order_by(_RUNS.c.id).limit(1)).first()
    return None if row is None else Moment(row.run_id, row.read_at, row.state, row.assessment_id)


def previous(connection: Connection, moment: Moment) -> Moment | None:
    """Return the finished run before `moment`; None if it is the first."""
    return _newest(connection, _moments().where(_RUNS.c.id < moment.run_id))


def all_moments(connection: Connection) -> pd.DataFrame:
    """Return every finished run, oldest first: run_id, read_at, state."""
    query = _moments().with_only_columns(
        _RUNS.c.id.label("run_id"), _RUNS.c.started_at.label("read_at"), _RUNS.c.state
    )
    return framed(connection, query.order_by(_RUNS.c.id), _SCHEMA)


def _moments() -> Select[Any]:
    assessed = (
        select(func.max(_ASSESSMENTS.c.id))
        .where(_ASSESSMENTS.c.run_id == _RUNS.c.id)
        .scalar_subquery()
    )
    return select(
        _RUNS.c.id.label("run_id"),
        _RUNS.c.started_at.label("read_at"),
        _RUNS.c.state,
        assessed.label("assessment_id"),
    ).where(_RUNS.c.state.in_(FINISHED))


def _newest(connection: Connection, query: Select[Any]) -> Moment | None:
    row = connection.execute(query.order_by(_RUNS.c.id.desc()).limit(1)).first()
    return None if row is None else Moment(row.run_id, row.read_at, row.state, row.assessment_id)
