"""Figures of callers before and after it is forgotten who they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from factories import INVOICES, moment
from factories_calls import CALLS, call, fill_calls
from sqlalchemy import Engine, text

from collectors.telemetry.call import Calls
from collectors.telemetry.days import purge
from collectors.telemetry.forgetting import forget
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.queries.call_operations import calls_by_operation
from connectory.queries.call_sources import sources
from connectory.queries.call_tables import EVERY, Chosen, Window
from connectory.queries.callers import Callers, callers, calls_by_caller
from connectory.queries.calls import calls_by_connector, calls_by_day

FIRST, SECOND = date(2026, 11, 14), date(2026, 11, 15)
ONE = Chosen(INVOICES)
BOTH = Window(FIRST, SECOND)
MORE = [
    call(14, "m", path="/bills/17/lines", caller="ann@invented.example"),
    call(14, "n", path="/bills/17/lines", caller="cat@invented.example"),
    call(14, "o", path="/nowhere", caller="dan@invented.example"),
    call(15, "p", caller="ann@invented.example"),
]
"""Accounts by day: ann, bob, cat and dan called on the first, of these dan nothing of a connector."""


@pytest.fixture
def called(store: Engine) -> Engine:
    """The small tenant with calls of two operations and of none."""
    import factories  # noqa: PLC0415 - beside the fixtures of the same name

    factories.fill(store)
    fill_calls(store)
    Keeper("access_logs", lambda: writing(store)).add(Calls.of(MORE))
    with writing(store) as connection:
        connection.execute(
            text(
                "UPDATE call_endpoints SET connector_id = :one, operation_id = 'GetLines', "
                "matched_by = 'path' WHERE path LIKE '/bills/%/lines'"
            ),
            {"one": INVOICES},
        )
    return store


def forgotten(engine: Engine, before: date) -> None:
    """Forget who called before a day."""
    purge(lambda: writing(engine), before)
    forget(lambda: writing(engine), before)


def told(engine: Engine, window: Window) -> list[Any]:
    """Return every frame with callers of some days, and their number."""
    with reading(engine) as connection:
        frames = [
            calls_by_day(connection, window),
            calls_by_day(connection, window, ONE),
            calls_by_connector(connection, moment(3), window),
            calls_by_operation(connection, moment(3), window),
        ]
        return [*frames, callers(connection, window), callers(connection, window, ONE)]


def test_figures_of_a_day_are_what_they_were(called: Engine) -> None:
    """By day, connector and operation, whoever called; the other day has nothing to do with it."""
    before = [told(called, Window(day, day)) for day in (FIRST, SECOND)]
    forgotten(called, SECOND)
    after = [told(called, Window(day, day)) for day in (FIRST, SECOND)]

    assert [frame["callers"].tolist() for frame in before[0][:3]] == [[3], [3], [3]]
    by_operation = dict(zip(before[0][3]["operation"], before[0][3]["callers"], strict=True))
    assert by_operation == {"GetBill": 2, "GetLines": 2}
    for old, new in zip(before, after, strict=True):
        for frame, same in zip(old[:4], new[:4], strict=True):
            pd.testing.assert_frame_equal(frame, same)
    assert after[0][4] == Callers(3, 0, 0, 1, SECOND)
    assert after[0][5] == Callers(3, 0, 0, 1, SECOND)
    assert [one.callers_known_since for one in after[1][4:]] == [None, None]
    assert [one.callers for one in after[1][4:]] == [1, 1]


def test_a_source_names_as_many_as_it_did(called: Engine) -> None:
    """On the day itself; of several days as many as on the one of these that had most.

    Before it is forgotten who they were, one who called no connector is among those of all.
    """

    def names(window: Window, chosen: Chosen) -> list[int]:
        with reading(called) as connection:
            told_by = sources(connection, moment(3), window, chosen).set_index("source")
            return [int(told_by["callers"]["access_logs"])]

    day = Window(FIRST, FIRST)
    before = [names(day, chosen) for chosen in (EVERY, ONE)]
    forgotten(called, SECOND)

    assert before == [[4], [3]]
    assert [names(day, chosen) for chosen in (EVERY, ONE)] == [[3], [3]]
    assert [names(BOTH, chosen) for chosen in (EVERY, ONE)] == [[3], [3]]


def test_figures_of_several_days_count_who_is_known(called: Engine) -> None:
    """And say since when they are; calls, errors and each day by itself are what they were."""
    before = told(called, BOTH)
    forgotten(called, SECOND)
    after = told(called, BOTH)

    assert (before[4].callers, before[4].callers_known_since) == (3, None)
    assert (after[4].callers, after[4].callers_known_since) == (1, SECOND)
    assert after[4].anonymous == before[4].anonymous == 1
    pd.testing.assert_frame_equal(after[0], before[0])
    pd.testing.assert_frame_equal(after[1], before[1])
    for old, new in zip(before[2:4], after[2:4], strict=True):
        rest = ["callers"]
        pd.testing.assert_frame_equal(new.drop(columns=rest), old.drop(columns=rest))
        assert (new["callers"] <= 1).all()


def test_whoever_is_forgotten_stands_under_no_name(called: Engine) -> None:
    """Together with those whom no log named: one row without a name, and no call is lost."""
    forgotten(called, SECOND)
    with reading(called) as connection:
        frame = calls_by_caller(connection, BOTH)

    assert frame["name"].isna().sum() == 1
    assert frame["name"].dropna().tolist() == ["ann@invented.example"]
    assert frame["calls"].sum() == sum(
        one.weight for one in [*CALLS, *MORE] if one.path != "/nowhere"
    )


def test_a_day_half_forgotten_is_told_whole(called: Engine) -> None:
    """What broke off between two portions shows in no figure."""
    before = told(called, Window(FIRST, FIRST))
    purge(lambda: writing(called), SECOND)
    left = iter(range(3))

    def opened() -> Any:
        if next(left, None) is None:
            raise RuntimeError("the power went")
        return writing(called)

    with pytest.raises(RuntimeError, match="power"):
        forget(opened, SECOND, portion=1)
    after = told(called, Window(FIRST, FIRST))

    with reading(called) as connection:
        merged = "SELECT count(*) FROM usage_daily WHERE caller_id = 0"
        named = "SELECT count(*) FROM call_callers WHERE key = 'cat@invented.example'"
        assert connection.scalar(text(merged)) == 1
        assert connection.scalar(text(named)) == 1
    for frame, same in zip(before[:4], after[:4], strict=True):
        pd.testing.assert_frame_equal(frame, same)
    assert [one.callers for one in after[4:]] == [one.callers for one in before[4:]]
