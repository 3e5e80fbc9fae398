"""The ways that come to mind first: everybody a licence, a pass for each app, or all metered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

import numpy as np

from connectory.domain.licensing.classes import Class, classes_of, covered_by_meter
from connectory.domain.licensing.held import covered
from connectory.domain.licensing.needs import ASSOCIATED, FlowNeed, Needs
from connectory.domain.licensing.prices import (
    APP_METER,
    AUTOMATE,
    PER_APP,
    PREMIUM,
    PROCESS,
    RUN_METER,
    Price,
)
from connectory.domain.licensing.scenario import LINKABLE, Scenario


@dataclass(frozen=True, slots=True)
class Way:
    """One way to cover what is needed.

    Attributes:
        monthly: What it costs a month.
        purchasable: Whether it can be bought.
        compliant: Whether it leaves no need.
    """

    monthly: Decimal
    purchasable: bool
    compliant: bool


class Ways:
    """The naive ways of a scenario.

    Those that buy are for what would be needed if nothing were
    linked; passes that are held are used first.

    Attributes:
        classes: People in need, if nothing were linked.
        flows: Flows in need, likewise.
        asked: How many people and apps are, pair by pair, in each environment.
    """

    def __init__(self, scenario: Scenario, needs: Needs, prices: dict[str, Price]) -> None:
        self._scenario, self._needs, self._prices = scenario, needs, prices
        self.classes = classes_of(scenario, needs, "unlinked")
        self.flows = [need for need in needs.flows if need.asked and not need.spare]
        self.asked = self._items()
        self._opted_out = any(
            place.custom_alone or place.managed_alone
            for one in self.classes
            for place in one.places
        )

    def _items(self) -> Counter[int]:
        """Return how many people and apps need cover, pair by pair, in each environment."""
        found: Counter[int] = Counter()
        for one in self.classes:
            for place in one.places:
                asked = place.custom + place.managed + place.custom_alone + place.managed_alone
                found[place.environment] += one.size * asked
        return +found

    def premium(self) -> Way | None:
        """Return the way of licences of people's own."""
        for_apps, for_flows = 0, 0
        by_pass = covered(self._scenario, self.classes, wholly=False)
        for one, held in zip(self.classes, by_pass, strict=True):
            licensed = one.size - held if one.places else 0
            for_apps += licensed
            for_flows += _for_flows(one, licensed)
        if not self.classes:
            return None
        apps, flows = self._prices[PREMIUM], self._prices[AUTOMATE]
        return Way(
            apps.of(for_apps)[0] + flows.of(for_flows)[0],
            purchasable=(apps.purchasable or not for_apps) and (flows.purchasable or not for_flows),
            compliant=not any(need.unowned for need in self.flows),
        )

    def per_app(self) -> Way | None:
        """Return the way of one pass for a person and app."""
        if not self.asked:
            return None
        number, linked = 0, False
        for environment, asked in self.asked.items():
            home = self._scenario.environments[environment]
            linked |= home.linked
            number += asked if home.linked else max(0, asked - home.passes)
        price = self._prices[PER_APP]
        open_flows = any(one.flows or one.associated for one in self.classes)
        owned = not any(need.unowned for need in self.flows)
        return Way(
            price.of(number)[0],
            purchasable=price.purchasable or not number,
            compliant=owned and not (linked or open_flows or self._opted_out),
        )

    def payg(self) -> Way | None:
        """Return the way of meters: the whole bill, once all that needs it is linked."""
        environments = self._scenario.environments
        metered = {n for n, home in enumerate(environments) if home.metered}
        linked = metered | set(self.asked)
        billed = self.flows_billed()
        if not linked and not billed:
            return None
        can = not self.barred()
        return Way(
            self.bill(linked) + self._runs(billed),
            purchasable=can,
            compliant=can and not self.flows_left("payg") and not self._opted_out,
        )

    def barred(self) -> list[int]:
        """Return the environments that would have to be linked and cannot be."""
        environments = self._scenario.environments
        return [one for one in sorted(self.asked) if environments[one].type not in LINKABLE]

    def flows_left(self, way: str) -> list[FlowNeed]:
        """Return the flows that a way leaves without cover."""
        if way == "premium":
            return [need for need in self.flows if need.unowned]
        if way == "payg":
            homes = self._scenario.environments
            linked = {n for n, home in enumerate(homes) if home.metered} | set(self.asked)
            return [
                need for need in self.flows if need.billed is None and not self._by(need, linked)
            ]
        if way == "per_app":
            return [need for need in self.flows if need.unowned or need.app is None]
        return []

    def process(self) -> Way | None:
        """Return the way of licences of flows."""
        if not self.flows:
            return None
        number = sum(licences_of_processes(self._scenario, self.flows))
        price = self._prices[PROCESS]
        return Way(price.of(number)[0], purchasable=price.purchasable, compliant=not self.asked)

    def metered_now(self) -> Decimal:
        """Return what environments that are linked bill now."""
        on = {n for n, home in enumerate(self._scenario.environments) if home.metered}
        return self.bill(on) + self._runs(self.flows_billed())

    def bill(self, environments: set[int]) -> Decimal:
        """Return what the app meter bills in some environments."""
        use, apps = self._needs.use, self._scenario.apps
        homes = np.array([app.environment in environments for app in apps], dtype=np.bool_)
        number = int(homes[use.app].sum()) if len(apps) else 0
        return number * self._prices[APP_METER].price

    def flows_billed(self) -> list[FlowNeed]:
        """Return the flows whose runs are billed now."""
        return [need for need in self._needs.flows if need.costs and not need.spare]

    def _runs(self, needs: list[FlowNeed]) -> Decimal:
        runs = sum(self._scenario.flows[need.flow].runs or 0 for need in needs)
        return runs * self._prices[RUN_METER].price

    def _by(self, need: FlowNeed, linked: set[int]) -> bool:
        """Tell whether the app meter covers a flow once some environments are linked."""
        if need.app is None or need.unowned:
            return False
        app = self._scenario.apps[need.app]
        return covered_by_meter(self._scenario, need) or (
            app.environment in linked and not app.opted_out
        )


def _for_flows(one: Class, licensed: int) -> int:
    """Return how many of a class need a licence for flows beside those of their own for apps."""
    if one.flows:
        return one.size
    return one.size - licensed if one.associated else 0


def licences_of_processes(scenario: Scenario, needs: Sequence[FlowNeed]) -> list[int]:
    """Return how many Process licences each process takes that flows belong to."""
    groups = Counter(
        (flow.environment, flow.process_group or f"\x00{number}")
        for number, flow in ((need.flow, scenario.flows[need.flow]) for need in needs)
    )
    return [ceil(count / (1 + ASSOCIATED)) for count in groups.values()]
