"""What a type promises: defaults, choices, bounds, patterns, formats and items that fit it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from connectory.domain.drift.faults import told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.shapes import json_kind
from connectory.domain.linting.subject import Subject, items, mapping, text

_FORMATS: Final = {
    "string": {
        "byte", "binary", "date", "date-time", "date-no-tz", "password", "uuid", "email", "uri",
        "html", "ipv4", "ipv6", "hostname", "time", "duration", "int64", "int32", "decimal",
    },
    "integer": {"int32", "int64"},
    "number": {"float", "double", "decimal", "int32", "int64"},
}  # fmt: skip
_BOUNDS: Final = (
    ("minimum", "maximum", "MinimumShouldBeLessThanOrEqualToMaximum"),
    ("minLength", "maxLength", "MinLengthShouldBeLessThanOrEqualToMaxLength"),
    ("minItems", "maxItems", "MinItemsShouldBeLessThanOrEqualToMaxItems"),
)
_LONGEST_PATTERN: Final = 2_000
_OTHER_DIALECTS: Final = re.compile(r"\\[pP]\{[^}]*\}|\\c[A-Za-z]|\\[zZA-Z/-]")


def check_values(subject: Subject) -> Iterator[Trip]:
    """Yield values that do not fit the type beside them, in parameters, schemas and headers."""
    for parameter in subject.parameters:
        if parameter.kind != "body":
            yield from _simple(parameter.pointer, parameter.raw)
    for pointer, response in subject.responses:
        for name, header in mapping(response.get("headers")).items():
            yield from _simple(f"{pointer}/headers/{name}", mapping(header))
    for schema in subject.schemas:
        if "$ref" not in schema.node:
            yield from _fits(schema.pointer, schema.node)


def _simple(pointer: str, node: Mapping[str, Any]) -> Iterator[Trip]:
    """Yield what does not fit in a parameter and in the items it consists of."""
    while node:
        yield from _fits(pointer, node)
        pointer, node = f"{pointer}/items", mapping(node.get("items"))


def _fits(pointer: str, node: Mapping[str, Any]) -> Iterator[Trip]:
    kind = text(node.get("type"))
    if "default" in node:
        yield from _default(f"{pointer}/default", node, kind)
    if isinstance(node.get("enum"), list):
        yield from _enum(f"{pointer}/enum", node, kind)
    if "x-ms-enum-values" in node:
        yield from _choices(f"{pointer}/x-ms-enum-values", node)
    if kind == "array" and not isinstance(node.get("items"), (dict, list)):
        yield Trip("ArrayHasNoItems", pointer, "a list does not say of what")
    yield from _bounds(pointer, node)
    form = node.get("format")
    if isinstance(form, str) and kind in _FORMATS and form not in _FORMATS[kind]:
        message = f"{told(form)!r} is no known format of type {kind}"
        yield Trip("UnrecognizedTypeFormat", f"{pointer}/format", message)
    pattern = node.get("pattern")
    if isinstance(pattern, str) and not _is_pattern(pattern):
        message = f"{told(pattern)!r} is no regular expression"
        yield Trip("PatternShouldBeValidRegularExpression", f"{pointer}/pattern", message)


def _default(pointer: str, node: Mapping[str, Any], kind: str) -> Iterator[Trip]:
    value = node["default"]
    if value is None and node.get("x-nullable") is True:
        return
    if kind and not is_of(value, kind):
        message = f"the default {told(repr(value))} is {json_kind(value)}, the type is {kind}"
        yield Trip("DefaultValueMustMatchType", pointer, message)
    elif node.get("enum") and value not in items(node["enum"]):
        message = f"the default {told(repr(value))} is none of the values of enum"
        yield Trip("DefaultValueNotInEnum", pointer, message)


def _enum(pointer: str, node: Mapping[str, Any], kind: str) -> Iterator[Trip]:
    values = items(node["enum"])
    if not values:
        yield Trip("EnumMustContainAtLeastOneElement", pointer, "enum is an empty list")
    seen: set[tuple[type, str]] = set()
    for at, value in enumerate(values):
        if kind and not is_of(value, kind) and not (value is None and node.get("x-nullable")):
            message = f"{told(repr(value))} is {json_kind(value)}, the type is {kind}"
            yield Trip("InvalidEnumValue", f"{pointer}/{at}", message)
        key = (type(value), repr(value))
        if key in seen:
            message = f"{told(repr(value))} is in enum again"
            yield Trip("ArrayDuplicateValue", f"{pointer}/{at}", message)
        seen.add(key)


def _choices(pointer: str, node: Mapping[str, Any]) -> Iterator[Trip]:
    """Yield what is wrong with the names that makers see of the values of enum."""
    known = {repr(value) for value in items(node.get("enum"))}
    seen: set[str] = set()
    for at, choice in enumerate(items(node["x-ms-enum-values"])):
        value = mapping(choice).get("value")
        place = f"{pointer}/{at}"
        if not text(mapping(choice).get("displayName")).strip():
            message = f"the value {told(repr(value))} has no displayName"
            yield Trip("MissingEnumValuesDisplayName", place, message)
        if isinstance(node.get("enum"), list) and repr(value) not in known:
            message = f"the value {told(repr(value))} is not in enum"
            yield Trip("InvalidEnumValuesExtensionValue", place, message)
        if repr(value) in seen:
            message = f"the value {told(repr(value))} has another name already"
            yield Trip("DuplicateEnumValuesInExtension", place, message)
        seen.add(repr(value))


def _bounds(pointer: str, node: Mapping[str, Any]) -> Iterator[Trip]:
    for low, high, rule in _BOUNDS:
        least, most = node.get(low), node.get(high)
        if _is_number(least) and _is_number(most) and least > most:
            yield Trip(rule, f"{pointer}/{low}", f"{low} is {least}, {high} is {most}")
    for bound in ("Maximum", "Minimum"):
        if node.get(f"exclusive{bound}") is True and bound.lower() not in node:
            message = f"exclusive{bound} stands without {bound.lower()}"
            yield Trip(f"Exclusive{bound}Requires{bound}", pointer, message)
    multiple = node.get("multipleOf")
    if _is_number(multiple) and multiple <= 0:
        place = f"{pointer}/multipleOf"
        yield Trip("MultipleOfMustBeGreaterThanZero", place, f"multipleOf is {multiple}")


def is_of(value: Any, kind: str) -> bool:
    """Tell whether a JSON value is of a type; of a type nobody knows everything is."""
    if kind == "integer":
        return _is_number(value) and value == int(value)
    if kind == "number":
        return _is_number(value)
    kinds = {"string": str, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, kinds.get(kind, object))


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_pattern(pattern: str) -> bool:
    """Tell whether a pattern is one in any of the usual dialects."""
    if len(pattern) > _LONGEST_PATTERN:
        return True
    plain = _OTHER_DIALECTS.sub("x", pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<="))
    plain = plain.replace("(?P<!", "(?<!")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(plain)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
