from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import Statement
from connectory.exports.focus import cost_file, cost_rows

MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory",
    "ServiceName",
}  # fmt: skip
"""Columns that every FOCUS 1.2 dataset has."""
COSTS = ["BilledCost", "EffectiveCost", "ContractedCost"]


def rows(text: str) -> list[dict[str, str]]:
    """Read a cost file back."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_costs_add_up_to_the_plan(statement: Statement) -> None:
    """Each of them to the cent; the list alone may say something else."""
    told = rows(cost_file(statement))

    for name in COSTS:
        assert sum(Decimal(row[name]) for row in told) == statement.monthly
    assert sum(Decimal(row["ListCost"]) for row in told) == 20 * (12_345 + 3 + 7 + 2_000)


def test_columns_are_those_of_focus(statement: Statement) -> None:
    """All that are mandatory, in alphabetical order, those of ours after them."""
    names = list(rows(cost_file(statement))[0])
    ours = [name for name in names if name.startswith("x_")]

    assert set(names) >= MANDATORY
    assert names == sorted(set(names) - set(ours)) + ours


def test_what_may_not_be_empty_is_not(statement: Statement) -> None:
    """Only what is not known, or does not apply, is left empty."""
    for row in rows(cost_file(statement)):
        empty = {name for name in MANDATORY if not row[name]}
        assert empty <= {"BillingAccountName", "ChargeClass"}
        assert (row["ChargeCategory"] == "Usage") == bool(row["ConsumedQuantity"])
        assert row["x_Estimated"] == "true"


def test_a_row_is_a_line_of_the_plan(statement: Statement, frozen: Frozen) -> None:
    """With its quantity, price, service, SKU and place, and the number it was frozen under."""
    told = rows(cost_file(statement, frozen))[2]

    assert (told["ChargeCategory"], told["ServiceName"], told["SkuId"]) == (
        "Usage", "Power Apps", "pa_payg",
    )  # fmt: skip
    assert (told["PricingQuantity"], told["ContractedUnitPrice"], told["BilledCost"]) == (
        "7", "10.10", "70.70",
    )  # fmt: skip
    assert (told["ResourceId"], told["x_EstimateNumber"]) == ("'=home", "7")


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 12, 31), "2026-12-01", "2027-01-01"),
        (date(2028, 2, 29), "2028-02-01", "2028-03-01"),
    ],
)
def test_the_period_is_the_month_of_the_day(
    statement: Statement, day: date, start: str, end: str
) -> None:
    """From its first day to the first of the next."""
    row = rows(cost_file(replace(statement, as_of=day)))[0]

    assert row["ChargePeriodStart"] == row["BillingPeriodStart"] == f"{start}T00:00:00Z"
    assert row["ChargePeriodEnd"] == row["BillingPeriodEnd"] == f"{end}T00:00:00Z"


def test_a_list_in_another_currency_is_no_list(statement: Statement) -> None:
    """Then the price in force stands for it, since nothing is converted."""
    items = tuple(replace(one, list_price=None) for one in statement.items)
    told = rows(cost_file(replace(statement, items=items)))

    assert [row["ListCost"] for row in told] == [row["BilledCost"] for row in told]


def test_a_plan_of_nothing_has_no_row(statement: Statement) -> None:
    """But its columns, as a program expects them."""
    none = cost_rows(replace(statement, items=()))

    assert none.empty
    assert none.dtypes.equals(cost_rows(statement).dtypes)
    assert re.match("BilledCost,", cost_file(replace(statement, items=())))
