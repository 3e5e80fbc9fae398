"""The cheapest plan of a whole tenant, put together from its parts.

Parts have nothing to do with each other but that seats are cheaper in large numbers. At list price
they are simply added up. At the price of a tier they are too, where as many seats are needed as the
tier asks for; if fewer are, the tier costs the same however many are used, and so parts are looked
at as if a seat were free. Only where neither holds is the tenant looked at as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter

from connectory.domain.licensing.classes import Class, classes_of
from connectory.domain.licensing.links import plain_links
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.part import Answer, Part, scale
from connectory.domain.licensing.parting import parts_of
from connectory.domain.licensing.plan import Line, Plan
from connectory.domain.licensing.prices import PREMIUM, Price, Tier
from connectory.domain.licensing.scenario import Scenario
from connectory.domain.licensing.solving import Solve, Solver, of_parts

_FREE = Decimal(0)


def cheapest(scenario: Scenario, needs: Needs, prices: Mapping[str, Price]) -> Plan:
    """Return the cheapest plan that leaves no need, without Copilot credits.

    Raises:
        Unsolved: None was found or proven.
    """
    classes = classes_of(scenario, needs, "plan")
    links = plain_links(scenario, classes, prices)
    parts = parts_of(scenario, needs, classes, links)
    solve = of_parts(Solver(scenario, prices), needs, parts, links)
    best = min(whole(parts, prices, solve), key=attrgetter("best"), default=None)
    return Plan((), Decimal(0), proven=True) if best is None else _plan(prices, best)


class Whole:
    """The answers of all parts, with the seats they need bought at one price."""

    def __init__(
        self,
        parts: Sequence[Part],
        answers: Sequence[Answer],
        prices: Mapping[str, Price],
        solved_at: Decimal | None,
        tier: Tier,
    ) -> None:
        self.parts, self.answers = parts, answers
        needed = sum(one.premium for one in answers)
        self.seats = max(needed, tier.start) if needed else 0
        self.price = tier.price
        factor, rank = scale(prices), sorted(prices).index(PREMIUM) + 1
        money, *rest = (sum(column) for column in zip(*(one.best for one in answers), strict=True))
        bound = sum(one.bound for one in answers)
        if solved_at is not None:
            more = int(self.seats * tier.price * factor) - int(needed * solved_at * factor)
            money, bound = money + more, bound + more
            if rest:
                metered, capacity, units, ranks = rest
                spare = self.seats - needed
                rest = [metered, capacity, units + spare, ranks + spare * rank]
        self.best = (round(money), *(round(one) for one in rest))
        self.proven = round(bound) == round(money)


def whole(parts: Sequence[Part], prices: Mapping[str, Price], solve: Solve) -> Iterator[Whole]:
    """Yield the best plan at each price of a seat at which nothing costs less."""
    costs = costs_by_tier(parts, prices, solve)
    for tier, cost in costs.items():
        if cost == min(costs.values()):
            yield _at(parts, prices, solve, tier, _together(parts), cost_alone=False)


def costs_by_tier(
    parts: Sequence[Part],
    prices: Mapping[str, Price],
    solve: Solve,
    together: Callable[[], Part] | None = None,
) -> dict[Tier, float]:
    """Return what the cheapest plan costs at each price of a seat at which it may be bought.

    Args:
        parts: Everybody and every flow.
        prices: What plans cost.
        solve: Answers a part.
        together: Returns all parts as one; they are joined by default.
    """
    if not parts:
        return {}
    join = together or _together(parts)
    price = prices[PREMIUM]
    listed = Tier(0, price.price)
    costs = {listed: _at(parts, prices, solve, listed, join, cost_alone=True).best[0]}
    for tier in price.tiers:
        # The seats of a tier alone may cost more than everything at list price.
        if costs[listed] >= int(tier.start * tier.price * scale(prices)):
            costs[tier] = _at(parts, prices, solve, tier, join, cost_alone=True).best[0]
    return costs


def _together(parts: Sequence[Part]) -> Callable[[], Part]:
    def joined() -> Part:
        return Part(
            tuple(one for part in parts for one in part.classes),
            tuple(flow for part in parts for flow in part.flows),
        )

    return joined


def _at(
    parts: Sequence[Part],
    prices: Mapping[str, Price],
    solve: Solve,
    tier: Tier,
    join: Callable[[], Part],
    *,
    cost_alone: bool,
) -> Whole:
    """Return the best plan whose seats are all bought at the price of a tier."""
    answers = [solve(one, [Tier(0, tier.price)], cost_alone) for one in parts]
    if sum(one.premium for one in answers) >= tier.start:
        return Whole(parts, answers, prices, tier.price, tier)
    answers = [solve(one, [Tier(0, _FREE)], cost_alone) for one in parts]
    if sum(one.premium for one in answers) <= tier.start:
        return Whole(parts, answers, prices, _FREE, tier)
    together = join()
    return Whole([together], [solve(together, [tier], cost_alone)], prices, None, tier)


def _plan(prices: Mapping[str, Price], best: Whole) -> Plan:
    lines = [Line(PREMIUM, best.seats, best.price)] if best.seats else []
    lines += _added(line for one in best.answers for line in one.lines)
    lines.sort(key=lambda line: (line.plan, line.environment or ""))
    monthly = sum((line.monthly for line in lines), Decimal(0))
    classes: list[Class] = [one for part in best.parts for one in part.classes]
    return Plan(
        lines=tuple(lines),
        monthly=monthly,
        proven=best.proven and int(monthly * scale(prices)) == best.best[0],
        linked=tuple(sorted({n for one in best.answers for n in one.linked})),
        processed=tuple(sorted(n for one in best.answers for n in one.processed)),
        classes=tuple(classes),
        shares=tuple(shares for one in best.answers for shares in one.shares),
    )


def _added(lines: Iterator[Line]) -> list[Line]:
    """Return lines of the same plan and environment as one."""
    found: dict[tuple[str, str | None], Line] = {}
    for line in lines:
        key = line.plan, line.environment
        known = found.get(key)
        quantity = line.quantity + (known.quantity if known else 0)
        found[key] = Line(line.plan, quantity, line.unit_price, line.environment)
    return list(found.values())
