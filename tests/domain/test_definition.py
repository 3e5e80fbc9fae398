"""Reading definitions: real ones, broken ones, hostile ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.definition import Document, Summary, Unreadable, read, summary

LIMITS = {"max_bytes": 5 * 1024 * 1024, "max_depth": 100}


def swagger(**parts: Any) -> bytes:
    """Return a definition with these parts."""
    return json.dumps({"swagger": "2.0", "info": {"title": "Tides"}, "paths": {}, **parts}).encode()


def readable(content: bytes) -> Document:
    """Read a definition that must be readable."""
    document = read(content, **LIMITS)
    assert isinstance(document, Document)
    return document


def test_operations_tell_kind_parameters_and_responses() -> None:
    """Triggers, internal and deprecated operations are told apart; references are followed."""
    content = swagger(
        parameters={"zone": {"name": "zone", "in": "query", "type": "string"}},
        definitions={"Tide": {"type": "object", "properties": {"height": {}, "at": {}}}},
        paths={
            "/tides": {
                "parameters": [{"$ref": "#/parameters/zone"}],
                "get": {
                    "operationId": "ListTides",
                    "deprecated": True,
                    "responses": {
                        "200": {
                            "schema": {"type": "array", "items": {"$ref": "#/definitions/Tide"}}
                        }
                    },
                },
                "post": {
                    "operationId": "AddTide",
                    "x-ms-visibility": "internal",
                    "parameters": [
                        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Tide"}}
                    ],
                },
            },
            "/hooks": {
                "x-ms-notification-content": {},
                "post": {"operationId": "OnTide", "x-ms-trigger": "single"},
            },
        },
    )

    listing, adding, hook = readable(content).operations

    assert (listing.operation_id, listing.kind, listing.deprecated) == ("ListTides", "action", True)
    assert [p.name for p in listing.parameters] == ["zone"]
    assert listing.responses[0].properties == ("height", "at")
    assert (adding.kind, adding.parameters[1].properties) == ("internal", ("height", "at"))
    assert (hook.kind, hook.trigger_kind) == ("trigger", "webhook")


def test_a_body_and_its_schema_are_told_one_level_deep() -> None:
    """A body names its properties and those required; a response names its schema."""
    content = swagger(
        definitions={"Tide": {"properties": {"height": {"properties": {"x": {}}}, "at": {}}}},
        paths={
            "/tides": {
                "post": {
                    "parameters": [
                        {
                            "name": "body",
                            "in": "body",
                            "description": "The tide",
                            "schema": {"properties": {"a": {}, "b": {}}, "required": ["b", 5]},
                        },
                        {"name": "n", "in": "query", "default": 5, "x-ms-summary": "Count"},
                    ],
                    "responses": {
                        "200": {"schema": {"items": {"$ref": "#/definitions/Tide"}}},
                        "201": {"schema": {"$ref": "#/definitions/Tide"}},
                        "default": {},
                    },
                }
            }
        },
    )

    (adding,) = readable(content).operations

    body, query = adding.parameters
    assert (body.properties, body.required_properties) == (("a", "b"), ("b",))
    assert (body.summary, body.description, body.default_present) == ("The tide", "The tide", False)
    assert (query.summary, query.description, query.default_present) == ("Count", None, True)
    assert [r.schema_name for r in adding.responses] == ["Tide", "Tide", None]
    assert adding.responses[1].properties == ("height", "at")


def test_counts_of_a_definition() -> None:
    """The summary counts operations by what matters to their reader."""
    content = swagger(
        paths={
            "/a": {
                "parameters": [{"name": "id", "in": "query"}],
                "get": {"summary": "Get", "deprecated": True},
                "put": {"description": "Put", "parameters": [{"name": "x", "in": "query"}]},
                "post": {"x-ms-trigger": "batch"},
            }
        }
    )

    assert summary(readable(content)) == Summary(
        operations=3, triggers=1, deprecated=1, undocumented=1, parameters=4
    )


def test_a_large_schema_shared_by_many_operations_stays_small() -> None:
    """What is told of a schema is bounded, however many operations refer to it."""
    schema = {"properties": {f"p{number}": {} for number in range(5000)}}
    response = {"responses": {"200": {"schema": {"$ref": "#/definitions/A"}}}}
    content = swagger(
        definitions={"A": schema}, paths={f"/{n}": {"get": response} for n in range(500)}
    )

    told = [one.responses[0].properties for one in readable(content).operations]

    assert {len(names) for names in told} == {100}


def test_security_of_both_formats_is_told() -> None:
    """Swagger 2 and OpenAPI 3 keep their ways of signing in at different places."""
    scheme = {"key": {"type": "apiKey", "name": "X-Key"}, "odd": {"type": {}}}

    old = readable(swagger(securityDefinitions=scheme)).security
    new = readable(swagger(components={"securitySchemes": scheme})).security

    assert old == new
    assert [(one.name, one.kind, one.detail) for one in old] == [
        ("key", "apiKey", "X-Key"),
        ("odd", "", None),
    ]


def test_circular_references_end() -> None:
    """A definition that refers to itself is read, with nothing where the circle is."""
    content = swagger(
        definitions={"A": {"$ref": "#/definitions/B"}, "B": {"$ref": "#/definitions/A"}},
        paths={
            "/a": {"get": {"responses": {"200": {"schema": {"$ref": "#/definitions/A"}}}}},
        },
    )

    assert readable(content).operations[0].responses[0].properties == ()


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"", "not_json", "line 1, column 1"),
        (b"<html>", "not_json", "line 1, column 1"),
        (b'{\n "a": 1,\n}', "not_json", "line 3, column 1"),
        (b"[]", "not_an_object", "not an object"),
        (b"{}", "no_paths", "no paths"),
        (b'{"paths": []}', "no_paths", "no paths"),
        (b"[" * 10_000, "too_deep", "100 levels"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep", "100 levels"),
        (b'{"a":"' + b"x" * 6_000_000 + b'"}', "too_large", "6,000,008 bytes"),
    ],
)
def test_unreadable_documents_are_described(content: bytes, reason: str, words: str) -> None:
    """What cannot be read says why and where, in one line."""
    answer = read(content, **LIMITS)

    assert isinstance(answer, Unreadable)
    assert answer.reason == reason
    assert words in answer.detail
    assert "\n" not in answer.detail


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    """A description full of brackets is no deep document."""
    assert readable(swagger(info={"title": "[" * 500 + '\\"' + "{" * 500})).operations == ()


def test_odd_encodings_and_repeated_keys_are_noted() -> None:
    """A byte-order mark is dropped; Windows-1252 and repeated keys are read and noted."""
    assert readable(b"\xef\xbb\xbf" + swagger()).notes == ()
    assert readable(b'{"paths": {}, "info": {"title": "S\xf8"}}').title == "Sø"
    (note,) = readable(b'{"paths": {"a": 1}, "paths": {}}').notes
    assert "repeated keys" in note
    assert "paths" in note


@given(st.binary(max_size=300))
def test_no_bytes_raise(content: bytes) -> None:
    """Whatever the bytes, the answer is a document or a description."""
    assert isinstance(read(content, **LIMITS), Document | Unreadable)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["get", "parameters", "schema", "responses", "$ref", "in", "properties"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(_JSON, _JSON)
def test_no_shape_raises(paths: Any, info: Any) -> None:
    """Whatever stands where something else was expected, reading does not raise."""
    content = json.dumps({"paths": {"/a": paths, "/b": {"get": paths}}, "info": info}).encode()

    assert isinstance(read(content, **LIMITS), Document)


def test_real_definitions_have_the_operations_their_list_says(corpus: Path) -> None:
    """Every readable real definition has as many operations as the corpus counted by itself."""
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        expected = {row["name"]: int(row["operations"] or 0) for row in csv.DictReader(file)}
    unreadable, wrong, noted = [], [], 0
    for name, operations in expected.items():
        content = (corpus / "connectors" / name / "apiDefinition.swagger.json").read_bytes()
        answer = read(content, **LIMITS)
        if isinstance(answer, Unreadable):
            unreadable.append(name)
            assert answer.reason == "not_json"
            assert "line" in answer.detail
            continue
        noted += bool(answer.notes)
        if len(answer.operations) != operations:
            wrong.append((name, len(answer.operations), operations))

    assert wrong == []
    assert len(expected) == 300
    assert len(unreadable) == 15
    assert noted == 7
