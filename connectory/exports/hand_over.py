"""The sheet by which things are handed over before people leave: a workbook, or CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pandas as pd

from connectory.exports.sheet import sheet
from connectory.queries.export import to_csv

_COLUMNS: Final = {
    "place": "no",
    "kind": "kind",
    "name": "name",
    "environment": "environment",
    "connector": "connector",
    "effect": "effect",
    "why": "why",
    "to_do": "to_do",
    "last_day": "by",
    "leaver": "from",
    "to": "to",
    "to_mail": "to_mail",
    "to_reason": "because",
    "calls": "calls_in_30_days",
    "evidence": "evidence",
}
"""Columns of the sheet by those of the rows; ids are of no use to people."""
_EFFECTS: Final = {
    "stops": "stops",
    "may_stop": "may stop",
    "orphaned": "nobody may change it any more",
}


def hand_over_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what `hand_over` told as the rows of the sheet, with a column to tick off.

    Args:
        rows: Rows of `connectory.queries.hand_over.hand_over`.
    """
    told = rows[list(_COLUMNS)].rename(columns=_COLUMNS)
    days = [None if day is None else day.isoformat() for day in told["by"]]
    return told.assign(
        kind=told["kind"].str.replace("_", " "),
        effect=told["effect"].map(_EFFECTS),
        by=pd.Series(days, index=told.index, dtype="object"),
        done=pd.Series([None] * len(told), index=told.index, dtype="object"),
    )


def hand_over_sheet(rows: pd.DataFrame, made_at: datetime) -> bytes:
    """Return the sheet as a workbook (XLSX); no cell of it is a formula.

    Args:
        rows: Rows of `connectory.queries.hand_over.hand_over`.
        made_at: When the tenant was read.
    """
    return sheet(hand_over_rows(rows), "Hand-over", made_at)


def hand_over_csv(rows: pd.DataFrame) -> str:
    """Return the sheet as CSV that is safe to open in a spreadsheet."""
    return to_csv(hand_over_rows(rows))
