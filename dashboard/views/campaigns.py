"""Campaigns: who was asked about which connectors, how far that is, and what is being retired."""

from __future__ import annotations

import streamlit as st

from connectory.queries.campaigns import STATES
from dashboard import campaign_data
from dashboard.parts import (
    asked,
    campaign_opening,
    campaign_rows,
    filters,
    page,
    retirements,
    state,
)
from dashboard.parts.badges import meaning
from dashboard.parts.text import code

CAMPAIGNS, RETIREMENTS = "Campaigns", "Retirements"


def meanings() -> None:
    """Draw what the answers mean."""
    with st.popover("What the words mean", icon=":material/help:", type="tertiary"):
        for one in STATES:
            st.markdown(
                f"**{meaning(asked.ANSWER, one).word}**  \n:small[:gray[{asked.ANSWER_MEANING[one]}]]"
            )


at = page.moment_of("Campaigns", dated=False)
page.top("Campaigns", at, export="connectors", dated=False)
with state.part("The campaigns"):
    rows, plans = campaign_data.campaigns(at.url), campaign_data.plans(at)
    filters.remember("campaigns")
    if not rows.empty or not plans.empty:
        campaign_rows.figures(rows, plans)
    everything, retired = st.tabs([CAMPAIGNS, RETIREMENTS], key="show", bind="query-params")
    if everything.open:
        with everything, state.part("The list of campaigns"):
            with st.container(horizontal=True, gap="small"):
                campaign_opening.offer_choice(at)
                meanings()
            if rows.empty:
                state.empty(
                    "Nobody was asked yet",
                    "A campaign asks whoever answers for connectors whether they are still needed. "
                    f"Open one here, from the page Stale, or with ] {code('connectory campaign open')} "
                    ":gray[.",
                    icon="campaign",
                )
            else:
                campaign_rows.draw(rows)
    if retired.open:
        with retired, state.part("The retirements"):
            retirements.draw(at, plans)
