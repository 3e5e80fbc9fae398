"""Start real schedulers over a simulated tenant, and read what they did from the store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from connectory.database import reading
from connectory.simulator.server import Served


def settings(served: Served, folder: Path, schedule: str, more: str = "") -> Path:
    """Write settings whose schedule is this text, and return their place."""
    running = served.tenant
    secret = folder / "secret"
    secret.write_text("simulated-secret", encoding="utf-8")
    place = folder / "config.toml"
    place.write_text(
        f"""
[tenant]
id = "{running.id}"
[sign_in]
client_id = "{running.collector_app_id}"
secret_file = "{secret}"
token_cache = ""
[http]
reroute_to = "{served.url}"
requests_per_minute_per_host = 600000
retries = 1
longest_wait_seconds = 0.01
[collect]
lease_seconds = 10
[schedule]
{schedule}
{more}
""",
        encoding="utf-8",
    )
    return place


def start(engine: Engine, config: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `connectory schedule` in a process of its own."""
    url = engine.url.render_as_string(hide_password=False)
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "connectory", "--log-level", "info", "schedule"],
            env={**os.environ, "CONNECTORY_CONFIG": str(config), "CONNECTORY_DATABASE_URL": url},
            stdout=file,
            stderr=file,
        )


def rows(engine: Engine, query: str, **values: Any) -> list[Any]:
    """Return the rows of a query."""
    with reading(engine) as connection:
        return list(connection.execute(text(query), values))


def events(engine: Engine, job: str = "%") -> list[Any]:
    """Return the ledger of the schedule in the order of what was due."""
    query = "SELECT * FROM schedule_events WHERE job LIKE :job ORDER BY due_at, id"
    return rows(engine, query, job=job)


def moment(value: Any) -> datetime:
    """Return a time read without its type: SQLite hands out text without a zone."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


def assert_nothing_is_left_out(engine: Engine, seconds: int, job: str = "%") -> None:
    """Every due moment from the first to the last is covered by exactly one row."""
    told = [event for event in events(engine, job) if event.state not in {"armed", "disarmed"}]
    expected = None
    for row in told:
        first, last = moment(row.first_due_at), moment(row.due_at)
        assert expected is None or first == expected, f"between rows before {row.id}"
        assert (last - first).total_seconds() == (row.times - 1) * seconds
        expected = last + timedelta(seconds=seconds)
