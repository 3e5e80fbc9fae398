"""Edits that can be made to any connector, each with what must be told of it, and backwards.

What is expected is written by hand from what a change does to flows and apps, a line a change:
severity, rule, operation, place. `{op}` and the like are filled in with what was edited.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sites import (
    Finder,
    Site,
    bodies,
    body_properties,
    operations,
    parameters,
    response_properties,
    responses,
)

Node = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """One edit.

    Attributes:
        name: What is done, in words.
        find: Where it can be done.
        make: Do it.
        forward: What must be told of it.
        backward: What must be told if it is undone; the same where nothing is said.
    """

    name: str
    find: Finder
    make: Callable[[Site], object]
    forward: str
    backward: str | None = None


def _plain(node: Node) -> bool:
    """A text without anything that says more about it."""
    return node.get("type") == "string" and not node.keys() & {
        "format", "enum", "default", "x-ms-visibility", "x-nullable", "maxLength", "allOf",
        "x-ms-dynamic-values", "x-ms-dynamic-list", "x-ms-dynamic-tree", "x-ms-notification-url",
        "x-edited",
    }  # fmt: skip


def _whole(node: Node) -> bool:
    return node.get("type") == "integer" and not node.keys() & {"format", "enum", "default"}


def _format(name: str, kind: str) -> Callable[[Node], bool]:
    def wanted(node: Node) -> bool:
        return (
            (node.get("format"), node.get("type")) == (name, kind)
            and "default" not in node
            and "enum" not in node
        )

    return wanted


def _chosen(node: Node) -> bool:
    """A text with several values, of which the last is no default."""
    values = node.get("enum")
    return (
        isinstance(values, list)
        and len(set(map(str, values))) == len(values) > 1
        and node.get("type") == "string"
        and node.get("default") != values[-1]
        and not any(key.startswith("x-ms-dynamic") for key in node)
    )


def _optional(wanted: Callable[[Node], bool]) -> Callable[[Node], bool]:
    return lambda node: wanted(node) and not node.get("required")


def _required(wanted: Callable[[Node], bool]) -> Callable[[Node], bool]:
    return lambda node: wanted(node) and node.get("required") is True


def _placed(*kinds: str, wanted: Callable[[Node], bool] = _plain) -> Callable[[Node], bool]:
    return lambda node: node.get("in") in kinds and wanted(node)


def _set(**values: Any) -> Callable[[Site], object]:
    told = {key.replace("_", "-"): value for key, value in values.items()}
    return lambda site: site.node.update(copy.deepcopy(told))


def _drop(key: str) -> Callable[[Site], object]:
    return lambda site: site.node.pop(key)


def _add_parameter(**values: Any) -> Callable[[Site], object]:
    told = {key.replace("_", "-"): value for key, value in values.items()}
    parameter = {"name": "edited", "in": "query", "type": "string", **told}
    return lambda site: site.parameters.append(copy.deepcopy(parameter))


def _add_property(*, required: bool = False, **values: Any) -> Callable[[Site], object]:
    told = {key.replace("_", "-"): value for key, value in values.items()}

    def make(site: Site) -> None:
        site.owner["edited"] = {"type": "string", **told}
        if required:
            site.schema["required"] = [*site.schema.get("required", ()), "edited"]

    return make


def _require(site: Site) -> None:
    site.schema["required"] = [*site.schema.get("required", ()), _name(site)]


def _name(site: Site) -> str:
    return site.words["prop"].removeprefix("[].")


def _remove_property(site: Site) -> None:
    del site.owner[_name(site)]


def _rename(site: Site) -> None:
    site.node["name"] += "2"


def _replace_value(site: Site) -> None:
    site.node["enum"][-1] = "edited"


def _status(site: Site) -> str:
    return site.words["status"]


def _move_status(site: Site) -> None:
    site.owner["299"] = site.owner.pop(_status(site))


def _into_list(site: Site) -> None:
    site.node["schema"] = {"type": "array", "items": site.node["schema"]}


_QUERY = ("query", "header")
_OPERATIONS = operations(lambda one: "x-ms-trigger" not in one)
_WITH_RESULT = responses(lambda one: (one.get("schema") or {}).get("type") == "object")
_ONE_RESULT = operations(
    lambda one: (
        [status[0] for status in one.get("responses") or ()].count("2") == 1
        and "default" not in one["responses"]
        and any(
            isinstance(told.get("schema"), dict) and told["schema"].get("type")
            for status, told in one["responses"].items()
            if status[0] == "2"
        )
    )
)


def _only_status(site: Site) -> str:
    status = next(one for one in site.operation["responses"] if one[0] == "2")
    site.words["status"] = status
    return status


OPERATIONS = (
    Edit("an operation is called otherwise", _OPERATIONS, _set(operationId="Edited"),
         "breaking operation-id-renamed {op}", "breaking operation-id-renamed Edited"),
    Edit("an operation is deprecated", operations(lambda one: "deprecated" not in one),
         _set(deprecated=True), "compatible operation-deprecated {op}"),
    Edit("an operation is hidden a little", operations(lambda one: not one.get("x-ms-visibility")),
         _set(x_ms_visibility="advanced"), "cosmetic operation-visibility-changed {op}"),
    Edit("an operation becomes internal", operations(lambda one: not one.get("x-ms-visibility")),
         _set(x_ms_visibility="internal"), "compatible operation-visibility-changed {op}"),
    Edit("an operation has another summary", _OPERATIONS, _set(summary="Edited"),
         "cosmetic operation-text-changed {op}"),
    Edit("an operation has another description", _OPERATIONS, _set(description="Edited."),
         "cosmetic operation-text-changed {op}"),
    Edit("an operation gets a revision", operations(lambda one: "x-ms-api-annotation" not in one),
         _set(x_ms_api_annotation={"family": "edited", "revision": 2}),
         "compatible operation-revision-changed {op}"),
    Edit("an operation gets pages", operations(lambda one: "x-ms-pageable" not in one),
         _set(x_ms_pageable={"nextLinkName": "nextLink"}),
         "risky operation-pageable-changed {op}"),
    Edit("an operation answers in another format", _ONE_RESULT,
         _set(produces=["application/x-edited"]), "risky operation-media-types-changed {op}"),
    Edit("an operation gets an unknown extension", _OPERATIONS, _set(x_edited={"a": 1}),
         "compatible operation-extension-changed {op}"),
    Edit("an action becomes a trigger", _OPERATIONS, _set(x_ms_trigger="single"),
         "breaking trigger-changed {op}"),
    Edit("a trigger delivers one by one",
         operations(lambda one: one.get("x-ms-trigger") == "batch"),
         _set(x_ms_trigger="single"), "breaking trigger-changed {op}"),
)  # fmt: skip

PARAMETERS = (
    Edit("an optional parameter is added", _OPERATIONS, _add_parameter(),
         "compatible optional-parameter-added {op} query:edited",
         "breaking parameter-removed {op} query:edited"),
    Edit("a required parameter is added", _OPERATIONS, _add_parameter(required=True),
         "breaking required-parameter-added {op} query:edited",
         "breaking parameter-removed {op} query:edited"),
    Edit("a required parameter that the platform fills in is added", _OPERATIONS,
         _add_parameter(required=True, default="1", x_ms_visibility="internal"),
         "risky required-parameter-added {op} query:edited",
         "breaking parameter-removed {op} query:edited"),
    Edit("an optional parameter is called otherwise",
         parameters(_optional(_placed(*_QUERY))), _rename,
         """breaking parameter-removed {op} {at}
            compatible optional-parameter-added {op} {at}2""",
         """breaking parameter-removed {op} {at}2
            compatible optional-parameter-added {op} {at}"""),
    Edit("a required parameter is called otherwise",
         parameters(_required(_placed(*_QUERY))), _rename,
         """breaking parameter-removed {op} {at}
            breaking required-parameter-added {op} {at}2""",
         """breaking parameter-removed {op} {at}2
            breaking required-parameter-added {op} {at}"""),
    Edit("a parameter becomes required", parameters(_optional(_placed(*_QUERY))),
         _set(required=True), "breaking parameter-became-required {op} {at}",
         "compatible parameter-became-optional {op} {at}"),
    Edit("a text becomes a whole number", parameters(_placed(*_QUERY)), _set(type="integer"),
         "breaking parameter-type-changed {op} {at}"),
    Edit("a whole number becomes any number", parameters(_placed(*_QUERY, wanted=_whole)),
         _set(type="number"), "compatible parameter-type-changed {op} {at}",
         "breaking parameter-type-changed {op} {at}"),
    Edit("a list of texts becomes one of whole numbers",
         parameters(lambda one: (one.get("type"), one.get("items")) == ("array", {"type": "string"})),
         _set(items={"type": "integer"}), "breaking parameter-type-changed {op} {at}"),
    Edit("items of a list are one of a few values",
         parameters(lambda one: (one.get("type"), one.get("items")) == ("array", {"type": "string"})),
         _set(items={"type": "string", "enum": ["one"]}), "breaking parameter-items-changed {op} {at}",
         "compatible parameter-items-changed {op} {at}"),
    Edit("a whole number may be large", parameters(_format("int32", "integer")),
         _set(format="int64"), "compatible parameter-format-changed {op} {at}",
         "risky parameter-format-changed {op} {at}"),
    Edit("a text becomes a point in time", parameters(_placed(*_QUERY)), _set(format="date-time"),
         "breaking parameter-format-changed {op} {at}"),
    Edit("a day becomes a point in time", parameters(_format("date", "string")),
         _set(format="date-time"), "breaking parameter-format-changed {op} {at}"),
    Edit("a value is allowed no more", parameters(_chosen), lambda site: site.node["enum"].pop(),
         "breaking parameter-enum-narrowed {op} {at}",
         "compatible parameter-enum-widened {op} {at}"),
    Edit("only some values are allowed", parameters(_placed(*_QUERY)), _set(enum=["a", "b"]),
         "breaking parameter-enum-narrowed {op} {at}",
         "compatible parameter-enum-widened {op} {at}"),
    Edit("a value is replaced", parameters(_chosen), _replace_value,
         """breaking parameter-enum-narrowed {op} {at}
            compatible parameter-enum-widened {op} {at}"""),
    Edit("values stand in another order", parameters(_chosen),
         lambda site: site.node["enum"].reverse(), ""),
    Edit("a parameter gets a default", parameters(_optional(_placed(*_QUERY))),
         _set(default="edited"), "risky parameter-default-changed {op} {at}"),
    Edit("a parameter has another default",
         parameters(lambda one: isinstance(one.get("default"), str) and "enum" not in one),
         _set(default="edited"), "risky parameter-default-changed {op} {at}"),
    Edit("a parameter is hidden a little", parameters(_placed(*_QUERY)),
         _set(x_ms_visibility="advanced"), "cosmetic parameter-visibility-changed {op} {at}"),
    Edit("a parameter is shown as usual, and it is said", parameters(_plain),
         _set(x_ms_visibility="none"), "cosmetic written-otherwise {op} {at}"),
    Edit("an optional parameter becomes internal", parameters(_optional(_placed(*_QUERY))),
         _set(x_ms_visibility="internal"), "compatible parameter-visibility-changed {op} {at}"),
    Edit("a required parameter becomes internal", parameters(_required(_placed(*_QUERY))),
         _set(x_ms_visibility="internal"), "breaking parameter-visibility-changed {op} {at}",
         "compatible parameter-visibility-changed {op} {at}"),
    Edit("a parameter gets a picker", parameters(_plain),
         _set(x_ms_dynamic_values={"operationId": "Ping", "value-path": "id"}),
         "risky parameter-dynamic-changed {op} {at}"),
    Edit("a parameter has another description", parameters(_plain), _set(description="Edited"),
         "cosmetic parameter-text-changed {op} {at}"),
    Edit("a parameter has another label", parameters(_plain), _set(x_ms_summary="Edited"),
         "cosmetic parameter-text-changed {op} {at}"),
    Edit("a parameter must be short", parameters(_placed(*_QUERY)), _set(maxLength=7),
         "compatible parameter-constraint-changed {op} {at}"),
    Edit("a part of the path is encoded otherwise",
         parameters(lambda one: one["in"] == "path" and one.get("x-ms-url-encoding") == "single"),
         _set(x_ms_url_encoding="double"), "risky parameter-encoding-changed {op} {at}"),
    Edit("a list is written otherwise",
         parameters(lambda one: one.get("type") == "array" and "collectionFormat" not in one),
         _set(collectionFormat="multi"), "risky parameter-separator-changed {op} {at}"),
    Edit("a list is written as usual, and it is said",
         parameters(lambda one: one.get("type") == "array" and "collectionFormat" not in one),
         _set(collectionFormat="csv"), "cosmetic written-otherwise {op} {at}"),
    Edit("a parameter gets an unknown extension", parameters(_plain), _set(x_edited=1),
         "compatible parameter-extension-changed {op} {at}"),
)  # fmt: skip

BODIES = (
    Edit("a body is called otherwise", bodies(), _rename, "breaking body-renamed {op} body:{name}",
         "breaking body-renamed {op} body:{name}2"),
    Edit("a body becomes optional", bodies(lambda one: one.get("required") is True),
         _set(required=False), "compatible parameter-became-optional {op} body:{name}",
         "breaking parameter-became-required {op} body:{name}"),
    Edit("a body is given up", bodies(lambda one: one.get("required") is True),
         lambda site: site.parameters.remove(site.node),
         "breaking parameter-removed {op} body:{name}",
         "breaking required-parameter-added {op} body:{name}"),
    Edit("an optional property is added", body_properties(lambda _: True), _add_property(),
         "compatible body-property-added {op} body:edited",
         "breaking body-property-removed {op} body:edited"),
    Edit("a required property is added", body_properties(lambda _: True),
         _add_property(required=True), "breaking body-required-property-added {op} body:edited",
         "breaking body-property-removed {op} body:edited"),
    Edit("a required property that the platform fills in is added", body_properties(lambda _: True),
         _add_property(required=True, default="1", x_ms_visibility="internal"),
         "risky body-required-property-added {op} body:edited",
         "breaking body-property-removed {op} body:edited"),
    Edit("a property becomes required", body_properties(_plain, required=False), _require,
         "breaking body-property-became-required {op} body:{prop}",
         "compatible body-property-became-optional {op} body:{prop}"),
    Edit("an optional property is removed", body_properties(_plain, required=False),
         _remove_property, "breaking body-property-removed {op} body:{prop}",
         "compatible body-property-added {op} body:{prop}"),
    Edit("a text of a body becomes a whole number", body_properties(_plain), _set(type="integer"),
         "breaking body-property-type-changed {op} body:{prop}"),
    Edit("a whole number of a body becomes any number", body_properties(_whole),
         _set(type="number"), "compatible body-property-type-changed {op} body:{prop}",
         "breaking body-property-type-changed {op} body:{prop}"),
    Edit("a text of a body may be null, said by its type", body_properties(_plain),
         _set(type=["string", "null"]), "compatible body-property-type-changed {op} body:{prop}",
         "risky body-property-type-changed {op} body:{prop}"),
    Edit("a text of a body becomes a point in time", body_properties(_plain),
         _set(format="date-time"), "breaking body-property-format-changed {op} body:{prop}"),
    Edit("a number of a body may be large", body_properties(_format("int32", "integer")),
         _set(format="int64"), "compatible body-property-format-changed {op} body:{prop}",
         "risky body-property-format-changed {op} body:{prop}"),
    Edit("a value of a body is allowed no more", body_properties(_chosen),
         lambda site: site.node["enum"].pop(),
         "breaking body-property-enum-narrowed {op} body:{prop}",
         "compatible body-property-enum-widened {op} body:{prop}"),
    Edit("a property of a body gets a default", body_properties(_plain), _set(default="edited"),
         "risky body-property-default-changed {op} body:{prop}"),
    Edit("a property of a body may be empty", body_properties(_plain), _set(x_nullable=True),
         "compatible body-property-nullable-changed {op} body:{prop}",
         "risky body-property-nullable-changed {op} body:{prop}"),
    Edit("a property of a body is hidden a little", body_properties(_plain),
         _set(x_ms_visibility="advanced"),
         "cosmetic body-property-visibility-changed {op} body:{prop}"),
    Edit("a required property of a body becomes internal",
         body_properties(_plain, required=True), _set(x_ms_visibility="internal"),
         "breaking body-property-visibility-changed {op} body:{prop}",
         "compatible body-property-visibility-changed {op} body:{prop}"),
    Edit("a property of a body gets a picker", body_properties(_plain),
         _set(x_ms_dynamic_values={"operationId": "Ping", "value-path": "id"}),
         "risky body-property-dynamic-changed {op} body:{prop}"),
    Edit("a property of a body must be short", body_properties(_plain), _set(maxLength=7),
         "compatible body-property-constraint-changed {op} body:{prop}"),
    Edit("a property of a body has another description", body_properties(_plain),
         _set(description="Edited"), "cosmetic body-property-text-changed {op} body:{prop}"),
    Edit("a property of a body gets an unknown extension", body_properties(_plain),
         _set(x_edited=1), "compatible body-property-extension-changed {op} body:{prop}"),
)  # fmt: skip

RESPONSES = (
    Edit("a property of a response is added", response_properties(lambda _: True), _add_property(),
         "compatible response-property-added {op} {status}:{prefix}edited",
         "breaking response-property-removed {op} {status}:{prefix}edited"),
    Edit("a property of a response is removed", response_properties(_plain, required=False),
         _remove_property, "breaking response-property-removed {op} {status}:{prop}",
         "compatible response-property-added {op} {status}:{prop}"),
    Edit("a text of a response becomes a whole number", response_properties(_plain),
         _set(type="integer"), "breaking response-property-type-changed {op} {status}:{prop}"),
    Edit("a whole number of a response becomes any number", response_properties(_whole),
         _set(type="number"), "breaking response-property-type-changed {op} {status}:{prop}",
         "compatible response-property-type-changed {op} {status}:{prop}"),
    Edit("a text of a response may be null, said by its type", response_properties(_plain),
         _set(type=["string", "null"]),
         "risky response-property-type-changed {op} {status}:{prop}",
         "compatible response-property-type-changed {op} {status}:{prop}"),
    Edit("a text of a response becomes a point in time", response_properties(_plain),
         _set(format="date-time"), "risky response-property-format-changed {op} {status}:{prop}"),
    Edit("a number of a response may be large", response_properties(_format("int32", "integer")),
         _set(format="int64"), "compatible response-property-format-changed {op} {status}:{prop}"),
    Edit("one more value comes back", response_properties(_chosen),
         lambda site: site.node["enum"].append("edited"),
         "compatible response-property-enum-widened {op} {status}:{prop}",
         "compatible response-property-enum-narrowed {op} {status}:{prop}"),
    Edit("a property of a response may be empty", response_properties(_plain),
         _set(x_nullable=True), "risky response-property-nullable-changed {op} {status}:{prop}",
         "compatible response-property-nullable-changed {op} {status}:{prop}"),
    Edit("a property of a response always comes", response_properties(_plain, required=False),
         _require, "compatible response-property-required-changed {op} {status}:{prop}"),
    Edit("a property of a response is hidden a little", response_properties(_plain),
         _set(x_ms_visibility="advanced"),
         "cosmetic response-property-visibility-changed {op} {status}:{prop}"),
    Edit("a property of a response has fields of its own time", response_properties(_plain),
         _set(x_ms_dynamic_schema={"operationId": "Ping", "value-path": "schema"}),
         "risky response-property-dynamic-changed {op} {status}:{prop}"),
    Edit("a property of a response is short", response_properties(_plain), _set(maxLength=7),
         "cosmetic response-property-constraint-changed {op} {status}:{prop}"),
    Edit("a property of a response has another description", response_properties(_plain),
         _set(description="Edited"),
         "cosmetic response-property-text-changed {op} {status}:{prop}"),
    Edit("a property of a response gets an unknown extension", response_properties(_plain),
         _set(x_edited=1), "compatible response-property-extension-changed {op} {status}:{prop}"),
    Edit("a response becomes a list", _WITH_RESULT, _into_list,
         "breaking response-root-type-changed {op} {status}"),
    Edit("a response has another success status", _ONE_RESULT,
         lambda site: site.operation["responses"].update(
             {"299": site.operation["responses"].pop(_only_status(site))}),
         """cosmetic response-status-removed {op} {status}
            cosmetic response-status-added {op} 299""",
         """cosmetic response-status-removed {op} 299
            cosmetic response-status-added {op} {status}"""),
    Edit("the only successful response is removed", _ONE_RESULT,
         lambda site: site.operation["responses"].pop(_only_status(site)),
         "breaking response-status-removed {op} {status}",
         "compatible response-status-added {op} {status}"),
    Edit("a response has no values any more", _ONE_RESULT,
         lambda site: site.operation["responses"][_only_status(site)].pop("schema"),
         "breaking response-schema-removed {op} {status}",
         "compatible response-schema-added {op} {status}"),
    Edit("a response has another description", responses(lambda _: True),
         _set(description="Edited"), "cosmetic response-text-changed {op} {status}"),
    Edit("a response has one more header", responses(lambda one: "headers" not in one),
         _set(headers={"X-Edited": {"type": "string"}}),
         "compatible response-headers-changed {op} {status}",
         "risky response-headers-changed {op} {status}"),
    Edit("a response gets an unknown extension", responses(lambda _: True), _set(x_edited=1),
         "compatible response-extension-changed {op} {status}"),
    Edit("all other cases are described", _ONE_RESULT,
         lambda site: site.operation["responses"].update({"default": {"description": "Fault"}}),
         "compatible default-response-added {op} default",
         "compatible default-response-removed {op} default"),
    Edit("one more error is described",
         operations(lambda one: "418" not in (one.get("responses") or {"418": 1})),
         lambda site: site.operation["responses"].update({"418": {"description": "Teapot"}}),
         "compatible error-response-changed {op} 418"),
)  # fmt: skip

EDITS = (*OPERATIONS, *PARAMETERS, *BODIES, *RESPONSES)
