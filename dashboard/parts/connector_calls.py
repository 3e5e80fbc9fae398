"""The calls of one connector, as logs tell them, beside what else tells of its use."""

from __future__ import annotations

import streamlit as st

from connectory.queries.call_tables import Chosen
from connectory.queries.connector import ConnectorCard
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import call_evidence, call_figures, state

DAYS = 28


def draw(at: At, card: ConnectorCard) -> None:
    """Draw how often it was called, how that went, by whom, and what each source tells."""
    mine = Chosen(card.connector_id)
    if not call_evidence.none_told(at):
        call_evidence.line(at, DAYS, mine)
        if call_data.by_day(at, DAYS, mine).empty:
            state.empty(
                "No call is known",
                "No log that was read tells of a call that belongs to this connector alone.",
            )
        else:
            _calls(at, mine)
    st.header("What each source tells", anchor=False)
    call_evidence.side_by_side(at, DAYS, mine, key="calls.sources")


def _calls(at: At, mine: Chosen) -> None:
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, DAYS, mine)
    st.header("Operations", anchor=False)
    call_figures.operations(
        call_data.by_operation(at, DAYS, mine), with_connector=False, key="calls.operations"
    )
    st.header("Failed calls a day", anchor=False)
    call_figures.errors(at, DAYS, mine)
    st.header("Callers", anchor=False)
    call_figures.who(
        call_data.by_caller(at, DAYS, mine), "Account", "Nobody named", key="calls.callers"
    )
    st.header("Consumers", anchor=False)
    call_figures.who(
        call_data.by_consumer(at, DAYS, mine), "Flow or app", "None named", key="calls.consumers"
    )
    st.header("Never called", anchor=False)
    call_figures.never(
        call_data.never_called(at, DAYS, mine), with_connector=False, key="calls.never"
    )
