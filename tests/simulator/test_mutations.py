"""Planted changes: each changes one thing, says which, and plants nothing where it finds nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectory.simulator.drafts import Extras
from connectory.simulator.drift_facts import CHANGES, VERDICTS, PlantedFact, between, worst
from connectory.simulator.invented import invent
from connectory.simulator.mutations import MUTATIONS, USUAL, drifted, mutate, sibling
from connectory.simulator.openapi import define, operations_of, roundtrips
from connectory.simulator.randomness import stream

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "note": {"type": "string"}},
}
RICH: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Order Hub", "version": "1.0"},
    "host": "api.orders.example",
    "basePath": "/v1",
    "schemes": ["https"],
    "paths": {
        "/orders": {
            "get": {
                "operationId": "ListOrders",
                "parameters": [
                    {"name": "top", "in": "query", "type": "integer"},
                    {"name": "filter", "in": "query", "type": "string"},
                    {"name": "state", "in": "query", "type": "string", "enum": ["open", "closed"]},
                    {"name": "shop", "in": "header", "type": "string", "required": True},
                ],
                "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Order"}}},
            },
            "post": {
                "operationId": "CreateOrder",
                "parameters": [
                    {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Order"}},
                ],
                "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Order"}}},
            },
        },
        "/hooks": {
            "post": {
                "operationId": "WhenOrderComes",
                "x-ms-trigger": "single",
                "responses": {"201": {"description": "Created"}},
            },
            "x-ms-notification-content": {"schema": {"$ref": "#/definitions/Order"}},
        },
        "/shops": {
            "get": {"operationId": "ListShops", "responses": {"200": {"description": "OK"}}},
        },
        "/picked": {
            "get": {
                "operationId": "GetPicked",
                "parameters": [
                    {
                        "name": "shop",
                        "in": "query",
                        "type": "string",
                        "x-ms-dynamic-values": {"operationId": "ListShops", "value-path": "id"},
                    },
                ],
                "responses": {"200": {"description": "OK"}},
            },
        },
    },
    "definitions": {"Order": ORDER},
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
}  # fmt: skip
CONTENT = json.dumps(RICH).encode()
EXTRAS = Extras({}, [{"templateId": "setheader", "parameters": {}}], ["GetPicked"], "#123456")


def without(kind: str) -> bytes:
    """Return a document in which a kind of change finds nothing."""
    bare = {"swagger": "2.0", "paths": {"/a": {"get": {"operationId": "ListShops"}}}}
    if kind in ("add-operation", "describe", "deprecate", "move-operation", "rename-operation",
                "hide-operation", "add-optional-parameter", "require-parameter"):  # fmt: skip
        bare["paths"] = {}
    return json.dumps(bare).encode() if kind != "add-operation" else b"{}"


@pytest.mark.parametrize("kind", sorted(MUTATIONS))
def test_a_change_tells_what_it_changed(kind: str) -> None:
    """Each kind changes a document that has what it looks for, and names a rule and a verdict."""
    for seed in range(6):
        changed = mutate(CONTENT, stream(seed, kind), [kind], extras=EXTRAS)

        assert changed.facts
        assert changed.content != CONTENT or changed.extras != EXTRAS
        assert define(changed.content).operations
        assert mutate(CONTENT, stream(seed, kind), [kind], extras=EXTRAS) == changed
        for fact in changed.facts:
            assert fact.verdict in VERDICTS
            assert fact.mirrored().mirrored() == fact


@pytest.mark.parametrize("kind", sorted(set(MUTATIONS) - {"add-connection-parameter", "add-policy", "change-base-path", "change-color"}))  # fmt: skip
def test_a_change_that_finds_nothing_plants_nothing(kind: str) -> None:
    """Where there is nothing to change, the document stays byte for byte and nothing is told."""
    content = without(kind)

    changed = mutate(content, stream(1), [kind])

    assert (changed.content, changed.facts) == (content, ())


@pytest.mark.parametrize("kind", sorted(MUTATIONS))
def test_one_change_leaves_every_other_operation_as_it_was(kind: str) -> None:
    """What operations share is copied before it is changed, so that one operation changes alone."""
    changed = mutate(CONTENT, stream(3, kind), [kind], extras=EXTRAS)

    touched = {ground for fact in changed.facts for ground in fact.ground}
    document = json.loads(changed.content)
    assert document["definitions"] == RICH["definitions"]
    after = {one["operationId"]: one for one in operations_of(document) or []}
    for one in operations_of(RICH) or []:
        if one["operationId"] not in touched:
            assert after[one["operationId"]] == one
            before_item = RICH["paths"][one["path"]]
            assert document["paths"][one["path"]][one["method"]] == before_item[one["method"]]


def test_what_pickers_name_is_left_alone() -> None:
    """An operation that a picker or custom code names is never changed: two things would change."""
    facts = [
        fact
        for seed in range(60)
        for fact in mutate(CONTENT, stream(seed), ["rename-operation"], extras=EXTRAS).facts
    ]

    assert {fact.operation_id for fact in facts} == {"ListOrders", "CreateOrder", "WhenOrderComes"}


def test_nothing_is_changed_twice_on_one_ground() -> None:
    """Changes one after the other touch different operations, so that each can be told alone."""
    changed = mutate(CONTENT, stream(5), sorted(USUAL), extras=EXTRAS)

    grounds = [fact.ground for fact in changed.facts if fact.rule != "response-status-added"]
    assert sum(map(len, grounds)) >= len(set().union(*grounds))
    operations = [fact.operation_id for fact in changed.facts if fact.operation_id]
    repeated = {one for one in operations if operations.count(one) > 1}
    assert all(
        {f.change for f in changed.facts if f.operation_id == one}
        <= {"status left", "status taken", "optional parameter removed", "optional parameter added",
            "required parameter removed", "required parameter added"}
        for one in repeated
    )  # fmt: skip


def test_siblings_differ_in_host_and_drift_in_content() -> None:
    """A sibling answers at its own stage's host, which is meant to be; a drifted version keeps it."""
    test = sibling(CONTENT, stream(1), "test", plain=True)
    later = drifted(CONTENT, stream(1))

    assert json.loads(test.content)["host"] == "test.api.orders.example"
    assert [(fact.rule, fact.expected) for fact in test.facts] == [("host-changed", True)]
    assert json.loads(later.content)["host"] == RICH["host"]
    assert later.facts


def test_every_change_has_a_verdict_there_and_back() -> None:
    """The table by hand names a rule and a verdict for each change, made and taken back."""
    for there, back in CHANGES.values():
        assert {there[1], back[1]} <= set(VERDICTS)
        assert there[0] != "" != back[0]


def test_a_difference_is_told_from_both_sides() -> None:
    """What the reference changed is told backwards, what the member changed as it is."""
    added = PlantedFact("operation added", operation_id="ExportBatch1")
    renamed = PlantedFact("operation renamed", operation_id="Old", operation_after="New")
    host = PlantedFact("host changed", expected=True)

    found = between([added, renamed], [host])

    assert [(fact.rule, fact.verdict, fact.operation_id) for fact in found] == [
        ("operation-removed", "breaking", "ExportBatch1"),
        ("operation-id-renamed", "breaking", "New"),
        ("host-changed", "risky", None),
    ]
    assert worst(found) == "breaking"
    assert worst([host]) == "expected"
    assert worst([]) == "same"
    assert between([added], [added]) == ()


def test_every_kind_is_used_now_and_then() -> None:
    """Authors make changes of every kind but those that only stages and versions are."""
    assert set(MUTATIONS) - set(USUAL) == {"host-dev", "host-test", "version"}


def test_invented_definitions_offer_most_kinds() -> None:
    """Over the invented pool nearly every kind of change finds something to change."""
    found = set()
    for index in range(40):
        blueprint = invent(index, 7)
        for kind in MUTATIONS:
            if mutate(blueprint.content, stream(index, kind), [kind]).facts:
                found.add(kind)

    assert set(MUTATIONS) - found == {"free-parameter", "bury-parameter", "widen-values", "widen-script"}  # fmt: skip


def test_real_definitions_stand_every_change(corpus: Path) -> None:
    """Every kind of change is made to real documents without breaking one, and most find a place."""
    found = set()
    for path in sorted(corpus.glob("connectors/*/apiDefinition.swagger.json"))[::6]:
        content = path.read_bytes()
        if not roundtrips(content) or len(content) > 400_000:
            continue
        for kind in MUTATIONS:
            changed = mutate(content, stream(1, kind), [kind])
            if changed.facts:
                found.add(kind)
                assert changed.content != content or changed.extras != Extras()
    assert set(MUTATIONS) - found <= {"widen-script"}
