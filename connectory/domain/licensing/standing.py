"""A tenant in pieces as it stands, so that what a change leaves alone is not looked at again.

What is plain here of flows, passes and links stays plain where some apps and flows need nothing any
more (connectory/domain/licensing/settling.py), so a change bears upon the pieces that its people,
flows and environments are in, and upon no others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.classes import Class, Plain, classes_of
from connectory.domain.licensing.links import plain_links
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.part import Answer, Part, group_of
from connectory.domain.licensing.parting import counted_flows, pieces_of, tying
from connectory.domain.licensing.prices import Price, Tier
from connectory.domain.licensing.scenario import Scenario
from connectory.domain.licensing.settling import cover_of, settled_flows
from connectory.domain.licensing.solving import Solver, Taken

NOWHERE, ALONE = -1, -2


class Standing:
    """Everybody and every flow of a tenant, in pieces, with the cost of each.

    Attributes:
        solver: Answers pieces.
        links: Environments of which it is plain whether their meter is to be on.
        ample: Environments with passes enough for everybody.
        settled: Numbers of flows of which it is plain whether they are covered themselves.
        piece_of: Of each person, the number of its piece; ALONE or NOWHERE if it is in none.
        plain: The same, flow by flow.
        pieces: The pieces.
    """

    def __init__(self, scenario: Scenario, needs: Needs, prices: Mapping[str, Price]) -> None:
        self._scenario, self._needs, self._prices = scenario, needs, prices
        self.solver = Solver(scenario, prices)
        classes = classes_of(scenario, needs, "plan")
        everything = Part(tuple(classes), tuple(counted_flows(scenario, needs)))
        self.links = plain_links(scenario, classes, prices)
        self.ample = self.solver.ample(everything)
        settled = settled_flows(scenario, needs, everything, prices, lasting=True)
        self.settled = {needs.flows[place].flow: on for place, on in settled.items()}
        self.plain = self._plain()
        tied = tying(scenario, self.links, self.ample)
        alone, pieces = pieces_of(scenario, needs, everything, tied, settled)
        self._taken = [self._take(needs, piece, settled) for piece, _ in pieces]
        self._single = [classes[number] for number in alone]
        self.pieces = [piece for piece, _ in pieces]
        self.piece_of = np.full(len(scenario.people), NOWHERE, dtype=np.int64)
        self._place_of_single = np.full(len(scenario.people), NOWHERE, dtype=np.int64)
        for place, one in enumerate(self._single):
            self.piece_of[one.people] = ALONE
            self._place_of_single[one.people] = place
        self._of_flow: dict[int, int] = {}
        self._of_home: dict[int, int] = {}
        for number, piece in enumerate(self.pieces):
            for one in piece.classes:
                self.piece_of[one.people] = number
                for home in _homes(scenario, one):
                    if home in tied:
                        self._of_home[home] = number
            for flow in piece.flows:
                self._of_flow[needs.flows[flow].flow] = number
        self._surely = {
            group_of(scenario, needs, place): place for place, on in settled.items() if on
        }
        self._known: dict[tuple[Tier, ...], _Answers] = {}

    def piece_of_flow(self, flow: int) -> int:
        """Return the number of the piece that a flow is in; NOWHERE if it is in none."""
        return self._of_flow.get(flow, NOWHERE)

    def flows_of(self, piece: int) -> list[int]:
        """Return the numbers of the flows of a piece."""
        return [self._needs.flows[place].flow for place in self.pieces[piece].flows]

    def piece_of_home(self, environment: int) -> int:
        """Return the number of the piece that an environment ties together; NOWHERE if none."""
        return self._of_home.get(environment, NOWHERE)

    def rest(
        self,
        pieces: Collection[int],
        people: NDArray[np.bool_],
        flows: Collection[int],
        tiers: Sequence[Tier],
    ) -> Answer:
        """Return what everything costs but some of it, at a price of a seat.

        Args:
            pieces: Numbers of the pieces that are left out.
            people: Who is left out of those who are alone.
            flows: Numbers of the flows that are left out of those that are covered for certain.
            tiers: The price.
        """
        known = self._answers(tuple(tiers))
        money = known.money - sum(known.pieces[number][0] for number in pieces)
        seats = known.seats - sum(known.pieces[number][1] for number in pieces)
        singles = self._place_of_single[people & (self.piece_of == ALONE)]
        money -= int(known.single_money[singles].sum())
        seats -= int(known.single_seats[singles].sum())
        money -= sum(
            self._covered(place)
            for place in self._surely.values()
            if self._needs.flows[place].flow in flows
        )
        return Answer((money,), money, seats, (), (), (), ())

    def _plain(self) -> Plain:
        covered = np.zeros(len(self._scenario.flows), dtype=np.bool_)
        owned = np.zeros(len(self._scenario.flows), dtype=np.bool_)
        for flow, on in self.settled.items():
            (covered if on else owned)[flow] = True
        return Plain(covered, owned)

    def _take(self, needs: Needs, piece: Part, settled: Mapping[int, bool]) -> Taken:
        return self.solver.take(needs, piece, self.links, settled=settled, ample=self.ample)

    def _covered(self, place: int) -> int:
        _, _, spent = cover_of(self._scenario, self._needs, [place], self._prices)
        return self.solver.cents(spent)

    def _answers(self, tiers: tuple[Tier, ...]) -> _Answers:
        if tiers not in self._known:
            each = [self.solver.answer(taken, tiers, cost_alone=True) for taken in self._taken]
            singles = self.solver.singles(
                self._single, self._needs, self.settled, tiers[0], self.links, self.ample
            )
            sure = sum(self._covered(place) for place in self._surely.values())
            self._known[tiers] = _Answers(
                [(int(one.best[0]), one.premium) for one in each],
                singles,
                [one.size for one in self._single],
                sure,
            )
        return self._known[tiers]


class _Answers:
    """What pieces cost at one price, and each of those who are alone."""

    def __init__(
        self,
        pieces: list[tuple[int, int]],
        singles: Iterable[tuple[int, int]],
        sizes: Sequence[int],
        sure: int,
    ) -> None:
        told = np.array([*singles], dtype=np.int64).reshape(-1, 2)
        size = np.array(sizes, dtype=np.int64)
        self.pieces = pieces
        self.single_money, self.single_seats = told[:, 0], told[:, 1]
        self.money = sum(one[0] for one in pieces) + int(self.single_money @ size) + sure
        self.seats = sum(one[1] for one in pieces) + int(self.single_seats @ size)


def _homes(scenario: Scenario, one: Class) -> list[int]:
    homes = [place.environment for place in one.places]
    return [*homes, *(scenario.apps[app].environment for _, app in one.associated)]
