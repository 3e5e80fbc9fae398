"""The ledger of runs as frames: what each run and step cost, and how completely it read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, case, func, select

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.tables import (
    ENVIRONMENT_VERSIONS,
    RUNS,
    SOURCES,
    STEPS,
    environment_name,
    holds,
)

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
    "spared": "count",
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
    "spared": "count",
    "reason": "text",
}


def runs(connection: Connection) -> pd.DataFrame:
    """Return every run with the sums of its steps, the newest first.

    ``seconds`` is how long it took; missing while it runs. ``steps_not_complete`` counts steps
    that ended partial or failed, ``spared`` details that were known and not read again.
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
    known = (
        select(STEPS.c.run_id, func.sum(SOURCES.c.spared).label("spared"))
        .join(SOURCES, SOURCES.c.step_id == STEPS.c.id)
        .group_by(STEPS.c.run_id)
        .subquery("known")
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
            func.coalesce(known.c.spared, 0),
            RUNS.c.identity,
            RUNS.c.reason,
        )
        .select_from(
            RUNS.outerjoin(sums, sums.c.run_id == RUNS.c.id).outerjoin(
                known, known.c.run_id == RUNS.c.id
            )
        )
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
            SOURCES.c.spared,
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
