"""Connector definitions as documents: what can be read from them, and the blueprint around one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from connectory.simulator.state import Definition, Json

METHODS: Final = ("get", "put", "post", "patch", "delete", "head", "options")


class DuplicateKeyError(ValueError):
    """A JSON object repeats a key, so that re-serialising it would lose what the author wrote."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A connector as its author would upload it; `content` is the document, byte for byte."""

    key: str
    title: str
    description: str | None
    content: bytes
    operations: list[Json] | None
    backend_url: str | None
    brand_color: str
    connection_parameters: Json
    connection_parameter_sets: Json | None
    policies: list[Json]
    script_operations: list[str]
    has_script: bool

    @property
    def readable(self) -> bool:
        """Whether the document is plain JSON in UTF-8 (a byte order mark is allowed)."""
        return self.operations is not None

    def definition(self) -> Definition:
        """Return the document as the definition of a connector."""
        return Definition(self.content, self.operations)


def parse(content: bytes) -> Any:
    """Return the JSON value in `content`, or None when it is not plain JSON in UTF-8."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def define(content: bytes) -> Definition:
    """Return the definition whose document is `content`, with its operations where readable."""
    return Definition(content, operations_of(parse(content)))


def operations_of(document: Any) -> list[Json] | None:
    """List the operations of a Swagger 2.0 document in its order; None when it is no object.

    An operation is an entry of a path item under one of the HTTP methods that has an
    `operationId`; `trigger` tells whether it carries `x-ms-trigger`.
    """
    if not isinstance(document, dict):
        return None
    return [
        {
            "operationId": operation["operationId"],
            "method": method,
            "path": path,
            "summary": operation.get("summary"),
            "trigger": "x-ms-trigger" in operation,
        }
        for path, method, operation in entries_of(document)
        if isinstance(operation.get("operationId"), str)
    ]


def entries_of(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation object of every operation of a Swagger 2.0 document."""
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in METHODS if isinstance(item, dict) else ():
            if isinstance(item.get(method), dict):
                yield path, method, item[method]


def backend_of(document: Any) -> str | None:
    """Return scheme, host and base path of a Swagger 2.0 document, or None without a host."""
    if not isinstance(document, dict) or not isinstance(document.get("host"), str):
        return None
    schemes = document.get("schemes")
    scheme = schemes[0] if isinstance(schemes, list) and schemes else "https"
    return f"{scheme}://{document['host']}{document.get('basePath') or ''}"


def roundtrips(content: bytes) -> bool:
    """Return whether `content` may be parsed and written again without losing a key."""
    try:
        json.loads(content.decode("utf-8-sig"), object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return False
    return True


def _distinct(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DuplicateKeyError
    return value
