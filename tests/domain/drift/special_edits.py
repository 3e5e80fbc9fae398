"""Edits of the invented connector, for what few real ones have; each with what must be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True)
class SpecialEdit:
    """One edit.

    Attributes:
        name: What is done, in words.
        make: Do it, to the definition and its apiProperties.
        forward: What must be told of it.
        backward: What must be told if it is undone; the same where nothing is said.
    """

    name: str
    make: Callable[[Node, Node], object]
    forward: str
    backward: str | None = None


def _operation(document: Node, name: str) -> Node:
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict) and operation.get("operationId") == name:
                return operation
    raise LookupError(name)


def _parameter(document: Node, operation: str, name: str) -> Node:
    for parameter in _operation(document, operation)["parameters"]:
        if parameter["name"] == name:
            found: Node = parameter
            return found
    raise LookupError(name)


def _hook(document: Node) -> Node:
    found: Node = document["paths"]["/hooks"]["x-ms-notification-content"]["schema"]
    return found


def _subscription(document: Node) -> Node:
    found: Node = _parameter(document, "OnFlood", "hook")["schema"]
    return found


def _own(document: Node, name: str = "Tide") -> Node:
    found: Node = document["definitions"][name]
    return found


def _define(**schemas: Node) -> Callable[[Node, Node], object]:
    return lambda document, _: document["definitions"].update(schemas)


def _removed_operation(document: Node, _: Node) -> None:
    del document["paths"]["/tides/new"]


def _moved(document: Node, _: Node) -> None:
    document["paths"]["/floods"] = document["paths"].pop("/tides/new")


def _another_method(document: Node, _: Node) -> None:
    item = document["paths"]["/tides/new"]
    item["put"] = item.pop("get")


def _base_into_paths(document: Node, _: Node) -> None:
    document["basePath"] = "/"
    document["paths"] = {f"/v1{path}": item for path, item in document["paths"].items()}


def _placeholder(document: Node, _: Node) -> None:
    document["paths"]["/stations/{id}"] = document["paths"].pop("/stations/{station}")
    _parameter(document, "GetStation", "station")["name"] = "id"


def _order(document: Node, _: Node) -> None:
    listed = _operation(document, "ListTides")["parameters"]
    listed[0], listed[1] = listed[1], listed[0]


def _optional_order(document: Node, _: Node) -> None:
    listed = _operation(document, "ListTides")["parameters"]
    listed[2], listed[3] = listed[3], listed[2]


def _into_header(document: Node, _: Node) -> None:
    _parameter(document, "ListTides", "text")["in"] = "header"


def _moved_hook(document: Node, _: Node) -> None:
    properties = _subscription(document)["properties"]
    properties["zone"]["x-ms-notification-url"] = properties["url"].pop("x-ms-notification-url")


def _other_key_name(document: Node, _: Node) -> None:
    definitions = document["securityDefinitions"]
    definitions["API key"] = definitions.pop("key")
    document["security"] = [{"API key": []}]


def _two_extensions(document: Node, _: Node) -> None:
    operation = _operation(document, "GetOdd")
    response = operation["responses"]["200"]
    for node in (operation, response, response["schema"]["properties"]["one"]):
        node.update({"x-one": 1, "x-two": 1})
    _subscription(document)["properties"]["zone"].update({"x-one": 1, "x-two": 1})
    _parameter(document, "ListTides", "text").update({"x-one": 1, "x-two": 1})
    document.update({"x-one": 1, "x-two": 1})


def _security(document: Node) -> Node:
    found: Node = document["securityDefinitions"]
    return found


def _connection(properties: Node) -> Node:
    found: Node = properties["properties"]["connectionParameters"]
    return found


def _settings(properties: Node) -> Node:
    found: Node = _connection(properties)["token"]["oAuthSettings"]
    return found


def _property_everywhere(rule: str, name: str, *, told: str = "") -> str:
    """What a property of Tide means where it comes back, whichever operation gives it."""
    return "\n".join(
        f"{rule} {place}{name}{told}"
        for place in ("ListTides 200:[].", "AddTide 201:", "WhenTide 200:value[].")
    )


_ITEM_TYPE = {"type": "array", "items": {"type": "object", "properties": {"value": {}}}}

SPECIAL = (
    # operations
    SpecialEdit("an operation is removed", _removed_operation, "breaking operation-removed WhenTide",
                "compatible operation-added WhenTide"),
    SpecialEdit("an operation is at another path", _moved, "risky operation-moved WhenTide"),
    SpecialEdit("an operation has another method", _another_method,
                "risky operation-moved WhenTide"),
    SpecialEdit("the base path moves into the paths", _base_into_paths,
                """cosmetic operation-moved Ping
                   cosmetic operation-moved ListTides
                   cosmetic operation-moved AddTide
                   cosmetic operation-moved GetStation
                   cosmetic operation-moved WhenTide
                   cosmetic operation-moved OnFlood
                   cosmetic operation-moved GetOdd
                   cosmetic operation-moved GetDefault
                   * base-path-changed"""),
    SpecialEdit("a part of the path is called otherwise", _placeholder,
                """* operation-moved GetStation
                   breaking parameter-removed GetStation path:station
                   breaking required-parameter-added GetStation path:id""",
                """* operation-moved GetStation
                   breaking parameter-removed GetStation path:id
                   breaking required-parameter-added GetStation path:station"""),
    SpecialEdit("an operation asks for another way to sign in",
                lambda document, _: _operation(document, "AddTide").update(
                    security=[{"sign-in": ["tides.write"]}]),
                "risky operation-security-changed AddTide"),
    SpecialEdit("the hint of a trigger changes",
                lambda document, _: _operation(document, "WhenTide").update(
                    {"x-ms-trigger-hint": "Wait."}),
                "cosmetic trigger-hint-changed WhenTide"),
    SpecialEdit("a trigger is one no more",
                lambda document, _: _operation(document, "WhenTide").pop("x-ms-trigger"),
                "breaking trigger-changed WhenTide"),
    # webhooks
    SpecialEdit("a webhook delivers less", lambda document, _: _hook(document)["properties"].pop("level"),
                "breaking notification-content-changed OnFlood notification:level",
                "compatible notification-content-added OnFlood notification:level"),
    SpecialEdit("a webhook delivers another type",
                lambda document, _: _hook(document)["properties"]["level"].update(type="string"),
                "breaking notification-content-changed OnFlood notification:level"),
    SpecialEdit("what a webhook delivers may be empty",
                lambda document, _: _hook(document)["properties"]["level"].update({"x-nullable": True}),
                "risky notification-detail-changed OnFlood notification:level",
                "compatible notification-detail-changed OnFlood notification:level"),
    SpecialEdit("what a webhook delivers is bound",
                lambda document, _: _hook(document)["properties"]["level"].update(maximum=9),
                "cosmetic notification-detail-changed OnFlood notification:level"),
    SpecialEdit("what a webhook delivers is labelled otherwise",
                lambda document, _: _hook(document)["properties"]["level"].update(title="Height"),
                "cosmetic notification-text-changed OnFlood notification:level"),
    SpecialEdit("a webhook tells nothing of what it delivers",
                lambda document, _: document["paths"]["/hooks"].pop("x-ms-notification-content"),
                "breaking notification-content-changed OnFlood",
                "compatible notification-content-changed OnFlood"),
    SpecialEdit("the address of a webhook goes elsewhere", _moved_hook,
                "breaking notification-url-changed OnFlood"),
    # parameters
    SpecialEdit("a parameter is given elsewhere", _into_header,
                """breaking parameter-removed ListTides query:text
                   compatible optional-parameter-added ListTides header:text""",
                """breaking parameter-removed ListTides header:text
                   compatible optional-parameter-added ListTides query:text"""),
    SpecialEdit("required parameters change places", _order,
                "breaking parameter-order-changed ListTides"),
    SpecialEdit("optional parameters change places", _optional_order, ""),
    SpecialEdit("a parameter that the platform fills in becomes required",
                lambda document, _: _parameter(document, "ListTides", "X-Version").update(required=True),
                "risky parameter-became-required ListTides header:X-Version",
                "compatible parameter-became-optional ListTides header:X-Version"),
    SpecialEdit("a value is no suggestion any more",
                lambda document, _: _parameter(document, "ListTides", "kind")["enum"].pop(),
                "risky parameter-enum-narrowed ListTides query:kind",
                "compatible parameter-enum-widened ListTides query:kind"),
    SpecialEdit("a picker reads another value",
                lambda document, _: _parameter(document, "ListTides", "kind")["x-ms-dynamic-values"]
                .update({"value-path": "name"}),
                "risky parameter-dynamic-changed ListTides query:kind"),
    SpecialEdit("a shared parameter has another label",
                lambda document, _: document["parameters"]["zone"].update({"x-ms-summary": "Area"}),
                """cosmetic parameter-text-changed ListTides path:zone
                   cosmetic parameter-text-changed AddTide path:zone"""),
    SpecialEdit("a parameter of the path moves into its operations",
                lambda document, _: [
                    document["paths"]["/zones/{zone}/tides"][method]["parameters"].insert(
                        0, {"$ref": "#/parameters/zone"}) for method in ("get", "post")
                ] and document["paths"]["/zones/{zone}/tides"].pop("parameters"),
                ""),
    # bodies
    SpecialEdit("a property of a body that the platform fills in becomes required",
                lambda document, _: _subscription(document)["required"].append("mode"),
                "risky body-property-became-required OnFlood body:mode",
                "compatible body-property-became-optional OnFlood body:mode"),
    SpecialEdit("one of several shapes is added to a body",
                lambda document, _: _subscription(document)["properties"]["any"]["oneOf"].append(
                    {"type": "boolean"}),
                "risky body-alternatives-changed OnFlood body:any"),
    SpecialEdit("a property deep in a body is removed",
                lambda document, _: _subscription(document)["properties"]["deep"]["properties"]["list"]
                ["items"]["properties"].pop("leaf"),
                "breaking body-property-removed OnFlood body:deep.list[].leaf",
                "compatible body-property-added OnFlood body:deep.list[].leaf"),
    SpecialEdit("a suggested value of a body is no longer told",
                lambda document, _: _subscription(document)["properties"]["picked"]["enum"].pop(),
                "risky body-property-enum-narrowed OnFlood body:picked",
                "compatible body-property-enum-widened OnFlood body:picked"),
    SpecialEdit("a property of a body becomes internal",
                lambda document, _: _subscription(document)["properties"]["zone"].update(
                    {"x-ms-visibility": "internal"}),
                "compatible body-property-visibility-changed OnFlood body:zone"),
    # responses
    SpecialEdit("a property of a shared schema is removed",
                lambda document, _: document["definitions"]["Tide"]["properties"].pop("note"),
                _property_everywhere("breaking response-property-removed", "note")
                + "\nbreaking body-property-removed AddTide body:note",
                _property_everywhere("compatible response-property-added", "note")
                + "\ncompatible body-property-added AddTide body:note"),
    SpecialEdit("a property that comes from another schema is removed",
                lambda document, _: document["paths"]["/stations/{station}"]["get"]["responses"]["200"]
                .update(schema={"type": "object", "properties": {
                    "id": {"type": "string"}, "latitude": {"type": "number"},
                    "neighbours": {"type": "array", "items": {"$ref": "#/definitions/Station"}}}}),
                "breaking response-property-removed GetStation 200:name",
                "compatible response-property-added GetStation 200:name"),
    SpecialEdit("a property deep in a response has another type",
                lambda document, _: _operation(document, "WhenTide")["responses"]["200"]["schema"]
                ["properties"].update(value={"type": "array", "items": {
                    **_own(document), "properties": {**_own(document)["properties"],
                                                     "readings": _ITEM_TYPE}}}),
                """breaking response-property-removed WhenTide 200:value[].readings[].by
                   * response-property-type-changed WhenTide 200:value[].readings[].value""",
                """compatible response-property-added WhenTide 200:value[].readings[].by
                   * response-property-type-changed WhenTide 200:value[].readings[].value"""),
    SpecialEdit("one of several shapes lost a property",
                _define(Shape={"type": "object", "properties": {"a": {"type": "string"}}}),
                "risky response-alternatives-changed GetOdd 200:shape"),
    SpecialEdit("one of several shapes is called otherwise",
                lambda document, _: document["definitions"].update(
                    {"Other": document["definitions"]["Shape"]}) or _operation(document, "GetOdd")
                ["responses"]["200"]["schema"]["properties"]["shape"].update(
                    oneOf=[{"$ref": "#/definitions/Other"}, {"$ref": "#/definitions/Fault"}]),
                ""),
    SpecialEdit("properties without a name have one property less",
                _define(Counted={"type": "object", "properties": {"a": {"type": "string"}}}),
                "breaking response-property-removed GetOdd 200:counts{{}}.b",
                "compatible response-property-added GetOdd 200:counts{{}}.b"),
    SpecialEdit("one of several shapes comes back no more",
                lambda document, _: _operation(document, "GetOdd")["responses"]["200"]["schema"]
                ["properties"]["any"]["oneOf"].pop(),
                "risky response-alternatives-changed GetOdd 200:any"),
    SpecialEdit("a response does not tell its type any more",
                lambda document, _: _operation(document, "GetOdd")["responses"]["200"].update(
                    schema={"title": "Anything"}),
                "risky response-root-type-changed GetOdd 200"),
    SpecialEdit("a header of a response has another type",
                lambda document, _: _operation(document, "ListTides")["responses"]["200"]["headers"]
                ["X-Total"].update(type="string"),
                "risky response-headers-changed ListTides 200"),
    SpecialEdit("a success without values is told no more",
                lambda document, _: _operation(document, "AddTide")["responses"].pop("202"),
                "compatible response-status-removed AddTide 202",
                "compatible response-status-added AddTide 202"),
    SpecialEdit("all other cases are told no more",
                lambda document, _: _operation(document, "AddTide")["responses"].pop("default"),
                "compatible default-response-removed AddTide default",
                "compatible default-response-added AddTide default"),
    SpecialEdit("the only described answer is told no more",
                lambda document, _: _operation(document, "GetDefault")["responses"].pop("default"),
                "breaking default-response-removed GetDefault default",
                "compatible default-response-added GetDefault default"),
    SpecialEdit("an error tells another thing",
                _define(Fault={"type": "object", "properties": {"reason": {"type": "string"}}}),
                """compatible error-response-changed ListTides 410
                   * response-property-removed AddTide default:code
                   * response-property-added AddTide default:reason
                   breaking response-property-removed GetDefault default:code
                   compatible response-property-added GetDefault default:reason
                   risky response-alternatives-changed GetOdd 200:shape""",
                """compatible error-response-changed ListTides 410
                   * response-property-removed AddTide default:reason
                   * response-property-added AddTide default:code
                   breaking response-property-removed GetDefault default:reason
                   compatible response-property-added GetDefault default:code
                   risky response-alternatives-changed GetOdd 200:shape"""),
    # the connector
    SpecialEdit("another host is called", lambda document, _: document.update(host="sea.example"),
                "risky host-changed"),
    SpecialEdit("the host is written otherwise", lambda document, _: document.update(host="Tides.Example"),
                ""),
    SpecialEdit("another base path is called", lambda document, _: document.update(basePath="/v2"),
                "risky base-path-changed"),
    SpecialEdit("a slash ends the base path", lambda document, _: document.update(basePath="/v1/"),
                "cosmetic base-path-changed"),
    SpecialEdit("only one scheme is offered", lambda document, _: document.update(schemes=["https"]),
                "risky schemes-changed"),
    SpecialEdit("schemes change places", lambda document, _: document.update(schemes=["http", "https"]),
                "risky scheme-order-changed"),
    SpecialEdit("a way to sign in is called otherwise", _other_key_name, "cosmetic security-changed"),
    SpecialEdit("the key is given elsewhere", lambda document, _: _security(document)["key"].update(
                    {"in": "query"}),
                "breaking security-changed"),
    SpecialEdit("people sign in elsewhere", lambda document, _: _security(document)["sign-in"].update(
                    authorizationUrl="https://other.example/authorize"),
                "breaking security-changed"),
    SpecialEdit("one scope more is asked for", lambda document, _: _security(document)["sign-in"]["scopes"]
                .update({"tides.delete": "Delete tides"}),
                "breaking security-changed", "compatible security-changed"),
    SpecialEdit("signing in is no longer declared for all operations",
                lambda document, _: document.pop("security"), "risky security-changed"),
    SpecialEdit("a connection asks for one thing more", lambda _, properties: _connection(properties)
                .update(host={"type": "string", "uiDefinition": {"constraints": {"required": "true"}}}),
                "breaking connection-parameters-changed"),
    SpecialEdit("a connection may be given one thing more", lambda _, properties: _connection(properties)
                .update(host={"type": "string", "uiDefinition": {"constraints": {"required": "false"}}}),
                "compatible connection-parameters-changed", "breaking connection-parameters-changed"),
    SpecialEdit("what a connection asks for is labelled otherwise",
                lambda _, properties: _connection(properties)["key"]["uiDefinition"].update(
                    displayName="API key"),
                "cosmetic connection-parameters-changed"),
    SpecialEdit("a connection drops a scope", lambda _, properties: _settings(properties).update(scopes=[]),
                "compatible connection-parameters-changed", "breaking connection-parameters-changed"),
    SpecialEdit("a connection signs in by another provider",
                lambda _, properties: _settings(properties).update(identityProvider="aad"),
                "breaking connection-parameters-changed"),
    SpecialEdit("a policy is dropped", lambda _, properties: properties["properties"].pop(
                    "policyTemplateInstances"),
                "risky policies-changed"),
    SpecialEdit("a policy is spelled otherwise", lambda _, properties: properties["properties"]
                ["policyTemplateInstances"][0].update(templateId="setHeader"), ""),
    SpecialEdit("code runs for one operation more", lambda _, properties: properties["properties"]
                ["scriptOperations"].append("AddTide"), "risky script-changed"),
    SpecialEdit("a gateway may be used", lambda _, properties: properties["properties"]
                ["capabilities"].append("gateway"), "risky capabilities-changed"),
    SpecialEdit("the icon has another colour", lambda _, properties: properties["properties"].update(
                    iconBrandColor="#654321"), "cosmetic metadata-changed"),
    SpecialEdit("a secret is written down", lambda _, properties: _settings(properties).update(
                    clientSecret="invented"), ""),
    SpecialEdit("the version is another", lambda document, _: document["info"].update(version="2.0"),
                "cosmetic metadata-changed"),
    SpecialEdit("the website is another", lambda document, _: document["x-ms-connector-metadata"][0].update(
                    propertyValue="https://sea.example"), "cosmetic metadata-changed"),
    SpecialEdit("the definition gets an unknown extension", lambda document, _: document.update(
                    {"x-edited": 1}), "compatible extension-changed"),
    SpecialEdit("two unknown extensions of one value are added everywhere", _two_extensions,
                "\n".join(2 * [
                    "compatible operation-extension-changed GetOdd",
                    "compatible response-extension-changed GetOdd 200",
                    "compatible response-property-extension-changed GetOdd 200:one",
                    "compatible body-property-extension-changed OnFlood body:zone",
                    "compatible parameter-extension-changed ListTides query:text",
                    "compatible extension-changed",
                ])),
    SpecialEdit("what nothing refers to is dropped",
                lambda document, _: document["definitions"].pop("Unused"), ""),
)  # fmt: skip
