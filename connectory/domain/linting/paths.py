"""Paths and their variables: each request must reach one operation with all its parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Operation, Subject

_VARIABLE: Final = re.compile(r"\{([^{}/]*)\}")
_ENCODINGS: Final = ("single", "double")
_MOST_COMPARED: Final = 300
"""Paths of one method and length that are held against each other."""


def check_paths(subject: Subject) -> Iterator[Trip]:
    """Yield templates that are no paths, or the same path again."""
    seen: dict[str, str] = {}
    for path, item in subject.paths.items():
        place = f"/paths/{escaped(path)}"
        yield from _template(place, path)
        if "$ref" in item:
            yield Trip("PathItemRefNotSuppored", f"{place}/$ref", f"{told(path)} is a reference")
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            message = f"{told(path)} and {told(other)} differ only in capital letters"
            yield Trip("PathRedefined", place, message)


def _template(place: str, path: str) -> Iterator[Trip]:
    if not path.startswith("/"):
        message = f"{told(path)!r} does not begin with a slash"
        yield Trip("OperationPathMustStartWithSlash", place, message)
    rest = _VARIABLE.sub("", path)
    if "?" in rest or "#" in rest:
        message = f"{told(path)} has a query or fragment"
        yield Trip("OperationPathMayNotContainQueryOrFragment", place, message)
    if "*" in path:
        message = f"{told(path)} has an asterisk"
        yield Trip("OperationPathContainsUnsupportedCharacters", place, message)
    if "{" in rest or "}" in rest or "{}" in path:
        message = f"{told(path)} has a brace that belongs to no variable"
        yield Trip("OperationPathTemplateNotValid", place, message)
    if any("=" in name for name in _VARIABLE.findall(path)):
        message = f"a variable of {told(path)} has a default"
        yield Trip("OperationPathVariablesContainDefaults", place, message)


def check_variables(subject: Subject) -> Iterator[Trip]:
    """Yield variables without a parameter, parameters without a variable, and how they are sent."""
    for operation in subject.operations:
        variables = {name.partition("=")[0] for name in _VARIABLE.findall(operation.path) if name}
        declared = {p.name for p in operation.parameters if p.kind == "path"}
        for name in sorted(variables - declared):
            message = f"{operation.name} declares no path parameter {told(name)}"
            yield Trip("OperationMissingPathParameter", operation.pointer, message)
        for parameter in operation.parameters:
            if parameter.kind == "path" and parameter.name not in variables:
                message = f"the path of {operation.name} has no {{{told(parameter.name)}}}"
                yield Trip("PathParameterNotDefinedInTemplate", parameter.pointer, message)
    for parameter in subject.parameters:
        encoding = parameter.raw.get("x-ms-url-encoding")
        called = told(parameter.name)
        if parameter.kind == "path":
            if not parameter.required:
                message = f"the path parameter {called} is not marked as required"
                yield Trip("PathParameterMustBeRequired", parameter.pointer, message)
            if encoding not in _ENCODINGS:
                message = f"the path parameter {called} does not say how it is encoded"
                yield Trip("PathParameterMissingEncoding", parameter.pointer, message)
        elif parameter.kind == "query" and encoding is not None:
            message = f"the query parameter {called} says how it is encoded"
            yield Trip("QueryParameterEncodingNotSupported", parameter.pointer, message)


def check_routes(subject: Subject) -> Iterator[Trip]:
    """Yield operations that one request could mean both of."""
    groups: dict[tuple[str, int], list[Operation]] = defaultdict(list)
    exact: dict[tuple[str, str], Operation] = {}
    for operation in subject.operations:
        plain = _VARIABLE.sub("{}", operation.path).casefold()
        other = exact.setdefault((operation.method, plain), operation)
        same_but_for_capitals = other.path.casefold() == operation.path.casefold()
        if other is not operation and not same_but_for_capitals:
            message = f"{operation.name} and {other.name} have paths that nothing tells apart"
            yield Trip("DuplicateOperationPath", operation.pointer, message)
        groups[operation.method, plain.count("/")].append(operation)
    for group in groups.values():
        yield from _overlaps(group[:_MOST_COMPARED])


def _overlaps(group: list[Operation]) -> Iterator[Trip]:
    """Yield operations with a variable where another has a fixed word."""
    split = [(_VARIABLE.sub("{}", one.path).casefold().split("/"), one) for one in group]
    for segments, operation in split:
        if "{}" not in segments:
            continue
        others = [
            other.name
            for theirs, other in split
            if theirs != segments and _covers(segments, theirs)
        ]
        if others:
            message = f"a value in the path of {operation.name} may mean {told(', '.join(others))}"
            yield Trip("PartialDuplicateOperationPath", operation.pointer, message)


def _covers(template: list[str], path: list[str]) -> bool:
    return all(
        mine == theirs or (mine == "{}" and theirs != "")
        for mine, theirs in zip(template, path, strict=True)
    )
