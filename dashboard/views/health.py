"""Health: how calls fail, how long they take, and how near connections come to their limit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import call_data
from dashboard.data import At, settings
from dashboard.parts import call_evidence, call_figures, kpi, page, state, table
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, label


def figures(at: At, days: int, limit: int) -> None:
    """Draw the key figures."""
    told = call_data.by_day(at, days)
    busiest = call_data.busiest(at, days)
    calls, failed = int(told["calls"].sum()), int(told["errors"].sum())
    peak = int(busiest["calls"].max()) if len(busiest) else None
    kpi.row(
        [
            Figure(
                "Failed",
                failed,
                note=f"{failed / calls:.1%} of calls" if calls else "",
                help="4xx, 5xx or no response.",
            ),
            Figure("Throttled", int(told["throttled"].sum()), help="Answered 429."),
            Figure("Timed out", int(told["timed_out"].sum()), help="408, 504 or no response."),
            Figure(
                "Busiest minute",
                peak,
                note="" if peak is None else f"{peak / limit:.0%} of {count(limit)}",
                help="Calls of one connection in one minute, against the limit of a connection.",
            ),
        ]
    )


def headroom(rows: pd.DataFrame, limit: int) -> None:
    """Draw the busiest minute of each connector against the limit."""
    if rows.empty:
        st.caption("No host is called by one connector alone, so no minute belongs to one.")
        return
    st.caption(
        "Of connectors whose host no other one calls, those with the busiest minutes of these days."
    )
    best = rows.drop_duplicates("connector_id").reset_index(drop=True)
    shown = table.words(best, ["environment"])
    shown["connector"] = [label(name) for name in best["connector"]]
    shown["share"] = best["calls"] / limit
    columns = {
        "connector": table.text("Connector", width=230),
        "environment": table.text("Environment", width=180),
        "calls": table.number("Calls in a minute", width=130),
        "share": st.column_config.ProgressColumn(
            "Of the limit", width=160, format="percent", min_value=0, max_value=1
        ),
        "minute": table.minute("When"),
    }
    table.data_table(shown, columns, alt="Busiest minutes by connector", key="health.busiest")


at = page.begin("Health", export="calls_by_operation")
with state.part("Health"):
    if call_evidence.none_told(at):
        st.stop()
    days = call_evidence.period()
    call_evidence.line(at, days)
    if call_data.by_day(at, days).empty:
        state.empty("No call in these days", "Choose a longer period, or look at older logs.")
        st.stop()
    limit = settings().telemetry.calls_per_minute
    figures(at, days, limit)
    st.header("Failed calls a day", anchor=False)
    call_figures.errors(at, days)
    st.header("Slowest operations", anchor=False)
    st.caption("By the time that 95 of 100 calls do not exceed (p95).")
    slow = call_data.by_operation(at, days).sort_values("p95", ascending=False, kind="stable")
    call_figures.operations(
        slow.reset_index(drop=True), with_connector=True, key="health.operations"
    )
    st.header("Room below the limit", anchor=False)
    st.caption(
        f"The busiest minute of any connection, against {count(limit)} calls a minute "
        "(`telemetry.calls_per_minute`)."
    )
    headroom(call_data.busiest(at, days), limit)
