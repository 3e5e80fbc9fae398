"""What the cheapest plan costs each department, and each environment.

The rule: a licence goes to the department of whoever gets it, and seats bought beyond those needed
with them; passes and metered apps of an environment to the departments of those who use them there,
by the number of apps; a flow to the department of its owner; credits to the tenant. By environment passes, meters and Process are
where they are bought or billed, and licences of people go to the environments by how many apps and
flows those who get them need there. Amounts are split to the smallest unit of the currency, so that they add up to the plan exactly.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connectory.domain.licensing.classes import Class, Place
from connectory.domain.licensing.estimate import Estimate
from connectory.domain.licensing.plan import Line, Share
from connectory.domain.licensing.prices import (
    APP_METER,
    AUTOMATE,
    PER_APP,
    PREMIUM,
    PROCESS,
    RUN_METER,
)
from connectory.domain.licensing.scenario import Scenario

NOBODY: Final = ""
"""Stands for costs of no department, and of people of whom none is told."""
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Given:
    """What one person gets by the cheapest plan.

    Attributes:
        person: Number of the person.
        premium: Power Apps Premium.
        automate: Power Automate Premium.
        places: What the person needs by environment.
        flows: Places among the flow needs of those the person is named for.
    """

    person: int
    premium: bool
    automate: bool
    places: tuple[Place, ...]
    flows: tuple[int, ...]


def given(classes: tuple[Class, ...], shares: tuple[tuple[Share, ...], ...]) -> Iterator[Given]:
    """Yield what everybody gets who needs anything."""
    for one, told in zip(classes, shares, strict=True):
        start = 0
        for share in told:
            for person in one.people[start : start + share.people].tolist():
                flows = (*one.flows, *(flow for flow, _ in one.associated))
                yield Given(person, share.premium, share.automate, one.places, flows)
            start += share.people


def by_department(
    estimate: Estimate, department: Callable[[int], str], owners: Mapping[int, str]
) -> dict[str, Decimal]:
    """Return what the cheapest plan costs each department; it adds up to the plan.

    Args:
        estimate: The estimate.
        department: The department of a person; `NOBODY` where none is told.
        owners: The department of whoever owns a flow, by its number.
    """
    weights = _weights(estimate, department, owners)
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in estimate.lines:
        for name, amount in split(line.monthly, weights[_key(line)]).items():
            found[name] += amount
    return dict(found)


def by_environment(estimate: Estimate) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what the cheapest plan costs each environment; it adds up to the plan.

    Returns:
        By the id of the environment, or `NOBODY` for the tenant: what is bought or billed there, and
        its share of licences of people.
    """
    weights = _by_home(estimate)
    direct: defaultdict[str, Decimal] = defaultdict(Decimal)
    share: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in estimate.lines:
        if line.environment is not None:
            direct[line.environment] += line.monthly
            continue
        for home, amount in split(line.monthly, weights[line.plan]).items():
            share[home] += amount
    return {home: (direct[home], share[home]) for home in {*direct, *share}}


def _by_home(estimate: Estimate) -> defaultdict[str, Counter[str]]:
    """Return by licence of people how many apps and flows it is needed for in each environment."""
    scenario, needs = estimate.scenario, estimate.needs
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in given(estimate.plan.classes, estimate.plan.shares):
        for place in one.places:
            home = scenario.environments[place.environment].id
            managed = max(place.managed + place.managed_alone, place.billed_less)
            if one.premium:
                custom = max(place.custom + place.custom_alone, place.billed)
                found[PREMIUM][home] += custom + managed
            elif one.automate:
                found[AUTOMATE][home] += managed
        if one.automate:
            for flow in one.flows:
                home = scenario.environments[scenario.flows[needs.flows[flow].flow].environment].id
                found[AUTOMATE][home] += 1
    return found


def split(amount: Decimal, weights: Mapping[str, int]) -> dict[str, Decimal]:
    """Return an amount in shares of whole cents that add up to it; the largest rests get one more."""
    total = sum(weights.values())
    if not total:
        return {NOBODY: amount}
    exact = {name: amount * weight / total for name, weight in weights.items() if weight}
    shares = {name: one.quantize(_CENT, rounding="ROUND_DOWN") for name, one in exact.items()}
    rest = amount - sum(shares.values())
    for name in sorted(exact, key=lambda name: (shares[name] - exact[name], name)):
        if rest < _CENT:
            break
        shares[name] += _CENT
        rest -= _CENT
    if rest:  # an amount that is no whole number of cents
        shares[min(shares)] += rest
    return shares


def _key(line: Line) -> tuple[str, str | None]:
    return line.plan, line.environment


def _weights(
    estimate: Estimate, department: Callable[[int], str], owners: Mapping[int, str]
) -> defaultdict[tuple[str, str | None], Counter[str]]:
    scenario, plan = estimate.scenario, estimate.plan
    found: defaultdict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
    for one in given(plan.classes, plan.shares):
        name = department(one.person)
        found[PREMIUM, None][name] += one.premium
        found[AUTOMATE, None][name] += one.automate
        if not one.premium:
            _used(found, scenario, one, name)
    for number, flow in enumerate(scenario.flows):
        home = scenario.environments[flow.environment].id
        owner = owners.get(number, NOBODY)
        if number in plan.processed:
            found[PROCESS, home][owner] += 1
        elif flow.custom_connector:
            found[RUN_METER, home][owner] += flow.runs or 0
    return found


def _used(
    found: defaultdict[tuple[str, str | None], Counter[str]],
    scenario: Scenario,
    one: Given,
    name: str,
) -> None:
    for place in one.places:
        home = scenario.environments[place.environment].id
        less = 0 if one.automate else 1
        found[PER_APP, home][name] += place.custom + less * place.managed
        found[APP_METER, home][name] += place.billed + less * place.billed_less
