"""Who needs cover by which rules, told so that two estimates can be compared.

Passes that an environment holds cover as many people as they can, and often it is all the same
whom. Beside another estimate those are taken who were covered there, so that nobody seems to gain or
lose cover only because a pass went to somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from connectory.domain.licensing.classes import classes_of
from connectory.domain.licensing.estimate import Estimate, by_managed, rules_of
from connectory.domain.licensing.held import covered, passes_for
from connectory.domain.licensing.needs import MANAGED

Needing = Mapping[int, tuple[str, ...]]
"""Numbers of people in need, with the rules by which they are."""


def needing(estimate: Estimate, before: Collection[int] = ()) -> Needing:
    """Return who needs cover, after passes that are held and meters that are on.

    Args:
        estimate: The estimate.
        before: Who needed it before: where either could be covered, they stay without.
    """
    scenario = estimate.scenario
    classes = classes_of(scenario, estimate.needs, "now")
    held = covered(scenario, classes, wholly=True)
    pools: dict[object, list[int]] = defaultdict(list)
    spared: dict[object, int] = defaultdict(int)
    rules = [tuple(rules_of(one)) for one in classes]
    for one, told, number in zip(classes, rules, held, strict=True):
        # Whoever takes the same passes and needs cover by the same rules can change places.
        key = told, frozenset(passes_for(scenario, one, wholly=True).items())
        pools[key] += one.people.tolist()
        spared[key] += number
    managed = by_managed(scenario, estimate.needs)
    by_person = {
        person: (*told, MANAGED) if managed[person] else told
        for one, told in zip(classes, rules, strict=True)
        for person in one.people.tolist()
    }
    found: dict[int, tuple[str, ...]] = {}
    known = frozenset(before)
    for pool, people in pools.items():
        people.sort(key=lambda person: (person in known, person))
        found.update((person, by_person[person]) for person in people[spared[pool] :])
    return dict(sorted(found.items()))
