"""Portions come in their order while the next is read, and what breaks comes after what is whole."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from collectors.telemetry.reading_ahead import read_ahead


def test_the_next_portion_is_read_while_the_last_is_worked_on() -> None:
    """In another thread, one portion ahead and no more."""
    begun = [Event() for _ in range(5)]
    readers: set[int] = set()

    def reading() -> Iterator[int]:
        for number, one in enumerate(begun):
            readers.add(get_ident())
            one.set()
            yield number

    told = []
    for number in read_ahead(reading()):
        told.append(number)
        assert begun[min(number + 1, 4)].wait(10)
        assert not any(one.is_set() for one in begun[number + 2 :])

    assert told == [0, 1, 2, 3, 4]
    assert get_ident() not in readers


def test_what_breaks_breaks_after_what_came_before() -> None:
    """As it would without reading ahead."""

    def reading() -> Iterator[int]:
        yield from (1, 2)
        raise OSError("it breaks off")

    told: list[int] = []
    with pytest.raises(OSError, match="it breaks off"):
        told.extend(read_ahead(reading()))

    assert told == [1, 2]


def test_whoever_stops_early_stops_the_reading() -> None:
    """No portion is read after the one that was being read then."""
    read: list[int] = []

    def reading() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    portions = read_ahead(reading())
    assert next(portions) == 0
    portions.close()

    assert len(read) <= 2
