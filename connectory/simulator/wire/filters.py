"""The part of OData's filters that readers of Dataverse use: comparisons, joined by and and or.

Source: OData 4.01 URL conventions, 5.1.1. A filter is applied or refused, never passed over.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from connectory.simulator.wire.exchange import Json, Refused, error

Predicate = Callable[[Json], bool]
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<mark>[()])|'(?P<text>(?:[^']|'')*)'|(?P<word>[A-Za-z0-9_@.:/+-]+))"
)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_DEEPEST: Final = 20
# Moments compare as the texts they are written as, to the second and in UTC.
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}


def parsed(text: str) -> Predicate:
    """Return what tells whether a row passes a filter; every row passes an empty one.

    Raises:
        Refused: The filter is none, or uses more of OData than comparisons.
    """
    if not text.strip():
        return lambda _: True
    return _Reader(text).whole()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compares one column with one value."""

    column: str
    value: Any
    operator: str

    def __call__(self, row: Json) -> bool:
        if self.column not in row:
            raise unknown_column(self.column)
        seen = row[self.column]
        if self.operator in _ORDERS:
            return isinstance(seen, str) and _ORDERS[self.operator](seen, str(self.value))
        return _same(seen, self.value) is (self.operator == "eq")


def _either(parts: list[Predicate]) -> Predicate:
    """Join predicates by or; a long list of ids, which readers ask for, becomes one look-up."""
    tests = [part for part in parts if isinstance(part, _Comparison)]
    wanted = {t.value.casefold() for t in tests if t.operator == "eq" and isinstance(t.value, str)}
    if len(parts) > 1 and len(wanted) == len(parts) and len({t.column for t in tests}) == 1:
        column = tests[0].column

        def listed(row: Json) -> bool:
            if column not in row:
                raise unknown_column(column)
            return str(row[column]).casefold() in wanted

        return listed
    return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)


class _Reader:
    """Reads one filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self._place = 0
        start = 0
        text = text.rstrip()
        while start < len(text):
            found = _TOKEN.match(text, start)
            if found is None:
                raise self._bad()
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            start = found.end()

    def whole(self) -> Predicate:
        """Return the predicate of the whole text."""
        result = self._any(0)
        if self._place != len(self._tokens):
            raise self._bad()
        return result

    def _any(self, depth: int) -> Predicate:
        parts = [self._all(depth)]
        while self._takes("or"):
            parts.append(self._all(depth))
        return _either(parts)

    def _all(self, depth: int) -> Predicate:
        parts = [self._one(depth)]
        while self._takes("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self, depth: int) -> Predicate:
        if self._takes("(", "mark"):
            inner = self._any(depth + 1) if depth < _DEEPEST else None
            if inner is None or not self._takes(")", "mark"):
                raise self._bad()
            return inner
        column, compared = self._next("word"), self._next("word").casefold()
        value = self._value()
        if compared not in {"eq", "ne", *_ORDERS}:
            raise self._bad()
        return _Comparison(column, value, compared)

    def _value(self) -> Any:
        if self._place >= len(self._tokens):
            raise self._bad()
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "text":
            return text.replace("''", "'")
        if text.casefold() in _WORDS:
            return _WORDS[text.casefold()]
        return float(text) if _NUMBER.fullmatch(text) else text

    def _next(self, kind: str) -> str:
        if self._place >= len(self._tokens) or self._tokens[self._place][0] != kind:
            raise self._bad()
        self._place += 1
        return self._tokens[self._place - 1][1]

    def _takes(self, word: str, kind: str = "word") -> bool:
        if self._place < len(self._tokens):
            found, text = self._tokens[self._place]
            if found == kind and text.casefold() == word:
                self._place += 1
                return True
        return False

    def _bad(self) -> Refused:
        text = f"The filter '{self._text}' is not one this service understands."
        return Refused(error(400, "0x80060888", text))


def unknown_column(name: str) -> Refused:
    """Return what refuses a column that a table does not have."""
    return Refused(error(400, "0x80060888", f"Could not find a property named '{name}'."))


def _same(seen: Any, wanted: Any) -> bool:
    if isinstance(seen, str) and isinstance(wanted, str):
        return seen.casefold() == wanted.casefold()
    return bool(seen == wanted) and isinstance(seen, bool) is isinstance(wanted, bool)
