"""Runs and coverage: what the last runs read, what they could not read, and what to do."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import run_data
from dashboard.parts import entry, kpi, page, state, table
from dashboard.parts.badges import COVERAGE, badge
from dashboard.parts.kpi import Figure
from dashboard.parts.schedule import ledger, schedule, silence
from dashboard.parts.text import code, count, duration, esc, minute, missing, size, words

TABLE = "runs.table"


def chosen_run(runs: pd.DataFrame) -> pd.Series:
    """Draw the runs and return the one to look into: chosen, in the address, or the latest."""
    st.header("Runs", anchor=False)
    shown = table.chips(table.words(runs, ["reason", "identity"]), "state", COVERAGE)
    row = table.choose(
        shown,
        {
            "run_id": table.number("Run", width=60),
            "started_at": table.minute("Started"),
            "state": table.state("State", COVERAGE, width=110),
            "seconds": table.seconds("Seconds", width=80),
            "steps": table.number("Steps", width=70),
            "steps_not_complete": table.number("Not complete", width=100),
            "requests": table.number("Requests", width=85),
            "retries": table.number("Retries", width=75),
            "rows_seen": table.number("Rows seen", width=90),
            "rows_changed": table.number("Changed", width=85),
            "reason": table.text("Why", width=220),
            "identity": table.text("Signed in as", width=200),
        },
        alt="Runs, the latest first",
        key=TABLE,
        hidden=("identity",),
        height=280,
    )
    if row is not None:
        st.query_params["run"] = str(runs.iloc[row]["run_id"])
    asked = runs[runs["run_id"].astype(str) == st.query_params.get("run", "")]
    return (runs if asked.empty else asked).iloc[0]


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


GAPS = ("partial", "refused", "failed")
SHOWN = 30

url = page.store_of("Runs and coverage", export="runs")
jobs = None
with state.part("The schedule"):
    jobs = run_data.schedule(url)
    silence(jobs)
everything = run_data.runs(url)
if everything.empty:
    state.empty("No run yet", f"Run ] {code('connectory collect')} :gray[ to read the tenant.")
    st.stop()
top = st.container()
run = chosen_run(everything)
with top:
    figures(run)
with state.part("What could not be read"):
    unread(run_data.step_sources(url, int(run["run_id"])))
with state.part("The steps"):
    steps(run_data.steps(url, int(run["run_id"])))
if jobs is not None:
    with state.part("The schedule"):
        schedule(jobs)
        ledger(run_data.schedule_events(url))
