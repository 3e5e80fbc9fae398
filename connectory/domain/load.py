"""How near calls come to what the platform allows: stretches of busy minutes, and where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import median
from typing import Final, Literal

BUSY_MINUTE: Final = 60
"""Calls of one connection that make a minute a busy one; others are not kept one by one."""
ENOUGH_DAYS: Final = 14
"""Fewer days than this say nothing of where load leads."""
FEWEST_POINTS: Final = 4
"""Through fewer days than these, quiet weekdays left out, no line is laid."""
HORIZON_DAYS: Final = 365
"""A day farther ahead than this is not told: the line says nothing of it."""


Outlook = Literal["reached", "rising", "level", "far", "unknown"]
"""Whether load was at its limit, comes to it, does not rise, takes too long, or nothing says."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Where load leads, and when it is at its limit if it leads there within a year."""

    outlook: Outlook
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Burst:
    """Minutes in a row, each with as many calls as the limit allows, or more.

    Attributes:
        start: Its first minute.
        minutes: How many.
        calls: Calls in all of them.
        most: Calls in the busiest.
    """

    start: int
    minutes: int
    calls: int
    most: int


def bursts(minutes: Sequence[tuple[int, int]], limit: int) -> list[Burst]:
    """Return the stretches at or above a limit, in their order.

    Args:
        minutes: Minutes on a scale that runs on over days, rising, with their calls; a minute that
            is not among them had none.
        limit: Calls that a minute may have.
    """
    found: list[Burst] = []
    for minute, calls in minutes:
        if calls < limit:
            continue
        last = found[-1] if found else None
        if last and last.start + last.minutes == minute:
            found[-1] = Burst(
                last.start, last.minutes + 1, last.calls + calls, max(last.most, calls)
            )
        else:
            found.append(Burst(minute, 1, calls, calls))
    return found


def quiet(days: Sequence[tuple[date, int]]) -> frozenset[int]:
    """Return the weekdays, 0 being Monday, that are usually less than half as busy as the busiest.

    Where nobody works on some of them, whichever these are, they say nothing of how load grows.
    What is usual of a weekday is its median, so that one busy or idle day does not make it.

    Args:
        days: Days with their busiest minute.
    """
    told: dict[int, list[int]] = defaultdict(list)
    for day, calls in days:
        told[day.weekday()].append(calls)
    usual = {weekday: median(calls) for weekday, calls in told.items()}
    most = max(usual.values(), default=0)
    return frozenset(weekday for weekday, calls in usual.items() if 2 * calls < most)


def leads(days: Sequence[tuple[date, int]], limit: int) -> Lead:
    """Return where load leads if it goes on as it did, and on which day it comes to a limit.

    A straight line is laid by least squares through the days that are not `quiet`; its day is the
    last one of these if the line is there already. Nothing is said from too few days.

    Args:
        days: Days with their busiest minute; days of which nothing is told are left out.
        limit: Calls that a minute may have.
    """
    if len(days) < ENOUGH_DAYS:
        return Lead("unknown")
    first, last = min(day for day, _ in days), max(day for day, _ in days)
    left_out = quiet(days)
    points = [((day - first).days, calls) for day, calls in days if day.weekday() not in left_out]
    number = len(points)
    if number < FEWEST_POINTS:
        return Lead("unknown")
    sum_x, sum_y = sum(x for x, _ in points), sum(y for _, y in points)
    # Whole numbers: a line that is level must not rise by a rounding.
    rise = number * sum(x * y for x, y in points) - sum_x * sum_y
    spread = number * sum(x * x for x, _ in points) - sum_x * sum_x
    if rise <= 0 or spread <= 0:
        return Lead("level")
    start = (sum_y * spread - rise * sum_x) / (number * spread)
    ahead = ceil((limit - start) * spread / rise) - (last - first).days
    if ahead > HORIZON_DAYS:
        return Lead("far")
    return Lead("rising", last + timedelta(days=max(0, ahead)))
