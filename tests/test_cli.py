"""The command line as a person meets it: one clear line each, and honest exit codes."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from connectory.simulator.server import Served, serve
from connectory.simulator.tenant import build
from connectory.simulator.wire.kinds import FAULTS


@pytest.fixture
def simulated() -> Iterator[Served]:
    """A tiny tenant that answers."""
    with serve(build("tiny", 7, None)) as served:
        yield served


def settings(served: Served, folder: Path, **changes: str) -> Path:
    """Write a settings file for a tenant and return its path."""
    values = {
        "tenant": served.tenant.id,
        "client": served.tenant.collector_app_id,
        "address": served.url,
        "more": "",
        **changes,
    }
    place = folder / "config.toml"
    place.write_text(
        f"""
[tenant]
id = "{values["tenant"]}"
[sign_in]
client_id = "{values["client"]}"
token_cache = "{folder}/tokens.json"
[database]
url = "sqlite:///{folder}/store.sqlite"
[http]
reroute_to = "{values["address"]}"
retries = 1
longest_wait_seconds = 0.01
{values["more"]}
""",
        encoding="utf-8",
    )
    return place


def run(
    *arguments: str, config: Path | None = None, secret: str = "simulated-secret"
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    env = {**os.environ, "CONNECTORY_CLIENT_SECRET": secret}
    env.pop("CONNECTORY_DATABASE_URL", None)
    named = ["--config", str(config)] if config else []
    return subprocess.run(
        [sys.executable, "-m", "connectory", *named, *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """Return the only line on stderr; a traceback or a second line is a defect."""
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_a_whole_run_exits_zero_and_exports_what_it_read(simulated: Served, tmp_path: Path) -> None:
    """Collect, assess and export work from the shell, in words and as JSON."""
    config = settings(simulated, tmp_path)
    collected = run("collect", "--format", "json", config=config)
    assessed = run("assess", config=config)
    exported = run("export", "connectors", "--format", "json", config=config)
    listed = run("export", "connectors", config=config)

    assert (collected.returncode, collected.stderr) == (0, "")
    report = json.loads(collected.stdout)
    assert report["state"] == "complete"
    assert assessed.returncode == 0
    assert assessed.stdout.splitlines()[1].startswith("licences: ")
    truth = httpx.get(f"{simulated.url}/_sim/truth").json()
    names = {row["display_name"] for row in truth["connectors"] if row["sources"]}
    assert {row["display_name"] for row in json.loads(exported.stdout)} == names
    assert len(listed.stdout.splitlines()) == len(json.loads(exported.stdout)) + 1
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600


def test_rows_are_exported_as_of_a_past_day(simulated: Served, tmp_path: Path) -> None:
    """A day or a time names the run; one before the first run is told, and so is no day at all."""
    config = settings(simulated, tmp_path)
    for days in (0, 7):
        httpx.post(f"{simulated.url}/_sim/advance", json={"days": days})
        now = httpx.get(f"{simulated.url}/_sim/clock").json()["now"]
        run("--now", now[:19] + "Z", "collect", "environments", config=config)
    runs = {
        asked: len(
            json.loads(run("export", "runs", "--format", "json", *asked, config=config).stdout)
        )
        for asked in [(), ("--as-of", "2026-11-08"), ("--as-of", "2026-11-09T03:00")]
    }
    early = run("export", "runs", "--as-of", "2020-01-01", config=config)
    wrong = run("export", "runs", "--as-of", "yesterday", config=config)

    assert list(runs.values()) == [2, 1, 2]
    assert early.returncode == 1
    assert "nothing had been read by 2020-01-01" in one_line(early)
    assert wrong.returncode == 2
    assert "does not match the formats" in wrong.stderr


def test_a_refused_part_exits_three_and_is_named(simulated: Served, tmp_path: Path) -> None:
    """What could not be read is listed with cause and cure, and the exit code says partial."""
    fault = {"host": "api.powerapps.com", "path": "/connections", "kind": "forbidden"}
    httpx.post(f"{simulated.url}/_sim/faults", json=fault)

    ended = run("collect", config=settings(simulated, tmp_path))

    assert ended.returncode == 3
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 4  # the connections of two environments, and with whom they are shared
    assert all("connections" in line and "refused, 403" in line for line in lines)
    assert all("register the application" in line for line in lines)


def test_an_expired_secret_exits_one(simulated: Served, tmp_path: Path) -> None:
    """An expired secret is one run that failed, with the code and what to do."""
    httpx.post(f"{simulated.url}/_sim/settings", json={"secret_expired": True})

    ended = run("collect", config=settings(simulated, tmp_path))

    assert ended.returncode == 1
    assert "AADSTS7000222" in ended.stderr
    assert "create a new one" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("changes", "secret", "words"),
    [
        ({"more": "[collect]\nspeed = 1"}, "s", "unknown setting; {config}, setting collect.speed"),
        ({"more": "[dashboard]\nport = 'x'"}, "s", "setting dashboard.port"),
        ({"more": "[dashboard]\nhost = '0.0.0.0'"}, "s", "loopback only"),
        ({"more": "[broken"}, "s", "not valid TOML"),
        ({"tenant": ""}, "s", "not set; setting tenant.id"),
        ({}, "", "environment variable CONNECTORY_CLIENT_SECRET is empty"),
    ],
)
def test_bad_settings_are_one_line(
    simulated: Served, tmp_path: Path, changes: dict[str, str], secret: str, words: str
) -> None:
    """Each wrong setting names file, key and cure, and nothing is read."""
    config = settings(simulated, tmp_path, **changes)

    ended = run("collect", config=config, secret=secret)

    assert ended.returncode == 1
    assert words.format(config=config) in one_line(ended)
    assert httpx.get(f"{simulated.url}/_sim/requests").json()["requests"] == {}


def test_an_unreachable_tenant_exits_one(simulated: Served, tmp_path: Path) -> None:
    """Where nothing answers the run fails at once and says what to check."""
    ended = run("collect", config=settings(simulated, tmp_path, address="http://127.0.0.1:9"))

    assert ended.returncode == 1
    assert "check the network" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_another_tenants_store_is_refused(simulated: Served, tmp_path: Path) -> None:
    """A store that holds one tenant is never mixed with another."""
    run("collect", "environments", config=settings(simulated, tmp_path))
    other = settings(simulated, tmp_path, tenant="22222222-2222-4222-8222-222222222222")

    ended = run("collect", config=other)

    assert ended.returncode == 1
    assert "use another store for another tenant" in one_line(ended)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "secrets"), "no view named secrets; one of:"),
        (("export", "connectors"), "run: connectory db upgrade"),
        (("assess",), "run: connectory db upgrade"),
        (("serve",), "run: connectory db upgrade"),
        (("collect", "gardens"), "no collector named gardens; one of: environments"),
    ],
)
def test_misuse_is_told_with_the_way_out(
    simulated: Served, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """An unknown name or an empty store is answered with what can be done."""
    ended = run(*arguments, config=settings(simulated, tmp_path))

    assert ended.returncode != 0
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_fills_any_store(tmp_path: Path) -> None:
    """The demo without pages ends by itself and leaves runs with time between them."""
    url = f"sqlite:///{tmp_path}/demo.sqlite"
    ended = subprocess.run(
        [sys.executable, "-m", "connectory", "demo", "--no-serve", "--size", "tiny"],
        env={**os.environ, "CONNECTORY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    runs = subprocess.run(
        [sys.executable, "-m", "connectory", "export", "runs", "--format", "json"],
        env={**os.environ, "CONNECTORY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr
    days = sorted(row["started_at"][:10] for row in json.loads(runs.stdout))
    assert days == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [("503@graph.microsoft.com", "people"), ("malformed_record", "expected form")],
)
def test_the_last_collect_of_a_demo_can_fail(tmp_path: Path, fault: str, told: str) -> None:
    """A fault spoils the last run alone, which says so; what was read before is still there."""
    url = f"sqlite:///{tmp_path}/demo.sqlite"
    ended = subprocess.run(
        [
            sys.executable,
            *f"-m connectory demo --no-serve --size tiny --runs 2 --fault {fault}".split(),
        ],
        env={**os.environ, "CONNECTORY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    with sqlite3.connect(tmp_path / "demo.sqlite") as store:
        states = [row[0] for row in store.execute("SELECT state FROM runs ORDER BY id")]
        reasons = " ".join(str(row) for row in store.execute("SELECT collector, reason FROM steps"))
        known = store.execute(
            "SELECT count(*) FROM connector_versions WHERE to_run IS NULL AND presence = 'present'"
        ).fetchone()[0]

    assert ended.returncode == 0, ended.stderr
    assert states == ["complete", "partial"]
    assert told in reasons
    assert known


def test_a_fault_that_does_not_exist_is_refused_with_those_that_do() -> None:
    """The kinds stand in the help and in the refusal of any other."""
    refused = run("demo", "--fault", "flood@graph.microsoft.com")
    helped = run("demo", "--help")

    assert refused.returncode == 2
    for kind in FAULTS:
        assert kind in refused.stderr
        assert kind in helped.stdout


def test_what_is_written_below_python_does_not_mix_with_what_a_command_writes() -> None:
    """A solver writes to the standard output of the process; it goes to standard error instead."""
    script = (
        "import os; from connectory.cli.solver_output import solver_aside\n"
        "print('before')\n"
        "with solver_aside(): os.write(1, b'solver')\n"
        "print('after')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert ended.stdout.split() == ["before", "after"]
    assert ended.stderr == "solver"
