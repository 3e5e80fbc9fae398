"""What ran and what is to run, cached."""

from __future__ import annotations

from datetime import timedelta

from pandas import DataFrame

from connectory.clock import wall_clock
from connectory.config import load_settings
from connectory.database import reading
from connectory.queries import call_logs as call_logs_query
from connectory.queries import coverage as coverage_query
from connectory.queries import schedule as schedule_query
from connectory.queries.call_tables import Window
from connectory.queries.moments import latest
from dashboard.caching import engine as _engine

DAYS_OF_CALLS = 28
"""Days over which calls are counted that belong to nothing."""


def runs(url: str) -> DataFrame:
    """Return the runs, newest first; never cached, since one may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.runs(connection)


def steps(url: str, run_id: int) -> DataFrame:
    """Return the steps of a run; never cached, since it may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.steps(connection, run_id)


def step_sources(url: str, run_id: int) -> DataFrame:
    """Return how completely a run read each source; never cached, since it may be under way."""
    with reading(_engine(url)) as connection:
        return coverage_query.step_sources(connection, run_id)


def schedule(url: str) -> DataFrame:
    """Return the jobs of the schedule in force; never cached, since silence comes with time."""
    tolerance = timedelta(minutes=load_settings().schedule.silent_after_minutes)
    with reading(_engine(url)) as connection:
        return schedule_query.jobs(connection, wall_clock(), tolerance)


def schedule_events(url: str) -> DataFrame:
    """Return what became of the newest due moments; never cached, as above."""
    with reading(_engine(url)) as connection:
        return schedule_query.events(connection)


def call_logs(url: str) -> tuple[DataFrame, DataFrame]:
    """Return the logs of calls, and what of them belongs to no operation; never cached, as above."""
    with reading(_engine(url)) as connection:
        moment = latest(connection)
        if moment is None:
            return DataFrame(), DataFrame()
        window = Window.before(moment, DAYS_OF_CALLS)
        return call_logs_query.call_logs(connection, moment), call_logs_query.unmatched_by_source(
            connection, window
        )
