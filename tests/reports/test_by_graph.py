"""Mail by Graph and cards to a workflow, through a simulated tenant over real HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from mailboxes import letter, rows, settings, states
from sqlalchemy import Engine

from connectory.reports.outbox import queue, resend
from connectory.simulator.server import Served, serve
from connectory.simulator.tenant import build

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def served() -> Iterator[Served]:
    """A tiny tenant that answers."""
    with serve(build("tiny", 7, None)) as running:
        yield running


def _look(served: Served, what: str) -> Any:
    return httpx.get(f"{served.url}/_sim/{what}").raise_for_status().json()


def _send(store: Engine, served: Served, folder: Path) -> subprocess.CompletedProcess[str]:
    secret = folder / "secret"
    secret.write_text("simulated-secret", encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(
        f"""
[tenant]
id = "{served.tenant.id}"
[sign_in]
client_id = "{served.tenant.collector_app_id}"
secret_file = "{secret}"
token_cache = ""
[http]
reroute_to = "{served.url}"
[reports]
channel = "graph"
graph_sender = "{_look(served, "mail")["places"]["mailbox"]}"
quiet_hours = ""
per_minute = 1000
""",
        encoding="utf-8",
    )
    return subprocess.run(
        [sys.executable, "-m", "connectory", "--now", "2026-11-24T10:00:00Z", "outbox", "send"],
        env={
            **os.environ,
            "CONNECTORY_CONFIG": str(config),
            "CONNECTORY_DATABASE_URL": str(store.url),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_graph_takes_each_once_also_where_its_answer_is_lost(
    sqlite_store: Engine, tmp_path: Path, served: Served
) -> None:
    """A lost answer leaves one message uncertain; a person sends it again as the same."""
    wanted = settings(channel="graph", graph_sender="coe@larkspur.example")
    queue(sqlite_store, [letter(number) for number in range(4)], wanted, now=NOW)
    fault = {"host": "graph.microsoft.com", "kind": "drop", "path": "sendMail", "times": 1}
    httpx.post(f"{served.url}/_sim/faults", json=fault).raise_for_status()
    first = _send(sqlite_store, served, tmp_path)
    again = _send(sqlite_store, served, tmp_path)
    taken = _look(served, "mail")["mails"]

    assert (first.returncode, again.returncode) == (3, 0), first.stderr
    assert states(sqlite_store) == {"sent": 3, "uncertain": 1}
    assert len(taken) == 4  # the answer was lost, the message was not
    ids = {row.message_id for row in rows(sqlite_store)}
    assert {mail["message_id"] for mail in taken} == ids
    assert {mail["kept"] for mail in taken} == {False}
    assert _look(served, "requests")["trespasses"] == {}

    (lost,) = [row for row in rows(sqlite_store) if row.state == "uncertain"]
    resend(sqlite_store, lost.id, author="Ada", now=NOW)
    _send(sqlite_store, served, tmp_path)
    last = _look(served, "mail")["mails"][-1]
    assert last["message_id"] == lost.message_id
    assert states(sqlite_store) == {"sent": 4}


def test_a_mailbox_that_may_not_send_closes_the_way(
    sqlite_store: Engine, tmp_path: Path, served: Served
) -> None:
    """No permission: nothing is lost, the reason names the setting and the right."""
    wanted = settings(channel="graph", graph_sender="coe@larkspur.example")
    queue(sqlite_store, [letter(1), letter(2)], wanted, now=NOW)
    fault = {"host": "graph.microsoft.com", "kind": "forbidden", "path": "sendMail"}
    httpx.post(f"{served.url}/_sim/faults", json=fault).raise_for_status()
    ended = _send(sqlite_store, served, tmp_path)

    assert ended.returncode == 1
    assert "grant Mail.Send for the mailbox in reports.graph_sender" in ended.stderr
    assert [(row.state, row.tries) for row in rows(sqlite_store)] == [("queued", 0)] * 2
