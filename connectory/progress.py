"""What a person, a log or a program sees of a run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import orjson
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from collectors.ledger import StepReport
from collectors.run import RunReport

_SHOWN = 20


@dataclass(slots=True)
class _UnderWay:
    """What a collector has left to do and has read."""

    left: int
    task: TaskID | None
    rows: int = 0


class Watcher:
    """Follows a run: bars on a terminal, plain lines otherwise, JSON for programs."""

    def __init__(self, kind: Literal["text", "json"], bars: Progress | None) -> None:
        self._kind = kind
        self._bars = bars
        self._under_way: dict[str, _UnderWay] = {}
        self._lock = threading.Lock()

    def collector_started(self, name: str, steps: int) -> None:
        """Begin a bar, or remember the count for the closing line."""
        task = None if self._bars is None else self._bars.add_task(name, total=steps, rows=0)
        with self._lock:
            self._under_way[name] = _UnderWay(steps, task)

    def step_ended(self, report: StepReport) -> None:
        """Advance; say when a collector has read its last."""
        with self._lock:
            state = self._under_way[report.collector]
            state.left -= 1
            state.rows += report.rows_seen
            if self._bars is not None and state.task is not None:
                self._bars.update(state.task, advance=1, rows=state.rows)
            elif self._kind == "text" and state.left == 0:
                print(f"{report.collector}: {state.rows} rows", flush=True)  # noqa: T201

    def finish(self, report: RunReport) -> None:
        """Say how the run ended."""
        if self._kind == "json":
            sys.stdout.buffer.write(
                orjson.dumps(_as_dict(report), option=orjson.OPT_APPEND_NEWLINE)
            )
            return
        seen = sum(step.rows_seen for step in report.steps)
        changed = sum(step.rows_changed for step in report.steps)
        console = Console(highlight=False, soft_wrap=True)
        spared = sum(step.spared for step in report.steps)
        known = f"; {spared} known details not read again (--full reads them)" if spared else ""
        console.print(
            f"run {report.run_id} {report.state}: {seen} rows read, {changed} changed{known}",
            markup=False,
        )
        errors = Console(stderr=True, highlight=False, soft_wrap=True)
        if report.reason and report.state == "failed":
            errors.print(f"connectory: {report.reason}", markup=False)
        for step in report.short[:_SHOWN]:
            where = f" {step.environment}" if step.environment else ""
            errors.print(f"{step.state}: {step.collector}{where}: {step.reason}", markup=False)
        if len(report.short) > _SHOWN:
            errors.print(
                f"and {len(report.short) - _SHOWN} more; see the page Runs and coverage",
                markup=False,
            )


def _as_dict(report: RunReport) -> dict[str, object]:
    return {
        "run_id": report.run_id,
        "state": report.state,
        "reason": report.reason,
        "steps": [
            {
                "collector": step.collector,
                "environment": step.environment,
                "state": step.state,
                "reason": step.reason,
                "rows_seen": step.rows_seen,
                "rows_changed": step.rows_changed,
                "requests": step.requests,
                "spared": step.spared,
            }
            for step in report.steps
        ],
    }


@contextmanager
def watch(kind: str) -> Iterator[Watcher]:
    """Yield a watcher that suits where the output goes.

    Args:
        kind: ``text`` or ``json``.
    """
    if kind == "json":
        yield Watcher("json", None)
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Watcher("text", None)
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield Watcher("text", bars)


@contextmanager
def reckoning(*names: str) -> Iterator[list[Callable[[int, int], None] | None]]:
    """Yield for each name what shows on a terminal how far it has come; nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield [None for _ in names]
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield [_bar(bars, name) for name in names]


def _bar(bars: Progress, name: str) -> Callable[[int, int], None]:
    task = bars.add_task(name, total=None)
    return lambda done, every: bars.update(task, completed=done, total=every)
