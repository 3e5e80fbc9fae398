"""Stale: which connectors nobody seems to need any more, by how much, and how that is reckoned."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.owner_filters import UNTOLD
from connectory.queries.stale_filters import ASKABLE, EXEMPT, NOT_EXEMPT, narrow_stale
from dashboard import data, stale_data
from dashboard.parts import filters, page, places, score, stale, stale_rows, state
from dashboard.parts.badges import STALENESS, STALENESS_MEANING, mark, state_of, words
from dashboard.parts.places import NOT_TOLD

BY = {
    "By environment": ("environment", "environment"),
    "By department": ("department", "department"),
    "By kind": ("environment_kind", "kind"),
}
ASKING = {"Any": "", "To be asked": ASKABLE, "Not exempt": NOT_EXEMPT, "Exempt": EXEMPT}
ORDERS = {
    "Score": "score",
    "Longest unused": "last_used_on",
    "Licence cost": "monthly",
    "Name": "connector",
}


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave, in their order."""
    cells = st.grid(7, min_column_width=146)
    search = filters.search(cells, "Connector, owner…")
    verdict = filters.several(cells, "Verdict", "verdict", words(STALENESS))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    kind = filters.several(cells, "Kind", "kind", filters.options(frame["environment_kind"]))
    untold = [NOT_TOLD] if frame["department"].isna().any() else []
    department = filters.several(
        cells, "Department", "department", [*filters.options(frame["department"]), *untold]
    )
    asking = filters.one(cells, "Asking", "asking", list(ASKING))
    order = filters.one(cells, "Order", "order", list(ORDERS))
    return narrow_stale(
        frame,
        search=search,
        states=[state_of(STALENESS, word) for word in verdict],
        environments=filters.behind(frame["environment"], environment),
        kinds=filters.behind(frame["environment_kind"], kind),
        departments=[
            *filters.behind(frame["department"], department),
            *([UNTOLD] if NOT_TOLD in department else []),
        ],
        asking=ASKING[asking],
        order=ORDERS[order],
    ).reset_index(drop=True)


def meanings() -> None:
    """Draw what the verdicts mean."""
    with st.popover("What the verdicts mean", icon=":material/help:", type="tertiary"):
        for one, told in STALENESS_MEANING.items():
            st.markdown(f"**{mark(STALENESS, one)}**  \n:small[:gray[{told}]]")
        st.caption(
            "The score goes from 0, in use, to 100, abandoned. Choose a row to see what it is made "
            "of. How many days count as long is set under staleness in the settings, by kind of "
            "environment."
        )


at = page.begin("Stale connectors", export="stale")
with state.part("The stale connectors"):
    everything = filters.without_ignored(stale_data.stale(at), data.left_out(at))
    if everything.empty:
        state.empty(
            "Nothing is judged yet",
            "There is no connector in what was read, or the run was not assessed since this was "
            "added. `connectory assess` does it.",
            icon="hourglass_disabled",
            to_runs=True,
        )
        st.stop()
    stale_rows.figures(everything)
    stale.note(at, score.READ_BY, score.UNREAD)
    left, right = st.columns([8, 5], gap="medium")
    with left, state.part("The plot"):
        st.header("By verdict and place", anchor=False)
        places.draw(
            everything, "state", STALENESS, BY, kinds="verdict", of="connector", key="stale"
        )
    with right, state.part("The first"):
        st.header("Ask about these first", anchor=False)
        stale_rows.first(everything)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.header("Connectors", anchor=False, width="content")
        meanings()
    remaining = narrowed(everything)
    filters.remember("stale")
    if remaining.empty:
        state.empty(
            "No connector matches", "Remove a filter or shorten the search.", icon="filter_alt_off"
        )
    else:
        stale_rows.draw(at, remaining, len(everything))
