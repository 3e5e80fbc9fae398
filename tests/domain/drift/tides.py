"""An invented connector that has a little of everything: for edits whose every effect is known."""

from __future__ import annotations

from typing import Any


def tides() -> dict[str, Any]:
    """Return its definition, anew each time."""
    return {
        "swagger": "2.0",
        "info": {
            "title": "Tides",
            "description": "When the sea comes and goes.",
            "version": "1.0",
            "contact": {"name": "Harbour office", "email": "office@harbour.example"},
        },
        "host": "tides.example",
        "basePath": "/v1",
        "schemes": ["https", "http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "sign-in": {
                "type": "oauth2",
                "flow": "accessCode",
                "authorizationUrl": "https://in.example/authorize",
                "tokenUrl": "https://in.example/token",
                "scopes": {"tides.read": "Read tides", "tides.write": "Write tides"},
            },
        },
        "security": [{"key": []}],
        "x-ms-connector-metadata": [
            {"propertyName": "Website", "propertyValue": "https://tides.example"},
            {"propertyName": "Categories", "propertyValue": "Data"},
        ],
        "x-ms-capabilities": {"testConnection": {"operationId": "Ping", "parameters": {}}},
        "parameters": {
            "zone": {
                "name": "zone",
                "in": "path",
                "required": True,
                "type": "string",
                "x-ms-summary": "Zone",
                "x-ms-url-encoding": "single",
            }
        },
        "responses": {"Gone": {"description": "Gone", "schema": {"$ref": "#/definitions/Fault"}}},
        "paths": {
            "/ping": {
                "get": {
                    "operationId": "Ping",
                    "summary": "Ping",
                    "responses": {"200": {"description": "OK"}},
                }
            },
            "/zones/{zone}/tides": {
                "parameters": [{"$ref": "#/parameters/zone"}],
                "get": _list_tides(),
                "post": _add_tide(),
            },
            "/stations/{station}": {"get": _get_station()},
            "/tides/new": {"get": _when_tide()},
            "/hooks": _hooks(),
            "/odd": {"get": _get_odd(), "put": _get_default()},
        },
        "definitions": {
            "Tide": {
                "type": "object",
                "required": ["at"],
                "properties": {
                    "at": {"type": "string", "format": "date-time", "title": "Time"},
                    "height": {"type": "number", "format": "double"},
                    "state": {"type": "string", "enum": ["high", "low", "slack"]},
                    "note": {"type": "string", "description": "What was seen"},
                    "order": {"type": "integer", "format": "int32"},
                    "count": {"type": "integer"},
                    "station": {"$ref": "#/definitions/Station"},
                    "readings": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"value": {"type": "number"}, "by": {"type": "string"}},
                        },
                    },
                },
            },
            "Station": {
                "allOf": [
                    {"$ref": "#/definitions/Named"},
                    {
                        "type": "object",
                        "properties": {
                            "latitude": {"type": "number"},
                            "neighbours": {
                                "type": "array",
                                "items": {"$ref": "#/definitions/Station"},
                            },
                        },
                    },
                ]
            },
            "Named": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
            },
            "Fault": {"type": "object", "properties": {"code": {"type": "string"}}},
            "Shape": {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            },
            "Counted": {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            },
            "Unused": {"type": "object", "properties": {"nothing": {"type": "string"}}},
        },
    }


def _list_tides() -> dict[str, Any]:
    return {
        "operationId": "ListTides",
        "summary": "List tides",
        "description": "Lists the tides of a zone.",
        "parameters": [
            {"name": "since", "in": "query", "required": True, "type": "string", "format": "date"},
            {"name": "station", "in": "query", "required": True, "type": "string"},
            {"name": "limit", "in": "query", "type": "integer", "format": "int32"},
            {"name": "page", "in": "query", "type": "integer"},
            {
                "name": "order",
                "in": "query",
                "type": "string",
                "enum": ["asc", "desc", "none"],
                "default": "asc",
                "x-ms-summary": "Order",
            },
            {
                "name": "kind",
                "in": "query",
                "type": "string",
                "enum": ["spring", "neap"],
                "x-ms-dynamic-values": {
                    "operationId": "GetStation",
                    "parameters": {"station": "a"},
                    "value-path": "id",
                },
            },
            {"name": "fields", "in": "query", "type": "array", "items": {"type": "string"}},
            {"name": "text", "in": "query", "type": "string", "description": "Part of a note"},
            {
                "name": "X-Version",
                "in": "header",
                "type": "string",
                "default": "1",
                "x-ms-visibility": "internal",
            },
        ],
        "responses": {
            "200": {
                "description": "OK",
                "schema": {"type": "array", "items": {"$ref": "#/definitions/Tide"}},
                "headers": {"X-Total": {"type": "integer"}},
            },
            "410": {"$ref": "#/responses/Gone"},
        },
    }


def _add_tide() -> dict[str, Any]:
    return {
        "operationId": "AddTide",
        "summary": "Add a tide",
        "parameters": [
            {
                "name": "tide",
                "in": "body",
                "required": True,
                "schema": {"$ref": "#/definitions/Tide"},
            },
            {"name": "notify", "in": "query", "type": "boolean"},
        ],
        "responses": {
            "201": {"description": "Added", "schema": {"$ref": "#/definitions/Tide"}},
            "202": {"description": "Taken"},
            "default": {"description": "Fault", "schema": {"$ref": "#/definitions/Fault"}},
        },
    }


def _get_station() -> dict[str, Any]:
    return {
        "operationId": "GetStation",
        "summary": "Get a station",
        "parameters": [
            {
                "name": "station",
                "in": "path",
                "required": True,
                "type": "string",
                "x-ms-url-encoding": "single",
            }
        ],
        "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Station"}}},
    }


def _when_tide() -> dict[str, Any]:
    return {
        "operationId": "WhenTide",
        "summary": "When the tide turns",
        "x-ms-trigger": "batch",
        "x-ms-trigger-hint": "Wait for the tide.",
        "responses": {
            "200": {
                "description": "OK",
                "schema": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "array", "items": {"$ref": "#/definitions/Tide"}}
                    },
                },
            }
        },
    }


def _hooks() -> dict[str, Any]:
    return {
        "x-ms-notification-content": {
            "description": "A flood",
            "schema": {
                "type": "object",
                "properties": {
                    "level": {"type": "integer", "title": "Level"},
                    "zone": {"type": "string"},
                },
            },
        },
        "post": {
            "operationId": "OnFlood",
            "summary": "When there is a flood",
            "x-ms-trigger": "single",
            "parameters": [
                {
                    "name": "hook",
                    "in": "body",
                    "required": True,
                    "schema": {
                        "type": "object",
                        "required": ["url"],
                        "properties": {
                            "url": {
                                "type": "string",
                                "x-ms-notification-url": True,
                                "x-ms-visibility": "internal",
                            },
                            "zone": {"type": "string"},
                            "mode": {
                                "type": "string",
                                "default": "all",
                                "x-ms-visibility": "internal",
                            },
                            "any": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                            "picked": {
                                "type": "string",
                                "enum": ["a", "b"],
                                "x-ms-dynamic-values": {"operationId": "Ping", "value-path": "id"},
                            },
                            "deep": {
                                "type": "object",
                                "properties": {
                                    "list": {
                                        "type": "array",
                                        "items": {
                                            "type": "object",
                                            "properties": {
                                                "leaf": {"type": "string"},
                                                "stem": {"type": "string"},
                                            },
                                        },
                                    }
                                },
                            },
                        },
                    },
                }
            ],
            "responses": {"201": {"description": "Subscribed"}},
        },
    }


def _get_odd() -> dict[str, Any]:
    any_shape = {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}
    shape = {"oneOf": [{"$ref": "#/definitions/Shape"}, {"$ref": "#/definitions/Fault"}]}
    counts = {"type": "object", "additionalProperties": {"$ref": "#/definitions/Counted"}}
    properties = {"any": any_shape, "one": {"type": "string"}, "shape": shape, "counts": counts}
    schema = {"type": "object", "properties": properties}
    return {
        "operationId": "GetOdd",
        "summary": "Get what is odd",
        "responses": {"200": {"description": "OK", "schema": schema}},
    }


def _get_default() -> dict[str, Any]:
    return {
        "operationId": "GetDefault",
        "summary": "Get whatever comes",
        "responses": {
            "200": {"description": "OK"},
            "default": {"description": "It", "schema": {"$ref": "#/definitions/Fault"}},
        },
    }


def tides_properties() -> dict[str, Any]:
    """Return its apiProperties, anew each time."""
    return {
        "properties": {
            "connectionParameters": {
                "key": {
                    "type": "securestring",
                    "uiDefinition": {
                        "displayName": "Key",
                        "constraints": {"required": "true"},
                    },
                },
                "token": {
                    "type": "oauthSetting",
                    "oAuthSettings": {
                        "identityProvider": "oauth2",
                        "clientId": "invented",
                        "scopes": ["tides.read"],
                        "redirectMode": "Global",
                        "customParameters": {
                            "AuthorizationUrl": {"value": "https://in.example/authorize"},
                            "TokenUrl": {"value": "https://in.example/token"},
                        },
                    },
                },
            },
            "iconBrandColor": "#123456",
            "capabilities": ["actions"],
            "policyTemplateInstances": [
                {
                    "templateId": "setheader",
                    "title": "Accept",
                    "parameters": {
                        "x-ms-apimTemplateParameter.name": "Accept",
                        "x-ms-apimTemplateParameter.value": "application/json",
                    },
                }
            ],
            "scriptOperations": ["ListTides"],
            "publisher": "Harbour office",
            "stackOwner": "Harbour",
        }
    }
