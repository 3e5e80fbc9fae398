"""Usage: who called which connector, how often, and when."""

from __future__ import annotations

import streamlit as st

from connectory.queries.call_tables import Chosen
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import (
    call_evidence,
    call_figures,
    filters,
    kpi,
    log_story,
    overview_figures,
    page,
    state,
    table,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted


def figures(at: At, days: int, chosen: Chosen) -> None:
    """Draw the key figures; each opens its rows."""
    told = call_data.by_day(at, days, chosen)
    calls, failed = int(told["calls"].sum()), int(told["errors"].sum())
    named = call_data.callers_of(at, days, chosen)
    kpi.row(
        [
            Figure(
                "Calls",
                calls,
                note=f"{count(round(calls / len(told)))} a day",
                help="On average of the days with calls.",
                narrow=filters.narrow(show="Connectors"),
            ),
            Figure(
                "Connectors",
                named.connectors,
                note=counted(len(call_data.never_called(at, days, chosen)), "op") + " never called",
                help="That were called. Of their operations some never were.",
                narrow=filters.narrow(show="Never called"),
                action="Show those",
            ),
            Figure(
                "Callers",
                named.callers,
                note=f"{named.anonymous / calls:.1%} name none",
                help="Accounts that logs name, pseudonyms among them; calls can also name a flow, or neither.",
                narrow=filters.narrow(show="Callers"),
            ),
            Figure(
                "Failed",
                failed,
                note=f"{failed / calls:.1%} of calls",
                help="4xx, 5xx or no response.",
                page=page.HEALTH,
                parameters={"period": f"{days} days", call_evidence.HEALTH_TAB: "Failures"},
            ),
            loose(at, days, chosen),
        ]
    )


def loose(at: At, days: int, chosen: Chosen) -> Figure:
    """Return how many calls are of no connector, by the best source that tells of any."""
    told = call_data.sources(at, days, chosen)
    some = told[told["unmatched"].fillna(0) > 0]
    number, share = 0, ""
    if not some.empty:
        number = int(some["unmatched"].iloc[0])
        share = f"{number / int(some['calls'].iloc[0]):.1%} of source"
    return Figure(
        "Unmatched",
        number,
        note=share,
        help="Calls of no connector that is known, in no other figure; of the best source with any.",
        narrow=filters.narrow(show="Not matched"),
    )


def connectors(at: At, days: int, chosen: Chosen) -> None:
    """Draw every connector that was called; its name opens it."""
    rows = call_data.by_connector(at, days, chosen)
    columns = {
        call_figures.OPENER: None,
        "calls": table.number("Calls", width=66),
        "errors": table.number("Failed", width=62),
        "throttled": table.number("Throttled", width=90),
        "callers": table.number("Callers", width=80),
        "consumers": table.number("Named consumers", width=140),
        "environment": table.text("Environment", width=170),
        "last_used": table.day("Last used"),
        **call_evidence.source_columns(rows),
    }
    call_figures.listed(rows, columns, alt="Connectors by calls", key="usage.connectors")


def operations(at: At, days: int, chosen: Chosen) -> None:
    """Draw every operation that was called."""
    rows = call_data.by_operation(at, days, chosen)
    call_figures.operations(rows, with_connector=True, key="usage.operations")


def people(at: At, days: int, chosen: Chosen) -> None:
    """Draw who called, then which flows and apps did."""
    st.header("Callers", anchor=False)
    call_figures.who(
        call_data.by_caller(at, days, chosen), "Account", "Nobody named", key="usage.callers"
    )
    st.header("Consumers", anchor=False)
    st.caption("Flows and apps by their name, where the store knows the id that a log tells.")
    call_figures.who(
        call_data.by_consumer(at, days, chosen), "Flow or app", "None named", key="usage.consumers"
    )


def never(at: At, days: int, chosen: Chosen) -> None:
    """Draw operations that nobody called."""
    st.caption(
        "Of connectors of which logs of calls tell; triggers left out. Calls that could not be "
        "matched may be of some of them."
    )
    call_figures.never(
        call_data.never_called(at, days, chosen), with_connector=True, key="usage.never"
    )


def sources(at: At, days: int, chosen: Chosen) -> None:
    """Draw what each source tells."""
    call_evidence.side_by_side(at, days, chosen, key="usage.sources")
    call_evidence.lost(at, key="usage.lost")


def unmatched(at: At, days: int, chosen: Chosen) -> None:
    """Draw calls that belong to no operation that is known, and why."""
    rows = call_data.unmatched(at, days, chosen)
    if rows.empty:
        st.caption("Every call belongs to an operation of a definition.")
        return
    st.caption(
        "Kept and counted, never guessed. Calls of no connector are in no other figure; those of an "
        "operation that no definition has count with their connector, where it is the only one."
    )
    shown = call_evidence.in_words(table.words(rows, ["address", "path", "environment"]))
    shown["reason"] = [log_story.reason(told) for told in rows["reason"]]
    shown["counted"] = rows["connector_id"].notna().map({True: "Yes", False: "No"})
    columns = {
        "path": table.text("Path", width=call_figures.NAME),
        "calls": table.number("Calls", width=66),
        "reason": table.text("Why", width=260),
        "counted": table.text("Counts", width=70),
        "address": table.text("Host", width=240),
        "method": table.text("Method", width=80),
        "environment": table.text("Environment", width=175),
        "last_used": table.day("Last used"),
        **call_evidence.source_columns(rows),
    }
    table.data_table(shown, columns, alt="Calls that could not be matched", key="usage.unmatched")


TABS = {
    "Connectors": connectors,
    "Operations": operations,
    "Callers": people,
    "Hours": call_figures.week,
    "Never called": never,
    "Sources": sources,
    "Not matched": unmatched,
}

at = page.begin("Usage", export="calls_by_connector", days=call_evidence.asked())
with state.part("Usage"):
    if call_evidence.none_told(at):
        st.stop()
    days, counted_ones = call_evidence.period(), call_data.counted(at)
    call_evidence.line(at, days, counted_ones)
    overview_figures.left_out(at)
    if call_data.by_day(at, days, counted_ones).empty:
        state.empty("No call in these days", "Choose a longer period, or look at older logs.")
        st.header("What each source tells", anchor=False)
        sources(at, days, counted_ones)
        st.stop()
    figures(at, days, counted_ones)
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, days, counted_ones)
    for name, tab in zip(
        TABS, st.tabs(list(TABS), key=call_evidence.USAGE_TAB, bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, days, counted_ones)
