"""What a step cost: requests, retries, seconds of waiting, bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Meter:
    """Counts of one step; safe to add to from several threads."""

    requests: int = 0
    retries: int = 0
    throttled_seconds: float = 0.0
    bytes_received: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self) -> None:
        """Count a request on the wire."""
        with self._lock:
            self.requests += 1

    def waited(self, seconds: float) -> None:
        """Count a retry and how long it was waited for."""
        with self._lock:
            self.retries += 1
            self.throttled_seconds += seconds

    def received(self, size: int) -> None:
        """Count bytes of a reply."""
        with self._lock:
            self.bytes_received += size
