"""The cheapest way to cover a part of a tenant: taken to pieces first, then piece by piece.

Whom nothing ties to others is looked at way by way; only what is tied together is a programme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from connectory.domain.licensing import program
from connectory.domain.licensing.alone import Alone
from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.merging import merged, parted
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.part import Answer, Group, Part, added, group_of, ranks, scale
from connectory.domain.licensing.parting import pieces_of, tying
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import AUTOMATE, PER_APP, RUN_METER, Price, Tier
from connectory.domain.licensing.scenario import LINKABLE, Scenario
from connectory.domain.licensing.settling import cover_of, must_have, settled_flows

OBJECTIVES: Final = 5
"""Money, what is metered, capacity, units and ranks of plans."""
Solve = Callable[[Part, Sequence[Tier], bool], Answer]
"""Answers a part at prices of a seat; told so, any way of the least cost will do."""
Links = Mapping[int, bool]
"""Environments of which it is plain whether their app meter is to be on."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A part taken to pieces, whatever a seat costs.

    Attributes:
        needs: What the tenant needs.
        part: The part.
        links: Environments of which it is plain whether their app meter is to be on.
        settled: Flows, by place, of which it is plain whether a new Process licence covers them.
        ample: Environments with passes enough for everybody.
        tied: Environments that tie people together.
        alone: Numbers of the classes that nothing ties to others.
        pieces: What is left, each piece with the numbers of its classes.
    """

    needs: Needs
    part: Part
    links: Links
    settled: Mapping[int, bool]
    ample: frozenset[int]
    tied: frozenset[int]
    alone: list[int]
    pieces: list[tuple[Part, list[int]]]


class Solver:
    """Answers parts of one tenant; pieces that were answered are not solved again."""

    def __init__(self, scenario: Scenario, prices: Mapping[str, Price]) -> None:
        self._scenario, self._prices = scenario, prices
        self._known: dict[object, Answer] = {}

    def take(
        self,
        needs: Needs,
        part: Part,
        links: Links,
        *,
        settled: Mapping[int, bool] | None = None,
        ample: frozenset[int] | None = None,
    ) -> Taken:
        """Return a part taken to pieces.

        Args:
            needs: What the tenant needs.
            part: The part.
            links: Environments of which it is plain whether their app meter is to be on.
            settled: Flows, by place, of which it is plain whether they are covered themselves;
                found out by default.
            ample: Environments with passes enough for everybody; found out by default.
        """
        if settled is None:
            settled = settled_flows(self._scenario, needs, part, self._prices)
        if ample is None:
            ample = self.ample(part)
        tied = tying(self._scenario, links, ample)
        alone, pieces = pieces_of(self._scenario, needs, part, tied, settled)
        return Taken(needs, part, links, settled, ample, tied, alone, pieces)

    def answer(self, taken: Taken, tiers: Sequence[Tier], *, cost_alone: bool) -> Answer:
        """Return the cheapest way to cover a part.

        Args:
            taken: Whom and what to cover.
            tiers: What a seat of Power Apps Premium costs, and from how many on; all are bought at
                one of these prices.
            cost_alone: Any way of the least cost will do, and only its cost is told.

        Raises:
            Unsolved: None was found or proven.
        """
        if any(tier.start for tier in tiers):
            return self._answer(taken, tiers, cost_alone=cost_alone)
        full = self._purchasable(taken)
        while full:
            told = self._with_full(taken, full)
            found = self._answer(told, tiers, cost_alone=cost_alone, all_shares=True)
            used = self._used(told, found)
            unused = {
                home for home in full if used[home] < self._scenario.environments[home].passes
            }
            if not unused:
                return self._less_held(found, full)
            full -= unused
        return self._answer(taken, tiers, cost_alone=cost_alone)

    def _answer(
        self,
        taken: Taken,
        tiers: Sequence[Tier],
        *,
        cost_alone: bool,
        all_shares: bool = False,
    ) -> Answer:
        part, settled, links = taken.part, taken.settled, taken.links
        cost = Alone(self._scenario, self._prices, tiers[0].price, links, taken.ample)
        alone, pieces = taken.alone, taken.pieces
        if any(tier.start for tier in tiers):
            # How many seats some people take bears upon what others cost.
            flows = tuple(place for place in part.flows if place not in settled)
            alone, pieces = [], [(Part(part.classes, flows), list(range(len(part.classes))))]
        answers = [self._covers(taken)]
        shares: list[tuple[Share, ...]] = [()] * len(part.classes)
        for number in alone:
            one = part.classes[number]
            best, way = cost.least(one, automate=must_have(one, settled))
            shares[number] = (Share(one.size, *way),)
            counted = tuple(value * one.size for value in best)
            own = Line(AUTOMATE, one.size * way[1], self._prices[AUTOMATE].price)
            answers.append(Answer(counted, counted[0], one.size * way[0], (own,), (), (), ()))
        for piece, numbers in pieces:
            told = merged(piece, taken.tied, settled, cost)
            answers.append(self._piece(taken, told.piece, tiers, cost_alone=cost_alone))
            if all_shares or not cost_alone:
                each = parted(told, piece, answers[-1].shares)
                for number, share in zip(numbers, each, strict=True):
                    shares[number] = share
        if not cost_alone:
            answers.append(_beside(part, shares, taken.tied, cost))
        return added(answers, tuple(shares), 1 if cost_alone else OBJECTIVES)

    # --- passes that are held and will all be used

    def _purchasable(self, taken: Taken) -> set[int]:
        """Return the environments that tie people by nothing but passes, of which more can be had."""
        if not self._prices[PER_APP].purchasable:
            return set()
        serving = {
            self._scenario.apps[app].environment
            for one in taken.part.classes
            for _, app in one.associated
        }
        return {
            home
            for home in taken.tied - serving
            if (told := self._scenario.environments[home]).passes
            and not told.linked
            and (told.type not in LINKABLE or taken.links.get(home) is False)
        }

    def _with_full(self, taken: Taken, full: set[int]) -> Taken:
        """Return a part in pieces as if passes of some environments were all bought.

        A way that then uses as many passes there as are held is the cheapest one as well if those
        cost nothing: no way saves more by them than they are worth, and this one saves all of it.
        """
        tied = taken.tied - full
        alone, pieces = pieces_of(self._scenario, taken.needs, taken.part, tied, taken.settled)
        return replace(taken, tied=tied, alone=alone, pieces=pieces)

    def _used(self, taken: Taken, found: Answer) -> defaultdict[int, int]:
        """Return by environment how many passes a way uses where nothing ties people."""
        used: defaultdict[int, int] = defaultdict(int)
        for one, some in zip(taken.part.classes, found.shares, strict=True):
            for share in some:
                if not share.premium:
                    for place in one.places:
                        asked = place.custom + (0 if share.automate else place.managed)
                        used[place.environment] += asked * share.people
        return used

    def _less_held(self, found: Answer, full: set[int]) -> Answer:
        """Return an answer without the price of passes that are held."""
        homes, price = self._scenario.environments, self._prices[PER_APP]
        held = sum(homes[home].passes for home in full)
        cents = self.cents(price.price) * held
        less = (cents, 0, cents, held, held * ranks(self._prices)[PER_APP])
        lines = (Line(PER_APP, -homes[h].passes, price.price, homes[h].id) for h in sorted(full))
        return replace(
            found,
            best=tuple(one - more for one, more in zip(found.best, less, strict=False)),
            bound=found.bound - cents,
            lines=(*found.lines, *lines),
        )

    def _piece(
        self, taken: Taken, piece: Part, tiers: Sequence[Tier], *, cost_alone: bool
    ) -> Answer:
        needs, links = taken.needs, taken.links
        key = _print(self._scenario, needs, piece, links), tuple(tiers), cost_alone
        if key not in self._known:
            self._known[key] = program.answer(
                self._scenario, needs, piece, self._prices, tiers, links, cost_alone=cost_alone
            )
        return self._known[key]

    def singles(
        self,
        classes: Sequence[Class],
        needs: Needs,
        settled: Mapping[int, bool],
        tier: Tier,
        links: Links,
        ample: frozenset[int],
    ) -> Iterator[tuple[int, int]]:
        """Yield of classes that nothing ties what each of their people costs, and its seats.

        Args:
            classes: The classes.
            needs: What the tenant needs.
            settled: Numbers of flows of which it is plain whether they are covered themselves.
            tier: What a seat of Power Apps Premium costs.
            links: Environments of which it is plain whether their app meter is to be on.
            ample: Environments with passes enough for everybody.
        """
        cost = Alone(self._scenario, self._prices, tier.price, links, ample)
        for one in classes:
            forced = any(settled.get(needs.flows[place].flow) is False for place in one.flows)
            best, way = cost.least(one, automate=forced)
            yield best[0], int(way[0])

    def cents(self, amount: Decimal) -> int:
        """Return an amount in the smallest one that every price is a multiple of."""
        return int(amount * scale(self._prices))

    def ample(self, part: Part) -> frozenset[int]:
        """Return the environments that were handed out passes enough for all who could use any."""
        wanted: defaultdict[int, int] = defaultdict(int)
        for one in part.classes:
            for place in one.places:
                wanted[place.environment] += one.size * (place.custom + place.managed)
            for _, app in one.associated:
                wanted[self._scenario.apps[app].environment] += one.size
        homes = self._scenario.environments
        return frozenset(n for n, units in wanted.items() if units <= homes[n].passes)

    def _covers(self, taken: Taken) -> Answer:
        """Return how flows are covered of which it is plain that they are."""
        groups: defaultdict[Group, list[int]] = defaultdict(list)
        for place in taken.part.flows:
            if taken.settled.get(place):
                groups[group_of(self._scenario, taken.needs, place)].append(place)
        homes, factor, rank = self._scenario.environments, scale(self._prices), ranks(self._prices)
        best, lines, processed = [0] * OBJECTIVES, [], []
        for (home, _), places in sorted(groups.items()):
            plan, units, spent = cover_of(self._scenario, taken.needs, places, self._prices)
            cents, metered = int(spent * factor), plan == RUN_METER
            for number, more in enumerate(
                (cents, cents * metered, cents * (not metered), units * (not metered),
                 units * rank[plan])
            ):  # fmt: skip
                best[number] += more
            lines.append(Line(plan, units, self._prices[plan].price, homes[home].id))
            processed += [] if metered else [taken.needs.flows[place].flow for place in places]
        return Answer(tuple(best), best[0], 0, tuple(lines), (), tuple(processed), ())


def _beside(
    part: Part, shares: Sequence[Sequence[Share]], tied: frozenset[int], cost: Alone
) -> Answer:
    """Return what is bought or billed where nothing ties people; its cost is told elsewhere."""
    lines: list[Line] = []
    linked: set[int] = set()
    for one, some in zip(part.classes, shares, strict=True):
        rest = tuple(place for place in one.places if place.environment not in tied)
        for share in some:
            lines += cost.lines(rest, share)
            linked |= cost.linked(rest, share)
    return Answer((0,) * OBJECTIVES, 0, 0, tuple(lines), tuple(linked), (), ())


def _print(scenario: Scenario, needs: Needs, piece: Part, links: Links) -> object:
    """Return what tells a piece from others that cost something else."""
    flows, apps = needs.flows, scenario.apps
    homes = {place.environment for one in piece.classes for place in one.places}
    homes |= {apps[app].environment for one in piece.classes for _, app in one.associated}
    return (
        tuple(
            (
                one.size,
                one.places,
                tuple(flows[place].flow for place in one.flows),
                tuple((flows[place].flow, app) for place, app in one.associated),
                tuple(ways.items()),
            )
            for one, ways in zip(piece.classes, piece.ways, strict=True)
        ),
        tuple(flows[place].flow for place in piece.flows),
        tuple((number, links[number]) for number in sorted(homes) if number in links),
    )


def of_parts(solver: Solver, needs: Needs, parts: Sequence[Part], links: Links) -> Solve:
    """Return what answers parts, each taken to pieces once."""
    known = {id(part): solver.take(needs, part, links) for part in parts}

    def solve(part: Part, tiers: Sequence[Tier], cost_alone: bool) -> Answer:  # noqa: FBT001
        taken = known.get(id(part)) or solver.take(needs, part, links)
        return solver.answer(taken, tiers, cost_alone=cost_alone)

    return solve
