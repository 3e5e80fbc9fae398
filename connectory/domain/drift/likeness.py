"""Whether two schemas say the same, each in its own document and however they contain themselves.

Two schemas are alike if nothing that is said of them differs, and all that they lead to is alike.
Where that is so it is found by joining schemas that must be alike if the first two are, which takes
as many steps as there are schemas, also for circles of different lengths. Where it is not, every
pair that can be reached is looked at once, and those that lead to a difference are remembered: only
into those is it worth descending.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from connectory.domain.drift.comparing_values import enum_changes
from connectory.domain.drift.differing import changed, difference
from connectory.domain.drift.views import Schemas, View

_MOST_PAIRS: Final = 100_000
_OTHERS: Final = "additionalProperties"
Pair = tuple[Any, Any]
Key = tuple[int, int]


class Likeness:
    """Knows which schemas of two documents are alike.

    Attributes:
        before: Schemas of the one document.
        after: Schemas of the other.
    """

    def __init__(self, before: Schemas, after: Schemas, *, callers: bool, texts: bool) -> None:
        """Compare schemas of two documents.

        Args:
            before: Schemas of the one.
            after: Schemas of the other.
            callers: What only makers of flows and apps see counts: pickers, visibility, defaults.
            texts: What people read counts.
        """
        self.before, self.after = before, after
        self._callers = callers
        self._texts = texts
        self._known: dict[Key, bool] = {}
        self._kept: list[Pair] = []
        self._joined = _Joined()

    def alike(self, before: Any, after: Any) -> bool:
        """Tell whether two schemas say the same, as far as can be seen within bounds."""
        before, after = self.before.one(before), self.after.one(after)
        key = (id(before), id(after))
        if key not in self._known:
            # Only what is kept has an identity of its own.
            self._kept.append((before, after))
            if self._join(before, after):
                self._known[key] = True
            else:
                self._explore(before, after)
        return self._known[key]

    def same_type(self, old: View, new: View) -> bool:
        """Tell whether two types are the same, of lists those of items too, but for being empty."""
        if old.types != new.types or old.types != ("array",):
            return old.types == new.types
        return self.before.view(old.items).types == self.after.view(new.items).types

    def settled(self, old: View, new: View) -> View:
        """Return the second view with what is alike written as in the first.

        Alternatives and the schema of further properties are told as a whole; they are the same if
        they are alike, whatever they are called and wherever they are written.
        """
        if not (old.alternatives or _OTHERS in old.bounds):
            return new
        found = new
        many = len(old.alternatives) == len(new.alternatives) > 0
        if many and all(map(self.alike, old.alternatives, new.alternatives)):
            found = replace(found, alternatives=old.alternatives)
        others = _others(old, new)
        if others is not None and self.alike(*others):
            found = replace(found, bounds={**new.bounds, _OTHERS: others[0]})
        return found

    def _join(self, before: Any, after: Any) -> bool:
        """Join two schemas and all that must be alike then; undo it where something differs."""
        mark = self._joined.mark()
        waiting: list[Pair] = [(before, after)]
        while waiting:
            one, other = waiting.pop()
            key = (id(one), id(other))
            known = self._known.get(key)
            if known or (known is None and not self._joined.join(*key)):
                continue
            views = self.before.view(one), self.after.view(other)
            if known is False or not self._says_same(*views):
                self._joined.undo(mark)
                return False
            waiting.extend(self._below(*views))
        return True

    def _explore(self, before: Any, after: Any) -> None:
        """Look at each pair that two schemas lead to, and remember which lead to a difference."""
        leads: dict[Key, set[Key]] = defaultdict(set)
        seen: set[Key] = {(id(before), id(after))}
        differing: list[Key] = []
        waiting: list[Pair] = [(before, after)]
        while waiting:
            one, other = waiting.pop()
            key = (id(one), id(other))
            views = self.before.view(one), self.after.view(other)
            if len(self._known) + len(seen) > _MOST_PAIRS or not self._says_same(*views):
                differing.append(key)
                if len(self._known) + len(seen) > _MOST_PAIRS:
                    continue
            for pair in self._below(*views):
                below = (id(pair[0]), id(pair[1]))
                known = self._known.get(below)
                if known is False:
                    differing.append(key)
                elif known is None:
                    leads[below].add(key)
                    if below not in seen:
                        seen.add(below)
                        waiting.append(pair)
        different = set(differing)
        while differing:
            for above in leads[differing.pop()] - different:
                different.add(above)
                differing.append(above)
        self._known.update((key, key not in different) for key in seen)

    def _below(self, old: View, new: View) -> Iterator[Pair]:
        for one, other in _below(old, new):
            yield self.before.one(one), self.after.one(other)

    def _says_same(self, old: View, new: View) -> bool:
        """Tell whether two schemas themselves say the same, but for what they lead to."""
        if (
            old.types != new.types
            or old.nullable != new.nullable
            or old.null_typed != new.null_typed
            or old.format != new.format
            or old.properties.keys() != new.properties.keys()
            or (old.items is None) != (new.items is None)
            or len(old.alternatives) != len(new.alternatives)
            or old.required != new.required
        ):
            return False
        if old.enum != new.enum and enum_changes(old.enum, new.enum) != (None, None):
            return False
        bounds = changed(old.bounds, new.bounds)
        if bounds and (bounds != [_OTHERS] or _others(old, new) is None):
            return False
        if not self._callers:
            return True
        if self._texts and old.texts != new.texts:
            return False
        return (
            old.visibility == new.visibility
            and old.has_default == new.has_default
            and self._differ_not(old.default, new.default)
            and self._differ_not(old.dynamic, new.dynamic)
            and self._differ_not(old.extensions, new.extensions)
        )

    def _differ_not(self, old: Any, new: Any) -> bool:
        kind = difference(old, new)
        return kind is None or (kind == "texts" and not self._texts)


class _Joined:
    """Which schemas of two documents are taken to be alike; the latest joints can be undone."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._done: list[int] = []

    def mark(self) -> int:
        """Return a point that can be gone back to."""
        return len(self._done)

    def join(self, before: int, after: int) -> bool:
        """Take two to be alike; False if they are already."""
        # A schema that stands in both documents is not the same in both.
        one, other = self._first(before), self._first(~after)
        if one == other:
            return False
        if self._size.get(one, 1) > self._size.get(other, 1):
            one, other = other, one
        self._above[one] = other
        self._size[other] = self._size.get(one, 1) + self._size.get(other, 1)
        self._done.append(one)
        return True

    def undo(self, mark: int) -> None:
        """Take back what was joined since a point."""
        while len(self._done) > mark:
            one = self._done.pop()
            above = self._above.pop(one)
            self._size[above] -= self._size.get(one, 1)

    def _first(self, one: int) -> int:
        while one in self._above:
            one = self._above[one]
        return one


def _below(old: View, new: View) -> Iterator[Pair]:
    """Yield the pairs of schemas that two lead to."""
    if old.items is not None and new.items is not None:
        yield old.items, new.items
    for name, schema in old.properties.items():
        if name in new.properties:
            yield schema, new.properties[name]
    if len(old.alternatives) == len(new.alternatives):
        yield from zip(old.alternatives, new.alternatives, strict=True)
    others = _others(old, new)
    if others is not None:
        yield others


def _others(old: View, new: View) -> Pair | None:
    """Return the schemas of properties that have no name, if both have such."""
    pair = (old.bounds.get(_OTHERS), new.bounds.get(_OTHERS))
    return pair if isinstance(pair[0], Mapping) and isinstance(pair[1], Mapping) else None
