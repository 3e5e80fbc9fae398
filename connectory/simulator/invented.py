"""Invented connector definitions: plausible Swagger 2.0 documents of companies that do not exist.

They vary in what governance looks at: authentication, triggers, visibility, deprecation, policies
(one with a hard-coded secret that is plainly none), scripts, and how well they are documented.
"""

from __future__ import annotations

import json
import random
from typing import Final

from connectory.simulator.openapi import Blueprint, backend_of, operations_of
from connectory.simulator.randomness import chance, guid, stream
from connectory.simulator.state import Json
from connectory.simulator.words import SYSTEM_OWNERS, SYSTEMS, VERBS

FAKE_SECRET: Final = "Bearer not-a-real-secret-0000"  # noqa: S105 - planted, opens nothing
COLORS: Final = ("#007ee5", "#2f7d6b", "#8a4fb0", "#b5532a", "#33557f", "#c0392b")
AUTHENTICATIONS: Final = (
    ("api_key", 42), ("aad", 22), ("oauth2", 13), ("basic", 10), ("none", 8), ("sets", 3),
    ("gateway", 2),
)  # fmt: skip


def invent(index: int, seed: int) -> Blueprint:
    """Return the invented blueprint number `index` under `seed`; titles repeat only after 360."""
    rng = stream(seed, "invented", index)
    system, label, nouns = SYSTEMS[index % len(SYSTEMS)]
    generation, owner_index = divmod(index // len(SYSTEMS), len(SYSTEM_OWNERS))
    owner = SYSTEM_OWNERS[owner_index]
    title = system if owner_index == 0 else f"{owner} {system}"
    title += f" v{generation + 1}" if generation else ""
    kind = rng.choices([name for name, _ in AUTHENTICATIONS], [w for _, w in AUTHENTICATIONS])[0]
    document = _document(rng, title, f"{label}.{owner.lower()}.example", nouns, kind)
    operations = operations_of(document) or []
    identifiers = [str(operation["operationId"]) for operation in operations]
    scripted = rng.sample(identifiers, 1) if chance(rng, 0.08) else []
    parameters, sets = _parameters(rng, kind, label)
    return Blueprint(
        key=f"invented-{index}",
        title=title,
        description=document["info"].get("description"),
        content=json.dumps(document, indent=2, ensure_ascii=False).encode(),
        operations=operations,
        backend_url=backend_of(document),
        brand_color=rng.choice(COLORS),
        connection_parameters=parameters,
        connection_parameter_sets=sets,
        policies=_policies(rng, identifiers),
        script_operations=scripted,
        has_script=bool(scripted),
    )


def _document(rng: random.Random, title: str, host: str, nouns: tuple[str, ...], kind: str) -> Json:
    documented = chance(rng, 0.8)
    paths: Json = {}
    for noun in nouns:
        _add_operations(rng, paths, noun, documented=documented)
    if chance(rng, 0.3):
        _add_webhook(paths, nouns[0])
    if chance(rng, 0.25):
        paths["/lists"] = {"get": _operation("GetLists", "Lists", internal=True)}
    info: Json = {"title": title, "version": f"1.{rng.randrange(6)}"}
    if documented:
        info["description"] = f"{title}: {', '.join(nouns)} for the business units."
        info["contact"] = {"name": "Integration team", "email": f"integration@{host}"}
    return {
        "swagger": "2.0",
        "info": info,
        "host": f"api.{host}",
        "basePath": f"/v{rng.randrange(1, 4)}",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": paths,
        "definitions": {noun: _schema(rng, noun) for noun in nouns},
        **_security(kind, host),
    }


def _add_operations(rng: random.Random, paths: Json, noun: str, *, documented: bool) -> None:
    lower = noun.lower()
    for method, verb, plural in rng.sample(VERBS, rng.randrange(2, len(VERBS) + 1)):
        path = f"/{lower}s" + {"Get": "/{id}", "Update": "/{id}", "Delete": "/{id}"}.get(verb, "")
        path += "/search" if verb == "Search" else ""
        operation = _operation(
            f"{verb}{noun}{plural}", f"{verb} {lower}{plural}" if documented else "", noun=noun
        )
        if verb == "List":
            operation["parameters"] = [
                {"name": "top", "in": "query", "type": "integer", "required": False},
                {"name": "filter", "in": "query", "type": "string", "required": False},
            ]
        elif verb in {"Create", "Update", "Search"}:
            operation["parameters"] = [
                {"name": "body", "in": "body", "required": True,
                 "schema": {"$ref": f"#/definitions/{noun}"}},
            ]  # fmt: skip
        if "{id}" in path:
            operation.setdefault("parameters", []).insert(
                0, {"name": "id", "in": "path", "type": "string", "required": True}
            )
        if documented:
            operation["description"] = f"{verb} {lower} records the caller may see."
        if chance(rng, 0.04):
            operation["deprecated"] = True
        if chance(rng, 0.1):
            operation["x-ms-visibility"] = "advanced"
        paths.setdefault(path, {})[method] = operation


def _operation(
    operation_id: str, summary: str, *, noun: str | None = None, internal: bool = False
) -> Json:
    schema: Json = {"$ref": f"#/definitions/{noun}"} if noun else {"type": "object"}
    operation: Json = {"operationId": operation_id}
    if summary:
        operation["summary"] = summary
    if internal:
        operation["x-ms-visibility"] = "internal"
    operation["responses"] = {"200": {"description": "OK", "schema": schema}}
    return operation


def _add_webhook(paths: Json, noun: str) -> None:
    operation = _operation(f"When{noun}Changes", f"When a {noun.lower()} changes", noun=noun)
    operation["x-ms-trigger"] = "single"
    operation["parameters"] = [
        {"name": "body", "in": "body", "required": True, "schema": {
            "type": "object", "required": ["callbackUrl"],
            "properties": {"callbackUrl": {"type": "string", "x-ms-notification-url": True,
                                           "x-ms-visibility": "internal"}},
        }},
    ]  # fmt: skip
    paths["/subscriptions"] = {
        "post": operation,
        "x-ms-notification-content": {"schema": {"$ref": f"#/definitions/{noun}"}},
    }
    paths["/subscriptions/{id}"] = {
        "delete": {
            **_operation("DeleteSubscription", "Delete subscription", internal=True),
            "parameters": [{"name": "id", "in": "path", "type": "string", "required": True}],
        }
    }


def _schema(rng: random.Random, noun: str) -> Json:
    fields: Json = {"id": {"type": "string", "x-ms-summary": f"{noun} id"}}
    for name, kind in rng.sample(
        [("status", "string"), ("amount", "number"), ("note", "string"), ("email", "string"),
         ("created", "string"), ("quantity", "integer"), ("active", "boolean")], 4,
    ):  # fmt: skip
        fields[name] = {"type": kind, "x-ms-summary": name.title()}
    return {"type": "object", "required": ["id"], "properties": fields}


def _security(kind: str, host: str) -> Json:
    schemes: dict[str, Json] = {
        "api_key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "basic": {"type": "basic"},
        "gateway": {"type": "basic"},
        "aad": _oauth("https://login.windows.net/common/oauth2/authorize"),
        "oauth2": _oauth(f"https://auth.{host}/authorize"),
        "sets": _oauth("https://login.windows.net/common/oauth2/authorize"),
    }
    if kind not in schemes:
        return {}
    return {"securityDefinitions": {kind: schemes[kind]}, "security": [{kind: []}]}


def _oauth(authorize: str) -> Json:
    return {
        "type": "oauth2", "flow": "accessCode", "authorizationUrl": authorize,
        "tokenUrl": authorize.replace("/authorize", "/token"), "scopes": {},
    }  # fmt: skip


def _parameters(rng: random.Random, kind: str, label: str) -> tuple[Json, Json | None]:
    key: Json = {"api_key": {"type": "securestring", "uiDefinition": {"displayName": "API key"}}}
    basic: Json = {
        "username": {"type": "string", "uiDefinition": {"displayName": "User name"}},
        "password": {"type": "securestring", "uiDefinition": {"displayName": "Password"}},
    }
    if kind in {"aad", "oauth2"}:
        return _oauth_setting(rng, kind, label), None
    if kind == "gateway":
        return {**basic, "gateway": {"type": "gatewaySetting"}}, None
    if kind == "sets":
        values = [
            {"name": "oauth", "parameters": _oauth_setting(rng, "aad", label),
             "metadata": {"allowSharing": False}},
            {"name": "key", "parameters": key, "metadata": {"allowSharing": True}},
        ]  # fmt: skip
        return {}, {"uiDefinition": {"displayName": "Authentication type"}, "values": values}
    return {"api_key": key, "basic": basic}.get(kind, {}), None


def _oauth_setting(rng: random.Random, kind: str, label: str) -> Json:
    custom: Json = (
        {
            "loginUri": {"value": "https://login.windows.net"},
            "tenantId": {"value": "common"},
            "resourceUri": {"value": f"api://{label}"},
        }
        if kind == "aad"
        else {
            "authorizationUrl": {"value": f"https://auth.{label}.example/authorize"},
            "tokenUrl": {"value": f"https://auth.{label}.example/token"},
        }
    )
    setting: Json = {
        "identityProvider": kind,
        "clientId": guid(rng),
        "scopes": [],
        "redirectMode": rng.choice(["Global", "GlobalPerConnector"]),
        "redirectUrl": "https://global.consent.azure-apim.net/redirect",
        "properties": {"IsFirstParty": "False"},
        "customParameters": custom,
    }
    return {"token": {"type": "oauthSetting", "oAuthSettings": setting}}


def _policies(rng: random.Random, operations: list[str]) -> list[Json]:
    drawn = rng.random()
    if drawn < 0.04:  # noqa: PLR2004 - share of connectors with a secret in a policy
        return [_header("Add credentials", "Authorization", FAKE_SECRET, [])]
    if drawn < 0.15:  # noqa: PLR2004 - share with a harmless header
        return [_header("Add origin", "X-Origin", "power-platform", rng.sample(operations, 1))]
    if drawn < 0.2:  # noqa: PLR2004 - share whose host is chosen per connection
        url = "https://@connectionParameters('host','')"
        return [{"templateId": "dynamichosturl", "title": "Host per connection",
                 "parameters": {"x-ms-apimTemplateParameter.urlTemplate": url}}]  # fmt: skip
    return []


def _header(title: str, name: str, value: str, operations: list[str]) -> Json:
    return {
        "templateId": "setheader",
        "title": title,
        "parameters": {
            "x-ms-apimTemplateParameter.name": name,
            "x-ms-apimTemplateParameter.value": value,
            "x-ms-apimTemplateParameter.existsAction": "override",
            "x-ms-apimTemplate-policySection": "Request",
            "x-ms-apimTemplate-operationName": operations,
        },
    }
