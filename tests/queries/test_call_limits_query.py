"""Busy minutes against the limit of a connection, by hand-written calls."""

from __future__ import annotations

from datetime import UTC, date, datetime

import factories
import pandas as pd
import pytest
from factories import INVOICES, moment
from factories_calls import HOST, call
from sqlalchemy import Engine, text

from collectors.telemetry.call import Call, Calls
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.queries.call_limits import bursts, busiest_minutes
from connectory.queries.call_tables import Chosen, Window

FORTNIGHT = Window(date(2026, 11, 1), date(2026, 11, 15))
LIMIT = 100


def busy(source: str, day: int, minute: int, calls: int, connected: str = "") -> Call:
    """Return one row that stands for all calls of a minute."""
    event = f"{source} {day} {minute} {connected}"
    return call(day, event, minute=minute, weight=calls, connection=connected)


@pytest.fixture
def busy_store(store: Engine) -> Engine:
    """The small tenant with a burst over midnight, two short ones, and load that grows."""
    factories.fill(store)
    told = {
        "access_logs": [
            *(busy("access_logs", day, 600, 5 * day) for day in range(1, 16)),
            busy("access_logs", 14, 1438, 99, "One"),
            busy("access_logs", 14, 1439, 100, "One"),
            busy("access_logs", 15, 0, 120, "One"),
            busy("access_logs", 15, 1, 110, "One"),
            busy("access_logs", 15, 3, 130, "One"),
            # Each below the limit: another connection's calls are not added.
            busy("access_logs", 10, 60, 70, "One"),
            busy("access_logs", 10, 60, 70, "Two"),
        ],
        # Of days on which a better source tells: not counted.
        "canvas_calls": [busy("canvas_calls", 9, 30, 900, "Three")],
    }
    for source, calls in told.items():
        Keeper(source, lambda: writing(store)).add(Calls.of(calls))
    with writing(store) as connection:
        connection.execute(
            text("UPDATE call_endpoints SET connector_id = :one, operation_id = 'GetBill'"),
            {"one": INVOICES},
        )
    return store


def test_minutes_in_a_row_at_the_limit_are_one_burst(busy_store: Engine) -> None:
    """Over midnight too; the longest first, and never two connections together."""
    with reading(busy_store) as connection:
        frame = bursts(connection, moment(3), FORTNIGHT, LIMIT)

    columns = ["connection", "start", "minutes", "calls", "most"]
    assert frame[columns].to_numpy().tolist() == [
        ["One", pd.Timestamp(datetime(2026, 11, 14, 23, 59, tzinfo=UTC)), 3, 330, 120],
        ["One", pd.Timestamp(datetime(2026, 11, 15, 0, 3, tzinfo=UTC)), 1, 130, 130],
    ]
    assert set(frame["connector_id"]) == {INVOICES}


def test_a_connector_has_one_row_with_its_busiest_minute(busy_store: Engine) -> None:
    """However many connections and days it has; grouped before anything is cut."""
    with reading(busy_store) as connection:
        (row,) = busiest_minutes(connection, moment(3), FORTNIGHT, LIMIT).to_dict("records")
        none = busiest_minutes(
            connection, moment(3), FORTNIGHT, LIMIT, Chosen(left_out=(INVOICES,))
        )

    assert (row["calls"], row["connection"], row["days"]) == (130, "One", 15)
    assert row["minute"] == datetime(2026, 11, 15, 0, 3, tzinfo=UTC)
    assert none.empty


def test_growing_load_comes_to_the_limit_on_a_day(busy_store: Engine) -> None:
    """5, 10 … 65 on the 1st to the 13th but for 70 on the 10th, then 100 and 130.

    Mondays, of usually 27.5, are less than half as busy as Saturdays, of 67.5, and left out. By
    hand: of the 13 others x adds up to 96 and its squares to 950, so 13 x 950 - 96 x 96 = 3,134.
    What is above 5 + 5x (20, 30, 55 on x = 9, 13, 14) adds (13 x 1,340 - 96 x 105) / 3,134 = 2.342
    a day, and 105 / 13 - 2.342 x 96 / 13 = -9.218 at the start. -4.218 + 7.342x comes to 200 after
    27.82 days: on the 29th.
    """
    with reading(busy_store) as connection:
        (row,) = busiest_minutes(connection, moment(3), FORTNIGHT, 200).to_dict("records")

    assert row["reached_on"] == datetime(2026, 11, 29, tzinfo=UTC)


def test_another_source_that_begins_to_tell_is_no_growth(busy_store: Engine) -> None:
    """Of the days of one source alone a line is laid: of two days of the gateway none is."""
    rows = [busy("gateway_logs", day, 600, 150) for day in (14, 15)]
    Keeper("gateway_logs", lambda: writing(busy_store)).add(Calls.of(rows))
    with writing(busy_store) as connection:
        connection.execute(
            text("UPDATE call_endpoints SET connector_id = :one, operation_id = 'GetBill'"),
            {"one": INVOICES},
        )
    with reading(busy_store) as connection:
        (row,) = busiest_minutes(connection, moment(3), FORTNIGHT, 200).to_dict("records")

    assert (row["calls"], row["source"], row["days"]) == (150, "gateway_logs", 2)
    assert row["reached_on"] is pd.NaT


def test_what_is_at_the_limit_is_not_yet_to_come(busy_store: Engine) -> None:
    """No day is told for what has been."""
    with reading(busy_store) as connection:
        (row,) = busiest_minutes(connection, moment(3), FORTNIGHT, 130).to_dict("records")

    assert row["reached_on"] is pd.NaT


def test_a_host_of_two_connectors_says_nothing_of_either(busy_store: Engine) -> None:
    """A connection to it may be one of either."""
    with writing(busy_store) as connection:
        connection.execute(
            text(
                "INSERT INTO call_endpoints (target_id, environment_key, method, path, operation, "
                "connector_id, matched_by) SELECT id, '', 'GET', '/other', '', 2, 'path' "
                "FROM call_targets WHERE address = :host"
            ),
            {"host": HOST},
        )
    with reading(busy_store) as connection:
        assert busiest_minutes(connection, moment(3), FORTNIGHT, LIMIT).empty
        assert bursts(connection, moment(3), FORTNIGHT, LIMIT).empty
