"""Bursts and where load leads, by vectors reckoned by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connectory.domain.load import Burst, bursts, reached_on

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
    assert reached_on(told, limit) == expected


def test_one_outlier_does_not_make_the_line() -> None:
    """Fourteen days of 100 but the last of 240: rises 2 x 6.5 x 140 / 455 = 4 a day, through 110."""
    told = days(*[100] * 13, 240)

    # 110 + 4 (x - 6.5) = 500 at x = 104: the 105th day.
    assert reached_on(told, 500) == FIRST + timedelta(days=104)


def test_the_order_of_days_leaves_no_trace() -> None:
    """The same days the other way round say the same."""
    told = days(*range(10, 150, 10))

    assert reached_on(told[::-1], 500) == reached_on(told, 500)
