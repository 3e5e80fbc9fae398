"""Connections and references: what is wrong with them, where, and what to do about it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_findings
from dashboard import data, inventory_data
from dashboard.parts import filters, finding_board, finding_rows, page, state
from dashboard.parts.badges import (
    CONNECTION_FINDING,
    SEVERITY,
    state_of,
    words,
)

SEVERITIES = ("high", "medium", "low")
ASSETS = {"Both": "", "Connections": "connection", "References": "connection_reference"}


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(3, min_column_width=146)
    search = filters.search(cells, "Name, person, account…")
    finding = filters.several(cells, "Finding", "finding", words(CONNECTION_FINDING))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    connector = filters.several(
        cells, "Connector", "connector", filters.options(frame["connector"])
    )
    severity = filters.several(
        cells, "Severity", "severity", [SEVERITY[name].word for name in SEVERITIES]
    )
    asset = filters.one(cells, "Of", "of", list(ASSETS))
    rows = narrow_findings(
        frame,
        search=search,
        findings=[state_of(CONNECTION_FINDING, word) for word in finding],
        severities=[state_of(SEVERITY, word) for word in severity],
        environments=filters.behind(frame["environment"], environment),
        connectors=filters.behind(frame["connector"], connector),
        asset=ASSETS[asset],
    )
    return rows.reset_index(drop=True)


shown_at = page.begin("Connections and references", export="connection_findings")
with state.part("The findings"):
    everything, searched = (
        inventory_data.connection_findings(shown_at),
        inventory_data.connection_checks(shown_at),
    )
    everything = filters.without_ignored(everything, data.left_out(shown_at))
    finding_board.coverage(searched)
    finding_board.figures(searched)
    if everything.empty:
        whole = bool(searched["checked"].all())
        state.empty(
            "No finding",
            "Nothing is wrong with what was read."
            if whole
            else "None in what was read; not everything could be searched.",
            icon="task_alt" if whole else "visibility_off",
            to_runs=True,
        )
        st.stop()
    with state.part("The plot"):
        finding_board.by_place(searched)
    st.header("Findings", anchor=False)
    remaining = narrowed(everything)
    filters.remember("connections")
    if remaining.empty:
        state.empty(
            "No finding matches", "Remove a filter or shorten the search.", icon="filter_alt_off"
        )
    else:
        finding_rows.draw(shown_at, remaining, len(everything))
