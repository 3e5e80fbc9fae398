"""A run that is killed at any moment loses nothing, and the next one completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from test_collected import compare

from connectory.database import reading

_COMMAND = [sys.executable, "-m", "connectory"]


def environment(simulated: Tenant, engine: Engine, folder: Path) -> dict[str, str]:
    """Write settings for a process of its own and return its environment."""
    place = folder / "config.toml"
    running = simulated.served.tenant
    place.write_text(
        f"""
[tenant]
id = "{running.id}"
[sign_in]
client_id = "{running.collector_app_id}"
secret_file = "{simulated.secret_file}"
token_cache = ""
[http]
reroute_to = "{simulated.served.url}"
requests_per_minute_per_host = 600000
""",
        encoding="utf-8",
    )
    url = engine.url.render_as_string(hide_password=False)
    return {**os.environ, "CONNECTORY_CONFIG": str(place), "CONNECTORY_DATABASE_URL": url}


def collect(simulated: Tenant, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start `connectory collect` in a process of its own."""
    now = simulated.served.tenant.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return subprocess.Popen(
        [*_COMMAND, "--now", now, "collect"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def doubled(engine: Engine) -> list[str]:
    """Return which facts the store holds more than once at the same time."""
    found = []
    with reading(engine) as connection:
        for table, key in (
            ("connector_versions", "connector_id"),
            ("connection_versions", "connection_id"),
            ("flow_versions", "flow_id"),
            ("app_versions", "app_id"),
            ("principal_versions", "principal_id"),
        ):
            query = (
                f"SELECT a.{key} FROM {table} a JOIN {table} b ON a.{key} = b.{key}"  # noqa: S608
                " AND a.from_run < b.from_run AND (a.to_run IS NULL OR a.to_run > b.from_run)"
            )
            found += [f"{table} {row[0]}" for row in connection.execute(text(query))]
    return found


def counted(engine: Engine) -> int:
    """Return how many runs have begun."""
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM runs")).scalar_one())


def begun(simulated: Tenant, env: dict[str, str], engine: Engine) -> subprocess.Popen[bytes]:
    """Start a collect and wait until its run has begun: killed before, it would prove nothing."""
    before, end = counted(engine), time.monotonic() + 120
    process = collect(simulated, env)
    while counted(engine) == before:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    return process


def kill_at_random(engine: Engine, folder: Path, size: str, kills: int) -> None:
    """Kill so many collects at random moments of their runs; then collect once to the end."""
    moments = random.Random(20)
    killed = attempts = 0
    with tenant(folder, size) as simulated:
        env = environment(simulated, engine, folder)
        process = begun(simulated, env, engine)
        since = time.monotonic()
        process.communicate(timeout=300)
        whole = time.monotonic() - since
        while killed < kills and attempts < kills * 4:
            attempts += 1
            process = begun(simulated, env, engine)
            since = time.monotonic()
            with suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0.0, 0.9) * whole)
                # What has been read before is read sooner.
                whole = min(whole, time.monotonic() - since)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.communicate()
            if attempts % 4 == 3:
                simulated.post("advance", days=1)
        last = collect(simulated, env)
        _, errors = last.communicate(timeout=300)
        assert last.returncode in {0, 3}, errors.decode()
        assert compare(engine, simulated.get("truth")) == {}
    assert killed == kills
    assert doubled(engine) == []
    with reading(engine) as connection:
        states = connection.execute(text("SELECT DISTINCT state FROM runs")).scalars().all()
        open_steps = connection.execute(
            text("SELECT count(*) FROM steps WHERE state = 'running'")
        ).scalar()
    assert "running" not in states
    assert "died" in states
    assert open_steps == 0


def test_killed_runs_lose_and_double_nothing(store: Engine, tmp_path: Path) -> None:
    """After five kills at random moments the next run completes and equals the tenant."""
    kill_at_random(store, tmp_path, "tiny", 5)


@pytest.mark.soak
def test_many_killed_runs_lose_and_double_nothing(store: Engine, tmp_path: Path) -> None:
    """The same after twenty kills."""
    kill_at_random(store, tmp_path, "tiny", 20)


@pytest.mark.soak
def test_killed_runs_of_a_medium_tenant_lose_and_double_nothing(
    store: Engine, tmp_path: Path
) -> None:
    """The same at sixty environments, where a run takes most of a minute."""
    kill_at_random(store, tmp_path, "medium", 20)
