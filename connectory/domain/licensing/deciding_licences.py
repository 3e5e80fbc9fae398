"""What becomes of a scenario when an environment is linked, or licences are bought.

What is bought is held from then on, and so is no part of the cheapest plan any more; the draft
keeps what it cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from connectory.domain.licensing.changes import (
    PERSONAL,
    Buy,
    BuyPasses,
    BuyProcess,
    Link,
    Refused,
)
from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.draft import Draft, free_name, listed, people_told
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.needs import ASSOCIATED
from connectory.domain.licensing.plan import Plan
from connectory.domain.licensing.prices import (
    APP_METER,
    AUTOMATE,
    PER_APP,
    PREMIUM,
    PROCESS,
)
from connectory.domain.licensing.products import Product, products
from connectory.domain.licensing.scenario import LINKABLE, Flow, People, User
from connectory.domain.licensing.showback import Given, given

_SKUS: Final[Mapping[str, str]] = {
    PREMIUM: "POWERAPPS_PER_USER",
    AUTOMATE: "POWERAUTOMATE_ATTENDED_RPA",
}
_NOTHING: Final = Decimal(0)


def link(draft: Draft, change: Link) -> list[str]:
    """Link an environment to pay-as-you-go; return what is worth knowing."""
    number = draft.environment(change.environment)
    home = draft.scenario.environments[number]
    told = draft.called("environment", change.environment)
    if home.type not in LINKABLE:
        raise Refused(
            f"{told} is of type {home.type}: only Production and Sandbox can be linked to "
            "pay-as-you-go"
        )
    runs = home.runs_metered or change.runs
    if home.metered and runs == home.runs_metered:
        raise Refused(f"{told} is linked already, and its meter is on")
    draft.put_environment(number, replace(home, linked=True, app_meter=True, flow_meter=runs))
    out = sum(1 for app in draft.scenario.apps if app.environment == number and app.opted_out)
    notes = [f"Its {home.passes:,} passes are not used any more."] if home.passes else []
    return notes + ([f"{out:,} of its apps are opted out, and stay so."] if out else [])


def buy(draft: Draft, change: Buy) -> list[str]:
    """Buy licences of people, and give them out."""
    if change.plan not in PERSONAL:
        raise Refused(f"{change.plan!r} is no licence of people; these are {listed(PERSONAL)}")
    draft.buy(change.plan, change.quantity)
    sku = _SKUS[change.plan]
    off = 0
    if change.people:
        getting = _named(draft, change, sku)
    else:
        ranked = _most_costly(draft, change.plan)
        free = [number for number in ranked if not _holds(draft.user(number), sku)]
        getting, off = free[: change.quantity], len(ranked) - len(free)
    draft.scenario = replace(
        draft.scenario, people=_given_to(draft.scenario.people, set(getting), sku)
    )
    notes = [] if change.people else [f"{people_told(len(getting))} get one."]
    idle = change.quantity - len(getting)
    notes += [f"{people_told(off)} with one that is switched off get no other."] if off else []
    return notes + ([f"{idle:,} lie idle, since nobody else needs one."] if idle else [])


def _named(draft: Draft, change: Buy, sku: str) -> list[int]:
    """Return the numbers of who is named to get a licence."""
    names = list(dict.fromkeys(change.people))
    if len(names) > change.quantity:
        raise Refused(f"{change.quantity:,} licences are not enough for {len(names):,} people")
    found = []
    for name in names:
        number = draft.enabled(name, ", and needs no licence")
        if _holds(draft.user(number), sku):
            plan = draft.prices[change.plan].plan.name
            raise Refused(f"{draft.called('person', name)} holds {plan} already")
        found.append(number)
    return found


def _holds(user: User, sku: str) -> bool:
    known = products()
    return any(known.of(one) == known.of(sku) for one in user.skus)


def _most_costly(draft: Draft, plan: str) -> list[int]:
    """Return who needs anything a licence covers, whom the cheapest plan spends most on first."""
    scenario, prices = draft.scenario, draft.prices
    needs = needs_of(scenario, Holders(scenario, products()), draft.rules)
    least = cheapest(scenario, needs, prices)
    ranks = []
    for one in given(least.classes, least.shares):
        needed = sum(place.custom + place.custom_alone for place in one.places)
        needed = len(one.flows) if plan == AUTOMATE else needed
        needed += sum(place.managed + place.managed_alone for place in one.places)
        spent = _spent(draft, least, one, plan)
        if needed or spent:
            ranks.append((-spent, -needed, one.person))
    return [person for _, _, person in sorted(ranks)]


def _spent(draft: Draft, least: Plan, one: Given, plan: str) -> Decimal:
    """Return what a plan spends on a person that a licence would save."""
    prices, environments = draft.prices, draft.scenario.environments
    if (one.premium and plan == PREMIUM) or (one.automate and plan == AUTOMATE):
        return prices[plan].price
    if one.premium or plan == AUTOMATE:
        return _NOTHING
    passes = {line.environment for line in least.lines if line.plan == PER_APP}
    spent = _NOTHING
    for place in one.places:
        home = environments[place.environment]
        if home.metered or place.environment in least.linked:
            spent += (place.billed + place.billed_less) * prices[APP_METER].price
        elif home.id in passes:
            spent += (place.custom + place.managed) * prices[PER_APP].price
    return spent


def _given_to(people: People, who: set[int], sku: str) -> People:
    """Return everybody, numbered as before, some of them with a product more."""
    product = products().of(sku)
    users: list[User] = []
    number = 0
    for user in people.users:
        mine = range(number, number + user.size)
        number += user.size
        if who.isdisjoint(mine):
            users.append(user)
            continue
        # Of people who were alike only some get it: each stands alone from now on.
        users += [
            _with(alone, sku, product) if one in who else alone
            for one in mine
            for alone in (replace(user, id=people.name(one), count=None),)
        ]
    return People(users)


def _with(user: User, sku: str, product: Product | None) -> User:
    """Return a person with a product more, the service plans of which are on."""
    plans = () if product is None else (*product.app_plans, *product.flow_plans)
    lit = {name for plan in plans for name in plan}
    off = tuple(one for one in user.disabled_plans if one.strip().casefold() not in lit)
    return replace(user, skus=(*user.skus, sku), disabled_plans=off)


def buy_passes(draft: Draft, change: BuyPasses) -> list[str]:
    """Buy passes, and hand them out to an environment."""
    number = draft.environment(change.environment)
    home = draft.scenario.environments[number]
    if home.linked:
        told = draft.called("environment", change.environment)
        raise Refused(f"{told} is linked to pay-as-you-go, where passes are not used")
    draft.buy(PER_APP, change.quantity, number)
    draft.put_environment(number, replace(home, passes=home.passes + change.quantity))
    return []


def buy_process(draft: Draft, change: BuyProcess) -> list[str]:
    """Buy Process licences for flows, which are one process from then on."""
    numbers = [draft.flow(name) for name in dict.fromkeys(change.flows)]
    flows = draft.scenario.flows
    _one_process(draft, numbers)
    free = [n for n in numbers if not flows[n].process_licensed]
    if change.quantity > len(free):
        raise Refused(
            f"{change.quantity:,} Process licences are more than the {len(free):,} flows without one"
        )
    draft.buy(PROCESS, change.quantity, flows[numbers[0]].environment)
    group = next((flows[n].process_group for n in numbers if flows[n].process_group), None)
    if group is None and len(numbers) > 1:
        groups = {one.process_group for one in flows if one.process_group}
        group = free_name(flows[numbers[0]].id, groups)
    licensed = set(_first(draft, free)[: change.quantity]) | (set(numbers) - set(free))
    draft.put_flows(
        {n: replace(flows[n], process_group=group, process_licensed=n in licensed) for n in numbers}
    )
    left = len(numbers) - len(licensed) * (ASSOCIATED + 1)
    return [f"{left:,} of the flows are more than they cover."] if left > 0 else []


def _one_process(draft: Draft, numbers: Sequence[int]) -> None:
    """Refuse flows that cannot be one process, or that no Process licence concerns."""
    if not numbers:
        raise Refused("no flow is named that the Process licences are for")
    flows = [draft.scenario.flows[n] for n in numbers]
    for number, flow in zip(numbers, flows, strict=True):
        if not flow.custom_connector:
            raise Refused(f"the flow {draft.flow_called(number)} has no custom connector")
        if flow.trigger == "app":
            raise Refused(
                f"the flow {draft.flow_called(number)} is started by an app, and covered with that"
            )
    if _several(flow.environment for flow in flows):
        raise Refused("the flows of one process are in one environment; these are in several")
    if _several(flow.process_group for flow in flows if flow.process_group):
        raise Refused("these flows belong to several processes, which share no licence")


def _several(values: Iterable[object]) -> bool:
    return len(set(values)) > 1


def _first(draft: Draft, numbers: Sequence[int]) -> list[int]:
    """Return flows in the order in which they get a licence."""
    scenario = draft.scenario
    needs = needs_of(scenario, Holders(scenario, products()), draft.rules)
    concerned = {one.flow: len(one.people) for one in needs.flows}

    def rank(number: int) -> tuple[bool, int, str]:
        flow: Flow = scenario.flows[number]
        return flow.service_principal is None, -concerned.get(number, 0), flow.id

    return sorted(numbers, key=rank)
