"""Reading a connector's definition: an OpenAPI document written by anyone.

Nothing in it is trusted to have the type it should: whatever is malformed is left out, and a
document that cannot be read at all is described, never raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from connectory.domain.json_document import DEEPEST, MOST_BYTES, Unreadable, decode, parse

__all__ = [
    "METHODS",
    "Document",
    "Kind",
    "Operation",
    "Parameter",
    "Response",
    "SecurityScheme",
    "Summary",
    "Unreadable",
    "decode",
    "document",
    "parse",
    "read",
    "summary",
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
Kind = Literal["action", "trigger", "internal"]
# Many operations may share one large schema: what is told of each is bounded.
_MOST_PROPERTIES = 100
_REFERENCES = 20
_LONGEST_REFERENCE = 1_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; a body's properties are told in `properties`.

    Attributes:
        name: As the service expects it.
        location: query, path, header, body or formData.
        type: As written; of a body, its schema's.
        format: As written.
        required: A caller must give it.
        summary: What makers see, or else its description.
        visibility: As written: important, advanced or internal.
        properties: Of a body, the first names one level down.
        required_properties: Of a body, those that a caller must give.
        description: As written.
        default_present: It has a default, which may hold a secret and is not told.
    """

    name: str
    location: str
    type: str | None
    format: str | None
    required: bool
    summary: str | None
    visibility: str | None
    properties: tuple[str, ...] = ()
    required_properties: tuple[str, ...] = ()
    description: str | None = None
    default_present: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A response of an operation; `schema_name` is what the definition calls its schema."""

    status: str
    description: str | None
    type: str | None
    properties: tuple[str, ...] = ()
    schema_name: str | None = None


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


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of what a definition holds.

    Attributes:
        operations: All of them, triggers and internal ones included.
        triggers: Those that start a flow.
        deprecated: Those marked so.
        undocumented: Those with neither summary nor description.
        parameters: Of all operations together.
    """

    operations: int
    triggers: int
    deprecated: int
    undocumented: int
    parameters: int


def summary(document: Document) -> Summary:
    """Count what a definition holds."""
    told = document.operations
    return Summary(
        operations=len(told),
        triggers=sum(one.kind == "trigger" for one in told),
        deprecated=sum(one.deprecated for one in told),
        undocumented=sum(not one.summary and not one.description for one in told),
        parameters=sum(len(one.parameters) for one in told),
    )


def read(
    content: bytes, *, max_bytes: int = MOST_BYTES, max_depth: int = DEEPEST
) -> Document | Unreadable:
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
    named = value.get("securityDefinitions")
    if not isinstance(named, Mapping):
        named = _mapping(value.get("components")).get("securitySchemes")
    for name, raw in _mapping(named).items():
        scheme = _mapping(raw)
        detail = scheme.get("authorizationUrl") or scheme.get("name")
        yield SecurityScheme(name, _text(scheme.get("type")) or "", _text(detail))


def _operations(value: Mapping[str, Any]) -> Iterator[Operation]:
    schemas = _Schemas(value)
    for path, raw in value["paths"].items():
        item = _mapping(raw)
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, Mapping):
                yield _operation(schemas, path, method, item, operation)


def _operation(
    schemas: _Schemas, path: str, method: str, item: Mapping[str, Any], raw: Mapping[str, Any]
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
        parameters=tuple(_parameters(schemas, item.get("parameters"), raw.get("parameters"))),
        responses=tuple(_responses(schemas, _mapping(raw.get("responses")))),
    )


def _parameters(schemas: _Schemas, *lists: object) -> Iterator[Parameter]:
    """Yield the parameters; one of the operation replaces the path's of the same name and place."""
    found: dict[tuple[str, str], Parameter] = {}
    for values in lists:
        for raw in values if isinstance(values, list) else ():
            parameter = schemas.resolve(raw)
            schema = schemas.resolve(parameter.get("schema"))
            name = _text(parameter.get("name")) or ""
            location = _text(parameter.get("in")) or ""
            if not name and not location:
                continue
            description = _text(parameter.get("description"))
            found[(location, name)] = Parameter(
                name=name,
                location=location,
                type=_text(parameter.get("type")) or _text(schema.get("type")),
                format=_text(parameter.get("format")) or _text(schema.get("format")),
                required=parameter.get("required") is True,
                summary=_text(parameter.get("x-ms-summary")) or description,
                visibility=_text(parameter.get("x-ms-visibility")),
                properties=schemas.properties(schema),
                required_properties=_required(schema),
                description=description,
                default_present="default" in parameter or "default" in schema,
            )
    yield from found.values()


def _responses(schemas: _Schemas, responses: Mapping[str, Any]) -> Iterator[Response]:
    for status, raw in responses.items():
        response = schemas.resolve(raw)
        schema = schemas.resolve(response.get("schema"))
        yield Response(
            str(status),
            _text(response.get("description")),
            _text(schema.get("type")) or ("object" if schema.get("properties") else None),
            schemas.properties(schema),
            _schema_name(response.get("schema")),
        )


def _required(schema: Mapping[str, Any]) -> tuple[str, ...]:
    # Of a parameter that is no body, required is a truth value.
    names = schema.get("required")
    told = names[:_MOST_PROPERTIES] if isinstance(names, list) else ()
    return tuple(name for name in told if isinstance(name, str))


def _schema_name(raw: object) -> str | None:
    """Return the name of the schema referred to; of a list, that of its items."""
    node = _mapping(raw)
    reference = node.get("$ref") or _mapping(node.get("items")).get("$ref")
    if not isinstance(reference, str) or len(reference) > _LONGEST_REFERENCE:
        return None
    return _text(_unescaped(reference.rpartition("/")[2]))


class _Schemas:
    """Follows a document's references to its own parts, each once."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[str, Mapping[str, Any]] = {}

    def resolve(self, value: object) -> Mapping[str, Any]:
        """Follow local references, guarded against circles."""
        node = _mapping(value)
        first = node.get("$ref")
        if not isinstance(first, str):
            return node
        if first not in self._known:
            self._known[first] = self._followed(node)
        return self._known[first]

    def properties(self, schema: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the first names of a schema's properties; of a list, its items'."""
        if schema.get("type") == "array":
            schema = self.resolve(schema.get("items"))
        names = _mapping(schema.get("properties"))
        return tuple(str(name) for name in islice(names, _MOST_PROPERTIES))

    def _followed(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(_REFERENCES):
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._pointed(reference)
        return {}

    def _pointed(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#/") or len(reference) > _LONGEST_REFERENCE:
            return {}
        node: object = self._root
        for part in reference[2:].split("/"):
            node = _mapping(node).get(_unescaped(part))
        return _mapping(node)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
