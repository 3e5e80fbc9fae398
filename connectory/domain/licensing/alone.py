"""What people cost by each way in environments that tie them to nobody.

Costs and ties are those of the programme (connectory/domain/licensing/program.py): of two ways that
cost the same the one is taken that meters less, then has less capacity, fewer units, earlier plans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from connectory.domain.licensing.classes import Class, Place
from connectory.domain.licensing.model import Unsolved
from connectory.domain.licensing.part import Best, Way, open_ways, ranks, scale
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import APP_METER, AUTOMATE, PER_APP, PREMIUM, Price
from connectory.domain.licensing.scenario import Scenario

Bought = tuple[str, int, int | None]
"""Units of a plan for one person, and the environment they are for."""


class Alone:
    """Costs of people who share nothing with others, each kind of need reckoned once."""

    def __init__(
        self,
        scenario: Scenario,
        prices: Mapping[str, Price],
        seat: Decimal,
        links: Mapping[int, bool],
        ample: frozenset[int],
    ) -> None:
        """Take what decides, beside people's needs.

        Args:
            scenario: The tenant.
            prices: What plans cost.
            seat: What a seat of Power Apps Premium costs.
            links: Environments of which it is plain whether their app meter is to be on.
            ample: Environments with passes enough for everybody.
        """
        self._scenario, self._prices, self._links, self._ample = scenario, prices, links, ample
        self._ranks, factor = ranks(prices), scale(prices)
        self._cents = {name: int(price.price * factor) for name, price in prices.items()}
        self._cents[PREMIUM] = int(seat * factor)
        self._known: dict[tuple[tuple[Place, ...], Way], list[Bought] | None] = {}
        self._least: dict[tuple[tuple[Place, ...], tuple[Way, ...]], tuple[Best, Way]] = {}

    def least(self, one: Class, *, automate: bool) -> tuple[Best, Way]:
        """Return what the cheapest way costs each of a class, and which it is.

        Args:
            one: The class.
            automate: Its people get Power Automate Premium in any case.

        Raises:
            Unsolved: There is none.
        """
        ways = tuple(way for way in open_ways(one) if way[1] or not automate)
        key = one.places, ways
        if key not in self._least:
            found = []
            for way in ways:
                bought = self._bought(one.places, way)
                if bought is not None:
                    own = [(PREMIUM, 1, None)] * way[0] + [(AUTOMATE, 1, None)] * way[1]
                    found.append((self._cost([*own, *bought]), way))
            if not found:
                raise Unsolved("there is no way to cover some people")
            self._least[key] = min(found)
        return self._least[key]

    def beside(self, places: tuple[Place, ...], way: Way) -> Best | None:
        """Return what some places cost a person beside licences; None if that leaves a need."""
        bought = self._bought(places, way)
        return None if bought is None else self._cost(bought)

    def lines(self, places: tuple[Place, ...], share: Share) -> Iterator[Line]:
        """Yield what some places cost people beside licences."""
        for plan, units, number in self._bought(places, (share.premium, share.automate)) or ():
            home = None if number is None else self._scenario.environments[number].id
            yield Line(plan, units * share.people, self._prices[plan].price, home)

    def linked(self, places: tuple[Place, ...], share: Share) -> set[int]:
        """Return environments whose meter is switched on for people."""
        told = self._bought(places, (share.premium, share.automate)) or ()
        return {number for _, _, number in told if number is not None and self._links.get(number)}

    def _bought(self, places: tuple[Place, ...], way: Way) -> list[Bought] | None:
        key = places, way
        if key not in self._known:
            told: list[Bought | None] = []
            for place in () if way[0] else places:
                told += self._of_place(place, automate=way[1])
            found = [one for one in told if one is not None]
            self._known[key] = found if len(found) == len(told) else None
        return self._known[key]

    def _of_place(self, place: Place, *, automate: bool) -> Iterator[Bought | None]:
        """Yield what covers the apps of one environment; None if nothing does."""
        number = place.environment
        home = self._scenario.environments[number]
        asked = place.custom + (0 if automate else place.managed)
        billed = place.billed + (0 if automate else place.billed_less)
        if home.metered or self._links.get(number):
            if billed:
                yield APP_METER, billed, number
        elif asked and home.linked:
            yield None
        elif asked and number not in self._ample:
            yield (PER_APP, asked, number) if self._prices[PER_APP].purchasable else None

    def _cost(self, bought: list[Bought]) -> Best:
        money = metered = capacity = units = ranked = 0
        for plan, number, _ in bought:
            spent = self._cents[plan] * number
            kind = self._prices[plan].plan.kind
            money += spent
            metered += spent if kind == "metered" else 0
            capacity += spent if kind == "capacity" else 0
            units += number if kind != "metered" else 0
            ranked += number * self._ranks[plan]
        return money, metered, capacity, units, ranked
