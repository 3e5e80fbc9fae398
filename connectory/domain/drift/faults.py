"""What is wrong with a file that can be read all the same, each with its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

_MOST: Final = 100
"""Faults of one kind that are told of one file."""
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a careful reader overlooks and a strict one does not.

    Attributes:
        rule: Id of the lint rule that describes it.
        message: What is there, in one sentence without its place.
        line: Where, from 1; None where the whole file is meant.
        column: Where in the line, from 1.
        location: JSON pointer of what holds it; empty for the document.
    """

    rule: str
    message: str
    line: int | None = None
    column: int | None = None
    location: str = ""


class Lines:
    """Tells line and column of the characters of a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of a character, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def told(text: object) -> str:
    """Return some text of a file as it may stand in a message: short and on one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def first(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield only so many faults of one kind as anybody reads."""
    yield from islice(faults, _MOST)


def escaped(step: object) -> str:
    """Return a key as a step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")
