"""What custom connectors cost a tenant in licences: the estimate of a moment, and its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple, get_args

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.licensing.attribution import Cause, cause_of, causes
from connectory.domain.licensing.estimate import Estimate, estimate
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.products import products
from connectory.domain.licensing.rules import OpenRules
from connectory.domain.licensing.savings import Kind, savings
from connectory.domain.licensing.scenario import App, Flow
from connectory.domain.licensing.showback import NOBODY, Given, by_department, by_environment, given
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure_facts import Tenant, tenant
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment

_PEOPLE: Schema = {
    "person_id": "text",
    "person": "text",
    "department": "text",
    "gets": "text",
    "apps": "text",
    "flows": "text",
    "connectors": "text",
    "environments": "text",
    "rules": "text",
}
_CONNECTORS: Schema = {
    "connector_id": "count",
    "connector": "text",
    "environment": "text",
    "monthly": "money",
    "only": "count",
    "apps": "count",
    "flows": "count",
}
_LINES: Schema = {
    "plan": "text",
    "environment": "text",
    "quantity": "count",
    "unit_price": "money",
    "monthly": "money",
}
_ENVIRONMENTS: Schema = {
    "environment": "text",
    "people": "count",
    "direct": "money",
    "share": "money",
    "monthly": "money",
}
_DEPARTMENTS: Schema = {"department": "text", "monthly": "money"}
_LISTED = 5


class ConnectorRow(NamedTuple):
    """What a connector costs, for how many people who need cover because of it alone."""

    connector_id: int
    monthly: Decimal
    people: int
    apps: int
    flows: int


MANY: Final = 3_000_000
"""So many kinds of people times connectors, and more, are not looked at while somebody waits."""


@dataclass(frozen=True)
class Exposure:
    """What a tenant needs and what that costs.

    Attributes:
        tenant: The tenant, with names.
        estimate: What it costs.
        rules: Answers to what is open.
    """

    tenant: Tenant
    estimate: Estimate
    rules: OpenRules

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """What each connector costs, the dearest first; looked at when it is asked for."""
        return self.caused()

    def caused(self, progress: Callable[[int, int], None] | None = None) -> tuple[Cause, ...]:
        """Return what each connector costs, the dearest first.

        Args:
            progress: Told how many connectors were reckoned, of how many.
        """
        told = self.estimate
        each = causes(told.scenario, told.holders, told.needs, told.prices, self.rules, progress)
        return tuple(each)

    def cause(self, connector: str) -> Cause | None:
        """Return what one connector costs; None where no app and no flow uses it."""
        if not self.large:
            return next((one for one in self.causes if one.connector == connector), None)
        told = self.estimate
        return cause_of(told.scenario, told.holders, told.needs, told.prices, connector, self.rules)

    @property
    def large(self) -> bool:
        """Whether it takes long to tell what each connector costs."""
        return len(self.estimate.plan.classes) * len(self.tenant.connectors) > MANY

    @property
    def needs(self) -> Needs:
        """What it needs, before passes that are held and meters that are on."""
        return self.estimate.needs


def exposure(connection: Connection, moment: Moment, settings: LicensingSettings) -> Exposure:
    """Return what licences a tenant needs at a moment, and what they cost.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: Prices, and how licences are bought.

    Raises:
        PriceBookError: The price book of the settings cannot be used.
        Unsolved: No cheapest plan was found or proven.
    """
    found = tenant(
        connection, moment, settings.channel or None, settings.basis, dict(settings.trial_ends)
    )
    told = estimate(found.scenario, settings.prices(), settings.rules())
    return Exposure(found, told, settings.rules())


def needs_alone(connection: Connection, moment: Moment, settings: LicensingSettings) -> Exposure:
    """Return who needs what where the price book cannot be used: no amount of it means anything.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: How licences are bought.

    Raises:
        Unsolved: No plan was found.
    """
    found = tenant(
        connection, moment, settings.channel or None, settings.basis, dict(settings.trial_ends)
    )
    return Exposure(found, estimate(found.scenario, rules=settings.rules()), settings.rules())


def people_in_need(told: Exposure) -> pd.DataFrame:
    """Return everybody the cheapest plan gives anything, or who is metered, with the reasons.

    gets: what of the plan covers them. apps, flows and connectors: what makes them need it, at most
    five of each by name.
    """
    scenario, names = told.tenant.scenario, told.tenant
    apps, custom = _by_person(told)
    rows = []
    for one in given(told.estimate.plan.classes, told.estimate.plan.shares):
        used = sorted(apps[one.person])
        flows = [told.needs.flows[place].flow for place in one.flows]
        assets = [scenario.apps[n] for n in used if n in custom[one.person]]
        homes = {scenario.apps[n].environment for n in used}
        homes |= {scenario.flows[n].environment for n in flows}
        connectors = {name for asset in assets for name in asset.connectors}
        connectors |= {name for n in flows for name in scenario.flows[n].connectors}
        name, department = names.people[one.person]
        rows.append(
            (
                scenario.people.name(one.person),
                name,
                department,
                _gets(told, one, used),
                some(names.apps[n] for n in used),
                some(names.flows[n] for n in flows),
                some(sorted(names.connectors.get(one, one) for one in connectors)),
                some(names.environments[n] for n in sorted(homes)),
                ", ".join(_rules(used, flows, custom[one.person])),
            )
        )
    rows.sort(key=lambda row: (row[3], str(row[1]).casefold(), row[0]))
    return frame(rows, _PEOPLE)


def _by_person(told: Exposure) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return the apps each person needs cover for, and those of them by their connectors."""
    apps: defaultdict[int, set[int]] = defaultdict(set)
    custom: defaultdict[int, set[int]] = defaultdict(set)
    asked = told.needs.apps
    for person, app, by in zip(
        asked.person.tolist(), asked.app.tolist(), asked.custom.tolist(), strict=True
    ):
        apps[person].add(app)
        if by:
            custom[person].add(app)
    return apps, custom


def _gets(told: Exposure, one: Given, apps: list[int]) -> str:
    """Return what covers somebody, in the words of the price book."""
    scenario, plan = told.tenant.scenario, told.estimate.plan
    found = ["Power Apps Premium"] if one.premium else []
    found += ["Power Automate Premium"] if one.automate else []
    if not one.premium:
        homes = {scenario.apps[number].environment for number in apps}
        metered = {n for n in homes if scenario.environments[n].metered or n in plan.linked}
        found += ["app meter"] if metered else []
        found += ["per-app passes"] if homes - metered and not one.automate else []
    if one.flows and not one.automate:
        processed = all(told.needs.flows[n].flow in plan.processed for n in one.flows)
        found.append("Power Automate Process" if processed else "the flow's app or meter")
    return ", ".join(found) or "nothing more"


def _rules(apps: list[int], flows: list[int], custom: set[int]) -> list[str]:
    found = ["custom_connector_app"] if custom else []
    found += ["managed_environment"] if set(apps) - custom else []
    return [*found, *(["custom_connector_flow"] if flows else [])]


def some(names: Iterable[str]) -> str:
    """Return names in a row, at most five of them."""
    told = [str(name) for name in names]
    more = len(told) - _LISTED
    return ", ".join(told[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def cost_by_connector(told: Exposure, kept: Iterable[ConnectorRow] | None = None) -> pd.DataFrame:
    """Return what each connector costs: what retiring it would save, the dearest first.

    Args:
        told: What the tenant needs.
        kept: The same as it was answered when the run was assessed; reckoned by default.
    """
    names, homes = told.tenant.connectors, _homes_of(told)
    if kept is None:
        kept = (
            ConnectorRow(
                int(one.connector), one.monthly, len(one.only), len(one.apps), len(one.flows)
            )
            for one in told.causes
        )
    rows = [
        (one.connector_id, names.get(key := str(one.connector_id), key), homes.get(key), *one[1:])
        for one in kept
    ]
    return frame(rows, _CONNECTORS)


def _homes_of(told: Exposure) -> dict[str, str]:
    """Return the environment of each connector, which is that of the apps and flows that use it."""
    scenario, names = told.tenant.scenario, told.tenant.environments
    assets: list[App | Flow] = [*scenario.flows, *scenario.apps]
    return {name: names[one.environment] for one in assets for name in one.connectors}


def shared(told: Exposure, rows: pd.DataFrame) -> Decimal:
    """Return what of the cheapest plan no connector alone causes.

    Args:
        told: What the tenant needs.
        rows: What each connector costs.
    """
    return told.estimate.plan.monthly - sum(rows["monthly"], Decimal(0))


def plan_lines(told: Exposure) -> pd.DataFrame:
    """Return what the cheapest plan buys and is billed, line by line."""
    names = dict(
        zip(
            (e.id for e in told.tenant.scenario.environments), told.tenant.environments, strict=True
        )
    )
    rows = [
        (line.plan, names.get(line.environment or ""), line.quantity, line.unit_price, line.monthly)
        for line in told.estimate.lines
    ]
    return frame(rows, _LINES)


def cost_by_department(told: Exposure) -> pd.DataFrame:
    """Return what the cheapest plan costs each department; it adds up to the plan."""
    scenario, people = told.tenant.scenario, told.tenant.people

    def department(person: int) -> str:
        return people[person][1] or NOBODY

    owners = {
        number: department(flow.owner)
        for number, flow in enumerate(scenario.flows)
        if flow.owner is not None
    }
    found = by_department(told.estimate, department, owners)
    rows = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return frame([(name or None, amount) for name, amount in rows if amount], _DEPARTMENTS)


def cost_by_environment(told: Exposure) -> pd.DataFrame:
    """Return what the cheapest plan costs each environment; it adds up to the plan.

    people: who needs cover there and holds no licence for it. direct: passes, meters and Process of
    the environment. share: its part of licences of people. Without a name: what is of the tenant.
    """
    homes = told.tenant.scenario.environments
    people: defaultdict[str, set[int]] = defaultdict(set)
    apps = told.needs.apps
    for person, app in zip(apps.person.tolist(), apps.app.tolist(), strict=True):
        people[homes[told.tenant.scenario.apps[app].environment].id].add(person)
    for need in told.needs.flows:
        home = homes[told.tenant.scenario.flows[need.flow].environment].id
        people[home].update(need.people.tolist())
    named = {home.id: n for home, n in zip(homes, told.tenant.environments, strict=True)}
    costs = by_environment(told.estimate)
    rows = []
    for key in {*costs, *people}:
        direct, share = costs.get(key, (Decimal(0), Decimal(0)))
        if direct or share or people[key]:
            rows.append((named.get(key), len(people[key]), direct, share, direct + share))
    rows.sort(key=lambda row: (-row[4], row[0] or ""))
    return frame(rows, _ENVIRONMENTS)


_SAVINGS: Schema = {
    "kind": "text",
    "holder": "text",
    "department": "text",
    "product": "text",
    "quantity": "count",
    "monthly": "money",
    "reason": "text",
}
_PRICES: Schema = {
    "plan": "text",
    "name": "text",
    "unit": "text",
    "price": "money",
    "tiers": "text",
    "since": "text",
    "purchasable": "flag",
    "source": "text",
}


def unneeded_licences(told: Exposure) -> pd.DataFrame:
    """Return licences and passes that need not be paid for, the dearest kinds first.

    monthly: at the price of today; missing of what no plan of the price book prices.
    """
    scenario, names = told.tenant.scenario, told.tenant
    prices = told.estimate.prices
    rows = []
    for one in savings(scenario, products()):
        name, department = (
            names.people[one.person]
            if one.person is not None
            else (names.environments[one.environment or 0], None)
        )
        cost = None if one.plan is None else prices[one.plan].price * one.quantity
        rows.append((one.kind, name, department, one.product, one.quantity, cost, one.reason))
    order = {kind: place for place, kind in enumerate(get_args(Kind))}
    rows.sort(key=lambda row: (order[row[0]], str(row[1]).casefold()))
    return frame(rows, _SAVINGS)


def prices_in_force(moment: Moment, settings: LicensingSettings) -> pd.DataFrame:
    """Return what each plan costs on the day of a moment, since when, and where that is told.

    Raises:
        PriceBookError: The price book of the settings cannot be used.
    """
    day = moment.read_at.astimezone(UTC).date()
    rows = [
        (
            name,
            price.plan.name,
            price.plan.unit,
            price.price,
            ", ".join(f"{tier.price} from {tier.start:,}" for tier in price.tiers),
            price.since.isoformat(),
            price.purchasable,
            price.source,
        )
        for name, price in settings.prices().on(day, settings.channel or None).items()
    ]
    return frame(rows, _PRICES)
