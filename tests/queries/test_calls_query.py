"""Who called what: sums over days, by operation and caller, with what belongs to nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from factories import INVOICES, moment
from factories_calls import fill_calls
from sqlalchemy import Engine

from connectory.database import reading
from connectory.queries.call_coverage import busiest_minutes, log_files, unmatched_calls
from connectory.queries.call_tables import Window
from connectory.queries.callers import Callers, callers, calls_by_caller, calls_by_hour
from connectory.queries.calls import calls_by_connector, calls_by_day, calls_by_operation
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
    """Sampled rows count by their weight; a day of which nothing is told has no row."""
    with reading(called) as connection:
        frame = calls_by_day(connection, WEEK)
        mine = calls_by_day(connection, WEEK, INVOICES)

    columns = ["calls", "errors", "throttled", "refused", "failed", "callers", "consumers"]
    assert frame[columns].to_numpy().tolist() == [[5, 1, 1, 0, 0, 2, 0], [3, 2, 0, 1, 1, 0, 1]]
    assert mine["calls"].tolist() == [5, 2]
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

    assert told == Callers(callers=2, consumers=1, anonymous=2, connectors=1)
    known = frame.dropna(subset=["name"])
    assert dict(zip(known["name"], known["calls"], strict=True)) == {
        "ann@invented.example": 2,
        "bob@invented.example": 3,
    }
    assert frame["calls"].sum() == 8


def test_hours_stand_under_their_weekday(called: Engine) -> None:
    """Saturday is 5 and Sunday 6."""
    with reading(called) as connection:
        frame = calls_by_hour(connection, WEEK)

    assert frame.to_numpy().tolist() == [[5, 12, 5], [6, 12, 3]]


def test_what_belongs_to_no_operation_is_kept_with_the_reason(called: Engine) -> None:
    """Never dropped and never guessed."""
    with reading(called) as connection:
        (row,) = unmatched_calls(connection, WEEK).to_dict("records")
        (file,) = log_files(connection, moment(3)).to_dict("records")

    assert (row["path"], row["calls"]) == ("/nowhere", 1)
    assert row["reason"] in {"no_connector", "no_operation"}
    assert (file["file"], file["bad_lines"]) == ("day.log", 1)


@pytest.mark.parametrize(
    "view", ["calls_by_connector", "calls_by_operation", "unmatched_calls", "log_files"]
)
def test_an_export_has_the_same_columns_with_and_without_rows(called: Engine, view: str) -> None:
    """Of the four weeks before the moment; before there was a log it is empty."""
    with reading(called) as connection:
        full = VIEWS[view](connection, moment(3))
        none = VIEWS[view](connection, Moment(0, datetime(2020, 1, 1, tzinfo=UTC), "complete"))

    assert not full.empty
    assert none.empty
    assert none.dtypes.equals(full.dtypes)


def test_the_busiest_minute_is_that_of_one_connection(called: Engine) -> None:
    """The first minute with the most calls, by day."""
    with reading(called) as connection:
        frame = busiest_minutes(connection, moment(3), WEEK)

    assert frame["calls"].tolist() == [5, 3]
    assert {minute.hour for minute in frame["minute"]} == {12}
