from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from connectory.simulator.server import COLLECTOR_SECRET, serve
from connectory.simulator.tenant import build

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_tenant_is_served_until_the_block_ends() -> None:
    """Inside the block it answers at its address on loopback, after it nothing does."""
    tenant = build("tiny", 3, None)
    with serve(tenant) as served:
        told = httpx.get(f"{served.url}/_sim/tenant", trust_env=False).json()
        assert served.url == f"http://127.0.0.1:{served.port}"
        assert served.tenant is tenant
    with pytest.raises(httpx.ConnectError):
        httpx.get(served.url, trust_env=False)

    assert (told["id"], told["secret"]) == (tenant.id, COLLECTOR_SECRET)


def test_two_tenants_are_served_side_by_side() -> None:
    """Each has its own state, tokens aside: a lever of one moves nothing in the other."""
    with serve(build("tiny", 3, None)) as one, serve(build("tiny", 4, None)) as other:
        httpx.post(f"{one.url}/_sim/advance", json={"days": 2}, trust_env=False)
        clocks = [
            httpx.get(f"{served.url}/_sim/clock", trust_env=False).json()["now"]
            for served in (one, other)
        ]

    assert clocks[0] > clocks[1]


def test_a_change_by_hand_is_seen_after_it_is_announced() -> None:
    """The services look at indexes, which `changed` builds anew."""
    with serve(build("tiny", 3, None)) as served:
        clock = f"{served.url}/_sim/clock"
        person = next(p for p in served.tenant.people.values() if p.deleted is None)
        assert person in served.app.world.people
        person.deleted = served.tenant.now
        served.changed()

        assert person not in served.app.world.people
        assert httpx.get(clock, trust_env=False).is_success


def test_the_module_serves_a_tenant_and_says_where() -> None:
    """One line names the address once it answers, and a signal ends it without a traceback."""
    command = [sys.executable, "-m", "connectory.simulator"]
    arguments = ["--size", "tiny", "--seed", "5", "--port", "0"]
    with subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        told = httpx.get(f"{address}/_sim/tenant", trust_env=False).json()
        process.terminate()
        errors = process.stderr.read()

    assert (told["size"], told["seed"]) == ("tiny", 5)
    assert process.returncode == 0
    assert errors == ""
