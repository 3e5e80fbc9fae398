"""What ran and what is to run, cached."""

from __future__ import annotations

from datetime import timedelta

from pandas import DataFrame

from connectory.clock import wall_clock
from connectory.config import load_settings
from connectory.database import reading
from connectory.queries import coverage as coverage_query
from connectory.queries import schedule as schedule_query
from dashboard.caching import engine as _engine


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
