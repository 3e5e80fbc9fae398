"""Settings of what licences cost, and answers to what the licensing rules leave open."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectory.domain.licensing.prices import (
    PriceBook,
    PriceBookError,
    list_prices,
    read_price_book,
)
from connectory.domain.licensing.products import products
from connectory.domain.licensing.rules import OpenRules
from connectory.domain.licensing.scenario import Basis

_AMOUNT: Final = r"[0-9]{1,12}(\.[0-9]{1,4})?"


class LicensingSettings(BaseModel):
    """What licences cost, and answers to what the licensing rules leave open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    price_book: str = ""
    channel: Literal["", "csp_new", "csp_renew", "ea_new", "ea_renew", "mpsa_new"] = ""
    basis: Basis = "active"
    budget: str = ""
    budget_days: int = Field(default=90, ge=0, le=180)
    trial_ends: tuple[tuple[str, date], ...] = ()
    meter_honours_home_premium: bool = False
    meter_honours_trials: bool = True
    run_meter_bills_old_plans: bool = False

    @field_validator("budget")
    @classmethod
    def _amount(cls, value: str) -> str:
        if value and not re.fullmatch(_AMOUNT, value):
            raise ValueError('an amount is written as a text with a point, e.g. "500.00"')
        return value

    @field_validator("trial_ends", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Take a table, and keep what can be a key of what is reckoned with it."""
        return tuple(value.items()) if isinstance(value, dict) else value

    @field_validator("trial_ends")
    @classmethod
    def _products(cls, value: tuple[tuple[str, date], ...]) -> tuple[tuple[str, date], ...]:
        known = products()
        for name, _ in value:
            found = known.of(name)
            if found is None:
                raise ValueError(f"no product is known as {name!r}; write its part number or GUID")
            if "trial" not in (found.app, found.flow):
                raise ValueError(f"{name!r} is no trial; leave it out")
        return value

    @property
    def limit(self) -> Decimal | None:
        """What licences may cost a month; None if nothing was set aside."""
        return Decimal(self.budget) if self.budget else None

    def rules(self) -> OpenRules:
        """Return the answers to what is open."""
        return OpenRules(
            self.meter_honours_home_premium,
            self.meter_honours_trials,
            self.run_meter_bills_old_plans,
        )

    def prices(self) -> PriceBook:
        """Return the list prices, with the customer's own over them where a file names some.

        Raises:
            PriceBookError: That file cannot be read, or is not as docs/cost-model.md says.
        """
        if not self.price_book:
            return list_prices()
        place = Path(self.price_book).expanduser()
        try:
            text = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise PriceBookError(
                f"the price book cannot be read: {why}; {place}; check licensing.price_book"
            ) from error
        return read_price_book(text, str(place), list_prices())
