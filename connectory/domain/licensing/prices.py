"""The price book: what a plan costs at a time, who can buy it, and where that is told.

Source: price_book.toml beside this module, which names the public page of every line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from connectory.domain.licensing.places import wrong

Kind = Literal["user", "capacity", "metered"]
Channel = Literal["csp_new", "csp_renew", "ea_new", "ea_renew", "mpsa_new"]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

PREMIUM: Final = "pa_premium"
PER_APP: Final = "pa_per_app"
APP_METER: Final = "pa_payg"
AUTOMATE: Final = "fl_premium"
PROCESS: Final = "fl_process"
RUN_METER: Final = "fl_payg"
CREDIT_PACK: Final = "cs_pack"
CREDIT_METER: Final = "cs_payg"
NEEDED: Final = (
    PREMIUM, PER_APP, APP_METER, AUTOMATE, PROCESS, RUN_METER, CREDIT_PACK, CREDIT_METER,
)  # fmt: skip
_LARGEST: Final = Decimal(10) ** 9


class PriceBookError(Exception):
    """A price book cannot be used; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A price of the whole quantity, once it is reached."""

    start: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """What a plan costs from some day on.

    Attributes:
        since: First day.
        price: Of a unit and month.
        tiers: Lower prices of larger quantities, the smallest quantity first.
        availability: Who can buy, by purchase channel; None if everybody can.
        source: Where that is told.
    """

    since: date
    price: Decimal
    tiers: tuple[Tier, ...]
    availability: Mapping[Channel, bool] | None
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Something that can be bought, or is billed by use.

    Attributes:
        id: By which lines of a plan name it.
        name: What people call it.
        unit: What is counted.
        kind: Whether people hold it, an environment or a flow does, or use is metered.
        lines: What it costs, the oldest first.
        associated: Flows beside the first one that a licence of a flow covers.
        credits: Copilot credits in one unit.
    """

    id: str
    name: str
    unit: str
    kind: Kind
    lines: tuple[Line, ...]
    associated: int = 0
    credits: int = 0

    def on(self, day: date) -> Line:
        """Return the line in force on a day.

        Raises:
            PriceBookError: It had no price yet.
        """
        found = [line for line in self.lines if line.since <= day]
        if not found:
            raise PriceBookError(f"the price book has no price of {self.id} on {day}; add a line")
        return found[-1]


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit of a plan costs on one day, to one customer."""

    plan: Plan
    price: Decimal
    tiers: tuple[Tier, ...]
    purchasable: bool
    source: str
    since: date

    def of(self, quantity: int) -> tuple[Decimal, Decimal]:
        """Return what a quantity costs at least, and the price of a unit of it.

        More may be bought than is needed, where a tier makes that cheaper; see `bought`.
        """
        number, price = self.bought(quantity)
        return number * price, price

    def bought(self, quantity: int) -> tuple[int, Decimal]:
        """Return how many are bought for a quantity to be there at least cost, and their price.

        Of two ways that cost the same the one with fewer units is taken.
        """
        ways = [(quantity, self.price)]
        ways += [(max(quantity, tier.start), tier.price) for tier in self.tiers if quantity]
        return min(ways, key=lambda way: (way[0] * way[1], way[0]))


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every plan, in one currency.

    Attributes:
        version: By which an estimate says what it rests on.
        currency: Of every price.
        plans: By their id.
        multiplier: By which list prices are multiplied, e.g. for monthly billing.
    """

    version: str
    currency: str
    plans: Mapping[str, Plan]
    multiplier: Decimal = Decimal(1)

    def on(self, day: date, channel: Channel | None) -> dict[str, Price]:
        """Return what each plan costs on a day, and whether it can be bought.

        Raises:
            PriceBookError: A plan that is needed is not there, or had no price yet.
        """
        missing = [name for name in NEEDED if name not in self.plans]
        if missing:
            raise PriceBookError(
                f"the price book has no plan {', '.join(missing)}; give it a [[plan]] with that id"
            )
        return {name: self._price(plan, plan.on(day), channel) for name, plan in self.plans.items()}

    def _price(self, plan: Plan, line: Line, channel: Channel | None) -> Price:
        can = line.availability is None or (
            channel is not None and line.availability.get(channel, False)
        )
        tiers = tuple(replace(tier, price=tier.price * self.multiplier) for tier in line.tiers)
        return Price(plan, line.price * self.multiplier, tiers, can, line.source, line.since)


@cache
def list_prices() -> PriceBook:
    """Return the price book of the package."""
    return read_price_book(
        files(__package__).joinpath("price_book.toml").read_text(encoding="utf-8"),
        "price_book.toml",
    )


def read_price_book(text: str, name: str, over: PriceBook | None = None) -> PriceBook:
    """Return a price book from TOML.

    Args:
        text: The TOML.
        name: Of the file, for what is wrong with it.
        over: Price book whose plans stand where this one has none of that id. One in another
            currency stands for none.

    Raises:
        PriceBookError: It is not as docs/cost-model.md says.
    """
    try:
        told = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PriceBookError(f"{name} is no TOML: {error}") from error
    except ValidationError as error:
        raise PriceBookError(wrong(error, name)) from error
    currency = told.currency or (over.currency if over else "")
    if not currency:
        raise PriceBookError(f"{name}: currency is missing")
    before = over.plans if over is not None and over.currency == currency else {}
    version = told.version or (over.version if over else name)
    return PriceBook(
        version, currency, {**before, **{one.id: one.plan() for one in told.plan}}, told.multiplier
    )


def _amount(value: object) -> Decimal:
    if not isinstance(value, str):
        raise ValueError('write an amount as a text, e.g. "20.00", so that it is not rounded')  # noqa: TRY004 - what pydantic takes
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError("is no amount") from None
    if not (amount.is_finite() and 0 <= amount < _LARGEST):
        raise ValueError("is no amount, or too large")
    return amount


_Amount = Annotated[Decimal, BeforeValidator(_amount)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Tier(_Model):
    start: int = Field(alias="from", ge=1)
    price: _Amount


class _Line(_Model):
    since: date
    price: _Amount
    tiers: list[_Tier] = []
    availability: dict[Channel, bool] | None = None
    source: str = ""

    def line(self) -> Line:
        """Return what is in force from then on."""
        tiers = sorted((Tier(one.start, one.price) for one in self.tiers), key=lambda t: t.start)
        told = None if self.availability is None else dict(self.availability)
        return Line(self.since, self.price, tuple(tiers), told, self.source)


class _Plan(_Model):
    id: str = Field(min_length=1)
    name: str = ""
    unit: str = "unit"
    kind: Kind
    associated: int = Field(default=0, ge=0)
    credits: int = Field(default=0, ge=0)
    line: list[_Line] = Field(min_length=1)

    def plan(self) -> Plan:
        """Return it with its lines in the order of time."""
        lines = sorted((one.line() for one in self.line), key=lambda line: line.since)
        told = (self.id, self.name or self.id, self.unit, self.kind, tuple(lines))
        return Plan(*told, self.associated, self.credits)


class _File(_Model):
    schema_: Literal[1] = Field(alias="schema")
    version: str = ""
    currency: str = ""
    multiplier: _Amount = Decimal(1)
    plan: list[_Plan] = []

    @field_validator("plan")
    @classmethod
    def _once(cls, value: list[_Plan]) -> list[_Plan]:
        names = [one.id for one in value]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"plan {', '.join(doubled)} is there twice")
        return value
