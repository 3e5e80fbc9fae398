from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from openpyxl import Workbook

from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import Statement
from connectory.exports.workbook import plain_text, workbook

Cells = dict[tuple[str, str], object]
SHEETS = ["Summary", "Lines", "People", "Ways", "Prices", "Assumptions"]


def opened(content: bytes, *, computed: bool = False) -> Workbook:
    """Open a workbook as another program would."""
    return openpyxl.load_workbook(io.BytesIO(content), data_only=computed)


def cents(value: object) -> Decimal:
    """Return what a cell shows as an amount."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_a_spreadsheet_computes_the_totals_of_the_estimate(
    statement: Statement, recomputed: Callable[[bytes], Cells]
) -> None:
    """Each line, their sum, the year, what is metered, and each way beside it, to the cent."""
    cells = recomputed(workbook(statement))
    last = len(statement.items) + 3

    assert [cents(cells["Lines", f"H{row}"]) for row in range(2, 6)] == [
        one.monthly for one in statement.items
    ]
    assert cents(cells["Lines", f"H{last}"]) == statement.monthly == Decimal("24239.12")
    assert cents(cells["Lines", f"I{last}"]) == statement.annual
    assert cents(cells["Summary", "B4"]) == statement.monthly
    assert cents(cells["Summary", "B5"]) == statement.annual == Decimal("290869.44")
    assert cents(cells["Summary", "B7"]) == Decimal("194.15")
    assert cents(cells["Summary", "B6"]) == Decimal("24044.97")
    assert cents(cells["Summary", "B9"]) == statement.monthly - statement.metered_now
    assert cents(cells["Ways", "D2"]) == Decimal("40000.00") - statement.monthly


def test_another_quantity_gives_another_total(
    statement: Statement, recomputed: Callable[[bytes], Cells]
) -> None:
    """The totals are formulas all the way down: one cell is changed and all of them follow."""
    book = opened(workbook(statement))
    book["Lines"]["F3"] = 4
    out = io.BytesIO()
    book.save(out)
    cells = recomputed(out.getvalue())

    assert cents(cells["Summary", "B4"]) == statement.monthly + Decimal("14.99")
    assert cents(cells["Summary", "B5"]) == 12 * (statement.monthly + Decimal("14.99"))


def test_a_program_that_computes_nothing_sees_the_same(statement: Statement) -> None:
    """What the formulas come to is kept beside them."""
    book = opened(workbook(statement), computed=True)

    assert cents(book["Summary"]["B4"].value) == statement.monthly
    assert book["Summary"]["B12"].value == len(statement.recipients)


def test_no_formula_is_of_the_tenant(statement: Statement, frozen: Frozen) -> None:
    """Every formula is one of ours; whatever else there is, is text or a number."""
    book = opened(workbook(statement, frozen))
    formulas = [
        cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]

    assert book.sheetnames == SHEETS
    # four figures and a difference, a count; four lines by two, two totals; a way by two
    assert len(formulas) == 6 + 8 + 2 + 2
    assert all(
        text.startswith(("=Lines!", "=B", "=SUM", "=F", "=H", "=COUNTA")) for text in formulas
    )


def test_hostile_texts_are_text_and_stay_what_they_are(
    statement: Statement, frozen: Frozen
) -> None:
    """Formulas, links, control characters and what is too long; a cell edited again stays a text."""
    content = workbook(statement, frozen)
    people = opened(content)["People"]
    names = [people.cell(row, 1) for row in range(2, len(statement.recipients) + 2)]
    told = [cell.value for cell in names]

    assert all(cell.data_type == "s" for cell in names)
    assert all(cell.hyperlink is None for cell in names)
    assert told[:5] == ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1"]
    assert all(cell.quotePrefix for cell in names[:5])
    assert told[5] == "a\ufffdb\ufffdc"
    assert told[7] == "\ufffd"
    assert told[9] == "x" * 32_766 + "…"
    assert told[10:13] == ["<b>&amp;</b>", "\ufffd", "1e5"]
    assert told[13] == "id-13"  # one without a name is called by the account
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = archive.read("xl/sharedStrings.xml").decode()
        assert "_x005F_x0041_" in shared  # read back as the letters they are
        assert not [name for name in archive.namelist() if "external" in name.lower()]


@pytest.mark.parametrize(
    ("text", "expected"), [("a\tb\nc", "a\tb\nc"), ("ü—😀", "ü—😀"), ("\x7f", "\ufffd")]
)
def test_text_of_people_is_kept(text: str, expected: str) -> None:
    """Letters of any language, tabs and lines are no control characters to be afraid of."""
    assert plain_text(text) == expected


def test_an_estimate_of_nothing_is_a_workbook_too(
    statement: Statement, recomputed: Callable[[bytes], Cells]
) -> None:
    """No line, nobody, no way: totals of zero."""
    cells = recomputed(workbook(replace(statement, items=(), ways=(), recipients=())))

    assert cents(cells["Summary", "B4"]) == 0
    assert cents(cells["Summary", "B5"]) == 0
    assert cents(cells["Summary", "B7"]) == 0


def test_the_same_estimate_is_the_same_file(statement: Statement, frozen: Frozen) -> None:
    """Byte by byte, so that two who took it along can see that."""
    assert workbook(statement, frozen) == workbook(statement, frozen)
    assert workbook(statement) == workbook(statement)


def test_it_says_what_it_rests_on(statement: Statement, frozen: Frozen) -> None:
    """Number, author, day, prices, basis, channel, rules, what is open and every note."""
    book = opened(workbook(statement, frozen))
    facts = {row[0].value: row[1].value for row in book["Summary"].iter_rows(min_row=14)}
    rests = {row[0].value: row[1].value for row in book["Assumptions"].iter_rows(min_row=2)}

    assert facts["Number"] == "7"
    assert facts["By"] == "=author"
    assert facts["SHA-256"] == frozen.digest
    assert rests["How licences are bought"] == "csp_new"
    assert rests["Open, in no figure: =flow"] == "Who owns it?"
    assert rests["Note"] == "-warned"
