"""The times everything goes by: the real one, and one that starts where it is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def wall_clock() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


def clock_from(start: datetime | None) -> Callable[[], datetime]:
    """Return a clock: the real one, or one that starts at `start` and runs on in real seconds."""
    if start is None:
        return wall_clock
    begun = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - begun)
