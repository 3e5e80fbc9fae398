"""A second, plain look at a Swagger 2.0 document, to judge the first by.

It knows no rule and shares no code with what is judged: references are followed as often as they
stand, allOf is merged, and nothing is compared but parsed JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
TEXTS = frozenset({"summary", "description", "x-ms-summary", "title"})
METADATA = frozenset({"info", "tags", "externalDocs", "x-ms-connector-metadata"})
EXAMPLES = frozenset({"example", "examples", "x-example", "x-examples", "externalDocs", "tags"})
SHARED = ("definitions", "parameters", "responses")
_NAMED_BY_ANYONE = frozenset({"properties", "definitions", "patternProperties"})


@dataclass(frozen=True)
class RawOperation:
    """An operation as it stands."""

    path: str
    method: str
    item: dict[str, Any]
    value: dict[str, Any]

    @property
    def name(self) -> str:
        """Its operationId, or method and path."""
        told = self.value.get("operationId")
        return told if isinstance(told, str) and told else f"{self.method.upper()} {self.path}"


class RawDefinition:
    """A parsed document and what is asked of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = tuple(self._operations())

    def _operations(self) -> Iterator[RawOperation]:
        for path, item in self.document.get("paths", {}).items():
            if isinstance(item, dict):
                for method in METHODS:
                    if isinstance(item.get(method), dict):
                        yield RawOperation(path, method, item, item[method])

    def named(self, name: str) -> RawOperation | None:
        """Return the operation of this name."""
        return next((one for one in self.operations if one.name == name), None)

    def at(self, method: str | None, path: str | None) -> RawOperation | None:
        """Return the operation at a place."""
        for one in self.operations:
            if (one.method.upper(), one.path) == (method, path):
                return one
        return None

    def followed(self, node: Any) -> dict[str, Any]:
        """Return the object a node is or refers to; of what leads nowhere an empty one."""
        for _ in range(50):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self.pointed(reference)
        return {}

    def pointed(self, reference: str) -> Any:
        """Return what a local reference points to."""
        node: Any = self.document
        for step in reference.removeprefix("#/").split("/"):
            if not isinstance(node, dict):
                return None
            node = node.get(step.replace("~1", "/").replace("~0", "~"))
        return node

    def parameters(self, operation: RawOperation) -> dict[tuple[str, str], dict[str, Any]]:
        """Return its parameters by place and name; its own replace those of the path."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for listed in (operation.item.get("parameters"), operation.value.get("parameters")):
            for raw in listed if isinstance(listed, list) else ():
                parameter = self.followed(raw)
                found[(parameter.get("in", ""), parameter.get("name", ""))] = parameter
        return found

    def names(self, schema: Any, depth: int = 0) -> set[str]:
        """Return the names of the properties of a schema, those of allOf as well."""
        node = self.followed(schema)
        found = set(node.get("properties") or ())
        if depth < 20:
            for part in node.get("allOf") or ():
                found |= self.names(part, depth + 1)
        return found

    def top_level(self, schema: Any) -> set[str]:
        """Return the paths of the properties that a label would name."""
        node = self.followed(schema)
        return self.names(node) | {f"[].{name}" for name in self.names(node.get("items"))}

    def response_paths(self, operation: RawOperation | None, status: str) -> set[str]:
        """Return the top-level properties of a response."""
        if operation is None:
            return set()
        response = self.followed((operation.value.get("responses") or {}).get(status))
        return self.top_level(response.get("schema"))

    def body_paths(self, operation: RawOperation | None) -> set[str]:
        """Return the top-level properties of a body."""
        if operation is None:
            return set()
        found: set[str] = set()
        for (place, _), parameter in self.parameters(operation).items():
            if place == "body":
                found |= self.names(parameter.get("schema"))
        return found

    def notifies(self, operation: RawOperation | None) -> bool:
        """Tell whether an operation says what its webhook delivers."""
        key = "x-ms-notification-content"
        return operation is not None and bool({key} & (operation.value.keys() | operation.item))

    def notification_paths(self, operation: RawOperation | None) -> set[str]:
        """Return the top-level properties of what a webhook delivers."""
        if operation is None:
            return set()
        key = "x-ms-notification-content"
        content = self.followed(operation.value.get(key) or operation.item.get(key))
        return self.top_level(content.get("schema"))

    def referenced(self) -> dict[str, Any]:
        """Return the document without the shared parts that nothing leads to."""
        kept: set[tuple[str, str]] = set()
        waiting = [{key: one for key, one in self.document.items() if key not in SHARED}]
        while waiting:
            for reference in _references(waiting.pop()):
                steps = reference.removeprefix("#/").split("/")
                if len(steps) >= 2 and steps[0] in SHARED:
                    part = (steps[0], steps[1].replace("~1", "/").replace("~0", "~"))
                    if part not in kept:
                        kept.add(part)
                        waiting.append((self.document.get(part[0]) or {}).get(part[1]))
        return {
            key: {name: part for name, part in one.items() if (key, name) in kept}
            if key in SHARED and isinstance(one, dict)
            else one
            for key, one in self.document.items()
        }


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, one in node.items():
            if key == "$ref" and isinstance(one, str):
                yield one
            else:
                yield from _references(one)
    elif isinstance(node, list):
        for one in node:
            yield from _references(one)


def without_texts(node: Any, *, named: bool = False) -> Any:
    """Return a document without what only people read; names that anyone chose are kept."""
    if isinstance(node, list):
        return [without_texts(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_texts(one, named=not named and key in _NAMED_BY_ANYONE)
        for key, one in node.items()
        if named or not (key in TEXTS | EXAMPLES and not _is_schema_map(key, one))
    }


def _is_schema_map(key: str, value: Any) -> bool:
    return key not in EXAMPLES and isinstance(value, dict)


def differs_in_structure(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Tell whether more than texts, metadata and unreferenced parts differ."""
    told = [
        without_texts(
            {
                key: one
                for key, one in RawDefinition(document).referenced().items()
                if key not in METADATA
            }
        )
        for document in (before, after)
    ]
    first, second = (json.dumps(one, sort_keys=True) for one in told)
    return first != second
