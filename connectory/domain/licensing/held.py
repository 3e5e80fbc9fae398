"""Where passes that environments hold go: to where the fewest people remain in need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.model import Model
from connectory.domain.licensing.scenario import Scenario


def covered(scenario: Scenario, classes: Sequence[Class], *, wholly: bool) -> list[int]:
    """Return how many people of each class the passes that are held can cover.

    As many as can be in all; of those a class has, the first. Passes of an environment that is
    linked to a billing policy are not used up, and cover nobody.

    Args:
        scenario: The tenant.
        classes: People in need.
        wholly: Only who needs nothing else is covered: neither for a flow, nor for an app that no
            pass can cover.
    """
    model = Model()
    used: defaultdict[int, dict[int, float]] = defaultdict(dict)
    numbers: list[int | None] = []
    for one in classes:
        passes = passes_for(scenario, one, wholly=wholly)
        if not passes:
            numbers.append(None)
            continue
        number = model.variable(one.size)
        numbers.append(number)
        for environment, times in passes.items():
            used[environment][number] = times
    for environment, terms in used.items():
        model.row(terms, most=scenario.environments[environment].passes)
    some = [number for number in numbers if number is not None]
    spent = {number: sum(terms.get(number, 0.0) for terms in used.values()) for number in some}
    values = model.solve([dict.fromkeys(some, -1.0), spent]).values
    return [0 if number is None else round(values[number]) for number in numbers]


def passes_for(scenario: Scenario, one: Class, *, wholly: bool) -> dict[int, int]:
    """Return how many passes of each environment cover one of a class; none if they cannot."""
    if wholly and one.flows:
        return {}
    found: defaultdict[int, int] = defaultdict(int)
    for place in one.places:
        home = scenario.environments[place.environment]
        asked = place.custom + place.managed
        if place.custom_alone or place.managed_alone or (asked and home.linked):
            return {}
        if asked:
            found[place.environment] += asked
    if wholly:
        for number in {number for _, number in one.associated}:
            app = scenario.apps[number]
            if app.opted_out or scenario.environments[app.environment].linked:
                return {}
            found[app.environment] += 1
    if any(
        scenario.environments[environment].passes < times for environment, times in found.items()
    ):
        return {}
    return dict(found)
