"""An estimate as it is told to people: with names in place of numbers, and nothing left to look up.

What a page shows of an estimate, what a file takes along and what is frozen is a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from pydantic import TypeAdapter

from connectory.domain.licensing.prices import Channel, Kind, Line, Plan, PriceBook, Tier
from connectory.domain.licensing.rules import OpenRules
from connectory.domain.licensing.scenario import Basis

MONTHS: Final = 12
METERED: Final = "metered"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the cheapest plan.

    Attributes:
        plan: Id of the plan.
        name: What people call it.
        unit: What is counted.
        kind: Whether it is of a user, of an environment or flow, or metered.
        environment_id: Environment it is for; None if for everybody.
        environment: Name of that.
        quantity: How many.
        unit_price: What one costs a month.
        list_price: What one costs a month by the list; None if no list is in this currency.
    """

    plan: str
    name: str
    unit: str
    kind: Kind
    environment_id: str | None
    environment: str | None
    quantity: int
    unit_price: Decimal
    list_price: Decimal | None = None

    @property
    def monthly(self) -> Decimal:
        """What it costs a month."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody the plan covers.

    Attributes:
        key: Id of the account.
        person: Name.
        department: Department, where one is told.
        gets: What covers the person.
        connectors: Because of which connectors.
        apps: By which apps.
        flows: By which flows.
        environments: Where.
        rules: By which rules.
    """

    key: str
    person: str
    department: str | None
    gets: str
    connectors: str
    apps: str
    flows: str
    environments: str
    rules: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A naive way, beside the cheapest plan."""

    way: str
    monthly: Decimal
    purchasable: bool
    compliant: bool


@dataclass(frozen=True, slots=True)
class InForce:
    """What a unit of a plan cost on the day, and where that is told."""

    plan: str
    name: str
    unit: str
    kind: Kind
    price: Decimal
    tiers: tuple[Tier, ...]
    purchasable: bool
    since: date
    source: str
    associated: int = 0
    credits: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """What no rule decides."""

    subject: str
    question: str


@dataclass(frozen=True, slots=True)
class Statement:
    """An estimate with everything that is told of it.

    Attributes:
        tenant: Id of the tenant.
        as_of: Day it is of.
        basis: Who needs a licence for an app: who uses it, or who has access.
        channel: How licences are bought; None if that is not told.
        currency: Of every amount.
        price_book: Version of the prices.
        rules: Answers to what the licensing rules leave open.
        people_in_need: How many people lack cover.
        flows_in_need: How many flows do that no person can cover.
        by_rule: How many by each rule.
        metered_now: What linked environments bill now, a month.
        proven: Nothing costs less than the plan.
        items: The plan, line by line.
        ways: The naive ways.
        prices: What was in force.
        undecided: What is in no figure.
        warnings: What a reader should know.
        recipients: Whom the plan covers.
    """

    tenant: str
    as_of: date
    basis: Basis
    channel: Channel | None
    currency: str
    price_book: str
    rules: OpenRules
    people_in_need: int
    flows_in_need: int
    by_rule: Mapping[str, int]
    metered_now: Decimal
    proven: bool
    items: tuple[Item, ...]
    ways: tuple[Alternative, ...]
    prices: tuple[InForce, ...]
    undecided: tuple[Open, ...] = ()
    warnings: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()

    @property
    def monthly(self) -> Decimal:
        """What the plan costs a month."""
        return sum((item.monthly for item in self.items), Decimal(0))

    @property
    def annual(self) -> Decimal:
        """What it costs in twelve months like this one."""
        return MONTHS * self.monthly

    def book(self) -> PriceBook:
        """Return its prices as a price book, to reckon with them again."""
        plans = {one.plan: _plan(one) for one in self.prices}
        return PriceBook(self.price_book, self.currency, plans)


def _plan(one: InForce) -> Plan:
    # Availability by no channel at all: nobody can buy it.
    available: Mapping[Channel, bool] | None = None if one.purchasable else {}
    line = Line(one.since, one.price, one.tiers, available, one.source)
    return Plan(one.plan, one.name, one.unit, one.kind, (line,), one.associated, one.credits)


_STATEMENT: Final = TypeAdapter(Statement)


def written(statement: Statement) -> dict[str, Any]:
    """Return a statement without its recipients as JSON takes it, amounts as texts."""
    told: dict[str, Any] = _STATEMENT.dump_python(
        statement, mode="json", exclude={"recipients": True}
    )
    return told


def read(told: Mapping[str, Any], recipients: tuple[Recipient, ...] = ()) -> Statement:
    """Return what `written` wrote, with its recipients."""
    return replace(_STATEMENT.validate_python(dict(told)), recipients=recipients)
