"""Comparing schemas property by property, for what is sent and for what comes back.

First it is found out which pairs of schemas differ or lead to one that does, each pair looked at
once, however they contain each other. Then only these are walked, nearest first.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import Any, Final

from connectory.domain.drift.changes import Place
from connectory.domain.drift.comparing_values import Values
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.pairs import Pairs, unnamed
from connectory.domain.drift.views import View

_DEEPEST: Final = 80
MOST_PLACES: Final = 25
"""A change of one shared schema is told at so many places deep in one body, the nearest ones."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A pair of schemas to be compared, and the pairs that contain it on this way."""

    before: Any
    after: Any
    path: str
    depth: int
    required: bool
    above: _Step | None

    @property
    def pair(self) -> tuple[int, int]:
        return id(self.before), id(self.after)

    def entered(self, pair: tuple[int, int]) -> bool:
        """Tell whether a pair contains itself on this way."""
        step: _Step | None = self
        while step is not None:
            if step.pair == pair:
                return True
            step = step.above
        return False


class Walk:
    """A comparison of two schemas at one place."""

    def __init__(self, findings: Findings, pairs: Pairs, place: Place, values: Values) -> None:
        """Compare at a place.

        Args:
            findings: Where changes go.
            pairs: Which pairs of schemas differ.
            place: Where the schemas stand.
            values: Compares what they say of a value.
        """
        self._findings = findings
        self._pairs = pairs
        self._place = place
        self._values = values
        self._ahead: deque[_Step] = deque()
        self._told: Counter[tuple[int, int]] = Counter()

    def root(self, before: Any, after: Any) -> None:
        """Compare two schemas but for the type of the whole, which whoever calls has compared."""
        if not self._pairs.differ(before, after) or not self._findings.step():
            return
        before, after = self._pairs.before.one(before), self._pairs.after.one(after)
        whole = _Step(before, after, "", 0, required=False, above=None)
        self._value(self._place, whole)
        self._ahead.append(whole)
        while self._ahead:
            step = self._ahead.popleft()
            if not self._findings.step(1 + len(self._pairs.before.view(step.before).properties)):
                return
            self._contained(step)

    def _views(self, step: _Step) -> tuple[View, View]:
        return self._pairs.before.view(step.before), self._pairs.after.view(step.after)

    def _compare(self, step: _Step) -> None:
        """Compare a pair itself, and put it in line to look at what it contains."""
        old, new = self._views(step)
        told = self._pairs.before.type_of(step.before), self._pairs.after.type_of(step.after)
        place = replace(self._place, property=step.path)
        if self._values.type(place, old, new, told, alike=self._pairs.alike(old, new)):
            self._value(place, step)
            self._ahead.append(step)

    def _value(self, place: Place, step: _Step) -> None:
        old, new = self._views(step)
        choice = self._pairs.other_choice(old, new)
        settled = self._pairs.settled(old, new)
        self._values.value(place, old, settled, required=step.required, choice=choice)

    def _contained(self, step: _Step) -> None:
        """Compare what a pair contains, and put in line what contains more."""
        old, new = self._views(step)
        if old.types == new.types == ("array",) and not (old.items is None and new.items is None):
            self._enter(step, old.items, new.items, f"{step.path}[]", required=False)
        for name in sorted(old.properties.keys() | new.properties.keys()):
            self._property(step, old, new, name)
        others = unnamed(old, new)
        if others is not None:
            self._enter(step, *others, f"{step.path}{{}}", required=False)

    def _property(self, step: _Step, old: View, new: View, name: str) -> None:
        path = f"{step.path}.{name}" if step.path else name
        if name in old.properties and name in new.properties:
            needed = name in new.required
            if (name in old.required) != needed:
                view = self._pairs.after.view(new.properties[name])
                self._values.required(replace(self._place, property=path), view, now=needed)
            self._enter(step, old.properties[name], new.properties[name], path, required=needed)
            return
        place = replace(self._place, property=path)
        if name not in new.properties:
            self._values.removed(place, self._pairs.before.type_of(old.properties[name]))
        else:
            schema = new.properties[name]
            view, kind = self._pairs.after.view(schema), self._pairs.after.type_of(schema)
            self._values.added(place, view, kind, required=name in new.required)

    def _enter(self, step: _Step, before: Any, after: Any, path: str, *, required: bool) -> None:
        """Compare a pair unless nothing of it differs, or it is on this way already."""
        if not self._pairs.differ(before, after):
            return
        before, after = self._pairs.before.one(before), self._pairs.after.one(after)
        pair = (id(before), id(after))
        if (step.depth and self._told[pair] >= MOST_PLACES) or step.entered(pair):
            return
        if step.depth >= _DEEPEST:
            self._findings.cut = True
            return
        self._told[pair] += 1
        self._compare(_Step(before, after, path, step.depth + 1, required, step))
