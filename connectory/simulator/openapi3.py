"""The document an API publishes of itself: a connector's definition without what is the connector's.

Written as Swagger 2.0, OpenAPI 3.0 or 3.1, as JSON or YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from connectory.simulator.openapi import METHODS
from connectory.simulator.state import Json

FORMS: Final = ("2.0", "3.0", "3.1", "yaml")
_OUTSIDE: Final = frozenset({"name", "in", "description", "required", "collectionFormat"})
_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FLOWS: Final = {
    "accessCode": "authorizationCode",
    "application": "clientCredentials",
    "implicit": "implicit",
    "password": "password",
}


def published(document: Json, form: str) -> bytes:
    """Return the document of the API behind a definition, in one of `FORMS`.

    Args:
        document: A definition in Swagger 2.0.
        form: yaml is OpenAPI 3.0 in YAML.
    """
    own = _without_extensions(deepcopy(document))
    if form == "2.0":
        return json.dumps(own, indent=2, ensure_ascii=False).encode()
    modern = _modern(own, "3.1.0" if form == "3.1" else "3.0.3")
    if form == "yaml":
        return "\n".join(["---", *_lines(modern, "")]).encode() + b"\n"
    return json.dumps(modern, indent=2, ensure_ascii=False).encode()


def _without_extensions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_extensions(inner)
            for key, inner in value.items()
            if not key.startswith("x-ms-")
        }
    return [_without_extensions(one) for one in value] if isinstance(value, list) else value


def _modern(old: Json, version: str) -> Json:
    scheme = (old.get("schemes") or ["https"])[0]
    base = str(old.get("basePath") or "").rstrip("/")
    new: Json = {
        "openapi": version,
        "info": {"version": "1.0", **old["info"]},
        "servers": [{"url": f"{scheme}://{old['host']}{base}"}],
        "paths": {path: _item(old, item) for path, item in old["paths"].items()},
    }
    components: Json = {}
    if old.get("definitions"):
        components["schemas"] = _moved(old["definitions"])
    if old.get("securityDefinitions"):
        components["securitySchemes"] = {
            name: _sign_in(scheme) for name, scheme in old["securityDefinitions"].items()
        }
    if components:
        new["components"] = components
    if old.get("security"):
        new["security"] = old["security"]
    return new


def _moved(value: Any) -> Any:
    """Return a part with its references leading to where schemas are now."""
    if isinstance(value, dict):
        return {
            key: inner.replace("#/definitions/", "#/components/schemas/")
            if key == "$ref" and isinstance(inner, str)
            else _moved(inner)
            for key, inner in value.items()
        }
    return [_moved(one) for one in value] if isinstance(value, list) else value


def _item(old: Json, item: Json) -> Json:
    return {
        key: _operation(old, inner) if key in METHODS else _moved(inner)
        for key, inner in item.items()
    }


def _operation(old: Json, operation: Json) -> Json:
    new = {
        key: value
        for key, value in operation.items()
        if key not in ("parameters", "responses", "consumes", "produces", "schemes")
    }
    sent = (operation.get("consumes") or old.get("consumes") or ["application/json"])[0]
    got = (operation.get("produces") or old.get("produces") or ["application/json"])[0]
    for one in operation.get("parameters", []):
        if one["in"] == "body":
            new["requestBody"] = {
                "required": one.get("required", False),
                "content": {sent: {"schema": _moved(one["schema"])}},
            }
        else:
            new.setdefault("parameters", []).append(_parameter(one))
    new["responses"] = {
        status: _response(one, got) for status, one in operation.get("responses", {}).items()
    }
    return new


def _parameter(one: Json) -> Json:
    schema = {key: value for key, value in one.items() if key not in _OUTSIDE}
    told: Json = {key: one[key] for key in ("name", "in", "description") if key in one}
    required = one.get("required") is True or one["in"] == "path"
    return {**told, "required": required, "schema": schema}


def _response(one: Json, kind: str) -> Json:
    new: Json = {"description": one.get("description", "")}
    if "schema" in one:
        new["content"] = {kind: {"schema": _moved(one["schema"])}}
    return new


def _sign_in(scheme: Json) -> Json:
    if scheme.get("type") == "basic":
        return {"type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return scheme
    kept = ("authorizationUrl", "tokenUrl", "scopes")
    flow = {key: scheme[key] for key in kept if key in scheme}
    return {"type": "oauth2", "flows": {_FLOWS[scheme["flow"]]: {"scopes": {}, **flow}}}


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Yield a value as YAML: blocks, with keys and texts quoted where they could be taken for more."""
    entries: list[tuple[str, Any]]
    if isinstance(value, dict):
        entries = [(f"{_key(key)}:", inner) for key, inner in value.items()]
    else:
        entries = [("-", inner) for inner in value]
    for head, inner in entries:
        if isinstance(inner, dict | list) and inner:
            yield f"{indent}{head}"
            yield from _lines(inner, f"{indent}  ")
        else:
            yield f"{indent}{head} {json.dumps(inner, ensure_ascii=False)}"


def _key(key: str) -> str:
    plain = _BARE.fullmatch(key) and key.casefold() not in {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}  # fmt: skip
    return key if plain else json.dumps(key, ensure_ascii=False)
