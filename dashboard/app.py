"""The frame around every page: what Streamlit runs, at each click, from top to bottom."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.parts import opening, state
from dashboard.parts import page as pages

_STATIC = Path(__file__).parent / "static"

st.set_page_config(
    page_title="Connectory",
    page_icon=str(_STATIC / "mark.svg"),
    layout="wide",
    initial_sidebar_state=240,
)
st.html(_STATIC / "app.css")
st.logo(str(_STATIC / "logo.svg"), icon_image=str(_STATIC / "mark.svg"), size="medium")

_page = st.navigation(
    {
        "": [
            st.Page(pages.OVERVIEW, title="Overview", icon=":material/dashboard:", default=True),
            st.Page(pages.SEARCH, title="Search", icon=":material/search:"),
        ],
        "Inventory": [
            st.Page(pages.CONNECTORS, title="Connectors", icon=":material/hub:"),
            st.Page(pages.CONNECTOR, title="Connector", visibility="hidden"),
            st.Page(pages.CONNECTIONS, title="Connections", icon=":material/cable:"),
            st.Page(pages.ENVIRONMENTS, title="Environments", icon=":material/deployed_code:"),
            st.Page(pages.RECONCILIATION, title="Reconciliation", icon=":material/rule:"),
        ],
        "Calls": [
            st.Page(pages.USAGE, title="Usage", icon=":material/monitoring:"),
            st.Page(pages.HEALTH, title="Health", icon=":material/vital_signs:"),
        ],
        "Licences": [
            st.Page(pages.EXPOSURE, title="Exposure", icon=":material/payments:"),
            st.Page(pages.WHAT_IF, title="What-if", icon=":material/alt_route:"),
            st.Page(pages.SAVINGS, title="Savings", icon=":material/savings:"),
            st.Page(pages.ESTIMATES, title="Estimates", icon=":material/ac_unit:"),
            st.Page(pages.PRICES, title="Price book", icon=":material/sell:"),
        ],
        "Drift": [
            st.Page(pages.DRIFT, title="Drift board", icon=":material/difference:"),
            st.Page(pages.CHANGE, title="Change", visibility="hidden"),
            st.Page(pages.UPSTREAM, title="Upstream", icon=":material/cloud_sync:"),
            st.Page(pages.CHANGE_LOG, title="Change log", icon=":material/history:"),
        ],
        "Owners": [
            st.Page(pages.OWNERSHIP, title="Ownership", icon=":material/badge:"),
            st.Page(pages.STALE, title="Stale", icon=":material/hourglass_bottom:"),
            st.Page(pages.LEAVERS, title="Leavers", icon=":material/transfer_within_a_station:"),
            st.Page(pages.CAMPAIGNS, title="Campaigns", icon=":material/campaign:"),
            st.Page(pages.CAMPAIGN, title="Campaign", visibility="hidden"),
            st.Page(pages.OUTBOX, title="Outbox", icon=":material/outbox:"),
            st.Page(pages.MY_CONNECTORS, title="My connectors", icon=":material/person_pin:"),
        ],
        "System": [
            st.Page(pages.RUNS, title="Runs and coverage", icon=":material/sync:"),
        ],
    },
    expanded=True,
)

st.set_page_config(page_title=f"{_page.title} · Connectory")
with state.part(f"{_page.title}"):
    opening.come_back(_page.url_path)
    _page.run()
