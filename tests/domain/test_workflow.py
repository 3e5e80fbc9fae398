"""What a flow calls, from both shapes of its definition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectory.domain.workflow import Call, Reference, from_clientdata, from_flow

TIDES = "/providers/Microsoft.PowerApps/apis/shared_tides"


def call(operation: str, kind: str = "OpenApiConnection") -> dict[str, Any]:
    """Return an action that calls an operation of the tides connector."""
    host = {"connectionName": "tides", "operationId": operation, "apiId": TIDES}
    return {"type": kind, "inputs": {"host": host}}


NESTED = {
    "triggers": {"When": call("OnTide", "OpenApiConnectionWebhook")},
    "actions": {
        "Try": {
            "type": "Scope",
            "actions": {
                "Each": {
                    "type": "Foreach",
                    "actions": {"Until": {"type": "Until", "actions": {"A": call("InLoop")}}},
                }
            },
        },
        "Check": {
            "type": "If",
            "actions": {"B": call("InIf")},
            "else": {"actions": {"C": call("InElse")}},
        },
        "Pick": {
            "type": "Switch",
            "cases": {"One": {"actions": {"D": call("InCase")}}},
            "default": {"actions": {"E": call("InDefault")}},
        },
        "Compose": {"type": "Compose", "inputs": "x"},
    },
}


def test_calls_in_every_kind_of_scope_are_found() -> None:
    """Scopes, loops, branches, cases and defaults are walked; triggers are told apart."""
    workflow = from_flow({"definition": NESTED})

    found = {(call.action, call.operation_id, call.trigger) for call in workflow.calls}
    assert found == {
        ("When", "OnTide", True),
        ("A", "InLoop", False),
        ("B", "InIf", False),
        ("C", "InElse", False),
        ("D", "InCase", False),
        ("E", "InDefault", False),
    }
    assert workflow.trigger_kind == "OpenApiConnectionWebhook"


def test_references_of_the_flow_service() -> None:
    """The Flow service names the connection and whose it is."""
    references = {
        "tides": {"connectionName": "shared-tides-1", "source": "Invoker", "id": TIDES},
    }

    workflow = from_flow({"definition": {}, "connectionReferences": references})

    assert workflow.references == (Reference("tides", TIDES, "shared-tides-1", None, invoker=True),)


def test_references_of_dataverse() -> None:
    """Dataverse names the connection reference, in a document inside a string."""
    text = json.dumps(
        {
            "properties": {
                "connectionReferences": {
                    "tides": {
                        "runtimeSource": "embedded",
                        "connection": {"connectionReferenceLogicalName": "new_tides"},
                        "api": {"name": "shared_tides"},
                    }
                },
                "definition": NESTED,
            }
        }
    )

    workflow = from_clientdata(text)

    assert workflow is not None
    assert workflow.references == (
        Reference("tides", "shared_tides", None, "new_tides", invoker=False),
    )
    assert len(workflow.calls) == 6


def test_old_actions_name_their_connector_by_an_expression() -> None:
    """An action of the old kind has no operation id and names its connection in an expression."""
    host = {"connection": {"name": "@parameters('$connections')['tides']['connectionId']"}}
    definition = {"actions": {"Old": {"type": "ApiConnection", "inputs": {"host": host}}}}
    references = {"tides": {"id": TIDES}}

    workflow = from_flow({"definition": definition, "connectionReferences": references})

    assert workflow.calls == (Call("Old", TIDES, None),)


@pytest.mark.parametrize("text", [None, "", "x", "[]", "{}", "[" * 5000, '{"properties": 1}'])
def test_unreadable_clientdata_is_none(text: str | None) -> None:
    """A column that is empty or no such document is None, not an exception."""
    assert from_clientdata(text) is None


def test_hostile_definitions_end() -> None:
    """A definition of the wrong shapes and of great depth is walked to an end."""
    deep: dict[str, Any] = {"actions": {}}
    node = deep["actions"]
    for _ in range(900):
        node["s"] = {"type": "Scope", "actions": {}}
        node = node["s"]["actions"]
    node["last"] = call("Deep")
    odd = {"triggers": [], "actions": {"a": None, "b": {"cases": 3, "else": "x"}}}

    assert [c.operation_id for c in from_flow({"definition": deep}).calls] == ["Deep"]
    assert from_flow({"definition": odd}).calls == ()
