"""The cheapest plan of a tiny tenant by trying everything: slow, plain, and sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, combinations, product
from math import ceil
from typing import Any

from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.needs import FlowNeed, Needs
from connectory.domain.licensing.prices import list_prices
from connectory.domain.licensing.products import products
from connectory.domain.licensing.scenario import Scenario

PASS, UNIT, RUN, AUTOMATE, PROCESS = (Decimal(told) for told in ("5", "10", "0.60", "15", "150"))
Licences = dict[int, tuple[bool, bool]]


def subsets(some: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of some of them."""
    return chain.from_iterable(combinations(some, number) for number in range(len(some) + 1))


def cheapest(scenario: Scenario) -> Decimal:
    """Return the least that leaves no need, without credits."""
    needs = needs_of(scenario, Holders(scenario, products()))
    homes = scenario.environments
    people = sorted(
        {
            *needs.apps.person.tolist(),
            *needs.use.person.tolist(),
            *(p for f in needs.flows for p in [*f.people, *(() if f.billed is None else f.billed)]),
        }
    )
    can = [n for n, e in enumerate(homes) if e.type in ("Production", "Sandbox") and not e.metered]
    found: list[Decimal] = []
    for linked in subsets(can):
        on = {*linked, *(n for n, home in enumerate(homes) if home.metered)}
        for processed in subsets(list(range(len(needs.flows)))):
            for ways in product(product((False, True), repeat=2), repeat=len(people)):
                licences = dict(zip(people, ways, strict=True))
                cost = _Trial(scenario, needs, on, set(processed), licences).cost()
                if cost is not None:
                    found.append(cost)
    return min(found)


class _Trial:
    """One plan: who gets which licence, what is linked, and which flows have a licence."""

    def __init__(
        self, scenario: Scenario, needs: Needs, on: set[int], processed: set[int], held: Licences
    ) -> None:
        self.scenario, self.needs, self.on = scenario, needs, on
        self.processed, self.held = processed, held
        self.passes: set[tuple[int, int]] = set()

    def cost(self) -> Decimal | None:
        """Return what it costs, or None if it leaves a need."""
        runs = [self._flow(place, need) for place, need in enumerate(self.needs.flows)]
        apps = [self._app(*one) for one in self._pairs()]
        if None in runs or not all(apps):
            return None
        passes = self._bought()
        if passes is None:
            return None
        premium = sum(told[0] for told in self.held.values())
        seats = min(20 * premium, 12 * max(premium, 2000)) if premium else 0
        automate = sum(told[1] for told in self.held.values())
        fixed = seats + AUTOMATE * automate + PASS * passes + PROCESS * self._process()
        return fixed + UNIT * self._units() + RUN * sum(one or 0 for one in runs)

    def _pairs(self) -> Iterator[tuple[int, int, bool]]:
        apps = self.needs.apps
        return zip(apps.person.tolist(), apps.app.tolist(), apps.custom.tolist(), strict=True)

    def _app(self, person: int, number: int, custom: Any) -> bool:
        premium, automate = self.held[person]
        return premium or (automate and not custom) or self._by_app(person, number)

    def _by_app(self, person: int, number: int) -> bool:
        """Cover a person for an app by its meter or a pass; tell whether that can be."""
        app = self.scenario.apps[number]
        if app.opted_out:
            return False
        if app.environment in self.on:
            return True
        if self.scenario.environments[app.environment].linked:
            return False
        self.passes.add((person, number))
        return True

    def _flow(self, place: int, need: FlowNeed) -> int | None:
        """Return how many runs are paid for; None if somebody is left without cover."""
        if place in self.processed:
            return 0
        flow = self.scenario.flows[need.flow]
        if need.billed is not None:
            free = not need.unowned and all(self._person(p, need) for p in need.billed.tolist())
            return 0 if free else flow.runs
        if need.unowned:
            return None
        return 0 if all(self._person(p, need) for p in need.people.tolist()) else None

    def _person(self, person: int, need: FlowNeed) -> bool:
        premium, automate = self.held[person]
        if automate or (premium and need.app is not None):
            return True
        return need.app is not None and self._by_app(person, need.app)

    def _bought(self) -> int | None:
        """Return how many passes are bought; None if they cannot be."""
        wanted = Counter(self.scenario.apps[number].environment for _, number in self.passes)
        homes = self.scenario.environments
        number = sum(max(0, times - homes[home].passes) for home, times in wanted.items())
        prices = list_prices().on(self.scenario.as_of, self.scenario.channel)
        return None if number and not prices["pa_per_app"].purchasable else number

    def _process(self) -> int:
        flows = self.scenario.flows
        groups = Counter(
            (flows[need.flow].environment, flows[need.flow].process_group or place)
            for place, need in enumerate(self.needs.flows)
            if place in self.processed
        )
        licensed = Counter(
            (one.environment, one.process_group)
            for one in flows
            if one.process_licensed and one.process_group
        )
        return sum(
            ceil(max(0, times - 25 * licensed[group]) / 26)  # type: ignore[index]
            for group, times in groups.items()
        )

    def _units(self) -> int:
        use = self.needs.use
        counted = 0
        for person, number, less in zip(
            use.person.tolist(), use.app.tolist(), use.by_automate.tolist(), strict=True
        ):
            premium, automate = self.held[person]
            on = self.scenario.apps[number].environment in self.on
            counted += on and not premium and not (less and automate)
        return counted
