"""Statements to export: one of odd names and amounts, and what a spreadsheet makes of a workbook."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.prices import Tier
from connectory.domain.licensing.rules import DEFAULTS
from connectory.domain.licensing.statement import (
    Alternative,
    InForce,
    Item,
    Open,
    Recipient,
    Statement,
)

Cells = dict[tuple[str, str], object]
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "a\x00b\x0bc", "_x0041_", "\ud800",
           "http://evil.example/", "x" * 40_000, "<b>&amp;</b>", "\ufffe", "1e5", "")  # fmt: skip


def item(plan: str, quantity: int, price: str, kind: str, home: str | None = None) -> Item:
    """Return a line of a plan."""
    return Item(
        plan, plan.upper(), "unit", kind, home, home, quantity, Decimal(price), Decimal("20.00")
    )  # type: ignore[arg-type]


@pytest.fixture
def statement() -> Statement:
    """An estimate of four lines, with people, places and notes called oddly."""
    return Statement(
        tenant="tenant-1",
        as_of=date(2026, 12, 31),
        basis="active",
        channel="csp_new",
        currency="USD",
        price_book="=ours",
        rules=DEFAULTS,
        people_in_need=3,
        flows_in_need=1,
        by_rule={"custom_connector_app": 3},
        metered_now=Decimal("10.10"),
        proven=True,
        items=(
            item("cs_payg", 12_345, "0.01", "metered"),
            item("fl_premium", 3, "14.99", "user"),
            item("pa_payg", 7, "10.10", "metered", "=home"),
            item("pa_premium", 2_000, "12.00", "user"),
        ),
        ways=(Alternative("premium", Decimal("40000.00"), True, True),),
        prices=(
            InForce("pa_premium", "=Premium", "user", "user", Decimal("20.00"),
                    (Tier(2000, Decimal("12.00")),), True, date(2021, 10, 2), "@source"),
        ),
        undecided=(Open("=flow", "Who owns it?"),),
        warnings=("-warned",),
        recipients=tuple(
            Recipient(f"id-{n}", name, name, name, name, name, name, name, name)
            for n, name in enumerate(HOSTILE)
        ),
    )  # fmt: skip


@pytest.fixture
def frozen(statement: Statement) -> Frozen:
    """The same, frozen under a number by somebody with an odd name."""
    made = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    return Frozen(7, made, "=author", "+note", 3, statement, b"{}", "0" * 64)


@pytest.fixture
def recomputed(tmp_path: Path) -> Callable[[bytes], Cells]:
    """A function that lets a spreadsheet engine compute a workbook anew, and returns its cells."""

    def compute(content: bytes) -> Cells:
        place = tmp_path / "book.xlsx"
        place.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the engine warns of itself as it is first imported
            import formulas  # noqa: PLC0415 - slow, and for this alone

            found = formulas.ExcelModel().loads(str(place)).finish().calculate()
        cells: Cells = {}
        for name, one in found.items():
            sheet, _, cell = str(name).partition("]")[2].partition("'!")
            if ":" not in cell and hasattr(one, "value"):
                cells[sheet.capitalize(), cell] = one.value[0][0]
        return cells

    return compute
