"""Parts of a tenant that can be looked at by themselves, and the answers to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectory.domain.licensing.classes import Class
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import Price
from connectory.domain.licensing.scenario import Scenario

Group = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Part:
    """People and flows that no others bear upon, but for how many seats are bought in all.

    Attributes:
        classes: The people.
        flows: Places of flows among the flow needs.
    """

    classes: tuple[Class, ...]
    flows: tuple[int, ...]


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
