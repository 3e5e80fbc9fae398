"""The cheapest way to cover some classes of people and some flows, as a mixed-integer programme.

Of two ways that cost the same the one is taken that meters less, then that has less capacity of
environments and flows beside people's own licences, then fewer units, then earlier plan ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectory.domain.licensing.classes import Class, Place
from connectory.domain.licensing.model import NEAR, InParts, Model, Solved, Unsolved
from connectory.domain.licensing.needs import ASSOCIATED, Needs, room_of
from connectory.domain.licensing.part import Answer, Best, Group, Part, Way, group_of, ranks, scale
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import (
    APP_METER,
    AUTOMATE,
    PER_APP,
    PREMIUM,
    PROCESS,
    RUN_METER,
    Price,
    Tier,
)
from connectory.domain.licensing.scenario import LINKABLE, Flow, Scenario


def answer(
    scenario: Scenario,
    needs: Needs,
    part: Part,
    prices: Mapping[str, Price],
    premium: Sequence[Tier],
    links: Mapping[int, bool],
    *,
    cost_alone: bool,
) -> Answer:
    """Return the cheapest way to cover a part, by a programme.

    Args:
        scenario: The tenant.
        needs: What it needs.
        part: Whom and what to cover.
        prices: What plans cost.
        premium: What a seat of Power Apps Premium costs, and from how many on; all are bought at
            one of these prices.
        links: Environments of which it is plain whether their app meter is to be on.
        cost_alone: Any way of the least cost will do.

    Raises:
        Unsolved: None was found or proven.
    """
    for strict in (False, True):
        try:
            programme = _Programme(scenario, needs, part, prices, premium, links, strict=strict)
            return programme.answer(cost_alone=cost_alone)
        except InParts:
            continue
    raise Unsolved("people were left in parts")


@dataclass(slots=True)
class _Costs:
    """Sums of a plan, over the variables of its programme."""

    money: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    metered: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    capacity: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    units: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    ranks: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))


class _Programme:
    """Builds the programme of a part and reads its answer."""

    def __init__(
        self,
        scenario: Scenario,
        needs: Needs,
        part: Part,
        prices: Mapping[str, Price],
        premium: Sequence[Tier],
        links: Mapping[int, bool],
        *,
        strict: bool,
    ) -> None:
        self._strict = strict
        self._scenario, self._needs, self._prices = scenario, needs, prices
        self._part, self._tiers = part, premium
        self._model, self._costs = Model(), _Costs()
        self._scale = scale(prices)
        self._ranks = ranks(prices)
        self._plain = links
        self._links: dict[int, int] = {}
        self._spared: defaultdict[int, list[int]] = defaultdict(list)
        self._passes: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._bills: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._premium: list[int] = []
        self._automate: list[int] = []
        self._covers: dict[int, list[int]] = {}
        self._licences: dict[Group, int] = {}
        self._paid: dict[int, int] = {}
        self._shares: list[list[tuple[int, bool, bool]]] = []
        self._bought: dict[int, int] = {}

    def answer(self, *, cost_alone: bool) -> Answer:
        """Return the answer."""
        self._flows()
        for one, ways in zip(self._part.classes, self._part.ways, strict=True):
            self._class(one, ways)
        self._environments()
        for variable in self._automate:
            self._cost(AUTOMATE, variable)
        self._seats()
        costs = self._costs
        objectives = [costs.money, costs.metered, costs.capacity, costs.units, costs.ranks]
        solved = self._model.solve(objectives[:1] if cost_alone else objectives)
        return self._read(solved)

    # --- costs

    def _cents(self, amount: Decimal) -> int:
        return int(amount * self._scale)

    def _cost(
        self, plan: str, variable: int, times: float = 1, price: Decimal | None = None
    ) -> None:
        """Let units of a plan cost what they do."""
        told = self._prices[plan]
        money = self._cents(told.price if price is None else price) * times
        costs = self._costs
        costs.money[variable] += money
        if told.plan.kind == "metered":
            costs.metered[variable] += money
        if told.plan.kind == "capacity":
            costs.capacity[variable] += money
        if told.plan.kind != "metered":
            costs.units[variable] += times
        costs.ranks[variable] += times * self._ranks[plan]

    def _beside(self, variable: int, told: Best) -> None:
        """Let units of a variable cost what is told."""
        costs = self._costs
        sums = (costs.money, costs.metered, costs.capacity, costs.units, costs.ranks)
        for total, value in zip(sums, told, strict=True):
            if value:
                total[variable] += value

    # --- flows

    def _flows(self) -> None:
        """Let flows be covered by Process licences, or where they are billed by paying for runs."""
        groups: defaultdict[Group, list[int]] = defaultdict(list)
        for place in self._part.flows:
            need = self._needs.flows[place]
            flow = self._scenario.flows[need.flow]
            key = group_of(self._scenario, self._needs, place)
            covered = self._model.variable(1)
            groups[key].append(covered)
            self._covers[place] = [covered]
            if need.billed is not None and flow.runs is not None:
                paid = self._paid[place] = self._model.variable(1)
                self._covers[place].append(paid)
                self._cost(RUN_METER, paid, flow.runs)
            if need.unowned:
                self._model.row(dict.fromkeys(self._covers[place], 1.0), least=1)
        room = room_of(self._scenario)
        for key, members in groups.items():
            bought = self._licences[key] = self._model.variable()
            self._cost(PROCESS, bought)
            terms = {**dict.fromkeys(members, 1.0), bought: -(1.0 + ASSOCIATED)}
            self._model.row(terms, most=room.get(key, 0))

    # --- people

    def _class(self, one: Class, ways: Mapping[Way, Best]) -> None:
        """Let the people of a class get licences of their own, or be covered by other ways."""
        number = {way: self._model.variable(one.size, whole=self._whole(one)) for way in ways}
        self._shares.append([(number[way], *way) for way in ways])
        self._model.row(dict.fromkeys(number.values(), 1.0), least=one.size, most=one.size)
        for way, n in number.items():
            self._beside(n, ways[way])
        self._premium += [n for (premium, _), n in number.items() if premium]
        self._automate += [n for (_, automate), n in number.items() if automate]
        for place in one.places:
            for (premium, automate), n in number.items():
                if not premium:
                    self._place(one, place, n, automate=automate)
        without = {n: 1.0 for (_, automate), n in number.items() if not automate}
        for flow in one.flows:
            if without and flow in self._covers:
                covers = dict.fromkeys(self._covers[flow], -float(one.size))
                self._model.row({**without, **covers}, most=0)
        if (bare := number.get((False, False))) is not None:
            self._serving(one, bare)

    def _whole(self, one: Class) -> bool:
        """Tell whether people of a class must be counted in whole numbers.

        Once it is decided what is linked and which flows are covered, everybody of a class takes
        the same cheapest way, unless passes that are held run out among them.
        """
        if self._strict:
            return True
        homes = [place.environment for place in one.places]
        homes += [self._scenario.apps[app].environment for _, app in one.associated]
        environments = (self._scenario.environments[number] for number in homes)
        return any(home.passes and not home.linked for home in environments)

    def _place(self, one: Class, place: Place, without: int, *, automate: bool) -> None:
        """Let the apps of one environment be covered for those without Power Apps Premium."""
        home = self._scenario.environments[place.environment]
        asked = place.custom + (0 if automate else place.managed)
        billed = place.billed + (0 if automate else place.billed_less)
        if home.metered:
            if billed:
                self._bills[place.environment][without] = billed
            return
        if not asked:
            # Nothing is needed here; if the meter comes on for others, it bills all the same.
            if billed and home.type in LINKABLE:
                on = self._model.variable(one.size, whole=False)
                link = self._link(place.environment)
                self._model.row({without: 1.0, on: -1.0, link: float(one.size)}, most=one.size)
                self._bills[place.environment][on] = billed
            return
        parts = {without: -1.0}
        if not home.linked:
            by_pass = self._model.variable(one.size, whole=self._whole(one))
            parts[by_pass] = 1.0
            self._passes[place.environment][by_pass] = asked
            if home.type in LINKABLE:
                link = self._link(place.environment)
                self._model.row({by_pass: 1.0, link: float(one.size)}, most=one.size)
        if home.type in LINKABLE:
            metered = self._model.variable(one.size, whole=self._whole(one))
            parts[metered] = 1.0
            self._bills[place.environment][metered] = billed
            self._spared[place.environment].append(metered)
            link = self._link(place.environment)
            self._model.row({metered: 1.0, link: -float(one.size)}, most=0)
        self._model.row(parts, least=0, most=0)

    def _serving(self, one: Class, bare: int) -> None:
        """Let flows that serve an app be covered by that of the app, for those without a licence."""
        passes: dict[int, int] = {}
        for flow, number in one.associated:
            app = self._scenario.apps[number]
            home = self._scenario.environments[app.environment]
            terms = {bare: 1.0}
            for cover in self._covers.get(flow, ()):
                terms[cover] = -float(one.size)
            if not app.opted_out and home.type in LINKABLE:
                terms[self._link(app.environment)] = -float(one.size)
                self._spared[app.environment].append(bare)
            if not app.opted_out and not home.linked:
                if number not in passes:
                    passes[number] = self._model.variable(one.size)
                    self._passes[app.environment][passes[number]] = 1
                terms[passes[number]] = -1.0
            self._model.row(terms, most=0)

    def _link(self, environment: int) -> int:
        if environment not in self._links:
            link = self._links[environment] = self._model.variable(1)
            if (told := self._plain.get(environment)) is not None:
                self._model.row({link: 1.0}, least=float(told), most=float(told))
        return self._links[environment]

    # --- environments, and licences of people

    def _environments(self) -> None:
        for environment, terms in self._passes.items():
            home = self._scenario.environments[environment]
            needed = dict(terms)
            if self._prices[PER_APP].purchasable:
                bought = self._bought[environment] = self._model.variable()
                needed[bought] = -1.0
                self._cost(PER_APP, bought)
            if home.passes and environment in self._links:
                # Where the meter is on, none of them is used.
                needed[self._links[environment]] = float(home.passes)
            self._model.row(needed, most=home.passes)
        for terms in self._bills.values():
            for variable, times in terms.items():
                if times:
                    self._cost(APP_METER, variable, times)

    def _seats(self) -> None:
        """Let all seats be bought at one of their prices, the quantity of its tier at least."""
        if not self._premium:
            return
        people = float(sum(one.size for one in self._part.classes))
        seats, chosen = [], []
        for tier in self._tiers:
            bought, taken = self._model.variable(), self._model.variable(1)
            self._cost(PREMIUM, bought, price=tier.price)
            most = max(float(tier.start), people)
            self._model.row({bought: 1.0, taken: -float(tier.start)}, least=0)
            self._model.row({bought: 1.0, taken: -most}, most=0)
            seats.append(bought)
            chosen.append(taken)
        self._model.row(dict.fromkeys(chosen, 1.0), most=1)
        needed = {**dict.fromkeys(self._premium, 1.0), **dict.fromkeys(seats, -1.0)}
        self._model.row(needed, most=0)

    # --- the answer

    def _read(self, solved: Solved) -> Answer:
        got = [_count(value) for value in solved.values.tolist()]
        automate = sum(got[one] for one in self._automate)
        lines = [Line(AUTOMATE, automate, self._prices[AUTOMATE].price)]
        homes = {*self._bought, *self._bills, *(home for home, _ in self._licences)}
        homes |= {self._flow(place).environment for place in self._paid}
        for environment in sorted(homes):
            lines += self._lines_of(environment, got)
        return Answer(
            best=solved.best,
            bound=solved.bound,
            premium=sum(got[one] for one in self._premium),
            lines=tuple(line for line in lines if line.quantity),
            linked=tuple(
                sorted(
                    one
                    for one, link in self._links.items()
                    if got[link] and any(got[who] for who in self._spared[one])
                )
            ),
            processed=tuple(
                self._needs.flows[place].flow
                for place, covers in self._covers.items()
                if got[covers[0]]
            ),
            shares=tuple(
                tuple(Share(got[n], premium, automate) for n, premium, automate in told)
                for told in self._shares
            ),
        )

    def _flow(self, place: int) -> Flow:
        return self._scenario.flows[self._needs.flows[place].flow]

    def _lines_of(self, environment: int, got: Sequence[int]) -> list[Line]:
        """Return what is bought for an environment or billed in it."""
        name = self._scenario.environments[environment].id
        passes = got[self._bought[environment]] if environment in self._bought else 0
        bills = self._bills.get(environment, {})
        units = sum(int(times) * got[variable] for variable, times in bills.items())
        process = sum(got[n] for (home, _), n in self._licences.items() if home == environment)
        runs = 0
        for place, paid in self._paid.items():
            flow = self._flow(place)
            runs += (flow.runs or 0) * got[paid] if flow.environment == environment else 0
        counts = {PER_APP: passes, APP_METER: units, PROCESS: process, RUN_METER: runs}
        return [
            Line(plan, quantity, self._prices[plan].price, name)
            for plan, quantity in counts.items()
        ]


def _count(value: float) -> int:
    """Return a number of people or units as a whole one.

    Raises:
        InParts: It is none.
    """
    found = round(value)
    if abs(found - value) > NEAR:
        raise InParts
    return found
