"""What one run cost and brought, what it could not read, and its steps."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import entry, kpi, table
from dashboard.parts.badges import COVERAGE, badge
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, duration, esc, minute, missing, size, words

GAPS = ("partial", "refused", "failed")
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
        st.markdown(":green[:material/check_circle: Every source was read to its end.]")
        return
    with st.container(border=True):
        for row in gaps.head(SHOWN).itertuples():
            where = "Tenant" if missing(row.environment) else esc(row.environment)
            entry.state(
                COVERAGE,
                row.outcome,
                f"{where}: {esc(words(row.collector))}, {esc(words(row.source))}",
                esc(row.reason, longest=500),
            )
    if len(gaps) > SHOWN:
        st.caption(f"{count(SHOWN)} of {count(len(gaps))} shown; the steps below have them all.")


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
