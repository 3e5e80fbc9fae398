"""Comparing what schemas say of one value, worded for what is sent or for what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.differing import changed, difference
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.views import View

STRICT: Final = frozenset({"date", "date-time", "byte", "binary", "uuid", "time", "file"})
"""Formats that decide which control the designer shows and how a value is written."""
# What a webhook delivers has fewer rules than what comes back from a call.
_NOTIFICATION: Final = {
    "removed": "content-changed",
    "type-changed": "content-changed",
    "added": "content-added",
    "text-changed": "text-changed",
}
_TIGHTER_WHEN_LESS: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
_TIGHTER_WHEN_MORE: Final = ("minimum", "minLength", "minItems", "minProperties")


Told = tuple[str | None, str | None]
"""The types of two values, each in one word."""


class Values(Protocol):
    """What becomes of differences of one value."""

    def type(self, place: Place, old: View, new: View, told: Told, *, alike: bool) -> bool:
        """Compare types; True if it is worth looking further into both.

        Args:
            place: Where.
            old: The one.
            new: The other.
            told: Both types in one word each.
            alike: They are the same but for whether something may be empty.
        """

    def value(self, place: Place, old: View, new: View, *, required: bool) -> None:
        """Compare everything else that is said of the value itself; `required` is how it is now."""

    def removed(self, place: Place, kind: str | None) -> None:
        """Take a property that is gone."""

    def added(self, place: Place, view: View, kind: str | None, *, required: bool) -> None:
        """Take a property that is new."""

    def required(self, place: Place, view: View, *, now: bool) -> None:
        """Take a property that must be given now, or no longer."""


def _where(place: Place) -> str:
    """Return what a sentence calls the place."""
    if place.status is not None:
        return f"of response {place.status} of {place.operation_id}"
    return f"of {place.operation_id}"


def name_of(place: Place) -> str:
    """Return what a sentence calls a property, or the whole of what has properties."""
    if place.property:
        return f"Property {place.property} {_where(place)}"
    if place.status is not None:
        return f"Response {place.status} of {place.operation_id}"
    return f"Body of {place.operation_id}"


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
        if told[0] == told[1]:
            return True
        severity: Severity | None = None
        if alike:
            severity = "cosmetic" if old.nullable == new.nullable else "compatible"
            severity = "risky" if old.nullable and not new.nullable else severity
        elif old.types == ("integer",) and new.types == ("number",):
            severity = "compatible"
        elif not told[0] or not told[1]:
            severity = "risky"
        if severity == "cosmetic" and self._findings.upstream:
            return True
        self._add(
            "type-changed", place, told, f"is {_kind(told[1])}, was {_kind(told[0])}", severity
        )
        return alike

    def value(self, place: Place, old: View, new: View, *, required: bool) -> None:
        """Compare everything else of what is sent."""
        self._format(place, old, new)
        self._enum(place, old, new)
        upstream = self._findings.upstream
        if old.nullable != new.nullable and not (old.null_typed or new.null_typed):
            severity: Severity | None = "risky" if old.nullable else None
            rule = "constraint-changed" if self._prefix == "parameter" else "nullable-changed"
            told = "may not be empty any more" if old.nullable else "may be empty now"
            self._add(rule, place, (old.nullable, new.nullable), told, severity)
        if difference(old.bounds, new.bounds):
            severity = "risky" if upstream and tighter(old.bounds, new.bounds) else None
            only = changed(old.bounds, new.bounds)
            told = f"has other bounds ({', '.join(only)})"
            self._add(
                "constraint-changed", place, _both(old.bounds, new.bounds, only), told, severity
            )
        if upstream:
            return
        if old.has_default != new.has_default or difference(old.default, new.default):
            values = (old.default, new.default)
            self._add("default-changed", place, values, _default(old, new), None)
        if old.visibility != new.visibility:
            self.visibility(place, old, new, required=required)
        if kind := difference(old.dynamic, new.dynamic):
            rule = "dynamic-changed" if kind == "facts" else "text-changed"
            only = changed(old.dynamic, new.dynamic)
            told = f"has another picker ({', '.join(only)})"
            self._add(rule, place, _both(old.dynamic, new.dynamic, only), told, None)
        if old.texts != new.texts:
            only = changed(old.texts, new.texts)
            told = f"has another {' and '.join(only)}"
            self._add("text-changed", place, _both(old.texts, new.texts, only), told, None)
        self._extensions(place, old, new)
        if difference(old.alternatives, new.alternatives) == "facts":
            rule = "body-alternatives-changed"
            counts = (len(old.alternatives), len(new.alternatives))
            what = f"{name_of(place)} allows other alternatives"
            self._findings.add(rule, place, counts, what)

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
        if old.format == new.format:
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
            told = f"allows no longer {_listed(gone)}" if gone else "allows only listed values now"
            self._add("enum-narrowed", place, (old.enum, new.enum), told, severity)
        if come is not None:
            told = f"allows {_listed(come)} too" if come else "allows any value now"
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
            self._add(rule, place, values, f"has another {name}", None)

    def _add(
        self, rule: str, place: Place, values: Sequence[Any], told: str, severity: Severity | None
    ) -> None:
        what = f"{parameter_of(place) if place.property is None else name_of(place)} {told}"
        self._findings.add(f"{self._prefix}-{rule}", place, values, what, severity)


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
        severity: Severity = "breaking"
        if alike:
            severity = "cosmetic" if old.nullable == new.nullable else "risky"
            severity = "compatible" if old.nullable and not new.nullable else severity
        elif old.types == ("number",) and new.types == ("integer",):
            severity = "compatible"
        elif not told[0] or not told[1]:
            severity = "risky"
        if severity == "cosmetic" and self._findings.upstream:
            return True
        words = f"is {_kind(told[1])}, was {_kind(told[0])}"
        self._add("type-changed", place, told, words, severity)
        return alike

    def value(self, place: Place, old: View, new: View, *, required: bool) -> None:
        """Compare everything else of what comes back."""
        del required
        if old.format != new.format:
            strict = old.format in STRICT or new.format in STRICT
            told = f"has the format {new.format or 'of its type'}, had {old.format or 'that of its type'}"
            severity: Severity = "risky" if strict else "compatible"
            self._add("format-changed", place, (old.format, new.format), told, severity)
        gone, come = enum_changes(old.enum, new.enum)
        if gone is not None:
            told = f"is {_listed(gone)} no longer" if gone else "is one of listed values now"
            self._add("enum-narrowed", place, (old.enum, new.enum), told, "compatible")
        if come is not None:
            told = f"may be {_listed(come)} too" if come else "may be any value now"
            self._add("enum-widened", place, (old.enum, new.enum), told, "compatible")
        if old.nullable != new.nullable and not (old.null_typed or new.null_typed):
            severity = "compatible" if old.nullable else "risky"
            told = "is never empty now" if old.nullable else "may be empty now"
            self._add("nullable-changed", place, (old.nullable, new.nullable), told, severity)
        if self._findings.upstream:
            return
        if difference(old.bounds, new.bounds):
            only = changed(old.bounds, new.bounds)
            both = _both(old.bounds, new.bounds, only)
            told = f"has other bounds ({', '.join(only)})"
            self._add("constraint-changed", place, both, told, "cosmetic")
        if old.has_default != new.has_default or difference(old.default, new.default):
            told = _default(old, new)
            self._add("constraint-changed", place, (old.default, new.default), told, "cosmetic")
        if old.visibility != new.visibility:
            told = (
                f"is {new.visibility or 'shown as usual'}, was {old.visibility or 'shown as usual'}"
            )
            self._add(
                "visibility-changed", place, (old.visibility, new.visibility), told, "cosmetic"
            )
        self._words(place, old, new)

    def _words(self, place: Place, old: View, new: View) -> None:
        """Compare dynamic fields, texts and other extensions."""
        if kind := difference(old.dynamic, new.dynamic):
            rule = "dynamic-changed" if kind == "facts" else "text-changed"
            only = changed(old.dynamic, new.dynamic)
            told = f"has other dynamic fields ({', '.join(only)})"
            severity: Severity = "risky" if kind == "facts" else "cosmetic"
            self._add(rule, place, _both(old.dynamic, new.dynamic, only), told, severity)
        if old.texts != new.texts:
            only = changed(old.texts, new.texts)
            told = f"has another {' and '.join(only)}"
            self._add("text-changed", place, _both(old.texts, new.texts, only), told, "cosmetic")
        for name in changed(old.extensions, new.extensions):
            values = (old.extensions.get(name), new.extensions.get(name))
            text = difference(*values) == "texts"
            rule = "text-changed" if text else "extension-changed"
            severity = "cosmetic" if text else "compatible"
            self._add(rule, place, values, f"has another {name}", severity)
        if difference(old.alternatives, new.alternatives) == "facts":
            counts = (len(old.alternatives), len(new.alternatives))
            told = "has other alternatives"
            self._rule("response-alternatives-changed", place, counts, told, "risky")

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
        self, rule: str, place: Place, values: Sequence[Any], told: str, severity: Severity
    ) -> None:
        self._rule(f"response-property-{rule}", place, values, told, severity)

    def _rule(
        self, rule: str, place: Place, values: Sequence[Any], told: str, severity: Severity
    ) -> None:
        if self._notification:
            rule = _NOTIFICATION.get(rule.removeprefix("response-property-"), "detail-changed")
            rule = f"notification-{rule}"
            where = f"Property {place.property}" if place.property else "The whole"
            what = f"{where} of what the webhook of {place.operation_id} delivers {told}"
        else:
            what = f"{name_of(place)} {told}"
        self._findings.add(rule, place, values, what, severity)


def parameter_of(place: Place) -> str:
    """Return what a sentence calls a parameter."""
    if place.kind == "body":
        return f"Body {place.name or ''} of {place.operation_id}".replace("  ", " ")
    return f"Parameter {place.name} ({place.kind}) of {place.operation_id}"


def enum_changes(
    before: list[Any] | None, after: list[Any] | None
) -> tuple[list[Any] | None, list[Any] | None]:
    """Return the values that are not allowed any more, and those that are allowed now.

    Returns:
        None where none is; an empty list where any value was allowed before, or is now.
    """
    if before is None and after is None:
        return None, None
    if before is None:
        return [], None
    if after is None:
        return None, []
    gone = [value for value in before if value not in after]
    come = [value for value in after if value not in before]
    return gone or None, come or None


def tighter(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Tell whether bounds allow less than before."""
    for name in changed(before, after):
        old, new = before.get(name), after.get(name)
        if old is None:
            return True
        if isinstance(old, (int, float)) and isinstance(new, (int, float)):
            if name in _TIGHTER_WHEN_LESS and new < old:
                return True
            if name in _TIGHTER_WHEN_MORE and new > old:
                return True
        elif new is not None:
            return True
    return False


def _both(
    before: dict[str, Any], after: dict[str, Any], names: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return only what differs of two mappings."""
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def _kind(told: str | None) -> str:
    return told or "of no declared type"


def _default(old: View, new: View) -> str:
    if not new.has_default:
        return "has no default any more"
    return "has another default" if old.has_default else "has a default now"


def _listed(values: list[Any]) -> str:
    named = ", ".join(str(value) for value in values[:3])
    return named if len(values) <= 3 else f"{named} and {len(values) - 3} more"  # noqa: PLR2004
