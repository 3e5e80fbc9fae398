"""Tables of calls, and what every question about them shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Table,
    and_,
    case,
    distinct,
    func,
    true,
)
from sqlalchemy import cast as typed

from connectory.queries.moments import Moment
from connectory.queries.tables import CONNECTOR_VERSIONS, CONNECTORS, holds, in_environment
from models import (
    CallCaller,
    CallConsumer,
    CallEndpoint,
    CallFile,
    CallGap,
    CallTarget,
    UsageConnection,
    UsageDay,
    UsageHour,
    UsageOperation,
)

EVIDENCE: Final = "call"
DAILY = cast("Table", UsageDay.__table__)
HOURLY = cast("Table", UsageHour.__table__)
ENDPOINTS = cast("Table", CallEndpoint.__table__)
TARGETS = cast("Table", CallTarget.__table__)
CALLERS = cast("Table", CallCaller.__table__)
CONSUMERS = cast("Table", CallConsumer.__table__)
FILES = cast("Table", CallFile.__table__)
GAPS = cast("Table", CallGap.__table__)
OPERATIONS = cast("Table", UsageOperation.__table__)
CONNECTIONS = cast("Table", UsageConnection.__table__)
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


def rows_of_days() -> FromClause:
    """Return daily figures with whom and what they name."""
    return (
        DAILY.join(ENDPOINTS, ENDPOINTS.c.id == DAILY.c.endpoint_id)
        .join(CALLERS, CALLERS.c.id == DAILY.c.caller_id)
        .join(CONSUMERS, CONSUMERS.c.id == DAILY.c.consumer_id)
    )


def of_connectors(moment: Moment) -> FromClause:
    """Return daily figures with the connectors they belong to, as these are named at a moment."""
    rows = (
        rows_of_days()
        .join(CONNECTORS, CONNECTORS.c.id == ENDPOINTS.c.connector_id)
        .join(
            CONNECTOR_VERSIONS,
            and_(
                CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id,
                holds(CONNECTOR_VERSIONS, moment.run_id),
            ),
        )
    )
    return in_environment(rows, CONNECTORS.c.environment_id, moment.run_id)


def only(connector_id: int | None) -> ColumnElement[bool]:
    """Tell whether an endpoint is one of this connector; any if none is named."""
    if connector_id is None:
        return true()
    return ENDPOINTS.c.connector_id == connector_id


def moment_of(day: date, microseconds: int = 0) -> datetime:
    """Return the moment so many microseconds into a UTC day."""
    return datetime.combine(day, time(), UTC) + timedelta(microseconds=int(microseconds))
