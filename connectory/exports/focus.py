"""The plan of an estimate as a cost file in the manner of FOCUS 1.2.

FOCUS is the open specification of cost data of the FinOps Foundation (focus.finops.org). Its rows
tell what was charged; these tell what would be, a row for each line of the plan and one month: that
of the day of the estimate. Nothing was billed, so costs are estimates, and x_Estimated says so.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import pandas as pd

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import METERED, Item, Statement
from connectory.queries.export import to_csv
from connectory.queries.frames import Schema, frame

VERSION: Final = "1.2"
_SERVICES: Final = {
    "pa": ("Power Apps", "Business Applications"),
    "fl": ("Power Automate", "Integration"),
    "cs": ("Copilot Studio", "AI and Machine Learning"),
}
"""Names and FOCUS categories of services, by how the ids of their plans begin."""
_OTHER: Final = ("Power Platform", "Business Applications")
_PROVIDER: Final = "Microsoft"
_COLUMNS: Schema = {
    "BilledCost": "money",
    "BillingAccountId": "text",
    "BillingAccountName": "text",
    "BillingAccountType": "text",
    "BillingCurrency": "text",
    "BillingPeriodEnd": "text",
    "BillingPeriodStart": "text",
    "ChargeCategory": "text",
    "ChargeClass": "text",
    "ChargeDescription": "text",
    "ChargeFrequency": "text",
    "ChargePeriodEnd": "text",
    "ChargePeriodStart": "text",
    "ConsumedQuantity": "number",
    "ConsumedUnit": "text",
    "ContractedCost": "money",
    "ContractedUnitPrice": "money",
    "EffectiveCost": "money",
    "InvoiceId": "text",
    "InvoiceIssuerName": "text",
    "ListCost": "money",
    "ListUnitPrice": "money",
    "PricingCategory": "text",
    "PricingCurrency": "text",
    "PricingQuantity": "count",
    "PricingUnit": "text",
    "ProviderName": "text",
    "PublisherName": "text",
    "ResourceId": "text",
    "ResourceName": "text",
    "ResourceType": "text",
    "ServiceCategory": "text",
    "ServiceName": "text",
    "SkuId": "text",
    "SkuPriceId": "text",
    "x_Estimated": "flag",
    "x_EstimateNumber": "number",
    "x_PriceBook": "text",
}


def cost_rows(told: Statement, frozen: Frozen | None = None) -> pd.DataFrame:
    """Return the plan as rows of FOCUS, whose costs add up to what it costs a month.

    Args:
        told: The estimate.
        frozen: Under which number it was frozen, if it was.
    """
    number = None if frozen is None else frozen.number
    return frame([_row(told, item, number) for item in told.items], _COLUMNS)


def cost_file(told: Statement, frozen: Frozen | None = None) -> str:
    """Return these rows as CSV, safe to open in a spreadsheet."""
    return to_csv(cost_rows(told, frozen))


def _row(told: Statement, item: Item, number: int | None) -> tuple[object, ...]:
    service, category = _SERVICES.get(item.plan.partition("_")[0], _OTHER)
    metered = item.kind == METERED
    start, end = _month(told.as_of)
    cost = item.monthly
    listed = item.unit_price if item.list_price is None else item.list_price
    place = "" if item.environment is None else f" in {item.environment}"
    return (
        cost,
        told.tenant or "unknown",
        None,
        "Tenant",
        told.currency,
        end,
        start,
        "Usage" if metered else "Purchase",
        None,
        f"Estimate: {item.quantity} x {item.name}{place}",
        "Usage-Based" if metered else "Recurring",
        end,
        start,
        item.quantity if metered else None,
        item.unit if metered else None,
        cost,
        item.unit_price,
        cost,
        None,
        _PROVIDER,
        listed * item.quantity,
        listed,
        "Standard",
        told.currency,
        item.quantity,
        item.unit,
        _PROVIDER,
        _PROVIDER,
        item.environment_id,
        item.environment,
        None if item.environment_id is None else "Environment",
        category,
        service,
        item.plan,
        _price_id(item),
        True,
        number,
        told.price_book,
    )


def _price_id(item: Item) -> str:
    return f"{item.plan}@{_plain(item.unit_price)}"


def _plain(price: Decimal) -> str:
    return f"{price.normalize():f}"


def _month(day: date) -> tuple[str, str]:
    """Return the first day of the month of a day, and of the one after."""
    first = day.replace(day=1)
    following = first.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
    return f"{first.isoformat()}T00:00:00Z", f"{following.isoformat()}T00:00:00Z"
