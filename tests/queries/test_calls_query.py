"""Who called what: sums over days, by operation and caller, with what belongs to nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from factories import INVOICES, moment
from factories_calls import fill_calls
from sqlalchemy import Engine, text

from connectory.database import reading, writing
from connectory.queries.call_coverage import log_files, unmatched_calls
from connectory.queries.call_limits import busiest_minutes
from connectory.queries.call_operations import calls_by_operation
from connectory.queries.call_tables import Chosen, Window
from connectory.queries.callers import (
    Callers,
    callers,
    calls_by_caller,
    calls_by_consumer,
    calls_by_hour,
)
from connectory.queries.calls import calls_by_connector, calls_by_day
from connectory.queries.export import VIEWS
from connectory.queries.moments import Moment

WEEK = Window(date(2026, 11, 9), date(2026, 11, 15))
PROMISED = 0.02


@pytest.fixture
def called(store: Engine) -> Engine:
    """The small tenant with calls."""
    import factories  # noqa: PLC0415 - beside the fixtures of the same name

    factories.fill(store)
    fill_calls(store)
    return store


def test_days_hold_sums_and_how_calls_failed(called: Engine) -> None:
    """Sampled rows count by their weight; calls of no connector stand apart (see below)."""
    with reading(called) as connection:
        frame = calls_by_day(connection, WEEK)
        mine = calls_by_day(connection, WEEK, Chosen(INVOICES))
        others = calls_by_day(connection, WEEK, Chosen(left_out=(INVOICES,)))

    columns = ["calls", "errors", "throttled", "refused", "failed", "callers", "consumers"]
    assert frame[columns].to_numpy().tolist() == [[5, 1, 1, 0, 0, 2, 0], [2, 1, 0, 0, 1, 0, 1]]
    assert mine["calls"].tolist() == [5, 2]
    assert others.empty
    assert set(frame["evidence"]) == {"call"}
    assert [day.day for day in frame["day"]] == [14, 15]


def test_a_connector_has_its_calls_and_nobody_elses(called: Engine) -> None:
    """Each row says what it rests on."""
    with reading(called) as connection:
        (row,) = calls_by_connector(connection, moment(3), WEEK).to_dict("records")

    assert (row["connector_id"], row["calls"], row["callers"]) == (INVOICES, 7, 2)
    assert row["evidence"] == "call"
    assert row["last_used"].day == 15


def test_an_operation_has_its_latencies(called: Engine) -> None:
    """Quantiles in milliseconds within two percent, over days put together."""
    with reading(called) as connection:
        (row,) = calls_by_operation(connection, moment(3), WEEK).to_dict("records")

    assert (row["operation"], row["calls"], row["errors"]) == ("GetBill", 7, 2)
    assert row["p50"] == pytest.approx(100, rel=PROMISED)
    assert row["p99"] == pytest.approx(400, rel=PROMISED)
    assert row["largest_response"] == 90_000


def test_callers_are_told_and_so_are_calls_that_name_nobody(called: Engine) -> None:
    """Distinct over the days; what a log does not name is not a caller."""
    with reading(called) as connection:
        told = callers(connection, WEEK)
        frame = calls_by_caller(connection, WEEK)

    assert told == Callers(callers=2, consumers=1, anonymous=1, connectors=1)
    known = frame.dropna(subset=["name"])
    assert dict(zip(known["name"], known["calls"], strict=True)) == {
        "ann@invented.example": 2,
        "bob@invented.example": 3,
    }
    assert frame["calls"].sum() == 7


def test_hours_stand_under_their_weekday(called: Engine) -> None:
    """Saturday is 5 and Sunday 6."""
    with reading(called) as connection:
        frame = calls_by_hour(connection, WEEK)

    assert frame.to_numpy().tolist() == [[5, 12, 5], [6, 12, 2]]


def test_what_belongs_to_no_operation_is_kept_with_the_reason(called: Engine) -> None:
    """Never dropped and never guessed."""
    with reading(called) as connection:
        (row,) = unmatched_calls(connection, WEEK).to_dict("records")
        (file,) = log_files(connection, moment(3)).to_dict("records")

    assert (row["path"], row["calls"]) == ("/nowhere", 1)
    assert row["reason"] in {"no_connector", "no_operation"}
    assert (file["file"], file["bad_lines"]) == ("day.log", 1)


@pytest.mark.parametrize(
    "view",
    [
        "calls_by_connector",
        "calls_by_operation",
        "calls_by_caller",
        "calls_by_consumer",
        "never_called",
        "usage_by_source",
        "unmatched_calls",
        "busiest_minutes",
        "log_files",
    ],
)
def test_an_export_has_the_same_columns_with_and_without_rows(called: Engine, view: str) -> None:
    """Of the four weeks before the moment; before there was a log it is empty."""
    with reading(called) as connection:
        full = VIEWS[view](connection, moment(3))
        none = VIEWS[view](connection, Moment(0, datetime(2020, 1, 1, tzinfo=UTC), "complete"))

    assert not full.empty
    assert none.empty
    assert none.dtypes.equals(full.dtypes)


def test_flows_and_apps_stand_under_their_names(called: Engine) -> None:
    """By whatever id a log tells, in any environment; what nobody knows stays as it is told."""
    with writing(called) as connection:
        connection.execute(
            text("UPDATE call_consumers SET key = 'app-1' WHERE key = 'invented-flow'")
        )
    with reading(called) as connection:
        app = calls_by_consumer(connection, WEEK).dropna(subset=["name"])
    with writing(called) as connection:
        connection.execute(text("UPDATE call_consumers SET key = 'row-2' WHERE key = 'app-1'"))
        connection.execute(text("UPDATE flow_versions SET workflow_id = 'ROW-2' WHERE flow_id = 2"))
    with reading(called) as connection:
        flow = calls_by_consumer(connection, WEEK).dropna(subset=["name"])

    columns = ["name", "kind", "calls"]
    assert app[columns].to_numpy().tolist() == [["Expense desk", "app", 1]]
    assert flow[columns].to_numpy().tolist() == [["Payroll nightly", "flow", 1]]


def test_the_busiest_minute_of_a_connector_is_that_of_one_connection(called: Engine) -> None:
    """The first minute with the most calls, of every day together; two days lead nowhere."""
    with reading(called) as connection:
        (row,) = busiest_minutes(connection, moment(3), WEEK, 500).to_dict("records")

    assert (row["calls"], row["days"], row["minute"]) == (
        5,
        2,
        datetime(2026, 11, 14, 12, tzinfo=UTC),
    )
    assert (row["evidence"], row["source"], row["connection"]) == ("call", "access_logs", None)
    assert row["reached_on"] is pd.NaT
