"""People in classes: those whose needs cost the same are one, however many they are.

What an app needs is told by its environment alone, since a pass is for any app there and the meter
bills every app alike. So a class is told by how many apps people need covered in each environment,
and by the flows they are named for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.needs import AppNeeds, AppUse, FlowNeed, Needs
from connectory.domain.licensing.scenario import LINKABLE, Numbers, Scenario

_COLUMNS: Final = 6


Sight = Literal["now", "unlinked", "plan"]
"""What is left as things are; what would be if no environment were linked; or everything that
costs something or may come to.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """What the people of a class need in one environment.

    Attributes:
        environment: Its number.
        custom: Apps with a custom connector that a pass or the meter could cover.
        managed: Apps that are needed only because the environment is managed, likewise.
        custom_alone: Apps with a custom connector that Power Apps Premium alone can cover.
        managed_alone: Apps needed because it is managed that a premium licence alone can cover.
        billed: Apps that the meter bills, but for who has Power Apps Premium.
        billed_less: Apps that it bills, but for who has any premium licence.
    """

    environment: int
    custom: int
    managed: int
    custom_alone: int
    managed_alone: int
    billed: int
    billed_less: int


@dataclass(frozen=True, slots=True)
class Class:
    """People whose needs are the same.

    Attributes:
        people: Their numbers, rising.
        places: What they need by environment.
        flows: Places among the flow needs of those they are named for.
        associated: Of flows that serve an app for which nothing else is needed, its place among
            the flow needs and the number of the app.
    """

    people: Numbers
    places: tuple[Place, ...]
    flows: tuple[int, ...]
    associated: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.people)


def classes_of(
    scenario: Scenario, needs: Needs, sight: Sight, only: NDArray[np.bool_] | None = None
) -> list[Class]:
    """Return everybody who needs anything, in classes.

    Args:
        scenario: The tenant.
        needs: What it needs.
        sight: What is looked at.
        only: Of everybody, who is looked at.
    """
    if only is not None:
        needs = _of_some(needs, only)
    rows = _rows(scenario, needs, sight)
    flows, associated = _named(scenario, needs, sight)
    groups: dict[tuple[bytes, tuple[int, ...], tuple[tuple[int, int], ...]], list[int]]
    groups = defaultdict(list)
    for person in sorted({*rows, *flows, *associated}):
        key = rows.get(person, b""), tuple(flows[person]), tuple(associated[person])
        groups[key].append(person)
    return [
        Class(np.array(people, dtype=np.int64), _places(told), direct, serving)
        for (told, direct, serving), people in sorted(groups.items(), key=lambda one: one[1][0])
    ]


def _of_some(needs: Needs, only: NDArray[np.bool_]) -> Needs:
    """Return what some people need; flows keep their places, though they may concern nobody."""
    asked, used = only[needs.apps.person], only[needs.use.person]
    told, use = needs.apps, needs.use
    return Needs(
        AppNeeds(told.person[asked], told.app[asked], told.custom[asked]),
        AppUse(use.person[used], use.app[used], use.by_automate[used]),
        [
            replace(
                one,
                people=one.people[only[one.people]],
                billed=None if one.billed is None else one.billed[only[one.billed]],
            )
            for one in needs.flows
        ],
    )


def covered_by_meter(scenario: Scenario, need: FlowNeed) -> bool:
    """Tell whether the app meter, where it is on, covers a flow that serves an app."""
    if need.app is None:
        return False
    app = scenario.apps[need.app]
    return scenario.environments[app.environment].metered and not app.opted_out


def _rows(scenario: Scenario, needs: Needs, sight: Sight) -> dict[int, bytes]:
    """Return by person what is needed in each environment, as bytes of whole numbers."""
    home = np.array([app.environment for app in scenario.apps], dtype=np.int64)
    out = np.array([app.opted_out for app in scenario.apps], dtype=np.bool_)
    looked = sight != "unlinked"
    on = np.array([looked and e.metered for e in scenario.environments], dtype=np.bool_)
    may = np.array(
        [sight == "plan" and e.type in LINKABLE for e in scenario.environments], dtype=np.bool_
    )
    asked, used = needs.apps, needs.use
    alone = out[asked.app]
    open_ones = alone | ~on[home[asked.app]] if len(home) else alone
    kind = np.where(asked.custom, 0, 1) + np.where(alone, 2, 0)
    billed = may[home[used.app]] if len(home) else np.zeros(0, dtype=np.bool_)
    person = np.concatenate([asked.person[open_ones], used.person[billed]])
    place = np.concatenate([asked.app[open_ones], used.app[billed]])
    column = np.concatenate([kind[open_ones], np.where(used.by_automate, 5, 4)[billed]])
    if not len(person):
        return {}
    return _counted(person, home[place], column, len(scenario.environments))


def _counted(person: Numbers, home: Numbers, column: Numbers, homes: int) -> dict[int, bytes]:
    pair, of = np.unique(person * homes + home, return_inverse=True)
    counts = np.bincount(of * _COLUMNS + column, minlength=len(pair) * _COLUMNS)
    table = np.column_stack([pair % homes, counts.reshape(-1, _COLUMNS)]).astype(np.int64)
    who, starts = np.unique(pair // homes, return_index=True)
    ends = [*starts[1:].tolist(), len(pair)]
    return {
        one: table[start:end].tobytes()
        for one, start, end in zip(who.tolist(), starts.tolist(), ends, strict=True)
    }


def _places(told: bytes) -> tuple[Place, ...]:
    table = np.frombuffer(told, dtype=np.int64).reshape(-1, _COLUMNS + 1)
    return tuple(Place(*row) for row in table.tolist())


def _named(
    scenario: Scenario, needs: Needs, sight: Sight
) -> tuple[dict[int, list[int]], dict[int, list[tuple[int, int]]]]:
    """Return by person the flows that name it, and those that serve an app for it."""
    flows: dict[int, list[int]] = defaultdict(list)
    associated: dict[int, list[tuple[int, int]]] = defaultdict(list)
    used = _users(needs)
    for place, need in enumerate(needs.flows):
        if not _seen(scenario, need, sight):
            continue
        people = need.people if need.billed is None or sight != "plan" else need.billed
        for person in people.tolist():
            if need.app is None:
                flows[person].append(place)
            # Whatever covers a person's own use of the app covers the flow as well.
            elif scenario.apps[need.app].opted_out or person not in used.get(need.app, ()):
                associated[person].append((place, need.app))
    return flows, associated


def _seen(scenario: Scenario, need: FlowNeed, sight: Sight) -> bool:
    """Tell whether a flow concerns anybody: a licence or a meter may cover it already."""
    if sight == "unlinked":
        return not need.spare
    if covered_by_meter(scenario, need):
        return False
    return sight == "plan" or not (need.spare or need.billed is not None)


def _users(needs: Needs) -> dict[int, frozenset[int]]:
    """Return by app that a flow serves who needs it."""
    wanted = {need.app for need in needs.flows if need.app is not None}
    return {app: frozenset(needs.apps.person[needs.apps.app == app].tolist()) for app in wanted}
