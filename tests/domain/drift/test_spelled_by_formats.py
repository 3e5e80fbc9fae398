"""What an API's own document spells otherwise than a connector is no drift between the two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from readings import compared

from connectory.domain.drift.profiles import UPSTREAM

Node = dict[str, Any]
_JSON = "application/json"


def _operation(**told: Any) -> Node:
    return {"/a": {"post": {"operationId": "A", "responses": {"200": {"description": ""}}, **told}}}


def _connector(**told: Any) -> Node:
    return {"swagger": "2.0", "host": "api.example.com", "paths": _operation(), **told}


def _upstream(**told: Any) -> Node:
    servers = [{"url": "https://api.example.com"}]
    return {"openapi": "3.1.0", "servers": servers, "paths": _operation(), **told}


def _rules(connector: Node, upstream: Node) -> list[str]:
    return [one.rule for one in compared(connector, upstream, profile=UPSTREAM)]


def _sending(schema: Node) -> tuple[Node, Node]:
    """Return operations of both formats that send and give an object with one property."""
    whole = {"type": "object", "properties": {"a": schema}}
    body = {"in": "body", "name": "body", "required": True, "schema": whole}
    given = {"200": {"description": "", "schema": whole}}
    content = {_JSON: {"schema": whole}}
    sent = {"required": True, "content": content}
    return (
        _operation(parameters=[body], responses=given),
        _operation(requestBody=sent, responses={"200": {"description": "", "content": content}}),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        ({"type": "file"}, {"type": "string", "contentMediaType": "image/png"}),
        (
            {"type": "string", "format": "byte"},
            {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
        ),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}),
        ({"type": "object"}, {"type": "object", "additionalProperties": {}}),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 0},
        ),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": False}, {"type": "number", "maximum": 9}),
        (
            {"type": "string", "x-nullable": True, "enum": ["x"]},
            {"type": "string", "nullable": True, "enum": ["x", None]},
        ),
    ],
)  # fmt: skip
def test_a_value_spelled_otherwise_is_the_same(before: Node, after: Node) -> None:
    """Files, bytes, bounds and what may be empty, in what is sent and in what comes back."""
    connector = _connector(paths=_sending(before)[0])
    upstream = _upstream(paths=_sending(after)[1])

    assert _rules(connector, upstream) == []
    assert _rules(upstream, connector) == []


def test_a_file_that_became_text_is_told_of_one_connector() -> None:
    """Over time the two are different types, as declared."""
    before, after = ({"type": "file"}, {"type": "string", "format": "binary"})
    sides = [_connector(paths=_sending(one)[0]) for one in (before, after)]

    assert {one.rule for one in compared(*sides)} == {
        "body-property-type-changed",
        "response-property-type-changed",
    }


def test_an_encoding_of_json_schema_that_changed_is_told() -> None:
    """Over time of one API, where no format says it."""
    sides = [
        _upstream(paths=_sending({"type": "string", "contentEncoding": one})[1])
        for one in ("base64", "base16")
    ]

    assert {one.rule for one in compared(*sides)} == {
        "body-property-constraint-changed",
        "response-property-constraint-changed",
    }


def test_a_fault_described_first_is_not_the_answer() -> None:
    """JSON itself describes what comes back, whichever kinds of JSON stand before it."""
    whole = {"type": "object", "properties": {"a": {"type": "string"}}}
    content = {
        "application/problem+json": {"schema": {"type": "object"}},
        "application/json; charset=utf-8": {"schema": whole},
    }
    connector = _operation(responses={"200": {"description": "", "schema": whole}})
    upstream = _operation(responses={"200": {"description": "", "content": content}})

    assert _rules(_connector(paths=connector), _upstream(paths=upstream)) == []


def test_a_header_in_another_case_is_the_same_header() -> None:
    """A connector's own callers know it by its exact name, whoever receives it does not."""
    before = {"in": "header", "name": "X-Page", "type": "string", "required": True}
    after = {"in": "header", "name": "x-page", "required": True, "schema": {"type": "string"}}
    connector = _connector(paths=_operation(parameters=[before]))
    renamed = _connector(paths=_operation(parameters=[{**before, "name": "x-page"}]))

    assert _rules(connector, _upstream(paths=_operation(parameters=[after]))) == []
    assert "parameter-removed" in [one.rule for one in compared(connector, renamed)]


def _keyed(header: str) -> Node:
    key = {"type": "apiKey", "in": "header", "name": header}
    return _connector(securityDefinitions={"key": key})


def _guarded(scheme: Node) -> Node:
    return _upstream(components={"securitySchemes": {"it": scheme}})


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_a_key_in_the_authorization_header_is_what_the_api_asks_for(scheme: str) -> None:
    """A connector cannot say bearer; makers write the whole header into a key."""
    guarded = _guarded({"type": "http", "scheme": scheme})

    assert _rules(_keyed("Authorization"), guarded) == []
    (told,) = compared(_keyed("X-Key"), guarded, profile=UPSTREAM)
    assert (told.rule, told.severity) == ("security-changed", "risky")
    assert "refuse" in told.message


def _at(urls: Iterable[str], **variables: Node) -> Node:
    return _upstream(servers=[{"url": url, "variables": variables} for url in urls])


@pytest.mark.parametrize(
    ("upstream", "rules"),
    [
        (_at(["https://eu.example.com/v1", "https://api.example.com/v1"]), []),
        (_at(["https://{region}.example.com"], region={"default": "eu", "enum": ["eu", "api"]}), []),
        (_at(["https://{tenant}.example.com"], tenant={"default": "yours"}), []),
        (_at(["https://API.example.com:443"]), []),
        (_at(["https://{region}.example.com"], region={"default": "eu", "enum": ["eu"]}), ["host-changed"]),
        (_at(["https://{tenant}.example.org"], tenant={"default": "yours"}), ["host-changed"]),
    ],
)  # fmt: skip
def test_a_host_that_the_api_offers_is_no_other_host(upstream: Node, rules: list[str]) -> None:
    """Any of its servers, with any value that a caller may give."""
    assert _rules(_connector(), upstream) == rules
