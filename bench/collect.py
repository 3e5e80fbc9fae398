"""How long a collect of a large tenant takes, beside the least its requests could take.

The simulated tenant answers from another process, each reply 50 ms late. The floor is the number
of requests it counted, sign-in included, times that delay, divided by the workers. Prints wall
over floor, the collector's peak memory, what a second run of the unchanged tenant costs, and the
cost of an ordinary environment at ten times the number of environments.

``python bench/collect.py [SIZE [SMALLER]]``; sizes are those of the simulator.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from connectory.database import open_store, reading, upgrade

LATENCY = 0.05
WORKERS = 16
PATIENCE = 3600


@dataclass(frozen=True)
class Cost:
    """What one collect took."""

    seconds: float
    cpu: float
    requests: int
    megabytes: float
    ordinary: float
    """Mean seconds of a step in an environment other than the default one, all collectors."""

    @property
    def floor(self) -> float:
        """The least these requests could take."""
        return self.requests * LATENCY / WORKERS

    def line(self, name: str) -> str:
        """Say it."""
        return (
            f"{name}: {self.seconds:.1f} s for {self.requests:,} requests, "
            f"{self.seconds / self.floor:.2f} times the floor of {self.floor:.1f} s; "
            f"{self.megabytes:.0f} MB at most, {self.cpu:.1f} s of processor"
        )


def main() -> None:
    """Measure and print."""
    large, *rest = sys.argv[1:] or ["large", "tenth"]
    first, second = measure(large, runs=2)
    print(first.line(f"collect {large}"))
    print(second.line("again, unchanged"))
    print(
        f"the second run: {second.requests / first.requests:.2f} of the requests, "
        f"{second.seconds / first.seconds:.2f} of the time"
    )
    if rest:
        (fewer,) = measure(rest[0], runs=1)
        print(fewer.line(f"collect {rest[0]}"))
        print(f"an ordinary environment costs {first.ordinary / fewer.ordinary:.2f} times as much")


def measure(size: str, *, runs: int) -> list[Cost]:
    """Collect a tenant so many times into one store, nothing changing between."""
    with tempfile.TemporaryDirectory() as folder, simulator(size) as address:
        place = Path(folder)
        database = f"sqlite:///{place / 'bench.sqlite'}"
        engine = open_store(database)
        upgrade(engine)
        tenant = httpx.get(f"{address}/_sim/tenant").json()
        (place / "secret").write_text(tenant["secret"], encoding="utf-8")
        (place / "config.toml").write_text(settings(tenant, address, place), encoding="utf-8")
        slow = {"host": "", "kind": "slow", "seconds": LATENCY}
        httpx.post(f"{address}/_sim/faults", json=slow).raise_for_status()
        costs = []
        for _ in range(runs):
            httpx.request("DELETE", f"{address}/_sim/requests", json={}).raise_for_status()
            now = httpx.get(f"{address}/_sim/clock").json()["now"]
            costs.append(collect(place, database, str(now), address))
        engine.dispose()
        return costs


def collect(place: Path, database: str, now: str, address: str) -> Cost:
    """Run `connectory collect` as a process of its own and account for it."""
    command = [sys.executable, "-m", "connectory", "--now", now[:19] + "Z", "collect"]
    env = {
        **os.environ,
        "CONNECTORY_CONFIG": str(place / "config.toml"),
        "CONNECTORY_DATABASE_URL": database,
    }
    begun = time.monotonic()
    with (place / "log").open("w+") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        if code not in {0, 3}:
            log.seek(0)
            raise SystemExit(f"collect ended with {code}: {log.read()[-2000:]}")
    told: dict[str, Any] = httpx.get(f"{address}/_sim/requests").json()
    return Cost(
        seconds=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        requests=sum(told["requests"].values()),
        megabytes=usage.ru_maxrss / 1024,
        ordinary=ordinary(database),
    )


def ordinary(database: str) -> float:
    """Return the mean seconds all steps of one ordinary environment took in the latest run."""
    engine = open_store(database)
    with reading(engine) as connection:
        rows = connection.execute(
            text(
                "SELECT s.environment_id, s.started_at, s.finished_at FROM steps s"
                " JOIN environments e ON e.id = s.environment_id"
                " WHERE s.run_id = (SELECT max(id) FROM runs) AND e.key NOT LIKE 'default-%'"
                " AND s.finished_at IS NOT NULL"
            )
        ).all()
    engine.dispose()
    spent = [seconds(row.finished_at) - seconds(row.started_at) for row in rows]
    return sum(spent) / max(1, len({row.environment_id for row in rows}))


def seconds(moment: str) -> float:
    """Return a stored time as seconds within its month."""
    day, hour, minute, second = re.findall(r"[\d.]+", str(moment))[2:6]
    return ((float(day) * 24 + float(hour)) * 60 + float(minute)) * 60 + float(second)


def settings(tenant: dict[str, Any], address: str, place: Path) -> str:
    """Return settings with rate budgets off and every worker used."""
    return "\n".join(
        [
            "[tenant]",
            f"id = {json.dumps(tenant['id'])}",
            "[sign_in]",
            f"client_id = {json.dumps(tenant['client_id'])}",
            f"secret_file = {json.dumps(str(place / 'secret'))}",
            f"token_cache = {json.dumps(str(place / 'tokens.json'))}",
            "[http]",
            f"reroute_to = {json.dumps(address)}",
            "requests_per_minute_per_host = 600000",
            f"concurrency_per_host = {WORKERS}",
            f"workers = {WORKERS}",
            "[collect]",
            f"steps_at_once = {WORKERS}",
        ]
    )


@contextmanager
def simulator(size: str) -> Iterator[str]:
    """Serve a tenant from a process of its own and yield its address."""
    command = [sys.executable, "-m", "connectory.simulator", "--size", size, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found, "the simulated tenant did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    main()
