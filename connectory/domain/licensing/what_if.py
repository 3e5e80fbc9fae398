"""What changes would cost before anything is done: two estimates and what lies between them.

Licences that the changes buy are held in the second estimate, so what they cost is no part of it
and is added to it. Seats of Power Apps Premium that are bought and those of the plan are one order:
where a lower price of a larger quantity is reached by both together, that is taken off again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from connectory.domain.licensing.changes import (
    MOST_CHANGES,
    Associate,
    Buy,
    BuyPasses,
    BuyProcess,
    Change,
    Link,
    Move,
    Refused,
    Replace,
    Retire,
    Scale,
)
from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.deciding_connectors import replaced, retire, scale
from connectory.domain.licensing.deciding_flows import associate, move
from connectory.domain.licensing.deciding_licences import buy, buy_passes, buy_process, link
from connectory.domain.licensing.draft import Called, Draft, by_id
from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.needing import Needing, needing
from connectory.domain.licensing.plan import Line, Plan
from connectory.domain.licensing.prices import PREMIUM, Price, PriceBook, list_prices
from connectory.domain.licensing.rules import DEFAULTS, OpenRules

_NOTHING: Final = Decimal(0)
_MAKING: Final[Mapping[type[Change], Callable[[Draft, Any], list[str]]]] = {
    Scale: scale,
    Retire: retire,
    Replace: replaced,
    Link: link,
    Buy: buy,
    BuyPasses: buy_passes,
    BuyProcess: buy_process,
    Associate: associate,
    Move: move,
}


class RefusedAt(Refused):
    """One of several changes cannot be made.

    Attributes:
        place: Which, counted from 0.
    """

    def __init__(self, words: str, place: int) -> None:
        super().__init__(words)
        self.place = place


@dataclass(frozen=True)
class WhatIf:
    """What some changes would cost.

    Attributes:
        before: The estimate as things are.
        after: The estimate as they would be, without what the changes buy.
        changes: What is changed, in this order.
        notes: Of each change what is worth knowing.
        bought: What the changes buy.
        together: What is taken off again because seats that are bought and those of the plan reach
            a lower price together; not above zero.
    """

    before: Estimate
    after: Estimate
    changes: tuple[Change, ...]
    notes: tuple[tuple[str, ...], ...]
    bought: tuple[Line, ...]
    together: Decimal

    @property
    def monthly(self) -> Decimal:
        """What everything costs a month then: the plan, and what is bought."""
        return self.after.monthly + sum((one.monthly for one in self.bought), self.together)

    @property
    def difference(self) -> Decimal:
        """How much more that is than the cheapest plan as things are; less is below zero."""
        return self.monthly - self.before.monthly

    @cached_property
    def begin(self) -> Needing:
        """Who needs cover then by rules by which they do not now, and these rules."""
        now, then = self.needing
        return _more(then, now)

    @cached_property
    def cease(self) -> Needing:
        """Who needs cover now by rules by which they do not then, and these rules."""
        now, then = self.needing
        return _more(now, then)

    @cached_property
    def needing(self) -> tuple[Needing, Needing]:
        """Who needs cover now, and who then."""
        now = needing(self.before, self.before.need.people)
        return now, now if self.after is self.before else needing(self.after, now)


def _more(some: Needing, others: Needing) -> Needing:
    """Return who has rules beyond those of others, and which."""
    found = {
        person: tuple(rule for rule in rules if rule not in others.get(person, ()))
        for person, rules in some.items()
    }
    return {person: rules for person, rules in found.items() if rules}


def what_if(
    before: Estimate,
    changes: Sequence[Change],
    book: PriceBook | None = None,
    rules: OpenRules = DEFAULTS,
    connectors: Collection[str] = (),
    called: Called = by_id,
) -> WhatIf:
    """Return what some changes would cost, made one after the other.

    Args:
        before: The estimate as things are.
        changes: What is changed.
        book: Prices; those of the package by default.
        rules: Answers to what is open.
        connectors: Connectors of the tenant, beside those that apps and flows use.
        called: What people call what is in it, for words about it.

    Raises:
        RefusedAt: A change cannot be made.
        Unsolved: No cheapest plan was found or proven.
    """
    if len(changes) > MOST_CHANGES:
        raise RefusedAt(f"more than {MOST_CHANGES} changes at once", MOST_CHANGES)
    draft = Draft(before.scenario, before.prices, rules, connectors, called)
    notes = []
    for place, change in enumerate(changes):
        try:
            notes.append(tuple(_MAKING[type(change)](draft, change)))
        except Refused as error:
            raise RefusedAt(str(error), place) from error
    same = draft.scenario is before.scenario
    after = before if same else estimate(draft.scenario, book or list_prices(), rules)
    bought = _lines(draft.bought, before.prices)
    return WhatIf(before, after, tuple(changes), tuple(notes), bought, _together(after, draft))


def _lines(
    bought: Counter[tuple[str, str | None]], prices: Mapping[str, Price]
) -> tuple[Line, ...]:
    found = []
    for (plan, home), quantity in bought.items():
        price = prices[plan]
        # Only seats of Premium cost less in larger numbers, in a plan as here.
        number, each = price.bought(quantity) if plan == PREMIUM else (quantity, price.price)
        found.append(Line(plan, number, each, home))
    return tuple(sorted(found, key=lambda line: (line.plan, line.environment or "")))


def _together(after: Estimate, draft: Draft) -> Decimal:
    """Return what is saved where seats that are bought and those of the plan are one order."""
    seats, price = draft.bought[PREMIUM, None], after.prices[PREMIUM]
    most = seats + sum(one.size for one in after.plan.classes)
    tiers = [tier for tier in price.tiers if most * price.price > tier.start * tier.price]
    if not seats or not tiers:
        return _NOTHING
    number, each = price.bought(seats)
    apart = number * each + after.plan.monthly
    costs = [apart, seats * price.price + _at(after, price.price).monthly]
    for tier in tiers:
        # While the tier is not reached, one seat more costs nothing.
        for asked in (_NOTHING, tier.price):
            plan = _at(after, asked)
            needed = sum(line.quantity for line in plan.lines if line.plan == PREMIUM)
            rest = plan.monthly - needed * asked
            costs.append(rest + max(seats + needed, tier.start) * tier.price)
    return min(costs) - apart


def _at(after: Estimate, price: Decimal) -> Plan:
    """Return the cheapest plan if a seat cost so much, however many there are."""
    told = replace(after.prices[PREMIUM], price=price, tiers=())
    return cheapest(after.scenario, after.needs, {**after.prices, PREMIUM: told})
