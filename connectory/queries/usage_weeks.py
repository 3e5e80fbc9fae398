"""How many different people use custom connectors a week: by launches of apps, and by calls.

Weeks are counted back from the last day of which logs are surely told, so that each is seven whole
UTC days. A week of which not every day was read is not known, and never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, distinct, func, select

from connectory.queries.audit import log_read
from connectory.queries.call_tables import (
    CALLERS,
    DAILY,
    GAPS,
    OPERATIONS,
    Chosen,
    Window,
    headline,
    named,
    within,
)
from connectory.queries.former_callers import callers_known_since
from connectory.queries.moments import Moment
from connectory.queries.tables import APPS, AUDIT_EVENTS, ENVIRONMENTS
from connectory.queries.usage import app_pairs

WEEKS: Final = 26
LATE: Final = 2
"""Days by which logs may tell of a day late."""
_WEEK: Final = 7
Weeks = list[tuple[date, int | None]]
"""Last day of each week, the oldest first, and how many; None if that is not known."""


def weeks_before(moment: Moment, weeks: int = WEEKS) -> list[date]:
    """Return the last days of the last weeks of which logs are surely told, the oldest first."""
    last = moment.read_at.astimezone(UTC).date() - timedelta(days=1 + LATE)
    return [last - timedelta(days=_WEEK * number) for number in reversed(range(weeks))]


def people_by_launches(
    connection: Connection, moment: Moment, connector_id: int | None = None
) -> Weeks:
    """Return how many people opened apps that use a custom connector, week by week.

    Args:
        connection: Open transaction on the store.
        moment: Events read up to this, and apps that use a connector then.
        connector_id: Only apps that use this one.
    """
    ends = weeks_before(moment)
    events = AUDIT_EVENTS.c
    pairs = app_pairs(moment.run_id, connector_id).subquery("pairs")
    rows = AUDIT_EVENTS.join(ENVIRONMENTS, ENVIRONMENTS.c.key == events.environment_key).join(
        APPS, and_(APPS.c.environment_id == ENVIRONMENTS.c.id, APPS.c.key == events.target_key)
    )
    after = [_midnight(end + timedelta(days=1)) for end in ends]
    opened = (
        select(
            _week(events.at, after).label("week"),
            func.coalesce(events.actor_key, events.actor_name).label("who"),
        )
        .select_from(rows)
        .where(
            events.noun == "app",
            events.action == "launched",
            events.run_id <= moment.run_id,
            events.at >= after[0] - timedelta(days=_WEEK),
            events.at < after[-1],
            APPS.c.id.in_(select(pairs.c.app_id)),
        )
        .subquery("opened")
    )
    query = select(opened.c.week, func.count(distinct(opened.c.who))).group_by(opened.c.week)
    found: dict[int, int] = {int(row[0]): int(row[1]) for row in connection.execute(query)}
    read = log_read(connection, moment)
    return _known(ends, found, read.covers)


def people_by_calls(
    connection: Connection, moment: Moment, connector_id: int | None = None
) -> Weeks:
    """Return how many accounts called custom connectors, week by week, by the best source of each day.

    Args:
        connection: Open transaction on the store.
        moment: Weeks before this.
        connector_id: Only calls of this one.
    """
    ends = weeks_before(moment)
    window = Window(ends[0] - timedelta(days=_WEEK - 1), ends[-1])
    figures = headline(DAILY, window, Chosen(connector_id))
    called = (
        select(
            _week(DAILY.c.day, [end + timedelta(days=1) for end in ends]).label("week"),
            DAILY.c.caller_id.label("who"),
        )
        .select_from(figures.rows)
        .where(within(DAILY.c.day, window))
        .subquery("called")
    )
    query = select(called.c.week, named(called.c.who, CALLERS)).group_by(called.c.week)
    found: dict[int, int] = {int(row[0]): int(row[1]) for row in connection.execute(query)}
    first, last = connection.execute(
        select(func.min(OPERATIONS.c.day), func.max(OPERATIONS.c.day))
    ).one()
    if first is None:
        return [(end, None) for end in ends]
    forgotten = callers_known_since(connection, window) or first
    gaps = [
        (row.from_at.astimezone(UTC).date(), row.to_at.astimezone(UTC).date())
        for row in connection.execute(
            select(GAPS.c.from_at, GAPS.c.to_at).where(GAPS.c.run_id <= moment.run_id)
        )
    ]

    def read(day: date) -> bool:
        return max(first, forgotten) <= day <= last and not any(
            begin <= day <= end for begin, end in gaps
        )

    return _known(ends, found, read)


def _week(at: ColumnElement[Any], after: list[Any]) -> ColumnElement[int]:
    """Return the number of the week in which something lies, by what comes after each."""
    return case(*((at < end, number) for number, end in enumerate(after)))


def _known(ends: list[date], found: Mapping[int, int], read: Callable[[date], bool]) -> Weeks:
    """Return what was found of weeks of which every day was read."""
    return [
        (
            end,
            found.get(number, 0)
            if all(read(end - timedelta(days=back)) for back in range(_WEEK))
            else None,
        )
        for number, end in enumerate(ends)
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
