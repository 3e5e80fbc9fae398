"""Calls in plots and tables, for all connectors or for one."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from connectory.queries.call_tables import CLASSES
from connectory.queries.callers import MOST
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import chart, state, table
from dashboard.parts.text import count, counted, label

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLASS_WORDS = {
    "unauthorized": "Not signed in (401)",
    "throttled": "Throttled (429)",
    "refused": "Refused (other 4xx)",
    "failed": "Server error (other 5xx)",
    "timed_out": "Timed out (408, 504, none)",
}
_HEAT = 250


def every_day(at: At, days: int, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each day of the window; a day of which no log tells a call has zeros."""
    told = call_data.window(at, days)
    index = pd.date_range(told.first, told.last, freq="D", tz="UTC", name="day")
    filled = frame.set_index("day").reindex(index, fill_value=0)
    return filled.rename_axis("day").reset_index()


def trend(at: At, days: int, connector_id: int | None = None) -> None:
    """Draw calls and failed calls a day."""
    frame = every_day(at, days, call_data.by_day(at, days, connector_id))
    total, errors = int(frame["calls"].sum()), int(frame["errors"].sum())
    chart.trend(
        frame,
        "day",
        {"calls": "Calls", "errors": "Failed"},
        alt=f"{counted(total, 'call')} in {counted(len(frame), 'day')}, {count(errors)} failed.",
    )


def errors(at: At, days: int, connector_id: int | None = None) -> None:
    """Draw how calls failed, day by day."""
    frame = every_day(at, days, call_data.by_day(at, days, connector_id))
    present = {name: CLASS_WORDS[name] for name in CLASSES if frame[name].any()}
    if not present:
        state.empty("No call failed", "No log tells of a failed call in these days.")
        return
    sums = ", ".join(f"{word} {count(int(frame[name].sum()))}" for name, word in present.items())
    chart.trend(frame, "day", present, alt=f"Failed calls: {sums}.")


def week(at: At, days: int, connector_id: int | None = None) -> None:
    """Draw calls by weekday and UTC hour as a heat map."""
    frame = call_data.by_hour(at, days, connector_id)
    cells = frame.pivot_table(index="weekday", columns="hour", values="calls", fill_value=0)
    cells = cells.reindex(index=range(7), columns=range(24), fill_value=0)
    busiest = frame.sort_values("calls", ascending=False, kind="stable").iloc[0]
    figure = go.Figure(
        go.Heatmap(
            z=cells.to_numpy(),
            x=[f"{hour:02d}" for hour in cells.columns],
            y=list(WEEKDAYS),
            hovertemplate="%{y} %{x}:00 UTC: %{z:,} calls<extra></extra>",
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    figure.update_layout(height=_HEAT, margin={"l": 0, "r": 8, "t": 4, "b": 0}, dragmode=False)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False)
    figure.update_xaxes(fixedrange=True, showgrid=False, type="category", nticks=12)
    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=f"Most calls come on {WEEKDAYS[int(busiest['weekday'])]} from {int(busiest['hour'])}:00 UTC.",
    )


def operations(rows: pd.DataFrame, *, with_connector: bool, key: str) -> None:
    """Draw operations with calls and latencies."""
    shown = table.words(rows, ["operation", "path", "environment"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    shown["operation"] = [name or "No such operation" for name in shown["operation"]]
    columns = {
        "operation": table.text("Operation", width=210),
        **(
            {
                "connector": table.text("Connector", width=190),
                "environment": table.text("Environment", width=150),
            }
            if with_connector
            else {}
        ),
        "calls": table.number("Calls", width=85),
        "errors": table.number("Failed", width=85),
        "p50": table.number("Median, ms", width=105),
        "p95": table.number("p95, ms", width=95),
        "p99": table.number("p99, ms", width=95),
        "largest_response": table.number("Largest response, bytes", width=170),
        "callers": table.number("Callers", width=90),
        "method": table.text("Method", width=80),
        "path": table.text("Path", width=230),
        "last_used": table.day("Last used"),
    }
    table.data_table(shown, columns, alt="Operations that were called", key=key)


def who(rows: pd.DataFrame, what: str, unknown: str, *, key: str) -> None:
    """Draw who called most.

    Args:
        rows: What a question about callers or consumers returned.
        what: Head of the first column.
        unknown: What stands for calls of nobody known.
        key: Identity of the table.
    """
    shown = table.words(rows, ["name"])
    shown["name"] = shown["name"].fillna(unknown)
    table.data_table(
        shown,
        {
            "name": table.text(what, width=200),
            "calls": table.number("Calls", width=90),
            "errors": table.number("Failed", width=90),
            "connectors": table.number("Connectors", width=105),
            "last_used": table.day("Last used"),
        },
        alt=f"{what} by calls",
        key=key,
    )
    if len(rows) == MOST:
        st.caption(f"The {count(MOST)} that called most.")
