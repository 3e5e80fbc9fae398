"""Leavers: what stops working when somebody leaves, and what to hand over to whom before."""

from __future__ import annotations

import streamlit as st

from dashboard import leaver_data
from dashboard.parts import leaver_choice, page, stale, state
from dashboard.parts import leaver_rows as rows
from dashboard.parts.badges import LEAVING, LEAVING_MEANING, mark

READ_BY = {
    "people": "people",
    "permissions": "owners",
    "connections": "connections",
    "connection_references": "references",
    "flows": "flows",
    "apps": "apps",
    "agents": "agents",
}


def meanings() -> None:
    """Draw what the words mean."""
    with st.popover("What the words mean", icon=":material/help:", type="tertiary"):
        for one, told in LEAVING_MEANING.items():
            st.markdown(f"**{mark(LEAVING, one)}**  \n:small[:gray[{told}]]")
        st.caption(
            "Calls are per 30 days, by the best evidence there is of each: calls where a log tells "
            "of them, else runs or launches."
        )


at = page.begin("Leavers", export="ownership")
with state.part("Leavers"):
    st.caption(
        "What rests on the account of somebody who leaves, before the last day. It is only told "
        "here; nothing of the tenant is changed."
    )
    told = leaver_choice.asked(at)
    leaver_choice.problems(told)
    if not told.people:
        leaver_choice.already(at)
        st.stop()
    found = leaver_data.leaving(at, told.people)
    rows.who(found)
    rows.figures(leaver_data.sums(found))
    stale.note(at, READ_BY, "More may rest on them than is told here.")
    with state.part("The hand-over"):
        rows.hand_over(at, told.people, meanings)
    for name, tab in zip(
        rows.TABS, st.tabs(list(rows.TABS), key=rows.TAB, bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                rows.listed(found, name)
