"""Who called is forgotten in time, and every figure stays what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from test_call_keeping import FIRST, NAMED, OTHERS, calls, kept

from collectors import COLLECTORS
from collectors.telemetry.call import DAY_US, Call, Calls
from collectors.telemetry.days import purge
from collectors.telemetry.forgetting import KEEPING, forget
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, writing
from connectory.lease import HeldLease

DAYS = [date(1970, 1, 1) + timedelta(days=FIRST + ahead) for ahead in range(3)]
PEOPLE = ("ann@invented.example", "bob@invented.example")
SUMS = (
    "SELECT day, target_id, endpoint_id, consumer_id, sum(calls), sum(errors) "
    "FROM usage_daily GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
NOBODYS = (
    "SELECT d.* FROM usage_daily d JOIN call_callers c ON c.id = d.caller_id WHERE c.key = '' "
    "ORDER BY 1, 2, 3, 4"
)
NEVER = datetime(2026, 12, 24, tzinfo=UTC)


def asked(engine: Engine, *queries: str) -> list[Any]:
    """Return what the store says to each query."""
    with reading(engine) as connection:
        return [
            [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in connection.execute(text(query))
            ]
            for query in queries
        ]


def writer(engine: Engine) -> Callable[[], AbstractContextManager[Connection]]:
    """Return what opens a writing transaction."""
    return lambda: writing(engine)


def sealed_before(engine: Engine, day: date) -> None:
    """Seal every day before one."""
    purge(writer(engine), day)


def named(engine: Engine) -> set[tuple[str, str]]:
    """Return every account that a daily figure names, with the day."""
    (rows,) = asked(engine, NAMED)
    return {(str(row[0]), row[5]) for row in rows if row[5]}


def different(rows: list[Call], day: date, key: Callable[[Call], Any]) -> dict[Any, int]:
    """Return by key how many different accounts these calls name on a day."""
    found: dict[Any, set[str]] = {}
    for row in rows:
        if row.at // DAY_US == (day - date(1970, 1, 1)).days:
            found.setdefault(key(row), set()).update({row.caller} - {""})
    return {key: len(names) for key, names in found.items()}


@pytest.mark.parametrize("portion", [1, 3, 50_000])
def test_sums_stay_and_accounts_go(store: Engine, portion: int) -> None:
    """However small the portions: of two days nobody is known, of the third everybody is."""
    kept(store, [calls(7)])
    sealed_before(store, DAYS[2])
    before = asked(store, SUMS, NOBODYS, *OTHERS)
    third = {one for one in named(store) if one[0] == str(DAYS[2])}

    gone = forget(writer(store), DAYS[2], portion=portion)
    again = forget(writer(store), DAYS[2], portion=portion)

    assert (gone, again) == (2, 0)
    assert asked(store, SUMS, NOBODYS, *OTHERS) == before
    assert named(store) == third
    assert len(third) == 2
    rows = asked(store, "SELECT day, forgotten FROM usage_days")[0]
    assert {(str(day), bool(flag)) for day, flag in rows} == {
        (str(DAYS[0]), True),
        (str(DAYS[1]), True),
        (str(DAYS[2]), False),
    }


def belong(store: Engine) -> None:
    """Let every endpoint belong to one connector: accounts count where they called one."""
    run = "(1, 'complete', '2026-11-01', 'x', '1', '{}')"
    made = (
        f"INSERT INTO runs (id, state, started_at, identity, product_version, arguments) VALUES {run}",  # noqa: S608
        "INSERT INTO environments (id, key) VALUES (1, 'home')",
        "INSERT INTO connectors (id, environment_id, key) VALUES (1, 1, 'orders')",
    )
    with writing(store) as connection:
        if connection.scalar(text("SELECT count(*) FROM connectors")) == 0:
            for statement in made:
                connection.execute(text(statement))
        connection.execute(text("UPDATE call_endpoints SET connector_id = 1, matched_by = 'path'"))


def test_accounts_are_counted_before_they_go(store: Engine) -> None:
    """By endpoint, and at one endpoint for all of the day: as many as the calls of connectors name."""
    rows = calls(9)
    kept(store, [rows])
    belong(store)
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])

    by_end, everybody, days = asked(
        store,
        "SELECT t.address, e.method, e.path, u.callers FROM usage_callers u "
        "JOIN call_endpoints e ON e.id = u.endpoint_id JOIN call_targets t ON t.id = u.target_id",
        "SELECT sum(of_source) FROM usage_callers",
        "SELECT DISTINCT day FROM usage_callers",
    )
    held = {"/orders/4711": "/orders/{}", "/orders/4712": "/orders/{}"}
    true = different(
        rows,
        DAYS[0],
        lambda row: (
            row.address,
            row.method,
            held.get(row.path, row.path if row.path == "/orders" else "/bills/{}"),
        ),
    )
    assert {row[:3]: row[3] for row in by_end} == true
    assert everybody == [(different(rows, DAYS[0], lambda _: "")[""],)]
    assert [str(row[0]) for row in days] == [str(DAYS[0])]


class PowerCut(Exception):
    """The process is gone."""


def cut_after(
    engine: Engine, transactions: int
) -> Callable[[], AbstractContextManager[Connection]]:
    """Return what opens a writing transaction, until so many were committed."""
    left = iter(range(transactions))

    @contextmanager
    def opened() -> Iterator[Connection]:
        with writing(engine) as connection:
            yield connection
            if next(left, None) is None:
                raise PowerCut

    return opened


@pytest.mark.parametrize("transactions", range(9))
def test_what_breaks_off_is_carried_on(store: Engine, transactions: int) -> None:
    """After any transaction: sums and numbers of accounts are those of forgetting in one go."""
    rows = calls(5, 60)
    kept(store, [rows])
    belong(store)
    sealed_before(store, DAYS[1])
    before = asked(store, SUMS)
    with pytest.raises(PowerCut):
        forget(cut_after(store, transactions), DAYS[1], portion=1)

    assert asked(store, SUMS) == before
    forget(writer(store), DAYS[1], portion=4)

    assert asked(store, SUMS) == before
    assert not [one for one in named(store) if one[0] == str(DAYS[0])]
    (told,) = asked(store, "SELECT sum(of_source) FROM usage_callers")
    assert told == [(different(rows, DAYS[0], lambda _: "")[""],)]


def test_only_sealed_days_are_forgotten(store: Engine) -> None:
    """A day to which calls are still added keeps its accounts, however old it is."""
    kept(store, [calls(3, 50)])
    before = asked(store, NAMED)

    assert forget(writer(store), DAYS[2] + timedelta(days=9)) == 0
    assert asked(store, NAMED) == before


def test_a_forgotten_day_takes_no_more(store: Engine) -> None:
    """Late calls are counted as late; neither they nor whom they name are kept."""
    rows = calls(5, 100)
    kept(store, [rows])
    belong(store)
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])
    before = asked(store, SUMS)
    late = rows[0]._replace(at=FIRST * DAY_US, event="late", caller="late@invented.example")
    told = Keeper("access_logs", writer(store)).add(Calls.of([late]))
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])

    assert (told.new, told.late) == (0, 1)
    assert asked(store, SUMS) == before
    assert asked(store, "SELECT id FROM call_callers WHERE key LIKE 'late%'") == [[]]


def test_another_host_may_still_tell_of_a_forgotten_day(store: Engine) -> None:
    """What no log told of before is kept, sealed and forgotten by itself."""
    rows = calls(5, 100)
    kept(store, [rows])
    belong(store)
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])
    other = rows[0]._replace(at=FIRST * DAY_US, event="x", address="new.invented.example",
                             caller="eve@invented.example")  # fmt: skip
    told = Keeper("access_logs", writer(store)).add(Calls.of([other]))
    (counted,) = asked(store, "SELECT sum(of_source) FROM usage_callers")
    belong(store)
    sealed_before(store, DAYS[1])
    gone = forget(writer(store), DAYS[1])

    assert (told.new, gone) == (1, 1)
    assert asked(store, "SELECT key FROM call_callers WHERE key LIKE 'eve%'") == [[]]
    (more,) = asked(store, "SELECT sum(of_source) FROM usage_callers")
    assert more[0][0] == counted[0][0] + 1


def test_accounts_that_nothing_names_are_deleted(store: Engine) -> None:
    """Those of later days stay, and so does the row of nobody and that of whoever it was."""
    rows = [
        row._replace(caller="old@invented.example") if row.at // DAY_US == FIRST else row
        for row in calls(5, 100)
    ]
    kept(store, [rows])
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])

    (left,) = asked(store, "SELECT key FROM call_callers WHERE key IS NOT NULL ORDER BY key")
    assert [row[0] for row in left] == ["", *PEOPLE]
    assert asked(store, "SELECT id FROM call_callers WHERE key IS NULL") == [[(0,)]]


def test_no_account_is_deleted_while_a_collector_remembers_ids(store: Engine) -> None:
    """Its lease says that it is at work; the collector that forgets keeps no more itself."""
    kept(store, [calls(5, 100)])
    sealed_before(store, DAYS[2] + timedelta(days=1))
    lease = HeldLease(store, "collector:access_logs", 60, lambda: NEVER)
    count = "SELECT count(*) FROM call_callers WHERE key <> ''"
    try:
        forget(writer(store), DAYS[2] + timedelta(days=1), wall=lambda: NEVER)
        beside = asked(store, count)
        with lease.writing():
            pass
        forget(lease.writing, DAYS[2] + timedelta(days=1), "access_logs", wall=lambda: NEVER)
        own = asked(store, count)
    finally:
        lease.release()

    assert (beside, own) == ([[(2,)]], [[(0,)]])
    assert named(store) == set()


def test_an_account_called_like_those_forgotten_is_another(store: Engine) -> None:
    """Whatever a log calls an account, it is not whoever it was."""
    rows = [row._replace(caller="0") for row in calls(5, 40)]
    kept(store, [rows])
    sealed_before(store, DAYS[1])
    forget(writer(store), DAYS[1])

    assert {name for _, name in named(store)} == {"0"}
    (ids,) = asked(store, "SELECT id FROM call_callers WHERE key = '0'")
    assert ids[0][0] != 0


def test_every_collector_that_keeps_calls_is_known() -> None:
    """Those are the modules under telemetry."""
    told = {one.name for one in COLLECTORS if one.collect.__module__.split(".")[1] == "telemetry"}

    assert told == set(KEEPING)


def test_a_purge_that_broke_off_is_carried_on(store: Engine) -> None:
    """Raw calls of a day that was sealed and not dropped go with the next purge."""
    kept(store, [calls(5, 100)])
    with pytest.raises(PowerCut):
        purge(cut_after(store, 1), DAYS[2])
    assert asked(store, "SELECT count(DISTINCT day) FROM invocations") == [[(3,)]]

    assert purge(writer(store), DAYS[2]) == 0
    (left,) = asked(store, "SELECT DISTINCT day FROM invocations")
    assert [str(row[0]) for row in left] == [str(DAYS[2])]
