"""Who leaves and when, and what becomes of things that rest on an account that goes.

A connection that signs in as somebody stops with that account, and so does whatever runs with it.
What somebody merely owns goes on, but nobody is left who may change it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Effect = Literal["stops", "may_stop", "orphaned", "kept"]
"""What becomes of a thing.

stops: it works no more. may_stop: it rests on a connection of theirs that signs in with a key; it
works until somebody removes that. orphaned: it works, and nobody is left who may change it. kept:
somebody else may change it.
"""
EFFECTS: Final[tuple[Effect, ...]] = ("stops", "may_stop", "orphaned", "kept")
"""From the worst to the least."""
Kind = Literal["connection", "connection_reference", "flow", "app", "agent", "connector"]

_PERSON: Final = ("person", "user", "mail", "email", "upn", "userprincipalname", "id", "object id")
_DAY: Final = ("last_day", "last day", "leaves_on", "leaves on", "date", "until")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LONGEST: Final = 450
MOST: Final = 2_000
"""Leavers that are looked at together; more is a mistake, or another question."""


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves.

    Attributes:
        key: Object id.
        last_day: Last day of the account; None if that is not said.
    """

    key: str
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list of leavers.

    Attributes:
        line: Its number.
        person: Object id, sign-in name or mail address, as written.
        last_day: Last day, if it is told.
    """

    line: int
    person: str
    last_day: date | None = None


def read_leavers(text: str) -> tuple[list[Entry], list[str]]:
    """Return the lines of a CSV of leavers, and what is wrong with the others.

    The columns are ``person`` (object id, sign-in name or mail address) and ``last_day``; without a
    head the first two are. A comma, semicolon or tab stands between them. Days are written
    2026-12-31 or 31.12.2026.

    Args:
        text: The file.
    """
    rows, problems = _rows(text)
    person, day = 0, 1
    if rows and (named := _head(rows[0][1])):
        person, day = named
        rows = rows[1:]
    entries: list[Entry] = []
    for line, cells in rows:
        try:
            entries.append(_entry(line, cells, person, day))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    if not entries and not problems:
        problems.append("the file names nobody; write a line with person,last_day for each")
    if len(entries) > MOST:
        problems.append(f"line {entries[MOST].line}: more than {MOST:,} people; split the file")
        entries = entries[:MOST]
    return entries, problems


def _rows(text: str) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the cells of lines that are not empty, with their numbers, and where it is no CSV."""
    clean = text.removeprefix("\ufeff").replace("\0", "")
    first = next((line for line in clean.splitlines() if line.strip()), "")
    between = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(clean, newline=""), delimiter=between)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            told = [cell.strip() for cell in cells]
            if any(told):
                found.append((reader.line_num, told))
    except csv.Error as error:
        return found, [f"line {reader.line_num}: it is no CSV from here on: {error}"]
    return found, []


def _head(cells: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of person and day; None if the line is no head."""
    names = [cell.casefold() for cell in cells]
    person = next((names.index(name) for name in _PERSON if name in names), None)
    if person is None:
        return None
    return person, next((names.index(name) for name in _DAY if name in names), len(names))


def _entry(line: int, cells: Sequence[str], person: int, day: int) -> Entry:
    who = cells[person] if person < len(cells) else ""
    if not who:
        raise ValueError("it names nobody; write an object id, sign-in name or mail address")
    if len(who) > _LONGEST or not who.isprintable():
        raise ValueError("what stands for the person is no id, sign-in name or mail address")
    told = cells[day] if day < len(cells) else ""
    return Entry(line, who, _day(told) if told else None)


def _day(text: str) -> date:
    dotted = _DOTTED.fullmatch(text)
    try:
        if dotted:
            day, month, year = map(int, dotted.groups())
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day; write e.g. 2026-12-31") from None


def worst(effects: Iterable[Effect]) -> Effect:
    """Return the worst of what several reasons make of a thing."""
    return min(effects, key=EFFECTS.index, default="kept")


def first_day(days: Iterable[date | None]) -> date | None:
    """Return the first of some last days; None if none is told."""
    return min((day for day in days if day is not None), default=None)


TO_DO: Final[dict[tuple[str, str], str]] = {
    ("connection", "stops"): "make a connection of another account, and bind what uses it to that",
    ("connection", "may_stop"): "make a connection of another account before this one is removed",
    ("connection_reference", "stops"): "bind it to a connection of another account",
    ("connection_reference", "may_stop"): "bind it to a connection of another account",
    ("connection_reference", "orphaned"): "assign it to another owner",
    ("flow", "stops"): "add another owner, who replaces the connection and turns it on again",
    ("flow", "may_stop"): "add another owner, who replaces the connection",
    ("flow", "orphaned"): "add another owner",
    ("app", "stops"): "make another person its owner, who connects it anew and publishes it",
    ("app", "may_stop"): "make another person its owner, who connects it anew and publishes it",
    ("app", "orphaned"): "make another person its owner",
    ("agent", "stops"): "assign it to another owner, who connects it anew and publishes it",
    ("agent", "may_stop"): "assign it to another owner, who connects it anew and publishes it",
    ("agent", "orphaned"): "assign it to another owner",
    ("connector", "orphaned"): (
        "share it with another person who may edit it, and name a business owner; it cannot change "
        "hands, so export it and make it anew under an account that stays"
    ),
}
"""What to do about a thing, by kind and effect."""


def to_do(kind: str, effect: str) -> str:
    """Return what to do about a thing; nothing if it is kept."""
    return TO_DO.get((kind, effect), "")
