"""When somebody is reminded, when the next one is asked, and when that ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.campaign_steps import (
    EVERY,
    Steps,
    Waiting,
    first_pace,
    kept,
    longer_pace,
    next_pace,
    next_step,
    steps_of,
)

DAY = date(2026, 11, 23)
STEPS = Steps(answer_days=28, remind_days=(7, 10), escalate_days=14)
FIRST = Waiting(DAY, DAY + timedelta(days=28), 0, 0)


def after(days: int) -> date:
    """Return the day so many days after the first."""
    return DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "reminders", "step"),
    [
        (0, 0, None), (6, 0, None), (7, 0, "remind"), (7, 1, None), (9, 1, None),
        (10, 1, "remind"), (12, 0, "remind"), (13, 2, None), (14, 2, "escalate"),
        (14, 0, "escalate"), (400, 0, "escalate"),
    ],
)  # fmt: skip
def test_steps_follow_the_days(days: int, reminders: int, step: str | None) -> None:
    """Reminders after a week and three days more, each once; the next one after two weeks."""
    assert next_step(replace(FIRST, reminders=reminders), STEPS, after(days)) == step


@pytest.mark.parametrize(
    ("waiting", "days", "step"),
    [
        (replace(FIRST, escalations=2, reminders=2), 28, None),
        (replace(FIRST, escalations=2, reminders=2), 29, "give_up"),
        (replace(FIRST, further=False, reminders=2), 20, None),
        (replace(FIRST, further=False, reminders=2), 29, "give_up"),
        (replace(FIRST, unreachable=True), 1, "escalate"),
        (replace(FIRST, unreachable=True, further=False), 1, None),
        (replace(FIRST, unreachable=True, escalations=2), 1, None),
    ],
)
def test_it_ends_where_nobody_is_left(waiting: Waiting, days: int, step: str | None) -> None:
    """After the last one it is waited until the deadline; whom no letter reaches is passed at once."""
    assert next_step(waiting, STEPS, after(days)) == step


def test_never_escalating_waits_for_the_deadline() -> None:
    """Zero days means that nobody else is asked."""
    steps = replace(STEPS, escalate_days=0)

    assert next_step(replace(FIRST, reminders=2), steps, after(28)) is None
    assert next_step(replace(FIRST, reminders=2), steps, after(29)) == "give_up"


def test_whoever_is_asked_late_has_days_of_their_own() -> None:
    """The deadline moves as far as that needs, and never nearer."""
    assert next_pace(after(28), STEPS, after(14)).deadline == after(28)
    assert next_pace(after(28), STEPS, after(27)).deadline == after(34)


def test_more_time_ends_with_the_next_one() -> None:
    """Who takes time until a day is reminded before it, and passed over on it."""
    pace = longer_pace(after(30), after(28), STEPS, after(5))
    waiting = Waiting(pace.counted_from, pace.deadline, pace.reminders, 0)

    assert (pace.deadline, pace.reminders) == (after(30), 0)
    assert next_step(waiting, STEPS, after(22)) is None
    assert next_step(waiting, STEPS, after(23)) == "remind"
    assert next_step(replace(waiting, reminders=2), STEPS, after(29)) is None
    assert next_step(replace(waiting, reminders=2), STEPS, after(30)) == "escalate"


def test_a_little_more_time_brings_no_reminder_at_once() -> None:
    """Reminders that would have come before are taken as given."""
    pace = longer_pace(after(10), after(28), STEPS, after(5))

    assert pace.reminders == 1
    waiting = Waiting(pace.counted_from, pace.deadline, pace.reminders, 0)
    assert next_step(waiting, STEPS, after(5)) is None


def test_steps_are_chosen_by_group_then_type() -> None:
    """The group of an environment decides, else its type, else what holds everywhere."""
    told = kept(STEPS, {"G-1": replace(STEPS, answer_days=3), "production": Steps(answer_days=5)})

    assert steps_of(told, "g-1", "Production").answer_days == 3
    assert steps_of(told, "other", "Production").answer_days == 5
    assert steps_of(told, None, "Sandbox") == STEPS
    assert set(told) == {EVERY, "G-1", "production"}


@given(
    answer=st.integers(1, 60), escalate=st.integers(0, 40), most=st.integers(0, 4),
    least=st.integers(1, 20), reminders=st.lists(st.integers(1, 50), max_size=4, unique=True),
)  # fmt: skip
def test_every_request_ends(
    answer: int, escalate: int, most: int, least: int, reminders: list[int]
) -> None:
    """Looked at day by day, whoever never answers is passed over so often, and then given up."""
    steps = Steps(answer, tuple(sorted(reminders)), escalate, most, least)
    pace, escalations, reminded = first_pace(steps, DAY), 0, 0
    waiting = Waiting(pace.counted_from, pace.deadline, pace.reminders, 0)
    for day in range(answer + (most + 1) * (escalate + least) + 2):
        step = next_step(waiting, steps, after(day))
        if step == "give_up":
            break
        if step == "escalate":
            escalations += 1
            pace = next_pace(waiting.deadline, steps, after(day))
            waiting = Waiting(pace.counted_from, pace.deadline, 0, escalations)
        if step == "remind":
            reminded += 1
            waiting = replace(waiting, reminders=waiting.reminders + 1)
    assert step == "give_up"
    assert escalations <= most
    assert reminded <= len(reminders) * (most + 1)
