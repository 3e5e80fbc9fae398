"""Records of a log file, one at a time: CSV, JSON lines or Parquet, plain or gzipped.

A record that cannot be read is told with its line and costs nothing but itself. A record of CSV
stands on one line: a quote that is never closed ends there.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

_GZIP: Final = b"\x1f\x8b"
_PARQUET: Final = b"PAR1"
_LONGEST_LINE: Final = 1 << 20
_LONGEST_FIELD: Final = 1 << 17
"""Longer ones the reader of CSV refuses."""
_LOOKED_AT: Final = 100
_ROWS: Final = 5_000
_STILL_WRITTEN: Final = 86_400.0
"""Seconds since the last write within which a file may be in the middle of a line: what gathers
before it writes ends in the middle of one, and may gather for hours.
"""
_BOM: Final = b"\xef\xbb\xbf"


class UnreadableLog(Exception):
    """A file cannot be read as the settings say; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that holds no record.

    Attributes:
        line: Its number, from 1; of Parquet the row's.
        reason: Why.
    """

    line: int
    reason: str


@dataclass(slots=True)
class Reading:
    """What is known of a file by reading it.

    Attributes:
        hash: Of the bytes that were read, where they were read in order.
        size: How many these are.
        unfinished: Its last line had no end yet and was left for the next time.
        ordered: Its bytes are read in order; those of Parquet are not.
        packed: It is gzipped.
        heading: Names of the fields of a record that is a list of them, as one of CSV is.
    """

    hash: Any = field(default_factory=sha256)
    size: int = 0
    unfinished: bool = False
    ordered: bool = True
    packed: bool = False
    heading: list[str] = field(default_factory=list)


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed and counted as they are read."""

    def __init__(self, file: IO[bytes], state: Reading) -> None:
        self._file, self._state = file, state

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        self._state.hash.update(part)
        self._state.size += len(part)
        return len(part)


Record = Mapping[str, Any] | list[str]
Records = Iterator[tuple[int, Record] | Bad]


def kind_of(path: Path, told: str) -> str:
    """Return csv, json_lines or parquet: as told, or by how the file begins.

    Raises:
        OSError: It cannot be opened.
        UnreadableLog: It is damaged.
    """
    if told != "auto":
        return told
    with path.open("rb") as file:
        first = file.read(4)
    if first == _PARQUET:
        return "parquet"
    try:
        with ExitStack() as stack:
            head = _opened(stack, path, Reading()).read(1024).removeprefix(_BOM).lstrip()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from error
    return "json_lines" if head.startswith(b"{") else "csv"


def records(
    path: Path, kind: str, needed: Sequence[str], separator: str, state: Reading
) -> Records:
    """Yield the records of a file with their line, and the lines that hold none.

    Args:
        path: The file.
        kind: csv, json_lines or parquet.
        needed: Columns that must be there; nothing is read before all of them were found.
        separator: Between the fields of CSV.
        state: What is found out about the file on the way.

    Raises:
        UnreadableLog: A column is missing, or the file breaks off; what came before is good.
    """
    reader = {"csv": _csv, "json_lines": _json, "parquet": _parquet}[kind]
    try:
        with ExitStack() as stack:
            yield from reader(stack, path, needed, separator, state)
    except _BROKEN as error:
        raise _damaged(path, error) from error


_BROKEN = (EOFError, zlib.error, csv.Error, ValueError, OverflowError, pa.ArrowException, OSError)
"""What reading a file raises that breaks off, is damaged, or is of another kind than told."""


def _damaged(path: Path, error: Exception) -> UnreadableLog:
    return UnreadableLog(
        f"{shown(path)} breaks off, is damaged or no log ({type(error).__name__}); what came before "
        "is kept, and it is read again in the next run"
    )


def shown(path: Path) -> str:
    """Return a file's name as words; bytes that are none are replaced."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def _opened(stack: ExitStack, path: Path, state: Reading) -> IO[bytes]:
    raw = stack.enter_context(path.open("rb"))
    packed = raw.read(2) == _GZIP
    raw.seek(0)
    file = cast("IO[bytes]", io.BufferedReader(_Hashed(raw, state), 1 << 16))
    state.packed = packed
    return cast("IO[bytes]", stack.enter_context(gzip.open(file))) if packed else file


def _lines(stack: ExitStack, path: Path, state: Reading) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that hold something; one that never ends is cut.

    A last line without an end is left for the next time while the file may be being written; what
    is packed was written to its end.
    """
    file = _opened(stack, path, state)
    written = abs(time.time() - path.stat().st_mtime) < _STILL_WRITTEN and not state.packed
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        whole = line
        if not line.endswith(b"\n"):
            while line and not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                line = file.readline(_LONGEST_LINE)
            if written and not line.endswith(b"\n"):
                state.unfinished = True
                return
        if number == 1:
            whole = whole.removeprefix(_BOM)
        if stripped := whole.strip(b"\r\n"):
            yield number, stripped


def _missing(path: Path, columns: Sequence[str], present: set[str]) -> None:
    absent = sorted(set(columns) - present)
    if absent:
        raise UnreadableLog(
            f"{shown(path)} has no column {', '.join(map(repr, absent))}; nothing of it was read; "
            "name its own columns in telemetry.access_logs"
        )


def _csv(
    stack: ExitStack, path: Path, columns: Sequence[str], separator: str, state: Reading
) -> Records:
    lines = _lines(stack, path, state)
    header = next(lines, None)
    if header is None:
        return
    names = _fields(header[1], separator)
    _missing(path, columns, set(names))
    state.heading = names
    for number, line in lines:
        try:
            values = _fields(line, separator)
        except csv.Error as error:
            yield Bad(number, str(error))
            continue
        if len(values) != len(names):
            yield Bad(number, f"{len(values)} fields instead of {len(names)}")
            continue
        yield number, values


def _fields(line: bytes, separator: str) -> list[str]:
    text = line.decode("utf-8", "replace")
    if '"' not in text and "\r" not in text and len(text) <= _LONGEST_FIELD:
        return text.split(separator)
    return next(csv.reader([text], delimiter=separator, strict=True), [])


def _json(stack: ExitStack, path: Path, columns: Sequence[str], _: str, state: Reading) -> Records:
    lines = _parsed(_lines(stack, path, state))
    first = list(islice(lines, _LOOKED_AT))
    present = {name for one in first if not isinstance(one, Bad) for name in one[1]}
    if present:
        _missing(path, columns, present)
    yield from chain(first, lines)


def _parsed(lines: Iterator[tuple[int, bytes]]) -> Records:
    for number, line in lines:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            yield Bad(number, "no JSON")
            continue
        yield (number, value) if isinstance(value, dict) else Bad(number, "no JSON object")


def _parquet(
    stack: ExitStack, path: Path, columns: Sequence[str], _: str, state: Reading
) -> Records:
    del state  # it is written at once, and read in another order than it lies
    file = stack.enter_context(pq.ParquetFile(path))
    _missing(path, columns, set(file.schema_arrow.names))
    number = 0
    for batch in file.iter_batches(batch_size=_ROWS):
        for row in batch.to_pylist():
            number += 1
            yield number, row
