"""A plan that leaves no need: what is bought or billed, and who gets what."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from connectory.domain.licensing.classes import Class


@dataclass(frozen=True, slots=True)
class Line:
    """Units of a plan, for everybody or for one environment."""

    plan: str
    quantity: int
    unit_price: Decimal
    environment: str | None = None

    @property
    def monthly(self) -> Decimal:
        """What they cost a month."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Share:
    """What people of a class get.

    Attributes:
        people: How many, of those of the class that stand first after the shares before it.
        premium: They get Power Apps Premium.
        automate: They get Power Automate Premium.
    """

    people: int
    premium: bool
    automate: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The cheapest plan that leaves no need.

    Attributes:
        lines: What is bought or billed.
        monthly: What it costs.
        proven: The solver proved that nothing costs less.
        linked: Numbers of environments whose app meter is to be on and is not.
        processed: Numbers of flows that a new Process licence covers.
        classes: The people, in classes.
        shares: What those of each class get.
    """

    lines: tuple[Line, ...]
    monthly: Decimal
    proven: bool
    linked: tuple[int, ...] = ()
    processed: tuple[int, ...] = ()
    classes: tuple[Class, ...] = ()
    shares: tuple[tuple[Share, ...], ...] = ()
