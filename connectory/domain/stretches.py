"""Stretches of time that were read, and the holes between them.

A stretch is a pair of moments: from the first one on, up to the second, which is outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same time in as few stretches as can be, the oldest first.

    Args:
        stretches: In any order; those that touch or overlap become one, empty ones vanish.
    """
    found: list[Stretch] = []
    for begin, end in sorted(stretches):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def holes(within: Stretch, read: Iterable[Stretch]) -> list[Stretch]:
    """Return what of a stretch lies in none of those that were read, the oldest first."""
    found: list[Stretch] = []
    reached, last = within
    for begin, end in merged(read):
        if begin > reached:
            found.append((reached, min(begin, last)))
        reached = max(reached, end)
        if reached >= last:
            break
    else:
        found.append((reached, last))
    return [(begin, end) for begin, end in found if begin < end]


def slices(stretch: Stretch, longest: timedelta) -> Iterator[Stretch]:
    """Yield a stretch in parts, none longer than given, the latest first."""
    begin, end = stretch
    while begin < end:
        start = max(begin, end - longest)
        yield start, end
        end = start


def overlap(one: Stretch, other: Stretch) -> bool:
    """Tell whether two stretches share any time."""
    return one[0] < other[1] and other[0] < one[1]
