"""What both ways of comparing values share: how a difference is found, and put in words."""

from __future__ import annotations

import json
from typing import Any, Final, Protocol

from connectory.domain.drift.changes import Place, Severity
from connectory.domain.drift.differing import changed
from connectory.domain.drift.views import View

STRICT: Final = frozenset({"date", "date-time", "byte", "binary", "uuid", "time", "file"})
"""Formats that decide which control the designer shows and how a value is written."""
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

    def value(
        self, place: Place, old: View, new: View, *, required: bool, choice: bool = False
    ) -> None:
        """Compare everything else that is said of the value itself.

        Args:
            place: Where.
            old: The one.
            new: The other.
            required: It must be given now.
            choice: Its alternatives are others.
        """

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


def parameter_of(place: Place) -> str:
    """Return what a sentence calls a parameter."""
    if place.kind == "body":
        return f"Body {place.name or ''} of {place.operation_id}".replace("  ", " ")
    return f"Parameter {place.name} ({place.kind}) of {place.operation_id}"


def type_case(
    old: View, new: View, told: Told, *, alike: bool, widening: tuple[str, str]
) -> tuple[Severity | None, str | None]:
    """Return how bad another type is where that is not what the rule says, and why.

    Args:
        old: The one.
        new: The other.
        told: Their types in one word each.
        alike: They are the same but for whether something may be empty.
        widening: A change of types that nobody notices, before and after.
    """
    if alike:
        if old.nullable == new.nullable:
            return "cosmetic", "the same type is said otherwise"
        return "compatible", f"it may {'not be empty any more' if old.nullable else 'be empty now'}"
    if (old.types, new.types) == ((widening[0],), (widening[1],)):
        return "compatible", "every value of the one is one of the other"
    if not told[0] or not told[1]:
        return "risky", "one side does not tell its type"
    return None, None


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
    old, new = set(map(_exactly, before)), set(map(_exactly, after))
    gone = [value for value in before if _exactly(value) not in new]
    come = [value for value in after if _exactly(value) not in old]
    return gone or None, come or None


def _exactly(value: Any) -> str:
    """Return what tells a value from every other: 1 is neither true nor "1"."""
    return json.dumps(value, sort_keys=True, default=str)


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


def both(
    before: dict[str, Any], after: dict[str, Any], names: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return only what differs of two mappings."""
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def kind_of(told: str | None) -> str:
    """Return a type in words."""
    return told or "of no declared type"


def default_of(old: View, new: View) -> str:
    """Return what became of a default, in words."""
    if not new.has_default:
        return "has no default any more"
    return "has another default" if old.has_default else "has a default now"


def listed(values: list[Any]) -> str:
    """Return the first values in words, and how many more there are."""
    named = ", ".join(str(value) for value in values[:3])
    return named if len(values) <= 3 else f"{named} and {len(values) - 3} more"  # noqa: PLR2004
