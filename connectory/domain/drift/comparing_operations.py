"""Comparing an operation with the one it has become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectory.domain.drift.api import ApiOperation
from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.comparing_parameters import Parameters
from connectory.domain.drift.comparing_responses import Responses
from connectory.domain.drift.differing import changed, difference, named
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.matching import Match, address
from connectory.domain.drift.pairs import Pairs
from connectory.domain.drift.sameness import Sameness

_LOOKED_AT: Final = frozenset(
    {"x-ms-visibility", "x-ms-api-annotation", "x-ms-pageable", "x-ms-trigger",
     "x-ms-trigger-hint", "x-ms-trigger-metadata", "x-ms-notification-content"}
)  # fmt: skip
_LABELS: Final = ("tags", "externalDocs")


def place_of(operation: ApiOperation) -> Place:
    """Return where an operation is."""
    return Place(operation.key, operation.method, operation.path)


def removed(findings: Findings, operation: ApiOperation) -> None:
    """Take an operation that is gone."""
    what = f"Operation {operation.key} was removed"
    told = f"{operation.method} {operation.path}"
    findings.add("operation-removed", place_of(operation), (told, None), what)


def added(findings: Findings, operation: ApiOperation) -> None:
    """Take an operation that is new."""
    what = f"Operation {operation.key} was added"
    told = f"{operation.method} {operation.path}"
    findings.add("operation-added", place_of(operation), (None, told), what)


def compare(
    findings: Findings,
    sameness: Sameness,
    pairs: Pairs,
    before: ApiOperation,
    after: ApiOperation,
    match: Match,
) -> None:
    """Add what changed of one operation.

    Args:
        findings: Where changes go.
        sameness: What need not be looked into.
        pairs: Which pairs of schemas differ.
        before: The operation as it was.
        after: What it has become.
        match: How the two were found to be one.
    """
    findings.begin()
    place = place_of(before)
    if match == "moved" or (
        match == "same" and findings.upstream and before.method != after.method
    ):
        _moved(findings, place, before, after)
    if match == "renamed" and not findings.upstream:
        what = f"Operation {before.key} is called {after.key} now"
        findings.add("operation-id-renamed", place, (before.operation_id, after.operation_id), what)
    if sameness.same(before.raw, after.raw) and sameness.all_same(_shared(before), _shared(after)):
        return
    _Operation(findings, place, before, after).compare()
    told = len(findings.changes)
    if not sameness.all_same(_given(before), _given(after)):
        Parameters(findings, sameness, pairs, place, before, after).compare()
    _one_address(findings, told)
    responses = Responses(findings, sameness, pairs, place, before, after)
    responses.compare()
    responses.notification()


def _moved(findings: Findings, place: Place, before: ApiOperation, after: ApiOperation) -> None:
    told = [f"{one.method} {one.path}" for one in (before, after)]
    whole = [(one.method, address(one)) for one in (before, after)]
    severity: Severity | None = "cosmetic" if whole[0] == whole[1] else None
    what = f"Operation {before.key} is at {told[1]} now, was at {told[0]}"
    findings.add("operation-moved", place, told, what, severity)


def _one_address(findings: Findings, start: int) -> None:
    """Make one change of a webhook's address that went from one property to another."""
    moved = [one for one in findings.changes[start:] if one.rule == "notification-url-changed"]
    if len(moved) > 1:
        first = moved[0]
        before = [one.place.property or one.place.name for one in moved if one.before]
        after = [one.place.property or one.place.name for one in moved if one.after]
        what = f"The address of the webhook goes into {', '.join(map(str, after)) or 'nothing'} now"
        rest = [one for one in findings.changes[start:] if one.rule != "notification-url-changed"]
        findings.changes[start:] = rest
        place = Place(first.place.operation_id, first.place.method, first.place.path)
        findings.add("notification-url-changed", place, (before, after), what)


def _shared(operation: ApiOperation) -> list[Any]:
    """Return what a path says for all its operations."""
    item = operation.item
    return [item.get("parameters"), item.get("x-ms-notification-content")]


def _given(operation: ApiOperation) -> list[Any]:
    """Return what parameters and the body are made from."""
    raw = operation.raw
    return [operation.item.get("parameters"), raw.get("parameters"), raw.get("requestBody")]


class _Operation:
    """Compares what an operation says of itself."""

    def __init__(
        self, findings: Findings, place: Place, before: ApiOperation, after: ApiOperation
    ) -> None:
        self._findings = findings
        self._place = place
        self._before, self._after = before, after
        self._name = f"Operation {before.key}"

    def compare(self) -> None:
        """Add what changed of it."""
        if bool(self._raw("deprecated")[0]) != bool(self._raw("deprecated")[1]):
            values = [bool(value) for value in self._raw("deprecated")]
            told = "is deprecated now" if values[1] else "is deprecated no longer"
            self._add("operation-deprecated", values, told)
        if self._findings.upstream:
            return
        self._texts()
        self._visibility()
        self._trigger()
        for key, rule, told in (
            ("x-ms-api-annotation", "operation-revision-changed", "has another family or revision"),
            ("x-ms-pageable", "operation-pageable-changed", "returns pages otherwise"),
        ):
            if difference(*self._raw(key)):
                self._add(rule, self._raw(key), told)
        if difference(*self._raw("security")):
            self._add("operation-security-changed", self._raw("security"), "is signed in otherwise")
        self._media()
        self._extensions()

    def _texts(self) -> None:
        before = {key: self._before.raw.get(key) for key in ("summary", "description")}
        after = {key: self._after.raw.get(key) for key in ("summary", "description")}
        if only := changed(before, after):
            told = [{key: side[key] for key in only} for side in (before, after)]
            self._add("operation-text-changed", told, f"has another {' and '.join(only)}")
        for key in _LABELS:
            if difference(*self._raw(key)):
                self._add("metadata-changed", self._raw(key), f"has other {key}")

    def _visibility(self) -> None:
        values = [
            value if value not in ("", "none") else None for value in self._raw("x-ms-visibility")
        ]
        if values[0] != values[1]:
            severity: Severity | None = "compatible" if "internal" in values else None
            told = f"is {values[1] or 'shown as usual'}, was {values[0] or 'shown as usual'}"
            self._add("operation-visibility-changed", values, told, severity)

    def _trigger(self) -> None:
        if difference(*self._raw("x-ms-trigger")):
            kinds = [_kind(value) for value in self._raw("x-ms-trigger")]
            told = f"is {kinds[1]} now, was {kinds[0]}"
            self._add("trigger-changed", self._raw("x-ms-trigger"), told)
        for key in ("x-ms-trigger-hint", "x-ms-trigger-metadata"):
            if difference(*self._raw(key)):
                self._add("trigger-hint-changed", self._raw(key), f"has another {key}")

    def _media(self) -> None:
        """Compare content types where an operation has its own; the document's are told once."""
        own = (
            any(
                key in one.raw
                for one in (self._before, self._after)
                for key in ("consumes", "produces")
            )
            or self._before.api.format == "openapi3"
        )
        before, after = self._before.media, self._after.media
        if own and before != after:
            told = [{"sent": sorted(one[0]), "received": sorted(one[1])} for one in (before, after)]
            self._add("operation-media-types-changed", told, "has other content types")

    def _extensions(self) -> None:
        sides = [
            {key: value for key, value in one.raw.items() if key.startswith("x-")}
            for one in (self._before, self._after)
        ]
        for name in changed(*sides):
            if name in _LOOKED_AT:
                continue
            values = self._raw(name)
            text = difference(*values) == "texts" or name == "x-ms-summary"
            rule = "operation-text-changed" if text else "operation-extension-changed"
            self._add(rule, named(name, values), f"has another {name}")

    def _raw(self, key: str) -> tuple[Any, Any]:
        return self._before.raw.get(key), self._after.raw.get(key)

    def _add(
        self, rule: str, values: Sequence[Any], told: str, severity: Severity | None = None
    ) -> None:
        self._findings.add(rule, self._place, values, f"{self._name} {told}", severity)


def _kind(trigger: Any) -> str:
    return f"a {trigger} trigger" if isinstance(trigger, str) and trigger else "an action"
