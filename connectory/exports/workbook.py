"""An estimate as a workbook whose totals are formulas, so that a changed quantity or price shows.

Whatever comes from a tenant is written as text: never a formula, never a link, and without
characters that a workbook cannot hold.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from unicodedata import category

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.payload import amount
from connectory.domain.licensing.statement import MONTHS, Statement

_LONGEST: Final = 32_767
"""Characters a cell holds."""
_MOST: Final = 1_000_000
"""Rows of people in a sheet, which holds little more."""
FORMULA: Final = ("=", "+", "-", "@")
"""First characters by which a spreadsheet takes a text for a formula once it is edited."""
SAFE: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
"""How workbooks are written: what looks like a formula, a number or an address stays a text."""
WAYS: Final = {
    "premium": "A licence for everybody",
    "per_app": "A pass for each app",
    "payg": "Pay-as-you-go",
    "process": "Licences of flows",
}


def workbook(told: Statement, frozen: Frozen | None = None) -> bytes:
    """Return an estimate as a workbook (XLSX).

    Args:
        told: The estimate.
        frozen: Under which number, by whom and when it was frozen, if it was.
    """
    out = io.BytesIO()
    book = _Book(out, told, frozen)
    book.write()
    return out.getvalue()


class _Book:
    def __init__(self, out: io.BytesIO, told: Statement, frozen: Frozen | None) -> None:
        self._told, self._frozen = told, frozen
        self._book = xlsxwriter.Workbook(out, SAFE)
        made = datetime(told.as_of.year, told.as_of.month, told.as_of.day, tzinfo=UTC)
        made = frozen.made_at.astimezone(UTC) if frozen else made
        # The same estimate is the same file, byte by byte.
        self._book.set_properties({"title": self._title(), "created": made.replace(tzinfo=None)})
        self._head = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._bold = self._book.add_format({"bold": True})
        self._money = self._book.add_format({"num_format": "#,##0.00"})
        self._total = self._book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1})
        self._count = self._book.add_format({"num_format": "#,##0"})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._lines = len(told.items)

    def write(self) -> None:
        """Write every sheet. Those that others refer to are named first."""
        sheets = [
            ("Summary", self._summary),
            ("Lines", self._plan),
            ("People", self._people),
            ("Ways", self._ways),
            ("Prices", self._prices),
            ("Assumptions", self._assumptions),
        ]
        for sheet, fill in [(self._book.add_worksheet(name), fill) for name, fill in sheets]:
            fill(sheet)
        self._book.close()

    def _title(self) -> str:
        return "Estimate of licences" if self._frozen is None else self._frozen.title

    def _text(
        self, sheet: Worksheet, row: int, column: int, value: object, how: Format | None = None
    ) -> None:
        text = plain_text("" if value is None else str(value))
        if not text:
            return
        sheet.write_string(row, column, text, self._quoted if text.startswith(FORMULA) else how)

    def _heads(self, sheet: Worksheet, heads: Sequence[tuple[str, int]]) -> None:
        for column, (head, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, self._head)
        sheet.freeze_panes(1, 0)

    def _amount(self, sheet: Worksheet, row: int, column: int, value: Decimal) -> None:
        sheet.write_number(row, column, float(value), self._money)

    def _formula(
        self, sheet: Worksheet, row: int, column: int, formula: str, value: Decimal, how: Format
    ) -> None:
        """Write a formula, with what it comes to for programs that compute nothing."""
        sheet.write_formula(row, column, formula, how, float(value))

    def _range(self, column: str) -> str:
        return f"Lines!{column}2:{column}{max(2, self._lines + 1)}"

    def _summary(self, sheet: Worksheet) -> None:
        told, total = self._told, self._lines + 3
        metered = sum((i.monthly for i in told.items if i.kind == "metered"), Decimal(0))
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 26)
        self._text(sheet, 0, 0, self._title(), self._bold)
        self._text(sheet, 1, 0, f"Amounts in {told.currency}, beyond licences held already")
        figures: list[tuple[str, str, Decimal]] = [
            ("Cheapest plan, a month", f"=Lines!H{total}", told.monthly),
            ("Cheapest plan, twelve months", f"=B4*{MONTHS}", told.annual),
            ("of it bought, a month", "=B4-B7", told.monthly - metered),
            (
                "of it billed by use, a month",
                f'=SUMIF({self._range("C")},"metered",{self._range("H")})',
                metered,
            ),
        ]
        for row, (name, formula, value) in enumerate(figures, 3):
            self._text(sheet, row, 0, name)
            self._formula(sheet, row, 1, formula, value, self._money)
        self._text(sheet, 7, 0, "Billed by use now, a month")
        self._amount(sheet, 7, 1, told.metered_now)
        self._text(sheet, 8, 0, "More than now, a month")
        self._formula(sheet, 8, 1, "=B4-B8", told.monthly - told.metered_now, self._money)
        self._text(sheet, 9, 0, "People who lack cover")
        sheet.write_number(9, 1, told.people_in_need, self._count)
        self._text(sheet, 10, 0, "Flows that no person can cover and lack it")
        sheet.write_number(10, 1, told.flows_in_need, self._count)
        self._text(sheet, 11, 0, "People whom the plan covers (sheet People)")
        last = min(len(told.recipients), _MOST) + 1
        self._formula(
            sheet, 11, 1, f"=COUNTA(People!A2:A{max(2, last)})", Decimal(last - 1), self._count
        )
        self._facts(sheet, 13)

    def _facts(self, sheet: Worksheet, start: int) -> None:
        told, frozen = self._told, self._frozen
        facts = [("As of", told.as_of.isoformat()), ("Price book", told.price_book)]
        if frozen is not None:
            facts = [
                ("Number", str(frozen.number)),
                ("Frozen at", f"{frozen.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
                ("By", frozen.author),
                ("Note", frozen.note),
                ("Run", str(frozen.run_id)),
                *facts,
                ("SHA-256", frozen.digest),
            ]
        for row, (name, value) in enumerate(facts, start):
            self._text(sheet, row, 0, name)
            self._text(sheet, row, 1, value)

    def _plan(self, sheet: Worksheet) -> None:
        told = self._told
        self._heads(
            sheet,
            [("Plan", 34), ("Id", 14), ("Kind", 12), ("Environment", 34), ("Unit", 30),
             ("Quantity", 12), (f"Unit price, {told.currency}", 14),
             (f"A month, {told.currency}", 16), (f"Twelve months, {told.currency}", 18),
             ("Environment id", 40)],
        )  # fmt: skip
        for row, item in enumerate(told.items, 1):
            for column, value in enumerate(
                (item.name, item.plan, item.kind, item.environment, item.unit)
            ):
                self._text(sheet, row, column, value)
            sheet.write_number(row, 5, item.quantity, self._count)
            self._amount(sheet, row, 6, item.unit_price)
            line = row + 1
            self._formula(sheet, row, 7, f"=F{line}*G{line}", item.monthly, self._money)
            self._formula(sheet, row, 8, f"=H{line}*{MONTHS}", MONTHS * item.monthly, self._money)
            self._text(sheet, row, 9, item.environment_id)
        total, last = self._lines + 2, max(2, self._lines + 1)
        self._text(sheet, total, 0, "Total", self._bold)
        self._formula(sheet, total, 7, f"=SUM(H2:H{last})", told.monthly, self._total)
        self._formula(sheet, total, 8, f"=SUM(I2:I{last})", told.annual, self._total)

    def _people(self, sheet: Worksheet) -> None:
        self._heads(
            sheet,
            [("Person", 30), ("Department", 22), ("Gets", 36), ("Because of", 40), ("Apps", 36),
             ("Flows", 36), ("Environments", 30), ("Rules", 40), ("Account id", 40)],
        )  # fmt: skip
        people = self._told.recipients
        for row, one in enumerate(people[:_MOST], 1):
            values = (one.person or one.key, one.department, one.gets, one.connectors, one.apps,
                      one.flows, one.environments, one.rules, one.key)  # fmt: skip
            for column, value in enumerate(values):
                self._text(sheet, row, column, value)
        if people:
            sheet.autofilter(0, 0, min(len(people), _MOST), 8)

    def _ways(self, sheet: Worksheet) -> None:
        told = self._told
        self._heads(
            sheet,
            [("Way", 30), (f"A month, {told.currency}", 16), (f"Twelve months, {told.currency}", 18),
             ("More than the plan, a month", 18), ("Can be bought", 14), ("Leaves no need", 14)],
        )  # fmt: skip
        for row, way in enumerate(told.ways, 1):
            self._text(sheet, row, 0, WAYS.get(way.way, way.way))
            self._amount(sheet, row, 1, way.monthly)
            line = row + 1
            self._formula(sheet, row, 2, f"=B{line}*{MONTHS}", MONTHS * way.monthly, self._money)
            more = way.monthly - told.monthly
            self._formula(sheet, row, 3, f"=B{line}-Summary!B4", more, self._money)
            self._text(sheet, row, 4, "yes" if way.purchasable else "no")
            self._text(sheet, row, 5, "yes" if way.compliant else "no")

    def _prices(self, sheet: Worksheet) -> None:
        told = self._told
        self._heads(
            sheet,
            [("Plan", 40), ("Id", 14), ("Unit", 34), (f"Price, {told.currency}", 14),
             ("In large numbers", 24), ("Can be bought", 14), ("Since", 12), ("Told by", 70)],
        )  # fmt: skip
        for row, one in enumerate(told.prices, 1):
            tiers = ", ".join(f"{amount(tier.price)} from {tier.start:,}" for tier in one.tiers)
            for column, value in enumerate((one.name, one.plan, one.unit)):
                self._text(sheet, row, column, value)
            self._amount(sheet, row, 3, one.price)
            rest = (tiers, "yes" if one.purchasable else "no", one.since.isoformat(), one.source)
            for column, value in enumerate(rest, 4):
                self._text(sheet, row, column, value)

    def _assumptions(self, sheet: Worksheet) -> None:
        self._heads(sheet, [("What", 44), ("Is", 110)])
        for row, (name, value) in enumerate(assumptions(self._told), 1):
            self._text(sheet, row, 0, name)
            self._text(sheet, row, 1, value)


def assumptions(told: Statement) -> Iterable[tuple[str, str]]:
    """Yield what an estimate rests on, each with its name."""
    who = "who uses it" if told.basis == "active" else "everyone with access"
    yield "Who needs a licence for an app", who
    yield "How licences are bought", told.channel or "not told: per-app passes cannot be bought"
    yield "Prices", f"{told.price_book}, as of {told.as_of.isoformat()}, in {told.currency}"
    yield "The plan", "nothing costs less" if told.proven else "not proven to be the cheapest"
    yield "Twelve months", f"{MONTHS} times the month; what is billed by use is an estimate"
    for name, answer in asdict(told.rules).items():
        yield name.replace("_", " "), "yes" if answer else "no"
    for rule, number in told.by_rule.items():
        yield f"In need by {rule.replace('_', ' ')}", f"{number:,}"
    for one in told.undecided:
        yield f"Open, in no figure: {one.subject}", one.question
    for warning in told.warnings:
        yield "Note", warning


def plain_text(text: str) -> str:
    """Return a text as a cell can hold it: no control characters, and not too long."""
    clean = "".join(letter if _writable(letter) else "\ufffd" for letter in text)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"


def _writable(letter: str) -> bool:
    return letter in "\t\n" or not (category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff")
