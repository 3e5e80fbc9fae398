"""Tables of calls, and what every question about them shares."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    Table,
    and_,
    case,
    distinct,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import cast as typed

from connectory.domain import evidence
from connectory.queries.ignoring import counted
from connectory.queries.moments import Moment
from connectory.queries.tables import CONNECTOR_VERSIONS, CONNECTORS, holds, in_environment
from models import (
    CallCaller,
    CallConnection,
    CallConsumer,
    CallEndpoint,
    CallFile,
    CallGap,
    CallRead,
    CallTarget,
    UsageConnection,
    UsageDay,
    UsageHour,
    UsageMinute,
    UsageOperation,
)

DAILY = cast("Table", UsageDay.__table__)
HOURLY = cast("Table", UsageHour.__table__)
ENDPOINTS = cast("Table", CallEndpoint.__table__)
TARGETS = cast("Table", CallTarget.__table__)
CALLERS = cast("Table", CallCaller.__table__)
CONSUMERS = cast("Table", CallConsumer.__table__)
FILES = cast("Table", CallFile.__table__)
GAPS = cast("Table", CallGap.__table__)
READS = cast("Table", CallRead.__table__)
OPERATIONS = cast("Table", UsageOperation.__table__)
CONNECTIONS = cast("Table", UsageConnection.__table__)
MINUTES = cast("Table", UsageMinute.__table__)
CONNECTION_NAMES = cast("Table", CallConnection.__table__)
CLASSES: Final = ("unauthorized", "throttled", "refused", "failed", "timed_out")
"""How calls fail (connectory/domain/calls.py)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days that figures are about: whole UTC days, the first and the last included."""

    first: date
    last: date

    @classmethod
    def before(cls, moment: Moment, days: int) -> Window:
        """Return the last whole days before the one on which the tenant was read."""
        last = moment.read_at.astimezone(UTC).date() - timedelta(days=1)
        return cls(last - timedelta(days=days - 1), last)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Connectors that figures are about.

    Attributes:
        connector_id: This one alone; all if none is named.
        left_out: Those that the settings leave out of figures.
    """

    connector_id: int | None = None
    left_out: Collection[int] = ()

    def holds(self, connector_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a connector is among them."""
        if self.connector_id is not None:
            return connector_id == self.connector_id
        return counted(connector_id, self.left_out)


EVERY: Final = Chosen()
"""All connectors."""


def within(day: ColumnElement[Any], window: Window) -> ColumnElement[bool]:
    """Tell whether a day is in a window."""
    return day.between(window.first, window.last)


def total(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Return a sum as a whole number; 0 of nothing."""
    return typed(func.coalesce(func.sum(column), 0), BigInteger)


def errors() -> ColumnElement[int]:
    """Return how many calls of operations failed, whichever way."""
    return total(sum((OPERATIONS.c[name] for name in CLASSES[1:]), OPERATIONS.c[CLASSES[0]]))


def read_by(moment: Moment) -> ColumnElement[bool]:
    """Return whether a log file is one of those read up to a moment, and had not grown by then."""
    grown = FILES.c.grown_run_id
    return and_(FILES.c.run_id <= moment.run_id, or_(grown.is_(None), grown > moment.run_id))


UNNAMED = ("callers", "consumers")
"""Figures in which a zero means that a log names nobody, and not that nobody called."""


def nobody(table: Table) -> ColumnElement[int]:
    """Return the number under which stands what a log does not tell."""
    return select(table.c.id).where(table.c.key == "").scalar_subquery()


def named(column: ColumnElement[Any], table: Table) -> ColumnElement[int]:
    """Count what is named: one that a log does not tell stands as an empty name.

    One that is forgotten is not counted either: it stands under the number 0.
    """
    return func.count(distinct(func.nullif(func.nullif(column, nobody(table)), 0)))


def place() -> ColumnElement[int]:
    """Return where the source of a target stands among sources; null if it has no rank."""
    ranks = {one.name: evidence.place(one.name) for one in evidence.CALL_SOURCES}
    return case(ranks, value=TARGETS.c.source)


@dataclass(frozen=True, slots=True)
class Headline:
    """Figures that count: of each connector and day those of the best source that tells of it.

    Attributes:
        rows: The figures with `told`.
        told: day, target_id, endpoint_id, source; connector_id, operation_id, method and path.
    """

    rows: FromClause
    told: Subquery

    @property
    def connector_id(self) -> ColumnElement[int]:
        """The connector that a row is about."""
        return self.told.c.connector_id

    def told_by(self) -> ColumnElement[int]:
        """Return the sum of the different sources of some rows (connectory/domain/evidence.py)."""
        bits: ColumnElement[int] = literal(0)
        for one in evidence.CALL_SOURCES:
            mine = case((self.told.c.source == one.name, evidence.bit(one.name)), else_=0)
            bits = bits + func.max(mine)
        return bits


def who_called(window: Window, chosen: Chosen, *group: str) -> Subquery:
    """Return how many different callers and consumers each group names, as `Headline` tells it.

    Args:
        window: Days.
        chosen: Which connectors.
        group: Columns of `told` by which rows are told apart.
    """
    figures = headline(DAILY, window, chosen)
    key = [figures.told.c[name] for name in group]
    return (
        select(
            *key,
            named(DAILY.c.caller_id, CALLERS).label("callers"),
            named(DAILY.c.consumer_id, CONSUMERS).label("consumers"),
        )
        .select_from(figures.rows)
        .where(within(DAILY.c.day, window))
        .group_by(*key)
        .subquery("who")
    )


def counting(window: Window, chosen: Chosen = EVERY) -> Subquery:
    """Return what counts of the endpoints that were called on some days, as `Headline` tells it.

    From the figures of operations: they have a row an endpoint and day, whoever called. Its key
    begins those of all other figures, which are found by it row by row.
    """
    rows = OPERATIONS.join(ENDPOINTS, ENDPOINTS.c.id == OPERATIONS.c.endpoint_id).join(
        TARGETS, TARGETS.c.id == OPERATIONS.c.target_id
    )
    called = ENDPOINTS.c
    best = func.min(place()).over(partition_by=(OPERATIONS.c.day, called.connector_id))
    ranked = (
        select(
            OPERATIONS.c.day,
            OPERATIONS.c.target_id,
            OPERATIONS.c.endpoint_id,
            TARGETS.c.source,
            called.connector_id,
            called.operation_id,
            called.method,
            called.path,
            place().label("place"),
            best.label("best"),
        )
        .select_from(rows)
        .where(
            within(OPERATIONS.c.day, window),
            called.connector_id.is_not(None),
            chosen.holds(called.connector_id),
        )
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.place == ranked.c.best).subquery("counting")


def headline(table: Table, window: Window, chosen: Chosen = EVERY) -> Headline:
    """Return the rows of a table of figures that count.

    Args:
        table: Figures by day, target and endpoint.
        window: Days.
        chosen: Which connectors.
    """
    told = counting(window, chosen)
    keys = ("day", "target_id", "endpoint_id")
    return Headline(table.join(told, and_(*(told.c[name] == table.c[name] for name in keys))), told)


def of_connectors(rows: FromClause, connector_id: ColumnElement[Any], moment: Moment) -> FromClause:
    """Join to rows the connectors they are about, as these are named at a moment."""
    named_rows = rows.join(CONNECTORS, CONNECTORS.c.id == connector_id).join(
        CONNECTOR_VERSIONS,
        and_(
            CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
            holds(CONNECTOR_VERSIONS, moment.run_id),
        ),
    )
    return in_environment(named_rows, CONNECTORS.c.environment_id, moment.run_id)


def moment_of(day: date, microseconds: int = 0) -> datetime:
    """Return the moment so many microseconds into a UTC day."""
    return datetime.combine(day, time(), UTC) + timedelta(microseconds=int(microseconds))
