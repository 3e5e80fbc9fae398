"""What can be looked at by itself: people and flows that no decision ties to others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from connectory.domain.licensing.classes import Class, covered_by_meter
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.part import Part, group_of
from connectory.domain.licensing.scenario import LINKABLE, Scenario
from connectory.domain.licensing.settling import must_have

Knot = tuple[str, object]
"""A decision that several share: about an environment, or about flows of one process."""
_ALONE: Knot = ("alone", None)


def parts_of(
    scenario: Scenario,
    needs: Needs,
    classes: Sequence[Class],
    links: Mapping[int, bool],
) -> list[Part]:
    """Return everybody and every flow that costs something, in parts.

    An environment ties its people together where its meter may be switched on or it has passes to
    share; a flow, or the flows of one process, tie those together who are named for them. People
    whom nothing ties to others are one part, since nothing is gained by looking at them singly.

    Args:
        scenario: The tenant.
        needs: What it needs.
        classes: Its people.
        links: Environments of which it is plain whether their meter is to be on.
    """
    ties = _Ties()
    flows = counted_flows(scenario, needs)
    counted = set(flows)
    tied = tying(scenario, links)
    knots = [list(knots_of(scenario, needs, one, tied, counted)) or [_ALONE] for one in classes]
    for some in knots:
        ties.tie(some)
    people: defaultdict[Knot, list[Class]] = defaultdict(list)
    for one, some in zip(classes, knots, strict=True):
        people[ties.root(some[0])].append(one)
    asked: defaultdict[Knot, list[int]] = defaultdict(list)
    for place in flows:
        asked[ties.root(("flows", group_of(scenario, needs, place)))].append(place)
    roots = dict.fromkeys([*people, *asked])
    return [Part(tuple(people[root]), tuple(asked[root])) for root in roots]


def tying(
    scenario: Scenario, links: Mapping[int, bool], ample: Collection[int] = ()
) -> frozenset[int]:
    """Return the environments that tie their people together.

    Args:
        scenario: The tenant.
        links: Environments of which it is plain whether their meter is to be on.
        ample: Environments with passes enough for everybody.
    """
    return frozenset(
        number
        for number, home in enumerate(scenario.environments)
        if (home.type in LINKABLE and not home.metered and number not in links)
        or (home.passes and not home.linked and number not in ample)
    )


def pieces_of(
    scenario: Scenario,
    needs: Needs,
    part: Part,
    tied: Collection[int],
    settled: Mapping[int, bool],
) -> tuple[list[int], list[tuple[Part, list[int]]]]:
    """Return what is left of a part once it is plain of some flows how they are covered.

    Args:
        scenario: The tenant.
        needs: What it needs.
        part: What is taken to pieces.
        tied: Environments that tie people together.
        settled: Flows, by place, of which it is plain whether a new Process licence covers them.

    Returns:
        Numbers of the classes that nothing ties to anything, and the rest in pieces, each with the
        numbers of its classes.
    """
    ties = _Ties()
    counted = {place for place in part.flows if place not in settled}
    alone, knots = [], {}
    for number, one in enumerate(part.classes):
        asked = () if must_have(one, settled) else counted
        some = list(knots_of(scenario, needs, one, tied, asked))
        serving = [place for place, _ in one.associated if settled.get(place) is not True]
        if not some and not serving:
            alone.append(number)
        else:
            knots[number] = some or [("class", number)]
            ties.tie(knots[number])
    people: defaultdict[Knot, list[int]] = defaultdict(list)
    for number, some in knots.items():
        people[ties.root(some[0])].append(number)
    flows: defaultdict[Knot, list[int]] = defaultdict(list)
    for place in sorted(counted):
        flows[ties.root(("flows", group_of(scenario, needs, place)))].append(place)
    return alone, [
        (Part(tuple(part.classes[n] for n in people[root]), tuple(flows[root])), people[root])
        for root in dict.fromkeys([*people, *flows])
    ]


def counted_flows(scenario: Scenario, needs: Needs) -> list[int]:
    """Return the places of flows that cost something, or that nobody covers yet."""
    return [
        place
        for place, need in enumerate(needs.flows)
        if not covered_by_meter(scenario, need)
        and (need.asked if need.billed is None else need.costs)
    ]


def knots_of(
    scenario: Scenario, needs: Needs, one: Class, tied: Collection[int], flows: Collection[int]
) -> Iterator[Knot]:
    """Yield what ties people of a class to others.

    Args:
        scenario: The tenant.
        needs: What it needs.
        one: The class.
        tied: Environments that tie people together.
        flows: Places of flows that do.
    """
    homes = [place.environment for place in one.places]
    homes += [scenario.apps[app].environment for _, app in one.associated]
    for number in homes:
        if number in tied:
            yield "environment", number
    for place in (*one.flows, *(flow for flow, _ in one.associated)):
        if place in flows:
            yield "flows", group_of(scenario, needs, place)


class _Ties:
    """Knots that are tied together, each named by one of them."""

    def __init__(self) -> None:
        self._of: dict[Knot, Knot] = {}

    def root(self, knot: Knot) -> Knot:
        """Return the one that names all that is tied to a knot."""
        found = knot
        while (above := self._of.get(found, found)) != found:
            found = above
        while knot != found:
            self._of[knot], knot = found, self._of.get(knot, found)
        return found

    def tie(self, knots: Sequence[Knot]) -> None:
        """Tie knots together."""
        first = self.root(knots[0])
        for knot in knots[1:]:
            self._of[self.root(knot)] = first
