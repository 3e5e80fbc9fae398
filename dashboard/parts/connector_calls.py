"""The calls of one connector, as logs of its backend tell them."""

from __future__ import annotations

import streamlit as st

from connectory.queries.connector import ConnectorCard
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import call_evidence, call_figures, state

DAYS = 28


def draw(at: At, card: ConnectorCard) -> None:
    """Draw how often it was called, how that went, and by whom."""
    if call_evidence.none_told(at):
        return
    call_evidence.line(at, DAYS)
    number = card.connector_id
    if call_data.by_day(at, DAYS, number).empty:
        state.empty(
            "No call is known",
            "No log that was read tells of a call that belongs to this connector alone.",
        )
        return
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, DAYS, number)
    st.header("Operations", anchor=False)
    call_figures.operations(
        call_data.by_operation(at, DAYS, number), with_connector=False, key="calls.operations"
    )
    st.header("Failed calls a day", anchor=False)
    call_figures.errors(at, DAYS, number)
    st.header("Callers", anchor=False)
    call_figures.who(
        call_data.by_caller(at, DAYS, number), "Account", "Nobody named", key="calls.callers"
    )
    st.header("Consumers", anchor=False)
    call_figures.who(
        call_data.by_consumer(at, DAYS, number), "Flow or app", "None named", key="calls.consumers"
    )
