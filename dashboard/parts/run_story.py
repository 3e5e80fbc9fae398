"""What one run cost and brought, what it could not read, and its steps."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import entry, kpi, table
from dashboard.parts.badges import COVERAGE, badge
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, counted, duration, esc, minute, missing, size, words

GAPS = ("partial", "refused", "failed")
NOT_ASKED = ("skipped", "not_asked")
SHOWN = 30


def figures(run: pd.Series) -> None:
    """Draw how a run ended, what it cost and what it brought."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**Run {run['run_id']}, {minute(run['started_at'])}**", width="content")
        badge(COVERAGE, run["state"])
    if run["reason"]:
        st.caption(esc(run["reason"], longest=500))
    if run["spared"]:
        st.caption(
            f"{count(run['spared'])} details were known and not read again; "
            f"{code('connectory collect --full')} reads them."
        )
    kpi.row(
        [
            Figure("Took", duration(run["seconds"])),
            Figure(
                "Steps",
                int(run["steps"]),
                note=f"{count(run['steps_not_complete'])} not complete",
                help="One collector over one environment, or over the tenant.",
            ),
            Figure(
                "Requests",
                int(run["requests"]),
                note=f"{count(run['retries'])} sent again",
                help=f"{duration(run['throttled_seconds'])} were spent waiting.",
            ),
            Figure("Rows seen", int(run["rows_seen"]), note=size(run["bytes_received"])),
            Figure("Rows changed", int(run["rows_changed"])),
        ]
    )


def unread(sources: pd.DataFrame) -> None:
    """Draw what could not be read, why, and what to do."""
    st.header("What could not be read", anchor=False)
    gaps = sources[sources["outcome"].isin(GAPS)]
    if sources.empty:
        badge(COVERAGE, "not_read")
        st.caption("This run ended before it read any source.")
        return
    if gaps.empty:
        st.markdown(
            ":green[:material/check_circle: Every source that was asked was read to its end.]"
        )
        return
    causes = list(gaps.groupby(["collector", "source", "outcome"], sort=False))
    with st.container(border=True):
        for (collector, source, outcome), rows in causes[:SHOWN]:
            entry.state(
                COVERAGE,
                outcome,
                f"{esc(words(collector))}, {esc(words(source))}: {_where(rows)}",
                esc(rows["reason"].iloc[0], longest=500) + _and_others(rows),
            )
    if len(causes) > SHOWN:
        st.caption(f"{count(SHOWN)} of {count(len(causes))} shown; the steps below have them all.")


def _where(rows: pd.DataFrame) -> str:
    """Name the scope of sources that fell short alike: the tenant, one environment, or how many."""
    place = rows["environment"].iloc[0]
    if len(rows) > 1:
        return counted(len(rows), "environment")
    return "tenant" if missing(place) else esc(place)


def _and_others(rows: pd.DataFrame) -> str:
    others = rows["reason"].nunique() - 1
    return f" (and {counted(others, 'other reason')}; see Steps)" if others else ""


def not_asked(sources: pd.DataFrame) -> None:
    """Draw what was not asked at all, and why: nothing is known from there."""
    skipped = sources[sources["outcome"].isin(NOT_ASKED)]
    if skipped.empty:
        return
    groups = list(skipped.groupby(["collector", "source", "reason"], sort=False))
    with (
        st.expander(f"Not asked: {counted(len(groups), 'source')}", on_change="rerun") as opened,
        st.container(gap="xsmall"),
    ):
        if opened.open:
            for (collector, source, reason), rows in groups:
                named = f"**{esc(words(collector))}, {esc(words(source))}**: {_where(rows)}"
                st.markdown(f"{named}  \n:small[:gray[{esc(reason, longest=400)}]]")


def steps(frame: pd.DataFrame) -> None:
    """Draw every step of the run, those that fell short first."""
    if frame.empty:
        return
    st.header("Steps", anchor=False)
    frame = frame.sort_values("state", key=lambda column: column.eq("complete"), kind="stable")
    shown = table.words(frame.fillna({"environment": "Tenant"}), ["environment", "reason"])
    table.data_table(
        table.chips(shown, "state", COVERAGE),
        {
            "collector": table.text("Collector", width=165),
            "state": table.state("State", COVERAGE, width=110),
            "environment": table.text("Environment", width=170),
            "reason": table.text("Why", width=290),
            "requests": table.number("Requests", width=85),
            "rows_seen": table.number("Rows seen", width=90),
            "rows_changed": table.number("Changed", width=85),
            "seconds": table.seconds("Seconds", width=80),
            "started_at": table.minute("Started"),
        },
        alt="Steps of the run",
        hidden=("started_at",),
        height=440,
    )
