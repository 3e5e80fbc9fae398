"""Rows held column by column, as whole numbers, and how a database's driver takes them.

Rows of a batch never stand as Python objects of their own: adding them up and writing them is one
operation a column.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Boolean, Date, LargeBinary, SmallInteger, Table

from connectory.domain.tallies import Whole

NOTHING: Final = int(np.iinfo(np.int64).min)
"""Stands for a value that is not told."""
EPOCH: Final = date(1970, 1, 1)
# PostgreSQL counts days from the beginning of the year 2000.
_DAYS_BEFORE: Final = 10_957
_COPIED_AT_ONCE: Final = 5_000

Column = Whole | NDArray[np.void] | Sequence[bytes]
"""Whole numbers, keys of one length, or bytes; days are whole numbers, since 1970."""
Columns = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How PostgreSQL takes values of a type in binary."""

    name: str
    oid: int
    wire: str


_BIGINT = _Kind("bigint", 20, ">i8")
_BYTES = _Kind("bytea", 17, "")
_KINDS: Final = (
    (Date, _Kind("date", 1082, ">i4")),
    (LargeBinary, _BYTES),
    (SmallInteger, _Kind("smallint", 21, ">i2")),
    (Boolean, _Kind("boolean", 16, "i1")),
)


def day_of(number: int) -> date:
    """Return the day so many days after the first of 1970."""
    return EPOCH + timedelta(days=number)


def _kind(table: Table, name: str, column: Column) -> _Kind:
    if isinstance(column, np.ndarray) and column.dtype.kind == "V":
        return _BYTES
    told = table.c[name].type
    return next((kind for type_, kind in _KINDS if isinstance(told, type_)), _BIGINT)


def for_sqlite(table: Table, columns: Columns) -> list[list[Any]]:
    """Return columns as lists of what SQLite's driver takes."""
    return [_plain(_kind(table, name, column), column) for name, column in columns.items()]


def _plain(kind: _Kind, column: Column) -> list[Any]:
    values = column.tolist() if isinstance(column, np.ndarray) else list(column)
    if kind.name == "date":
        days = {number: day_of(number).isoformat() for number in set(values)}
        return [days[number] for number in values]
    if isinstance(column, np.ndarray) and column.dtype == np.int64 and NOTHING in column:
        return [None if value == NOTHING else value for value in values]
    return values


class Packed:
    """An array as PostgreSQL takes it in binary; its type is told where it is used."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw


class PackedDumper(Dumper):
    """Hands an array over as it is."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: Packed) -> Buffer:
        """Return its bytes."""
        return obj.raw


def arrays(table: Table, columns: Columns) -> tuple[str, tuple[Packed, ...]]:
    """Return columns as arrays: the marks of a statement for them, and what they stand for."""
    kinds = [_kind(table, name, column) for name, column in columns.items()]
    marks = ", ".join(f"%s::{kind.name}[]" for kind in kinds)
    packed = (_array(kind, column) for kind, column in zip(kinds, columns.values(), strict=True))
    return marks, tuple(packed)


def _array(kind: _Kind, column: Column) -> Packed:
    if not len(column):
        return Packed(struct.pack(">iii", 0, 0, kind.oid))
    head = struct.pack(">iiiii", 1, 0, kind.oid, len(column), 1)
    if not isinstance(column, np.ndarray):
        size = struct.Struct(">i").pack
        return Packed(head + b"".join([part for raw in column for part in (size(len(raw)), raw)]))
    values = _wired(kind, column)
    found = np.empty(len(column), dtype=[("size", ">i4"), ("value", values.dtype)])
    found["size"], found["value"] = values.dtype.itemsize, values
    return Packed(head + found.tobytes())


def _wired(kind: _Kind, column: NDArray[Any]) -> NDArray[Any]:
    if kind.name == "bytea":
        return column
    shifted = column - _DAYS_BEFORE if kind.name == "date" else column
    return shifted.astype(kind.wire)


def copied(table: Table, columns: Mapping[str, Whole | NDArray[np.void]]) -> Iterator[bytes]:
    """Yield columns as the rows of a COPY in binary, some at a time: its reader need not wait."""
    size = len(next(iter(columns.values())))
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for start in range(0, size, _COPIED_AT_ONCE):
        some = {name: column[start : start + _COPIED_AT_ONCE] for name, column in columns.items()}
        yield _copied(table, some)
    yield b"\xff\xff"


def _copied(table: Table, columns: Mapping[str, Whole | NDArray[np.void]]) -> bytes:
    wired = {name: _wired(_kind(table, name, column), column) for name, column in columns.items()}
    fields: list[tuple[str, Any]] = [("fields", ">i2")]
    for name, values in wired.items():
        fields += [(f"size of {name}", ">i4"), (name, values.dtype)]
    layout = np.dtype(fields)
    rows = np.empty(len(next(iter(wired.values()))), dtype=layout)
    rows["fields"] = len(wired)
    raw = rows.view(np.uint8).reshape(len(rows), layout.itemsize)
    told = np.ones(raw.shape, dtype=bool)
    for name, values in wired.items():
        rows[f"size of {name}"], rows[name] = values.dtype.itemsize, values
        if columns[name].dtype == np.int64:
            absent = columns[name] == NOTHING
            rows[f"size of {name}"][absent] = -1
            start = layout.fields[name][1] if layout.fields else 0
            told[absent, start : start + values.dtype.itemsize] = False
    return raw.tobytes() if told.all() else raw[told].tobytes()
