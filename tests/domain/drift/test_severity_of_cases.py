"""How bad a change is where more than the rule decides."""

from __future__ import annotations

from typing import Any

import pytest
from readings import compared

from connectory.domain.drift.profiles import UPSTREAM

Node = dict[str, Any]


def _definition(parameter: Node | None = None, **operation: Any) -> Node:
    given = [{"name": "q", "in": "query", **parameter}] if parameter else []
    told = {"operationId": "A", "parameters": given, "responses": {}, **operation}
    return {"swagger": "2.0", "basePath": "/v1", "paths": {"/a": {"get": told}}}


def _told(before: Node, after: Node) -> list[tuple[str, str, str | None]]:
    found = compared(before, after)
    return [(one.severity, one.rule, one.place.property) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, ("breaking", "parameter-items-changed", None)),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, ("compatible", "parameter-items-changed", None)),
        ({}, {"format": "date"}, ("breaking", "parameter-items-changed", None)),
        ({}, {"maxLength": 3}, ("compatible", "parameter-items-changed", None)),
    ],
)
def test_items_of_a_list_are_judged_as_single_values(
    before: Node, after: Node, told: tuple[str, str, str | None]
) -> None:
    """A value that no item may have any more breaks as it does outside a list."""
    sides = [
        _definition({"type": "array", "items": {"type": "string", **one}})
        for one in (before, after)
    ]

    assert _told(*sides) == [told]


def test_an_empty_trigger_is_none() -> None:
    """It is told, as everything that is written otherwise, and breaks nobody."""
    before, after = _definition(), _definition(**{"x-ms-trigger": ""})

    assert _told(before, after) == [("cosmetic", "trigger-changed", None)]


def test_a_base_path_that_went_into_the_paths_calls_the_same() -> None:
    """It breaks somebody only where an operation is at another address."""
    before, after = _definition(), _definition()
    after["basePath"] = "/"
    after["paths"] = {"/v1/a": after["paths"].pop("/a")}
    elsewhere = {**after, "paths": {"/v2/a": after["paths"]["/v1/a"]}}

    assert {severity for severity, _, _ in _told(before, after)} == {"cosmetic"}
    assert ("risky", "base-path-changed", None) in _told(before, elsewhere)


def test_the_names_shown_for_values_are_texts() -> None:
    """What is sent is the value, which is a fact."""
    sides = [
        _definition({"type": "string", "x-ms-enum-values": [{"displayName": shown, "value": sent}]})
        for shown, sent in (("One", "1"), ("Uno", "1"), ("Uno", "2"))
    ]

    assert _told(sides[0], sides[1]) == [("cosmetic", "parameter-text-changed", None)]
    assert _told(sides[1], sides[2]) == [("compatible", "parameter-extension-changed", None)]


def test_an_extension_of_a_way_to_sign_in_is_told() -> None:
    """A structural change is never identical, though nothing is known to be bound to it."""
    sides = [_definition(), _definition()]
    for side, told in zip(sides, ({}, {"x-ms-tenant": "all"}), strict=True):
        side["securityDefinitions"] = {"basic": {"type": "basic", **told}}

    assert _told(*sides) == [("compatible", "security-changed", None)]


def test_nobody_can_give_what_is_internal_and_lost_its_default() -> None:
    """A required parameter that makers do not see has to be filled in by its default."""
    hidden = {"type": "string", "required": True, "x-ms-visibility": "internal"}
    before, after = _definition({**hidden, "default": "a"}), _definition(hidden)

    assert _told(before, after) == [("breaking", "parameter-default-changed", None)]


def test_what_people_read_of_a_webhook_is_a_text() -> None:
    """The description beside the schema of what it delivers is told and cosmetic."""
    sides = [
        _definition(
            **{"x-ms-notification-content": {"description": text, "schema": {"type": "object"}}}
        )
        for text in ("One", "Two")
    ]

    assert _told(*sides) == [("cosmetic", "notification-text-changed", None)]


def test_an_api_that_does_not_tell_what_it_returns_is_looked_at() -> None:
    """Its document may leave out what the connector's author found out."""
    told = {"200": {"description": "", "schema": {"type": "object"}}}
    connector = _definition(responses=told)
    upstream = _definition(responses={"200": {"description": ""}})
    found = compared(connector, upstream, profile=UPSTREAM)

    assert [(one.severity, one.rule) for one in found] == [("risky", "response-schema-removed")]
