"""What questions about calls ask, put to SQLite's planner: they read the days they are about."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import factories
import pytest
from factories import INVOICES, moment
from factories_calls import fill_sources
from factories_events import fill_events
from sqlalchemy import Connection, Engine, event

from connectory.database import reading
from connectory.queries.call_coverage import unmatched_calls
from connectory.queries.call_limits import bursts, busiest_minutes
from connectory.queries.call_operations import calls_by_operation, never_called
from connectory.queries.call_sources import sources
from connectory.queries.call_tables import Chosen, Window
from connectory.queries.callers import callers, calls_by_caller, calls_by_consumer, calls_by_hour
from connectory.queries.calls import calls_by_connector, calls_by_day

WEEK = Window(date(2026, 11, 9), date(2026, 11, 15))
FACTS = "usage_daily|usage_hourly|usage_operations|usage_connections|usage_days|invocations"
READ = re.compile(rf"(?P<how>SCAN|SEARCH) (?P<table>{FACTS})\b(?P<rest>.*)")
BY_DAYS = re.compile(r"\(day>\? AND day<\?\)|\(day=\? AND target_id=\?")
"""The days of a question once, or what one target had on one day: never a whole day many times."""
Question = Callable[[Connection, Chosen], Any]
QUESTIONS: dict[str, Question] = {
    "calls_by_day": lambda connection, chosen: calls_by_day(connection, WEEK, chosen),
    "calls_by_connector": lambda connection, chosen: calls_by_connector(
        connection, moment(3), WEEK, chosen
    ),
    "calls_by_operation": lambda connection, chosen: calls_by_operation(
        connection, moment(3), WEEK, chosen
    ),
    "never_called": lambda connection, chosen: never_called(connection, moment(3), WEEK, chosen),
    "callers": lambda connection, chosen: callers(connection, WEEK, chosen),
    "calls_by_caller": lambda connection, chosen: calls_by_caller(connection, WEEK, chosen),
    "calls_by_consumer": lambda connection, chosen: calls_by_consumer(connection, WEEK, chosen),
    "calls_by_hour": lambda connection, chosen: calls_by_hour(connection, WEEK, chosen),
    "busiest_minutes": lambda connection, chosen: busiest_minutes(
        connection, moment(3), WEEK, 500, chosen
    ),
    "bursts": lambda connection, chosen: bursts(connection, moment(3), WEEK, 500, chosen),
    "sources": lambda connection, chosen: sources(connection, moment(3), WEEK, chosen),
    "unmatched_calls": lambda connection, chosen: unmatched_calls(connection, WEEK, chosen),
}


@pytest.fixture
def called(sqlite_store: Engine) -> Engine:
    """The small tenant of which four sources tell calls."""
    factories.fill(sqlite_store)
    fill_events(sqlite_store)
    fill_sources(sqlite_store)
    return sqlite_store


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("chosen", [Chosen(), Chosen(INVOICES), Chosen(left_out=(INVOICES,))])
def test_facts_are_read_by_their_days(called: Engine, chosen: Chosen, *, analysed: bool) -> None:
    """No table of facts is read from end to end, whether or not the planner has statistics."""
    if analysed:
        with called.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    with reading(called) as connection:
        plans = {
            name: planned(called, connection, question, chosen)
            for name, question in QUESTIONS.items()
        }

    assert all(plans.values())
    assert [
        (name, told[0])
        for name, plan in plans.items()
        for told in plan
        if told["how"] == "SCAN" or not BY_DAYS.search(told["rest"])
    ] == []


def planned(
    engine: Engine, connection: Connection, question: Question, chosen: Chosen
) -> list[re.Match[str]]:
    """Ask a question; return how the planner reads each table of facts for it."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    question(connection, chosen)
    event.remove(engine, "before_cursor_execute", note)
    steps = [
        row[3]
        for statement, values in sent
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    return [told for step in steps if (told := READ.match(step))]
