"""What the labels of real pairs say, and which of an engine's changes each kind of label judges.

A label class has facts (keys of what is labelled) and a scope: which changes claim a fact of the
class. Facts and claims are counted, so that a fact told twice is as wrong as one not told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from raw_definition import RawDefinition, RawOperation
from readings import read

from connectory.domain.drift.changes import Change
from connectory.domain.drift.comparing import diff
from connectory.domain.drift.properties import ConnectorProperties, properties_of

Key = tuple[Any, ...]
SIDES = ("before", "after")


@dataclass(frozen=True)
class Pair:
    """Two real versions of one connector, and what is labelled of them."""

    folder: Path
    labels: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name

    def content(self, side: str) -> bytes:
        """Return the definition of a side, as stored."""
        return (self.folder / f"{side}.json").read_bytes()

    def properties(self, side: str) -> ConnectorProperties | None:
        """Return what apiProperties tell of a side; None unless both sides have their own."""
        try:
            told = json.loads((self.folder / f"{side}.apiProperties.json").read_bytes())
        except FileNotFoundError:
            return None
        return properties_of(told)

    @cached_property
    def before(self) -> RawDefinition:
        """The earlier version, parsed plainly."""
        return RawDefinition(json.loads(self.content("before").decode("utf-8-sig")))

    @cached_property
    def after(self) -> RawDefinition:
        """The later version, parsed plainly."""
        return RawDefinition(json.loads(self.content("after").decode("utf-8-sig")))

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the engine tells of the two."""
        return diff(*(read(self.content(side), self.properties(side)) for side in SIDES))

    @cached_property
    def changes_of_definition(self) -> tuple[Change, ...]:
        """What the engine tells of the definitions alone."""
        return diff(*(read(self.content(side)) for side in SIDES))

    def sides(self, change: Change) -> tuple[RawOperation | None, RawOperation | None]:
        """Return the operation that a change is of, before and after."""
        place = change.place
        before = self.before.named(place.operation_id or "")
        after = self.after.named(place.operation_id or "")
        if after is None and before is not None:
            after = self.after.at(before.method.upper(), before.path)
        return before, after

    def top_level(self, change: Change) -> bool:
        """Tell whether the property of a change is one that labels name."""
        place, (before, after) = change.place, self.sides(change)
        if place.property is None:
            return False
        if change.rule.startswith("body"):
            known = self.before.body_paths(before) | self.after.body_paths(after)
        elif change.rule.startswith("notification"):
            known = self.before.notification_paths(before) | self.after.notification_paths(after)
        else:
            known = self.before.response_paths(before, place.status or "")
            known |= self.after.response_paths(after, place.status or "")
        return place.property in known


# --- what a change claims: nothing where it is beyond what labels of the class tell


Claim = Callable[[Change, Pair], Iterator[Key]]


def _of_operation(change: Change, _: Pair) -> Iterator[Key]:
    yield (change.place.operation_id,)


def _of_parameter(change: Change, _: Pair) -> Iterator[Key]:
    place = change.place
    if place.property is None:
        yield (place.operation_id, place.kind, place.name)


def _outside_bodies(change: Change, pair: Pair) -> Iterator[Key]:
    if change.place.kind != "body":
        yield from _of_parameter(change, pair)


def _removed(change: Change, pair: Pair) -> Iterator[Key]:
    """A body that has another name is labelled as removed, with its new name."""
    if change.rule == "body-renamed":
        yield (change.place.operation_id, "body", change.before, change.after)
    else:
        for key in _of_parameter(change, pair):
            yield (*key, None)


def _of_body_property(change: Change, pair: Pair) -> Iterator[Key]:
    if pair.top_level(change):
        yield (change.place.operation_id, change.place.property)


def _of_response(change: Change, _: Pair) -> Iterator[Key]:
    place = change.place
    if (place.status or "").startswith("2"):
        yield (place.operation_id, place.status)


def _of_response_property(change: Change, pair: Pair) -> Iterator[Key]:
    place = change.place
    if (place.status or "").startswith("2") and pair.top_level(change):
        yield (place.operation_id, place.status, place.property)


def _of_default_property(change: Change, pair: Pair) -> Iterator[Key]:
    place = change.place
    if place.status == "default" and pair.top_level(change):
        yield (place.operation_id, place.status, place.property)


def _of_notification(change: Change, pair: Pair) -> Iterator[Key]:
    """What was removed is labelled, and whether there is any content; what was added is not."""
    before, after = pair.sides(change)
    place = change.place
    if place.property is None:
        if pair.before.notifies(before) != pair.after.notifies(after):
            yield (place.operation_id, None)
    elif (
        pair.top_level(change)
        and place.property in pair.before.notification_paths(before)
        and place.property not in pair.after.notification_paths(after)
    ):
        yield (place.operation_id, place.property)


def _of_connection(change: Change, _: Pair) -> Iterator[Key]:
    """What is asked for, its type and its scopes are labelled; texts and addresses are not."""
    name, leaf = change.place.name, (change.place.property or "").rpartition(".")[2]
    if not leaf:
        yield ("added" if change.before is None else "removed", name)
    elif leaf in ("type", "identityProvider"):
        yield ("type", name)
    elif leaf == "scopes":
        yield ("scopes", name)


def _at_all(change: Change, pair: Pair) -> Iterator[Key]:
    """Labels tell that there is such a change, not how many."""
    del change, pair
    yield ("changed",)


def _of_branding(change: Change, _: Pair) -> Iterator[Key]:
    if change.place.property in ("iconBrandColor", "publisher", "stackOwner"):
        yield (change.place.property,)


def _with_values(claim: Claim) -> Claim:
    """Labels tell what stood and stands there as well."""

    def valued(change: Change, pair: Pair) -> Iterator[Key]:
        for key in claim(change, pair):
            yield (*key, _plain(change.before), _plain(change.after))

    return valued


# --- what labels tell


Fact = Callable[[dict[str, Any]], Iterator[Key]]


def _each(name: str, *fields: str) -> Fact:
    def facts(labels: dict[str, Any]) -> Iterator[Key]:
        for label in labels[name]:
            told = label if isinstance(label, dict) else {"operation": label}
            yield tuple(_plain(told.get(one)) for one in fields)

    return facts


def _added(name: str) -> Fact:
    """A body that has another name is told by its removal."""

    def facts(labels: dict[str, Any]) -> Iterator[Key]:
        for label in labels[name]:
            if "body_parameter_renamed_from" not in label:
                yield (label["operation"], label["in"], label["name"])

    return facts


def _notifications(labels: dict[str, Any]) -> Iterator[Key]:
    for label in labels["notification_content_changed"]:
        for name in label.get("properties") or [None]:
            yield (label["operation"], name)


def _connections(labels: dict[str, Any]) -> Iterator[Key]:
    told = labels["api_properties"] or {}
    for name in told.get("connection_parameters_added", ()):
        yield ("added", name)
    for name in told.get("connection_parameters_removed", ()):
        yield ("removed", name)
    for label in told.get("connection_parameter_type_changed", ()):
        yield ("type", label["name"])
    for name in told.get("oauth_scopes_changed", ()):
        yield ("scopes", name)


def _branding(labels: dict[str, Any]) -> Iterator[Key]:
    for field in (labels["api_properties"] or {}).get("branding_changed", ()):
        yield (field,)


def _any_of(section: str, *names: str) -> Fact:
    """Return one fact if the section, or one of these parts of it, tells of a change."""

    def facts(labels: dict[str, Any]) -> Iterator[Key]:
        told = labels[section] or {}
        if any(told.get(name) for name in names) if names else told:
            yield ("changed",)

    return facts


def _plain(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict) else value


# --- the classes


@dataclass(frozen=True)
class LabelClass:
    """One kind of label, and how an engine's changes are held against it.

    Attributes:
        name: Of the label.
        rules: Rules that tell such facts, and are wrong where they tell another.
        facts: What labels tell.
        claim: What a change claims.
        counted: A fact told twice is wrong.
        properties: It is about apiProperties, which not every pair has.
    """

    name: str
    rules: frozenset[str]
    facts: Fact
    claim: Claim
    counted: bool = True
    properties: bool = False

    def told(self, pair: Pair) -> Counter[Key]:
        """Return the labelled facts of a pair."""
        return self._counted(self.facts(pair.labels))

    def found(self, pair: Pair) -> Counter[Key]:
        """Return what the engine claims of the pair in the scope of this class."""
        own = (change for change in pair.changes if change.rule in self.rules)
        return self._counted(key for change in own for key in self.claim(change, pair))

    def _counted(self, keys: Iterable[Key]) -> Counter[Key]:
        return Counter(keys) if self.counted else Counter(set(keys))


def _class(name: str, rule: str, fields: str, claim: Claim) -> LabelClass:
    return LabelClass(name, frozenset({rule}), _each(name, *fields.split()), claim)


def _presence(
    name: str, rules: str, section: str, *parts: str, properties: bool = False
) -> LabelClass:
    facts = _any_of(section, *parts)
    return LabelClass(
        name, frozenset(rules.split()), facts, _at_all, counted=False, properties=properties
    )


def _platform(name: str, rule: str, *parts: str) -> LabelClass:
    return _presence(f"api_properties.{name}", rule, "api_properties", *parts, properties=True)


_OPERATION = "operation"
_PARAMETER = "operation in name"
_RESPONSE = "operation status"

CLASSES = (
    _class("operation_ids_renamed", "operation-id-renamed", "from from to", _with_values(_of_operation)),
    _class("operation_ids_removed", "operation-removed", _OPERATION, _of_operation),
    _class("operation_ids_added", "operation-added", _OPERATION, _of_operation),
    _class("operations_moved", "operation-moved", "operationId", _of_operation),
    _class("operation_deprecated_changed", "operation-deprecated", _OPERATION, _of_operation),
    _class("operation_visibility_changed", "operation-visibility-changed", "operation from to", _with_values(_of_operation)),
    LabelClass("operation_text_changed", frozenset({"operation-text-changed"}), _each("operation_text_changed", _OPERATION), _of_operation, counted=False),
    _class("trigger_changed", "trigger-changed", "operation from to", _with_values(_of_operation)),
    LabelClass("notification_content_changed", frozenset({"notification-content-changed"}), _notifications, _of_notification),
    LabelClass("required_parameters_added", frozenset({"required-parameter-added"}), _added("required_parameters_added"), _of_parameter),
    LabelClass("optional_parameters_added", frozenset({"optional-parameter-added"}), _added("optional_parameters_added"), _of_parameter),
    LabelClass("parameters_removed", frozenset({"parameter-removed", "body-renamed"}), _each("parameters_removed", *_PARAMETER.split(), "body_parameter_renamed_to"), _removed),
    _class("parameters_became_required", "parameter-became-required", _PARAMETER, _of_parameter),
    _class("parameters_became_optional", "parameter-became-optional", _PARAMETER, _of_parameter),
    _class("parameter_type_changed", "parameter-type-changed", _PARAMETER, _of_parameter),
    _class("parameter_format_changed", "parameter-format-changed", f"{_PARAMETER} from to", _with_values(_outside_bodies)),
    _class("parameter_enum_narrowed", "parameter-enum-narrowed", _PARAMETER, _of_parameter),
    _class("parameter_visibility_changed", "parameter-visibility-changed", f"{_PARAMETER} from to", _with_values(_outside_bodies)),
    _class("parameter_default_changed", "parameter-default-changed", f"{_PARAMETER} from to", _with_values(_outside_bodies)),
    _class("parameter_dynamic_changed", "parameter-dynamic-changed", _PARAMETER, _of_parameter),
    _class("required_parameter_order_changed", "parameter-order-changed", _OPERATION, _of_operation),
    _class("body_required_properties_added", "body-required-property-added", "operation property", _of_body_property),
    _class("body_properties_became_required", "body-property-became-required", "operation property", _of_body_property),
    _class("body_properties_removed", "body-property-removed", "operation property", _of_body_property),
    _class("body_property_type_changed", "body-property-type-changed", "operation property", _of_body_property),
    _class("response_properties_removed", "response-property-removed", f"{_RESPONSE} property", _of_response_property),
    _class("response_properties_added", "response-property-added", f"{_RESPONSE} property", _of_response_property),
    _class("response_property_type_changed", "response-property-type-changed", f"{_RESPONSE} property", _of_response_property),
    _class("response_root_type_changed", "response-root-type-changed", _RESPONSE, _of_response),
    _class("response_status_removed", "response-status-removed", _RESPONSE, _of_response),
    _class("response_status_added", "response-status-added", _RESPONSE, _of_response),
    _class("response_schema_removed", "response-schema-removed", _RESPONSE, _of_response),
    _class("response_schema_added", "response-schema-added", _RESPONSE, _of_response),
    _class("default_response_properties_removed", "response-property-removed", f"{_RESPONSE} property", _of_default_property),
    _presence("location_changed.host", "host-changed", "location_changed", "host"),
    _presence("location_changed.basePath", "base-path-changed", "location_changed", "basePath"),
    _presence("location_changed.schemes", "schemes-changed", "location_changed", "schemes"),
    _presence("security_changed", "security-changed", "security_changed"),
    LabelClass("api_properties.connection", frozenset({"connection-parameters-changed"}), _connections, _of_connection, counted=False, properties=True),
    LabelClass("api_properties.branding", frozenset({"metadata-changed"}), _branding, _of_branding, properties=True),
    _platform("policies", "policies-changed", "policies_changed"),
    _platform("script", "script-changed", "script_operations_changed"),
    _platform("capabilities", "capabilities-changed", "capabilities_changed"),
)  # fmt: skip
"""Every label, each with the rules that are about it."""
