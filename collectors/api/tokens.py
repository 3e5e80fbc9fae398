"""The token cache on disk: MSAL's own format, readable by its owner alone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import msal


class TokenCache:
    """MSAL's cache, kept in a file with mode 0600 or in memory only.

    Args:
        place: The file; None keeps tokens in memory.
    """

    def __init__(self, place: Path | None) -> None:
        self.cache = msal.SerializableTokenCache()
        self._place = place
        self._lock = threading.Lock()
        if place is not None and place.is_file():
            place.chmod(0o600)
            self.cache.deserialize(place.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Write the cache if it changed: whole or not at all, never readable by others."""
        with self._lock:
            if self._place is None or not self.cache.has_state_changed:
                return
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._place.with_name(f"{self._place.name}.{os.getpid()}")
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(self.cache.serialize())
            draft.replace(self._place)
            self.cache.has_state_changed = False
