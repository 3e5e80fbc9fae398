"""The scheduler sends what waits, and says so of reports as of everything that it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailboxes import letter, mailbox, rows, settings, states
from senders_at_work import until
from sqlalchemy import Engine

from connectory.alerts.causes import alerts
from connectory.config import Settings
from connectory.database import reading
from connectory.queries.schedule import jobs
from connectory.reports.outbox import queue


def test_the_scheduler_sends_what_waits(sqlite_store: Engine, tmp_path: Path) -> None:
    """A cron for the outbox is enough: queued messages go out, and the job counts as on time."""
    with mailbox() as box:
        config = tmp_path / "config.toml"
        config.write_text(
            f"""
[schedule]
collect = ""
assess = ""
[reports]
channel = "smtp"
mail_from = "connectory@example.com"
smtp_host = "127.0.0.1"
smtp_port = {box.port}
smtp_security = "none"
quiet_hours = ""
quiet_days = []
[reports.schedule]
outbox = "*/3 * * * * *"
""",
            encoding="utf-8",
        )
        queue(sqlite_store, [letter(1), letter(2)], settings(box.port), now=datetime.now(UTC))
        log = tmp_path / "log"
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "connectory", "schedule"],
                env={
                    **os.environ,
                    "CONNECTORY_CONFIG": str(config),
                    "CONNECTORY_DATABASE_URL": str(sqlite_store.url),
                },
                stdout=file,
                stderr=file,
            )
        try:
            done = "SELECT * FROM schedule_events WHERE job = 'outbox' AND state = 'complete'"
            until(lambda: states(sqlite_store)["sent"] == 2 and rows(sqlite_store, done), 120)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    assert set(box.addresses.values()) == {1}
    with reading(sqlite_store) as connection:
        now = datetime.now(UTC)
        told = jobs(connection, now, timedelta(minutes=5))
        silent = jobs(connection, now + timedelta(hours=1), timedelta(minutes=5))
        lines = alerts(connection, Settings(), now + timedelta(hours=10))
    assert told[["job", "state"]].to_numpy().tolist() == [["outbox", "on_time"]]
    assert told["last_complete_at"].notna().all()
    assert silent["state"].tolist() == ["silent"]
    assert any("Outbox" in line for alert in lines for line in alert.lines)
