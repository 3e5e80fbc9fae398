"""Calls in plots and tables, for all connectors or for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from connectory.queries.call_tables import CLASSES, UNNAMED, Chosen
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import call_evidence, chart, opening, state, table
from dashboard.parts.text import count, counted, label, plain, short_day

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLASS_WORDS = {
    "unauthorized": "Not signed in (401)",
    "throttled": "Throttled (429)",
    "refused": "Refused (other 4xx)",
    "failed": "Server error (other 5xx)",
    "timed_out": "Timed out (408, 504, none)",
}
SHORT = {
    "unauthorized": "Not signed in",
    "throttled": "Throttled",
    "refused": "Refused",
    "failed": "Server error",
    "timed_out": "Timed out",
}
# Slots of the theme's colours: what is told apart here stands apart for every eye.
_SLOTS = {"unauthorized": 2, "throttled": 1, "refused": 4, "failed": 5, "timed_out": 3}
_HEAT = 250


def every_day(at: At, days: int, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each day of the window from the first of which any log tells.

    Of a later day of which no source tells a call there are zeros.
    """
    told = call_data.window(at, days)
    since = call_evidence.told_since(at, days)
    first = told.first if since is None else max(told.first, since.date())
    index = pd.date_range(first, told.last, freq="D", tz="UTC", name="day")
    numbers = frame.set_index("day").drop(columns=["evidence", "source"])
    return numbers.reindex(index, fill_value=0).rename_axis("day").reset_index()


def _unknown_before(at: At, days: int) -> None:
    since = call_evidence.told_since(at, days)
    if since is not None and since.date() > call_data.window(at, days).first:
        st.caption(f"No log before {short_day(since)}.")


def trend(at: At, days: int, chosen: Chosen) -> None:
    """Draw calls a day, failed ones apart."""
    frame = every_day(at, days, call_data.by_day(at, days, chosen))
    total, failed = int(frame["calls"].sum()), int(frame["errors"].sum())
    chart.stacked(
        frame.assign(well=frame["calls"] - frame["errors"]),
        "day",
        {"well": ("Not failed", 0), "errors": ("Failed", 5)},
        alt=f"{counted(total, 'call')} in {counted(len(frame), 'day')}, {count(failed)} failed.",
    )
    _unknown_before(at, days)


def errors(at: At, days: int, chosen: Chosen) -> None:
    """Draw how calls failed, day by day."""
    frame = every_day(at, days, call_data.by_day(at, days, chosen))
    present = {name: CLASS_WORDS[name] for name in CLASSES if frame[name].any()}
    if not present:
        state.empty("No call failed", "No source tells of a failed call in these days.")
        return
    sums = ", ".join(f"{word} {count(int(frame[name].sum()))}" for name, word in present.items())
    chart.stacked(
        frame,
        "day",
        {name: (word, _SLOTS[name]) for name, word in present.items()},
        alt=f"Failed calls: {sums}.",
    )
    _unknown_before(at, days)


def week(at: At, days: int, chosen: Chosen) -> None:
    """Draw calls by weekday and UTC hour as a heat map."""
    frame = call_data.by_hour(at, days, chosen)
    cells = frame.pivot_table(index="weekday", columns="hour", values="calls", fill_value=0)
    cells = cells.reindex(index=range(7), columns=range(24), fill_value=0)
    busiest = frame.sort_values("calls", ascending=False, kind="stable").iloc[0]
    figure = go.Figure(
        go.Heatmap(
            z=cells.to_numpy(),
            zmin=0,
            x=[f"{hour:02d}" for hour in cells.columns],
            y=list(WEEKDAYS),
            hovertemplate="%{y} %{x}:00 UTC: %{z:,} calls<extra></extra>",
            xgap=2,
            ygap=2,
            colorbar={
                "thickness": 10,
                "outlinewidth": 0,
                "tickformat": ",d",
                "nticks": 4,
                "title": {"text": "Calls", "side": "top"},
            },
        )
    )
    figure.update_layout(height=_HEAT, margin={"l": 0, "r": 8, "t": 4, "b": 0}, dragmode=False)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False)
    figure.update_xaxes(
        fixedrange=True, showgrid=False, type="category", nticks=12, title="Hour (UTC)"
    )
    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=f"Most calls come on {WEEKDAYS[int(busiest['weekday'])]} from {int(busiest['hour'])}:00 UTC.",
    )


def listed(
    rows: pd.DataFrame,
    columns: Mapping[str, table.Column],
    *,
    alt: str,
    key: str,
    tab: str = "Calls",
    hidden: Sequence[str] = (),
    **more: pd.Series[Any],
) -> None:
    """Draw rows about connectors; the name of one opens it.

    Args:
        rows: What a question returned.
        columns: Columns in their order; `connector` is made to open its connector.
        alt: What the table holds.
        key: Identity of the table.
        tab: Part of the connector's page that is opened.
        hidden: Columns that readers may switch on.
        more: Columns that stand instead of those of the rows, or beside them.
    """
    told_words = table.words(rows, [name for name in _WORDS if name in rows])
    shown = call_evidence.in_words(told_words, call_evidence.brief).assign(**more)
    nameless = [name for name in UNNAMED if name in columns and shown[name].eq(0).any()]
    shown[nameless] = shown[nameless].mask(shown[nameless].eq(0))
    nameless = [name for name in nameless if name not in hidden]
    gone = rows["presence"].eq("gone") if "presence" in rows else [False] * len(rows)
    shown["connector"] = [
        f"{label(name)} (gone)" if left else label(name)
        for name, left in zip(rows["connector"], gone, strict=True)
    ]
    told = dict(columns)
    name = f"{key}.connector"
    if "connector" in told:
        told["connector"] = table.opener("Connector", width=NAME, key=name)
    table.openers(shown, told, alt=alt, key=key, hidden=hidden)
    if nameless:
        heads = " or ".join(name.capitalize() for name in nameless)
        st.caption(
            f"A dash under {heads}: the log that counts these calls names nobody, whoever called. "
            "What others name says the connector's page, under Calls."
        )
    clicked = table.clicked(name) if "connector" in told else None
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], tab)


LEFT = {"deleted": ", gone", "disabled": ", disabled"}
_WORDS = ("environment", "operation", "path", "address", "summary", "connection")
NAME = 205
"""Width of a name: one figure that follows it still shows on a phone."""
OPENER = "connector"
CALLERS = "Accounts and pseudonyms."
CONSUMERS = "Flows, apps and programs that logs name."
ENVIRONMENT = table.text("Environment", width=188)


def _figures() -> dict[str, table.Column]:
    return {
        "calls": table.number("Calls", width=60),
        "errors": table.number("Failed", width=60),
        "p95": table.number("p95, ms", width=70),
        "p50": table.number("p50, ms", width=70, help="The median."),
        "p99": table.number("p99, ms", width=70),
        "largest_response": table.kilobytes("Largest", width=88),
        "retries": table.number("Retries", width=68),
        "callers": table.number("Callers", width=66, help=CALLERS),
        "last_used": table.day("Last used", width=95),
        "method": table.text("Method", width=72),
        "path": table.text("Path", width=150),
    }


def operations(
    rows: pd.DataFrame, *, key: str, shown: Sequence[str], with_connector: bool = True
) -> None:
    """Draw operations with calls and latencies.

    Args:
        rows: What a question about operations returned.
        key: Identity of the table.
        shown: Figures that stand behind the name, in their order; readers may switch on the others.
        with_connector: Say whose they are.
    """
    whose = {OPENER: None, "environment": ENVIRONMENT} if with_connector else {}
    figures = _figures()
    spare = [name for name in figures if name not in shown]
    columns = {
        "operation": table.text("Operation", width=NAME),
        **{name: figures[name] for name in shown},
        **whose,
        **call_evidence.source_columns(rows),
        **{name: figures[name] for name in spare},
    }
    listed(
        rows,
        columns,
        alt="Operations that were called",
        key=key,
        hidden=spare,
        operation=pd.Series([plain(name or "No such operation") for name in rows["operation"]]),
        largest_response=table.thousandth(rows["largest_response"]),
    )


def never(rows: pd.DataFrame, *, with_connector: bool, key: str) -> None:
    """Draw operations of which no source tells a call, though one tells of their connector."""
    if rows.empty:
        st.caption("Every operation that is known was called; triggers are left out.")
        return
    whose = {OPENER: None, "environment": ENVIRONMENT}
    columns = {
        "operation": table.text("Operation", width=NAME),
        **(whose if with_connector else {}),
        "method": table.text("Method", width=72),
        "path": table.text("Path", width=230),
        "note": table.text("Note", width=100),
        "summary": table.text("Summary", width=260),
    }
    note = rows["deprecated"].map({True: "Deprecated"})
    listed(rows, columns, alt="Operations not called", key=key, tab="Manifest", note=note)


def who(rows: pd.DataFrame, what: str, unknown: str, *, total: int, key: str) -> None:
    """Draw who called most.

    Args:
        rows: What a question about callers or consumers returned.
        what: Head of the first column.
        unknown: What stands for calls of nobody known.
        total: How many there are in all.
        key: Identity of the table.
    """
    shown = call_evidence.in_words(table.words(rows, ["name"]), call_evidence.brief)
    shown["name"] = shown["name"].fillna(unknown)
    kinds, several = {}, {}
    if rows["connectors"].gt(1).any():
        several = {"connectors": table.number("Connectors", width=100)}
    if "kind" in rows:
        kinds = {"kind": table.text("Kind", width=130, help="As the directory stands by now.")}
        shown["kind"] = rows["kind"].str.capitalize()
    if "state" in rows:
        left = rows["state"].map(LEFT)
        shown["kind"] = shown["kind"].where(left.isna(), shown["kind"] + left.fillna(""))
    table.data_table(
        shown,
        call_evidence.with_sources(
            {
                "name": table.text(what, width=NAME),
                "calls": table.number("Calls", width=75),
                "errors": table.number("Failed", width=70),
                **kinds,
                **several,
                "last_used": table.day("Last used"),
            },
            rows,
        ),
        alt=f"{what} by calls",
        key=key,
    )
    named = int(rows["name"].notna().sum())
    if named < total:
        st.caption(f"{count(named)} of {count(total)} shown, those that called most.")
