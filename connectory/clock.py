"""The times everything goes by: the real one, and one that starts where it is told."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def wall_clock() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


_APART = "CONNECTORY_SECONDS_APART"
"""Variable by which a process that serves pages tells them how far their time is from the real one."""


def page_clock() -> datetime:
    """Return the time that pages go by: the real one, but for those of a simulated tenant."""
    return wall_clock() + timedelta(seconds=float(os.environ.get(_APART, "0")))


def set_page_clock(clock: Callable[[], datetime]) -> None:
    """Let the pages of this process go by a clock from now on.

    Args:
        clock: One that runs on in real seconds.
    """
    if clock is not wall_clock:
        os.environ[_APART] = str((clock() - wall_clock()).total_seconds())


def clock_from(start: datetime | None) -> Callable[[], datetime]:
    """Return a clock: the real one, or one that starts at `start` and runs on in real seconds."""
    if start is None:
        return wall_clock
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)
