"""Whether keeping a day, and asking for a year, cost the same however much is kept already.

Prints two ratios for SQLite and for PostgreSQL:

- the cost of keeping a day of calls as the 60th day of a store, over that of keeping one as the
  second of another, a batch of one and a batch of the other in turn; the days before are laid by
  INSERT … SELECT of the first, raw calls for the 35 days that are kept and figures for all;
- the slowest growth of any question of `connectory/queries` about calls, over a year of figures,
  from a store that holds the single calls of one day to the same store with those of 35 days.

    python bench/rollup.py [--events 1000000] [--rounds 5] [--figures 2000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors_list import _connector, _definition, _environment, _run, _version
from ingest import CALLERS, CONNECTORS, EPOCH, OPERATIONS, PER_CONNECTOR, stores
from sqlalchemy import Connection, Engine, insert, text

import models
from collectors.telemetry.call import DAY_US, Call, Calls
from collectors.telemetry.days import make_room
from collectors.telemetry.gathering import TOGETHER
from collectors.telemetry.keeping import Keeper
from connectory.database import reading, refresh_statistics, upgrade, writing
from connectory.queries import (
    call_coverage,
    call_limits,
    call_logs,
    call_operations,
    call_sources,
    callers,
    calls,
)
from connectory.queries.call_tables import Window
from connectory.queries.moments import Moment, latest

FIRST = date(2026, 1, 1)
HISTORY, YEAR, RETENTION = 60, 365, 35
BATCH = TOGETHER
LIMIT = 500
MOMENT = 0.2
MAY_BE_EMPTY = {"log_files", "never_called", "bursts", "unmatched_by_source", "unmatched_calls"}
FIGURES = (
    "usage_daily",
    "usage_hourly",
    "usage_operations",
    "usage_connections",
    "usage_minutes",
    "usage_days",
)


def batches(day: int, events: int) -> Iterator[Calls]:
    """Yield a day of calls in the order of time."""
    chance = random.Random(day)
    start = ((FIRST - EPOCH).days + day) * DAY_US
    for first in range(0, events, BATCH):
        some = []
        for place in range(first, min(first + BATCH, events)):
            connector = chance.randrange(CONNECTORS)
            some.append(
                Call(
                    start + place * (DAY_US // events), f"{day}-{place}", f"api{connector}.example",
                    "", "GET", f"/operation/{chance.randrange(OPERATIONS)}", "", "",
                    f"caller{chance.randrange(CALLERS)}@invented.example",
                    f"connection-{connector}-{chance.randrange(PER_CONNECTOR)}",
                    chance.choice((200, 200, 200, 200, 404, 429, 500)),
                    int(chance.lognormvariate(11, 1)), chance.randrange(200, 4_000),
                    chance.randrange(100, 60_000), 0, 1,
                )
            )  # fmt: skip
        yield Calls.of(some)


def kept(engine: Engine, day: int, events: int) -> None:
    """Keep a day of calls."""
    keeper = Keeper("access_logs", lambda: writing(engine))
    for some in batches(day, events):
        keeper.add(some)


def repeat(engine: Engine, table: str, like: int, days: range) -> None:
    """Lay the rows of a day once more under each of some other days."""
    for number in days:
        day = FIRST + timedelta(days=number)
        with writing(engine) as connection:
            if table == "invocations":
                make_room(connection, [day])
            names = connection.execute(text(f"SELECT * FROM {table} WHERE false")).keys()  # noqa: S608
            listed = ", ".join(name for name in names if name != "day")
            told = f"DATE '{day}'" if connection.dialect.name == "postgresql" else f"'{day}'"
            connection.execute(
                text(
                    f"INSERT INTO {table} (day, {listed}) SELECT {told}, {listed} "  # noqa: S608
                    f"FROM {table} WHERE day = '{FIRST + timedelta(days=like)}'"
                )
            )


def growth(fresh: Callable[[], Engine], events: int) -> float:
    """Return what a day costs after 59 others, over what it costs after one.

    Both days are kept at the same time, a batch here and a batch there, so that whatever else the
    machine does slows both.
    """
    young, old = fresh(), fresh()
    for engine in (young, old):
        upgrade(engine)
        kept(engine, 0, events)
    for table in FIGURES:
        repeat(old, table, 0, range(1, HISTORY - 1))
    repeat(old, "invocations", 0, range(HISTORY - RETENTION, HISTORY - 1))
    refresh_statistics(young)
    refresh_statistics(old)
    spent = {young: 0.0, old: 0.0}
    keepers = {
        engine: Keeper("access_logs", lambda engine=engine: writing(engine)) for engine in spent
    }
    days = zip(batches(1, events), batches(HISTORY - 1, events), strict=True)
    for number, pair in enumerate(days):
        turns = list(zip(spent, pair, strict=True))
        for engine, some in turns if number % 2 else reversed(turns):
            begun = time.perf_counter()
            keepers[engine].add(some)
            spent[engine] += time.perf_counter() - begun
    for engine in spent:
        engine.dispose()
    return spent[old] / spent[young]


def questions(moment: Moment, window: Window) -> dict[str, Callable[[Connection], Any]]:
    """Return every question about calls."""
    return {
        "calls_by_day": lambda c: calls.calls_by_day(c, window),
        "calls_by_connector": lambda c: calls.calls_by_connector(c, moment, window),
        "calls_by_operation": lambda c: call_operations.calls_by_operation(c, moment, window),
        "never_called": lambda c: call_operations.never_called(c, moment, window),
        "callers": lambda c: callers.callers(c, window),
        "calls_by_caller": lambda c: callers.calls_by_caller(c, window),
        "calls_by_consumer": lambda c: callers.calls_by_consumer(c, window),
        "calls_by_hour": lambda c: callers.calls_by_hour(c, window),
        "busiest_minutes": lambda c: call_limits.busiest_minutes(c, moment, window, LIMIT),
        "bursts": lambda c: call_limits.bursts(c, moment, window, LIMIT),
        "sources": lambda c: call_sources.sources(c, moment, window),
        "unmatched_by_source": lambda c: call_logs.unmatched_by_source(c, window),
        "unmatched_calls": lambda c: call_coverage.unmatched_calls(c, window),
        "log_files": lambda c: call_coverage.log_files(c, moment),
    }


def asked(fresh: Callable[[], Engine], events: int, figures: int, rounds: int) -> tuple[str, float]:
    """Return the question whose cost grew most from the calls of one day to those of 35, and how.

    Each question is put to both stores right after each other, as often as fills a moment: the
    quickest take milliseconds, which whatever else the machine does would drown.
    """
    engines = [yearly(fresh(), events, figures, days) for days in (1, RETENTION)]
    window = Window(FIRST, FIRST + timedelta(days=YEAR - 1))
    found: dict[str, list[float]] = {}
    with reading(engines[0]) as few, reading(engines[1]) as many:
        moment = latest(few)
        assert moment is not None
        assert moment == latest(many)
        for name, ask in questions(moment, window).items():
            for connection in (few, many):  # which warms both
                told = ask(connection)
                assert not hasattr(told, "empty") or not told.empty or name in MAY_BE_EMPTY
            for _ in range(rounds):
                some = seconds(ask, few)
                found.setdefault(name, []).append(seconds(ask, many) / some)
    for engine in engines:
        engine.dispose()
    ratios = {name: statistics.median(told) for name, told in found.items()}
    return max(ratios.items(), key=lambda one: one[1])


def seconds(ask: Callable[[Connection], Any], connection: Connection) -> float:
    """Return what a question costs, asked as often as fills a moment."""
    begun, times = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < MOMENT or not times:
        ask(connection)
        times += 1
    return spent / times


def yearly(engine: Engine, events: int, figures: int, days: int) -> Engine:
    """Fill a store with the figures of a year, and with the single calls of its last days."""
    upgrade(engine)
    kept(engine, 0, figures)
    kept(engine, YEAR - 1, events)
    last = FIRST + timedelta(days=YEAR - 1)
    with writing(engine) as connection:
        for table in FIGURES:
            connection.execute(text(f"DELETE FROM {table} WHERE day = '{last}'"))  # noqa: S608
        for model, rows in (
            (models.Run, [_run(datetime(2027, 1, 1, tzinfo=UTC))]),
            (models.Environment, [{"id": n + 1, "key": f"env-{n}"} for n in range(60)]),
            (models.EnvironmentVersion, [_environment(n + 1) for n in range(60)]),
            (models.Definition, [_definition(n + 1) for n in range(CONNECTORS)]),
            (models.Connector, [_connector(n + 1) for n in range(CONNECTORS)]),
            (
                models.ConnectorVersion,
                [_version(n + 1, datetime(2026, 1, 1, tzinfo=UTC)) for n in range(CONNECTORS)],
            ),
        ):
            connection.execute(insert(model), rows)
        connection.execute(
            text(
                f"UPDATE call_endpoints SET connector_id = target_id % {CONNECTORS} + 1, "  # noqa: S608
                "operation_id = path, matched_by = 'path' WHERE id % 10 > 0"
            )
        )
    for table in FIGURES:
        repeat(engine, table, 0, range(1, YEAR))
    repeat(engine, "invocations", YEAR - 1, range(YEAR - days, YEAR - 1))
    refresh_statistics(engine)
    return engine


def main() -> None:
    """Measure both databases; print two lines each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000, help="calls of a day")
    parser.add_argument("--figures", type=int, default=2_000, help="calls of a day, for questions")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    for kind in [given.only] if given.only else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, stores(kind, Path(folder)) as fresh:
            ratio = growth(fresh, given.events)
            print(
                f"rollup {kind}: a day of {given.events:,} events after {HISTORY - 1} days costs "
                f"{ratio:.2f} times one after 1 day",
                flush=True,
            )
        with tempfile.TemporaryDirectory() as folder, stores(kind, Path(folder)) as fresh:
            name, ratio = asked(fresh, given.events, given.figures, given.rounds)
            print(
                f"rollup {kind}: a question about a year costs at most {ratio:.2f} times as much "
                f"with the calls of {RETENTION} days as with those of 1 ({name})",
                flush=True,
            )


if __name__ == "__main__":
    main()
