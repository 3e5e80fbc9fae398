"""Security: what is asked for is defined, and what is defined is complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import Subject, items, mapping, names, text

_FLOWS: Final = {
    "implicit": ("authorizationUrl", "scopes"),
    "accessCode": ("authorizationUrl", "tokenUrl", "scopes"),
    "password": ("tokenUrl", "scopes"),
    "application": ("tokenUrl", "scopes"),
}
_KNOWN: Final = {
    "basic": (),
    "apiKey": ("name", "in"),
    "oauth2": ("flow", "authorizationUrl", "tokenUrl", "scopes"),
}


def check_security(subject: Subject) -> Iterator[Trip]:
    """Yield requirements of nothing and definitions that lack something."""
    defined = mapping(subject.value.get("securityDefinitions"))
    lists = [("/security", subject.value.get("security"))]
    lists += [(f"{one.pointer}/security", one.raw.get("security")) for one in subject.operations]
    for pointer, raw in lists:
        for at, requirement in enumerate(items(raw)):
            for name, scopes in mapping(requirement).items():
                place = f"{pointer}/{at}/{escaped(name)}"
                yield from _requirement(place, name, scopes, defined)
    for name, definition in defined.items():
        yield from _definition(f"/securityDefinitions/{escaped(name)}", name, mapping(definition))


def _requirement(
    place: str, name: str, scopes: object, defined: Mapping[str, Any]
) -> Iterator[Trip]:
    if name not in defined:
        message = f"{told(name)!r} is asked for and not among securityDefinitions"
        yield Trip("SecurityRequirementMustBeDefined", place, message)
        return
    if not isinstance(scopes, list):
        message = f"{told(name)!r} has no list of scopes"
        yield Trip("SecurityRequirementMustHaveValue", place, message)
        return
    definition = mapping(defined[name])
    if definition.get("type") != "oauth2":
        if scopes:
            message = f"{told(name)!r} is no OAuth and has scopes"
            yield Trip("SecurityRequirementMustHaveEmptyValue", place, message)
        return
    known = mapping(definition.get("scopes"))
    for scope in names(scopes):
        if scope not in known:
            message = f"{told(name)!r} has no scope {told(scope)!r}"
            yield Trip("OAuthSecurityRequirementValueMustBeScopeName", place, message)


def _definition(place: str, name: str, definition: Mapping[str, Any]) -> Iterator[Trip]:
    kind = text(definition.get("type"))
    if kind not in _KNOWN:
        return
    needed: tuple[str, ...] = ("name", "in") if kind == "apiKey" else ()
    if kind == "oauth2":
        flow = text(definition.get("flow"))
        needed = _FLOWS.get(flow, ())
        if flow not in _FLOWS:
            message = f"{told(name)!r} has no flow that is known"
            yield Trip("SecuritySchemePropertyRequired", place, message)
    for key in needed:
        value = definition.get(key)
        if value is None or value == "":
            message = f"{told(name)!r} has no {key}"
            yield Trip("SecuritySchemePropertyRequired", place, message)
    if kind == "apiKey" and "in" in definition and definition["in"] not in ("header", "query"):
        message = f"the key {told(name)!r} is in {told(definition['in'])}"
        yield Trip("SecuritySchemePropertyNotValid", f"{place}/in", message)
    for key in definition:
        if key not in {"type", "description", *_KNOWN[kind]} and not key.startswith("x-"):
            message = f"{told(key)} means nothing to type {kind}"
            yield Trip("SecuritySchemePropertyNotValid", f"{place}/{escaped(key)}", message)
