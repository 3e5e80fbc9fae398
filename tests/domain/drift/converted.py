"""Writing a Swagger 2.0 definition as OpenAPI 3.0 or 3.1: the same API, said in another format.

Only what connectors use is converted, the way converters do it: a body loses its name, forms become
a schema, what may be empty is spelled as the format spells it.
"""

from __future__ import annotations

import copy
from typing import Any, Literal

from raw_definition import METHODS, RawDefinition

Node = dict[str, Any]
Version = Literal["3.0.3", "3.1.0"]

_PLACES = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_FORM = ("multipart/form-data", "application/x-www-form-urlencoded")
_OF_VALUES = (
    "type", "format", "items", "enum", "default", "maximum", "minimum", "exclusiveMaximum",
    "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems",
    "multipleOf", "x-nullable",
)  # fmt: skip
_STYLES = {
    "multi": {"style": "form", "explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_FLOWS = {
    "accessCode": "authorizationCode",
    "application": "clientCredentials",
    "implicit": "implicit",
    "password": "password",
}
_NAMED = frozenset({"properties", "patternProperties"})


def converted(document: Node, version: Version) -> Node:
    """Return the same API in another version of OpenAPI."""
    return _Converter(document, version).whole()


class _Converter:
    def __init__(self, document: Node, version: Version) -> None:
        self._document = document
        self._raw = RawDefinition(document)
        self._modern = version.startswith("3.1")
        self._version = version

    def whole(self) -> Node:
        told = self._document
        shared = {
            "schemas": {
                name: self._schema(one) for name, one in (told.get("definitions") or {}).items()
            },
            "parameters": {
                name: self._parameter(one)
                for name, one in (told.get("parameters") or {}).items()
                if isinstance(one, dict) and one.get("in") not in ("body", "formData")
            },
            "responses": {
                name: self._response(one, self._types(told, "produces"))
                for name, one in (told.get("responses") or {}).items()
            },
            "securitySchemes": {
                name: self._scheme(one)
                for name, one in (told.get("securityDefinitions") or {}).items()
            },
        }
        return {
            "openapi": self._version,
            "info": copy.deepcopy(told.get("info", {})),
            "servers": self._servers(),
            "paths": {path: self._item(item) for path, item in told["paths"].items()},
            "components": shared,
            **{
                key: one for key, one in told.items() if key in ("security", "tags", "externalDocs")
            },
            **{key: one for key, one in told.items() if key.startswith("x-")},
        }

    def _servers(self) -> list[Node]:
        host, base = self._document.get("host"), self._document.get("basePath") or ""
        base = "" if base == "/" else base
        if host is None:
            return [{"url": base or "/"}]
        schemes = self._document.get("schemes") or ["https"]
        return [{"url": f"{scheme}://{host}{base}"} for scheme in schemes]

    def _item(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        found: Node = {}
        for key, one in item.items():
            if key in METHODS and isinstance(one, dict):
                found[key] = self._operation(item, one)
            elif key == "parameters":
                kept = [self._parameter(raw) for raw in self._plain(one)]
                found[key] = kept
            elif key == "x-ms-notification-content":
                found[key] = self._notification(one)
            else:
                found[key] = one
        return found

    def _plain(self, listed: Any) -> list[Node]:
        """Return the parameters that are neither bodies nor forms, as written."""
        return [
            raw
            for raw in listed or ()
            if self._raw.followed(raw).get("in") not in ("body", "formData")
        ]

    def _operation(self, item: Node, operation: Node) -> Node:
        dropped = ("parameters", "responses", "consumes", "produces", "schemes")
        found = {key: one for key, one in operation.items() if key not in dropped}
        if "x-ms-notification-content" in found:
            found["x-ms-notification-content"] = self._notification(
                found["x-ms-notification-content"]
            )
        own = operation.get("parameters") or []
        found["parameters"] = [self._parameter(one) for one in self._plain(own)]
        every = [self._raw.followed(one) for one in [*(item.get("parameters") or []), *own]]
        if body := self._body(operation, every):
            found["requestBody"] = body
        produces = self._types(operation, "produces")
        found["responses"] = {
            status: self._response(one, produces) if isinstance(one, dict) else one
            for status, one in (operation.get("responses") or {}).items()
        }
        return found

    def _body(self, operation: Node, parameters: list[Node]) -> Node | None:
        consumes = self._types(operation, "consumes")
        forms = [one for one in parameters if one.get("in") == "formData"]
        if forms:
            files = any(one.get("type") == "file" for one in forms)
            types = [one for one in consumes if one in _FORM] or [_FORM[0] if files else _FORM[1]]
            required = [one["name"] for one in forms if one.get("required")]
            schema = {
                "type": "object",
                "properties": {one["name"]: self._form(one) for one in forms},
                **({"required": required} if required else {}),
            }
            return {
                "content": {kind: {"schema": schema} for kind in types},
                "required": bool(required),
            }
        for one in parameters:
            if one.get("in") == "body":
                extensions = {
                    key: value
                    for key, value in one.items()
                    if key.startswith("x-") or key in ("description", "required")
                }
                schema = self._schema(one.get("schema", {}))
                # A body that is sent as a form is a contradiction, which some connectors hold.
                types = [kind for kind in consumes if kind not in _FORM] or ["application/json"]
                return {**extensions, "content": {kind: {"schema": schema} for kind in types}}
        return None

    def _types(self, told: Node, key: str) -> list[str]:
        return told.get(key) or self._document.get(key) or ["application/json"]

    def _form(self, parameter: Node) -> Node:
        told = {
            key: one
            for key, one in parameter.items()
            if key not in ("name", "in", "required", "collectionFormat")
        }
        if told.get("type") == "file":
            told |= {"type": "string", "format": "binary"}
        return self._schema(told)

    def _parameter(self, raw: Node) -> Node:
        if "$ref" in raw:
            return self._moved(raw)
        own = {key: one for key, one in raw.items() if key not in (*_OF_VALUES, "collectionFormat")}
        values = {key: one for key, one in raw.items() if key in _OF_VALUES}
        style = _STYLES.get(raw.get("collectionFormat", ""), {})
        if raw.get("type") == "array" and not style and raw.get("in") == "query":
            style = {"style": "form", "explode": False}
        return {**own, **style, "schema": self._schema(values)}

    def _response(self, raw: Node, produces: list[str]) -> Node:
        if "$ref" in raw:
            return self._moved(raw)
        found = {
            key: one for key, one in raw.items() if key not in ("schema", "headers", "examples")
        }
        if "schema" in raw:
            schema = self._schema(raw["schema"])
            found["content"] = {kind: {"schema": schema} for kind in produces}
        if isinstance(raw.get("headers"), dict):
            found["headers"] = {
                name: {
                    **{key: value for key, value in one.items() if key not in _OF_VALUES},
                    "schema": self._schema({k: v for k, v in one.items() if k in _OF_VALUES}),
                }
                for name, one in raw["headers"].items()
            }
        return found

    def _notification(self, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        if "$ref" in raw:
            return self._moved(raw)
        return {**raw, "schema": self._schema(raw["schema"])} if "schema" in raw else raw

    def _moved(self, raw: Node) -> Node:
        reference = raw["$ref"]
        for before, after in _PLACES.items():
            if isinstance(reference, str) and reference.startswith(before):
                return {**raw, "$ref": after + reference.removeprefix(before)}
        return raw

    def _schema(self, raw: Any, *, names: bool = False) -> Any:
        if isinstance(raw, list):
            return [self._schema(one) for one in raw]
        if not isinstance(raw, dict):
            return raw
        if names:
            return {name: self._schema(one) for name, one in raw.items()}
        if isinstance(raw.get("$ref"), str):
            return self._moved(raw)
        found = {
            key: one
            if key in ("enum", "default", "example", "required") or key.startswith("x-")
            else self._schema(one, names=key in _NAMED)
            for key, one in raw.items()
        }
        if found.get("type") == "file":
            found |= {"type": "string", "format": "binary"}
        if isinstance(found.get("discriminator"), str):
            found["discriminator"] = {"propertyName": found["discriminator"]}
        return self._nullable(self._bounds(found))

    def _bounds(self, found: Node) -> Node:
        if self._modern:
            for bound in ("maximum", "minimum"):
                key = f"exclusive{bound.capitalize()}"
                exclusive = found.pop(key, False)
                if exclusive and bound in found:
                    found[key] = found.pop(bound)
        return found

    def _nullable(self, found: Node) -> Node:
        nullable = found.pop("x-nullable", None)
        if nullable is True:
            if not self._modern:
                found["nullable"] = True
            elif isinstance(found.get("type"), str):
                found["type"] = [found["type"], "null"]
            else:
                return {"oneOf": [found, {"type": "null"}]}
        return found

    def _scheme(self, raw: Node) -> Node:
        kind = raw.get("type")
        texts = {key: one for key, one in raw.items() if key == "description"}
        if kind == "basic":
            return {"type": "http", "scheme": "basic", **texts}
        if kind == "oauth2":
            urls = ("authorizationUrl", "tokenUrl")
            flow = {key: one for key, one in raw.items() if key in urls}
            flow["scopes"] = raw.get("scopes", {})
            return {
                "type": "oauth2",
                "flows": {_FLOWS.get(raw.get("flow", ""), "implicit"): flow},
                **texts,
            }
        return dict(raw)
