"""Connector definitions of simulated tenants: read as they are, invented, and changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.definitions import load_pool
from connectory.simulator.invented import invent
from connectory.simulator.mutations import mutate
from connectory.simulator.openapi import operations_of, roundtrips
from connectory.simulator.randomness import stream
from connectory.simulator.tenant import build

MINIMAL = {
    "swagger": "2.0",
    "info": {"title": "Order Hub", "version": "1.0"},
    "host": "api.orders.example",
    "basePath": "/v1",
    "paths": {
        "/orders": {
            "get": {"operationId": "ListOrders", "summary": "List", "responses": {}},
            "post": {"operationId": "WhenOrder", "x-ms-trigger": "single", "responses": {}},
            "parameters": [],
        },
        "/bare": {"put": {"responses": {}}},
    },
}


def folder(root: Path, name: str, content: bytes, properties: bytes | None = None) -> None:
    """Write one connector as the corpus lays it out."""
    (root / name).mkdir()
    (root / name / "apiDefinition.swagger.json").write_bytes(content)
    if properties is not None:
        (root / name / "apiProperties.json").write_bytes(properties)


def test_documents_are_kept_byte_for_byte(tmp_path: Path) -> None:
    """A byte order mark, another code page, broken JSON and doubled keys all survive reading."""
    documents = {
        "a-bom": b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode(),
        "b-code-page": b'{"info": {"title": "S\xf8k"}}',
        "c-broken": b'{"info": ',
        "d-doubled": b'{"host": "one.example", "host": "two.example", "paths": {}}',
    }
    for name, content in documents.items():
        folder(tmp_path, name, content)

    pool = load_pool(tmp_path, 1)

    assert {b.key: b.content for b in pool} == documents
    assert [b.readable for b in pool] == [True, False, False, True]
    assert [roundtrips(b.content) for b in pool] == [True, False, False, False]
    assert [b.title for b in pool] == ["Order Hub", "Code Page", "Broken", "Doubled"]


def test_properties_are_read_where_they_can_be(tmp_path: Path) -> None:
    """Parameters, policies, scripts and colour come from apiProperties.json; a broken one is void."""
    document = json.dumps(MINIMAL).encode()
    properties = {
        "connectionParameters": {"api_key": {"type": "securestring"}},
        "policyTemplateInstances": [{"templateId": "setheader"}],
        "scriptOperations": ["ListOrders"],
        "iconBrandColor": "#123456",
    }
    folder(tmp_path, "a", document, json.dumps({"properties": properties}).encode())
    folder(tmp_path, "b", document, b"{")

    whole, void = load_pool(tmp_path, 1)

    assert whole.connection_parameters == properties["connectionParameters"]
    assert whole.policies == properties["policyTemplateInstances"]
    assert (whole.script_operations, whole.has_script) == (["ListOrders"], True)
    assert whole.brand_color == "#123456"
    assert whole.backend_url == "https://api.orders.example/v1"
    assert (void.connection_parameters, void.policies, void.has_script) == ({}, [], False)


def test_a_folder_without_definitions_is_refused(tmp_path: Path) -> None:
    """A mistyped directory is an error that names it, never an empty tenant."""
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        load_pool(tmp_path, 1)


def test_operations_are_entries_with_an_operation_id() -> None:
    """Operations are read from path items; entries without operationId and shared parameters not."""
    assert operations_of(MINIMAL) == [
        {"operationId": "ListOrders", "method": "get", "path": "/orders", "summary": "List",
         "trigger": False},
        {"operationId": "WhenOrder", "method": "post", "path": "/orders", "summary": None,
         "trigger": True},
    ]  # fmt: skip


def test_invented_definitions_are_varied_and_reproducible() -> None:
    """The invented pool is the same for a seed and covers what governance looks at."""
    pool = load_pool(None, 3)

    documents = [json.loads(blueprint.content) for blueprint in pool]
    text = json.dumps(documents)
    kinds = {
        str(parameter.get("type"))
        for blueprint in pool
        for parameter in blueprint.connection_parameters.values()
    }
    assert [invent(index, 3) for index in range(len(pool))] == pool
    assert len({blueprint.title for blueprint in pool}) == len(pool)
    assert all(document["host"].endswith(".example") for document in documents)
    assert kinds == {"securestring", "string", "oauthSetting", "gatewaySetting"}
    assert any(blueprint.connection_parameter_sets for blueprint in pool)
    assert any(not b.connection_parameters and not b.connection_parameter_sets for b in pool)
    assert '"x-ms-trigger"' in text
    assert '"deprecated": true' in text
    assert {'"x-ms-visibility": "internal"' in text, '"x-ms-visibility": "advanced"' in text} == {
        True
    }
    templates = {policy["templateId"] for blueprint in pool for policy in blueprint.policies}
    assert templates == {"setheader", "dynamichosturl"}
    assert any(blueprint.has_script for blueprint in pool)
    assert all(blueprint.operations for blueprint in pool)


def test_an_unknown_mutation_is_refused() -> None:
    """A mistyped kind is answered with the kinds there are."""
    with pytest.raises(ValueError, match="unknown mutation 'melt'"):
        mutate(b"{}", stream(1), ["melt"])


def test_what_happens_to_a_tenant_changes_no_blueprint() -> None:
    """Tenants of one seed are made from the same blueprints, whatever became of another."""
    pool = load_pool(None, 5)
    advance(build("small", 5, None), 70)

    assert [invent(index, 5) for index in range(len(pool))] == pool
