"""The calls of one connector, as logs tell them, beside what else tells of its use."""

from __future__ import annotations

import streamlit as st

from connectory.queries.call_tables import Chosen
from connectory.queries.connector import ConnectorCard
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import call_evidence, call_figures, call_health, state
from dashboard.parts.text import counted

FIGURES = (
    "calls",
    "errors",
    "p95",
    "p50",
    "p99",
    "largest_response",
    "retries",
    "callers",
    "method",
    "last_used",
)


def draw(at: At, card: ConnectorCard) -> None:
    """Draw how often it was called, how that went, by whom, and what each source tells."""
    mine, days = Chosen(card.connector_id), call_evidence.asked()
    if not call_evidence.none_told(at):
        days = call_evidence.period()
        call_evidence.line(at, days, mine)
        if call_data.by_day(at, days, mine).empty:
            state.empty(
                "No call is known",
                "No log that was read tells of a call that belongs to this connector alone.",
            )
        else:
            _calls(at, days, mine, card)
    st.header("What each source tells", anchor=False)
    call_evidence.side_by_side(at, days, mine, key="calls.sources")


def _calls(at: At, days: int, mine: Chosen, card: ConnectorCard) -> None:
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, days, mine)
    call_health.busiest_minute(at, days, mine)
    st.header("Operations", anchor=False)
    call_figures.operations(
        call_data.by_operation(at, days, mine),
        key="calls.operations",
        shown=FIGURES,
        with_connector=False,
    )
    st.header("Failed calls a day", anchor=False)
    call_figures.errors(at, days, mine)
    st.header("Hours", anchor=False)
    call_figures.week(at, days, mine)
    _people(at, days, mine)
    st.header(f"Operations not called in {counted(days, 'day')}", anchor=False)
    if card.definition_state != "readable":
        st.caption("Its operations are not known: no definition of it was read.")
        return
    call_figures.never(
        call_data.never_called(at, days, mine), with_connector=False, key="calls.never"
    )


def _people(at: At, days: int, mine: Chosen) -> None:
    named = call_data.callers_of(at, days, mine)
    st.header("Callers", anchor=False)
    call_figures.who(
        call_data.by_caller(at, days, mine),
        "Account",
        "Nobody named",
        total=named.callers,
        key="calls.callers",
    )
    st.header("Consumers", anchor=False)
    call_figures.who(
        call_data.by_consumer(at, days, mine),
        "Flow or app",
        "None named",
        total=named.consumers,
        key="calls.consumers",
    )
