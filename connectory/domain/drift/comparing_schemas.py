"""Comparing schemas property by property, for what is sent and for what comes back.

A pair of schemas that contains itself is entered once on a way; a pair without any difference is
remembered. So it costs no more than what differs, up to the bounds of `findings`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from connectory.domain.drift.changes import Place
from connectory.domain.drift.comparing_values import Values
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.sameness import Sameness
from connectory.domain.drift.views import Schemas, View

_DEEPEST: Final = 80
_FREE: Final = 1_000_000


@dataclass(slots=True)
class Walk:
    """A comparison of two schemas at one place.

    Attributes:
        findings: Where changes go.
        sameness: What need not be looked into.
        before: Schemas of the one document.
        after: Schemas of the other.
        place: Where they stand.
        values: Compares what the schemas say of a value.
    """

    findings: Findings
    sameness: Sameness
    before: Schemas
    after: Schemas
    place: Place
    values: Values

    def root(self, before: Any, after: Any) -> None:
        """Compare two schemas but for the type of the whole, which whoever calls has compared."""
        _Descent(self).into(before, after, "", 0, with_type=False)


@dataclass(frozen=True, slots=True)
class _At:
    """Where a walk is, and what it knows of the place."""

    path: str
    depth: int
    with_type: bool
    required: bool


class _Descent:
    """One walk through two schemas."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._entered: dict[tuple[int, int], int] = {}
        self._clean: set[tuple[int, int]] = set()

    def into(
        self,
        before: Any,
        after: Any,
        path: str,
        depth: int,
        *,
        with_type: bool = True,
        required: bool = False,
    ) -> int:
        """Compare a pair of schemas; return the least depth that it led back to."""
        walk = self._walk
        if walk.sameness.same(before, after):
            return _FREE
        pair = (id(before), id(after))
        if pair in self._clean:
            return _FREE
        if pair in self._entered:
            return self._entered[pair]
        if depth > _DEEPEST:
            walk.findings.cut = True
            return _FREE
        if not walk.findings.step():
            return 0
        told = len(walk.findings.changes)
        self._entered[pair] = depth
        at = _At(path, depth, with_type, required)
        least = self._compare(before, after, at)
        del self._entered[pair]
        # What led back to a pair that is not done yet may still turn out to differ.
        if len(walk.findings.changes) == told and least >= depth:
            self._clean.add(pair)
        return _FREE if least >= depth else least

    def _compare(self, before: Any, after: Any, at: _At) -> int:
        walk = self._walk
        old, new = walk.before.view(before), walk.after.view(after)
        place = replace(walk.place, property=at.path or None)
        types = (walk.before.type_of(before), walk.after.type_of(after))
        alike = self._alike(old, new)
        if at.with_type and not walk.values.type(place, old, new, types, alike=alike):
            return _FREE
        walk.values.value(place, old, new, required=at.required)
        least = _FREE
        if old.types == new.types == ("array",) and not (old.items is None and new.items is None):
            step = self.into(old.items, new.items, f"{at.path}[]", at.depth + 1)
            least = min(least, step)
        if old.properties or new.properties:
            least = min(least, self._properties(old, new, at))
        return least

    def _alike(self, old: View, new: View) -> bool:
        """Tell whether two types are the same, of lists those of items too, but for being empty."""
        if old.types != new.types or old.types != ("array",):
            return old.types == new.types
        walk = self._walk
        return walk.before.view(old.items).types == walk.after.view(new.items).types

    def _properties(self, old: View, new: View, at: _At) -> int:
        walk, least = self._walk, _FREE
        for name in sorted(old.properties.keys() | new.properties.keys()):
            below = f"{at.path}.{name}" if at.path else name
            place = replace(walk.place, property=below)
            if name not in new.properties:
                walk.values.removed(place, walk.before.type_of(old.properties[name]))
            elif name not in old.properties:
                view = walk.after.view(new.properties[name])
                kind = walk.after.type_of(new.properties[name])
                walk.values.added(place, view, kind, required=name in new.required)
            else:
                if (name in old.required) != (name in new.required):
                    view = walk.after.view(new.properties[name])
                    walk.values.required(place, view, now=name in new.required)
                pair = (old.properties[name], new.properties[name])
                needed = name in new.required
                step = self.into(*pair, below, at.depth + 1, required=needed)
                least = min(least, step)
        return least
