"""Start real processes that send the outbox, kill them, and count at the server what came of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mailboxes import Mailbox, letter, rows, settings
from sqlalchemy import Engine

from connectory.reports.outbox import queue, resend

_PATIENCE_SECONDS = 1500


@dataclass
class AtWork:
    """Processes that send the outbox of one store to one server.

    Attributes:
        engine: The store.
        box: The server.
        folder: Where the settings and what the processes say go.
        owners: How many people are written to.
        whole: Whether the command line is started; else its core, which starts faster.
        killed: How many processes were killed.
    """

    engine: Engine
    box: Mailbox
    folder: Path
    owners: int
    whole: bool = False
    killed: int = 0
    going: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _config: Path = field(init=False)

    def __post_init__(self) -> None:
        self._config = self.folder / "config.toml"
        self._config.write_text(
            f"""
[reports]
channel = "smtp"
mail_from = "connectory@example.com"
smtp_host = "127.0.0.1"
smtp_port = {self.box.port}
smtp_security = "none"
quiet_hours = ""
quiet_days = []
per_minute = 10000
cap_per_run = 100000
""",
            encoding="utf-8",
        )
        letters = [letter(number) for number in range(self.owners)]
        wanted = settings(self.box.port, cap_per_run=100_000)
        queue(self.engine, letters, wanted, now=datetime.now(UTC))

    def start(self) -> None:
        """Start one more process."""
        url = self.engine.url.render_as_string(hide_password=False)
        command = ["-m", "connectory", "outbox", "send"]
        if not self.whole:
            command = [str(Path(__file__).with_name("run_sending.py")), str(self.box.port)]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env={
                    **os.environ,
                    "CONNECTORY_CONFIG": str(self._config),
                    "CONNECTORY_DATABASE_URL": url,
                },
                stdout=log,
                stderr=log,
            )
        self.going.append(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process as a machine does that loses its power."""
        self.going.remove(process)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            self.killed += 1
        process.wait()

    def finish(self) -> list[int]:
        """Wait until all have ended by themselves, send what is left, and return the last codes."""
        for process in self.going:
            process.wait(_PATIENCE_SECONDS)
        self.start()
        codes = [process.wait(_PATIENCE_SECONDS) for process in self.going]
        self.going.clear()
        assert "Traceback" not in (self.folder / "log").read_text(encoding="utf-8")
        return codes

    def stop(self) -> None:
        """End what a failed test left going."""
        for process in self.going:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def kill_at_random(work: AtWork, kills: int, workers: int, chance: random.Random) -> None:
    """Let processes send and kill one, or all of them, at random moments; each is replaced."""
    for _ in range(workers):
        work.start()
    moments = sorted(chance.sample(range(work.owners // 30, work.owners * 9 // 10), kills))
    for number, moment in enumerate(moments):
        until(lambda moment=moment: work.box.taken.total() >= moment)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.02))
        everybody = list(work.going)
        victims = everybody if number % 3 == 2 else [chance.choice(everybody)]
        for victim in victims:
            work.kill(victim)
            work.start()


def until(done: Callable[[], object], seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.002)


def assert_nobody_got_two(work: AtWork) -> dict[str, int]:
    """Compare what the server counted with what the store says; return the figures.

    Then a person has the uncertain ones sent again, each under the Message-ID that it had.
    """
    before = Counter(work.box.taken)
    told = rows(work.engine)
    uncertain = [row for row in told if row.state == "uncertain"]
    assert {row.state for row in told} <= {"sent", "uncertain"}
    assert len(told) == work.owners
    assert max(before.values()) == 1, "somebody got two"
    assert len(uncertain) <= work.killed
    for row in told:
        if row.state == "sent":
            assert before[row.address, row.message_id] == 1
    arrived = sum(before[row.address, row.message_id] for row in uncertain)

    for row in uncertain:
        resend(work.engine, row.id, author="Ada", now=datetime.now(UTC))
    work.start()
    work.finish()
    assert {row.state for row in rows(work.engine)} == {"sent"}
    assert set(work.box.taken) == {(row.address, row.message_id) for row in told}
    again = {key for key, times in work.box.taken.items() if times > before[key]}
    assert again == {(row.address, row.message_id) for row in uncertain}
    return {
        "owners": work.owners,
        "killed": work.killed,
        "uncertain": len(uncertain),
        "of which had arrived": arrived,
    }
