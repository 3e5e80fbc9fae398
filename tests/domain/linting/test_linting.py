"""Linting real definitions, strange ones and hostile ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_connector import DEFINITION, PROPERTIES, spoiled

from connectory.domain.json_document import Unreadable
from connectory.domain.linting.findings import Finding, payload, verdict
from connectory.domain.linting.linting import PropertiesUnreadable, lint


def findings(content: bytes, properties: bytes | None = None) -> tuple[Finding, ...]:
    """Return what is found in a document that can be read."""
    answer = lint(content, properties)
    assert isinstance(answer, tuple), answer
    return answer


def pointers(value: Any, at: str = "") -> list[str]:
    """Return the pointer of every place in a value."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    found = [at] if at else []
    for key, item in inner:
        step = str(key).replace("~", "~0").replace("/", "~1")
        found += pointers(item, f"{at}/{step}")
    return found


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["$ref", "type", "properties", "items", "allOf", "required", "name", "/"]
            ),
            inner | st.sampled_from(["#/definitions/Place", "object", "array"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(pointers(DEFINITION)), st.sampled_from(pointers(DEFINITION)), _ANYTHING)
def test_no_value_in_no_place_raises(first: str, second: str, value: Any) -> None:
    """Whatever stands where, linting answers, and every finding can be told to a program."""
    content = spoiled(DEFINITION, (first, value))
    if not second.startswith(f"{first}/"):
        content = spoiled(DEFINITION, (first, value), (second, value))

    found = lint(content)

    assert isinstance(found, Unreadable) or json.dumps(payload(found))


@given(st.sampled_from(pointers(PROPERTIES)), _ANYTHING)
def test_no_value_in_no_place_of_the_properties_raises(place: str, value: Any) -> None:
    """Whatever stands where in the properties, linting answers."""
    findings(spoiled(DEFINITION), spoiled(PROPERTIES, (place, value)))


def test_errors_come_first_and_decide() -> None:
    """Findings are ordered by severity; the verdict is the worst of them."""
    found = findings(spoiled(DEFINITION, ("/host", "a b"), ("/info/contact", {})))

    assert [finding.severity for finding in found] == ["error", *["warning"] * 3]
    told = payload(found)
    assert (told["verdict"], told["counts"]) == ("errors", {"error": 1, "warning": 3})
    assert set(told["findings"][0]) == {
        "rule", "severity", "location", "line", "message", "remedy",
    }  # fmt: skip
    assert verdict(()) == "clean"
    assert verdict(found[1:]) == "warnings"


def test_a_finding_belongs_to_its_operation() -> None:
    """What stands in an operation carries its name; what stands elsewhere carries none."""
    content = spoiled(
        DEFINITION, ("/paths/~1harbours/get/description", ""), ("/definitions/Place/type", "x")
    )

    assert {finding.rule: finding.operation for finding in findings(content)} == {
        "OperationDescriptionMissing": "ListHarbours",
        "JsonValueNotInEnum": None,
        "RequiredPropertyNotOnObject": None,
    }


def test_yaml_is_linted_like_json() -> None:
    """A definition in YAML has the same findings, with its own lines, and one about the format."""
    text = """swagger: "2.0"
info: {title: Tides, version: "1"}
paths:
  /a:
    get:
      operationId: ListA
      responses:
        200: {description: It., schema: {type: object, required: []}}
"""
    rules = {finding.rule: finding.line for finding in findings(text.encode())}

    assert rules["FileNotJson"] == 1
    assert rules["RequiredPropertyArrayEmpty"] == 8
    assert rules["OperationSummaryMissing"] == 5


def test_openapi_3_is_told_what_it_is() -> None:
    """A definition of another specification is told so, and what both have is linted."""
    content = json.dumps(
        {
            "openapi": "3.0.3",
            "info": {"title": "Tides API", "version": "1"},
            "paths": {"/a": {"get": {"responses": {"200": {"description": "It."}}}}},
        }
    ).encode()

    rules = {finding.rule for finding in findings(content)}

    assert {"SpecificationVersionIncorrect", "OperationIdRequired"} <= rules
    assert "ValueContainsRestrictedWords" in rules
    assert "HostMissing" not in rules


def test_broken_properties_are_told_apart() -> None:
    """If the properties cannot be read, the answer says that it is they."""
    answer = lint(spoiled(DEFINITION), b"{")

    assert isinstance(answer, PropertiesUnreadable)
    assert "line 1" in answer.why.detail


def test_every_real_connector_is_linted(corpus: Path) -> None:
    """All of the corpus lint; the eight that are broken are refused with the place."""
    refused: list[str] = []
    rules: set[str] = set()
    for folder in sorted((corpus / "connectors").iterdir()):
        content = (folder / "apiDefinition.swagger.json").read_bytes()
        answer = lint(content, (folder / "apiProperties.json").read_bytes(), has_script=True)
        if isinstance(answer, tuple):
            rules |= {finding.rule for finding in answer}
            continue
        why = answer.why if isinstance(answer, PropertiesUnreadable) else answer
        assert "line" in why.detail
        refused.append(folder.name)

    assert refused == [
        "c-in-d-invoice-data-capture", "c-shopranos", "c-zohosign", "i-accuweather", "i-giphy",
        "i-icon-horse", "i-stabilityai", "i-xsoar",
    ]  # fmt: skip
    assert {"FileRepeatedKey", "MimeTypeNotSupported", "PathParameterMissingEncoding"} <= rules


@pytest.mark.parametrize(
    ("name", "rule", "line"),
    [
        ("c-jotform-enterprise", "HostNameNotValid", 144),
        ("c-aletheia", "OperationMustHaveResponse", 2079),
        ("i-perplexity-ai", "ArrayDuplicateValue", 159),
        ("c-translatorv3", "RequiredPropertyNotOnObject", 305),
        ("i-hubspot-crm-v2", "UrlNotValid", 27760),
        ("c-docusign", "BodyOrFormDataParameterInFetchOperationNotAllowed", 4529),
        ("c-revelation-helpdesk", "DefaultValueMustMatchType", 185),
    ],
)
def test_findings_in_real_connectors_that_were_read_by_hand(
    corpus: Path, name: str, rule: str, line: int
) -> None:
    """Findings whose truth was seen in the file stay, with their lines."""
    content = (corpus / "connectors" / name / "apiDefinition.swagger.json").read_bytes()

    assert line in {finding.line for finding in findings(content) if finding.rule == rule}


def hostile() -> dict[str, Any]:
    """Return documents that make careless readers take hours, each below the limit of size."""
    many = 20_000
    chain = {f"D{n}": {"$ref": f"#/definitions/D{n + 1}"} for n in range(many)}
    twice = {
        f"D{n}": {"allOf": [{"$ref": f"#/definitions/D{n + 1}"}] * 2, "required": ["a"]}
        for n in range(200)
    }
    body = [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/D0"}}]
    url = {"x-ms-notification-url": True}
    wide = {f"p{n}": dict(url) for n in range(many)}
    asking = {
        "operationId": "O",
        "x-ms-trigger": "single",
        "parameters": body,
        "responses": {
            "200": {
                "description": "",
                "schema": {
                    "$ref": "#/definitions/D0",
                },
            }
        },
    }
    dynamic = {
        "x-ms-dynamic-values": {"operationId": "O", "value-collection": "a", "value-path": "b"}
    }
    return {
        "chains": {"definitions": chain},
        "twins": {
            "definitions": {**twice, "U": {"properties": {f"p{n}": dynamic for n in range(2_000)}}},
            "paths": {"/a": {"post": asking}},
        },
        "bodies": {
            "definitions": {"D0": {"properties": wide}},
            "paths": {f"/{n}": {"post": asking} for n in range(2_000)},
        },
        "paths": {
            "paths": {f"/{{a{n}}}/b": {"get": {"operationId": f"O{n}"}} for n in range(many)}
        },
        "tags": {"tags": [{"name": f"t{n}"} for n in range(many)]},
        "enum": {
            "definitions": {
                "D": {
                    "enum": list(range(many)),
                    "x-ms-enum-values": [{"value": n, "displayName": "x"} for n in range(many)],
                }
            }
        },
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_documents_end(name: str) -> None:
    """Linting a document that refers to itself in many ways ends: it is looked at once."""
    content = json.dumps({"swagger": "2.0", "info": {}, "paths": {}, **hostile()[name]}).encode()

    assert findings(content)
