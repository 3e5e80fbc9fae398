"""Reading a connector's definition: an OpenAPI document written by anyone.

Nothing in it is trusted to have the type it should: whatever is malformed is left out, and a
document that cannot be read at all is described, never raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
Kind = Literal["action", "trigger", "internal"]
_REFERENCES = 20
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a document cannot be read.

    Attributes:
        reason: too_large, too_deep, not_json, not_an_object or no_paths.
        detail: The same for a person, with the place.
    """

    reason: Literal["too_large", "too_deep", "not_json", "not_an_object", "no_paths"]
    detail: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; a body's properties are told in `properties`."""

    name: str
    location: str
    type: str | None
    format: str | None
    required: bool
    summary: str | None
    visibility: str | None
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """A response of an operation."""

    status: str
    description: str | None
    type: str | None
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a connector."""

    operation_id: str | None
    method: str
    path: str
    summary: str | None
    description: str | None
    kind: Kind
    trigger_kind: str | None
    visibility: str | None
    deprecated: bool
    parameters: tuple[Parameter, ...]
    responses: tuple[Response, ...]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way of signing in that the document names."""

    name: str
    kind: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """What a definition says."""

    title: str | None
    version: str | None
    description: str | None
    format: str
    host: str | None
    base_path: str | None
    schemes: tuple[str, ...]
    size_bytes: int
    notes: tuple[str, ...]
    security: tuple[SecurityScheme, ...]
    operations: tuple[Operation, ...]


def decode(content: bytes) -> tuple[str, str | None]:
    """Return the text of a document and a note if it was not plain UTF-8.

    A byte-order mark is dropped; what is no UTF-8 is read as Windows-1252, as editors wrote it.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "encoded as UTF-16"
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "not UTF-8, read as Windows-1252"


def parse(
    content: bytes, *, max_bytes: int, max_depth: int
) -> tuple[dict[str, Any], tuple[str, ...]] | Unreadable:
    """Return the object a document holds and what is odd about it, or why there is none.

    Args:
        content: The document exactly as received.
        max_bytes: Largest document read.
        max_depth: Deepest nesting read.
    """
    if len(content) > max_bytes:
        return Unreadable(
            "too_large", f"{len(content):,} bytes, more than the limit of {max_bytes:,}"
        )
    text, note = decode(content)
    depth = _depth(text, max_depth)
    if depth > max_depth:
        return Unreadable("too_deep", f"nested deeper than the limit of {max_depth} levels")
    doubles: list[str] = []
    try:
        value = json.loads(
            text, strict=False, object_pairs_hook=lambda pairs: _object(pairs, doubles)
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        return Unreadable("not_json", f"not JSON: {error.msg} at {place}")
    except (ValueError, RecursionError) as error:
        return Unreadable("not_json", f"not JSON: {type(error).__name__}")
    if not isinstance(value, dict):
        return Unreadable("not_an_object", "JSON, but not an object")
    notes = [note] if note else []
    if doubles:
        notes.append(f"repeated keys, the last one counts: {', '.join(sorted(set(doubles))[:5])}")
    return value, tuple(notes)


def _object(pairs: list[tuple[str, Any]], doubles: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                doubles.append(key)
            seen.add(key)
    return found


def _depth(text: str, limit: int) -> int:
    """Return how deep brackets nest outside strings, at most one more than the limit."""
    depth = deepest = 0
    for char in _NO_BRACKETS.sub("", _STRINGS.sub("", text)):
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > limit:
                break
        else:
            depth -= 1
    return deepest


def read(content: bytes, *, max_bytes: int, max_depth: int) -> Document | Unreadable:
    """Return what a definition says, or why it cannot be read; never raises on its content.

    Args:
        content: The document exactly as received.
        max_bytes: Largest document read.
        max_depth: Deepest nesting read.
    """
    parsed = parse(content, max_bytes=max_bytes, max_depth=max_depth)
    if isinstance(parsed, Unreadable):
        return parsed
    value, notes = parsed
    return document(value, size_bytes=len(content), notes=notes)


def document(
    value: Mapping[str, Any], *, size_bytes: int, notes: tuple[str, ...] = ()
) -> Document | Unreadable:
    """Return what a parsed definition says, or why it says nothing.

    Args:
        value: The parsed object.
        size_bytes: Size as received.
        notes: What was odd about reading it.
    """
    if not isinstance(value.get("paths"), Mapping):
        return Unreadable("no_paths", "JSON, but no OpenAPI document: it has no paths")
    info = _mapping(value.get("info"))
    schemes = value.get("schemes")
    return Document(
        title=_text(info.get("title")),
        version=_text(info.get("version")),
        description=_text(info.get("description")),
        format=_format(value),
        host=_text(value.get("host")),
        base_path=_text(value.get("basePath")),
        schemes=tuple(str(scheme) for scheme in schemes) if isinstance(schemes, list) else (),
        size_bytes=size_bytes,
        notes=notes,
        security=tuple(_security(value)),
        operations=tuple(_operations(value)),
    )


def _format(value: Mapping[str, Any]) -> str:
    if "swagger" in value:
        return f"Swagger {value['swagger']}"[:30]
    if "openapi" in value:
        return f"OpenAPI {value['openapi']}"[:30]
    return "unknown"


def _security(value: Mapping[str, Any]) -> Iterator[SecurityScheme]:
    for name, raw in _mapping(value.get("securityDefinitions")).items():
        scheme = _mapping(raw)
        kind = str(scheme.get("type", ""))
        detail = scheme.get("authorizationUrl") or scheme.get("name")
        yield SecurityScheme(name, kind, _text(detail))


def _operations(value: Mapping[str, Any]) -> Iterator[Operation]:
    for path, raw in value["paths"].items():
        item = _mapping(raw)
        shared = item.get("parameters")
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, Mapping):
                yield _operation(value, path, method, item, operation, shared)


def _operation(
    root: Mapping[str, Any],
    path: str,
    method: str,
    item: Mapping[str, Any],
    raw: Mapping[str, Any],
    shared: object,
) -> Operation:
    visibility = _text(raw.get("x-ms-visibility"))
    trigger = "x-ms-trigger" in raw
    kind: Kind = "trigger" if trigger else "action"
    if not trigger and visibility == "internal":
        kind = "internal"
    webhook = "x-ms-notification-content" in item or "x-ms-notification-content" in raw
    return Operation(
        operation_id=_text(raw.get("operationId")),
        method=method.upper(),
        path=path,
        summary=_text(raw.get("summary")),
        description=_text(raw.get("description")),
        kind=kind,
        trigger_kind=("webhook" if webhook else "polling") if trigger else None,
        visibility=visibility,
        deprecated=raw.get("deprecated") is True,
        parameters=tuple(_parameters(root, shared, raw.get("parameters"))),
        responses=tuple(_responses(root, _mapping(raw.get("responses")))),
    )


def _parameters(root: Mapping[str, Any], *lists: object) -> Iterator[Parameter]:
    """Yield the parameters; one of the operation replaces the path's of the same name and place."""
    found: dict[tuple[str, str], Parameter] = {}
    for values in lists:
        for raw in values if isinstance(values, list) else ():
            parameter = _resolve(root, raw)
            schema = _resolve(root, parameter.get("schema"))
            name = _text(parameter.get("name")) or ""
            location = _text(parameter.get("in")) or ""
            if not name and not location:
                continue
            found[(location, name)] = Parameter(
                name=name,
                location=location,
                type=_text(parameter.get("type")) or _text(schema.get("type")),
                format=_text(parameter.get("format")) or _text(schema.get("format")),
                required=parameter.get("required") is True,
                summary=_text(parameter.get("x-ms-summary")) or _text(parameter.get("description")),
                visibility=_text(parameter.get("x-ms-visibility")),
                properties=_properties(root, schema),
            )
    yield from found.values()


def _responses(root: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[Response]:
    for status, raw in responses.items():
        response = _resolve(root, raw)
        schema = _resolve(root, response.get("schema"))
        yield Response(
            str(status),
            _text(response.get("description")),
            _text(schema.get("type")) or ("object" if schema.get("properties") else None),
            _properties(root, schema),
        )


def _properties(root: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, ...]:
    if schema.get("type") == "array":
        schema = _resolve(root, schema.get("items"))
    return tuple(str(name) for name in _mapping(schema.get("properties")))


def _resolve(root: Mapping[str, Any], value: object) -> Mapping[str, Any]:
    """Follow local references, guarded against circles."""
    node = _mapping(value)
    for _ in range(_REFERENCES):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = _pointed(root, reference)
    return {}


def _pointed(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    if not reference.startswith("#/"):
        return {}
    node: object = root
    for part in reference[2:].split("/"):
        node = _mapping(node).get(part.replace("~1", "/").replace("~0", "~"))
    return _mapping(node)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
