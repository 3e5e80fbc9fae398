"""Webhooks: where the address goes that is called back, and what comes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

from connectory.domain.drift.faults import escaped, told
from connectory.domain.linting.findings import Trip
from connectory.domain.linting.subject import (
    Operation,
    Schema,
    Subject,
    definition_of,
    items,
    mapping,
    names,
    text,
    within,
)

_URL: Final = "x-ms-notification-url"
_MOST_STEPS: Final = 200_000
"""Schemas that are looked at for addresses, in all operations together."""


def check_webhooks(subject: Subject) -> Iterator[Trip]:
    """Yield addresses that nobody fills in, and triggers that deliver nothing."""
    holding = _holding(subject)
    steps = count()
    for operation in subject.operations:
        found = list(_addresses(subject, operation, holding, steps))
        for place, name, hidden, required in found:
            if not hidden:
                message = f"makers see {told(name)}, the address that is called back"
                yield Trip("NotificationUrlNotInternal", place, message)
            if not required:
                message = f"{told(name)}, the address that is called back, may be left out"
                yield Trip("NotificationUrlNotRequired", place, message)
        if found and operation.trigger and not operation.notification:
            message = f"{operation.name} is called back and does not say with what"
            rule = "OperationMustHaveNotificationContentExtension"
            yield Trip(rule, operation.pointer, message)
        told_here = "x-ms-notification-content" in operation.raw or operation.trigger
        if operation.notification and told_here and operation.method == "post" and not found:
            message = f"{operation.name} is a webhook and has no address to be called back at"
            rule = "WebhookOperationsMissingNotificationUrlProperty"
            yield Trip(rule, operation.pointer, message)
        yield from _notification(subject, operation)
    yield from _misplaced(subject)


def _misplaced(subject: Subject) -> Iterator[Trip]:
    for schema in subject.schemas:
        if not _marked(schema.node):
            continue
        if schema.role == "output":
            message = f"{told(schema.name)} is marked as an address in what comes back"
            yield Trip("NotificationUrlNotAllowedInThisPosition", schema.pointer, message)
        elif subject.resolve(schema.node).get("type", "string") != "string":
            message = f"{told(schema.name)} is an address and no text"
            yield Trip("NotificationUrlNotString", schema.pointer, message)
    for parameter in subject.parameters:
        if _marked(parameter.raw):
            message = f"{told(parameter.name)} is marked as an address outside a body"
            yield Trip("NotificationUrlNotAllowedInThisPosition", parameter.pointer, message)


def _marked(node: Mapping[str, Any]) -> bool:
    return node.get(_URL) in (True, "true")


def _holding(subject: Subject) -> frozenset[str]:
    """Return the definitions in which an address stands, or that lead to one."""
    back: dict[str, set[str]] = {}
    found: list[str] = []
    for name, raw in mapping(subject.value.get("definitions")).items():
        for schema in within(Schema("", mapping(raw), "definition")):
            if _marked(schema.node):
                found.append(name)
            target = definition_of(schema.node.get("$ref"))
            if target is not None:
                back.setdefault(target, set()).add(name)
    holding: set[str] = set()
    while found:
        name = found.pop()
        if name not in holding:
            holding.add(name)
            found.extend(back.get(name, ()))
    return frozenset(holding)


def _addresses(
    subject: Subject, operation: Operation, holding: frozenset[str], steps: Iterator[int]
) -> Iterator[tuple[str, str, bool, bool]]:
    """Yield each address in a body: its place, name, and whether it is hidden and must be given."""
    pending: list[tuple[str, str, Mapping[str, Any], bool, bool]] = []
    for parameter in operation.parameters:
        if parameter.kind == "body":
            schema = mapping(parameter.raw.get("schema"))
            # A body may be left out only in theory: what it must hold makes it necessary.
            place = f"{parameter.pointer}/schema"
            pending.append((place, parameter.name, schema, parameter.internal, True))
    seen: set[str] = set()
    while pending and next(steps) < _MOST_STEPS:
        place, name, node, hidden, required = pending.pop()
        target = definition_of(node.get("$ref"))
        if target is not None:
            if target in holding and target not in seen:
                seen.add(target)
                inner = mapping(subject.target(node["$ref"]))
                pending.append((f"/definitions/{escaped(target)}", name, inner, hidden, required))
            continue
        hidden = hidden or node.get("x-ms-visibility") == "internal"
        if _marked(node):
            yield place, name, hidden, required
        asked = set(names(node.get("required")))
        for key, child in mapping(node.get("properties")).items():
            at = f"{place}/properties/{escaped(key)}"
            pending.append((at, key, mapping(child), hidden, required and key in asked))
        if isinstance(node.get("items"), Mapping):
            pending.append((f"{place}/items", name, node["items"], hidden, required))
        for number, part in enumerate(items(node.get("allOf"))):
            pending.append((f"{place}/allOf/{number}", name, mapping(part), hidden, required))


def _notification(subject: Subject, operation: Operation) -> Iterator[Trip]:
    """Yield what is wrong with a trigger that leaves its subscription to another operation."""
    if "x-ms-notification" not in operation.raw:
        return
    place = f"{operation.pointer}/x-ms-notification"
    if operation.notification:
        message = f"{operation.name} is a webhook itself"
        yield Trip("NotificationExtensionNotSupportedInWebhookOperation", place, message)
    elif not operation.trigger:
        message = f"{operation.name} is no trigger"
        yield Trip("NotificationExtensionSupportedForTriggerOnly", place, message)
    name = text(mapping(operation.raw["x-ms-notification"]).get("operationId"))
    target = subject.by_id.get(name)
    if name and target is None:
        yield Trip("OperationIdNotFound", place, f"no operation is called {told(name)}")
    elif target is not None and not target.notification:
        message = f"{target.name} is no webhook"
        yield Trip("NotificationOperationMustBeWebhook", place, message)
