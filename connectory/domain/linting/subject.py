"""A definition as linting looks at it: operations, parameters and schemas, each with its pointer.

Whatever a document holds in a place, these answer with what is of the expected kind and pass over
the rest; what is of another kind is told by `shapes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from connectory.domain.drift.faults import escaped

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch")
DYNAMIC: Final = (
    "x-ms-dynamic-values", "x-ms-dynamic-list", "x-ms-dynamic-schema", "x-ms-dynamic-properties",
    "x-ms-dynamic-tree",
)  # fmt: skip
_REFERENCES: Final = 20
Role = Literal["input", "output", "definition"]


def mapping(value: object) -> Mapping[str, Any]:
    """Return a value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """Return a value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return a value if it is text, else none."""
    return value if isinstance(value, str) else ""


def names(value: object) -> list[str]:
    """Return the texts of a list."""
    return [item for item in items(value) if isinstance(item, str)]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as declared; references are followed."""

    pointer: str
    raw: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name as the service expects it."""
        return text(self.raw.get("name"))

    @property
    def kind(self) -> str:
        """Where it goes: query, path, header, body or formData."""
        return text(self.raw.get("in"))

    @property
    def required(self) -> bool:
        """Whether a caller must give it."""
        return self.raw.get("required") is True

    @property
    def internal(self) -> bool:
        """Whether makers do not see it."""
        return self.raw.get("x-ms-visibility") == "internal"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with the parameters of its path."""

    pointer: str
    path: str
    method: str
    raw: Mapping[str, Any]
    item: Mapping[str, Any]
    parameters: tuple[Parameter, ...]

    @property
    def id(self) -> str:
        """Its operationId; empty if it has none."""
        return text(self.raw.get("operationId"))

    @property
    def name(self) -> str:
        """What people call it."""
        return self.id or f"{self.method.upper()} {self.path}"

    @property
    def trigger(self) -> bool:
        """Whether it starts flows."""
        return bool(self.raw.get("x-ms-trigger"))

    @property
    def responses(self) -> Mapping[str, Any]:
        """Its responses by status."""
        return mapping(self.raw.get("responses"))

    @property
    def notification(self) -> object:
        """What a webhook delivers, at the operation or its path."""
        name = "x-ms-notification-content"
        return self.raw.get(name) or self.item.get(name)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that is written down somewhere.

    Attributes:
        pointer: Where.
        node: As written; a reference is not followed.
        role: Of what it is part.
        name: Of a property, its name.
        required: Of a property, whether its object asks for it.
    """

    pointer: str
    node: Mapping[str, Any]
    role: Role
    name: str | None = None
    required: bool = False


class Subject:
    """What is linted.

    Args:
        value: The parsed definition.
        properties: The parsed apiProperties.json; None if there is none.
    """

    def __init__(self, value: Mapping[str, Any], properties: Mapping[str, Any] | None) -> None:
        self.value = value
        self.properties = properties
        self._members: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}

    @property
    def swagger(self) -> bool:
        """Whether it is written in the version of the specification that connectors have."""
        return "openapi" not in self.value

    @property
    def info(self) -> Mapping[str, Any]:
        """What it says about itself."""
        return mapping(self.value.get("info"))

    @cached_property
    def paths(self) -> dict[str, Mapping[str, Any]]:
        """Path items by template."""
        return {
            path: mapping(item)
            for path, item in mapping(self.value.get("paths")).items()
            if not path.startswith("x-")
        }

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All operations."""
        return tuple(
            Operation(
                f"/paths/{escaped(path)}/{method}",
                path,
                method,
                item[method],
                item,
                tuple(self._effective(path, item, method)),
            )
            for path, item in self.paths.items()
            for method in METHODS
            if isinstance(item.get(method), Mapping)
        )

    @cached_property
    def by_id(self) -> dict[str, Operation]:
        """Operations by operationId."""
        return {operation.id: operation for operation in self.operations if operation.id}

    @cached_property
    def lists_of_parameters(self) -> tuple[tuple[str, list[Any]], ...]:
        """Each list of parameters that is written down, with its pointer."""
        found = [
            (f"/paths/{escaped(p)}/parameters", i.get("parameters")) for p, i in self.paths.items()
        ]
        found += [(f"{o.pointer}/parameters", o.raw.get("parameters")) for o in self.operations]
        return tuple((pointer, items(raw)) for pointer, raw in found if isinstance(raw, list))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter that is written down, each once; references are passed over."""
        found = [
            Parameter(f"{pointer}/{at}", raw)
            for pointer, listed in self.lists_of_parameters
            for at, raw in enumerate(listed)
            if isinstance(raw, Mapping) and "$ref" not in raw
        ]
        found += [
            Parameter(f"/parameters/{escaped(name)}", raw)
            for name, raw in mapping(self.value.get("parameters")).items()
            if isinstance(raw, Mapping) and "$ref" not in raw
        ]
        return tuple(found)

    @cached_property
    def responses(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Every response that is written down, with its pointer; references are passed over."""
        found = [
            (f"/responses/{escaped(n)}", r) for n, r in mapping(self.value.get("responses")).items()
        ]
        found += [
            (f"{operation.pointer}/responses/{escaped(status)}", raw)
            for operation in self.operations
            for status, raw in operation.responses.items()
        ]
        return tuple((p, r) for p, r in found if isinstance(r, Mapping) and "$ref" not in r)

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema that is written down, each once, inner ones included."""
        return tuple(schema for root in self._roots() for schema in within(root))

    @cached_property
    def inputs(self) -> frozenset[str]:
        """Names of the definitions that are part of what is sent."""
        pending = [schema for schema in self.schemas if schema.role == "input"]
        found: set[str] = set()
        definitions = mapping(self.value.get("definitions"))
        while pending:
            name = definition_of(pending.pop().node.get("$ref"))
            if name is not None and name not in found and name in definitions:
                found.add(name)
                root = Schema(f"/definitions/{escaped(name)}", mapping(definitions[name]), "input")
                pending.extend(within(root))
        return frozenset(found)

    def is_input(self, schema: Schema) -> bool:
        """Tell whether a schema is part of what is sent."""
        if schema.role != "definition":
            return schema.role == "input"
        name = schema.pointer.split("/", 3)[2].replace("~1", "/").replace("~0", "~")
        return name in self.inputs

    def target(self, reference: object) -> object:
        """Return what a reference into the document means, None if nothing."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        node: object = self.value
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, Mapping) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                return None
        return node

    def resolve(self, value: object) -> Mapping[str, Any]:
        """Return a mapping with its references followed, an empty one if they lead nowhere."""
        node = mapping(value)
        for _ in range(_REFERENCES):
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = mapping(self.target(reference))
        return {}

    def members(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties of a schema with those of all that it consists of (allOf)."""
        known = self._members.get(id(schema))
        if known is not None:
            return known[1]
        found: dict[str, Any] = {}
        pending, seen = [schema], {id(schema)}
        while pending:
            part = pending.pop()
            found |= mapping(part.get("properties"))
            for written in items(part.get("allOf")):
                inner = self.resolve(written)
                if id(inner) not in seen:
                    seen.add(id(inner))
                    pending.append(inner)
        # The schema is kept with what it has: an address is only its own while it exists.
        self._members[id(schema)] = schema, found
        return found

    def _effective(self, path: str, item: Mapping[str, Any], method: str) -> Iterator[Parameter]:
        """Yield the parameters of an operation; its own replace those of its path."""
        pointer = f"/paths/{escaped(path)}"
        found: dict[tuple[str, str], Parameter] = {}
        for at, raw in ((pointer, item), (f"{pointer}/{method}", mapping(item[method]))):
            for number, written in enumerate(items(raw.get("parameters"))):
                parameter = Parameter(f"{at}/parameters/{number}", self.resolve(written))
                found[parameter.kind, parameter.name] = parameter
        yield from found.values()

    def _roots(self) -> Iterator[Schema]:
        for name, node in mapping(self.value.get("definitions")).items():
            yield Schema(f"/definitions/{escaped(name)}", mapping(node), "definition")
        for parameter in self.parameters:
            if isinstance(parameter.raw.get("schema"), Mapping):
                yield Schema(f"{parameter.pointer}/schema", parameter.raw["schema"], "input")
        for pointer, response in self.responses:
            if isinstance(response.get("schema"), Mapping):
                yield Schema(f"{pointer}/schema", response["schema"], "output")
        holders = [(f"/paths/{escaped(path)}", item) for path, item in self.paths.items()]
        holders += [(operation.pointer, operation.raw) for operation in self.operations]
        for pointer, holder in holders:
            told = mapping(holder.get("x-ms-notification-content")).get("schema")
            if isinstance(told, Mapping):
                yield Schema(f"{pointer}/x-ms-notification-content/schema", told, "output")


def within(root: Schema) -> Iterator[Schema]:
    """Yield a schema and all that are written inside it; what properties are called is no keyword."""
    pending = [root]
    while pending:
        schema = pending.pop()
        yield schema
        pending.extend(_children(schema))


def _children(schema: Schema) -> Iterator[Schema]:
    node, pointer, role = schema.node, schema.pointer, schema.role
    required = set(names(node.get("required")))
    for name, child in mapping(node.get("properties")).items():
        if isinstance(child, Mapping):
            place = f"{pointer}/properties/{escaped(name)}"
            yield Schema(place, child, role, name, name in required)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            yield Schema(f"{pointer}/{key}", node[key], role)
    for key in ("items", "allOf"):
        for at, child in enumerate(items(node.get(key))):
            if isinstance(child, Mapping):
                yield Schema(f"{pointer}/{key}/{at}", child, role)


def definition_of(reference: object) -> str | None:
    """Return the name of the definition that a reference means."""
    start = "#/definitions/"
    if not isinstance(reference, str) or not reference.startswith(start):
        return None
    name = reference[len(start) :]
    return None if "/" in name else name.replace("~1", "/").replace("~0", "~")
