"""What stands behind an amount: units of a plan, and the people, apps and flows they are for.

The lines of each way, of what is metered now and of the cheapest plan add up to what naive.py and
cheapest.py tell; they decide nothing of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.held import covered
from connectory.domain.licensing.naive import Ways, licences_of_processes
from connectory.domain.licensing.needs import FlowNeed
from connectory.domain.licensing.plan import Line
from connectory.domain.licensing.prices import (
    APP_METER,
    AUTOMATE,
    PER_APP,
    PREMIUM,
    PROCESS,
    RUN_METER,
)
from connectory.domain.licensing.scenario import Numbers
from connectory.domain.licensing.showback import Given, given


@dataclass(frozen=True, slots=True)
class Charge:
    """Units of a plan, and what they are for.

    Attributes:
        plan: Id of the plan.
        quantity: How many units.
        unit_price: What one costs a month.
        environment: Number of the environment they are for; None if for everybody.
        app: Number of the app whose use is billed.
        flows: Numbers of the flows they are for.
        people: Numbers of the people they are for, rising.
        asked: How many are asked for; fewer are bought where some are held, more where a lower
            price begins there.
    """

    plan: str
    quantity: int
    unit_price: Decimal
    environment: int | None = None
    app: int | None = None
    flows: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    asked: int = 0

    @property
    def monthly(self) -> Decimal:
        """What they cost a month."""
        return self.quantity * self.unit_price


class Charges:
    """Tells of one estimate what its amounts are made of."""

    def __init__(self, told: Estimate) -> None:
        self._told, self._scenario, self._prices = told, told.scenario, told.prices
        self._ways = Ways(told.scenario, told.needs, dict(told.prices))

    def barred(self) -> list[int]:
        """Return the environments that keep everything from being metered: they cannot be linked."""
        return self._ways.barred()

    def linked(self) -> list[int]:
        """Return the environments that are linked and have people in need, if they were not."""
        homes = self._scenario.environments
        return [number for number in sorted(self._ways.asked) if homes[number].linked]

    def uncovered_flows(self, way: str) -> list[int]:
        """Return the flows that a way leaves without cover."""
        return sorted(need.flow for need in self._ways.flows_left(way))

    def of(self, way: str) -> list[Charge]:
        """Return what a way buys or is billed; nothing of one that does not apply."""
        if self._told.ways.get(way) is None:
            return []
        lines = {
            "premium": self._premium,
            "per_app": self._per_app,
            "payg": self._payg,
            "process": self._process,
        }
        return list(lines[way]())

    def metered_now(self) -> list[Charge]:
        """Return what environments that are linked bill now, by app and by flow, the dearest first."""
        on = {n for n, home in enumerate(self._scenario.environments) if home.metered}
        every = [*self._used(on), *self._runs(self._ways.flows_billed())]
        return sorted(every, key=lambda one: -one.monthly)

    # --- the ways

    def _premium(self) -> Iterator[Charge]:
        apps: list[int] = []
        flows: list[int] = []
        by_pass = covered(self._scenario, self._ways.classes, wholly=False)
        for one, held in zip(self._ways.classes, by_pass, strict=True):
            licensed = one.people[held:].tolist() if one.places else []
            apps += licensed
            if one.flows:
                flows += one.people.tolist()
            elif one.associated:
                flows += one.people[: one.size - len(licensed)].tolist()
        for plan, people in ((PREMIUM, apps), (AUTOMATE, flows)):
            if people:
                quantity, price = self._prices[plan].bought(len(people))
                yield Charge(plan, quantity, price, people=_rising(people), asked=len(people))

    def _per_app(self) -> Iterator[Charge]:
        homes, people = self._scenario.environments, defaultdict[int, list[int]](list)
        for one in self._ways.classes:
            for place in one.places:
                people[place.environment] += one.people.tolist()
        wanted = {
            number: asked if homes[number].linked else max(0, asked - homes[number].passes)
            for number, asked in sorted(self._ways.asked.items())
        }
        total = sum(wanted.values())
        bought, price = self._prices[PER_APP].bought(total)
        for number, quantity in wanted.items():
            yield Charge(
                PER_APP,
                quantity,
                price,
                number,
                people=_rising(people[number]),
                asked=self._ways.asked[number],
            )
        if bought > total:
            yield Charge(PER_APP, bought - total, price)

    def _payg(self) -> Iterator[Charge]:
        homes = self._scenario.environments
        linked = {n for n, home in enumerate(homes) if home.metered} | set(self._ways.asked)
        yield from self._used(linked)
        yield from self._runs(self._ways.flows_billed())

    def _process(self) -> Iterator[Charge]:
        found: defaultdict[int, list[FlowNeed]] = defaultdict(list)
        for need in self._ways.flows:
            found[self._scenario.flows[need.flow].environment].append(need)
        total = sum(sum(licences_of_processes(self._scenario, needs)) for needs in found.values())
        bought, price = self._prices[PROCESS].bought(total)
        for number, needs in sorted(found.items()):
            quantity = sum(licences_of_processes(self._scenario, needs))
            flows = tuple(sorted(need.flow for need in needs))
            yield Charge(PROCESS, quantity, price, number, flows=flows, asked=len(flows))
        if bought > total:
            yield Charge(PROCESS, bought - total, price)

    def _used(self, environments: set[int]) -> Iterator[Charge]:
        """Yield what the app meter bills in some environments, app by app."""
        use, price = self._told.needs.use, self._prices[APP_METER].price
        if not len(use.app):
            return
        order = np.argsort(use.app, kind="stable")
        apps, starts = np.unique(use.app[order], return_index=True)
        for app, people in zip(apps.tolist(), np.split(use.person[order], starts[1:]), strict=True):
            home = self._scenario.apps[app].environment
            if home in environments:
                told = _rising(people)
                yield Charge(APP_METER, len(told), price, home, app, people=told, asked=len(told))

    def _runs(self, needs: Iterable[FlowNeed]) -> Iterator[Charge]:
        price = self._prices[RUN_METER].price
        for need in needs:
            flow = self._scenario.flows[need.flow]
            people = () if need.billed is None else _rising(need.billed)
            runs = flow.runs or 0
            yield Charge(RUN_METER, runs, price, flow.environment, None, (need.flow,), people, runs)

    # --- the cheapest plan

    def plan(self) -> list[Charge]:
        """Return its lines, in their order, with whom and what each is for."""
        everybody = list(given(self._told.plan.classes, self._told.plan.shares))
        return [self._line(line, everybody) for line in self._told.lines]

    def _line(self, line: Line, everybody: list[Given]) -> Charge:
        number = next(
            (n for n, e in enumerate(self._scenario.environments) if e.id == line.environment), None
        )
        people: Iterable[int] = ()
        flows: tuple[int, ...] = ()
        if line.plan == PREMIUM:
            people = [one.person for one in everybody if one.premium]
        elif line.plan == AUTOMATE:
            people = [one.person for one in everybody if one.automate]
        elif line.plan in (PER_APP, APP_METER):
            people = [one.person for one in everybody if _takes(one, line.plan, number)]
        elif line.plan in (PROCESS, RUN_METER):
            flows = self._flows_of(line, number, everybody)
            people = self._concerned(flows)
        told = _rising(people)
        asked = len(told) if line.plan in (PREMIUM, AUTOMATE) else line.quantity
        return Charge(line.plan, line.quantity, line.unit_price, number, None, flows, told, asked)

    def _flows_of(
        self, line: Line, environment: int | None, everybody: list[Given]
    ) -> tuple[int, ...]:
        mine = [
            need
            for need in self._told.needs.flows
            if self._scenario.flows[need.flow].environment == environment and not need.spare
        ]
        processed = set(self._told.plan.processed)
        if line.plan == PROCESS:
            return tuple(sorted(need.flow for need in mine if need.flow in processed))
        licensed = {one.person for one in everybody if one.automate}
        return tuple(
            sorted(
                need.flow
                for need in mine
                if need.costs
                and need.flow not in processed
                and (need.unowned or not licensed.issuperset(_rising(need.billed)))
            )
        )

    def _concerned(self, flows: Iterable[int]) -> Iterator[int]:
        places, needs = self._told.needs.places, self._told.needs.flows
        for number in flows:
            need = needs[places[number]]
            yield from (need.people if need.billed is None else need.billed).tolist()


def _takes(one: Given, plan: str, environment: int | None) -> bool:
    """Tell whether somebody takes passes of an environment, or is billed there."""
    if one.premium:
        return False
    for place in one.places:
        if place.environment == environment:
            if plan == PER_APP:
                return bool(place.custom + (0 if one.automate else place.managed))
            return bool(place.billed + (0 if one.automate else place.billed_less))
    return False


def _rising(people: Iterable[int] | Numbers | None) -> tuple[int, ...]:
    told = people.tolist() if isinstance(people, np.ndarray) else people or ()
    return tuple(sorted(set(told)))
