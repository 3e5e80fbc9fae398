"""Calls that are gathered are told as they came, whatever portions they are taken in."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from told_portions import single

from collectors.telemetry.call import Call, Calls, event_key
from collectors.telemetry.gathering import Gathered


def call(chance: random.Random) -> Call:
    """Return a made-up call of which much may be missing."""
    return Call(
        at=chance.randrange(1 << 50),
        event=chance.choice(["a", "b", "", "\udc80"]),
        address=chance.choice(["api.invented.example", "pay.invented.example"]),
        environment="",
        method=chance.choice(["GET", "POST"]),
        path=f"/orders/{chance.randrange(1_000)}",
        operation=chance.choice(["", "List"]),
        consumer=chance.choice(["", "flow"]),
        caller=f"caller{chance.randrange(100)}@invented.example",
        connection="",
        status=chance.choice([None, 0, 200]),
        duration=chance.choice([None, chance.randrange(1 << 36)]),
        request=None,
        response=chance.choice([None, 7]),
        retries=chance.randrange(3),
        weight=chance.randrange(1, 10_001),
    )


@pytest.mark.parametrize("seed", range(3))
def test_calls_come_out_as_they_went_in(seed: int) -> None:
    """Names, figures that are missing, and keys, of portions that follow each other."""
    chance = random.Random(seed)
    gathered, found, expected = Gathered(), [], []
    for _ in range(12):
        part = [call(chance) for _ in range(chance.randrange(40))]
        expected += [one._replace(event=event_key(one.at, one.event)) for one in part]
        gathered.add(Calls.of(part))
        if chance.random() < 0.4:
            found += [one for portion in gathered.taken() for one in single(portion)]
    found += [one for portion in gathered.taken() for one in single(portion)]

    assert found == expected
    assert list(gathered.taken()) == []


def test_names_are_forgotten_when_they_are_many() -> None:
    """A portion taken before keeps its own."""
    chance = random.Random(5)
    parts = [[call(chance) for _ in range(50)] for _ in range(4)]
    gathered, portions = Gathered(most=10), []
    for part in parts:
        gathered.add(Calls.of(part))
        portions += gathered.taken()

    assert [row.path for one in portions for row in single(one)] == [
        one.path for part in parts for one in part
    ]
    assert max(len(one.path.names) for one in portions) <= 50


def test_names_that_are_used_are_told() -> None:
    """Of the names of all portions those of this one."""
    gathered = Gathered()
    chance = random.Random(6)
    first, second = call(chance), call(chance)._replace(path="/last")
    gathered.add(Calls.of([first]))
    list(gathered.taken())
    gathered.add(Calls.of([second]))
    (portion,) = gathered.taken()

    assert portion.path.told(portion.path.used()) == ["/last"]
    assert list(portion.path.names) == [first.path, "/last"]


def test_long_names_make_a_portion() -> None:
    """Memory does not follow the length of names: they are not carried on either."""
    chance = random.Random(7)
    gathered = Gathered(longest=1_000)
    gathered.add(Calls.of([call(chance)]))
    assert not gathered.full
    gathered.add(Calls.of([call(chance)._replace(caller="x" * 1_000)]))
    assert gathered.full
    (portion,) = gathered.taken()

    assert not gathered.full
    assert [len(one.caller) for one in single(portion)] == [pytest.approx(25, abs=1), 1_000]


def test_parts_without_calls_take_no_room() -> None:
    """Nor do many parts of a call each take more than their calls."""
    chance = random.Random(8)
    one, none = Calls.of([call(chance)]), Calls.of([])
    gathered = Gathered()
    tracemalloc.start()
    for _ in range(5_000):
        gathered.add(none)
    few = tracemalloc.get_traced_memory()[0]
    for _ in range(5_000):
        gathered.add(one)
    many = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert few < 100_000
    assert many < 5_000_000
    assert [len(portion) for portion in gathered.taken()] == [5_000]
