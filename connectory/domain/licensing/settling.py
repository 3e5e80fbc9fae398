"""Flows of which it is plain whether a Process licence is to cover them, whatever else is decided.

Like environments whose meter is plain (connectory/domain/licensing/links.py), these leave smaller
questions to the solver. Where it is not plain nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.needs import ASSOCIATED, Needs, room_of
from connectory.domain.licensing.part import Group, Part, group_of
from connectory.domain.licensing.prices import AUTOMATE, PROCESS, Price
from connectory.domain.licensing.scenario import Scenario


def settled_flows(
    scenario: Scenario, needs: Needs, part: Part, prices: Mapping[str, Price]
) -> dict[int, bool]:
    """Return places of flows, and whether a new Process licence covers each.

    Never: it costs no less than licences of their own for everybody it is asked for and who does
    not get one anyway; of equal costs the licences of people come first. For certain: it costs less
    than those of the people whom no other flow concerns. Each answer may make more of them plain.
    """
    return _Settling(scenario, needs, part, prices).settle()


class _Settling:
    """Groups of flows, and for how many people each is asked as far as it is known."""

    def __init__(
        self, scenario: Scenario, needs: Needs, part: Part, prices: Mapping[str, Price]
    ) -> None:
        self._needs, self._part = needs, part
        self._licence, self._own = prices[PROCESS].price, prices[AUTOMATE].price
        self._flows: defaultdict[Group, list[int]] = defaultdict(list)
        for place in part.flows:
            self._flows[group_of(scenario, needs, place)].append(place)
        of = {place: group for group, places in self._flows.items() for place in places}
        self._left = [_groups(of, one.flows) for one in part.classes]
        serving = [_groups(of, (flow for flow, _ in one.associated)) for one in part.classes]
        self._bound = [bool(some) for some in serving]
        self._classes: defaultdict[Group, list[int]] = defaultdict(list)
        self._asked: defaultdict[Group, int] = defaultdict(int)
        for number, one in enumerate(part.classes):
            for group in self._left[number] | serving[number]:
                self._classes[group].append(number)
                self._asked[group] += one.size
        self._alone = {
            group: sum(self._alone_for(group, number) for number in self._classes[group])
            for group in self._flows
        }
        room = room_of(scenario)
        self._open = {group for group in self._flows if self._plain(group, room)}
        self._forced = [False] * len(part.classes)
        self._settled: dict[int, bool] = {}

    def settle(self) -> dict[int, bool]:
        """Return what is plain."""
        waiting = list(self._open)
        while waiting:
            group = waiting.pop()
            if group not in self._open:
                continue
            if self._surely(group):
                waiting += self._decide(group, covered=True)
            elif self._asked[group] * self._own <= self._licence:
                waiting += self._decide(group, covered=False)
        return self._settled

    def _plain(self, group: Group, room: Mapping[Group, int]) -> bool:
        """Tell whether a group is covered by one new licence or none, and by nothing else."""
        flows = self._flows[group]
        billed = any(self._needs.flows[place].billed is not None for place in flows)
        return not billed and not room.get(group) and len(flows) <= 1 + ASSOCIATED

    def _surely(self, group: Group) -> bool:
        unowned = any(self._needs.flows[place].unowned for place in self._flows[group])
        return unowned or self._alone[group] * self._own > self._licence

    def _alone_for(self, group: Group, number: int) -> int:
        """Return how many of a class need a licence of their own for a group and nothing else."""
        one = self._part.classes[number]
        plain = self._left[number] == {group} and not self._bound[number] and not _helped(one)
        return one.size if plain else 0

    def _decide(self, group: Group, *, covered: bool) -> set[Group]:
        """Settle a group; return others of which more is known now."""
        self._open.discard(group)
        self._settled |= dict.fromkeys(self._flows[group], covered)
        touched: set[Group] = set()
        for number in self._classes[group]:
            left = self._left[number]
            if self._forced[number] or group not in left:
                continue
            touched |= left
            for other in left:
                self._alone[other] -= self._alone_for(other, number)
            if covered:
                left.discard(group)
                for other in left:
                    self._alone[other] += self._alone_for(other, number)
            else:
                self._forced[number] = True
                for other in left:
                    self._asked[other] -= self._part.classes[number].size
                left.clear()
        return touched & self._open


def _groups(of: Mapping[int, Group], places: Iterable[int]) -> set[Group]:
    return {of[place] for place in places if place in of}


def _helped(one: Class) -> bool:
    """Tell whether Power Automate Premium does more for people than to cover flows."""
    return any(p.managed or p.managed_alone or p.billed_less for p in one.places)


def must_have(one: Class, settled: Mapping[int, bool]) -> bool:
    """Tell whether people of a class get Power Automate Premium for certain."""
    return any(settled.get(place) is False for place in one.flows)
