"""Which pairs of schemas differ, or contain a pair that does.

Pairs that contain each other in a circle differ only if one of them does by itself. That nothing
differs is found out in as many steps as there are schemas, also in circles of other lengths; where
something does, each pair is looked at once in a whole comparison, whatever refers to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from connectory.domain.drift.differing import Difference, changed, difference
from connectory.domain.drift.joining import Joined
from connectory.domain.drift.sameness import Sameness
from connectory.domain.drift.views import Schemas, View

_MOST_PAIRS: Final = 100_000
_OTHERS: Final = "additionalProperties"
Pair = tuple[int, int]


class Pairs:
    """Pairs of schemas of two documents."""

    def __init__(
        self, sameness: Sameness, before: Schemas, after: Schemas, *, texts: bool = True
    ) -> None:
        """Look into two documents.

        Args:
            sameness: What need not be looked into.
            before: Schemas of the one.
            after: Schemas of the other.
            texts: Whether they differ if only what people read does.
        """
        self.before, self.after = before, after
        self._sameness = sameness
        self._differ: dict[Pair, bool] = {}
        self._joined = Joined()
        self._facts = Pairs(sameness, before, after, texts=False) if texts else self
        self._none: tuple[Difference | None, ...] = (None,) if texts else (None, "texts")

    def differ(self, before: Any, after: Any) -> bool:
        """Tell whether two schemas differ, or contain schemas that do."""
        old, new = self.before.one(before), self.after.one(after)
        pair = (id(old), id(new))
        if pair not in self._differ:
            if self._join(old, new):
                self._differ[pair] = False
            else:
                self._find(old, new)
        return self._differ[pair]

    def other_choice(self, old: View, new: View) -> bool:
        """Tell whether other alternatives are left, whatever they are called and read."""
        if len(old.alternatives) != len(new.alternatives):
            return True
        return any(map(self._facts.differ, old.alternatives, new.alternatives))

    def settled(self, old: View, new: View) -> View:
        """Return the second view without a bound that is no difference of its own.

        Properties without a name are compared as what they contain.
        """
        others = unnamed(old, new)
        if others is None or others[0] is others[1]:
            return new
        return replace(new, bounds={**new.bounds, _OTHERS: others[0]})

    def alike(self, old: View, new: View) -> bool:
        """Tell whether two types are the same, of lists those of items too, but for being empty."""
        if old.types != new.types or old.types != ("array",):
            return old.types == new.types
        return self.before.view(old.items).types == self.after.view(new.items).types

    def _join(self, before: Any, after: Any) -> bool:
        """Take two to be alike, and all that must be alike then; undo it where something differs."""
        mark = self._joined.mark()
        ahead = [(before, after)]
        while ahead:
            old, new = ahead.pop()
            pair = (id(old), id(new))
            known = self._differ.get(pair)
            if known is False or (known is None and not self._joined.join(*pair)):
                continue
            if known is None and self._sameness.same(old, new):
                continue
            views = self.before.view(old), self.after.view(new)
            if known or not self._same_by_themselves(*views):
                self._joined.undo(mark)
                return False
            ahead.extend(self._contained(*views))
        return True

    def _find(self, before: Any, after: Any) -> None:
        """Look at a pair and all it contains, then tell those that contain one that differs."""
        users: dict[Pair, list[Pair]] = defaultdict(list)
        differing: list[Pair] = []
        met = {(id(before), id(after))}
        ahead = [(before, after)]
        while ahead:
            old, new = ahead.pop()
            pair = (id(old), id(new))
            # Beyond the bound everything counts as differing, so that it is looked at and told.
            full = len(met) + len(self._differ) > _MOST_PAIRS
            views = self.before.view(old), self.after.view(new)
            if self._sameness.same(old, new):
                continue
            if full or not self._same_by_themselves(*views):
                differing.append(pair)
            for one, other in () if full else self._contained(*views):
                below = (id(one), id(other))
                if self._differ.get(below):
                    differing.append(pair)
                elif below not in self._differ:
                    users[below].append(pair)
                    if below not in met:
                        met.add(below)
                        ahead.append((one, other))
        found = _reaching(differing, users)
        self._differ.update((pair, pair in found) for pair in met)

    def _contained(self, old: View, new: View) -> Iterator[tuple[Any, Any]]:
        if old.types == new.types == ("array",) and not (old.items is None and new.items is None):
            yield self.before.one(old.items), self.after.one(new.items)
        for name, schema in old.properties.items():
            if name in new.properties:
                yield self.before.one(schema), self.after.one(new.properties[name])
        if len(old.alternatives) == len(new.alternatives):
            for one, other in zip(old.alternatives, new.alternatives, strict=True):
                yield self.before.one(one), self.after.one(other)
        others = unnamed(old, new)
        if others is not None:
            yield self.before.one(others[0]), self.after.one(others[1])

    def _same_by_themselves(self, old: View, new: View) -> bool:
        """Tell whether two schemas do not differ, but for what they contain."""
        bounds = changed(old.bounds, new.bounds)
        return (
            (old.types, old.nullable, old.null_typed, old.format, old.visibility)
            == (new.types, new.nullable, new.null_typed, new.format, new.visibility)
            and (old.texts == new.texts or "texts" in self._none)
            and old.properties.keys() == new.properties.keys()
            and old.required == new.required
            and (old.items is None) == (new.items is None)
            and len(old.alternatives) == len(new.alternatives)
            and (not bounds or (bounds == [_OTHERS] and unnamed(old, new) is not None))
            and all(
                difference(one, other) in self._none
                for one, other in (
                    (old.enum, new.enum),
                    (old.default, new.default),
                    (old.has_default, new.has_default),
                    (old.dynamic, new.dynamic),
                    (old.extensions, new.extensions),
                )
            )
        )


def unnamed(old: View, new: View) -> tuple[Any, Any] | None:
    """Return the schemas of properties without a name, if both have such."""
    pair = (old.bounds.get(_OTHERS), new.bounds.get(_OTHERS))
    return pair if isinstance(pair[0], Mapping) and isinstance(pair[1], Mapping) else None


def _reaching(differing: list[Pair], users: Mapping[Pair, list[Pair]]) -> set[Pair]:
    """Return pairs that differ, and all that lead to one of them."""
    found = set(differing)
    ahead = list(found)
    while ahead:
        for user in users.get(ahead.pop(), ()):
            if user not in found:
                found.add(user)
                ahead.append(user)
    return found
