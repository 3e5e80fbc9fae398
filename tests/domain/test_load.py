"""Bursts and where load leads, by vectors reckoned by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connectory.domain.load import Burst, bursts, leads, quiet

FIRST = date(2026, 11, 1)


def days(*calls: int, step: int = 1) -> list[tuple[date, int]]:
    """Return days from the first on with these calls."""
    return [(FIRST + timedelta(days=step * place), told) for place, told in enumerate(calls)]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([], []),
        ([(3, 9)], []),
        ([(3, 10)], [Burst(3, 1, 10, 10)]),
        ([(3, 10), (4, 12), (5, 11)], [Burst(3, 3, 33, 12)]),
        ([(3, 10), (5, 11)], [Burst(3, 1, 10, 10), Burst(5, 1, 11, 11)]),
        ([(3, 10), (4, 9), (5, 11)], [Burst(3, 1, 10, 10), Burst(5, 1, 11, 11)]),
        ([(1439, 20), (1440, 30)], [Burst(1439, 2, 50, 30)]),
    ],
)
def test_minutes_in_a_row_are_one_burst(
    minutes: list[tuple[int, int]], expected: list[Burst]
) -> None:
    """At the limit counts; a quieter minute between, or one without a call, ends it."""
    assert bursts(minutes, 10) == expected


@pytest.mark.parametrize(
    ("told", "limit", "expected"),
    [
        # 10 a day more, from 10 on the 1st: 140 on the 14th, 500 on the 50th day.
        (days(*range(10, 150, 10)), 500, date(2026, 12, 20)),
        # The same on every second day: 5 a day, 140 on the 27th, 500 72 days later.
        (days(*range(10, 150, 10), step=2), 500, date(2027, 2, 7)),
        # The line comes to 505 between two days: the later one.
        (days(*range(10, 150, 10)), 505, date(2026, 12, 21)),
        (days(*range(10, 150, 10)), 140, date(2026, 11, 14)),
        (days(*range(10, 150, 10)), 100, date(2026, 11, 14)),
        # Level, falling, too few, or farther off than a year.
        (days(*[70] * 20), 500, None),
        (days(*range(150, 10, -10)), 500, None),
        (days(*range(10, 140, 10)), 500, None),
        (days(*range(10, 24)), 10_000, None),
        ([], 500, None),
    ],
)
def test_a_rising_line_comes_to_the_limit_on_a_day(
    told: list[tuple[date, int]], limit: int, expected: date | None
) -> None:
    """By least squares over fourteen days or more; None where nothing says so."""
    assert leads(told, limit).day == expected


@pytest.mark.parametrize(
    ("told", "limit", "expected"),
    [
        (days(*range(10, 150, 10)), 500, "rising"),
        (days(*[70] * 20), 500, "level"),
        (days(*range(150, 10, -10)), 500, "level"),
        (days(*range(10, 24)), 10_000, "far"),
        (days(*range(10, 140, 10)), 500, "unknown"),
        ([], 500, "unknown"),
    ],
)
def test_why_no_day_is_told(told: list[tuple[date, int]], limit: int, expected: str) -> None:
    """A line that is level is another answer than too few days for one."""
    assert leads(told, limit).outlook == expected


def test_one_outlier_does_not_make_the_line() -> None:
    """Fourteen days of 100 but the last of 240: rises 2 x 6.5 x 140 / 455 = 4 a day, through 110."""
    told = days(*[100] * 13, 240)

    # 110 + 4 (x - 6.5) = 500 at x = 104: the 105th day.
    assert leads(told, 500).day == FIRST + timedelta(days=104)


def weeks(*usual: int, rise: int, number: int) -> list[tuple[date, int]]:
    """Return whole weeks from a Sunday on that rise by so much a day where anything is usual.

    Args:
        usual: Calls of each weekday of the first week, from Sunday on; days of 1 do not rise.
        rise: Calls a day.
        number: Weeks.
    """
    told = [(place, usual[place % 7]) for place in range(7 * number)]
    return [
        (FIRST + timedelta(days=place), calls + (rise * (place - place % 7) if calls > 1 else 0))
        for place, calls in told
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], set()),
        (days(*[70] * 20), set()),
        (weeks(1, 275, 280, 285, 290, 295, 1, rise=5, number=4), {5, 6}),  # Saturday, Sunday
        (weeks(200, 205, 210, 215, 220, 1, 1, rise=5, number=4), {4, 5}),  # Friday, Saturday
        (weeks(1, 400, 1, 1, 1, 1, 1, rise=5, number=4), {1, 2, 3, 4, 5, 6}),
        (weeks(50, 100, 100, 100, 100, 100, 49, rise=0, number=4), {5}),  # half of it is enough
    ],
)
def test_weekdays_on_which_little_is_called_are_quiet(
    told: list[tuple[date, int]], expected: set[int]
) -> None:
    """Whichever they are: those whose median is less than half of the busiest one's."""
    assert quiet(told) == expected


def test_one_odd_day_does_not_make_a_weekday() -> None:
    """An idle Monday and a busy Sunday, of four each, leave both what they are."""
    odd = {date(2026, 11, 9): 1, date(2026, 11, 15): 900}
    told = weeks(1, 99, 99, 99, 99, 99, 1, rise=0, number=4)

    assert quiet([(day, odd.get(day, calls)) for day, calls in told]) == {5, 6}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        # 275 on Monday the 2nd, 5 a day more, 400 on Friday the 27th: 500 twenty days later.
        (weeks(1, 275, 280, 285, 290, 295, 1, rise=5, number=4), date(2026, 12, 17)),
        # The same on Mondays alone, 380 on the 23rd: 500 after 24 days.
        (weeks(1, 275, 1, 1, 1, 1, 1, rise=5, number=4), date(2026, 12, 17)),
        # Three Mondays are too few for a line, whatever other days were told.
        (weeks(1, 275, 1, 1, 1, 1, 1, rise=5, number=3), None),
    ],
)
def test_quiet_weekdays_do_not_pull_the_line_down(
    told: list[tuple[date, int]], expected: date | None
) -> None:
    """A week that rests on some days comes to the limit when its busy days do."""
    assert leads(told, 500).day == expected


def test_the_order_of_days_leaves_no_trace() -> None:
    """The same days the other way round say the same."""
    told = days(*range(10, 150, 10))

    assert leads(told[::-1], 500) == leads(told, 500)
