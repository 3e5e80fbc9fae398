"""A connector with nothing to find, and how a test spoils it."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

GONE: Final = object()
"""Takes out what stands in a place."""

_PLACE: Final = {"type": "string", "x-ms-summary": "Place", "description": "Name of the place."}
_READING: Final = {
    "name": "reading",
    "in": "body",
    "required": True,
    "schema": {"$ref": "#/definitions/Reading"},
}

DEFINITION: Final[dict[str, Any]] = {
    "swagger": "2.0",
    "info": {
        "title": "Harbour Tides",
        "description": "Tells when the water of a harbour rises and falls, and warns of high tides.",
        "version": "1.0",
        "contact": {
            "name": "Harbour Office",
            "url": "https://tides.example.com/help",
            "email": "help@tides.example.com",
        },
        "license": {"name": "MIT", "url": "https://tides.example.com/licence"},
    },
    "externalDocs": {"url": "https://tides.example.com/docs"},
    "host": "tides.example.com:8443",
    "basePath": "/v1",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "tags": [{"name": "tides"}, {"name": "hooks"}],
    "x-ms-api-annotation": {"status": "Production"},
    "x-ms-connector-metadata": [
        {"propertyName": "Website", "propertyValue": "https://tides.example.com"},
        {"propertyName": "Privacy policy", "propertyValue": "https://tides.example.com/privacy"},
        {"propertyName": "Categories", "propertyValue": "Data;Internet of Things"},
    ],
    "paths": {
        "/harbours": {
            "get": {
                "operationId": "ListHarbours",
                "summary": "List harbours",
                "description": "Lists the harbours of a country with their tide gauges.",
                "tags": ["tides"],
                "parameters": [{"$ref": "#/parameters/country"}, {"$ref": "#/parameters/limit"}],
                "responses": {
                    "200": {
                        "description": "The harbours.",
                        "schema": {"$ref": "#/definitions/Harbours"},
                        "headers": {"X-Left": {"type": "integer", "format": "int32"}},
                    },
                    "default": {"$ref": "#/responses/Failed"},
                },
            }
        },
        "/harbours/{id}/tides": {
            "parameters": [
                {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "type": "string",
                    "x-ms-url-encoding": "single",
                    "x-ms-summary": "Harbour",
                    "description": "The harbour.",
                    "x-ms-dynamic-values": {
                        "operationId": "ListHarbours",
                        "parameters": {"country": {"parameter": "country"}, "limit": 5},
                        "value-collection": "value",
                        "value-path": "id",
                        "value-title": "place/name",
                    },
                    "x-ms-dynamic-list": {
                        "operationId": "ListHarbours",
                        "parameters": {"country": {"parameterReference": "country"}},
                        "itemsPath": "value",
                        "itemValuePath": "id",
                        "itemTitlePath": "place/name",
                    },
                }
            ],
            "get": {
                "operationId": "ListTides",
                "summary": "List tides (forecast)",
                "description": "Lists the coming tides of a harbour.",
                "x-ms-pageable": {"nextLinkName": "nextLink"},
                "parameters": [
                    {"$ref": "#/parameters/country"},
                    {
                        "name": "days",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string", "enum": ["today", "tomorrow"]},
                        "collectionFormat": "csv",
                        "x-ms-summary": "Days",
                        "description": "Which days.",
                        "allowEmptyValue": True,
                    },
                ],
                "responses": {
                    "200": {
                        "description": "The tides.",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Tide"}},
                    }
                },
            },
        },
        "/readings": {
            "post": {
                "operationId": "AddReading",
                "summary": "Add reading",
                "description": "Adds a reading of a gauge as it was before gauges had names.",
                "deprecated": True,
                "x-ms-api-annotation": {
                    "status": "Production",
                    "family": "AddReading",
                    "revision": 1,
                    "replacement": {"api": "tides", "operationId": "AddReadingV2"},
                },
                "parameters": [_READING],
                "responses": {"201": {"description": "Added.", "schema": _PLACE}},
            }
        },
        "/v2/readings": {
            "post": {
                "operationId": "AddReadingV2",
                "summary": "Add reading",
                "description": "Adds a reading of a named gauge.",
                "x-ms-api-annotation": {
                    "status": "Production",
                    "family": "AddReading",
                    "revision": 2,
                },
                "parameters": [_READING],
                "security": [{"account": ["write"]}],
                "responses": {
                    "200": {
                        "description": "Added.",
                        "schema": {
                            "type": "object",
                            "x-ms-dynamic-schema": {
                                "operationId": "ReadSchema",
                                "parameters": {"gauge": {"parameter": "gauge"}},
                                "value-path": "schema",
                            },
                            "x-ms-dynamic-properties": {
                                "operationId": "ReadSchema",
                                "parameters": {"gauge": {"parameterReference": "reading/gauge"}},
                                "itemValuePath": "schema",
                            },
                        },
                    }
                },
            }
        },
        "/schema": {
            "get": {
                "operationId": "ReadSchema",
                "x-ms-visibility": "internal",
                "parameters": [
                    {
                        "name": "gauge",
                        "in": "query",
                        "type": "string",
                        "required": True,
                        "x-ms-summary": "Gauge",
                        "description": "The gauge.",
                    }
                ],
                "responses": {
                    "200": {
                        "description": "The schema.",
                        "schema": {"type": "object", "properties": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
        "/hooks": {
            "x-ms-notification-content": {
                "description": "A high tide.",
                "schema": {"$ref": "#/definitions/Tide"},
            },
            "post": {
                "operationId": "OnHighTide",
                "summary": "When a high tide is near",
                "description": "Starts when the water is going to rise above a mark.",
                "x-ms-trigger": "single",
                "parameters": [
                    {
                        "name": "hook",
                        "in": "body",
                        "required": True,
                        "schema": {
                            "type": "object",
                            "required": ["target"],
                            "properties": {
                                "target": {
                                    "type": "object",
                                    "required": ["url"],
                                    "x-ms-visibility": "internal",
                                    "properties": {
                                        "url": {"type": "string", "x-ms-notification-url": True}
                                    },
                                }
                            },
                        },
                    }
                ],
                "responses": {"201": {"description": "Subscribed."}},
            },
        },
        "/tide-watch": {
            "get": {
                "operationId": "OnTideChange",
                "summary": "When a tide turns",
                "description": "Starts when the water begins to rise or fall.",
                "x-ms-trigger": "batch",
                "x-ms-notification": {"operationId": "OnHighTide"},
                "responses": {
                    "200": {
                        "description": "Tides.",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Tide"}},
                    }
                },
            }
        },
        "/photos": {
            "post": {
                "operationId": "UploadPhoto",
                "summary": "Upload photo",
                "description": "Keeps a photo of a gauge.",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {
                        "name": "photo",
                        "in": "formData",
                        "type": "file",
                        "x-ms-summary": "Photo",
                        "description": "The photo.",
                    }
                ],
                "responses": {"200": {"description": "Kept.", "schema": {"type": "file"}}},
            }
        },
    },
    "parameters": {
        "country": {
            "name": "country",
            "in": "query",
            "type": "string",
            "required": True,
            "enum": ["de", "nl"],
            "default": "de",
            "x-ms-enum-values": [
                {"value": "de", "displayName": "Germany"},
                {"value": "nl", "displayName": "Netherlands"},
            ],
            "x-ms-summary": "Country",
            "description": "The country.",
        },
        "limit": {
            "name": "limit",
            "in": "query",
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "maximum": 50,
            "exclusiveMaximum": True,
            "multipleOf": 1,
            "x-ms-summary": "Limit",
            "description": "How many.",
        },
    },
    "responses": {
        "Failed": {"description": "It failed."},
        "Empty": {"description": "Nothing.", "schema": {"$ref": "#/definitions/Tide"}},
    },
    "definitions": {
        "Harbours": {
            "type": "object",
            "properties": {
                "value": {"type": "array", "items": {"$ref": "#/definitions/Harbour"}},
                "nextLink": {"type": "string", "readOnly": True},
            },
        },
        "Harbour": {
            "allOf": [
                {"type": "object", "properties": {"id": {"type": "string"}}},
                {"type": "object", "properties": {"place": {"$ref": "#/definitions/Place"}}},
            ]
        },
        "Place": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^\\w+$"},
                "near": {"$ref": "#/definitions/Place"},
            },
        },
        "Tide": {
            "type": "object",
            "discriminator": "kind",
            "required": ["kind"],
            "properties": {
                "kind": {"type": "string", "enum": ["high", "low"]},
                "at": {"type": "string", "format": "date-time"},
                "metres": {"type": "number", "format": "double"},
                "properties": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "example": {"kind": "high", "$ref": "https://tides.example.com"},
        },
        "Reading": {
            "type": "object",
            "required": ["gauge", "source"],
            "properties": {
                "gauge": {"type": "string"},
                "metres": {"type": "number", "default": 0, "minimum": -20, "maximum": 20},
                "source": {"type": "string", "x-ms-visibility": "internal", "default": "flow"},
                "seen": {"type": "string", "readOnly": True},
                "marks": {
                    "type": "array",
                    "items": {"type": "string"},
                    "maxItems": 9,
                    "minItems": 0,
                },
                "again": {"$ref": "#/definitions/Reading"},
            },
        },
    },
    "securityDefinitions": {
        "key": {"type": "apiKey", "name": "X-Key", "in": "header"},
        "account": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "https://tides.example.com/authorize",
            "tokenUrl": "https://tides.example.com/token",
            "scopes": {"write": "Add readings."},
        },
    },
    "security": [{"key": []}],
}

PROPERTIES: Final[dict[str, Any]] = {
    "properties": {
        "connectionParameters": {
            "key": {"type": "securestring"},
            "account": {
                "type": "oauthSetting",
                "oAuthSettings": {
                    "identityProvider": "oauth2",
                    "clientId": "tides",
                    "clientSecret": "[[your secret]]",
                    "scopes": ["write"],
                },
            },
        },
        "iconBrandColor": "#003366",
        "capabilities": ["actions"],
        "publisher": "Harbour Office",
        "stackOwner": "Harbour Office",
        "scriptOperations": ["UploadPhoto"],
        "policyTemplateInstances": [
            {
                "templateId": "dynamicHostUrl",
                "title": "Host",
                "parameters": {
                    "x-ms-apimTemplateParameter.urlTemplate": "https://tides.example.com",
                    "x-ms-apimTemplate-operationName": ["ListTides"],
                },
            }
        ],
    }
}


def spoiled(original: dict[str, Any], *edits: tuple[str, Any]) -> bytes:
    """Return a document with other values in some places, named by JSON pointers."""
    value = copy.deepcopy(original)
    for pointer, wanted in edits:
        *steps, last = [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]]
        node: Any = value
        for step in steps:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if isinstance(node, list):
            if last == "-":
                node.append(wanted)
            elif wanted is GONE:
                del node[int(last)]
            else:
                node[int(last)] = wanted
        elif wanted is GONE:
            del node[last]
        else:
            node[last] = wanted
    return json.dumps(value, indent=1).encode()
