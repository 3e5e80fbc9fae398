"""Rows as a workbook of one sheet."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest

from connectory.exports.sheet import sheet

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def opened(content: bytes) -> list[tuple[Any, ...]]:
    """Return what the cells of the one sheet hold, as another program reads them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [tuple(cell.value for cell in row) for row in book["People"].iter_rows()]


def test_each_kind_of_value_has_its_cell() -> None:
    """Numbers count, lists are words, yes and no are said, and what is missing is empty."""
    rows = pd.DataFrame(
        {
            "owner_key": ["a", None],
            "flows": [2, 0],
            "certain": [True, False],
            "hit": [["flow A", "app B"], []],
            "last": [NOON, pd.NaT],
            "calls": pd.Series([3, pd.NA], dtype="Int64"),
        }
    )

    assert opened(sheet(rows, "People", NOON)) == [
        ("Owner key", "Flows", "Certain", "Hit", "Last", "Calls"),
        ("a", 2, "yes", "flow A; app B", "2026-11-16 12:00", 3),
        (None, 0, "no", None, None, None),
    ]


@pytest.mark.parametrize(
    "hostile",
    ['=HYPERLINK("http://evil.example")', "+1", "-1+2", "@SUM(A1)", "http://evil.example", "007"],
)
def test_whatever_a_tenant_wrote_stays_text(hostile: str) -> None:
    """Neither formula nor link, and the same text."""
    content = sheet(pd.DataFrame({"name": [hostile]}), "People", NOON)
    cell = openpyxl.load_workbook(io.BytesIO(content))["People"]["A2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (hostile, "s", None)
    assert bool(cell.quotePrefix) is hostile.startswith(("=", "+", "-", "@"))


def test_characters_that_no_cell_holds_are_replaced() -> None:
    """And a text that is too long is cut."""
    (_, (told,)) = opened(sheet(pd.DataFrame({"name": ["a\x00b" + "c" * 40_000]}), "People", NOON))

    assert str(told).startswith("a\ufffdb")
    assert len(str(told)) == 32_767


def test_the_same_rows_are_the_same_file() -> None:
    """Byte by byte; without rows there are heads."""
    rows = pd.DataFrame({"name": ["Ann"]})

    assert sheet(rows, "People", NOON) == sheet(rows, "People", NOON)
    assert opened(sheet(rows.head(0), "People", NOON)) == [("Name",)]
