"""How far sources agree, and each kind of disagreement with what it means."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.reconciliation import Reconciled
from dashboard.parts import bars, entry, filters, kpi, page, state
from dashboard.parts.badges import DISAGREEMENT, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import counted

ANY, LOOK, EXPLAINED = "Any", "Worth a look", "Explained"
AGREED, UNCOMPARED = "Agreed", "Not compared"
WHAT = {
    "alias_collision": "Two names of one list can only be kept as one connector.",
    "deleted_in_one": "A list that showed it no longer does, while others do.",
    "still_used": "No list shows it, and something still refers to it.",
    "row_missing": "What runs names a row that Dataverse does not show.",
    "no_runtime": "A row in a solution, and nothing that runs.",
    "list_lag": "Others show it already.",
    "role_limited": "The connectivity API shows what the role allows.",
    "inventory_lag": "Something uses it, and the inventory does not know.",
    "not_in_solution": "Dataverse lists only what is in a solution.",
    "not_shared": "The makers' list shows only what was shared with who asks.",
    "unused": "The inventory knows only connectors that something uses.",
}


def figures(told: Reconciled) -> None:
    """Draw how far the sources agree; each figure opens its rows."""

    def opened(name: str, value: int, words: str) -> Figure:
        rows = filters.narrow(show=name) if value else None
        return Figure(name, value, narrow=rows, help=words)

    kpi.row(
        [
            Figure("Connectors", told.connectors, page=page.CONNECTORS),
            opened(LOOK, told.worth_a_look, "Sources disagree, and no rule explains it."),
            opened(
                EXPLAINED,
                told.explained,
                "Sources disagree only as far as they are made for different things.",
            ),
            opened(
                AGREED,
                told.agreed,
                "Two sources or more were read, and every one that could show it does.",
            ),
            opened(
                UNCOMPARED,
                told.not_compared,
                "Fewer than two sources were read there, so that none could disagree.",
            ),
        ]
    )


def kinds(frame: pd.DataFrame) -> None:
    """Draw the disagreements by kind, and a way to the rows of each."""
    st.header("Disagreements by kind", anchor=False)
    if frame.empty:
        state.empty(
            "No disagreement",
            "The sources that were read show the same connectors.",
            icon="check_circle",
        )
        return
    words = [meaning(DISAGREEMENT, kind).word for kind in frame["kind"]]
    bars.counts(
        words,
        frame["connectors"].tolist(),
        [LOOK if look else EXPLAINED for look in frame["worth_a_look"]],
        alt="Connectors by kind of disagreement between sources",
        quiet=EXPLAINED,
    )
    with st.container(border=True):
        for row, word in zip(frame.itertuples(), words, strict=True):
            entry.state(
                DISAGREEMENT,
                row.kind,
                counted(row.connectors, "connector"),
                WHAT.get(str(row.kind), ""),
                narrow=filters.narrow(disagreement=[word]),
            )
