"""Stretches of time: what is put together stays the same time, and a hole is what is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.stretches import Stretch, holes, merged, overlap, slices

START = datetime(2026, 11, 1, tzinfo=UTC)


def days(begin: float, end: float) -> Stretch:
    """Return a stretch by days of a month."""
    return START + timedelta(days=begin), START + timedelta(days=end)


def inside(day: int, stretches: list[Stretch]) -> bool:
    """Tell whether the middle of a day lies in any of them."""
    moment = START + timedelta(days=day, hours=12)
    return any(begin <= moment < end for begin, end in stretches)


STRETCHES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda pair: days(*pair)), max_size=6
)


def test_stretches_that_touch_become_one() -> None:
    """In any order, and an empty one vanishes."""
    read = [days(5, 8), days(1, 3), days(3, 4), days(9, 9), days(6, 7)]

    assert merged(read) == [days(1, 4), days(5, 8)]


def test_holes_are_what_lies_between() -> None:
    """Before, between and after what was read, and never outside of what was wanted."""
    read = [days(2, 4), days(6, 30)]

    assert holes(days(0, 10), read) == [days(0, 2), days(4, 6)]
    assert holes(days(3, 5), read) == [days(4, 5)]
    assert holes(days(6, 10), read) == []
    assert holes(days(0, 1), []) == [days(0, 1)]
    assert holes(days(0, 1), read) == [days(0, 1)]


def test_a_long_stretch_is_cut_from_its_end() -> None:
    """The latest part comes first, and the rest is what is left over."""
    assert list(slices(days(0, 5), timedelta(days=2))) == [days(3, 5), days(1, 3), days(0, 1)]
    assert list(slices(days(5, 5), timedelta(days=2))) == []


def test_stretches_that_only_touch_share_nothing() -> None:
    """The end of a stretch is outside."""
    assert overlap(days(0, 2), days(1, 3))
    assert not overlap(days(0, 2), days(2, 3))


@given(STRETCHES)
def test_putting_together_changes_no_time(read: list[Stretch]) -> None:
    """Each day is read after as before, and no two stretches touch."""
    found = merged(read)

    assert [inside(day, found) for day in range(21)] == [inside(day, read) for day in range(21)]
    assert all(one[1] < other[0] for one, other in pairwise(found))


@given(STRETCHES, st.integers(0, 20), st.integers(0, 20))
def test_a_day_was_read_or_is_in_a_hole(read: list[Stretch], begin: int, end: int) -> None:
    """Of what was wanted each day is in exactly one of them."""
    found = holes(days(begin, end), read)

    for day in range(21):
        wanted = begin <= day < end
        assert inside(day, found) == (wanted and not inside(day, read))
