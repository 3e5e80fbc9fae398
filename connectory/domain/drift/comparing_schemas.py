"""Comparing schemas property by property, for what is sent and for what comes back.

Only pairs that lead to a difference are entered, each once on a way. So it costs no more than what
differs, up to the bounds of `findings`.
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
        self._entered: set[tuple[int, int]] = set()

    def into(
        self,
        before: Any,
        after: Any,
        path: str,
        depth: int,
        *,
        with_type: bool = True,
        required: bool = False,
    ) -> None:
        """Compare a pair of schemas, unless all that it leads to is alike."""
        walk = self._walk
        if walk.sameness.same(before, after) or walk.sameness.schemas.alike(before, after):
            return
        pair = (id(before), id(after))
        if pair in self._entered:
            return
        if depth > _DEEPEST:
            walk.findings.cut = True
            return
        if walk.findings.step():
            self._entered.add(pair)
            self._compare(before, after, _At(path, depth, with_type, required))
            self._entered.remove(pair)

    def _compare(self, before: Any, after: Any, at: _At) -> None:
        walk = self._walk
        old, new = walk.before.view(before), walk.after.view(after)
        place = replace(walk.place, property=at.path or None)
        types = (walk.before.type_of(before), walk.after.type_of(after))
        alike = self._alike(old, new)
        if at.with_type and not walk.values.type(place, old, new, types, alike=alike):
            return
        settled = walk.sameness.facts.settled(old, new)
        walk.values.value(place, old, settled, required=at.required)
        if old.types == new.types == ("array",) and not (old.items is None and new.items is None):
            self.into(old.items, new.items, f"{at.path}[]", at.depth + 1)
        if old.properties or new.properties:
            self._properties(old, new, at)

    def _alike(self, old: View, new: View) -> bool:
        """Tell whether two types are the same, of lists those of items too, but for being empty."""
        if old.types != new.types or old.types != ("array",):
            return old.types == new.types
        walk = self._walk
        return walk.before.view(old.items).types == walk.after.view(new.items).types

    def _properties(self, old: View, new: View, at: _At) -> None:
        walk = self._walk
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
                self.into(*pair, below, at.depth + 1, required=needed)
