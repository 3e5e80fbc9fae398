"""Comparing what is sent: properties of a body, and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.comparing_values import (
    STRICT,
    Told,
    both,
    default_of,
    enum_changes,
    files,
    kind_of,
    listed,
    name_of,
    parameter_of,
    tighter,
    type_case,
    without_defaults,
)
from connectory.domain.drift.differing import changed, difference, named
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.views import View


class Sent:
    """Differences of what is sent: rules about properties of a body, or about a parameter."""

    def __init__(self, findings: Findings, prefix: str = "body-property") -> None:
        """Compare for what is sent.

        Args:
            findings: Where changes go.
            prefix: How the rules begin: body-property or parameter.
        """
        self._findings = findings
        self._prefix = prefix

    def type(self, place: Place, old: View, new: View, told: Told, *, alike: bool) -> bool:
        """Compare types of what is sent."""
        if told[0] == told[1] or (self._findings.upstream and files(old, new)):
            return True
        severity, why = type_case(old, new, told, alike=alike, widening=("integer", "number"))
        if severity == "compatible" and old.nullable and not new.nullable:
            severity = "risky"
        if severity != "cosmetic" or not self._findings.upstream:
            name = parameter_of(place) if place.property is None else name_of(place)
            what = f"{name} is {kind_of(told[1])}, was {kind_of(told[0])}"
            rule = f"{self._prefix}-type-changed"
            self._findings.add(rule, place, told, what, severity, why=why)
        return alike

    def value(
        self, place: Place, old: View, new: View, *, required: bool, choice: bool = False
    ) -> None:
        """Compare everything else of what is sent."""
        self.allowed(place, old, new)
        upstream = self._findings.upstream
        if old.nullable != new.nullable and not (old.null_typed or new.null_typed):
            severity: Severity | None = "risky" if old.nullable else None
            rule = "constraint-changed" if self._prefix == "parameter" else "nullable-changed"
            told = "may not be empty any more" if old.nullable else "may be empty now"
            self._add(rule, place, (old.nullable, new.nullable), told, severity)
        bounds = old.bounds, new.bounds
        if upstream:
            bounds = without_defaults(bounds[0]), without_defaults(bounds[1])
        if difference(*bounds):
            severity = "risky" if upstream and tighter(*bounds) else None
            only = changed(*bounds)
            told = f"has other bounds ({', '.join(only)})"
            self._add("constraint-changed", place, both(*bounds, only), told, severity)
        if upstream:
            return
        if old.has_default != new.has_default or difference(old.default, new.default):
            values = (old.default, new.default)
            stuck = required and new.internal and not new.has_default
            severity = "breaking" if stuck else None
            self._add("default-changed", place, values, default_of(old, new), severity)
        if old.visibility != new.visibility:
            self.visibility(place, old, new, required=required)
        if kind := difference(old.dynamic, new.dynamic):
            rule = "dynamic-changed" if kind == "facts" else "text-changed"
            only = changed(old.dynamic, new.dynamic)
            told = f"has another picker ({', '.join(only)})"
            self._add(rule, place, both(old.dynamic, new.dynamic, only), told, None)
        if old.texts != new.texts:
            only = changed(old.texts, new.texts)
            told = f"has another {' and '.join(only)}"
            self._add("text-changed", place, both(old.texts, new.texts, only), told, None)
        self._extensions(place, old, new)
        if choice:
            rule = "body-alternatives-changed"
            counts = (len(old.alternatives), len(new.alternatives))
            what = f"{name_of(place)} allows other alternatives"
            self._findings.add(rule, place, counts, what)

    def allowed(self, place: Place, old: View, new: View) -> None:
        """Compare which values are allowed, and how they are written."""
        self._format(place, old, new)
        self._enum(place, old, new)

    def visibility(self, place: Place, old: View, new: View, *, required: bool) -> None:
        """Take another visibility of what is sent."""
        severity: Severity | None = None
        if old.internal != new.internal:
            severity = "compatible"
            if new.internal and required and not new.has_default:
                severity = "breaking"
        told = f"is {new.visibility or 'shown as usual'}, was {old.visibility or 'shown as usual'}"
        self._add("visibility-changed", place, (old.visibility, new.visibility), told, severity)

    def removed(self, place: Place, kind: str | None) -> None:
        """Take a property of a body that is gone."""
        what = f"{name_of(place)} was removed"
        self._findings.add("body-property-removed", place, (kind, None), what)

    def added(self, place: Place, view: View, kind: str | None, *, required: bool) -> None:
        """Take a property of a body that is new."""
        if required:
            severity: Severity | None = "risky" if view.internal and view.has_default else None
            what = f"{name_of(place)} was added and must be given"
            self._findings.add("body-required-property-added", place, (None, kind), what, severity)
        elif not self._findings.upstream:
            what = f"{name_of(place)} was added"
            self._findings.add("body-property-added", place, (None, kind), what)

    def required(self, place: Place, view: View, *, now: bool) -> None:
        """Take a property of a body that must be given now, or no longer."""
        if now:
            severity: Severity | None = "risky" if view.internal and view.has_default else None
            what = f"{name_of(place)} must be given now"
            self._findings.add(
                "body-property-became-required", place, (False, True), what, severity
            )
        else:
            what = f"{name_of(place)} need not be given any more"
            self._findings.add("body-property-became-optional", place, (True, False), what)

    def _format(self, place: Place, old: View, new: View) -> None:
        if old.format == new.format or (self._findings.upstream and files(old, new)):
            return
        severity: Severity | None = None
        if old.format in STRICT or new.format in STRICT:
            severity = "breaking"
        elif (old.format, new.format) == ("int64", "int32"):
            severity = "risky"
        told = (
            f"has the format {new.format or 'of its type'}, had {old.format or 'that of its type'}"
        )
        self._add("format-changed", place, (old.format, new.format), told, severity)

    def _enum(self, place: Place, old: View, new: View) -> None:
        gone, come = enum_changes(old.enum, new.enum)
        if gone is not None:
            severity: Severity | None = "risky" if new.dynamic else None
            told = f"allows no longer {listed(gone)}" if gone else "allows only listed values now"
            self._add("enum-narrowed", place, (old.enum, new.enum), told, severity)
        if come is not None:
            told = f"allows {listed(come)} too" if come else "allows any value now"
            self._add("enum-widened", place, (old.enum, new.enum), told, None)

    def _extensions(self, place: Place, old: View, new: View) -> None:
        for name in changed(old.extensions, new.extensions):
            values = (old.extensions.get(name), new.extensions.get(name))
            if name == "x-ms-notification-url":
                what = f"{name_of(place)} is the address of the webhook no longer, or now"
                self._findings.add("notification-url-changed", place, values, what)
                continue
            text = difference(*values) == "texts" or name.startswith("x-ms-trigger-hint")
            rule = "text-changed" if text else "extension-changed"
            self._add(rule, place, named(name, values), f"has another {name}", None)

    def _add(
        self, rule: str, place: Place, values: Sequence[Any], told: str, severity: Severity | None
    ) -> None:
        what = f"{parameter_of(place) if place.property is None else name_of(place)} {told}"
        self._findings.add(f"{self._prefix}-{rule}", place, values, what, severity)
