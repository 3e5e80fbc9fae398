"""A folder of mails as files, which any mail program opens; nobody is written to."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from connectory.reports.mail import eml
from connectory.reports.sending import NotTaken, Posting, Unusable
from connectory.reports_settings import ReportSettings

_ODD = re.compile(r"[^a-z0-9.-]+")
_LONGEST = 60


class FolderSender:
    """Writes each message as a file of its own; the same message is always the same file.

    Args:
        settings: Where the folder is.
    """

    def __init__(self, settings: ReportSettings) -> None:
        self._settings = settings
        self._folder = Path(settings.folder).expanduser()

    def ready(self) -> None:
        """Make the folder, and sure that it can be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder):
                pass
        except OSError as error:
            raise Unusable(
                f"the folder cannot be written: {error.strerror}; {self._folder}; reports.folder"
            ) from error

    def send(self, posting: Posting) -> str:
        """Write a message whole or not at all."""
        content = eml(posting, self._settings)
        place = self._folder / file_name(posting)
        try:
            _write(place, content)
        except OSError as error:
            raise NotTaken(f"not written: {error.strerror}; {place}", alone=False) from error
        return f"written to {place}"

    def close(self) -> None:
        """Hold nothing open."""


def file_name(posting: Posting) -> str:
    """Return the name of a message's file: which report, to whom, and what is its own."""
    whom = _ODD.sub("-", posting.address.casefold())[:_LONGEST].strip(".-")
    return f"{posting.report}-{whom}-{_ODD.sub('-', posting.token.casefold())}.eml"


def _write(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
