"""Reading what a cloud flow calls, from either of the two shapes its definition comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """One action or trigger that calls a connector.

    Attributes:
        action: Its name in the flow.
        connector: The connector as written there, a path or a name.
        operation_id: The operation; None where the flow does not say it by id.
        trigger: It starts the flow.
    """

    action: str
    connector: str
    operation_id: str | None
    trigger: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """How a flow reaches a connector.

    Attributes:
        key: Name of the reference inside the flow.
        connector: The connector as written there.
        connection_name: Connection used, where one is fixed.
        logical_name: Connection reference used, for flows in solutions.
        invoker: It runs with the connection of whoever runs the flow.
    """

    key: str
    connector: str
    connection_name: str | None
    logical_name: str | None
    invoker: bool


@dataclass(frozen=True, slots=True)
class Workflow:
    """What matters of a flow's definition."""

    calls: tuple[Call, ...]
    references: tuple[Reference, ...]
    trigger_kind: str | None


def from_flow(properties: Mapping[str, Any]) -> Workflow:
    """Return what a flow calls, from the Flow service's record of that one flow.

    Args:
        properties: The record's ``properties``, read singly: the list has no definition.
    """
    return _workflow(_mapping(properties.get("definition")), _mapping_of(properties))


def from_clientdata(text: object) -> Workflow | None:
    """Return what a flow calls, from the ``clientdata`` column of its Dataverse row.

    Args:
        text: JSON as a string.

    Returns:
        None if the column is empty or cannot be read.
    """
    if not isinstance(text, str) or not text:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    properties = _mapping(_mapping(value).get("properties"))
    if not properties:
        return None
    return _workflow(_mapping(properties.get("definition")), _mapping_of(properties))


def _workflow(definition: Mapping[str, Any], references: Mapping[str, Any]) -> Workflow:
    found = tuple(_references(references))
    connectors = {reference.key: reference.connector for reference in found}
    triggers = _mapping(definition.get("triggers"))
    first: object = next(iter(triggers.values()), None)
    kind = _mapping(first).get("type")
    return Workflow(
        tuple(
            call
            for name, step, trigger in _steps(definition)
            if (call := _call(name, step, connectors, trigger=trigger)) is not None
        ),
        found,
        kind if isinstance(kind, str) else None,
    )


def _steps(definition: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield every trigger and action, those inside scopes, branches, cases and loops included."""
    for name, step in _mapping(definition.get("triggers")).items():
        yield name, _mapping(step), True
    waiting = [_mapping(definition.get("actions"))]
    left = _MOST_STEPS
    while waiting and left > 0:
        for name, raw in waiting.pop().items():
            left -= 1
            step = _mapping(raw)
            yield name, step, False
            waiting.append(_mapping(step.get("actions")))
            waiting.append(_mapping(_mapping(step.get("else")).get("actions")))
            waiting.append(_mapping(_mapping(step.get("default")).get("actions")))
            cases = _mapping(step.get("cases")).values()
            waiting.extend(_mapping(_mapping(case).get("actions")) for case in cases)


def _call(
    name: str, step: Mapping[str, Any], connectors: Mapping[str, str], *, trigger: bool
) -> Call | None:
    if not str(step.get("type", "")).casefold().endswith(_CALLING):
        return None
    host = _mapping(_mapping(step.get("inputs")).get("host"))
    reference = _reference_key(host)
    connector = host.get("apiId") or connectors.get(reference) or reference
    if not isinstance(connector, str) or not connector:
        return None
    operation = host.get("operationId")
    return Call(name, connector, operation if isinstance(operation, str) else None, trigger)


_CALLING = ("apiconnection", "apiconnectionwebhook", "apiconnectionnotification")


def _reference_key(host: Mapping[str, Any]) -> str:
    """Return which reference a step uses.

    Older flows write an expression: ``@parameters('$connections')['key']['connectionId']``.
    """
    name = host.get("connectionName")
    if isinstance(name, str):
        return name
    expression = _mapping(host.get("connection")).get("name")
    if isinstance(expression, str):
        parts = expression.split("'")
        return parts[3] if len(parts) > 4 else expression  # noqa: PLR2004 - the second quoted word
    return str(host.get("connectionReferenceName") or "")


def _references(raw: Mapping[str, Any]) -> Iterator[Reference]:
    for key, value in raw.items():
        reference = _mapping(value)
        connection = _mapping(reference.get("connection"))
        source = reference.get("source") or reference.get("runtimeSource") or ""
        connector = reference.get("id") or _mapping(reference.get("api")).get("name") or key
        yield Reference(
            key=key,
            connector=str(connector),
            connection_name=_text(reference.get("connectionName") or connection.get("name")),
            logical_name=_text(
                connection.get("connectionReferenceLogicalName")
                or reference.get("connectionReferenceLogicalName")
            ),
            invoker=str(source).casefold() == "invoker",
        )


def _mapping_of(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(properties.get("connectionReferences"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
