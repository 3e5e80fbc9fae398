"""One holder at a time, numbered; a stalled one writes nothing more."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update
from tenants import tenant

from connectory.database import reading, writing
from connectory.lease import HeldLease, LeaseLost, LeaseTaken, holder_name, may_live
from models import Environment, Lease


def wall() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


def test_a_second_holder_is_told_who_holds_it(store: Engine) -> None:
    """While a lease is held nobody else gets it; released, the next one does at once."""
    first = HeldLease(store, "collector:flows", 60, wall)
    with pytest.raises(LeaseTaken, match="collector:flows is held by"):
        HeldLease(store, "collector:flows", 60, wall)
    first.release()
    second = HeldLease(store, "collector:flows", 60, wall)
    second.release()

    assert second.fence == first.fence + 1


def test_a_stalled_holder_writes_nothing_after_a_takeover(store: Engine) -> None:
    """A process whose lease expired and was taken over finds its transactions refused."""
    stalled = HeldLease(store, "collector:flows", 60, wall)
    with writing(store) as connection:
        connection.execute(update(Lease).values(expires_at=wall() - timedelta(seconds=1)))
    other = HeldLease(store, "collector:flows", 60, wall)

    with pytest.raises(LeaseLost), stalled.writing() as connection:
        connection.execute(text("INSERT INTO environments (key) VALUES ('late')"))
    with other.writing() as connection:
        connection.execute(text("INSERT INTO environments (key) VALUES ('in time')"))
    stalled.release()
    other.release()

    with reading(store) as connection:
        assert connection.scalars(select(Environment.key)).all() == ["in time"]


def test_a_stalled_holder_does_not_release_its_successors_lease(store: Engine) -> None:
    """Only the present tenure can end itself."""
    stalled = HeldLease(store, "x", 60, wall)
    with writing(store) as connection:
        connection.execute(update(Lease).values(expires_at=wall() - timedelta(seconds=1)))
    other = HeldLease(store, "x", 60, wall)
    stalled.release()

    with pytest.raises(LeaseTaken):
        HeldLease(store, "x", 60, wall)
    other.release()


def test_a_dead_process_of_this_host_holds_nothing(store: Engine) -> None:
    """The lease of a process that no longer exists is free at once, not when it expires."""
    url = store.url.render_as_string(hide_password=False)
    program = (
        "import os, sys\n"
        "from datetime import UTC, datetime\n"
        "from connectory.database import open_store\n"
        "from connectory.lease import HeldLease\n"
        "HeldLease(open_store(sys.argv[1]), 'x', 3600, lambda: datetime.now(UTC))\n"
        "os._exit(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, url], check=False, timeout=60)

    lease = HeldLease(store, "x", 60, wall)
    lease.release()

    assert ended.returncode == 9
    assert lease.fence == 2


def test_a_process_that_ended_and_was_not_waited_for_holds_nothing(store: Engine) -> None:
    """It still stands among the processes until its parent asks; it writes nothing any more."""
    held = HeldLease(store, "x", 3600, wall)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    host, sight, _, _ = holder_name().split("/")
    started = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    name = f"{host}/{sight}/{process.pid}/{started}"
    with store.begin() as connection:
        connection.execute(text("UPDATE leases SET holder = :name"), {"name": name})
        alive = may_live(connection, "x", wall())
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        ended = may_live(connection, "x", wall())
    process.wait()
    held.release()

    assert (alive, ended) == (True, False)


def test_a_process_that_is_not_seen_from_here_may_live(store: Engine) -> None:
    """Two containers can share a host name: a process id of the other one says nothing here."""
    held = HeldLease(store, "x", 3600, wall)
    host, sight, _, started = holder_name().split("/")
    with store.begin() as connection:
        for other, lives in ((f"{sight}0", True), ("", True), (sight, False)):
            gone = f"{host}/{other}/4194304/{started}"
            connection.execute(text("UPDATE leases SET holder = :gone"), {"gone": gone})
            assert may_live(connection, "x", wall()) is lives
    held.release()


def test_two_runs_at_once_do_not_collect_the_same(store: Engine, tmp_path: Path) -> None:
    """While one process collects flows another one is refused and writes no step."""
    held = HeldLease(store, "collector:environments", 60, wall)
    with tenant(tmp_path) as simulated, pytest.raises(LeaseTaken):
        simulated.collect(store)
    held.release()

    with reading(store) as connection:
        states = connection.execute(text("SELECT state, reason FROM runs")).all()
        steps = connection.scalar(text("SELECT count(*) FROM steps"))
    assert [row.state for row in states] == ["failed"]
    assert "another run is collecting" in states[0].reason
    assert steps == 0
