"""Definitions of connectors that nobody wrote: small, odd, and valid enough to mean something."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Node = dict[str, Any]

_WORDS = ("id", "name", "at", "type", "properties", "required", "items", "value", "description")
_PLAIN = ("Fault", "Named")
_SCHEMAS = ("Tide", "Node/of tree", *_PLAIN)
_NAMES = st.sampled_from(_WORDS)
_TEXT = st.sampled_from(("", "Height", "What was seen", "Größe"))
_SCALARS = st.sampled_from(
    (
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "byte"},
        {"type": "integer"},
        {"type": "integer", "format": "int64"},
        {"type": "number", "format": "double"},
        {"type": "boolean"},
        {"type": "string", "enum": ["high", "low"]},
        {"type": "string", "enum": ["high", "low", "slack"], "default": "low"},
        {"type": "string", "maxLength": 9, "pattern": "^a"},
        {"type": "integer", "minimum": 0, "maximum": 9},
    )
)
_SHOWN = st.sampled_from(({}, {}, {"x-ms-visibility": "advanced"}, {"x-ms-visibility": "internal"}))
_NULLABLE = st.sampled_from(({}, {}, {"x-nullable": True}))


def _reference(name: str) -> Node:
    return {"$ref": f"#/definitions/{name.replace('/', '~1')}"}


_REFERENCES = st.sampled_from(_SCHEMAS).map(_reference)


def _titled(schema: Node, title: str) -> Node:
    return {**schema, "title": title} if title and "$ref" not in schema else schema


def _object(properties: Node, needed: int) -> Node:
    required = sorted(properties)[:needed]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
    }


def _merged(parts: list[Node], own: Node) -> Node:
    return {"allOf": [*parts, own]}


def _objects(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.builds(_object, st.dictionaries(_NAMES, inner, max_size=4), st.integers(0, 2))


def _deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Draw what has others within; merged are only plain ones, so that nothing is part of itself."""
    parts = st.lists(st.sampled_from(_PLAIN).map(_reference), min_size=1, max_size=2)
    return (
        _objects(inner)
        | inner.map(lambda items: {"type": "array", "items": items})
        | st.builds(_merged, parts, _objects(inner))
    )


def _leaf(scalar: Node, shown: Node, nullable: Node, text: str) -> Node:
    return _titled({**scalar, **shown, **nullable}, text)


LEAVES = st.builds(_leaf, _SCALARS, _SHOWN, _NULLABLE, _TEXT)
SCHEMAS = st.recursive(LEAVES | _REFERENCES, _deeper, max_leaves=6)


def _parameter(place: str, name: str, value: Node, required: bool, text: str) -> Node:  # noqa: FBT001 - drawn
    required = required or place == "path"
    told = {key: one for key, one in value.items() if key not in ("x-nullable", "title")}
    return {
        "name": name,
        "in": place,
        **told,
        **({"required": True} if required else {}),
        **({"description": text} if text else {}),
    }


_PARAMETERS = st.lists(
    st.builds(
        _parameter, st.sampled_from(("query", "header")), _NAMES, LEAVES, st.booleans(), _TEXT
    ),
    max_size=3,
    unique_by=lambda one: (one["in"], one["name"]),
)
_BODIES = st.none() | st.builds(
    lambda schema, required: {"name": "body", "in": "body", "schema": schema, "required": required},
    SCHEMAS,
    st.booleans(),
)
_ANSWERS = st.dictionaries(
    st.sampled_from(("200", "201", "404", "default")),
    st.builds(
        lambda text, schema: {"description": text, **({"schema": schema} if schema else {})},
        _TEXT,
        st.none() | SCHEMAS,
    ),
    min_size=1,
    max_size=2,
)


def _operation(
    parameters: list[Node],
    body: Node | None,
    answers: Node,
    text: str,
    more: Node,
    notification: Node | None,
) -> Node:
    return {
        "summary": text,
        "parameters": [*parameters, *([body] if body else [])],
        "responses": answers,
        **more,
        **({"x-ms-notification-content": {"schema": notification}} if notification else {}),
    }


OPERATIONS = st.builds(
    _operation,
    _PARAMETERS,
    _BODIES,
    _ANSWERS,
    _TEXT,
    st.sampled_from(
        ({}, {}, {"deprecated": True}, {"x-ms-trigger": "batch"}, {"x-ms-visibility": "important"})
    ),
    st.none() | SCHEMAS,
)


@st.composite
def definitions(draw: st.DrawFn) -> Node:
    """Draw a Swagger 2.0 definition."""
    paths: Node = {}
    for path in draw(st.lists(st.sampled_from(("/a", "/b/{id}", "/c")), min_size=1, unique=True)):
        item: Node = {}
        if "{id}" in path:
            value = {"name": "id", "in": "path", "required": True, "type": "string"}
            item["parameters"] = [draw(st.sampled_from((value, {"$ref": "#/parameters/id"})))]
        for method in draw(st.lists(st.sampled_from(("get", "post", "put")), unique=True)):
            operation = draw(OPERATIONS)
            if method == "get":
                operation["parameters"] = [
                    one for one in operation["parameters"] if one["in"] != "body"
                ]
            item[method] = {"operationId": f"{method}{path.strip('/{}')[0]}", **operation}
        paths[path] = item
    return {
        "swagger": "2.0",
        "info": {"title": "Drawn", "version": "1"},
        "host": "drawn.example",
        "basePath": "/v1",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
        "parameters": {"id": {"name": "id", "in": "path", "required": True, "type": "string"}},
        "definitions": {
            name: draw(_objects(SCHEMAS) if name in _PLAIN else _deeper(SCHEMAS))
            for name in _SCHEMAS
        },
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "security": [{"key": []}],
    }
