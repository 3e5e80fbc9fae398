"""Patience: what is asked again, how long it is waited, and when to stop.

``httpx-retries`` decides what is retried and how the wait is computed (docs/decisions/0003).
Added here: waiting is injected, every wait is counted for the step it delays, and all waits of a
run come out of one budget, so that a service that is down cannot hold a night.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
from httpx_retries import Retry

from collectors.api.meter import Meter

Sleep = Callable[[float], None]

_STATUSES = (429, 500, 502, 503, 504)
_FIRST_WAIT = 0.5


class RetryBudget:
    """Seconds that all requests of a run together may spend waiting."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._lock = threading.Lock()

    def take(self, seconds: float) -> bool:
        """Take seconds out; False if there are not so many left."""
        with self._lock:
            if seconds > self._left:
                return False
            self._left -= seconds
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
