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
    CallTarget,
    UsageConnection,
    UsageDay,
    UsageHour,
    UsageOperation,
)

DAILY = cast("Table", UsageDay.__table__)
HOURLY = cast("Table", UsageHour.__table__)
ENDPOINTS = cast("Table", CallEndpoint.__table__)
TARGETS = cast("Table", CallTarget.__table__)
CALLERS = cast("Table", CallCaller.__table__)
CONSUMERS = cast("Table", CallConsumer.__table__)
FILES = cast("Table", CallFile.__table__)
OPERATIONS = cast("Table", UsageOperation.__table__)
CONNECTIONS = cast("Table", UsageConnection.__table__)
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
    """Return how many calls failed, whichever way."""
    return total(sum((DAILY.c[name] for name in CLASSES[1:]), DAILY.c[CLASSES[0]]))


def named(column: ColumnElement[Any], table: Table) -> ColumnElement[int]:
    """Count what is named: one that a log does not tell stands as an empty name."""
    return func.count(distinct(case((table.c.key != "", column))))


def place() -> ColumnElement[int]:
    """Return where the source of a target stands among sources; null if it has no rank."""
    return case(
        {one.name: evidence.place(one.name) for one in evidence.CALL_SOURCES},
        value=TARGETS.c.source,
    )


def told_by() -> ColumnElement[int]:
    """Return the sum of the different sources of some rows (connectory/domain/evidence.py)."""
    bits = {one.name: evidence.bit(one.name) for one in evidence.CALL_SOURCES}
    return typed(func.sum(distinct(case(bits, value=TARGETS.c.source))), BigInteger)


def best(window: Window, chosen: Chosen = EVERY) -> Subquery:
    """Return day, connector_id and place of the best source that tells of these.

    From the figures of operations: they have a row an endpoint and day, whoever called.
    """
    rows = OPERATIONS.join(ENDPOINTS, ENDPOINTS.c.id == OPERATIONS.c.endpoint_id).join(
        TARGETS, TARGETS.c.id == OPERATIONS.c.target_id
    )
    return (
        select(OPERATIONS.c.day, ENDPOINTS.c.connector_id, func.min(place()).label("place"))
        .select_from(rows)
        .where(
            within(OPERATIONS.c.day, window),
            ENDPOINTS.c.connector_id.is_not(None),
            chosen.holds(ENDPOINTS.c.connector_id),
        )
        .group_by(OPERATIONS.c.day, ENDPOINTS.c.connector_id)
        .subquery("best")
    )


def headline(table: Table, window: Window, chosen: Chosen = EVERY) -> FromClause:
    """Return rows of a table of figures that count: of each connector and day by its best source.

    Args:
        table: Figures by day, target and endpoint.
        window: Days; to be asked for of the table as well.
        chosen: Which connectors.
    """
    first = best(window, chosen)
    return (
        table.join(ENDPOINTS, ENDPOINTS.c.id == table.c.endpoint_id)
        .join(TARGETS, TARGETS.c.id == table.c.target_id)
        .join(
            first,
            and_(
                first.c.day == table.c.day,
                first.c.connector_id == ENDPOINTS.c.connector_id,
                first.c.place == place(),
            ),
        )
    )


def rows_of_days(window: Window, chosen: Chosen = EVERY) -> FromClause:
    """Return the daily figures that count, with whom and what they name."""
    return (
        headline(DAILY, window, chosen)
        .join(CALLERS, CALLERS.c.id == DAILY.c.caller_id)
        .join(CONSUMERS, CONSUMERS.c.id == DAILY.c.consumer_id)
    )


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
