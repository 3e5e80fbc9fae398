"""Log files that were read: each is known by its content, also once more lines have come to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Connection, Table, and_, func, insert, or_, select, update

from models import CallFile

_FILES = cast("Table", CallFile.__table__)
_PART: Final = 1 << 20


class _Row(NamedTuple):
    id: int
    size: int | None
    rows: int
    bad_lines: int
    grown: bool


@dataclass(slots=True)
class Print:
    """What a file is known by.

    Attributes:
        digest: Hash of its bytes.
        size: How many these are.
        known: Whether it was read as it is.
        rows: Calls that were found in it then.
        bad: Lines that could not be read then.
        shorter: Rows of what it was before it grew.
    """

    digest: str
    size: int
    known: bool = False
    rows: int = 0
    bad: int = 0
    shorter: list[int] = field(default_factory=list)

    def read_whole(self, *, again: bool) -> bool:
        """Tell whether nothing is left to read of it.

        What held nothing that could be read is read again: the settings may have been mended.

        Args:
            again: Also what held some lines that could not be read is.
        """
        return self.known and not (self.bad and (again or not self.rows))


class LogFiles:
    """The files of one log that were read.

    Args:
        connection: Open transaction.
        log: Name of the log.
    """

    def __init__(self, connection: Connection, log: str) -> None:
        files = _FILES.c
        grown = files.grown_run_id.is_not(None)
        query = select(
            files.content_hash, files.id, files.size, files.rows, files.bad_lines, grown
        ).where(files.log == log)
        self._log = log
        self._known = {row[0]: _Row(*row[1:]) for row in connection.execute(query)}

    def looked_at(self, path: Path) -> Print:
        """Return what a file is known by, and as what it is known already.

        Raises:
            OSError: It cannot be read.
        """
        ends = sorted({row.size for row in self._known.values() if row.size and not row.grown})
        read, size, shorter = sha256(), 0, []
        with path.open("rb") as file:
            while part := file.read(min([_PART, *(end - size for end in ends[:1])])):
                read.update(part)
                size += len(part)
                if ends and size == ends[0]:
                    del ends[0]
                    met = self._known.get(read.hexdigest())
                    shorter += [] if met is None or met.grown else [met.id]
        row = self._known.get(read.hexdigest())
        if row is None:
            return Print(read.hexdigest(), size, shorter=shorter)
        # A copy of what has grown since tells nothing that the longer one does not.
        bad = 0 if row.grown else row.bad_lines
        return Print(read.hexdigest(), size, known=True, rows=row.rows, bad=bad)

    def note(self, connection: Connection, file: Print, facts: Mapping[str, Any]) -> None:
        """Note that a file was read; what it was before it grew counts no longer.

        Args:
            connection: Open transaction.
            file: What it is known by.
            facts: What was found in it, as columns of the table.
        """
        files = _FILES.c
        place = {"log": self._log, "content_hash": file.digest}
        same = and_(files.log == self._log, files.content_hash == file.digest)
        before = select(func.sum(files.new_rows)).where(or_(same, files.id.in_(file.shorter)))
        new = facts["new_rows"] + int(connection.scalar(before) or 0)
        told = {**facts, "size": file.size, "new_rows": new}
        number = connection.scalar(update(_FILES).where(same).values(told).returning(files.id))
        if number is None:
            made = insert(_FILES).values(**place, **told).returning(files.id)
            number = connection.scalar(made)
        grown = update(_FILES).where(files.id.in_(file.shorter))
        connection.execute(grown.values(grown_run_id=facts["run_id"]))
        kept = {
            name: row._replace(grown=row.grown or row.id in file.shorter)
            for name, row in self._known.items()
        }
        row = _Row(number, file.size, facts["rows"], facts["bad_lines"], grown=False)
        self._known = {**kept, file.digest: row}
