"""Patience: what is asked again, how long it is waited, and when to stop.

``httpx-retries`` decides what is retried and how the wait is computed (docs/decisions/0003).
Added here: waiting is injected, every wait is counted for the step it delays, and all waits of a
run come out of one budget, so that a service that is down cannot hold a night.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from httpx_retries import Retry

from collectors.api.meter import Meter

Sleep = Callable[[float], None]

_STATUSES = (429, 500, 502, 503, 504)
_FIRST_WAIT = 0.5


class RetryBudget:
    """Seconds a run may spend waiting; requests that wait at the same time wait once.

    Args:
        seconds: The budget.
        monotonic: Clock that the waits are laid side by side on.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._left = seconds
        self._monotonic = monotonic
        self._until = 0.0
        self._lock = threading.Lock()

    def take(self, seconds: float) -> bool:
        """Take out what a wait of so many seconds lasts beyond those under way.

        Returns:
            Whether there was so much left; nothing is taken if there was not.
        """
        with self._lock:
            now = self._monotonic()
            longer = max(0.0, now + seconds - max(now, self._until))
            if longer > self._left:
                return False
            self._left -= longer
            self._until = max(self._until, now + seconds)
            return True


class BudgetSpent(httpx.TransportError):
    """The run has waited as long as it may."""


class PatientRetry(Retry):
    """A retry policy that waits by the function given and out of a budget.

    Args:
        budget: Shared by all requests of a run.
        sleep: Waits; injected by tests.
        meter: Where waits are counted.
        options: As for ``httpx_retries.Retry``.
    """

    def __init__(
        self,
        *,
        budget: RetryBudget,
        sleep: Sleep,
        meter: Meter | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("status_forcelist", _STATUSES)
        options.setdefault("backoff_factor", _FIRST_WAIT)
        options.setdefault("allowed_methods", ("GET", "POST"))
        super().__init__(**options)
        self._budget = budget
        self._sleep = sleep
        self._meter = meter

    def copy_with(self, **changes: Any) -> PatientRetry:  # type: ignore[override]
        """Return a copy with some options changed."""
        options = {
            "total": self.total,
            "max_backoff_wait": self.max_backoff_wait,
            "attempts_made": self.attempts_made,
            "elapsed_sleep": self.elapsed_sleep,
            "meter": self._meter,
            **changes,
        }
        return PatientRetry(budget=self._budget, sleep=self._sleep, **options)

    def sleep(self, response: httpx.Response | Exception) -> None:
        """Wait before the next try.

        Raises:
            BudgetSpent: The run may not wait that long any more.
        """
        headers = response.headers if isinstance(response, httpx.Response) else httpx.Headers()
        seconds = self._calculate_sleep(headers)
        if not self._budget.take(seconds):
            raise BudgetSpent("the time a run may wait is used up")
        if self._meter is not None:
            self._meter.waited(seconds)
        self._sleep(seconds)
        self.elapsed_sleep += seconds
