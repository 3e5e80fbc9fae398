"""The scheduler as an operator meets it: what is due runs, what is not run is recorded."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from daemons import assert_nothing_is_left_out, events, moment, rows, settings, start, until
from receivers import mail_server
from sqlalchemy import Engine, text

from connectory.database import writing
from connectory.simulator.server import Served


def stopped(process: subprocess.Popen[bytes], log: Path) -> str:
    """Ask a scheduler to stop and return what it said."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0, log.read_text(encoding="utf-8")
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    return said


def test_what_is_due_is_run_and_recorded(store: Engine, served: Served, tmp_path: Path) -> None:
    """Collectors and assess run by their crons, each ending with its run, and it stops in peace."""
    schedule = (
        'collect = ""\ncollectors = { environments = "*/5 * * * * *" }\nassess = "*/6 * * * * *"'
    )
    log = tmp_path / "log"
    process = start(store, settings(served, tmp_path, schedule), log)
    try:
        until(lambda: [e for e in events(store, "environments") if e.state == "complete"][1:])
        until(lambda: [e for e in events(store, "assess") if e.state == "complete"])
    finally:
        said = stopped(process, log)

    assert "watches over environments (*/5 * * * * *), assess (*/6 * * * * *)" in said
    runs = {row.id: row.state for row in rows(store, "SELECT id, state FROM runs")}
    done = [event for event in events(store, "environments") if event.state == "complete"]
    assert {runs[event.run_id] for event in done} == {"complete"}
    assert events(store, "environments")[0].state == "armed"
    held = rows(store, "SELECT holder FROM leases WHERE name = 'schedule'")
    assert held[0].holder == ""


def test_a_stopped_scheduler_stops_its_run_and_leaves_a_record(
    store: Engine, served: Served, tmp_path: Path
) -> None:
    """SIGTERM ends the run under way within the bound; its row and its run say what happened."""
    fault = {"host": "api.bap.microsoft.com", "kind": "slow", "seconds": 8}
    httpx.post(f"{served.url}/_sim/faults", json=fault).raise_for_status()
    schedule = (
        'collect = ""\nassess = ""\nstop_seconds = 2\n'
        'collectors = { environments = "*/2 * * * * *" }'
    )
    log = tmp_path / "log"
    process = start(store, settings(served, tmp_path, schedule), log)
    try:
        until(lambda: rows(store, "SELECT id FROM steps"))
    finally:
        stopped(process, log)

    states = [event.state for event in events(store)]
    assert "stopped" in states
    assert "running" not in states
    ended = next(event for event in events(store) if event.state == "stopped")
    assert "the scheduler was stopped" in ended.reason


@pytest.mark.postgresql_in_soak
def test_what_nobody_ran_is_missed_and_the_newest_made_up_for(
    store: Engine, served: Served, tmp_path: Path
) -> None:
    """After an outage one row stands for what was missed, and the newest due moment is run."""
    schedule = 'collect = ""\nassess = ""\ncollectors = { environments = "*/2 * * * * *" }'
    config, log = settings(served, tmp_path, schedule), tmp_path / "log"
    first = start(store, config, log)
    until(lambda: [e for e in events(store) if e.state == "complete"])
    first.kill()
    first.wait()
    before = max(moment(event.due_at) for event in events(store))
    time.sleep(9)
    second = start(store, config, log)
    try:
        until(lambda: [e for e in events(store) if e.state == "missed"])
        until(lambda: [e for e in events(store) if moment(e.due_at) > before + timedelta(seconds=8)
                       and e.state == "complete"])  # fmt: skip
    finally:
        stopped(second, log)

    missed = [event for event in events(store) if event.state == "missed"]
    assert max(event.times for event in missed) >= 2
    assert_nothing_is_left_out(store, seconds=2)


def test_operators_are_told_and_a_failing_mail_server_stops_nothing(
    sqlite_store: Engine, served: Served, tmp_path: Path
) -> None:
    """A run that fails reaches the receivers once; while the server refuses, runs go on."""
    fault = {"host": "api.bap.microsoft.com", "kind": "forbidden"}
    httpx.post(f"{served.url}/_sim/faults", json=fault).raise_for_status()
    schedule = 'collect = ""\nassess = ""\ncollectors = { environments = "*/4 * * * * *" }'
    with mail_server() as server, mail_server(refuse=frozenset({"RCPT"})) as refusing:
        for mailbox in (refusing, server):
            alerts = f"""
[alerts]
mail_to = ["ops@example.com"]
smtp_host = "127.0.0.1"
smtp_port = {mailbox.port}
smtp_security = "none"
"""
            log = tmp_path / f"log-{mailbox.port}"
            process = start(sqlite_store, settings(served, tmp_path, schedule, alerts), log)
            before = len(events(sqlite_store))
            try:
                until(
                    lambda seen=before: [
                        e for e in events(sqlite_store)[seen + 1 :] if e.state == "failed"
                    ][1:]
                )
                if mailbox is server:
                    until(lambda: server.mails)
            finally:
                stopped(process, log)
            # The store remembers that it was tried; let the next scheduler try at once.
            with writing(sqlite_store) as connection:
                connection.execute(text("UPDATE alerts_sent SET tried_at = '2020-01-01 00:00:00'"))

    (told,) = server.mails
    assert told["Subject"] == "Connectory: Scheduled run of environments failed"
    assert "refused, 403" in told.get_content()
    assert "register the application" in " ".join(told.get_content().split())
    (row,) = rows(sqlite_store, "SELECT state, tries FROM alerts_sent")
    assert (row.state, row.tries) == ("sent", 2)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ('collect = "often"', "a cron has five fields"),
        ('collect = "0 0 31 2 *"', "no moment ever fits"),
        ('collectors = { gardens = "0 1 * * *" }', "no collector named gardens"),
        ('collect = ""\nassess = ""', "nothing is scheduled; setting schedule.collect"),
        ("at_once = 0", "schedule.at_once"),
    ],
)
def test_a_wrong_schedule_is_one_line(
    served: Served, tmp_path: Path, schedule: str, words: str
) -> None:
    """What cannot be scheduled is told at once, with the setting."""
    config = settings(served, tmp_path, schedule)

    ended = subprocess.run(
        [sys.executable, "-m", "connectory", "--config", str(config), "schedule"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 1
    assert words in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
