"""Which pairs of schemas differ, or contain a pair that does.

Pairs that contain each other in a circle differ only if one of them does by itself. Each pair is
looked at once in a whole comparison, whatever refers to it, however often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.differing import difference
from connectory.domain.drift.sameness import Sameness
from connectory.domain.drift.views import Schemas, View

_MOST_PAIRS: Final = 100_000
Pair = tuple[int, int]


class Pairs:
    """Pairs of schemas of two documents."""

    def __init__(self, sameness: Sameness, before: Schemas, after: Schemas) -> None:
        """Look into two documents.

        Args:
            sameness: What need not be looked into.
            before: Schemas of the one.
            after: Schemas of the other.
        """
        self.before, self.after = before, after
        self._sameness = sameness
        self._differ: dict[Pair, bool] = {}

    def differ(self, before: Any, after: Any) -> bool:
        """Tell whether two schemas differ, texts included, or contain schemas that do."""
        old, new = self.before.one(before), self.after.one(after)
        pair = (id(old), id(new))
        if pair not in self._differ:
            self._find(old, new)
        return self._differ[pair]

    def alike(self, old: View, new: View) -> bool:
        """Tell whether two types are the same, of lists those of items too, but for being empty."""
        if old.types != new.types or old.types != ("array",):
            return old.types == new.types
        return self.before.view(old.items).types == self.after.view(new.items).types

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
            if full or not _same_by_themselves(*views):
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


def _same_by_themselves(old: View, new: View) -> bool:
    return (
        (old.types, old.nullable, old.null_typed, old.format, old.visibility, old.texts)
        == (new.types, new.nullable, new.null_typed, new.format, new.visibility, new.texts)
        and old.properties.keys() == new.properties.keys()
        and old.required == new.required
        and all(
            difference(one, other) is None
            for one, other in (
                (old.enum, new.enum),
                (old.default, new.default),
                (old.has_default, new.has_default),
                (old.bounds, new.bounds),
                (old.dynamic, new.dynamic),
                (old.extensions, new.extensions),
                (old.alternatives, new.alternatives),
            )
        )
    )
