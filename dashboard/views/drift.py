"""Drift board: which connectors differ between environments, how badly, and whom that hits."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.drift_filters import narrow_board
from connectory.queries.drift_hits import ORDER
from connectory.queries.hits import GRADES
from dashboard import drift_data
from dashboard.parts import drift_board, drift_cell, filters, page, stale, state
from dashboard.parts.badges import DRIFT, DRIFT_MEANING, USED, mark, meaning, state_of
from dashboard.parts.text import count, counted

READ_BY = {"connectors": "definitions", "flows": "flows", "apps": "apps", "agents": "agents"}


def narrowed(board: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(5, min_column_width=146)
    search = filters.search(cells, "Family, connector…")
    there = [one for one in ORDER if (board["shown"] == one).any() and one != "same"]
    worst = filters.several(cells, "Worst", "worst", [meaning(DRIFT, one).word for one in there])
    use = filters.several(cells, "Hits", "use", [meaning(USED, one).word for one in GRADES])
    environment = filters.several(
        cells, "Environment", "environment", filters.options(board["environment"])
    )
    owner = filters.several(cells, "Owner", "whose", filters.options(board["owner"]))
    return narrow_board(
        board,
        search=search,
        states=[state_of(DRIFT, word) for word in worst],
        uses=[state_of(USED, word) for word in use],
        environments=filters.behind(board["environment"], environment),
        owners=filters.behind(board["owner"], owner),
    ).reset_index(drop=True)


def meanings() -> None:
    """Draw what the words of the board mean."""
    with st.popover("What the words mean", icon=":material/help:", type="tertiary"):
        for one, told in DRIFT_MEANING.items():
            st.markdown(f"**{mark(DRIFT, one)}**  \n:small[:gray[{told}]]")
        st.caption(
            "In use: a flow, an agent, an app or a log is known to use what changes, in the member "
            "or in its reference, in the last 30 days or by its definition."
        )


at = page.begin("Drift board", export="drift_board")
with state.part("The drift board"):
    board = drift_data.board(at)
    if board.empty:
        state.empty(
            "No connector is in several environments",
            "Families are found by logical name, solution or definition; the settings can name "
            "what belongs together under drift.families.",
            icon="family_history",
            to_runs=True,
        )
        st.stop()
    drift_board.figures(drift_data.families(board))
    stale.note(at, READ_BY)
    remaining = narrowed(board)
    look, placed = drift_board.columns_of(remaining)
    filters.remember("drift")
    if remaining.empty:
        state.empty("No family matches", "Remove a filter.", icon="filter_alt_off")
        st.stop()
    chosen = drift_board.draw(placed, look)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shown, every = remaining["family"].nunique(), board["family"].nunique()
        st.caption(
            f"{count(shown)} of {counted(every, 'family').replace('familys', 'families')}, what is "
            "breaking and used first. A cell shows whom it hits; a name opens its worst change.",
            width="stretch",
        )
        meanings()
    if chosen is not None:
        with state.part("The chosen cell"):
            drift_cell.draw(at, chosen)
