"""Dynamic values and schemas: the operation that is asked exists, gets what it needs, and answers.

What cannot be known from the document (a response without properties, a schema that is dynamic
itself) is taken to fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import (
    DYNAMIC,
    Operation,
    Parameter,
    Subject,
    mapping,
    text,
)

_DEEPEST: Final = 30
_Of = Literal["values", "list", "schema", "properties", "tree"]
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class _Use:
    """One call of an operation that the designer makes.

    Attributes:
        pointer: Of the extension, or of the part of it that names the operation.
        of: Which extension.
        node: What it says.
        holder: What it stands on, with its twin beside it.
        source: The operation whose parameters it may refer to, if it stands in one.
    """

    pointer: str
    of: _Of
    node: Mapping[str, Any]
    holder: Mapping[str, Any]
    source: Operation | None


def check_dynamic(subject: Subject) -> Iterator[Trip]:
    """Yield calls of the designer that cannot work."""
    for use in _uses(subject):
        name = text(use.node.get("operationId"))
        if not name:
            continue
        target = subject.by_id.get(name)
        if target is None:
            message = f"no operation is called {told(name)}"
            yield Trip("OperationIdNotFound", f"{use.pointer}/operationId", message)
            continue
        yield from _given(subject, use, target)
        yield from _produced(subject, use, target)
        yield from _twins(subject, use)
    for parameter in subject.parameters:
        for extension in DYNAMIC if parameter.kind == "body" else ():
            if extension in parameter.raw:
                message = f"{extension} stands on the body, not in its schema"
                rule = "DynamicExtensionDefinitionNotAllowedInParameter"
                yield Trip(rule, f"{parameter.pointer}/{extension}", message)


def _uses(subject: Subject) -> Iterator[_Use]:
    """Yield every call, wherever it is written down."""
    holders = [(parameter.pointer, parameter.raw) for parameter in subject.parameters]
    holders += [(schema.pointer, schema.node) for schema in subject.schemas]
    operations = {operation.pointer: operation for operation in subject.operations}
    for pointer, holder in holders:
        source = operations.get("/".join(pointer.split("/", 4)[:4]))
        for extension in DYNAMIC:
            node = mapping(holder.get(extension))
            place = f"{pointer}/{extension}"
            of: Any = extension.removeprefix("x-ms-dynamic-")
            if of != "tree":
                yield _Use(place, of, node, holder, source)
                continue
            for part in ("open", "browse"):
                yield _Use(f"{place}/{part}", of, mapping(node.get(part)), holder, source)


def _given(subject: Subject, use: _Use, target: Operation) -> Iterator[Trip]:
    """Yield parameters that the operation asks for and does not get, or gets and does not know."""
    given = mapping(use.node.get("parameters"))
    bodies = [subject.resolve(p.raw.get("schema")) for p in target.parameters if p.kind == "body"]
    for parameter in target.parameters:
        filled = parameter.name in given or "default" in parameter.raw
        if parameter.required and not filled and parameter.kind != "body":
            message = f"{target.name} needs {told(parameter.name)}, which is not given"
            yield Trip("OperationMissingRequiredProperty", use.pointer, message)
    by_name = {parameter.name: parameter for parameter in target.parameters}
    for name, value in given.items():
        place = f"{use.pointer}/parameters/{escaped(name)}"
        known = by_name.get(name)
        if known is None and not _in_bodies(subject, name, bodies, target):
            message = f"{target.name} has no parameter {told(name)}"
            yield Trip("OperationParameterNameNotFound", place, message)
        yield from _passed(subject, use, target, known, place, value)


def _in_bodies(
    subject: Subject, name: str, bodies: list[Mapping[str, Any]], target: Operation
) -> bool:
    """Tell whether a name leads into a body, or may do so."""
    called = {p.name for p in target.parameters if p.kind == "body"}
    first, _, rest = name.partition("/")
    path = rest if first in called else name
    return any(_at(subject, body, path) != "absent" for body in bodies)


def _passed(
    subject: Subject,
    use: _Use,
    target: Operation,
    parameter: Parameter | None,
    place: str,
    value: object,
) -> Iterator[Trip]:
    """Yield what is passed on and does not exist or does not fit."""
    reference = _reference(value)
    if reference is None:
        static = mapping(value).get("value") if isinstance(value, Mapping) else value
        kind = _TYPES.get(type(static))
        wanted = text(parameter.raw.get("type")) if parameter else ""
        fits = kind == wanted or (kind == "integer" and wanted == "number")
        if kind and wanted and wanted not in {"array", "object", "file"} and not fits:
            message = f"{told(parameter.name if parameter else '')} of {target.name} is {wanted}, "
            message += f"and gets {told(repr(static))}"
            yield Trip("OperationParameterStaticTypeMismatch", place, message)
        return
    if use.source is None:
        return
    origin = next((p for p in use.source.parameters if p.name == reference), None)
    if origin is None:
        bodies = [
            subject.resolve(p.raw.get("schema")) for p in use.source.parameters if p.kind == "body"
        ]
        if not _in_bodies(subject, reference, bodies, use.source):
            message = f"{use.source.name} has no parameter {told(reference)} to pass on"
            yield Trip("OperationParameterNameNotFound", place, message)
        return
    if parameter is None:
        return
    if parameter.required and not origin.required and "default" not in origin.raw:
        message = (
            f"{target.name} needs {told(parameter.name)}, and {told(reference)} may be left out"
        )
        yield Trip("OperationParameterRequiredMismatch", place, message)
    mine, theirs = text(origin.raw.get("type")), text(parameter.raw.get("type"))
    if mine and theirs and mine != theirs and {mine, theirs} != {"integer", "number"}:
        message = (
            f"{told(parameter.name)} of {target.name} is {theirs}, {told(reference)} is {mine}"
        )
        yield Trip("OperationParameterTypeMismatch", place, message)


def _reference(value: object) -> str | None:
    """Return the parameter that a value is taken from; None of a value that is written down."""
    node = mapping(value)
    for key in ("parameter", "parameterReference"):
        if isinstance(node.get(key), str):
            return text(node[key])
    return None


def _produced(subject: Subject, use: _Use, target: Operation) -> Iterator[Trip]:
    """Yield paths into the response of the operation that lead nowhere."""
    root = _success(subject, target)
    if root is None:
        return
    node, of = use.node, use.of
    keys: tuple[str, ...]
    if of in {"values", "list", "tree"}:
        collection = text(node.get("value-collection" if of == "values" else "itemsPath"))
        found = _at(subject, root, collection)
        if found == "unknown":
            return
        if found == "absent" or found.get("type", "array") != "array":
            where = told(collection) or "the whole response"
            message = f"{target.name} returns no list in {where}"
            yield Trip("InvokedOperationShouldProduceArray", use.pointer, message)
            return
        inner = subject.resolve(found.get("items"))
        keys = (
            ("value-path", "value-title") if of == "values" else ("itemValuePath", "itemTitlePath")
        )
    else:
        inner = root
        keys = ("value-path",) if of == "schema" else ("itemValuePath",)
    for key in keys:
        path = text(node.get(key))
        if path and _at(subject, inner, path) == "absent":
            message = f"{target.name} returns no {told(path)}"
            rule = "InvokedOperationShouldProduceProperty"
            yield Trip(rule, f"{use.pointer}/{key}", message)


def _success(subject: Subject, operation: Operation) -> Mapping[str, Any] | None:
    """Return the schema of the first response for success that has one."""
    for status in ("200", "201", *sorted(operation.responses)):
        response = subject.resolve(operation.responses.get(status))
        if (status.startswith("2") or status == "default") and "schema" in response:
            return subject.resolve(response["schema"])
    return None


def _at(
    subject: Subject, schema: Mapping[str, Any], path: str
) -> Mapping[str, Any] | Literal["absent", "unknown"]:
    """Return the schema that a path leads to; unknown where a document leaves it open."""
    node = schema
    for step in [step for step in path.split("/") if step][:_DEEPEST]:
        if any(extension in node for extension in DYNAMIC):
            return "unknown"
        known = subject.members(node)
        if step not in known:
            # `properties` may be written out, as the path goes through a schema in the response.
            return "absent" if known and step != "properties" else "unknown"
        node = subject.resolve(known[step])
    if not node or any(extension in node for extension in DYNAMIC):
        return "unknown"
    return node


def _twins(subject: Subject, use: _Use) -> Iterator[Trip]:
    """Yield older extensions that need their successor beside them, and twins that disagree."""
    if use.of not in {"values", "schema"}:
        return
    twin = "list" if use.of == "values" else "properties"
    beside = mapping(use.holder.get(f"x-ms-dynamic-{twin}"))
    prefix = f"Dynamic{twin.capitalize()}ExtensionRequiredFor"
    if not beside:
        for reference in map(_reference, mapping(use.node.get("parameters")).values()):
            if reference is None:
                continue
            if "/" in reference:
                message = f"{told(reference)} is part of a parameter"
                yield Trip(f"{prefix}NonParameterReferences", use.pointer, message)
            elif use.source and _ambiguous(subject, use.source, reference):
                message = f"{told(reference)} is both a parameter and part of the body"
                yield Trip(f"{prefix}AmbiguousReferences", use.pointer, message)
    elif use.of == "schema":
        expected = text(use.node.get("value-path")).removesuffix("properties").removesuffix("/")
        said = text(beside.get("itemValuePath"))
        if said != expected:
            message = f"its twin reads {told(said) or 'nothing'!r}, not {told(expected)!r}"
            yield Trip("DynamicPropertiesItemValuePathMismatch", use.pointer, message)


def _ambiguous(subject: Subject, operation: Operation, name: str) -> bool:
    plain = any(p.name == name and p.kind != "body" for p in operation.parameters)
    bodies = [p for p in operation.parameters if p.kind == "body"]
    return plain and any(
        name in subject.members(subject.resolve(body.raw.get("schema"))) for body in bodies
    )
