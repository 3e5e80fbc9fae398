"""Reading a definition, whatever its format, into the one model that everything compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectory.domain.definition import METHODS
from connectory.domain.drift import openapi3, swagger2
from connectory.domain.drift.api import Api, ApiOperation
from connectory.domain.drift.document import load
from connectory.domain.drift.properties import ConnectorProperties
from connectory.domain.drift.views import Schemas
from connectory.domain.json_document import DEEPEST, MOST_BYTES, Unreadable


def read_api(
    content: bytes,
    properties: ConnectorProperties | None = None,
    *,
    max_bytes: int = MOST_BYTES,
    max_depth: int = DEEPEST,
) -> Api | Unreadable:
    """Return what a definition describes, or why it cannot be read; never raises on its content.

    Args:
        content: A document in JSON or YAML, exactly as received.
        properties: What else is known of the connector.
        max_bytes: Largest document read.
        max_depth: Deepest nesting read.
    """
    loaded = load(content, max_bytes=max_bytes, max_depth=max_depth)
    if isinstance(loaded, Unreadable):
        return loaded
    return api_of(loaded.value, properties, tuple(fault.message for fault in loaded.faults))


def api_of(
    value: Mapping[str, Any],
    properties: ConnectorProperties | None = None,
    faults: tuple[str, ...] = (),
) -> Api | Unreadable:
    """Return what a parsed definition describes, or why it describes nothing.

    Args:
        value: The parsed document, which must not change from now on.
        properties: What else is known of the connector.
        faults: What was odd about reading it.
    """
    paths = value.get("paths")
    if not isinstance(paths, Mapping) and not ("openapi" in value and "paths" not in value):
        return Unreadable("no_paths", "no OpenAPI document: it has no paths")
    modern = "openapi" in value
    reader = openapi3 if modern else swagger2
    api = Api(
        format="openapi3" if modern else "swagger2",
        root=value,
        schemas=Schemas(value),
        dialect=openapi3.OpenApi3() if modern else swagger2.Swagger2(),
        location=reader.location(value),
        security=reader.security(value),
        requirement=value.get("security"),
        properties=properties,
        faults=faults,
    )
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        found = api.schemas.target(item)
        for method in METHODS:
            raw = found.get(method)
            if isinstance(raw, Mapping):
                name = raw.get("operationId")
                name = name if isinstance(name, str) and name else None
                operation = ApiOperation(name, method.upper(), str(path), raw, found, api)
                api.operations.append(operation)
    return api
