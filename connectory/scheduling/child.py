"""One scheduled run, in a process of its own: started, watched, asked to stop, and understood."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson

from connectory.lease import TAKEN_EXIT_CODE
from connectory.queries.schedule import ASSESS, REPORTS
from connectory.scheduling.book import End

_STATES: dict[int, End] = {0: "complete", 3: "partial", TAKEN_EXIT_CODE: "skipped"}
_REPORTS = {
    "campaigns": ["campaign", "advance"],
    "outbox": ["outbox", "send"],
}
_LOOK_SECONDS = 0.1
_LONGEST_REPORT = 256 * 1024 * 1024
_LONGEST_WORDS = 20_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How a scheduled run ended."""

    state: End
    reason: str | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a run may take, and to stop, in seconds."""

    longest: float
    stop: float


def command(job: str, options: Sequence[str]) -> list[str]:
    """Return the command of a job.

    Args:
        job: Collector, assess, or one of those that write to people.
        options: Options of ours that the command inherits, e.g. the settings file.
    """
    if job == ASSESS:
        words = [ASSESS]
    elif job in REPORTS:
        words = _REPORTS.get(job, ["report", job, "--send"])
    else:
        words = ["collect", job, "--format", "json"]
    return [sys.executable, "-m", "connectory", *options, *words]


def run(arguments: Sequence[str], bounds: Bounds, stop: threading.Event) -> Ended:
    """Run a command to its end, or until told to stop, and return what became of it.

    The process leads a group of its own, so that an interrupt on the terminal reaches it once,
    through us. Asked to stop it has `bounds.stop` seconds; then its group is killed.

    Args:
        arguments: The command.
        bounds: How long it may take.
        stop: Set when it is to stop.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            return Ended("failed", f"the run could not be started: {error.strerror}")
        begun = time.monotonic()
        while process.poll() is None:
            if stop.wait(_LOOK_SECONDS):
                _end(process, bounds.stop)
                return Ended("stopped", "the scheduler was stopped; what was read is kept")
            if time.monotonic() - begun > bounds.longest:
                _end(process, bounds.stop)
                reason = f"stopped after {bounds.longest / 60:.0f} minutes; what was read is kept"
                return Ended("failed", f"{reason}; schedule.longest_minutes")
        return _understood(process.returncode, out, errors)


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _understood(code: int, out: IO[bytes], errors: IO[bytes]) -> Ended:
    said = _words(errors)
    if code < 0:
        return Ended("failed", f"the run was ended by signal {-code}")
    state = _STATES.get(code, "failed")
    report = _report(out)
    run_id: int | None = report.get("run_id")
    if state == "complete":
        return Ended(state, None, run_id)
    return Ended(state, said or _why(report) or f"exit code {code}", run_id)


def _why(report: dict[str, Any]) -> str:
    """Return why a run is not whole: the reason of the first step that is not, and how many are."""
    steps = report.get("steps") or []
    short = [step for step in steps if step.get("state") in {"partial", "failed"}]
    if not short:
        return str(report.get("reason") or "")
    first = short[0]
    where = f"{first['environment']}: " if first.get("environment") else ""
    more = f"; {len(short)} of {len(steps)} steps are not whole" if len(steps) > 1 else ""
    return f"{where}{first.get('reason')}{more}"


def _words(errors: IO[bytes]) -> str | None:
    """Return the last line that tells what went wrong: errors are one line each."""
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - _LONGEST_WORDS))
    lines = [line.strip() for line in errors.read().decode("utf-8", "replace").splitlines()]
    told = [line.removeprefix("connectory: ") for line in lines if line]
    return told[-1] if told else None


def _report(out: IO[bytes]) -> dict[str, Any]:
    out.seek(0)
    try:
        found = orjson.loads(out.read(_LONGEST_REPORT))
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
