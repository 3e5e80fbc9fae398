"""Files that say who answers for connectors: CSV from a spreadsheet, TOML kept in git.

A file is read whole or refused; a line that does not fit is told by its number beside the others.
docs/owners.md describes both forms.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final

from connectory.domain.stewardship import FIELDS, Unfit, day

MOST_BYTES: Final = 20_000_000
MOST_ENTRIES: Final = 100_000
PLACE: Final = ("environment", "connector")
COLUMNS: Final = (*PLACE, *FIELDS)
TABLE: Final = "steward"
_DELIMITERS: Final = ";,\t"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                 (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*steward[ \t]*\]\]", re.MULTILINE)
_LINE_BREAKS: Final = re.compile(r"\r\n|\r|\n")


class NotRead(Exception):
    """A file is none of stewards; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line, and what to write instead."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file says of one connector.

    Attributes:
        line: Where it begins.
        environment: Name or id.
        connector: Name people see, or runtime name.
        told: Value by field; None where a field is said to be empty.
    """

    line: int
    environment: str
    connector: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read.

    Attributes:
        entries: Its lines that can be read.
        faults: Those that cannot.
        whole: What an entry does not name shall not stand; else it stays as it is.
    """

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()
    whole: bool = False


def read_csv(content: bytes) -> Sheet:
    """Read a CSV file: comma, semicolon or tab between the cells, UTF-8 or UTF-16.

    A column that is not there leaves what it would tell as it is.

    Raises:
        NotRead: It is too large, no text, no CSV, or its head names an unknown column.
    """
    text = _text(content)
    first = _LINE_BREAKS.split(text, maxsplit=1)[0]
    # A spreadsheet is told its delimiter by a line of its own.
    told = re.fullmatch(r"sep=(.)", first.strip("\ufeff"))
    delimiter = told[1] if told else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _rows(reader)
    if told:
        next(rows, None)
    head = next(rows, None)
    if head is None:
        raise NotRead(f"it is empty; begin with a line of columns: {','.join(COLUMNS)}")
    columns = _columns(head[1])
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line, cells in rows:
        if len(entries) + len(faults) >= MOST_ENTRIES:
            raise NotRead(f"it has more than {MOST_ENTRIES:,} lines; divide it")
        try:
            entries.append(_entry(line, columns, cells))
        except Unfit as error:
            faults.append(Fault(line, str(error)))
    return Sheet(tuple(entries), tuple(faults))


def read_toml(content: bytes) -> Sheet:
    """Read a TOML file: a table ``[[steward]]`` for each connector.

    A table says all that is to stand for its connector: a field it does not name is emptied.

    Raises:
        NotRead: It is too large, no text, no TOML, or holds something else.
    """
    text = _text(content)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotRead(f"it is no TOML: {error}") from None
    if others := sorted(found.keys() - {TABLE}):
        raise NotRead(f"nothing is known as {others[0]!r}; write [[{TABLE}]] before each connector")
    tables = found.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise NotRead(f"{TABLE} is no list of tables; write [[{TABLE}]] before each connector")
    if len(tables) > MOST_ENTRIES:
        raise NotRead(f"it has more than {MOST_ENTRIES:,} tables; divide it")
    entries: list[Entry] = []
    faults: list[Fault] = []
    for line, table in zip(_lines(text, len(tables)), tables, strict=True):
        try:
            entries.append(_table(line, table))
        except Unfit as error:
            faults.append(Fault(line, str(error)))
    return Sheet(tuple(entries), tuple(faults), whole=True)


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise NotRead(f"it is larger than {MOST_BYTES // 1_000_000} MB; divide it")
    coding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(coding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotRead(f"line {line} is not {coding.upper()}; save it as CSV UTF-8") from None


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, each with the line it begins in."""
    before = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise NotRead(f"line {before + 1}: no CSV: {error}") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def _columns(cells: Sequence[str]) -> list[str]:
    names = ["_".join(cell.strip("\ufeff \t").casefold().split()) for cell in cells]
    for name in names:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(COLUMNS)}"
            raise NotRead(f"no column is called {name[:40]!r}; {hint}")
        if names.count(name) > 1:
            raise NotRead(f"the column {name} stands there twice; leave one out")
    for name in PLACE:
        if name not in names:
            raise NotRead(f"the column {name} is missing; the columns are {', '.join(COLUMNS)}")
    return names


def _entry(line: int, columns: Sequence[str], cells: Sequence[str]) -> Entry:
    if len(cells) != len(columns):
        raise Unfit(f"{len(cells)} cells under {len(columns)} columns; quote cells with delimiters")
    told = dict(zip(columns, map(_cell, cells), strict=True))
    return _placed(line, told)


def _cell(text: str) -> str:
    """Return what a cell says; the apostrophe that keeps a spreadsheet from reckoning is no part."""
    told = text.strip()
    return told[1:] if told.startswith("'") and told[1:].startswith(_FORMULA) else told


def _table(line: int, table: Mapping[str, Any]) -> Entry:
    told: dict[str, str] = {}
    for name, value in table.items():
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            raise Unfit(
                f"nothing is known as {name[:40]!r}"
                + (f"; did you mean {near[0]}?" if near else "")
            )
        if isinstance(value, date) and not isinstance(value, datetime):
            value = value.isoformat()  # noqa: PLW2901 - a day is a day, quoted or not
        if not isinstance(value, str):
            raise Unfit(f"{name}: {type(value).__name__} is no text; put it in quotes")
        told[name] = value.strip()
    return _placed(line, {**dict.fromkeys(FIELDS, ""), **told})


def _placed(line: int, told: dict[str, str]) -> Entry:
    for name in PLACE:
        if not told.get(name):
            raise Unfit(f"{name} is empty; say which connector it is about")
    fields: dict[str, Any] = {name: told[name] or None for name in FIELDS if name in told}
    if "review_on" in fields:
        fields["review_on"] = day(told["review_on"])
    return Entry(line, told["environment"], told["connector"], fields)


def _lines(text: str, tables: int) -> list[int]:
    """Return where each table begins; its place among them where that cannot be told."""
    starts = [match.start() for match in _HEADER.finditer(text)]
    if len(starts) != tables:
        return list(range(1, tables + 1))
    found, line, place = [], 1, 0
    for start in starts:
        line += text.count("\n", place, start)
        place = start
        found.append(line)
    return found
