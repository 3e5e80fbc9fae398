"""Flows of which it is plain whether they are covered themselves, whatever else is decided.

Like environments whose meter is plain (connectory/domain/licensing/links.py), these leave smaller
questions to the solver. Where it is not plain nothing is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.needs import ASSOCIATED, Needs, room_of
from connectory.domain.licensing.part import Group, Part, group_of
from connectory.domain.licensing.prices import AUTOMATE, PROCESS, RUN_METER, Price
from connectory.domain.licensing.scenario import Scenario


def settled_flows(
    scenario: Scenario,
    needs: Needs,
    part: Part,
    prices: Mapping[str, Price],
    *,
    lasting: bool = False,
) -> dict[int, bool]:
    """Return places of flows, and whether a new Process licence or the run meter covers each.

    Never: it costs no less than licences of their own for everybody it is asked for and who does
    not get one anyway; of equal costs the licences of people come first. For certain: of the people
    it is asked for some would need licences of their own without it that cost more than to cover it
    and all other flows that concern them. Each answer may make more of them plain.

    Args:
        scenario: The tenant.
        needs: What it needs.
        part: People and flows.
        prices: What plans cost.
        lasting: Only what stays as plain where other apps and flows need nothing any more. Then
            nobody counts as having a licence because of another flow, and what serves an app or
            shares a licence for certain is not said.
    """
    return _Settling(scenario, needs, part, prices, lasting=lasting).settle()


class _Settling:
    """Groups of flows, and for how many people each is asked as far as it is known."""

    def __init__(
        self,
        scenario: Scenario,
        needs: Needs,
        part: Part,
        prices: Mapping[str, Price],
        *,
        lasting: bool,
    ) -> None:
        self._needs, self._part, self._lasting = needs, part, lasting
        self._own = prices[AUTOMATE].price
        self._flows: defaultdict[Group, list[int]] = defaultdict(list)
        for place in part.flows:
            self._flows[group_of(scenario, needs, place)].append(place)
        of = {place: group for group, places in self._flows.items() for place in places}
        self._left = [_groups(of, one.flows) for one in part.classes]
        serving = [_groups(of, (flow for flow, _ in one.associated)) for one in part.classes]
        # An app that needs no custom connector any more may still need the rule of its environment.
        serves = _served(needs) | _in_managed(scenario) if lasting else frozenset()
        self._bound = [
            bool(some) or not serves.isdisjoint(one.people.tolist())
            for some, one in zip(serving, part.classes, strict=True)
        ]
        self._classes: defaultdict[Group, list[int]] = defaultdict(list)
        self._asked: defaultdict[Group, int] = defaultdict(int)
        for number, one in enumerate(part.classes):
            for group in self._left[number] | serving[number]:
                self._classes[group].append(number)
                self._asked[group] += one.size
        self._cover = {
            group: cover_of(scenario, needs, places, prices)[2]
            for group, places in self._flows.items()
        }
        room = room_of(scenario)
        self._open = {group for group in self._flows if self._plain(group, room)}
        self._forced = [False] * len(part.classes)
        self._settled: dict[int, bool] = {}

    def settle(self) -> dict[int, bool]:
        """Return what is plain."""
        while self._settle_never() or self._settle_surely():
            pass
        return self._settled

    def _settle_never(self) -> bool:
        found = [
            group
            for group in self._open
            if self._asked[group] * self._own <= self._cover[group] and not self._unowned(group)
        ]
        for group in found:
            self._decide(group, covered=False)
        return bool(found)

    def _settle_surely(self) -> bool:
        found = False
        for group in sorted(self._open, key=lambda one: (-self._asked[one], one)):
            if self._surely(group):
                self._decide(group, covered=True)
                found = True
        return found

    def _plain(self, group: Group, room: Mapping[Group, int]) -> bool:
        """Tell whether a group is covered as a whole or not at all."""
        needs = [self._needs.flows[place] for place in self._flows[group]]
        if self._lasting and any(need.app is not None for need in needs):
            return False
        alike = len(needs) == 1 or all(need.billed is None for need in needs)
        return alike and not room.get(group) and len(needs) <= 1 + ASSOCIATED

    def _surely(self, group: Group) -> bool:
        """Tell whether cover of flows costs less than licences of people whom only they concern.

        Looked at are those whom no flow concerns that is asked for less often than this one.
        """
        if self._lasting and len(self._flows[group]) > 1:
            return False
        if self._unowned(group):
            return True
        least, people, groups = self._asked[group], 0, {group}
        for number in self._classes[group]:
            left = self._left[number]
            if group not in left or self._held(number):
                continue
            if all(self._asked[one] >= least for one in left):
                people += self._part.classes[number].size
                groups |= left
        return people * self._own > sum(self._cover[one] for one in groups)

    def _unowned(self, group: Group) -> bool:
        return any(self._needs.flows[place].unowned for place in self._flows[group])

    def _held(self, number: int) -> bool:
        """Tell whether people of a class may get licences of their own for another reason."""
        return self._forced[number] or self._bound[number] or _helped(self._part.classes[number])

    def _decide(self, group: Group, *, covered: bool) -> None:
        self._open.discard(group)
        self._settled |= dict.fromkeys(self._flows[group], covered)
        for number in self._classes[group]:
            left = self._left[number]
            if self._forced[number] or group not in left:
                continue
            if covered:
                left.discard(group)
            elif not self._lasting:
                self._forced[number] = True
                for other in left:
                    self._asked[other] -= self._part.classes[number].size
                left.clear()


def cover_of(
    scenario: Scenario, needs: Needs, places: Sequence[int], prices: Mapping[str, Price]
) -> tuple[str, int, Decimal]:
    """Return the plan that covers flows of one process at least cost, its units and that cost."""
    licences = -(-len(places) // (1 + ASSOCIATED))
    process = PROCESS, licences, prices[PROCESS].price * licences
    if len(places) == 1:
        need = needs.flows[places[0]]
        runs = scenario.flows[need.flow].runs
        if need.billed is not None and runs is not None:
            paid = RUN_METER, runs, prices[RUN_METER].price * runs
            return min(process, paid, key=lambda one: one[2])
    return process


def _served(needs: Needs) -> frozenset[int]:
    """Return whom flows concern that serve an app."""
    serving = [need for need in needs.flows if need.app is not None]
    told = [need.people if need.billed is None else need.billed for need in serving]
    return frozenset(person for people in told for person in people.tolist())


def _in_managed(scenario: Scenario) -> frozenset[int]:
    """Return who has access to an app of a managed environment."""
    homes = scenario.environments
    apps = [app.users for app in scenario.apps if homes[app.environment].managed]
    return frozenset(person for users in apps for person in users.tolist())


def _groups(of: Mapping[int, Group], places: Iterable[int]) -> set[Group]:
    return {of[place] for place in places if place in of}


def _helped(one: Class) -> bool:
    """Tell whether Power Automate Premium does more for people than to cover flows."""
    return any(p.managed or p.managed_alone or p.billed_less for p in one.places)


def must_have(one: Class, settled: Mapping[int, bool]) -> bool:
    """Tell whether people of a class get Power Automate Premium for certain."""
    return bool(one.flows) and any(settled.get(place) is False for place in one.flows)
