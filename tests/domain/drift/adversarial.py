"""Families of definitions that are small to write and large to understand."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

Node = dict[str, Any]
Two = tuple[Node, Node]

_TEXT = {"type": "string"}


class Compared(str):
    """A text that is counted each time it is compared."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def calls(work: Callable[[], object]) -> int:
    """Count the calls that some work makes: the same on every machine, unlike its time."""
    count = 0

    def count_call(frame: FrameType, event: str, argument: Any) -> None:
        del frame, argument
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def definition(
    definitions: Node, root: str, *, operations: int = 1, more: Node | None = None
) -> Node:
    """Return a definition whose operations all give one shared schema."""
    answer = {"description": "OK", "schema": {"$ref": f"#/definitions/{root}"}}
    return {
        "swagger": "2.0",
        "info": {"title": "Odd", "version": "1"},
        "host": "odd.example",
        "paths": {
            f"/{number}": {
                "get": {
                    "operationId": f"Get{number}",
                    "responses": {"200": answer},
                    **(more or {}),
                }
            }
            for number in range(operations)
        },
        "definitions": definitions,
    }


def _chain(length: int, name: str, *, times: int, last: Node) -> Node:
    """Each schema has the next one as several properties."""
    links = {
        f"{name}{number}": {
            "type": "object",
            "properties": {
                f"p{time}": {"$ref": f"#/definitions/{name}{number + 1}"} for time in range(times)
            },
        }
        for number in range(length)
    }
    return {**links, f"{name}{length}": last}


def _doubled(length: int) -> Two:
    """What would be two to the power of `length` if it were written out; the same twice."""
    return (
        definition(_chain(length, "A", times=2, last=_TEXT), "A0"),
        definition(_chain(length, "B", times=2, last=_TEXT), "B0"),
    )


def _chained(length: int) -> Two:
    """One below the other, the same twice."""
    return (
        definition(_chain(length, "A", times=1, last=_TEXT), "A0"),
        definition(_chain(length, "B", times=1, last=_TEXT), "B0"),
    )


def _circle(length: int, name: str) -> Node:
    return {
        f"{name}{number}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/definitions/{name}{(number + 1) % length}"}},
        }
        for number in range(length)
    }


def _circles(length: int) -> Two:
    """Two circles that look alike from within, of lengths without a common divisor."""
    return (
        definition(_circle(length, "A"), "A0"),
        definition(_circle(length + 1, "B"), "B0"),
    )


def _knot(size: int, name: str) -> Node:
    """Every schema has every other one as a property."""
    return {
        f"{name}{number}": {
            "type": "object",
            "properties": {
                f"p{other}": {"$ref": f"#/definitions/{name}{other}"} for other in range(size)
            },
        }
        for number in range(size)
    }


def _knots(size: int) -> Two:
    """All lead to all, the same twice; n schemas, n² references."""
    side = max(2, int(size**0.5))
    return definition(_knot(side, "A"), "A0"), definition(_knot(side, "B"), "B0")


def _ladder(length: int, name: str) -> Node:
    """Each schema is merged from the next one twice over, and something of its own."""
    steps = {
        f"{name}{number}": {
            "allOf": [
                {"$ref": f"#/definitions/{name}{number + 1}"},
                {"$ref": f"#/definitions/{name}{number + 1}"},
                {"type": "object", "properties": {f"p{number}": _TEXT}},
            ]
        }
        for number in range(length)
    }
    return {**steps, f"{name}{length}": {"type": "object", "properties": {"last": _TEXT}}}


def _ladders(length: int) -> Two:
    return definition(_ladder(length, "A"), "A0"), definition(_ladder(length, "B"), "B0")


def _choices(length: int, name: str) -> Node:
    """Each schema is one of the next one, twice."""
    steps = {
        f"{name}{number}": {
            "oneOf": [
                {"$ref": f"#/definitions/{name}{number + 1}"},
                {"$ref": f"#/definitions/{name}{number + 1}", "title": "again"},
            ]
        }
        for number in range(length)
    }
    return {**steps, f"{name}{length}": _TEXT}


def _chosen(length: int) -> Two:
    return definition(_choices(length, "A"), "A0"), definition(_choices(length, "B"), "B0")


def _wide_enum(width: int) -> Two:
    def one(first: int) -> Node:
        values = [Compared(f"value {number}") for number in range(first, first + width)]
        return definition(
            {"A": {"type": "object", "properties": {"a": {**_TEXT, "enum": values}}}}, "A"
        )

    return one(0), one(1)


def _wide_object(width: int) -> Two:
    def one(kind: str) -> Node:
        properties = {f"p{number}": {"type": kind} for number in range(width)}
        return definition({"A": {"type": "object", "properties": properties}}, "A")

    return one("string"), one("boolean")


def _operations(number: int) -> Two:
    """All operations give the same schema, which changed."""
    before = {"A": {"type": "object", "properties": {"a": _TEXT, "b": _TEXT}}}
    after = {"A": {"type": "object", "properties": {"a": _TEXT}}}
    return definition(before, "A", operations=number), definition(after, "A", operations=number)


def _another_api(number: int) -> Two:
    """No operation has anything to do with any other."""
    before = definition({"A": _TEXT}, "A", operations=number)
    after = copy.deepcopy(before)
    after["paths"] = {f"/other{path}": item for path, item in after["paths"].items()}
    for item in after["paths"].values():
        item["get"]["operationId"] += "Other"
    return before, after


def _parameters(number: int) -> Two:
    def one(kind: str) -> Node:
        listed = [{"name": f"p{place}", "in": "query", "type": kind} for place in range(number)]
        return definition({"A": _TEXT}, "A", more={"parameters": listed})

    return one("string"), one("boolean")


@dataclass(frozen=True)
class Family:
    """Definitions that grow, two of each size.

    Attributes:
        name: What grows.
        make: Make two of a size.
        size: The smaller size; the larger one is four times that.
        same: The two say the same.
    """

    name: str
    make: Callable[[int], Two]
    size: int
    same: bool = False


FAMILIES = (
    Family("a chain", _chained, 15, same=True),
    Family("a chain longer than anybody reads", _chained, 250, same=True),
    Family("a doubled chain", _doubled, 12, same=True),
    Family("circles of other lengths", _circles, 30, same=True),
    Family("knots", _knots, 49, same=True),
    Family("ladders of allOf", _ladders, 14, same=True),
    Family("choices of choices", _chosen, 12, same=True),
    Family("a wide enum", _wide_enum, 500),
    Family("a wide object", _wide_object, 300),
    Family("operations with one schema", _operations, 200),
    Family("another API", _another_api, 200),
    Family("parameters", _parameters, 200),
)


def chain_to(last: str, length: int) -> Node:
    """Return a chain that ends in this type."""
    return definition(_chain(length, "A", times=1, last={"type": last}), "A0")


def doubled_to(last: str, length: int) -> Node:
    """Return a doubled chain that ends in this type: as many places as two to the power of it."""
    return definition(_chain(length, "A", times=2, last={"type": last}), "A0")


def knot_to(last: str, size: int) -> Node:
    """Return schemas that all lead to all others, and have one property of this type."""
    knot = _knot(size, "A")
    for one in knot.values():
        one["properties"]["leaf"] = {"type": last}
    return definition(knot, "A0")


def ladder(length: int, *, last: str) -> Node:
    """Return a ladder of allOf at whose end stands a property of this type."""
    steps = _ladder(length, "A")
    steps[f"A{length}"]["properties"]["last"] = {"type": last}
    return definition(steps, "A0")
