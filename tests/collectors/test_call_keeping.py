"""Calls are kept once and add up the same, in whatever order, portions and repeats they come."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from collectors.telemetry.call import DAY_US, Call, Calls, Ordinals, event_key
from collectors.telemetry.days import purge
from collectors.telemetry.groups import LARGEST_SUM
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.domain.calls import error_class
from connectory.domain.load import BUSY_MINUTE
from connectory.domain.tallies import total

MINUTE_US = 60_000_000
NOON = 720 * MINUTE_US
FIRST = (date(2026, 11, 20) - date(1970, 1, 1)).days
ROLLUPS = ("usage_daily", "usage_hourly", "usage_operations", "usage_connections", "usage_days")


def calls(seed: int, number: int = 600) -> list[Call]:
    """Return made-up calls of three days; some name nobody, some stand for several."""
    chance = random.Random(seed)
    return [
        Call(
            # One in ten falls into the same minute: it is busy.
            at=(FIRST + chance.randrange(3)) * DAY_US
            + (chance.randrange(DAY_US) if place % 10 else NOON + chance.randrange(MINUTE_US)),
            event=f"event-{place}",
            address=chance.choice(["api.invented.example", "pay.invented.example"]),
            environment="",
            method=chance.choice(["GET", "POST"]),
            path=chance.choice(
                ["/orders", "/orders/4711", "/orders/4712", "/bills/9f3c0a1b2c3d4e5f6"]
            ),
            operation="",
            consumer=chance.choice(["", "flow-a", "flow-b"]),
            caller=chance.choice(["", "ann@invented.example", "bob@invented.example"]),
            connection=chance.choice(["", "connection-1"]),
            status=chance.choice([200, 200, 200, 401, 404, 408, 429, 500, 0]),
            duration=chance.choice([None, chance.randrange(10**7)]),
            request=chance.choice([None, 100]),
            response=chance.choice([None, chance.randrange(10**6)]),
            retries=chance.choice([0, 0, 2]),
            weight=chance.choice([1, 1, 1, 10]) if place % 10 else 10,
        )
        for place in range(number)
    ]


def kept(engine: Engine, portions: list[list[Call]]) -> list[int]:
    """Keep calls in portions; return how many of each were new."""
    keeper = Keeper("access_logs", lambda: writing(engine))
    return [keeper.add(Calls.of(portion)).new for portion in portions]


NAMED = """
    SELECT d.day, t.address, e.method, e.path, c.key, p.key, d.calls, d.errors
    FROM usage_daily d JOIN call_targets t ON t.id = d.target_id
    JOIN call_endpoints e ON e.id = d.endpoint_id JOIN call_consumers c ON c.id = d.consumer_id
    JOIN call_callers p ON p.id = d.caller_id ORDER BY 1, 2, 3, 4, 5, 6
"""
OTHERS = (
    (
        "SELECT d.day, e.method, e.path, d.hour, d.calls, d.errors, d.throttled FROM usage_hourly d "
        "JOIN call_endpoints e ON e.id = d.endpoint_id ORDER BY 1, 2, 3, 4, 5, 6, 7"
    ),
    (
        "SELECT d.day, t.address, e.method, e.path, d.calls, d.unauthorized, d.throttled, d.refused, "
        "d.failed, d.timed_out, d.retries, d.timed, d.duration_us, d.request_bytes, "
        "d.response_bytes, d.last_us, d.largest_response, d.latency FROM usage_operations d JOIN call_endpoints e ON e.id = d.endpoint_id JOIN call_targets t ON t.id = d.target_id "
        "ORDER BY 1, 2, 3, 4"
    ),
    (
        "SELECT d.day, t.address, c.key, d.busiest_minute, d.busiest_calls FROM "
        "usage_connections d JOIN call_connections c ON c.id = d.connection_id "
        "JOIN call_targets t ON t.id = d.target_id ORDER BY 1, 2, 3"
    ),
    (
        "SELECT d.day, t.address, c.key, d.minute, d.calls FROM usage_minutes d "
        "JOIN call_connections c ON c.id = d.connection_id "
        "JOIN call_targets t ON t.id = d.target_id ORDER BY 1, 2, 3, 4"
    ),
    (
        "SELECT d.day, t.address, d.rows, d.late_rows FROM usage_days d "
        "JOIN call_targets t ON t.id = d.target_id ORDER BY 1, 2"
    ),
)


def figures(engine: Engine) -> list[list[tuple[Any, ...]]]:
    """Return every rollup with names in place of ids, which follow from the order of rows."""
    with reading(engine) as connection:
        return [
            [
                tuple(bytes(v) if isinstance(v, (bytes, memoryview)) else v for v in row)
                for row in connection.execute(text(query))
            ]
            for query in (NAMED, *OTHERS)
        ]


def portions(rows: list[Call], chance: random.Random) -> list[list[Call]]:
    """Cut rows at random places."""
    cuts = sorted(chance.sample(range(1, len(rows)), 5))
    return [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_cut_adds_up_to_the_same(
    store: Engine, sqlite_store: Engine, seed: int
) -> None:
    """Byte for byte, tallies included, with a prefix replayed in between."""
    chance = random.Random(seed)
    rows = calls(7)
    other = list(rows)
    chance.shuffle(other)
    prefix = rows[: chance.randrange(len(rows))]
    new = kept(store, [*portions(other, chance), prefix, rows[-50:]])
    if store is not sqlite_store:
        kept(sqlite_store, [rows])
        expected = figures(sqlite_store)
    else:
        expected = None

    assert sum(new) == len(rows)
    assert new[-2:] == [0, 0]
    told = figures(store)
    if expected is not None:
        assert [len(part) for part in told] == [len(part) for part in expected]
        assert _plain(told) == _plain(expected)
    assert _plain(told) == _plain(_true(rows, told))


def _plain(told: list[list[tuple[Any, ...]]]) -> list[list[tuple[Any, ...]]]:
    return [[(str(row[0]), *row[1:]) for row in part] for part in told]


def _true(rows: list[Call], told: list[list[tuple[Any, ...]]]) -> list[list[tuple[Any, ...]]]:
    """Return the figures of callers and operations as these calls add up, one by one.

    Tallies and other parts are returned as they are told.
    """
    called: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for call in rows:
        path = (
            call.path.replace("4711", "{}").replace("4712", "{}").replace("9f3c0a1b2c3d4e5f6", "{}")
        )
        day = str(date(1970, 1, 1) + timedelta(days=call.at // DAY_US))
        one = found[day, call.address, call.method, path]
        own = called[day, call.address, call.method, path, call.consumer, call.caller]
        one["calls"] += call.weight
        own["calls"] += call.weight
        kind = error_class(call.status)
        if kind:
            own["errors"] += call.weight
            one[kind] += call.weight
        one["retries"] += call.retries * call.weight
        if call.duration is not None:
            one["timed"] += call.weight
            one["duration_us"] += call.duration * call.weight
        one["request_bytes"] += (call.request or 0) * call.weight
        one["response_bytes"] += (call.response or 0) * call.weight
        one["last_us"] = max(one["last_us"], call.at % DAY_US)
        one["largest"] = max(one["largest"], call.response or 0)
    names = ("calls", "unauthorized", "throttled", "refused", "failed", "timed_out", "retries",
             "timed", "duration_us", "request_bytes", "response_bytes", "last_us",
             "largest")  # fmt: skip
    daily = [(*key, one["calls"], one["errors"]) for key, one in sorted(called.items())]
    tallies = [row[-1] for row in told[2]]
    operations = [
        (*key, *(one[name] for name in names), tally)
        for (key, one), tally in zip(sorted(found.items()), tallies, strict=True)
    ]
    return [daily, told[1], operations, *told[3:]]


def test_latencies_and_minutes_are_those_of_the_rows(store: Engine) -> None:
    """The tallies hold every duration and every minute, sampled rows by their weight."""
    rows = calls(11)
    kept(store, [rows[:200], rows[200:]])
    _, hourly, operations, connections, busy, days = figures(store)

    timed = sum(call.weight for call in rows if call.duration is not None)
    assert sum(total(row[-1]) for row in operations) == timed
    assert sum(row[4] for row in hourly) == sum(call.weight for call in rows)
    assert sum(row[2] for row in days) == len(rows)
    minutes: Counter[tuple[Any, ...]] = Counter()
    for call in rows:
        day = str(date(1970, 1, 1) + timedelta(days=call.at // DAY_US))
        minute = call.at % DAY_US // 60_000_000
        minutes[day, call.address, call.connection, minute] += call.weight
    told = {(str(row[0]), *row[1:4]): row[4] for row in busy}
    assert told == {key: n for key, n in minutes.items() if n >= BUSY_MINUTE} != {}
    assert len(connections) == len({key[:3] for key in minutes})
    for day, address, connection, minute, most in connections:
        mine = {k[3]: n for k, n in minutes.items() if k[:3] == (str(day), address, connection)}
        assert most == max(mine.values())
        assert minute == min(m for m, n in mine.items() if n == most)


def test_a_batch_that_breaks_leaves_nothing(store: Engine) -> None:
    """Neither rows nor figures nor names of it: the same batch is kept whole afterwards."""
    rows = calls(3, 50)
    keeper = Keeper("access_logs", lambda: writing(store))

    def broken(_: object) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        keeper.add(Calls.of(rows), broken)

    assert figures(store) == [[], [], [], [], [], []]
    assert keeper.add(Calls.of(rows)).new == len(rows)


def test_a_log_of_endless_paths_has_so_many_endpoints(store: Engine) -> None:
    """Of those that nothing is offered at the later ones share one, within a portion as well."""
    (row,) = calls(17, 1)
    letters = "abcdefghij"
    words = ["".join(letters[int(digit)] for digit in str(number)) for number in range(21_000)]
    rows = [row._replace(event=word, path=f"/{word}") for word in words]
    Keeper("access_logs", lambda: writing(store)).add(Calls.of(rows))

    with reading(store) as connection:
        endpoints = connection.scalar(text("SELECT count(*) FROM call_endpoints"))
        others = connection.scalar(
            text(
                "SELECT sum(d.calls) / :weight FROM usage_operations d "
                "JOIN call_endpoints e ON e.id = d.endpoint_id WHERE e.path = '/…'"
            ),
            {"weight": row.weight},
        )
    assert endpoints == 20_001
    assert others == 1_000


def test_sums_that_are_too_large_stay_at_their_bound(store: Engine) -> None:
    """In whatever portions: no figure turns round, and no batch is refused for it."""
    (row,) = calls(19, 1)
    most = row._replace(duration=86_400_000_000, response=1 << 36, weight=10_000)
    rows = [most._replace(event=str(number)) for number in range(9_000)]
    keeper = Keeper("access_logs", lambda: writing(store))
    for some in (rows[:8_000], rows[8_000:8_001], rows[8_001:]):
        keeper.add(Calls.of(some))

    with reading(store) as connection:
        told = connection.execute(
            text("SELECT calls, duration_us, response_bytes FROM usage_operations")
        ).one()
    assert tuple(told) == (90_000_000, LARGEST_SUM, LARGEST_SUM)


def test_whoever_keeps_what_adds_up_to_the_same(store: Engine) -> None:
    """Keepers that follow each other, and one that lost a batch, know what is in the store."""
    rows = calls(13)
    # Later calls of the same callers: their figures are there already.
    later = [one._replace(event=f"{one.event} later", at=one.at + 1) for one in rows]
    first, second = (Keeper("access_logs", lambda: writing(store)) for _ in range(2))

    def broken(_: object) -> None:
        raise RuntimeError("the power went")

    first.add(Calls.of(rows[:200]))
    with pytest.raises(RuntimeError, match="power"):
        first.add(Calls.of(rows[150:]), broken)
    first.add(Calls.of([*rows[100:400], *later[:100]]))
    second.add(Calls.of([*rows[300:], *later[50:400]]))
    second.add(Calls.of(later))

    told = figures(store)
    assert _plain(told) == _plain(_true([*rows, *later], told))


def test_a_sealed_day_takes_no_more(store: Engine) -> None:
    """Its raw rows are gone and its figures stand; what comes later is counted as too late."""
    rows = calls(5, 200)
    kept(store, [rows])
    second = date(1970, 1, 1) + timedelta(days=FIRST + 1)
    before = figures(store)
    gone = purge(lambda: writing(store), second)
    keeper = Keeper("access_logs", lambda: writing(store))
    late = rows[0]._replace(at=FIRST * DAY_US, event="late")
    again = keeper.add(Calls.of([*rows, late]))
    old = sum(call.at // DAY_US == FIRST for call in rows)

    with reading(store) as connection:
        raw = connection.execute(text("SELECT day, count(*) FROM invocations GROUP BY day")).all()
    assert gone == 1
    assert (again.new, again.late) == (0, old + 1)
    assert {str(day) for day, _ in raw} == {str(second), str(second + timedelta(days=1))}
    assert figures(store)[:5] == before[:5]
    assert sum(row[3] for row in figures(store)[5]) == old + 1


def test_equal_rows_of_overlapping_files_are_kept_once() -> None:
    """The second of two equal rows is another call; the same two in another file are not."""
    row, other = {"at": "2026-11-20", "path": "/a"}, {"at": "2026-11-20", "path": "/b"}
    one, two = Ordinals(), Ordinals()
    first = [one.name(told) for told in (row, row, other)]
    again = [two.name(told) for told in (row, row)]

    assert len(set(first)) == 3
    assert again == first[:2]


def test_keys_stand_in_the_order_of_time() -> None:
    """So that rows of a time lie together."""
    early, late = event_key(5 * DAY_US + 1, "b"), event_key(5 * DAY_US + 2, "a")

    assert early < late
    assert len(early) == 16
