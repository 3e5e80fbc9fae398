"""Usage: who called which connector, how often, and when."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import call_data
from dashboard.data import At
from dashboard.parts import call_evidence, call_figures, kpi, page, state, table
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, label

CONNECTOR_NAME = "usage.connector"
REASONS = {
    "no_connector": "No connector that was read calls this host",
    "no_operation": "No definition has this operation",
    "several": "Several connectors have it, and the log does not say which",
}


def figures(at: At, days: int) -> None:
    """Draw the key figures."""
    told = call_data.by_day(at, days)
    unmatched = int(call_data.unmatched(at, days)["calls"].sum())
    calls, failed = int(told["calls"].sum()), int(told["errors"].sum())
    named = call_data.callers_of(at, days)
    nobody = f"{named.anonymous / calls:.1%} of calls name neither" if calls else ""
    share = f"{failed / calls:.1%} of calls" if calls else ""
    kpi.row(
        [
            Figure("Calls", calls, note=f"{count(round(calls / len(told)))} a day with calls"),
            Figure("Connectors", named.connectors, help="That were called."),
            Figure(
                "Callers",
                named.callers,
                note=nobody,
                help="Accounts that logs name; calls can also name a flow, or neither.",
            ),
            Figure("Failed", failed, note=share, help="4xx, 5xx or no response."),
            Figure(
                "Unmatched",
                unmatched,
                note=f"{unmatched / calls:.1%} of calls" if calls else "",
                help="Calls that belong to no operation that is known; below by reason.",
            ),
        ]
    )


def connectors(rows: pd.DataFrame) -> None:
    """Draw every connector that was called; its name opens it."""
    shown = table.words(rows, ["environment"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    columns = {
        "connector": table.opener("Connector", width=230, key=CONNECTOR_NAME),
        "environment": table.text("Environment", width=180),
        "calls": table.number("Calls", width=90),
        "errors": table.number("Failed", width=90),
        "throttled": table.number("Throttled", width=95),
        "callers": table.number("Callers", width=90),
        "consumers": table.number("Named consumers", width=140),
        "last_used": table.day("Last used"),
    }
    table.data_table(shown, columns, alt="Connectors by calls", key="usage.connectors")
    clicked = table.clicked(CONNECTOR_NAME)
    if clicked is not None:
        number = str(rows["connector_id"].iloc[clicked])
        st.switch_page(page.CONNECTOR, query_params={"id": number, "tab": "Calls"})


def unmatched(rows: pd.DataFrame) -> None:
    """Draw calls that belong to no operation that is known, and why."""
    if rows.empty:
        st.caption("Every call belongs to an operation of a definition.")
        return
    shown = table.words(rows, ["address", "path", "environment"])
    shown["reason"] = [REASONS.get(reason, reason) for reason in rows["reason"]]
    columns = {
        "reason": table.text("Why", width=330),
        "environment": table.text("Environment", width=150),
        "address": table.text("Host", width=230),
        "method": table.text("Method", width=80),
        "path": table.text("Path", width=230),
        "calls": table.number("Calls", width=90),
        "last_used": table.day("Last used"),
    }
    table.data_table(shown, columns, alt="Calls that could not be matched", key="usage.unmatched")


at = page.begin("Usage", export="calls_by_connector")
with state.part("Usage"):
    if call_evidence.none_told(at):
        st.stop()
    days = call_evidence.period()
    call_evidence.line(at, days)
    if call_data.by_day(at, days).empty:
        state.empty("No call in these days", "Choose a longer period, or look at older logs.")
        st.stop()
    figures(at, days)
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, days)
    st.header("Connectors", anchor=False)
    connectors(call_data.by_connector(at, days))
    st.header("Calls by weekday and hour (UTC)", anchor=False)
    call_figures.week(at, days)
    st.header("Operations", anchor=False)
    call_figures.operations(
        call_data.by_operation(at, days), with_connector=True, key="usage.operations"
    )
    left, right = st.columns(2)
    with left:
        st.header("Callers", anchor=False)
        call_figures.who(
            call_data.by_caller(at, days), "Account", "Nobody named", key="usage.callers"
        )
    with right:
        st.header("Consumers", anchor=False)
        call_figures.who(
            call_data.by_consumer(at, days), "Flow or app", "None named", key="usage.consumers"
        )
    missing = call_data.unmatched(at, days)
    st.header("Not matched", anchor=False, help="Kept and counted, never guessed.")
    if not missing.empty:
        loose = int(missing.loc[missing["reason"] != "no_operation", "calls"].sum())
        rest = int(missing["calls"].sum()) - loose
        st.caption(
            f"{counted(loose, 'call')} of no connector, or of several; {counted(rest, 'call')} of an "
            "operation that no definition has, counted with their connector where one alone is there."
        )
    unmatched(missing)
