"""People in classes: those whose needs cost the same are one, however many they are.

What an app needs is told by its environment alone, since a pass is for any app there and the meter
bills every app alike. So a class is told by how many apps people need covered in each environment,
and by the flows they are named for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.needs import FlowNeed, Needs
from connectory.domain.licensing.scenario import LINKABLE, Numbers, Scenario

_COLUMNS: Final = 6
_AT_ONCE: Final = 2_000_000
"""Pairs of people and apps that are counted together, so that counting takes little room."""


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


@dataclass(frozen=True, slots=True)
class Plain:
    """Flows, by number, of which it is plain how they are covered.

    Attributes:
        covered: They are covered themselves; they concern nobody.
        owned: People get licences of their own, which do for all other flows as well.
    """

    covered: NDArray[np.bool_]
    owned: NDArray[np.bool_]


def classes_of(
    scenario: Scenario,
    needs: Needs,
    sight: Sight,
    only: NDArray[np.bool_] | None = None,
    plain: Plain | None = None,
) -> list[Class]:
    """Return everybody who needs anything, in classes.

    Args:
        scenario: The tenant.
        needs: What it needs.
        sight: What is looked at.
        only: Of everybody, who is looked at.
        plain: Flows that make no difference between people but for whether they get a licence of
            their own; one of those stands for all.
    """
    rows = _rows(scenario, needs, sight, only)
    flows, associated = _named(scenario, needs, sight, only, plain)
    groups: dict[tuple[bytes, tuple[int, ...], tuple[tuple[int, int], ...]], list[int]]
    groups = defaultdict(list)
    for person in sorted({*rows, *flows, *associated}):
        key = rows.get(person, b""), tuple(flows[person]), tuple(associated[person])
        groups[key].append(person)
    return [
        Class(np.array(people, dtype=np.int64), _places(told), direct, serving)
        for (told, direct, serving), people in sorted(groups.items(), key=lambda one: one[1][0])
    ]


def people_of(
    scenario: Scenario, needs: Needs, sight: Sight, only: NDArray[np.bool_]
) -> frozenset[int]:
    """Return who of some people needs anything; the arguments are those of `classes_of`."""
    person, _, _ = _columns(scenario, needs, sight, only)
    named, _ = _pairs(scenario, needs, sight, only)
    return frozenset(np.unique(np.concatenate([person, named])).tolist())


def people_tied(
    scenario: Scenario, needs: Needs, only: NDArray[np.bool_], plain: Plain
) -> tuple[set[int], set[int]]:
    """Return what some people share with others: places of flows, and environments of apps.

    Args:
        scenario: The tenant.
        needs: What it needs.
        only: Of everybody, who is looked at.
        plain: Flows that nobody shares.
    """
    _, app, _ = _columns(scenario, needs, "plan", only)
    person, places = _pairs(scenario, needs, "plan", only)
    _, shared = _without_plain(needs, person, places, plain)
    flows = set(np.unique(shared).tolist())
    apps = set(np.unique(app).tolist())
    apps |= {number for place in flows if (number := needs.flows[place].app) is not None}
    return flows, {scenario.apps[number].environment for number in apps}


def places_in(scenario: Scenario, needs: Needs, homes: Collection[int]) -> list[Place]:
    """Return what people need in some environments, all that costs something or may: each once."""
    person, app, column = _columns(scenario, needs, "plan", None)
    home = _homes(scenario)[app] if len(app) else app
    mine = np.isin(home, np.array(sorted(homes), dtype=np.int64))
    rows = _counted(person[mine], home[mine], column[mine], len(scenario.environments))
    return list({place for told in set(rows.values()) for place in _places(told)})


def covered_by_meter(scenario: Scenario, need: FlowNeed) -> bool:
    """Tell whether the app meter, where it is on, covers a flow that serves an app."""
    if need.app is None:
        return False
    app = scenario.apps[need.app]
    return scenario.environments[app.environment].metered and not app.opted_out


def _rows(
    scenario: Scenario, needs: Needs, sight: Sight, only: NDArray[np.bool_] | None
) -> dict[int, bytes]:
    """Return by person what is needed in each environment, as bytes of whole numbers."""
    person, app, column = _columns(scenario, needs, sight, only)
    homes, number = _homes(scenario), len(scenario.environments)
    if len(person) <= _AT_ONCE:
        return _counted(person, homes[app] if len(app) else app, column, number)
    found: dict[int, bytes] = {}
    known: dict[bytes, bytes] = {}
    everybody = len(scenario.people)
    step = max(1, everybody * _AT_ONCE // len(person))
    for start in range(0, everybody, step):
        mine = (person >= start) & (person < start + step)
        some = _counted(person[mine], homes[app[mine]], column[mine], number)
        # Of many people most are alike; what they need is kept once.
        found.update((one, known.setdefault(told, told)) for one, told in some.items())
    return found


def _homes(scenario: Scenario) -> Numbers:
    return np.array([app.environment for app in scenario.apps], dtype=np.int64)


def _columns(
    scenario: Scenario, needs: Needs, sight: Sight, only: NDArray[np.bool_] | None
) -> tuple[Numbers, Numbers, Numbers]:
    """Return who needs which apps, and which column of a place that counts in."""
    asked, used = needs.apps, needs.use
    mine = np.ones(len(asked.app), dtype=np.bool_) if only is None else only[asked.person]
    billed = np.ones(len(used.app), dtype=np.bool_) if only is None else only[used.person]
    home = _homes(scenario)
    if len(home):
        looked = sight != "unlinked"
        on = np.array([looked and e.metered for e in scenario.environments], dtype=np.bool_)
        may = np.array(
            [sight == "plan" and e.type in LINKABLE for e in scenario.environments], dtype=np.bool_
        )
        out = np.array([app.opted_out for app in scenario.apps], dtype=np.bool_)
        mine &= out[asked.app] | ~on[home[asked.app]]
        billed &= may[home[used.app]]
        alone = out[asked.app[mine]]
    else:
        alone = np.zeros(0, dtype=np.bool_)
    kind = np.where(asked.custom[mine], 0, 1).astype(np.int8) + np.where(alone, 2, 0)
    return (
        np.concatenate([asked.person[mine], used.person[billed]]),
        np.concatenate([asked.app[mine], used.app[billed]]),
        np.concatenate([kind, np.where(used.by_automate[billed], 5, 4)], dtype=np.int8),
    )


def _counted(person: Numbers, home: Numbers, column: Numbers, homes: int) -> dict[int, bytes]:
    if not len(person):
        return {}
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
    scenario: Scenario,
    needs: Needs,
    sight: Sight,
    only: NDArray[np.bool_] | None,
    plain: Plain | None,
) -> tuple[dict[int, list[int]], dict[int, list[tuple[int, int]]]]:
    """Return by person the flows that name it, and those that serve an app for it."""
    flows: dict[int, list[int]] = defaultdict(list)
    associated: dict[int, list[tuple[int, int]]] = defaultdict(list)
    used = _users(needs)
    person, place_of = _pairs(scenario, needs, sight, only)
    if plain is not None:
        person, place_of = _without_plain(needs, person, place_of, plain)
    for person_number, place in zip(person.tolist(), place_of.tolist(), strict=True):
        app = needs.flows[place].app
        if app is None:
            flows[person_number].append(place)
        # Whatever covers a person's own use of the app covers the flow as well.
        elif scenario.apps[app].opted_out or person_number not in used.get(app, ()):
            associated[person_number].append((place, app))
    return flows, associated


def _pairs(
    scenario: Scenario, needs: Needs, sight: Sight, only: NDArray[np.bool_] | None
) -> tuple[Numbers, Numbers]:
    """Return who is concerned by which flow, by its place, flow by flow."""
    told = needs.concerned
    person, flow = (told.payer, told.paid) if sight == "plan" else (told.person, told.flow)
    if only is not None:
        mine = only[person]
        person, flow = person[mine], flow[mine]
    place_of = needs.places
    places = np.full(len(scenario.flows), -1, dtype=np.int64)
    for number in np.unique(flow).tolist():
        if _seen(scenario, needs.flows[place_of[number]], sight):
            places[number] = place_of[number]
    found = places[flow]
    return person[found >= 0], found[found >= 0]


def _without_plain(
    needs: Needs, person: Numbers, places: Numbers, plain: Plain
) -> tuple[Numbers, Numbers]:
    """Return who is concerned by what is not plain, and by one flow who gets a licence anyway."""
    number = np.array([one.flow for one in needs.flows], dtype=np.int64)
    serves = np.array([one.app is not None for one in needs.flows], dtype=np.bool_)
    own = (plain.owned[number] & ~serves)[places]
    who = np.unique(person[own])
    left = ~plain.covered[number][places] & ~np.isin(person, who)
    first = np.full(len(who), places[own].min(initial=len(number)), dtype=np.int64)
    return np.concatenate([person[left], who]), np.concatenate([places[left], first])


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
