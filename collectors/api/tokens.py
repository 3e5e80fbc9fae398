"""The token cache on disk: MSAL's own format, readable by its owner alone."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msal

_SPACING = 60.0
_LOG = logging.getLogger(__name__)


def _is_cache(value: object) -> bool:
    """Tell whether a parsed file has the shape of MSAL's cache: entries by kind and key."""
    return isinstance(value, dict) and all(
        isinstance(kind, dict) and all(isinstance(entry, dict) for entry in kind.values())
        for kind in value.values()
    )


class TokenCache:
    """MSAL's cache, kept in a file with mode 0600 or in memory only.

    Args:
        place: The file; None keeps tokens in memory.
        monotonic: Clock by which writes are spaced.

    A run asks for a token for every Dataverse it reads. The first one is written at once; further
    ones wait for the next minute, or for the end.
    """

    def __init__(self, place: Path | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.cache = msal.SerializableTokenCache()
        self.writes = 0
        """How often the file was written."""
        self._place = place
        self._monotonic = monotonic
        self._written: float | None = None
        self._lock = threading.Lock()
        if place is not None and place.is_file():
            self._load(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Write what was put off."""
        self.save(last=True)

    def _load(self, place: Path) -> None:
        """Take over what the file holds; a file nobody can use costs one sign-in, not the run."""
        try:
            place.chmod(0o600)
            text = place.read_text(encoding="utf-8")
            if _is_cache(json.loads(text)):
                self.cache.deserialize(text)
            else:
                _LOG.warning("token cache not used; %s; it is none", place)
        except (OSError, ValueError) as error:
            _LOG.warning("token cache not used; %s; %s", place, type(error).__name__)

    def save(self, *, last: bool = False) -> None:
        """Write the cache if it changed: whole or not at all, never readable by others.

        Args:
            last: Nothing comes after this, so that it is not put off.
        """
        with self._lock:
            if self._place is None or not self.cache.has_state_changed:
                return
            now = self._monotonic()
            if self._written is not None and not last and now - self._written < _SPACING:
                return
            self._written = now
            try:
                self._write(self._place)
            except OSError as error:
                _LOG.warning("token cache not written; %s; %s", self._place, error.strerror)

    def _write(self, place: Path) -> None:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        # What lies there was left by a process that died, or put there by somebody else.
        draft.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(self.cache.serialize())
        draft.replace(place)
        self.writes += 1
        self.cache.has_state_changed = False
