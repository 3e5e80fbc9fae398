"""Change log: what happened to connectors, when, where, and by whose hand."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.drift_filters import NOBODY, narrow_log
from dashboard import data, drift_data
from dashboard.parts import change_rows, change_timeline, connector_days, filters, kpi, page, state
from dashboard.parts.badges import CHANGE_LOG, DRIFT, meaning, state_of
from dashboard.parts.change_timeline import NOBODY_KNOWN
from dashboard.parts.kpi import Figure

PERIODS = {"30 days": 30, "7 days": 7, "90 days": 90, "Everything": None}
SEVERITIES = ("breaking", "risky", "compatible", "cosmetic", "unreadable", "unknown")


def figures(rows: pd.DataFrame) -> None:
    """Draw how much changed, how bad it was, and how often nobody is known."""
    judged = rows[rows["severity"].notna()].drop_duplicates(["connector_id", "run_id"])
    named = {name for who in rows["who"] for name in who}
    kpi.row(
        [
            Figure("Changes", len(rows), help="What was found changed, and what the log tells."),
            Figure(
                "Connectors", int(rows["connector_id"].nunique()), help="That anything happened to."
            ),
            *(
                Figure(
                    meaning(DRIFT, one).word,
                    int((judged["severity"] == one).sum()),
                    help="New definitions or settings, compared with what was there before.",
                    narrow=filters.narrow(verdict=[meaning(DRIFT, one).word]),
                )
                for one in ("breaking", "risky")
            ),
            Figure(
                NOBODY_KNOWN,
                int((rows["who"].str.len() == 0).sum()),
                help=f"Changes without a name; {len(named)} people are named for the others.",
                narrow=filters.narrow(person=[NOBODY_KNOWN]),
            ),
        ]
    )


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(3, min_column_width=146)
    search = filters.search(cells, "Name, what changed…")
    named = filters.options(name for who in frame["who"] for name in who)
    person = filters.several(cells, "Person", "person", [NOBODY_KNOWN, *named])
    connector = filters.several(
        cells, "Connector", "connector", filters.options(frame["connector"])
    )
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    severity = filters.several(
        cells, "Severity", "verdict", [meaning(DRIFT, one).word for one in SEVERITIES]
    )
    there = [meaning(CHANGE_LOG, kind).word for kind in CHANGE_LOG if (frame["kind"] == kind).any()]
    kind = filters.several(cells, "Kind", "kind", list(dict.fromkeys(there)))
    people = filters.behind((name for who in frame["who"] for name in who), person)
    return narrow_log(
        frame,
        search=search,
        people=[*people, *([NOBODY] if NOBODY_KNOWN in person else [])],
        connectors=filters.behind(frame["connector"], connector),
        environments=filters.behind(frame["environment"], environment),
        severities=[state_of(DRIFT, word) for word in severity],
        kinds=[one for one, told in CHANGE_LOG.items() if told.word in kind],
    ).reset_index(drop=True)


def of_person(name: str) -> None:
    """Narrow the rows to those of one person."""
    filters.narrow(person=[NOBODY_KNOWN] if name == NOBODY else filters.options([name]))()


at = page.begin("Change log", export="change_log")
with state.part("The change log"):
    period = filters.one(st.grid(4, min_column_width=146), "Within", "within", list(PERIODS))
    everything = drift_data.change_log(at, PERIODS[period])
    everything = filters.without_ignored(everything, data.left_out(at))
    if everything.empty:
        state.empty(
            "Nothing happened",
            "No read found a change in this time, and no entry of the audit log tells of one.",
            icon="task_alt",
            to_runs=True,
        )
        st.stop()
    figures(everything)
    remaining = narrowed(everything)
    filters.remember("change_log")
    if remaining.empty:
        state.empty("No change matches", "Remove a filter.", icon="filter_alt_off")
    else:
        with state.part("The plot"):
            change_timeline.draw(remaining, key="change_log.plot", on_choose=of_person)
        change_rows.draw(at, remaining, len(everything))
    read = connector_days.read_from(at) or "The audit log was not read: it names nobody."
    st.caption(
        f"{read} Where it names nobody, the connector's own record of its last change counts; "
        "where neither does, nobody is guessed."
    )
