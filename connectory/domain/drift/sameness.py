"""What two documents have in common to the letter, so that nobody has to look into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from connectory.domain.drift.api import Api
from connectory.domain.drift.differing import difference

_SHARED: Final = ("definitions", "parameters", "responses")


class Sameness:
    """Knows which parts of two documents say the same, with all that they refer to."""

    def __init__(self, before: Api, after: Api) -> None:
        """Find the shared parts that differ, and those that lead to one that does."""
        self._comparable = before.format == after.format
        self._references: dict[int, tuple[Any, frozenset[str]]] = {}
        self._differing: frozenset[str] = frozenset()
        self._shared: frozenset[str] = frozenset()
        if self._comparable:
            old, new = dict(_parts(before.root)), dict(_parts(after.root))
            self._shared = frozenset(old.keys() & new.keys())
            self._differing = self._leading(old, new)

    def same(self, before: Any, after: Any) -> bool:
        """Tell whether two parts certainly say the same; False where that is not evident."""
        if not self._comparable or before != after:
            return False
        evident = all(
            reference in self._shared and reference not in self._differing
            for reference in self._references_in(before)
        )
        return evident and exactly(before, after)

    def all_same(self, before: Iterable[Any], after: Iterable[Any]) -> bool:
        """Tell whether parts certainly say the same, one by one."""
        return all(map(self.same, before, after))

    def _leading(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
        """Return the shared parts that differ or refer to one that does, over any distance."""
        users: dict[str, set[str]] = defaultdict(set)
        differing: set[str] = set()
        for name in self._shared:
            if not exactly(old[name], new[name]):
                differing.add(name)
                continue
            for reference in self._references_in(old[name]):
                users[reference].add(name)
                if reference not in self._shared:
                    differing.add(name)
        ahead = list(differing)
        while ahead:
            for user in users[ahead.pop()] - differing:
                differing.add(user)
                ahead.append(user)
        return frozenset(differing)

    def _references_in(self, raw: Any) -> frozenset[str]:
        if not isinstance(raw, (dict, list)):
            return frozenset()
        known = self._references.get(id(raw))
        if known is None:
            # What was looked at is kept, or another part might get its id.
            known = self._references[id(raw)] = (raw, frozenset(_references(raw)))
        return known[1]


def exactly(before: Any, after: Any) -> bool:
    """Tell whether two values are the same to the kind of each number: 1 is neither true nor 1.0."""
    return bool(before == after) and (repr(before) == repr(after) or not difference(before, after))


def _parts(root: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what other parts may refer to, each with how it is referred to."""
    sections: list[tuple[str, Any]] = [(f"#/{name}", root.get(name)) for name in _SHARED]
    components = root.get("components")
    if isinstance(components, Mapping):
        sections += [(f"#/components/{name}", part) for name, part in components.items()]
    for place, section in sections:
        for name, part in section.items() if isinstance(section, Mapping) else ():
            yield f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}", part


def _references(raw: Any) -> Iterator[str]:
    ahead = [raw]
    while ahead:
        node = ahead.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                yield reference
            ahead.extend(value for value in node.values() if isinstance(value, (dict, list)))
        else:
            ahead.extend(value for value in node if isinstance(value, (dict, list)))
