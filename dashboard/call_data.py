"""Answers about calls, cached."""

from __future__ import annotations

from pandas import DataFrame

from connectory.database import reading
from connectory.queries import call_coverage, callers, calls
from connectory.queries.call_tables import Window
from connectory.queries.callers import Callers
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At


def window(at: At, days: int) -> Window:
    """Return the last whole days before the moment."""
    return Window.before(at.moment, days)


@_few
def by_day(at: At, days: int, connector_id: int | None = None) -> DataFrame:
    """Return calls of each of the last days, zero where a log tells of none."""
    with reading(_engine(at.url)) as connection:
        return calls.calls_by_day(connection, window(at, days), connector_id)


@_few
def by_connector(at: At, days: int) -> DataFrame:
    """Return every connector that was called, the most called first."""
    with reading(_engine(at.url)) as connection:
        return calls.calls_by_connector(connection, at.moment, window(at, days))


@_many
def by_operation(at: At, days: int, connector_id: int | None = None) -> DataFrame:
    """Return every operation that was called, with how long it took."""
    with reading(_engine(at.url)) as connection:
        return calls.calls_by_operation(connection, at.moment, window(at, days), connector_id)


@_many
def by_caller(at: At, days: int, connector_id: int | None = None) -> DataFrame:
    """Return the accounts that called most."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_caller(connection, window(at, days), connector_id)


@_many
def by_consumer(at: At, days: int, connector_id: int | None = None) -> DataFrame:
    """Return the flows, apps and programs that called most."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_consumer(connection, window(at, days), connector_id)


@_many
def callers_of(at: At, days: int, connector_id: int | None = None) -> Callers:
    """Return how many different accounts and consumers called."""
    with reading(_engine(at.url)) as connection:
        return callers.callers(connection, window(at, days), connector_id)


@_few
def by_hour(at: At, days: int, connector_id: int | None = None) -> DataFrame:
    """Return calls by weekday and hour."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_hour(connection, window(at, days), connector_id)


@_few
def busiest(at: At, days: int) -> DataFrame:
    """Return the busiest minutes of connections."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.busiest_minutes(connection, at.moment, window(at, days))


@_few
def unmatched(at: At, days: int) -> DataFrame:
    """Return calls that belong to no operation that is known."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.unmatched_calls(connection, window(at, days))


@_few
def files(at: At) -> DataFrame:
    """Return every log file that was read."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.log_files(connection, at.moment)
