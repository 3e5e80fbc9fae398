"""OpenAPI 3.0 and 3.1, the formats in which APIs describe themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from connectory.domain.drift.api import (
    Api,
    ApiOperation,
    ApiParameter,
    ApiResponse,
    Location,
    Scheme,
)
from connectory.domain.drift.swagger2 import coming, given, with_siblings

_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
# No format gives a body a name; converters write it down under one of these.
_BODY_NAMES: Final = ("x-ms-body-name", "x-bodyName", "x-body-name", "x-s2o-body-name",
                      "x-codegen-request-body-name")  # fmt: skip
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_MOST_HOSTS: Final = 100
_FLOWS: Final = {
    "authorizationCode": "accessCode",
    "clientCredentials": "application",
    "implicit": "implicit",
    "password": "password",
}


class OpenApi3:
    """How OpenAPI 3.0 and 3.1 write what operations take and give."""

    def parameters(self, api: Api, operation: ApiOperation) -> list[ApiParameter]:
        """Return what a caller gives, the body last; of a form, each of its fields."""
        found = given(api, operation, lambda raw: raw.get("schema", _first(raw.get("content"))))
        return [*found, *self._body(api, operation)]

    def responses(self, api: Api, operation: ApiOperation) -> dict[str, ApiResponse]:
        """Return what comes back, by status."""
        return coming(api, operation, lambda raw: _first(raw.get("content")) or None)

    def media(self, api: Api, operation: ApiOperation) -> tuple[frozenset[str], frozenset[str]]:
        """Return the content types of the body and of all responses."""
        body = with_siblings(api, operation.raw.get("requestBody")).get("content")
        sent = frozenset(map(str, body)) if isinstance(body, Mapping) else frozenset[str]()
        received: set[str] = set()
        for response in operation.responses.values():
            content = response.raw.get("content")
            received.update(map(str, content) if isinstance(content, Mapping) else ())
        return sent, frozenset(received)

    def _body(self, api: Api, operation: ApiOperation) -> Iterator[ApiParameter]:
        raw = with_siblings(api, operation.raw.get("requestBody"))
        content = raw.get("content")
        if not isinstance(content, Mapping) or not content:
            return
        form = next((kind for kind in _FORMS if kind in content), None)
        if form is not None and not _json(content):
            yield from self._form(api, content[form])
            return
        told = (node.get(key) for node in (raw, operation.raw) for key in _BODY_NAMES)
        name = next((one for one in told if isinstance(one, str)), None)
        yield ApiParameter("body", name, raw.get("required") is True, raw, _first(content))

    def _form(self, api: Api, media: Any) -> Iterator[ApiParameter]:
        view = api.schemas.view(media.get("schema") if isinstance(media, Mapping) else None)
        for name, schema in view.properties.items():
            raw = schema if isinstance(schema, Mapping) else {}
            yield ApiParameter("formData", name, name in view.required, raw, schema)


def _json(content: Mapping[str, Any]) -> str | None:
    """Return the content type of JSON among those of a body."""
    kinds = [kind for kind in content if "json" in str(kind)]
    plain = (kind for kind in kinds if str(kind).partition(";")[0].strip() == "application/json")
    return next(plain, kinds[0] if kinds else None)


def _first(content: Any) -> Any:
    """Return the schema of a body: that of JSON, or else of what stands first."""
    if not isinstance(content, Mapping) or not content:
        return None
    media = content[_json(content) or next(iter(content))]
    return media.get("schema") if isinstance(media, Mapping) else None


def location(root: Mapping[str, Any]) -> Location:
    """Return where requests go: the first server, its variables by their defaults."""
    servers = root.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = str(first.get("url") or "") if isinstance(first, Mapping) else ""
    variables = first.get("variables") if isinstance(first, Mapping) else None
    for name, told in variables.items() if isinstance(variables, Mapping) else ():
        default = told.get("default") if isinstance(told, Mapping) else None
        url = url.replace(f"{{{name}}}", str(default or ""))
    try:
        parts = urlsplit(url)
    except ValueError:
        return Location()
    schemes = [urlsplit(str(one.get("url") or "")[:9]).scheme for one in _mappings(servers)]
    return Location(
        parts.netloc or None,
        parts.path or None,
        tuple(dict.fromkeys(filter(None, schemes))),
        tuple(dict.fromkeys(host for one in _mappings(servers) for host in _hosts(one))),
    )


def _hosts(server: Mapping[str, Any]) -> list[str]:
    """Return the hosts that a server stands for, with * for what a caller fills in."""
    try:
        found = [urlsplit(str(server.get("url") or "")).netloc]
    except ValueError:
        return []
    variables = server.get("variables")
    for name, told in variables.items() if isinstance(variables, Mapping) else ():
        listed = told.get("enum") if isinstance(told, Mapping) else None
        values = listed if isinstance(listed, list) and len(listed) < _MOST_HOSTS else ["*"]
        place = f"{{{name}}}"
        if any(place in host for host in found):
            found = [host.replace(place, str(value)) for host in found for value in values]
        found = found[:_MOST_HOSTS]
    return [_PLACEHOLDER.sub("*", host) for host in found if host]


def security(root: Mapping[str, Any]) -> tuple[Scheme, ...]:
    """Return the ways of signing in; of OAuth, one for each of its flows."""
    components = root.get("components")
    named = components.get("securitySchemes") if isinstance(components, Mapping) else None
    return tuple(
        scheme
        for name, one in (named.items() if isinstance(named, Mapping) else ())
        if isinstance(one, Mapping)
        for scheme in _schemes(str(name), one)
    )


def _schemes(name: str, raw: Mapping[str, Any]) -> Iterator[Scheme]:
    kind = str(raw.get("type") or "")
    text = str(raw.get("description") or "")
    flows = raw.get("flows")
    if kind == "oauth2" and isinstance(flows, Mapping):
        for flow, told in flows.items():
            if isinstance(told, Mapping):
                yield _oauth(name, _FLOWS.get(str(flow), str(flow)), told, text)
    elif kind == "http":
        used = str(raw.get("scheme") or "").lower()
        yield Scheme(
            name, used if used in ("basic", "bearer") else f"http {used}", description=text
        )
    else:
        place, parameter = raw.get("in"), raw.get("name")
        yield Scheme(
            name,
            kind,
            place if isinstance(place, str) else None,
            parameter if isinstance(parameter, str) else None,
            description=text,
        )


def _oauth(name: str, flow: str, told: Mapping[str, Any], text: str) -> Scheme:
    scopes = told.get("scopes")
    scopes = scopes if isinstance(scopes, Mapping) else {}
    urls = [told.get(key) for key in ("authorizationUrl", "tokenUrl")]
    authorization, token = (one if isinstance(one, str) and one else None for one in urls)
    texts = [text, *(f"{key}: {scopes[key]}" for key in scopes)]
    return Scheme(
        name, "oauth2", None, None, flow, authorization, token,
        tuple(sorted(map(str, scopes))), "\n".join(sorted(texts)),
    )  # fmt: skip


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
