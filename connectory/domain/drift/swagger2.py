"""Swagger 2.0, the format of connectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectory.domain.drift.api import (
    Api,
    ApiOperation,
    ApiParameter,
    ApiResponse,
    Location,
    Scheme,
)

_DEFAULT_MEDIA = frozenset({"application/json"})


class Swagger2:
    """How Swagger 2.0 writes what operations take and give."""

    def parameters(self, api: Api, operation: ApiOperation) -> list[ApiParameter]:
        """Return what a caller gives; one of the operation replaces the path's of its name."""
        return given(api, operation, lambda raw: raw.get("schema") if _is_body(raw) else raw)

    def responses(self, api: Api, operation: ApiOperation) -> dict[str, ApiResponse]:
        """Return what comes back, by status."""
        return coming(api, operation, lambda raw: raw.get("schema") or None)

    def media(self, api: Api, operation: ApiOperation) -> tuple[frozenset[str], frozenset[str]]:
        """Return the content types of the operation, or else those of the document."""

        def told(key: str) -> frozenset[str]:
            listed = operation.raw.get(key, api.root.get(key))
            return frozenset(map(str, listed)) if isinstance(listed, list) else _DEFAULT_MEDIA

        return told("consumes"), told("produces")


def given(
    api: Api, operation: ApiOperation, schema_of: Callable[[Mapping[str, Any]], Any]
) -> list[ApiParameter]:
    """Return the parameters of an operation; one of its own replaces the path's of its name.

    Args:
        api: What the operation belongs to.
        operation: The operation.
        schema_of: Where the format keeps the schema of a parameter.
    """
    found: dict[tuple[str, str], ApiParameter] = {}
    for listed in (operation.item.get("parameters"), operation.raw.get("parameters")):
        for one in listed if isinstance(listed, list) else ():
            raw = with_siblings(api, one)
            kind, name = str(raw.get("in") or ""), str(raw.get("name") or "")
            if kind or name:
                required = raw.get("required") is True
                found[(kind, name)] = ApiParameter(kind, name, required, raw, schema_of(raw))
    return list(found.values())


def coming(
    api: Api, operation: ApiOperation, schema_of: Callable[[Mapping[str, Any]], Any]
) -> dict[str, ApiResponse]:
    """Return the responses of an operation by status.

    Args:
        api: What the operation belongs to.
        operation: The operation.
        schema_of: Where the format keeps the schema of a response.
    """
    told = operation.raw.get("responses")
    found: dict[str, ApiResponse] = {}
    for status, one in told.items() if isinstance(told, Mapping) else ():
        if not str(status).startswith("x-"):
            raw = with_siblings(api, one)
            headers = raw.get("headers")
            headers = headers if isinstance(headers, Mapping) else {}
            found[str(status)] = ApiResponse(str(status), raw, schema_of(raw), headers)
    return found


def _is_body(raw: Mapping[str, Any]) -> bool:
    return str(raw.get("in") or "") == "body"


def with_siblings(api: Api, raw: Any) -> Mapping[str, Any]:
    """Return what a node refers to, with what stands beside the reference."""
    target = api.schemas.target(raw)
    if target is raw or not isinstance(raw, Mapping) or len(raw) == 1:
        return target
    return {**target, **{key: value for key, value in raw.items() if key != "$ref"}}


def location(root: Mapping[str, Any]) -> Location:
    """Return where requests go."""
    schemes = root.get("schemes")
    return Location(
        _text(root.get("host")),
        _text(root.get("basePath")),
        tuple(map(str, schemes)) if isinstance(schemes, list) else (),
    )


def security(root: Mapping[str, Any]) -> tuple[Scheme, ...]:
    """Return the ways of signing in."""
    named = root.get("securityDefinitions")
    return tuple(
        scheme(str(name), one)
        for name, one in (named.items() if isinstance(named, Mapping) else ())
        if isinstance(one, Mapping)
    )


def scheme(name: str, raw: Mapping[str, Any]) -> Scheme:
    """Return one way of signing in."""
    scopes = raw.get("scopes")
    scopes = scopes if isinstance(scopes, Mapping) else {}
    texts = [str(raw.get("description") or ""), *(f"{key}: {scopes[key]}" for key in scopes)]
    return Scheme(
        name,
        _text(raw.get("type")) or "",
        _text(raw.get("in")),
        _text(raw.get("name")),
        _text(raw.get("flow")),
        _text(raw.get("authorizationUrl")),
        _text(raw.get("tokenUrl")),
        tuple(sorted(map(str, scopes))),
        "\n".join(sorted(texts)),
        {key: value for key, value in raw.items() if str(key).startswith("x-")},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
