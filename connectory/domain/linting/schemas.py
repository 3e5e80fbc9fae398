"""Schemas and references: everything referred to exists, nothing asks for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import (
    DYNAMIC,
    Schema,
    Subject,
    definition_of,
    items,
    mapping,
    names,
    text,
)

_HOMES: Final = {"Schema": "definitions", "Parameter": "parameters", "Response": "responses"}


def check_references(subject: Subject) -> Iterator[Trip]:
    """Yield references to nothing, to another kind of thing, and those with company."""
    for schema in subject.schemas:
        if "$ref" in schema.node:
            yield from _reference(subject, "Schema", schema.pointer, schema.node)
    used = [
        ("Parameter", f"{pointer}/{at}", raw)
        for pointer, listed in subject.lists_of_parameters
        for at, raw in enumerate(listed)
    ]
    used += [
        ("Response", f"{operation.pointer}/responses/{escaped(status)}", raw)
        for operation in subject.operations
        for status, raw in operation.responses.items()
    ]
    for kind, place, raw in used:
        if isinstance(raw, Mapping) and "$ref" in raw:
            yield from _reference(subject, kind, place, raw)
    for kind, home in _HOMES.items():
        known: dict[str, bool] = {}
        for name, raw in mapping(subject.value.get(home)).items():
            if isinstance(raw, Mapping) and "$ref" in raw and _circular(subject, raw, known):
                message = f"{told(name)} is a reference that leads back to itself"
                yield Trip(f"{kind}RefLoopNotAllowed", f"/{home}/{escaped(name)}", message)


def _reference(
    subject: Subject, kind: str, pointer: str, node: Mapping[str, Any]
) -> Iterator[Trip]:
    reference = node["$ref"]
    home = _HOMES[kind]
    if not isinstance(reference, str):
        message = f"$ref is {told(repr(reference))}, no text"
        yield Trip(f"{kind}ReferenceNotValid", f"{pointer}/$ref", message)
    elif reference.startswith("#") and not reference.startswith(f"#/{home}/"):
        message = f"{told(reference)!r} does not lead into {home}"
        yield Trip(f"{kind}ReferenceNotValid", f"{pointer}/$ref", message)
    elif reference.startswith("#") and subject.target(reference) is None:
        message = f"nothing is called {told(reference)}"
        yield Trip(f"{kind}ReferenceNotFound", f"{pointer}/$ref", message)
    company = [key for key in node if key != "$ref"]
    if company:
        message = f"{told(', '.join(company))} beside a reference has no effect"
        yield Trip("AdditionalPropertyNotAllowedAdjacentToRef", pointer, message)


def _circular(subject: Subject, node: Mapping[str, Any], known: dict[str, bool]) -> bool:
    """Tell whether references lead in a circle; `known` remembers what each led to."""
    seen: set[str] = set()
    circular = False
    while isinstance(node.get("$ref"), str) and not circular:
        reference = node["$ref"]
        if reference in known:
            circular = known[reference]
            break
        circular = reference in seen
        seen.add(reference)
        node = mapping(subject.target(reference))
    known.update(dict.fromkeys(seen, circular))
    return circular


def check_schemas(subject: Subject) -> Iterator[Trip]:
    """Yield schemas that ask for what they do not have, or are of a kind that may not stand there."""
    for schema in subject.schemas:
        node = schema.node
        if "$ref" in node:
            continue
        if isinstance(node.get("required"), list):
            yield from _required(schema)
        if schema.required and node.get("readOnly") is True and subject.is_input(schema):
            message = f"{told(schema.name)} must be given and cannot be written"
            rule = "RequiredReadOnlyPropertyNotAllowedAsInput"
            yield Trip(rule, schema.pointer, message)
        root_of_response = schema.role == "output" and _is_root(schema)
        if node.get("type") == "file" and not root_of_response:
            message = "a part of a schema is a file"
            yield Trip("SchemaTypeFileNotValid", f"{schema.pointer}/type", message)
        if isinstance(node.get("discriminator"), str):
            yield from _discriminator(subject, schema)


def _is_root(schema: Schema) -> bool:
    return schema.pointer.endswith("/schema") and "/properties/" not in schema.pointer


def _required(schema: Schema) -> Iterator[Trip]:
    node, place = schema.node, f"{schema.pointer}/required"
    if not node["required"]:
        yield Trip("RequiredPropertyArrayEmpty", place, "required is an empty list")
        return
    if "type" in node and node["type"] != "object":
        message = f"required stands beside type {told(node['type'])}"
        yield Trip("RequiredPropertyNotOnObject", place, message)
        return
    if "allOf" in node or any(name in node for name in DYNAMIC):
        return
    known = mapping(node.get("properties"))
    for name in names(node["required"]):
        if name not in known:
            message = f"{told(name)!r} is required and not among the properties"
            yield Trip("RequiredPropertyDefinitionMissing", place, message)


def _discriminator(subject: Subject, schema: Schema) -> Iterator[Trip]:
    name = text(schema.node["discriminator"])
    property_ = subject.resolve(mapping(schema.node.get("properties")).get(name))
    if property_.get("type") != "string" or name not in names(schema.node.get("required")):
        message = f"the discriminator {told(name)!r} is no required text"
        rule = "DiscriminatorMustBeARequiredStringProperty"
        yield Trip(rule, f"{schema.pointer}/discriminator", message)


def check_loops(subject: Subject) -> Iterator[Trip]:
    """Yield definitions of which no finite value exists, because each asks for itself."""
    definitions = mapping(subject.value.get("definitions"))
    asked = {name: _asked(mapping(node)) & definitions.keys() for name, node in definitions.items()}
    left = _on_loops(asked)
    seen: set[str] = set()
    for name in sorted(left):
        loop: list[str] = []
        while name not in seen and name not in loop:
            loop.append(name)
            name = min(left[name])  # noqa: PLW2901 - it follows the loop
        seen.update(loop)
        if name in loop:
            loop = loop[loop.index(name) :]
            message = f"a value of {told(' needs one of '.join([*loop, name]))}"
            yield Trip("RequiredLoopInSchemaNotAllowed", f"/definitions/{escaped(name)}", message)


def _asked(node: Mapping[str, Any]) -> set[str]:
    """Return the definitions of which every value of a schema holds a value."""
    found: set[str] = set()
    pending = [node]
    while pending:
        schema = pending.pop()
        if "$ref" in schema:
            name = definition_of(schema["$ref"])
            found.update([name] if name is not None else [])
            continue
        properties = mapping(schema.get("properties"))
        inner = [properties.get(name) for name in names(schema.get("required"))]
        inner += items(schema.get("allOf"))
        pending.extend(one for one in inner if isinstance(one, Mapping))
    return found


def _on_loops(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the part of a graph in which everything leads on and is led to."""
    left = graph
    for _ in range(2):
        left = _reversed(_without_ends(left))
    return left


def _without_ends(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Take out what leads nowhere, until nothing more does; each edge is looked at once."""
    back = _reversed(graph)
    open_edges = {name: len(targets) for name, targets in graph.items()}
    ends = [name for name, number in open_edges.items() if number == 0]
    gone: set[str] = set()
    while ends:
        name = ends.pop()
        gone.add(name)
        for source in back[name]:
            open_edges[source] -= 1
            if open_edges[source] == 0:
                ends.append(source)
    return {name: targets - gone for name, targets in graph.items() if name not in gone}


def _reversed(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    back: dict[str, set[str]] = {name: set() for name in graph}
    for name, targets in graph.items():
        for target in targets:
            back[target].add(name)
    return back


def check_internal(subject: Subject) -> Iterator[Trip]:
    """Yield what makers never see and the platform leaves out, although it has a value."""
    for parameter in subject.parameters:
        if parameter.kind == "body" or not parameter.internal or parameter.required:
            continue
        if "default" in parameter.raw:
            message = f"{told(parameter.name)} is internal, has a default and is not required"
            yield Trip("InternalPropertyWithDefaultOptional", parameter.pointer, message)
    for schema in subject.schemas:
        node = schema.node
        hidden = node.get("x-ms-visibility") == "internal" and "default" in node
        if schema.name is not None and hidden and not schema.required and subject.is_input(schema):
            message = f"{told(schema.name)} is internal, has a default and is not required"
            yield Trip("PropertyMustBeRequired", schema.pointer, message)
