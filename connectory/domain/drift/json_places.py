"""Where everything in a JSON text stands, and which keys are there twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from connectory.domain.drift.faults import Fault, Lines, escaped, first, told
from connectory.domain.json_document import whole

STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
"""A string, whatever is in it; one that does not end reaches to the end of the text."""
_TOKENS: Final = re.compile(STRING + r'|[{}\[\]:,]|[^\s"{}\[\],:]++', re.DOTALL)


class Scan:
    """Where everything in a JSON text stands, and which keys are repeated.

    Attributes:
        offsets: Place of each member's name or item, by JSON pointer.
        repeated: Pointer, name and place of each key that its object had before.
    """

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        self.repeated: list[tuple[str, str, int]] = []
        self._pointer = self._within = ""
        self._keys: set[str] | None = None
        self._awaits_name = False
        self._index = 0
        self._outer: list[tuple[str, set[str] | None, int]] = []

    def take(self, piece: str, offset: int) -> None:
        """Take the next bracket, mark or scalar of a valid text."""
        if piece == ",":
            self._next()
        elif piece == ":":
            self._awaits_name = False
        elif piece in "{[":
            self._open(piece, offset)
        elif piece in "}]":
            if self._outer:
                self._within, self._keys, self._index = self._outer.pop()
            self._awaits_name = False
        elif self._keys is None:
            self.offsets[self._pointer] = offset
        elif self._awaits_name:
            self._name(self._keys, _spelled(piece), offset)

    def faults(self, lines: Lines) -> Iterator[Fault]:
        """Yield a fault for each repeated key."""
        yield from first(
            Fault(
                "FileRepeatedKey",
                f"the key {told(name)} is here again; only the last one counts",
                *lines.place(offset),
                location=pointer,
            )
            for pointer, name, offset in self.repeated
        )

    def _next(self) -> None:
        self._awaits_name = self._keys is not None
        if self._keys is None:
            self._index += 1
            self._pointer = f"{self._within}/{self._index}"

    def _open(self, bracket: str, offset: int) -> None:
        if self._keys is None and self._outer:
            self.offsets[self._pointer] = offset
        self._outer.append((self._within, self._keys, self._index))
        self._within, self._index = self._pointer, 0
        self._awaits_name = bracket == "{"
        self._keys = set() if self._awaits_name else None
        if not self._awaits_name:
            self._pointer = f"{self._within}/0"

    def _name(self, keys: set[str], name: str, offset: int) -> None:
        self._pointer = f"{self._within}/{escaped(name)}"
        if name in keys:
            self.repeated.append((self._pointer, name, offset))
        keys.add(name)
        self.offsets[self._pointer] = offset


def scan(text: str) -> Scan:
    """Find the place of everything in a text that is valid JSON."""
    found = Scan()
    for match in _TOKENS.finditer(text):
        found.take(match[0], match.start())
    return found


def _spelled(piece: str) -> str:
    """Return the name that a string spells."""
    if "\\" not in piece:
        return piece[1:-1]
    try:
        return str(whole(json.loads(piece, strict=False))[0])
    except ValueError:
        return piece[1:-1]
