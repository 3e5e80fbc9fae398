"""In which environments a connector of a family is looked for, and missed where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence


def chains(
    places: Mapping[str, Sequence[tuple[int, int]]], declared: Sequence[Sequence[int]] = ()
) -> dict[str, tuple[int, ...]]:
    """Return in which environments a member of each family is looked for.

    That is every chain somebody declared in which it has a member. Elsewhere a chain is inferred:
    a reference environment, and each environment where at least two families, and half of those
    with that reference, have a member. A family whose reference is of no chain belongs to the one
    that has all its environments.

    Args:
        places: By family the environment of each member, with that of its reference.
        declared: Chains of environments.
    """
    of: dict[int, set[int]] = {}
    for chain in declared:
        for environment in chain:
            of[environment] = set(chain)
    inferred = _inferred(places)
    found = {}
    for family, members in places.items():
        here = {environment for environment, _ in members}
        wanted: set[int] = set()
        for environment in here:
            wanted |= of.get(environment, set())
        if not wanted:
            for reference in sorted({reference for _, reference in members}):
                wanted |= inferred.get(reference, set())
        if not wanted:
            around = [chain for chain in inferred.values() if here <= chain]
            wanted = min(around, key=lambda chain: (len(chain), sorted(chain)), default=set())
        found[family] = tuple(sorted(wanted))
    return found


def _inferred(places: Mapping[str, Sequence[tuple[int, int]]]) -> dict[int, set[int]]:
    """Return the chains that families show, by their reference environment."""
    families_of: dict[int, set[str]] = defaultdict(set)
    seen: dict[tuple[int, int], set[str]] = defaultdict(set)
    for family, members in places.items():
        for environment, reference in members:
            families_of[reference].add(family)
            seen[reference, environment].add(family)
    found: dict[int, set[int]] = {}
    for (reference, environment), named in sorted(seen.items()):
        if len(named) > 1 and 2 * len(named) >= len(families_of[reference]):
            found.setdefault(reference, {reference}).add(environment)
    return {reference: chain for reference, chain in found.items() if len(chain) > 1}
