"""Runs and coverage: what the last runs read, what they could not read, and what to do."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import run_data
from dashboard.parts import log_story, page, run_story, state, table
from dashboard.parts.badges import COVERAGE
from dashboard.parts.schedule import ledger, schedule, silence
from dashboard.parts.text import code

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
    run_story.figures(run)
with state.part("What could not be read"):
    sources = run_data.step_sources(url, int(run["run_id"]))
    run_story.unread(sources)
    run_story.not_asked(sources)
with state.part("The steps"):
    run_story.steps(run_data.steps(url, int(run["run_id"])))
with state.part("The logs of calls"):
    log_story.logs(*run_data.call_logs(url), run_data.DAYS_OF_CALLS)
if jobs is not None:
    with state.part("The schedule"):
        schedule(jobs)
        ledger(run_data.schedule_events(url))
