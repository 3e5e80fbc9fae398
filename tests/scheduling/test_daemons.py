"""Two schedulers on one PostgreSQL, killed at random: nothing runs twice, nothing is forgotten."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daemons import assert_nothing_is_left_out, events, moment, rows, settings, start, until
from sqlalchemy import Engine, text

from connectory.database import writing
from connectory.simulator.server import Served

_EVERY = 5
_COLLECTORS = ("environments", "people", "connectors")
_WATCH = """
CREATE TABLE activity (id serial PRIMARY KEY, job text, fence bigint, holder text, what text);
CREATE FUNCTION note() RETURNS trigger AS $$ BEGIN
  IF TG_OP = 'INSERT' OR NEW.fence <> OLD.fence THEN
    INSERT INTO activity (job, fence, holder, what)
    VALUES (NEW.name, NEW.fence, NEW.holder, CASE WHEN TG_OP = 'INSERT' OR OLD.holder = ''
      THEN 'free' ELSE OLD.holder END);
  END IF;
  RETURN NEW; END $$ LANGUAGE plpgsql;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION note();
"""


@pytest.fixture
def postgresql_store(store: Engine) -> Engine:
    """The store on the real server."""
    if store.dialect.name != "postgresql":
        pytest.skip("two hosts share a server, not a file")
    return store


def alive(holder: str) -> bool:
    """Tell whether the process that a lease names runs, by what the kernel says."""
    pid, started = holder.split("/")[-2:]
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return False
    return stat[19] == started and stat[0] != "Z"


@contextmanager
def watched(engine: Engine, found: list[str]) -> Iterator[None]:
    """Note, while this lasts, every lease that is taken from a process still alive.

    The server itself writes down each change of holder; whether the one before lives is asked of
    the kernel at once, since nobody can tell later.
    """
    with writing(engine) as connection:
        connection.exec_driver_sql(_WATCH)
    over, seen = threading.Event(), 0

    def look() -> None:
        nonlocal seen
        while not over.wait(0.05):
            for row in rows(
                engine, "SELECT * FROM activity WHERE id > :seen ORDER BY id", seen=seen
            ):
                seen = row.id
                if row.job.startswith(("collector:", "schedule")) and row.what != "free":
                    found.extend([f"{row.job} from {row.what}"] if alive(row.what) else [])

    thread = threading.Thread(target=look)
    thread.start()
    yield
    over.set()
    thread.join()
    assert seen > 0


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill_at_random(engine: Engine, served: Served, folder: Path, seconds: float) -> int:
    """Keep two schedulers running for so long, killing one or its run at random; return kills."""
    crons = ", ".join(f'{name} = "*/{_EVERY} * * * * *"' for name in _COLLECTORS)
    schedule = (
        f'collect = ""\nassess = ""\nat_once = 2\nstop_seconds = 5\ncollectors = {{ {crons} }}'
    )
    config, log, chance = settings(served, folder, schedule), folder / "log", random.Random(11)
    running: list[subprocess.Popen[bytes]] = []
    orphans: list[int] = []
    kills, end = 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            while len(running) < 2:
                running.append(start(engine, config, log))
            time.sleep(chance.uniform(2.0, 7.0))
            victim = chance.choice(running)
            runs = children_of(victim.pid)
            if runs and chance.random() < 0.3:
                os.kill(chance.choice(runs), signal.SIGKILL)
            else:
                orphans += runs
                victim.kill()
                victim.wait()
                running.remove(victim)
            kills += 1
        while len(running) < 2:
            running.append(start(engine, config, log))
        now = max(moment(event.due_at) for event in events(engine))
        until(
            lambda: [e for e in events(engine) if e.state == "complete" and moment(e.due_at) > now],
            seconds=90,
        )
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=60)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), seconds=60)
    assert "Traceback" not in log.read_text(encoding="utf-8")
    return kills


def overlaps(engine: Engine) -> list[str]:
    """Return which collectors two runs read at once, by the starts and ends of their steps."""
    query = """
        SELECT collector, run_id, min(started_at) AS begun, max(finished_at) AS ended
        FROM steps WHERE state <> 'failed' GROUP BY collector, run_id ORDER BY collector, begun
    """
    found, before = [], None
    for row in rows(engine, query):
        if before and before.collector == row.collector and row.begun < before.ended:
            found.append(f"{row.collector}: runs {before.run_id} and {row.run_id}")
        before = row
    return found


def prove(engine: Engine, served: Served, folder: Path, seconds: float) -> None:
    """Kill for so long, then judge by the ledger, the steps and the server's own notes."""
    taken: list[str] = []
    with watched(engine, taken):
        kills = kill_at_random(engine, served, folder, seconds)

    told = events(engine)
    states = {event.state for event in told}
    assert kills >= seconds / 10
    assert taken == []
    assert overlaps(engine) == []
    tenures = "SELECT 1 FROM steps GROUP BY collector, fence HAVING count(DISTINCT run_id) > 1"
    assert rows(engine, tenures) == []
    assert "complete" in states
    assert "running" not in states
    for name in _COLLECTORS:
        assert_nothing_is_left_out(engine, seconds=_EVERY, job=name)
    started = [event for event in told if event.started_at is not None]
    by_run = [event.run_id for event in started if event.run_id is not None]
    assert len(by_run) == len(set(by_run))
    known = {row.id for row in rows(engine, "SELECT id FROM runs")}
    assert set(by_run) <= known
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE activity CASCADE"))


@pytest.mark.postgresql
def test_two_schedulers_survive_random_kills(
    postgresql_store: Engine, served: Served, tmp_path: Path
) -> None:
    """Half a minute of kills: no collector ran twice at once, every due moment has its record."""
    prove(postgresql_store, served, tmp_path, 30)


@pytest.mark.soak
@pytest.mark.postgresql
def test_two_schedulers_survive_ten_minutes_of_kills(
    postgresql_store: Engine, served: Served, tmp_path: Path
) -> None:
    """The same for ten minutes."""
    prove(postgresql_store, served, tmp_path, 600)
