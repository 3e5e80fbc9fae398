"""The commands of the outbox as an operator meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mailboxes import free_port, letter, mailbox, rows, settings, states
from sqlalchemy import Engine
from test_bouncing import report

from connectory.domain.answering import Recipient
from connectory.domain.mailing import MEANING
from connectory.reports.outbox import queue


def command(
    store: Engine, folder: Path, *arguments: str, port: int = 9, now: str = "", read: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run one command over a store, with mail going to a server on loopback."""
    config = folder / "config.toml"
    config.write_text(
        f"""
[reports]
channel = "smtp"
mail_from = "connectory@example.com"
smtp_host = "127.0.0.1"
smtp_port = {port}
smtp_security = "none"
per_minute = 1000
quiet_days = []
""",
        encoding="utf-8",
    )
    before = ["--now", now] if now else ["--now", "2026-11-24T10:00:00Z"]
    return subprocess.run(
        [sys.executable, "-m", "connectory", *before, "outbox", *arguments],
        env={
            **os.environ,
            "CONNECTORY_CONFIG": str(config),
            "CONNECTORY_DATABASE_URL": str(store.url),
        },
        input=read,
        capture_output=True,
        check=False,
        timeout=120,
    )


def _queued(store: Engine, *numbers: int, cap: int = 500) -> None:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    queue(store, [letter(number) for number in numbers], settings(cap_per_run=cap), now=now)


def test_from_the_first_message_to_its_bounce(sqlite_store: Engine, tmp_path: Path) -> None:
    """Held, released, sent, bounced by a report on the pipe, sent again: each step by a command."""
    _queued(sqlite_store, 1, 2, cap=1)
    with mailbox() as box:
        nothing = command(sqlite_store, tmp_path, "send", port=box.port)
        listed = command(sqlite_store, tmp_path, "list", "--state", "held")
        occasion = ("--occasion", "owner-digest/2026-W48")
        let = command(sqlite_store, tmp_path, "release", *occasion, "--author", "Ada")
        sent = command(sqlite_store, tmp_path, "send", port=box.port)
        row = rows(sqlite_store)[0]
        back = report(returned=f"Message-ID: {row.message_id}")
        bounced = command(sqlite_store, tmp_path, "bounce", "-", read=back)
        again = command(sqlite_store, tmp_path, "resend", str(row.id), "--author", "Ada")
        last = command(sqlite_store, tmp_path, "send", port=box.port)

    assert nothing.stdout == b"0 sent\n"
    assert b"2 held" in listed.stdout
    assert b"more than reports.cap_per_run" in listed.stdout
    assert let.stdout == b"2 released\n"
    assert (sent.returncode, sent.stdout) == (0, b"2 sent\n")
    assert bounced.stdout.startswith(f"message {row.id} bounced: 5.1.1".encode())
    assert again.returncode == 0
    assert last.stdout == b"1 sent\n"
    assert box.addresses == {"person1@example.com": 2, "person2@example.com": 1}
    assert states(sqlite_store) == {"sent": 2}


def test_a_server_that_is_down_is_one_line_and_exit_one(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """What waits, where it was tried, and which setting says so."""
    _queued(sqlite_store, 1)
    port = free_port()
    ended = command(sqlite_store, tmp_path, "send", port=port)
    told = json.loads(command(sqlite_store, tmp_path, "list", "--format", "json").stdout)

    assert ended.returncode == 1
    assert ended.stderr.count(b"\n") == 1
    assert f"connectory: 1 wait: 127.0.0.1:{port} cannot be used".encode() in ended.stderr
    assert told["counts"]["queued"] == 1
    assert str(port) in told["messages"][0]["reason"]


def test_at_night_it_says_until_when(sqlite_store: Engine, tmp_path: Path) -> None:
    """Quiet is no failure; a person may send all the same."""
    _queued(sqlite_store, 1)
    with mailbox() as box:
        quiet = command(sqlite_store, tmp_path, "send", port=box.port, now="2026-11-24T22:00:00Z")
        loud = command(
            sqlite_store, tmp_path, "send", "--in-quiet-hours",
            port=box.port, now="2026-11-24T22:00:00Z",
        )  # fmt: skip

    assert quiet.returncode == 0
    assert b"quiet until 25 Nov 2026 07:00 UTC; 1 wait" in quiet.stdout
    assert loud.stdout == b"1 sent\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["release", "1", "--author", "Ada"], b"none of these messages is held"),
        (["cancel", "--author", "Ada"], b"name messages by their numbers, or an --occasion"),
        (["resend", "99", "--author", "Ada"], b"message 99 is not there"),
        (["resend", "1"], b"--author"),
        (["cancel", "1", "--author", " "], b"nobody is named who decides it"),
    ],
)
def test_what_cannot_be_done_is_said(
    sqlite_store: Engine, tmp_path: Path, arguments: list[str], words: bytes
) -> None:
    """The error is short, and no traceback."""
    _queued(sqlite_store, 1)
    ended = command(sqlite_store, tmp_path, *arguments)

    assert ended.returncode != 0
    assert words in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert states(sqlite_store) == {"queued": 1}


def test_what_is_no_report_is_told_by_its_file(sqlite_store: Engine, tmp_path: Path) -> None:
    """One odd file among reports ends nothing but itself, and the exit code tells of it."""
    odd = tmp_path / "odd.eml"
    odd.write_bytes(b"Subject: hello\n\nno report")
    ended = command(sqlite_store, tmp_path, "bounce", str(odd))

    assert ended.returncode == 3
    assert b"odd.eml: no delivery report (RFC 3464)" in ended.stderr


def test_names_do_nothing_to_a_terminal(sqlite_store: Engine, tmp_path: Path) -> None:
    """Control characters of a tenant's words are not printed."""
    to = Recipient("person-1", "Ada\x1b[2J\x07", "ada@example.com", None, "owner")
    queue(
        sqlite_store,
        [letter(1, to=to, subject="Orders\x1b]0;x\x07", occasion="owner-digest/\x1b[31m")],
        settings(),
        now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    )
    ended = command(sqlite_store, tmp_path, "list")

    assert ended.returncode == 0
    assert b"\x1b" not in ended.stdout
    assert b"ada@example.com" in ended.stdout


def test_every_state_stands_on_the_page_of_reports() -> None:
    """docs/reports.md explains each state that a message can be in."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")

    for state in MEANING:
        assert f"| `{state}` |" in page
