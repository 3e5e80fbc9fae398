"""Whether a month's licences stay within what was set aside for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from connectory.domain.licensing.forecast import Forecast

Kind = Literal["exceeded", "coming", "unknown"]


@dataclass(frozen=True, slots=True)
class Overrun:
    """What is the matter with a budget.

    Attributes:
        kind: The cheapest plan costs more; it may well cost more soon; or nobody knows what it costs.
        budget: What a month may cost.
        monthly: What the cheapest plan costs; None where that is not known.
        day: The first day on which it may well cost more.
        reason: Why it is not known what it costs.
    """

    kind: Kind
    budget: Decimal
    monthly: Decimal | None = None
    day: date | None = None
    reason: str = ""


def overrun(
    budget: Decimal, monthly: Decimal | None, reason: str, ahead: Forecast | None
) -> Overrun | None:
    """Return what is the matter with a budget; None where it is kept.

    Args:
        budget: What a month may cost.
        monthly: What the cheapest plan costs; None where that is not known.
        reason: Why it is not known.
        ahead: What it may cost, if that is foreseen; its upper bound is what is looked at.
    """
    if monthly is None:
        return Overrun("unknown", budget, reason=reason)
    if monthly > budget:
        return Overrun("exceeded", budget, monthly)
    day = None if ahead is None else ahead.first_above(float(budget))
    return None if day is None else Overrun("coming", budget, monthly, day)
