"""Rows of any frame as a workbook of one sheet, in which whatever a tenant wrote stays text."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter

from connectory.exports.workbook import FORMULA, SAFE, plain_text

_WIDEST: Final = 60
_MOST: Final = 1_000_000


def sheet(rows: pd.DataFrame, name: str, made_at: datetime) -> bytes:
    """Return rows as a workbook (XLSX).

    No cell is a formula or a link; lists are joined by "; ", times are UTC, what is missing is
    empty. The same rows are the same file, byte by byte.

    Args:
        rows: The rows; their columns become the head.
        name: Of the sheet.
        made_at: When the rows were read.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, SAFE)
    book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1})
    quoted = book.add_format({"quote_prefix": True})
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    for column, title in enumerate(map(str, rows.columns)):
        words = title.replace("_", " ").capitalize()
        told = [_value(value) for value in rows[title].astype(object).tolist()[:_MOST]]
        width = max([len(words), *(len(str(value)) for value in told if value is not None)])
        page.set_column(column, column, min(width + 2, _WIDEST))
        page.write_string(0, column, words, head)
        for row, value in enumerate(told, 1):
            if isinstance(value, int | float):
                page.write_number(row, column, value)
            elif value:
                page.write_string(row, column, value, quoted if value.startswith(FORMULA) else None)
    book.close()
    return out.getvalue()


def _value(value: Any) -> str | float | None:
    if isinstance(value, list | tuple):
        return plain_text("; ".join(str(one) for one in value))
    if pd.isna(value):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    return plain_text(str(value))
