"""The estimate of a scenario: who needs what, what the ways to cover it cost, and the cheapest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.classes import Class, classes_of
from connectory.domain.licensing.held import covered
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naive import Way, Ways
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.needs import (
    CUSTOM_APP,
    CUSTOM_FLOW,
    MANAGED,
    PRINCIPAL_FLOW,
    Needs,
    Review,
)
from connectory.domain.licensing.plan import Line, Plan
from connectory.domain.licensing.prices import (
    CREDIT_METER,
    CREDIT_PACK,
    Price,
    PriceBook,
    list_prices,
)
from connectory.domain.licensing.products import Products, products
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import Basis, Scenario


@dataclass(frozen=True, slots=True)
class Need:
    """Who needs a licence, after passes that are held and meters that are on.

    Attributes:
        people: Numbers of people.
        flows: Numbers of flows that no person can cover.
        by_rule: How many by each rule; one may need it by several.
        review: What cannot be decided, and is not counted.
    """

    people: tuple[int, ...]
    flows: tuple[int, ...]
    by_rule: dict[str, int]
    review: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """A licence that somebody holds."""

    person: int
    sku: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a scenario costs.

    Attributes:
        scenario: What it is about.
        holders: What its people hold.
        needs: What it needs, before passes that are held and meters that are on.
        prices: What plans cost.
        basis: Who needs a licence for an app: who uses it, or who has access.
        price_book: Version of the prices.
        currency: Of every amount.
        need: Who needs a licence.
        ways: The naive ways by their name; None where one does not apply.
        plan: The cheapest plan that leaves no need.
        credits: What Copilot credits cost, in lines of it.
        metered_now: What environments that are linked bill now.
        reclaimable: Paid licences that disabled accounts hold.
        warnings: What a reader should know.
    """

    scenario: Scenario
    holders: Holders
    needs: Needs
    prices: Mapping[str, Price]
    basis: Basis
    price_book: str
    currency: str
    need: Need
    ways: dict[str, Way | None]
    plan: Plan
    credits: tuple[Line, ...]
    metered_now: Decimal
    reclaimable: tuple[Seat, ...]
    warnings: tuple[str, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is bought or billed by the cheapest plan."""
        every = (*self.plan.lines, *self.credits)
        return tuple(sorted(every, key=lambda line: (line.plan, line.environment or "")))

    @property
    def monthly(self) -> Decimal:
        """What the cheapest plan costs a month."""
        return sum((line.monthly for line in self.lines), Decimal(0))


def estimate(
    scenario: Scenario, book: PriceBook | None = None, rules: OpenRules = DEFAULTS
) -> Estimate:
    """Return what a scenario costs.

    Args:
        scenario: The tenant.
        book: Prices; the list prices of the package by default.
        rules: Answers to what is open.

    Raises:
        PriceBookError: A plan that is needed has no price on that day.
        Unsolved: No cheapest plan was found or proven.
    """
    book = book or list_prices()
    prices = book.on(scenario.as_of, scenario.channel)
    known = products()
    holders = Holders(scenario, known)
    needs = needs_of(scenario, holders, rules)
    ways = Ways(scenario, needs, prices)
    need = _need(scenario, needs)
    return Estimate(
        scenario=scenario,
        holders=holders,
        needs=needs,
        prices=prices,
        basis=scenario.basis,
        price_book=book.version,
        currency=book.currency,
        need=need,
        ways={
            "premium": ways.premium(),
            "per_app": ways.per_app(),
            "payg": ways.payg(),
            "process": ways.process(),
        },
        plan=cheapest(scenario, needs, prices),
        credits=credits_lines(sum(agent.credits for agent in scenario.agents), prices),
        metered_now=ways.metered_now(),
        reclaimable=tuple(_reclaimable(scenario, known)),
        warnings=(*scenario.warnings, *_unknown(known), *_trials(scenario, known), *needs.warnings),
    )


def _need(scenario: Scenario, needs: Needs) -> Need:
    classes = classes_of(scenario, needs, "now")
    held = covered(scenario, classes, wholly=True)
    managed = by_managed(scenario, needs)
    people: list[int] = []
    by_rule: Counter[str] = Counter()
    for one, first in zip(classes, held, strict=True):
        # A pass goes first to whom both rules name, so that it does not matter who stands first.
        left = one.people[np.argsort(~managed[one.people], kind="stable")][first:]
        people += left.tolist()
        for rule in rules_of(one):
            by_rule[rule] += len(left)
        by_rule[MANAGED] += int(managed[left].sum())
    flows = [
        need.flow for need in needs.flows if need.unowned and not need.spare and need.billed is None
    ]
    by_rule[PRINCIPAL_FLOW] = len(flows)
    told = {name: number for name, number in by_rule.items() if number}
    return Need(tuple(sorted(people)), tuple(flows), told, tuple(needs.review))


def rules_of(one: Class) -> Iterator[str]:
    """Yield the rules by which all people of a class need something; see `by_managed` as well."""
    if any(place.custom or place.custom_alone for place in one.places):
        yield CUSTOM_APP
    if one.flows or one.associated:
        yield CUSTOM_FLOW


def by_managed(scenario: Scenario, needs: Needs) -> NDArray[np.bool_]:
    """Tell of everybody whether the rule of managed environments asks for cover, meters being on.

    It does so of itself, also for apps for which that of custom connectors does.
    """
    asked = needs.apps
    open_apps = np.array(
        [
            app.opted_out or not scenario.environments[app.environment].metered
            for app in scenario.apps
        ],
        dtype=np.bool_,
    )
    found = np.zeros(len(scenario.people), dtype=np.bool_)
    by_rule = asked.person[asked.managed], asked.app[asked.managed]
    found[by_rule[0][open_apps[by_rule[1]]]] = True
    return found


def credits_lines(number: int, prices: dict[str, Price]) -> tuple[Line, ...]:
    """Return the cheapest lines for Copilot credits: packs, metered ones, or both.

    Credits are of the whole tenant. Of two that cost the same the one with less metered is taken.
    """
    pack, meter = prices[CREDIT_PACK], prices[CREDIT_METER]
    size = max(1, pack.plan.credits)

    def lines(packs: int) -> tuple[Line, ...]:
        rest = max(0, number - packs * size)
        told = (Line(CREDIT_METER, rest, meter.price), Line(CREDIT_PACK, packs, pack.price))
        return tuple(line for line in told if line.quantity)

    ways = [lines(packs) for packs in {0, number // size, -(-number // size)}]
    return min(
        ways,
        key=lambda way: (
            sum((line.monthly for line in way), Decimal(0)),
            sum(line.quantity for line in way if line.plan == CREDIT_METER),
        ),
    )


def _reclaimable(scenario: Scenario, known: Products) -> Iterator[Seat]:
    people = scenario.people
    for number, user in enumerate(people.users):
        if user.enabled:
            continue
        for sku in user.skus:
            product = known.of(sku)
            if product is not None and product.paid:
                yield from (Seat(person, sku) for person in people.of(number).tolist())


def _unknown(known: Products) -> Iterator[str]:
    for name in sorted(known.unknown):
        yield f"product {name} is not known and covers nothing; is its id or part number right?"


def _trials(scenario: Scenario, known: Products) -> Iterator[str]:
    """Yield what changes when trials end."""
    ends: Counter[str] = Counter()
    for user in scenario.people.users:
        held = [product for sku in user.skus if (product := known.of(sku)) is not None]
        trial = any("trial" in (product.app, product.flow) for product in held)
        if trial and user.enabled and user.trial_until is None:
            ends["on a trial whose end is not told count as covered"] += user.size
        elif trial and user.enabled and user.trial_until >= scenario.as_of:  # type: ignore[operator]
            ends[f"on a trial count as covered until {user.trial_until} and not after"] += user.size
        elif user.trial_until is not None and not trial:
            ends["have an end of a trial but hold none, which covers nothing"] += user.size
    for words, number in sorted(ends.items()):
        yield f"{number} people {words}"
