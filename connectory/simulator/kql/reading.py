"""From the text of a query to its parts: a table, and the operators its rows go through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<text>@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<span>\d+(?:\.\d+)?(?:d|h|m|s|ms)\b)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<literal>datetime\([^()]*\)|(?:dynamic|long)\(null\))
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:-away)?)
  | (?P<mark>==|!=|=~|!~|<=|>=|[|(),.=<>+*/%\[\]-])
    """,
    re.VERBOSE,
)
_SPANS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
_COMPARED: Final = frozenset({"==", "!=", "=~", "!~", "<", ">", "<=", ">="})
_WORDS: Final = frozenset({"has", "contains", "startswith", "in"})


class NotUnderstood(Exception):
    """The text is no query, or none that is understood here."""


@dataclass(frozen=True, slots=True)
class Value:
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the rows."""

    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A function or operator applied to arguments; ``[]`` takes a member."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Value | Column | Applied


@dataclass(frozen=True, slots=True)
class Named:
    """A column that an operator makes."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Operator:
    """What rows go through: ``where``, ``extend``, ``project``, ``summarize``, ``distinct``, ``take``, ``sort``.

    Attributes:
        kind: Which.
        columns: Columns it makes, or those it sorts by.
        by: Of ``summarize``, what it groups by; of ``sort``, those that rise.
        condition: Of ``where``.
        rows: Of ``take``.
    """

    kind: str
    columns: tuple[Named, ...] = ()
    by: tuple[Named, ...] = ()
    condition: Expression | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """A table and what its rows go through."""

    table: str
    operators: tuple[Operator, ...]


def read(text: str) -> Query:
    """Return the parts of a query.

    Raises:
        NotUnderstood: It is none, or none of those understood here.
    """
    reader = _Reader(list(_tokens(text)))
    table = reader.word()
    operators = []
    while reader.take("|"):
        operators.append(reader.operator())
    reader.end()
    return Query(table, tuple(operators))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise NotUnderstood(f"unexpected {text[place : place + 20]!r} at {place}")
        place = found.end()
        if found.lastgroup != "space":
            yield str(found.lastgroup), found.group()


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._place = 0

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise NotUnderstood(f"unexpected {self._tokens[self._place][1]!r}")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def take(self, mark: str) -> bool:
        kind, text = self._peek()
        if kind in {"mark", "word"} and text == mark:
            self._place += 1
            return True
        return False

    def _want(self, mark: str) -> None:
        if not self.take(mark):
            raise NotUnderstood(f"{mark!r} expected, not {self._peek()[1]!r}")

    def word(self) -> str:
        kind, text = self._peek()
        if kind != "word":
            raise NotUnderstood(f"a name expected, not {text!r}")
        self._place += 1
        return text

    def operator(self) -> Operator:
        kind = self.word()
        match kind:
            case "where":
                return Operator(kind, condition=self.expression())
            case "extend" | "project":
                return Operator(kind, self._named())
            case "distinct":
                return Operator(kind, self._named())
            case "summarize":
                columns = () if self._peek()[1] == "by" else self._named()
                return Operator(kind, columns, self._named() if self.take("by") else ())
            case "take" | "limit":
                return Operator("take", rows=int(self._number()))
            case "sort" | "order":
                self._want("by")
                return self._sorting()
            case _:
                raise NotUnderstood(f"operator {kind!r}")

    def _number(self) -> str:
        kind, text = self._peek()
        if kind != "number":
            raise NotUnderstood(f"a number expected, not {text!r}")
        self._place += 1
        return text

    def _sorting(self) -> Operator:
        columns, rising = [], []
        while True:
            named = self._one()
            columns.append(named)
            if self.take("asc"):
                rising.append(named)
            else:
                self.take("desc")
            if not self.take(","):
                return Operator("sort", tuple(columns), tuple(rising))

    def _named(self) -> tuple[Named, ...]:
        found = [self._one()]
        while self.take(","):
            found.append(self._one())
        return tuple(found)

    def _one(self) -> Named:
        following = self._tokens[self._place + 1 : self._place + 2]
        if self._peek()[0] == "word" and following == [("mark", "=")]:
            name = self.word()
            self._want("=")
            return Named(name, self.expression())
        told = self.expression()
        if isinstance(told, Column):
            return Named(told.name, told)
        if isinstance(told, Applied):
            first = told.arguments[0] if told.arguments else None
            suffix = first.name if isinstance(first, Column) else ""
            return Named(f"{told.function}_{suffix}", told)
        raise NotUnderstood("a column expected")

    def expression(self) -> Expression:
        left = self._both()
        while self.take("or"):
            left = Applied("or", (left, self._both()))
        return left

    def _both(self) -> Expression:
        left = self._compared()
        while self.take("and"):
            left = Applied("and", (left, self._compared()))
        return left

    def _compared(self) -> Expression:
        left = self._sum()
        kind, text = self._peek()
        if (kind == "mark" and text in _COMPARED) or (kind == "word" and text in _WORDS):
            self._place += 1
            if text == "in":
                self._want("(")
                return Applied("in", (left, *self._arguments()))
            return Applied(text, (left, self._sum()))
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while (mark := self._peek()[1]) in {"+", "-"} and self._peek()[0] == "mark":
            self._place += 1
            left = Applied(mark, (left, self._product()))
        return left

    def _product(self) -> Expression:
        left = self._member()
        while (mark := self._peek()[1]) in {"*", "/", "%"} and self._peek()[0] == "mark":
            self._place += 1
            left = Applied(mark, (left, self._member()))
        return left

    def _member(self) -> Expression:
        found = self._plain()
        while True:
            if self.take("."):
                found = Applied("[]", (found, Value(self.word())))
            elif self.take("["):
                found = Applied("[]", (found, self.expression()))
                self._want("]")
            else:
                return found

    def _arguments(self) -> tuple[Expression, ...]:
        if self.take(")"):
            return ()
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        self._want(")")
        return tuple(found)

    def _plain(self) -> Expression:
        kind, text = self._peek()
        self._place += 1
        if kind in _CONSTANTS:
            return Value(_CONSTANTS[kind](text))
        if kind == "mark" and text == "(":
            found = self.expression()
            self._want(")")
            return found
        if kind == "mark" and text == "-":
            return Applied("-", (Value(0), self._member()))
        if kind != "word":
            raise NotUnderstood(f"an expression expected, not {text!r}")
        if text in {"true", "false"}:
            return Value(text == "true")
        return Applied(text, self._arguments()) if self.take("(") else Column(text)


def _text(raw: str) -> str:
    if raw.startswith("@"):
        return raw[2:-1].replace(raw[1] * 2, raw[1])
    return re.sub(r"\\(.)", r"\1", raw[1:-1])


def moment(text: str) -> datetime:
    """Return a time as a query writes it.

    Raises:
        NotUnderstood: It is none.
    """
    try:
        told = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip().strip("\"'")))
    except ValueError:
        raise NotUnderstood(f"no time: {text!r}") from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _span(text: str) -> timedelta:
    unit = text.lstrip("0123456789.")
    return timedelta(**{_SPANS[unit]: float(text.removesuffix(unit))})


_CONSTANTS: Final[Mapping[str, Callable[[str], Any]]] = {
    "text": _text,
    "number": lambda text: float(text) if re.search(r"[.eE]", text) else int(text),
    "span": _span,
    "literal": lambda text: moment(text[9:-1]) if text.startswith("datetime") else None,
}
