"""The finding about the budget for licences: it is exceeded, may be soon, or cannot be watched."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from connectory.domain.licensing.budget import Kind, Overrun, overrun
from connectory.domain.licensing.payload import amount
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure_answers import exposure_answer
from connectory.queries.exposure_forecast import ahead
from connectory.queries.moments import Moment

_TITLES: Final[dict[Kind, str]] = {
    "exceeded": "Licences cost more than their budget",
    "coming": "Licences may soon cost more than their budget",
    "unknown": "The budget for licences cannot be watched",
}


@dataclass(frozen=True, slots=True)
class BudgetFinding:
    """What is the matter with the budget for licences.

    Attributes:
        told: What.
        title: It in a few words.
        lines: It in sentences.
    """

    told: Overrun
    title: str
    lines: tuple[str, ...]


def budget_finding(
    connection: Connection, moment: Moment, settings: LicensingSettings
) -> BudgetFinding | None:
    """Return what is the matter with the budget at a moment; None if it is kept or there is none.

    It rests on answers that are stored; nothing is reckoned anew.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        settings: The budget, and how many days ahead it is watched.
    """
    limit = settings.limit
    answer = None if limit is None else exposure_answer(connection, moment)
    if limit is None or answer is None:
        return None
    foreseen = None
    if answer.monthly is not None and answer.monthly <= limit and settings.budget_days:
        foreseen = ahead(connection, moment, settings.budget_days).monthly
    found = overrun(limit, answer.monthly, answer.reason or "", foreseen)
    if found is None:
        return None
    return BudgetFinding(found, _TITLES[found.kind], _lines(found, answer.currency or ""))


def _lines(found: Overrun, currency: str) -> tuple[str, ...]:
    budget = f"{_grouped(found.budget)} {currency}".rstrip()
    if found.monthly is None:
        return (
            f"What they cost could not be reckoned: {found.reason}.",
            f"So nobody knows whether the budget of {budget} a month is kept.",
        )
    cost = f"{_grouped(found.monthly)} {currency}"
    now = f"The cheapest plan that covers everybody costs {cost} a month; the budget is {budget}."
    if found.day is None:
        return (now,)
    ahead_of = f"By its trend it may cost more from {found.day:%d %b %Y} on"
    return now, f"{ahead_of}: the upper bound of the forecast is above the budget then."


def _grouped(told: Decimal) -> str:
    return f"{Decimal(amount(told)):,f}"
