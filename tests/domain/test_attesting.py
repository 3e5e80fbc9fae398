"""Answers: what each needs, what it may say, and what follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connectory.domain.attesting import Bounds, Given, Retirement, Unfit, checked, plan
from connectory.domain.campaign_steps import Steps
from connectory.domain.one_line import one_line

DAY = date(2026, 11, 23)
BOUNDS = Bounds(DAY, Steps(longer_days=28, most_longer=2), postponed=0, keep_days=365, deadline=DAY)


def given(answer: str, *, until: int | None = None, bounds: Bounds = BOUNDS, **told: str) -> Given:
    """Check an answer; a day is told in days from today."""
    usual = {"reason": "", "hand_over_to": ""}
    day = None if until is None else DAY + timedelta(days=until)
    return checked(answer, **{**usual, **told}, until=day, bounds=bounds)


def test_a_complete_answer_is_taken() -> None:
    """Each has what it needs, on one line and without what it has no use for."""
    day = DAY + timedelta(days=28)

    assert given("keep", reason=" pays\n people ") == Given("keep", "pays people")
    assert given("keep", reason="pays", until=28) == Given("keep", "pays", "", day)
    assert given("retire", hand_over_to="Ada", until=3) == Given("retire")
    assert given("hand_over", hand_over_to=" Ada ") == Given("hand_over", "", "Ada")
    assert given("not_mine", reason="ask Ada") == Given("not_mine", "ask Ada")
    assert given("more_time", until=28) == Given("more_time", "", "", day)


@pytest.mark.parametrize(
    ("answer", "told", "problem"),
    [
        ("", {}, "answer_unknown"),
        ("Keep", {"reason": "x"}, "answer_unknown"),
        ("keep", {"reason": "\u202e\0\n"}, "reason_missing"),
        ("keep", {"reason": "x", "until": 366}, "day_too_far"),
        ("keep", {"reason": "x", "until": 0}, "day_not_ahead"),
        ("hand_over", {"hand_over_to": "  "}, "person_missing"),
        ("more_time", {}, "day_missing"),
        ("more_time", {"until": 29}, "day_too_far"),
        ("more_time", {"until": -1}, "day_not_ahead"),
    ],
)
def test_an_incomplete_answer_is_refused(answer: str, told: dict, problem: str) -> None:
    """What is missing or out of bounds has a name, and words."""
    with pytest.raises(Unfit) as error:
        given(answer, **told)

    assert error.value.problem == problem
    assert str(error.value)


def test_more_time_is_taken_so_often() -> None:
    """After that it is refused, whatever day is asked for."""
    with pytest.raises(Unfit) as error:
        given("more_time", until=3, bounds=Bounds(DAY, Steps(most_longer=2), 2, 365, DAY))

    assert error.value.problem == "no_more_time"


def test_more_time_is_counted_from_the_deadline() -> None:
    """Whoever asks early gets days after the deadline, not days that were given anyway."""
    bounds = Bounds(DAY, Steps(longer_days=28), 0, 365, deadline=DAY + timedelta(days=21))

    assert given("more_time", until=49, bounds=bounds).until == DAY + timedelta(days=49)
    with pytest.raises(Unfit) as error:
        given("more_time", until=50, bounds=bounds)
    assert error.value.problem == "day_too_far"


def test_a_plan_goes_step_by_step() -> None:
    """Told, frozen, removed, never one before the other."""
    assert plan(DAY, Retirement(7, 30, 60)) == (
        date(2026, 11, 30), date(2026, 12, 23), date(2027, 1, 22),
    )  # fmt: skip
    assert plan(DAY, Retirement(9, 3, 1)) == (DAY + timedelta(days=9),) * 3


def test_a_line_has_nothing_that_steers() -> None:
    """Line ends, controls and turned writing become blanks, and it is cut."""
    assert one_line(" a\r\nb\0c\u202ed\t ", 100) == "a b c d"
    assert one_line("x" * 300, 10) == "x" * 10
