"""Parts of a tenant that can be looked at by themselves, and the answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import Price
from connectory.domain.licensing.scenario import Scenario

Group = tuple[int, str]
Best = tuple[int, int, int, int, int]
"""Money, what of it is metered, what is for capacity, units and ranks of plans."""
Way = tuple[bool, bool]
"""Whether one gets Power Apps Premium, and Power Automate Premium."""


@dataclass(frozen=True, slots=True)
class Part:
    """People and flows that no others bear upon, but for how many seats are bought in all.

    Attributes:
        classes: The people.
        flows: Places of flows among the flow needs.
        ways: Of each class the ways that are open, and what else each of its people costs by them;
            empty if that is not told yet.
    """

    classes: tuple[Class, ...]
    flows: tuple[int, ...]
    ways: tuple[Mapping[Way, Best], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The cheapest way to cover a part.

    Attributes:
        best: Least of money, of what is metered, of capacity, of units and of ranks of plans; money
            in the smallest amount that every price is a multiple of.
        bound: No way costs less money.
        premium: Licences of Power Apps Premium that people get.
        lines: What else is bought or billed.
        linked: Numbers of environments whose app meter is to be on and is not.
        processed: Numbers of flows that a new Process licence covers.
        shares: What those of each class get.
    """

    best: tuple[float, ...]
    bound: float
    premium: int
    lines: tuple[Line, ...]
    linked: tuple[int, ...]
    processed: tuple[int, ...]
    shares: tuple[tuple[Share, ...], ...]


def group_of(scenario: Scenario, needs: Needs, place: int) -> Group:
    """Return the flows with which a flow may share a Process licence: by itself if with none."""
    flow = scenario.flows[needs.flows[place].flow]
    return flow.environment, flow.process_group or f"\x00{place}"


def scale(prices: Mapping[str, Price]) -> int:
    """Return what makes every price a whole number."""
    amounts = [price.price for price in prices.values()]
    amounts += [tier.price for price in prices.values() for tier in price.tiers]
    places = max((-int(amount.normalize().as_tuple().exponent) for amount in amounts), default=0)
    return int(10 ** max(0, places))


def ranks(prices: Mapping[str, Price]) -> dict[str, int]:
    """Return the place of each plan among all, by id."""
    return {name: place for place, name in enumerate(sorted(prices), start=1)}


def open_ways(one: Class) -> list[Way]:
    """Return which of both licences people of a class may get, as far as that is of use."""
    apps = custom_alone = managed_alone = less = False
    for place in one.places:
        custom_alone |= place.custom_alone > 0
        managed_alone |= place.managed_alone > 0
        less |= bool(place.managed or place.managed_alone or place.billed_less)
        apps |= bool(place.custom or place.billed)
    premium_helps = apps or custom_alone or less or bool(one.associated)
    automate_helps = bool(one.flows or one.associated)
    ways = [(False, False)] if not (custom_alone or managed_alone) else []
    ways += [(True, False)] if premium_helps else []
    ways += [(False, True)] if (automate_helps or less) and not custom_alone else []
    ways += [(True, True)] if premium_helps and automate_helps else []
    return ways


def added(
    answers: Sequence[Answer], shares: tuple[tuple[Share, ...], ...], objectives: int
) -> Answer:
    """Return answers to pieces of a part as one.

    Args:
        answers: Of the pieces.
        shares: What those of each class of the part get.
        objectives: How many of what is best are told, the first of them first.
    """
    best = (one.best[:objectives] for one in answers)
    return Answer(
        best=tuple(sum(column) for column in zip(*best, strict=True)),
        bound=sum(one.bound for one in answers),
        premium=sum(one.premium for one in answers),
        lines=tuple(line for one in answers for line in one.lines if line.quantity),
        linked=tuple(sorted({number for one in answers for number in one.linked})),
        processed=tuple(sorted(number for one in answers for number in one.processed)),
        shares=shares,
    )
