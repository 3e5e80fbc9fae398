"""Comparing what comes back: properties of a response, and of what a webhook delivers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.comparing_values import (
    STRICT,
    Told,
    both,
    default_of,
    enum_changes,
    kind_of,
    listed,
    name_of,
    type_case,
)
from connectory.domain.drift.differing import changed, difference, named
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.views import View

# What a webhook delivers has fewer rules than what comes back from a call.
_NOTIFICATION: Final = {
    "removed": "content-changed",
    "type-changed": "content-changed",
    "added": "content-added",
    "text-changed": "text-changed",
}


class Received:
    """Differences of what comes back, of a response or by a webhook."""

    def __init__(self, findings: Findings, *, notification: bool = False) -> None:
        """Compare for what comes back; `notification` for what a webhook delivers."""
        self._findings = findings
        self._notification = notification

    def type(self, place: Place, old: View, new: View, told: Told, *, alike: bool) -> bool:
        """Compare types of what comes back."""
        if told[0] == told[1]:
            return True
        severity, why = type_case(old, new, told, alike=alike, widening=("number", "integer"))
        if severity == "compatible" and new.nullable and not old.nullable:
            severity = "risky"
        if severity != "cosmetic" or not self._findings.upstream:
            words = f"is {kind_of(told[1])}, was {kind_of(told[0])}"
            self._add("type-changed", place, told, words, severity or "breaking", why)
        return alike

    def value(
        self, place: Place, old: View, new: View, *, required: bool, choice: bool = False
    ) -> None:
        """Compare everything else of what comes back."""
        del required
        if old.format != new.format:
            strict = old.format in STRICT or new.format in STRICT
            told = f"has the format {new.format or 'of its type'}, had {old.format or 'that of its type'}"
            severity: Severity = "risky" if strict else "compatible"
            self._add("format-changed", place, (old.format, new.format), told, severity)
        gone, come = enum_changes(old.enum, new.enum)
        if gone is not None:
            told = f"is {listed(gone)} no longer" if gone else "is one of listed values now"
            self._add("enum-narrowed", place, (old.enum, new.enum), told, "compatible")
        if come is not None:
            told = f"may be {listed(come)} too" if come else "may be any value now"
            self._add("enum-widened", place, (old.enum, new.enum), told, "compatible")
        if old.nullable != new.nullable and not (old.null_typed or new.null_typed):
            severity = "compatible" if old.nullable else "risky"
            told = "is never empty now" if old.nullable else "may be empty now"
            self._add("nullable-changed", place, (old.nullable, new.nullable), told, severity)
        if self._findings.upstream:
            return
        if difference(old.bounds, new.bounds):
            only = changed(old.bounds, new.bounds)
            bounds = both(old.bounds, new.bounds, only)
            told = f"has other bounds ({', '.join(only)})"
            self._add("constraint-changed", place, bounds, told, "cosmetic")
        if old.has_default != new.has_default or difference(old.default, new.default):
            told = default_of(old, new)
            self._add("constraint-changed", place, (old.default, new.default), told, "cosmetic")
        if old.visibility != new.visibility:
            told = (
                f"is {new.visibility or 'shown as usual'}, was {old.visibility or 'shown as usual'}"
            )
            self._add(
                "visibility-changed", place, (old.visibility, new.visibility), told, "cosmetic"
            )
        self._words(place, old, new)
        if choice:
            counts = (len(old.alternatives), len(new.alternatives))
            told = "has other alternatives"
            self._rule("response-alternatives-changed", place, counts, told, "risky")

    def _words(self, place: Place, old: View, new: View) -> None:
        """Compare dynamic fields, texts and other extensions."""
        if kind := difference(old.dynamic, new.dynamic):
            rule = "dynamic-changed" if kind == "facts" else "text-changed"
            only = changed(old.dynamic, new.dynamic)
            told = f"has other dynamic fields ({', '.join(only)})"
            severity: Severity = "risky" if kind == "facts" else "cosmetic"
            self._add(rule, place, both(old.dynamic, new.dynamic, only), told, severity)
        if old.texts != new.texts:
            only = changed(old.texts, new.texts)
            told = f"has another {' and '.join(only)}"
            self._add("text-changed", place, both(old.texts, new.texts, only), told, "cosmetic")
        for name in changed(old.extensions, new.extensions):
            values = (old.extensions.get(name), new.extensions.get(name))
            text = difference(*values) == "texts"
            rule = "text-changed" if text else "extension-changed"
            severity = "cosmetic" if text else "compatible"
            self._add(rule, place, named(name, values), f"has another {name}", severity)

    def removed(self, place: Place, kind: str | None) -> None:
        """Take a property that does not come back any more."""
        self._add("removed", place, (kind, None), "was removed", "breaking")

    def added(self, place: Place, view: View, kind: str | None, *, required: bool) -> None:
        """Take a property that comes back now."""
        del view, required
        if not self._findings.upstream:
            self._add("added", place, (None, kind), "was added", "compatible")

    def required(self, place: Place, view: View, *, now: bool) -> None:
        """Take a property that always comes back now, or no longer."""
        del view
        if not self._findings.upstream:
            told = "always comes back now" if now else "need not come back any more"
            self._add("required-changed", place, (not now, now), told, "compatible")

    def _add(
        self,
        rule: str,
        place: Place,
        values: Sequence[Any],
        told: str,
        severity: Severity,
        why: str | None = None,
    ) -> None:
        self._rule(f"response-property-{rule}", place, values, told, severity, why)

    def _rule(
        self,
        rule: str,
        place: Place,
        values: Sequence[Any],
        told: str,
        severity: Severity,
        why: str | None = None,
    ) -> None:
        if self._notification:
            rule = _NOTIFICATION.get(rule.removeprefix("response-property-"), "detail-changed")
            rule = f"notification-{rule}"
            where = f"Property {place.property}" if place.property else "The whole"
            what = f"{where} of what the webhook of {place.operation_id} delivers {told}"
        else:
            what = f"{name_of(place)} {told}"
        self._findings.add(rule, place, values, what, severity, why=why)
