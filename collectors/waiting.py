"""Waiting for a service that answers later: bounded, by a clock that tests can turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a step waits.

    Attributes:
        sleep: Waits so many seconds.
        monotonic: Clock that real time passes on, which requests take as well.
    """

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    def rounds(self, every: float, longest: float) -> Iterator[None]:
        """Yield at once, and again after each wait, until no more may be waited.

        Args:
            every: Seconds from one round to the next.
            longest: Seconds in all, those that the rounds themselves take included.
        """
        began, waited = self.monotonic(), 0.0
        yield
        while max(waited, self.monotonic() - began) + every <= longest:
            self.sleep(every)
            waited += every
            yield
