"""Exposure: what custom connectors cost in licences, because of which, and the cheapest plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from connectory.queries.exposure import Exposure
from dashboard import exposure_data
from dashboard.data import At
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
from dashboard.parts.text import esc

TAB = "look"
Part = Callable[[At, Exposure], None]
TABS: Mapping[str, Part] = {
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

# What is known without prices.
UNPRICED: Mapping[str, Part] = {
    "People": partial(exposure_people.draw, priced=False),
    "Over time": exposure_trend.draw,
    "To decide": exposure_shares.undecided,
}


def tabs(at: At, found: Exposure, parts: Mapping[str, Part]) -> None:
    """Draw the part that is open."""
    for name, tab in zip(parts, st.tabs(list(parts), key=TAB, bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                parts[name](at, found)


at = page.begin("Exposure", export="licences_needed")
with state.part("Exposure"):
    budget.note(at)
    why = exposure_data.unpriced(at)
    if why:
        cure = "Mend the price book (`licensing.price_book`). Who is in need is told all the same."
        state.empty("No cost can be told", f"{esc(why, longest=400)}. {cure}")
        found = estimating.told_or_why(lambda: exposure_data.needs(at), "No estimate can be made")
        exposure_figures.needs(found)
        tabs(at, found, UNPRICED)
        st.stop()
    found = estimating.told_or_why(lambda: exposure_data.told(at), "No estimate can be made")
    exposure_figures.draw(found)
    st.header(f"Cost by connector, {found.estimate.currency} a month", anchor=False)
    exposure_figures.by_connector(at, found)
    st.page_link(page.WHAT_IF, label=":blue[What if something changed?]")
    tabs(at, found, TABS)
