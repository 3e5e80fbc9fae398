"""The schedule on a page: who fell silent, said first; when each job is due; what came of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import table
from dashboard.parts.badges import SCHEDULE
from dashboard.parts.text import code, esc, minute, missing, words

_NAMED = 5


def silence(jobs: pd.DataFrame) -> None:
    """Draw a banner if a scheduled collector fell silent: what is shown is as old as that."""
    silent = jobs[jobs["state"] == "silent"]
    if silent.empty:
        return
    lines = []
    for job in silent.head(_NAMED).itertuples():
        last = "never" if missing(job.last_complete_at) else minute(job.last_complete_at)
        lines.append(
            f"- **{esc(words(job.job))}** was due {minute(job.silent_since)}; "
            f"last complete run: {last}."
        )
    if len(silent) > _NAMED:
        lines.append(f"- and {len(silent) - _NAMED} more, below under Schedule.")
    lines.append(f"\n**What to do:** Check that {code('connectory schedule')} runs, and why below.")
    st.warning(
        "\n".join(lines), title="Scheduled runs have fallen silent", icon=":material/alarm_off:"
    )


def schedule(jobs: pd.DataFrame) -> None:
    """Draw every job of the schedule in force; nothing if no scheduler ever took one up."""
    if jobs.empty:
        return
    st.header("Schedule", anchor=False)
    jobs = jobs.assign(job=[words(job) for job in jobs["job"]])
    shown = table.chips(table.words(jobs, ["reason"]), "state", SCHEDULE)
    shown = table.chips(shown, "last_state", SCHEDULE)
    table.data_table(
        shown,
        {
            "job": table.text("Job", width=165),
            "state": table.state("State", SCHEDULE, width=100),
            "cron": table.text("Cron", width=110),
            "next_due_at": table.minute("Next due"),
            "last_complete_at": table.minute("Last complete run"),
            "last_due_at": table.minute("Last due"),
            "last_state": table.state("Came of it", SCHEDULE, width=110),
            "reason": table.text("Why", width=290),
            "time_zone": table.text("Zone", width=110),
        },
        alt="Jobs of the schedule",
        hidden=("time_zone",),
    )


def ledger(events: pd.DataFrame) -> None:
    """Draw what came of the newest due moments, also of those nobody ran; nothing if none."""
    if events.empty:
        return
    st.header("What came of what was due", anchor=False)
    events = events.assign(job=[words(job) for job in events["job"]])
    table.data_table(
        table.chips(table.words(events, ["reason"]), "state", SCHEDULE),
        {
            "due_at": table.minute("Due"),
            "job": table.text("Job", width=165),
            "state": table.state("State", SCHEDULE, width=110),
            "times": table.number("Times", width=70, help="Due moments this row stands for."),
            "started_at": table.minute("Started"),
            "finished_at": table.minute("Ended"),
            "run_id": table.number("Run", width=60),
            "reason": table.text("Why", width=290),
            "first_due_at": table.minute("First due"),
        },
        alt="What came of the newest due moments",
        hidden=("first_due_at",),
        height=280,
    )
