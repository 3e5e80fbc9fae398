"""From a query and the rows of a table to the rows it asks for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from connectory.simulator.kql.reading import (
    Applied,
    Column,
    Expression,
    Named,
    NotUnderstood,
    Operator,
    Query,
    Value,
)

Row = dict[str, Any]
INGESTED: Final = "$ingested"
"""Member of a row that holds when the service took it in; no column."""
_EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
_ALL: Final = frozenset({"count", "sum", "sumif", "countif", "max", "min", "take_any"})


def answer(
    query: Query, rows: Iterable[Row], columns: Sequence[str]
) -> tuple[list[str], list[Row]]:
    """Return the columns and rows that a query asks for.

    Args:
        query: What is asked.
        rows: Rows of its table.
        columns: Columns of its table.

    Raises:
        NotUnderstood: It names a column that is not there, or a function that is not known.
    """
    names, held = list(columns), list(rows)
    for operator in query.operators:
        names, held = _through(operator, names, held)
    return names, held


def _through(operator: Operator, names: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    known = frozenset(names)
    made = [named.name for named in operator.columns]
    match operator.kind:
        case "where" if operator.condition is not None:
            condition = operator.condition
            return names, [row for row in rows if _of(condition, row, known) is True]
        case "take":
            return names, rows[: operator.rows]
        case "sort":
            return names, _sorted(operator, rows, known)
        case "summarize":
            return _summarized(operator, rows, known)
        case "extend":
            told = [row | _made(operator.columns, row, known) for row in rows]
            made = [*(name for name in names if name not in made), *made]
        case "project":
            told = [_made(operator.columns, row, known) for row in rows]
        case "distinct":
            every = [_made(operator.columns, row, known) for row in rows]
            told = list({_key(row, made): row for row in reversed(every)}.values())[::-1]
        case _:
            raise NotUnderstood(f"operator {operator.kind!r}")
    return made, told


def _sorted(operator: Operator, rows: list[Row], known: frozenset[str]) -> list[Row]:
    for named in reversed(operator.columns):
        rows = sorted(
            rows,
            key=lambda row, one=named: _order(_of(one.expression, row, known)),  # type: ignore[misc]
            reverse=named not in operator.by,
        )
    return rows


def _made(columns: Sequence[Named], row: Row, known: frozenset[str]) -> Row:
    made = {named.name: _of(named.expression, row, known) for named in columns}
    return made | {INGESTED: row.get(INGESTED)}


def _key(row: Row, names: Sequence[str]) -> str:
    return repr([row[name] for name in names])


def _order(value: Any) -> tuple[bool, Any]:
    return value is not None, value


def _summarized(
    operator: Operator, rows: list[Row], known: frozenset[str]
) -> tuple[list[str], list[Row]]:
    groups: dict[str, tuple[Row, list[Row]]] = {}
    by = [named.name for named in operator.by]
    for row in rows:
        key = _made(operator.by, row, known)
        groups.setdefault(_key(key, by), (key, []))[1].append(row)
    if not by and not groups:
        groups[""] = ({}, [])
    made = []
    for key, members in groups.values():
        told = {named.name: _total(named.expression, members, known) for named in operator.columns}
        made.append({name: key[name] for name in by} | told)
    return [*by, *(named.name for named in operator.columns)], made


def _total(expression: Expression, rows: list[Row], known: frozenset[str]) -> Any:
    if not isinstance(expression, Applied) or expression.function not in _ALL:
        raise NotUnderstood("an aggregation expected")
    function, given = expression.function, expression.arguments
    if function == "count":
        return len(rows)
    if function == "countif":
        return sum(_of(given[0], row, known) is True for row in rows)
    if function == "sumif":
        rows = [row for row in rows if _of(given[1], row, known) is True]
    values = [told for row in rows if (told := _of(given[0], row, known)) is not None]
    if function in {"sum", "sumif"}:
        return sum(values)
    if function == "take_any":
        return values[0] if values else None
    return (max if function == "max" else min)(values, default=None)


def _of(expression: Expression, row: Row, known: frozenset[str]) -> Any:
    if isinstance(expression, Value):
        return expression.value
    if isinstance(expression, Column):
        if expression.name not in known:
            raise NotUnderstood(f"'project' operator: no column named '{expression.name}'")
        return row.get(expression.name)
    function, arguments = expression.function, expression.arguments
    if function == "ingestion_time":
        return row.get(INGESTED)
    if function == "column_ifexists":
        return _if_there(arguments, row, known)
    if function not in _FUNCTIONS:
        raise NotUnderstood(f"function {function!r}")
    return _FUNCTIONS[function](*(_of(one, row, known) for one in arguments))


def _if_there(arguments: Sequence[Expression], row: Row, known: frozenset[str]) -> Any:
    name, otherwise = arguments
    if isinstance(name, Value) and name.value in known:
        return row.get(str(name.value))
    return _of(otherwise, row, known)


def _string(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
        case float() if value.is_integer():
            return str(int(value))
        case dict() | list():
            return json.dumps(value, separators=(",", ":"))
        case _:
            return str(value)


def _dynamic(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _member(value: Any, name: Any) -> Any:
    value = _dynamic(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list) and isinstance(name, int) and -len(value) <= name < len(value):
        return value[name]
    return None


def _real(value: Any) -> float | None:
    try:
        return None if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        return None


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and not re.fullmatch(r"\s*-?\d+\s*", value):
        return None
    told = _real(value)
    return None if told is None else int(told)


def _bin(value: Any, size: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value - (value - _EPOCH) % size
    return value // size * size


def _near(value: Any, digits: int = 0) -> Any:
    return None if value is None else round(float(value), int(digits))


def _url(value: Any) -> Any:
    told = urlsplit(_string(value))
    return {"Host": told.hostname or "", "Path": told.path, "Scheme": told.scheme}


def _computed(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda one, two: None if one is None or two is None else work(one, two)


def _divided(one: Any, two: Any) -> Any:
    if isinstance(one, int) and isinstance(two, int):
        return int(one / two) if two else None
    return one / two if two else None


def _present(value: Any) -> bool:
    return value is not None and value != ""


def _folded(value: Any) -> str:
    return _string(value).casefold()


def _apart(unit: str, one: datetime, two: datetime) -> int:
    return (one - two) // timedelta(**{f"{unit}s": 1})


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "and": lambda one, two: one is True and two is True,
    "or": lambda one, two: one is True or two is True,
    "not": lambda one: one is not True,
    "==": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "=~": lambda one, two: _folded(one) == _folded(two),
    "!~": lambda one, two: _folded(one) != _folded(two),
    "<": _computed(lambda one, two: one < two),
    ">": _computed(lambda one, two: one > two),
    "<=": _computed(lambda one, two: one <= two),
    ">=": _computed(lambda one, two: one >= two),
    "+": _computed(lambda one, two: one + two),
    "-": _computed(lambda one, two: one - two),
    "*": _computed(lambda one, two: one * two),
    "/": _computed(_divided),
    "%": _computed(lambda one, two: one % two),
    "in": lambda one, *others: one in others,
    "has": lambda one, two: _folded(two) in re.findall(r"\w+", _folded(one)),
    "contains": lambda one, two: _folded(two) in _folded(one),
    "startswith": lambda one, two: _folded(one).startswith(_folded(two)),
    "[]": _member,
    "iff": lambda held, one, two: one if held is True else two,
    "tostring": _string,
    "todynamic": _dynamic,
    "parse_json": _dynamic,
    "tolower": lambda one: _string(one).lower(),
    "toupper": lambda one: _string(one).upper(),
    "toint": _whole,
    "tolong": _whole,
    "todouble": _real,
    "strcat": lambda *parts: "".join(_string(one) for one in parts),
    "split": lambda one, two: _string(one).split(two),
    "replace_regex": lambda one, what, to: re.sub(what, to, _string(one)),
    "parse_url": _url,
    "coalesce": lambda *some: next((one for one in some if _present(one)), None),
    "isempty": lambda one: not _present(one),
    "isnotempty": _present,
    "isnull": lambda one: one is None,
    "isnotnull": lambda one: one is not None,
    "bin": _bin,
    "startofday": lambda one: _bin(one, timedelta(days=1)),
    "hourofday": lambda one: None if one is None else one.hour,
    "round": _near,
    "floor": _bin,
    "log10": lambda one: math.log10(one) if one else None,
    "pow": _computed(lambda one, two: float(one) ** float(two)),
    "max_of": lambda *some: max((one for one in some if one is not None), default=None),
    "datetime_diff": _apart,
}
