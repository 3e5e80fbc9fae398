"""Answers about calls, cached."""

from __future__ import annotations

from pandas import DataFrame

from connectory.database import reading
from connectory.queries import (
    call_coverage,
    call_limits,
    call_operations,
    call_sources,
    callers,
    calls,
)
from connectory.queries import uncalled as uncalled_query
from connectory.queries.call_gaps import call_gaps
from connectory.queries.call_tables import EVERY, Chosen, Window
from connectory.queries.callers import Callers
from dashboard import data
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.caching import many as _many
from dashboard.data import At


def window(at: At, days: int) -> Window:
    """Return the last whole days before the moment."""
    return Window.before(at.moment, days)


def counted(at: At) -> Chosen:
    """Return the connectors that figures are about: all but those the settings leave out."""
    return Chosen(left_out=data.left_out(at))


@_few
def by_day(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return calls of each of the last days that has any."""
    with reading(_engine(at.url)) as connection:
        return calls.calls_by_day(connection, window(at, days), chosen)


@_few
def by_connector(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return every connector that was called, the most called first."""
    with reading(_engine(at.url)) as connection:
        return calls.calls_by_connector(connection, at.moment, window(at, days), chosen)


@_many
def by_operation(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return every operation that was called, with how long it took."""
    with reading(_engine(at.url)) as connection:
        return call_operations.calls_by_operation(connection, at.moment, window(at, days), chosen)


@_many
def never_called(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return operations that nobody called though their connector was."""
    with reading(_engine(at.url)) as connection:
        return call_operations.never_called(connection, at.moment, window(at, days), chosen)


@_many
def uncalled(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return connectors of which no log tells a call."""
    with reading(_engine(at.url)) as connection:
        return uncalled_query.connectors_not_called(connection, at.moment, window(at, days), chosen)


@_many
def by_caller(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return the accounts that called most."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_caller(connection, window(at, days), chosen)


@_many
def by_consumer(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return the flows, apps and programs that called most."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_consumer(connection, window(at, days), chosen)


@_many
def callers_of(at: At, days: int, chosen: Chosen = EVERY) -> Callers:
    """Return how many different accounts and consumers called."""
    with reading(_engine(at.url)) as connection:
        return callers.callers(connection, window(at, days), chosen)


@_few
def by_hour(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return calls by weekday and hour."""
    with reading(_engine(at.url)) as connection:
        return callers.calls_by_hour(connection, window(at, days), chosen)


@_few
def busiest(at: At, days: int, limit: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return the busiest minute of each connector, and when it comes to the limit."""
    with reading(_engine(at.url)) as connection:
        return call_limits.busiest_minutes(connection, at.moment, window(at, days), limit, chosen)


@_few
def bursts(at: At, days: int, limit: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return the longest stretches of minutes at the limit."""
    with reading(_engine(at.url)) as connection:
        return call_limits.bursts(connection, at.moment, window(at, days), limit, chosen)


@_many
def sources(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return what each source tells of use."""
    with reading(_engine(at.url)) as connection:
        return call_sources.sources(connection, at.moment, window(at, days), chosen)


@_few
def unmatched(at: At, days: int, chosen: Chosen = EVERY) -> DataFrame:
    """Return calls that belong to no operation that is known."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.unmatched_calls(connection, window(at, days), chosen)


@_few
def any_told(at: At) -> bool:
    """Tell whether any source ever told of a call."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.any_told(connection)


@_few
def files(at: At) -> DataFrame:
    """Return every log file that was read."""
    with reading(_engine(at.url)) as connection:
        return call_coverage.log_files(connection, at.moment)


@_few
def lost(at: At) -> DataFrame:
    """Return stretches of time of which logs of calls are lost."""
    with reading(_engine(at.url)) as connection:
        return call_gaps(connection, at.moment)
