"""Parts of the page Health: how calls fail and how long they take, and how near limits they come."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from connectory.domain.load import ENOUGH_DAYS, FEWEST_POINTS
from connectory.queries.call_limits import MOST
from connectory.queries.call_tables import CLASSES, Chosen
from dashboard import call_data
from dashboard.data import At, settings
from dashboard.parts import call_evidence, call_figures, table
from dashboard.parts.text import count, counted, day, minute, missing

# Where load leads is told from so many days at least.
LED_DAYS = 28
ENOUGH = 20
"""Calls of which a quantile says something."""
OWN_LIMIT = "A 429 can come from a limit of the backend's or the gateway's own as well."


LEADS = {
    "reached": "Reached",
    "level": "Not rising",
    "far": "After a year",
    "unknown": "Too few days",
}
ORDER = "failures.by"
ALL = "all of the host"
WIDE = {"unauthorized": 94, "throttled": 78, "refused": 70, "failed": 90, "timed_out": 82}
"""Pixels that the heads of columns take."""
REACHED = "When the limit is reached, if load goes on to grow as it did."
ALL_HELP = "Where a log names no connection, all calls of the host count as those of one."


def failures(at: At, days: int, chosen: Chosen) -> None:
    """Draw connectors by how their calls failed."""
    rows = call_data.by_connector(at, days, chosen)
    st.caption(OWN_LIMIT)
    by = _order()
    rows = rows[rows[by] > 0].sort_values(by, ascending=False, kind="stable")
    if rows.empty:
        st.caption("No call failed so.")
        return
    columns = {
        call_figures.OPENER: None,
        "errors": table.number("Failed", width=60),
        "share": table.share("Of its calls", width=90),
        **{name: table.number(call_figures.SHORT[name], width=WIDE[name]) for name in CLASSES},
        "environment": call_figures.ENVIRONMENT,
        **call_evidence.source_columns(rows),
        "calls": table.number("Calls", width=75),
    }
    rows = rows.reset_index(drop=True)
    call_figures.listed(
        rows,
        columns,
        alt="Connectors by failed calls",
        key="health.failures",
        hidden=("calls",),
        share=100 * rows["errors"] / rows["calls"],
    )


def _order() -> str:
    """Draw the choice of which failures come first; return their column."""
    words = {"errors": "Failed", **call_figures.SHORT}
    st.session_state.setdefault(ORDER, "errors")
    told = st.segmented_control(
        "Most", list(words), key=ORDER, format_func=words.__getitem__, label_visibility="collapsed"
    )
    return told or "errors"


def slowest(at: At, days: int, chosen: Chosen) -> None:
    """Draw operations, the slowest first."""
    st.caption(
        "By the time that 95 of 100 calls do not exceed (p95); operations with fewer than "
        f"{count(ENOUGH)} calls come last, since the slowest call of a few says little."
    )
    rows = call_data.by_operation(at, days, chosen)
    rows = rows.assign(few=rows["calls"] < ENOUGH).sort_values(
        ["few", "p95"], ascending=[True, False], kind="stable"
    )
    call_figures.operations(
        rows.reset_index(drop=True),
        key="health.operations",
        shown=("p95", "calls", "errors", "p50", "p99"),
    )


def limit(at: At, days: int, chosen: Chosen) -> None:
    """Draw how near each connector came to the limit, and when it was at it."""
    most = settings().telemetry.calls_per_minute
    st.header("Room below the limit", anchor=False)
    rows = call_data.busiest(at, days, most, chosen)
    if rows.empty:
        st.caption("No host is called by one connector alone, so no minute belongs to one.")
        return
    st.caption(
        f"The busiest minute of any connection, against {count(most)} calls a minute "
        "(`telemetry.calls_per_minute`), of connectors whose host no other one calls. Where a log "
        "names no connection, all calls of the host count as those of one. " + OWN_LIMIT
    )
    led = call_data.busiest(at, max(days, LED_DAYS), most, chosen)
    leads = {row.connector_id: _lead(row) for row in led.itertuples()}
    columns = {
        call_figures.OPENER: None,
        "calls": table.number("Calls", width=54, help="In the busiest minute."),
        "share": table.share("Of limit", width=84),
        "minute": table.short_minute("When", width=98),
        "reached": table.text("At limit", width=94, help=REACHED),
        "environment": call_figures.ENVIRONMENT,
        "connection": table.text("Connection", width=158, help=ALL_HELP),
        "days": table.number("Days", width=52, help="Of which a log tells."),
    }
    call_figures.listed(
        rows,
        call_evidence.with_sources(columns, rows),
        alt="Busiest minutes by connector",
        key="health.busiest",
        share=100 * rows["calls"] / most,
        reached=rows["connector_id"].map(leads),
        connection=_connections(rows),
    )
    st.caption(
        "At limit: where a straight line through the busiest minutes of days comes to it, "
        f"by {count(LED_DAYS)} days or the period, whichever is longer. Weekdays that are usually "
        "less than half as busy as the busiest one, as weekends may be, are left out. Too few days: "
        f"one source tells fewer than {count(ENOUGH_DAYS)}, or {count(FEWEST_POINTS)} busy ones."
    )
    st.header("Longest bursts", anchor=False)
    bursts(at, days, most, chosen)


def _lead(row: Any) -> str:
    return day(row.reached_on) if row.outlook == "rising" else LEADS[row.outlook]


def _connections(rows: pd.DataFrame) -> pd.Series[Any]:
    told = table.words(rows, ["connection"])["connection"]
    return told.fillna(ALL)


def bursts(at: At, days: int, most: int, chosen: Chosen) -> None:
    """Draw the longest stretches of minutes at the limit."""
    rows = call_data.bursts(at, days, most, chosen)
    if rows.empty:
        st.caption(f"No connection had {count(most)} calls in one minute.")
        return
    columns = {
        call_figures.OPENER: None,
        "minutes": table.number("Minutes", width=72),
        "calls": table.number("Calls", width=66),
        "most": table.number("Busiest", width=70, help="Calls in the busiest of these minutes."),
        "start": table.short_minute("From"),
        "connection": table.text("Connection", width=158, help=ALL_HELP),
        "environment": call_figures.ENVIRONMENT,
    }
    st.caption("Minutes in a row with as many calls of one connection as the limit, or more.")
    call_figures.listed(
        rows,
        call_evidence.with_sources(columns, rows),
        alt="Longest bursts",
        key="health.bursts",
        connection=_connections(rows),
    )
    if len(rows) == MOST:
        st.caption(f"The {count(MOST)} longest.")


def busiest_minute(at: At, days: int, chosen: Chosen) -> None:
    """Say of one connector when the most calls came in a minute, against the limit."""
    most = settings().telemetry.calls_per_minute
    rows = call_data.busiest(at, days, most, chosen)
    if rows.empty:
        st.caption(
            "No minute is known to be its own: other connectors call its host, or no log tells when."
        )
        return
    row = rows.iloc[0]
    whose = "to its host" if missing(row["connection"]) else "of one connection"
    st.caption(
        f"Busiest minute: {counted(row['calls'], 'call')} {whose} on {minute(row['minute'])}, "
        f"{row['calls'] / most:.1%} of the limit of {count(most)}. " + _led(row)
    )


def _led(row: pd.Series[Any]) -> str:
    """Return in words where the busiest minutes of one connector lead."""
    if row["outlook"] == "rising":
        return f"If load goes on to grow as it did, it is at the limit on {day(row['reached_on'])}."
    return {
        "level": "Load does not rise.",
        "far": "As load grows, it takes more than a year to the limit.",
    }.get(row["outlook"], "")


def sizes(at: At, days: int, chosen: Chosen) -> None:
    """Draw operations by their largest response, against the limit."""
    most = settings().telemetry.response_limit_bytes
    rows = call_data.by_operation(at, days, chosen)
    rows = rows[rows["largest_response"].notna()].sort_values(
        "largest_response", ascending=False, kind="stable"
    )
    if rows.empty:
        st.caption("No log tells how large responses are.")
        return
    rows = rows.reset_index(drop=True)
    st.caption(
        f"The largest response of each operation, against {count(most)} "
        "bytes (`telemetry.response_limit_bytes`); the platform refuses larger ones."
    )
    columns = {
        "operation": table.text("Operation", width=call_figures.NAME),
        "largest_response": table.kilobytes("Largest", width=90),
        "share": table.share("Of the limit", width=110),
        "calls": table.number("Calls", width=75),
        call_figures.OPENER: None,
        "environment": call_figures.ENVIRONMENT,
        "method": table.text("Method", width=70),
        **call_evidence.source_columns(rows),
        "path": table.text("Path", width=230),
    }
    share = 100 * rows["largest_response"].astype(float) / most
    call_figures.listed(
        rows,
        columns,
        alt="Responses by size",
        key="health.sizes",
        hidden=("path",),
        share=share,
        largest_response=table.thousandth(rows["largest_response"]),
    )


def retries(at: At, days: int, chosen: Chosen) -> None:
    """Draw operations whose calls were tried before."""
    rows = call_data.by_operation(at, days, chosen)
    rows = rows[rows["retries"] > 0].sort_values("retries", ascending=False, kind="stable")
    if rows.empty:
        st.caption("No log tells of a call that was tried before.")
        return
    st.caption("Tries before the calls that logs tell of, where they say so.")
    call_figures.operations(
        rows.reset_index(drop=True),
        key="health.retries",
        shown=("retries", "calls", "errors", "p95", "method"),
    )


def deprecated(at: At, days: int, chosen: Chosen) -> None:
    """Draw operations that are still called though their definition calls them deprecated."""
    rows = call_data.by_operation(at, days, chosen)
    rows = rows[rows["deprecated"]].reset_index(drop=True)
    if rows.empty:
        st.caption("No operation that a definition calls deprecated was called.")
        return
    st.caption("Called in these days, though the definition calls them deprecated.")
    call_figures.operations(
        rows, key="health.deprecated", shown=("calls", "callers", "last_used", "method")
    )
