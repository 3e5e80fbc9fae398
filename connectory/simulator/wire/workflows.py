"""Definitions of cloud flows, in the two shapes in which they are told."""

from __future__ import annotations

from typing import Any

import orjson

from connectory.simulator.state import Call, Flow, FlowReference
from connectory.simulator.wire.exchange import Json

_API = "/providers/Microsoft.PowerApps/apis"


def definition(flow: Flow) -> Json:
    """Return the workflow definition of a flow, every call where its path says."""
    keys = {reference.connector: reference.key for reference in flow.references}
    triggers: Json = {}
    actions: Json = {"Initialize": {"type": "InitializeVariable", "inputs": {"variables": []}}}
    for call in flow.calls:
        step = _step(call, keys.get(call.connector, call.connector))
        if call.trigger:
            triggers[call.action] = step
        else:
            _inside(actions, call.path)[call.action] = step
    if not triggers:
        triggers["Start"] = {"type": flow.trigger_kind}
    return {
        "$schema": "https://schema.management.azure.com/schemas/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}},
        "triggers": triggers,
        "actions": actions,
    }


def _step(call: Call, key: str) -> Json:
    kind = "OpenApiConnectionWebhook" if call.trigger else "OpenApiConnection"
    host = {
        "connectionName": key,
        "operationId": call.operation_id,
        "apiId": f"{_API}/{call.connector}",
    }
    return {
        "type": kind,
        "inputs": {"host": host, "parameters": {}},
        "metadata": {"flowSystemMetadata": {"swaggerOperationId": call.operation_id}},
    }


def _inside(actions: Json, path: tuple[str, ...]) -> Json:
    """Return the actions inside nested containers, made where they are not there yet."""
    for part in path:
        kind, name, branch = ([*part.split(":", 2), ""])[:3]
        container = actions.setdefault(name, {"type": kind})
        if kind == "Switch":
            container.setdefault("expression", "@triggerBody()")
            container.setdefault("cases", {})
            if branch in {"", "default"}:
                holder = container.setdefault("default", {})
            else:
                holder = container["cases"].setdefault(branch, {"case": branch})
        elif branch == "else":
            container.setdefault("actions", {})
            holder = container.setdefault("else", {})
        else:
            holder = container
        actions = holder.setdefault("actions", {})
    return actions


def flow_references(flow: Flow) -> Json:
    """Return the references of a flow as the Flow service tells them."""
    return {r.key: _told(r) for r in flow.references}


def _told(reference: FlowReference) -> Json:
    told: Json = {
        "source": "Invoker" if reference.invoker else "Embedded",
        "id": f"{_API}/{reference.connector}",
        "displayName": reference.connector.removeprefix("shared_"),
        "tier": "NotSpecified",
    }
    if reference.connection is not None:
        told["connectionName"] = reference.connection
    if reference.reference_logical_name is not None:
        told["connectionReferenceLogicalName"] = reference.reference_logical_name
    return told


def clientdata(flow: Flow) -> str:
    """Return the column of a flow's Dataverse row: a document inside a string."""
    references: dict[str, Any] = {}
    for reference in flow.references:
        connection: Json = {}
        if reference.reference_logical_name is not None:
            connection["connectionReferenceLogicalName"] = reference.reference_logical_name
        elif reference.connection is not None:
            connection["name"] = reference.connection
        references[reference.key] = {
            "runtimeSource": "invoker" if reference.invoker else "embedded",
            "connection": connection,
            "api": {"name": reference.connector},
        }
    body = {
        "properties": {"connectionReferences": references, "definition": definition(flow)},
        "schemaVersion": "1.0.0.0",
    }
    return orjson.dumps(body).decode()


def summary(flow: Flow) -> Json:
    """Return what a single read sums up of a flow's definition."""
    rows: dict[bool, list[Json]] = {True: [], False: []}
    for call in flow.calls:
        rows[call.trigger].append(
            {
                "type": "OpenApiConnectionWebhook" if call.trigger else "OpenApiConnection",
                "swaggerOperationId": call.operation_id,
                "metadata": {"flowSystemMetadata": {"swaggerOperationId": call.operation_id}},
                "api": {"name": call.connector, "id": f"{_API}/{call.connector}"},
            }
        )
    return {"triggers": rows[True], "actions": rows[False]}
