"""Several sources tell of the same connector: the best one counts, and all stand side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factories
import pandas as pd
import pytest
from factories import INVOICES, PAYROLL, SCRATCH, TWIN, VANISHING, WEATHER, moment
from factories_calls import call, fill_sources
from factories_events import fill_events
from sqlalchemy import Engine

from collectors.telemetry.call import Calls
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.domain.connection_facts import ConnectionRules
from connectory.domain.ignoring import IgnoreRules
from connectory.queries.call_coverage import unmatched_calls
from connectory.queries.call_operations import calls_by_operation, never_called
from connectory.queries.call_sources import last_used, sources
from connectory.queries.call_tables import Chosen, Window
from connectory.queries.callers import (
    Callers,
    callers,
    calls_by_caller,
    calls_by_consumer,
    calls_by_hour,
)
from connectory.queries.calls import calls_by_connector, calls_by_day
from connectory.queries.export import DAYS as EXPORTED
from connectory.queries.export import rows
from connectory.queries.uncalled import connectors_not_called

WEEK = Window(date(2026, 11, 9), date(2026, 11, 15))
ALL = "gateway_logs, access_logs, canvas_calls, flow_actions"


@pytest.fixture
def called(store: Engine) -> Engine:
    """The small tenant of which four sources tell calls, and two logs runs and launches."""
    factories.fill(store)
    fill_events(store)
    fill_sources(store)
    return store


def test_of_a_connector_and_day_the_best_source_counts(called: Engine) -> None:
    """12th: actions alone. 13th: canvas. 14th: access logs, not the 50 of canvas. 15th: gateway."""
    with reading(called) as connection:
        frame = calls_by_day(connection, WEEK, Chosen(INVOICES))

    told = frame[["evidence", "source", "calls", "errors"]].to_numpy().tolist()
    assert told == [
        ["action", "flow_actions", 2, 0],
        ["call", "canvas_calls", 4, 0],
        ["call", "access_logs", 5, 1],
        ["call", "gateway_logs", 5, 4],
    ]
    assert [day.day for day in frame["day"]] == [12, 13, 14, 15]


def test_a_day_is_the_sum_of_its_connectors(called: Engine) -> None:
    """Each by its own best source; on the 12th Payroll has 7 actions, on the 14th its twin a call."""
    with reading(called) as connection:
        frame = calls_by_day(connection, WEEK)
        without = calls_by_day(connection, WEEK, Chosen(left_out=(PAYROLL, TWIN)))

    assert frame["calls"].tolist() == [9, 4, 6, 5]
    assert without["calls"].tolist() == [2, 4, 5, 5]


def test_a_connector_names_what_its_sum_rests_on(called: Engine) -> None:
    """16 of Invoices, where each source alone tells 5, 7, 54 or 102; retries are those of its rows."""
    with reading(called) as connection:
        frame = calls_by_connector(connection, moment(3), WEEK)

    columns = ["connector_id", "evidence", "source", "calls", "retries", "callers"]
    assert frame[columns].to_numpy().tolist() == [
        [INVOICES, "call, action", ALL, 16, 8, 3],
        [PAYROLL, "action", "flow_actions", 7, 0, 0],
        [TWIN, "call", "access_logs", 1, 0, 0],
    ]


def test_operations_hours_and_people_are_of_the_same_rows(called: Engine) -> None:
    """Whatever is asked, the sum is that of the days: 24 calls."""
    with reading(called) as connection:
        operations = calls_by_operation(connection, moment(3), WEEK)
        hours = calls_by_hour(connection, WEEK)
        who = calls_by_consumer(connection, WEEK)
        told = callers(connection, WEEK)

    assert operations["calls"].sum() == hours["calls"].sum() == who["calls"].sum() == 24
    columns = ["connector_id", "operation", "source", "deprecated", "calls"]
    assert operations[columns].to_numpy().tolist() == [
        [INVOICES, "GetBill", "gateway_logs, access_logs, canvas_calls", False, 14],
        [PAYROLL, "RunPayroll", "flow_actions", False, 7],
        [INVOICES, "GetInvoice", "flow_actions", False, 2],
        [TWIN, "GetOld", "access_logs", True, 1],
    ]
    assert dict(zip(who["name"], who["calls"], strict=True)) == {
        None: 15,
        "Expense desk": 7,
        "Pay the bills": 2,
    }
    # Of Invoices 4 by the gateway, and the one of its twin, name nobody.
    assert told == Callers(callers=3, consumers=2, anonymous=5, connectors=3, pseudonyms=1)


def test_what_only_application_insights_names_is_a_pseudonym(called: Engine) -> None:
    """Not one more account: the same person may stand under both. Here one is named by canvas apps."""
    with reading(called) as connection:
        who = calls_by_caller(connection, WEEK)
        one = calls_by_caller(connection, WEEK, most=1)

    assert dict(zip(who["name"], who["kind"], strict=True)) == {
        None: None,
        "carla@invented.example": "pseudonym",
        "ann@invented.example": "account",
        "bob@invented.example": "account",
    }
    assert one["calls"].tolist() == [14]  # of 24 by all, 10 of them named


def test_a_caller_who_left_is_told_so(called: Engine) -> None:
    """By sign-in name or id, as the directory stands by now; a stranger to it has no state."""
    told = [
        call(14, "by name", caller="ada@tenant.example"),
        call(14, "by id", caller=factories.BRUNO),
        call(14, "by one who left", caller=factories.CARLA),
    ]
    Keeper("access_logs", lambda: writing(called)).add(Calls.of(told))
    with reading(called) as connection:
        for most in (100, None):
            who = calls_by_caller(connection, WEEK, most=most)
            states = dict(zip(who["name"], who["state"], strict=True))

            assert states["ada@tenant.example"] == "enabled"
            assert states[factories.BRUNO] == "disabled"
            assert states[factories.CARLA] == "deleted"
            assert states["ann@invented.example"] is None


def test_an_export_leaves_empty_what_a_log_does_not_name(called: Engine) -> None:
    """As the pages do, which show a dash; of Invoices accounts are named."""
    with reading(called) as connection:
        told = rows(
            connection, moment(3), "calls_by_connector", ConnectionRules(), IgnoreRules()
        ).set_index("connector_id")

    assert int(told["callers"][INVOICES]) > 0
    assert pd.isna(told["callers"][TWIN])
    assert told["calls"][TWIN] > 0


def test_a_connector_that_no_log_tells_of_has_what_else_tells_of_it(called: Engine) -> None:
    """From the 13th Payroll was not called, but its app was opened on the 14th."""
    late = Window(date(2026, 11, 13), date(2026, 11, 15))
    with reading(called) as connection:
        frame = connectors_not_called(connection, moment(3), late)
        without = connectors_not_called(connection, moment(3), late, Chosen(left_out=(PAYROLL,)))

    told = frame[["connector_id", "connector", "last_run", "last_launch"]].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        [PAYROLL, "Payroll", None, datetime(2026, 11, 14, tzinfo=UTC)],
        [SCRATCH, "Scratch", None, None],
        [VANISHING, "Vanishing", None, None],
        [WEATHER, "Weather and tides", None, None],
    ]
    assert without["connector_id"].tolist() == [SCRATCH, VANISHING, WEATHER]


def test_a_run_is_told_of_a_connector_that_no_log_tells_of(store: Engine) -> None:
    """Without any log nothing is known to be called; the flow of Invoices ran last on the 15th."""
    factories.fill(store)
    fill_events(store)
    with reading(store) as connection:
        frame = connectors_not_called(connection, moment(3), WEEK).set_index("connector_id")

    assert set(frame.index) == {INVOICES, PAYROLL, WEATHER, SCRATCH, VANISHING, TWIN}
    ran = frame["last_run"].dropna()
    assert ran.to_dict() == {INVOICES: datetime(2026, 11, 15, tzinfo=UTC)}


def test_the_largest_response_is_that_of_a_source_that_counts(called: Engine) -> None:
    """The 90,000 bytes of the 15th stand in the access logs, where the gateway counts."""
    with reading(called) as connection:
        frame = calls_by_operation(connection, moment(3), WEEK).set_index("operation")

    assert frame.loc["GetBill", "largest_response"] == 1_000
    assert frame.loc["GetOld", "largest_response"] == 7_000


def test_each_source_is_told_by_itself(called: Engine) -> None:
    """Calls, days and callers of each; nothing of one is in another."""
    with reading(called) as connection:
        frame = sources(connection, moment(3), WEEK)
        mine = sources(connection, moment(3), WEEK, Chosen(INVOICES))

    columns = ["source", "evidence", "calls", "unmatched", "days", "callers"]
    told = frame[columns].astype(object)
    assert told.where(told.notna(), None).to_numpy().tolist() == [
        ["gateway_logs", "call", 6, 1, 1, 1],
        ["access_logs", "call", 9, 1, 2, 2],
        ["canvas_calls", "call", 54, 0, 2, 1],
        ["flow_actions", "action", 109, 0, 2, 0],
        ["flow_runs", "run", 14, None, 3, None],
        ["audit", "launch", 3, None, 1, 2],
        ["definitions", "reference", 4, None, None, None],
    ]
    assert mine["calls"].tolist() == [5, 7, 54, 102, 14, 3, 3]
    assert mine["unmatched"].isna().all()
    first = [None if pd.isna(day) else day.day for day in mine["first_day"]]
    last = [None if pd.isna(day) else day.day for day in mine["last_day"]]
    assert first == [15, 14, 13, 12, 13, 14, None]
    assert last == [15, 15, 14, 15, 15, 14, None]


def test_the_last_use_is_told_with_what_it_rests_on(called: Engine) -> None:
    """The latest day, whichever source tells it, and of these the best."""
    early = Window(date(2026, 11, 9), date(2026, 11, 14))
    with reading(called) as connection:
        told = [
            last_used(sources(connection, moment(3), window, Chosen(connector)))
            for connector, window in (
                (INVOICES, WEEK),
                (PAYROLL, WEEK),
                (PAYROLL, early),
                (WEATHER, WEEK),
            )
        ]

    known = [(one[0].day, one[1].name) if one else None for one in told]
    assert known == [(15, "gateway_logs"), (14, "audit"), (14, "audit"), None]


def test_what_belongs_to_nothing_is_told_by_each_source(called: Engine) -> None:
    """Gateway and backend may both tell of the same call: they stand in two rows."""
    with reading(called) as connection:
        frame = unmatched_calls(connection, WEEK)

    told = frame[["source", "path", "calls"]].to_numpy().tolist()
    assert sorted(told) == [["access_logs", "/nowhere", 1], ["gateway_logs", "/nowhere", 1]]


def test_operations_nobody_called_are_those_of_connectors_with_calls(called: Engine) -> None:
    """Not triggers, not those that only an action tells of, and not of a connector unseen by logs."""
    with reading(called) as connection:
        frame = never_called(connection, moment(3), WEEK)
        later = never_called(connection, moment(3), Window(date(2026, 11, 15), date(2026, 11, 15)))

    told = frame[["connector_id", "operation", "deprecated"]].to_numpy().tolist()
    assert told == [
        [INVOICES, "ListInvoices", False],
        [INVOICES, "Ping", False],
        [TWIN, "GetInvoice", False],
    ]
    assert later["operation"].tolist() == ["GetInvoice", "ListInvoices", "Ping"]


def test_an_export_is_of_the_days_that_were_chosen(called: Engine) -> None:
    """The four weeks before the moment, or as many days as a page shows."""
    with reading(called) as connection:
        told = [
            rows(connection, moment(3), "calls_by_connector", ConnectionRules(), days=days)
            for days in (EXPORTED, 1)
        ]

    assert [int(frame["calls"].sum()) for frame in told] == [24, 5]


@pytest.mark.parametrize(
    ("view", "column", "marked"),
    [
        ("calls_by_connector", "connector_id", [PAYROLL]),
        ("calls_by_operation", "operation", ["RunPayroll"]),
        ("never_called", "operation", []),
        ("unmatched_calls", "path", []),
    ],
)
def test_an_export_has_ignored_connectors_and_says_so(
    called: Engine, view: str, column: str, marked: list[object]
) -> None:
    """Nothing is removed from what is written."""
    ignore = IgnoreRules(names=(("pay*", "Tests"),))
    with reading(called) as connection:
        told = rows(connection, moment(3), view, ConnectionRules(), ignore)

    assert told[told["ignored"].notna()][column].tolist() == marked
