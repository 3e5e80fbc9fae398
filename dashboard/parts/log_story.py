"""Logs of calls: how far each was read, and what of them belongs to nothing or is lost."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import call_evidence, table
from dashboard.parts.text import counted

REASONS = {
    "no_connector": "no connector that was read calls this host",
    "no_operation": "no definition has this operation",
    "several": "several connectors have it, and the log does not say which",
    "no_action": "no definition of that time knows the action",
}


def reason(name: str) -> str:
    """Return why a call belongs to no operation, as a sentence begins."""
    told = REASONS.get(name, name)
    return told[:1].upper() + told[1:]


def logs(rows: pd.DataFrame, unmatched: pd.DataFrame, days: int) -> None:
    """Draw every log that is read; nothing where none is.

    Args:
        rows: Logs of calls.
        unmatched: Calls that belong to no operation, by source and reason.
        days: Days over which these are counted.
    """
    if rows.empty:
        return
    st.header("Logs of calls", anchor=False)
    st.caption("As far as they are read by now, whichever run is shown.")
    if not unmatched.empty:
        st.caption(
            f"In the last {counted(days, 'day')} belong to no operation: "
            + "; ".join(
                f"{counted(row.calls, call_evidence.unit(row.source))} of "
                f"{call_evidence.in_sentence(row.source)} ({reason(str(row.reason)).lower()})"
                for row in unmatched.itertuples()
            )
            + ". Usage lists them under Not matched."
        )
    columns = {
        "source": table.text("Source", width=210),
        "log": table.text("Log", width=130),
        "read_to": table.minute("Read to"),
        "files": table.number("Files", width=70),
        "bad_lines": table.number("Bad lines", width=85),
        "late_rows": table.number("Too late", width=85),
        "lost": table.number("Lost stretches", width=110),
        "lost_to": table.minute("Lost until"),
    }
    shown = call_evidence.in_words(table.words(rows, ["log"]))
    table.data_table(shown, columns, alt="Logs of calls", key="runs.logs")
