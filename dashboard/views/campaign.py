"""One campaign: how far it is, who has not answered, what was answered and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from connectory.queries.campaigns import Campaign
from dashboard import campaign_data, outbox_data
from dashboard.data import At
from dashboard.parts import (
    asked,
    campaign_head,
    filters,
    opening,
    page,
    request_rows,
    retirements,
    state,
)
from dashboard.parts.text import count, esc

_WRITTEN = 30


def requests(at: At, told: Campaign, rows: pd.DataFrame) -> None:
    """Draw the requests."""
    del told
    if rows.empty:
        state.empty("It asks about nothing", "No request belongs to it.", icon="inbox")
        return
    remaining = request_rows.narrowed(rows)
    if remaining.empty:
        state.empty("No request matches", "Remove a filter.", icon="filter_alt_off")
    else:
        request_rows.draw(at.url, remaining, len(rows))


def retiring(at: At, told: Campaign, rows: pd.DataFrame) -> None:
    """Draw the plans that follow from its answers."""
    del rows
    retirements.draw(at, campaign_data.plans(at, int(told.facts["campaign_id"])))


def messages(at: At, told: Campaign, rows: pd.DataFrame) -> None:
    """Draw what was written for it."""
    del rows
    written = outbox_data.of_campaign(at.url, int(told.facts["campaign_id"]))
    if written.empty:
        state.empty("Nobody was written for it", "Its letters stand in the outbox.", icon="outbox")
        return
    for row in written.head(_WRITTEN).to_dict("records"):
        asked.message(row)
    if len(written) > _WRITTEN:
        st.caption(f"{count(_WRITTEN)} of {count(len(written))}; the outbox has all of them.")
        st.page_link(
            page.OUTBOX, label=":blue[Open the outbox]", query_params={"for": told.facts["name"]}
        )


def opened(at: At, told: Campaign, rows: pd.DataFrame) -> None:
    """Draw how it was opened."""
    del at, rows
    campaign_head.opened(told)


TABS: dict[str, Callable[[At, Campaign, pd.DataFrame], None]] = {
    "Requests": requests,
    "Retirements": retiring,
    "Messages": messages,
    "How it asks": opened,
}


def asked_for(url: str) -> Campaign | None:
    """Return the campaign that the address asks for; None if there is none."""
    told = st.query_params.get(opening.CAMPAIGN, "")
    known = told.isascii() and told.isdigit()
    return campaign_data.campaign(url, int(told[:18])) if known else None


at = page.moment_of("Campaign", dated=False)
st.page_link(
    page.CAMPAIGNS,
    label=":blue[All campaigns]",
    icon=":material/arrow_back:",
    query_params=filters.remembered("campaigns"),
)
told = asked_for(at.url)
if told is None:
    page.top("Campaign", at, export="connectors", dated=False)
    state.empty("No such campaign", "The address names none that this store knows.")
    st.stop()
page.top(esc(told.facts["name"], longest=160), at, export="connectors", dated=False)
with state.part("The campaign"):
    rows = campaign_data.requests(at, int(told.facts["campaign_id"]))
    campaign_head.purpose(told)
    campaign_head.figures(told)
    left, right = st.columns(2, gap="medium")
    with left, state.part("The answers"):
        campaign_head.answers(told)
    with right, state.part("Who has not answered"):
        campaign_head.silent(rows)
    campaign_head.decide(at.url, told, rows)
    for name, tab in zip(TABS, st.tabs(list(TABS), key="tab", bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, told, rows)
