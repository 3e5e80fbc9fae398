"""Exposure: what custom connectors cost in licences, because of which, and the cheapest plan."""

from __future__ import annotations

import streamlit as st

from dashboard import exposure_data
from dashboard.parts import (
    budget,
    estimating,
    exposure_figures,
    exposure_people,
    exposure_plan,
    exposure_shares,
    exposure_trend,
    page,
    state,
)

TAB = "look"
TABS = {
    "Plan": exposure_plan.plan,
    "Other ways": exposure_plan.ways,
    "Metered now": exposure_plan.metered,
    "Connectors": exposure_shares.connectors,
    "People": exposure_people.draw,
    "Environments": exposure_shares.environments,
    "Departments": exposure_shares.departments,
    "Over time": exposure_trend.draw,
    "To decide": exposure_shares.undecided,
}

at = page.begin("Exposure", export="licences_needed")
with state.part("Exposure"):
    budget.note(at)
    found = estimating.told_or_why(lambda: exposure_data.told(at), "No estimate can be made")
    exposure_figures.draw(found)
    st.header(f"Cost by connector, {found.estimate.currency} a month", anchor=False)
    exposure_figures.by_connector(at, found)
    st.page_link(page.WHAT_IF, label=":blue[What if something changed?]")
    for name, tab in zip(TABS, st.tabs(list(TABS), key=TAB, bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, found)
