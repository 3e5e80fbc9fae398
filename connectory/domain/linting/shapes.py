"""Whether a document has the shape that the specification gives it: what each part may hold.

This is what a schema of the specification would tell, with the exact place and in words: a schema
answers that a part is none of several alternatives.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import METHODS, Subject, mapping


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a part may hold; an open one holds anything."""

    members: dict[str, str]
    required: tuple[str, ...]
    open: bool


def _shapes() -> dict[str, _Shape]:
    table = files("connectory.domain.linting").joinpath("shapes.toml").read_text(encoding="utf-8")
    return {
        name: _Shape(said["members"], tuple(said.get("required", ())), said.get("open", False))
        for name, said in tomllib.loads(table).items()
    }


_SHAPES: Final = _shapes()
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
    "count": (int,),
    "object": (dict,),
    "list": (list,),
    "names": (list,),
}
_CALLED: Final = {
    "text": "text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "an integer",
    "count": "an integer of at least zero",
    "object": "an object",
    "list": "a list",
    "names": "a list of texts",
}
_JSON: Final = {
    str: "text",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    dict: "an object",
    list: "a list",
    type(None): "null",
}


def check_shapes(subject: Subject) -> Iterator[Trip]:
    """Yield what the specification does not know, what it asks for, and values of another kind."""
    pending: list[tuple[str, str, Any]] = [("", "document", subject.value)]
    while pending:
        pointer, name, node = pending.pop()
        if not isinstance(node, Mapping):
            yield _mistyped(pointer, name, "an object", node)
            continue
        if "$ref" in node and name not in {"item", "requirement"}:
            continue
        shape = _SHAPES[name]
        yield from _members(pointer, name, node, shape)
        for key, value in node.items():
            kind = shape.members.get(key)
            if kind is not None:
                place = f"{pointer}/{escaped(key)}"
                yield from _judged(place, key, kind, value)
                pending.extend(_inner(place, kind, value))


def json_kind(value: object) -> str:
    """Return what a JSON value is called."""
    return _JSON.get(type(value), "something else")


def _members(pointer: str, name: str, node: Mapping[str, Any], shape: _Shape) -> Iterator[Trip]:
    for key in shape.required:
        if key not in node:
            yield Trip("RequiredPropertyMissing", pointer, f"{_article(name)} lacks its {key}")
    if name == "parameter" and node.get("in") not in (None, "body") and "type" not in node:
        yield Trip("RequiredPropertyMissing", pointer, "a parameter lacks its type")
    if shape.open:
        return
    for key in node:
        if key not in shape.members and not key.startswith("x-") and key != "$ref":
            message = f"{told(key)} is nothing that {_article(name)} has"
            yield Trip("AdditionalPropertyNotAllowed", f"{pointer}/{escaped(key)}", message)


def _judged(pointer: str, key: str, kind: str, value: Any) -> Iterator[Trip]:
    """Yield what is wrong with a value by itself."""
    if "|" in kind:
        words = kind.split("|")
        if not isinstance(value, str):
            yield _mistyped(pointer, key, "text", value)
        elif value not in words:
            message = f"{key} is {told(value)!r}, not one of {', '.join(words)}"
            yield Trip("JsonValueNotInEnum", pointer, message)
        return
    expected = "list" if kind.startswith("[") else "object" if kind.startswith("{") else kind
    if expected not in _KINDS:
        return
    if not _is(value, expected):
        yield _mistyped(pointer, key, _CALLED[expected], value)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    if kind == "count":
        return isinstance(value, (int, float)) and value == int(value) >= 0
    if kind == "names":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, _KINDS[kind])


def _inner(pointer: str, kind: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the parts that a value consists of."""
    if kind.startswith("[") and isinstance(value, list):
        for at, item in enumerate(value):
            yield f"{pointer}/{at}", kind[1:-1], item
    elif kind.startswith("{") and isinstance(value, Mapping):
        for name, item in value.items():
            if not name.startswith("x-") or kind == "{schema}":
                yield f"{pointer}/{escaped(name)}", kind[1:-1], item
    elif kind == "schema?":
        if not isinstance(value, bool):
            yield pointer, "schema", value
    elif kind in _SHAPES and not (kind == "schema" and isinstance(value, list)):
        yield pointer, kind, value


def _mistyped(pointer: str, name: str, expected: str, value: object) -> Trip:
    return Trip("JsonTypeIncorrect", pointer, f"{name} is {json_kind(value)}, not {expected}")


def _article(name: str) -> str:
    called = {"document": "the document", "info": "info", "items": "a description of items"}
    return called.get(name, f"an {name}" if name[0] in "aeiou" else f"a {name}")


def check_version(subject: Subject) -> Iterator[Trip]:
    """Yield a specification of another version, and methods that no connector has."""
    if subject.value.get("swagger") != "2.0":
        if not subject.swagger:
            found = f"the document is OpenAPI {told(subject.value['openapi'])}"
        elif "swagger" not in subject.value:
            found = "the document does not say its version"
        else:
            found = f"swagger is {told(subject.value['swagger'])!r}"
            found += "" if isinstance(subject.value["swagger"], str) else ", which is no text"
        key = "swagger" if subject.swagger else "openapi"
        place = f"/{key}" if key in subject.value else ""
        yield Trip("SpecificationVersionIncorrect", place, found)
    if not mapping(subject.value.get("paths")):
        place = "/paths" if "paths" in subject.value else ""
        yield Trip("OperationsMissing", place, "the document has no paths")
    elif not any(method in item for item in subject.paths.values() for method in METHODS):
        yield Trip("OperationsMissing", "/paths", "no path has an operation")
