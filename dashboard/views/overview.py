"""Overview: how many connectors there are, what needs a person, and what has changed."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.data import At
from dashboard.parts import budget, chart, entry, overview_figures, page, stale, state
from dashboard.parts.badges import CHANGE, SEVERITY, meaning
from dashboard.parts.text import count, counted, esc

WEEKS = 26
TABS = {
    "departed_owner": "Ownership",
    "disabled_owner": "Ownership",
    "empty_group": "Ownership",
    "nobody": "Ownership",
    "blocked": "Policies",
    "broken": "Connections",
    "broke": "Drift",
    "drifted": "Drift",
}
SHOWN = 6
MOST = 20


def attention(at: At) -> None:
    """Draw the first things that need a person, the worst first."""
    st.header("Needs attention", anchor=False)
    over_budget = budget.finding(at)
    total = data.attention_count(at)
    everything = total > SHOWN and st.toggle(
        f"All {count(total)} findings", key="findings", bind="query-params"
    )
    rows = data.attention(at, total if everything else SHOWN)
    if rows.empty:
        if over_budget:
            return
        if data.coverage(at).gaps:
            said = "No finding in what was read; not everything was."
            state.empty("Nothing found", said, icon="visibility_off", to_runs=True)
        else:
            state.empty("Nothing needs attention", "No finding in what was read.", icon="task_alt")
        return
    with st.container(border=True):
        for row in rows.itertuples():
            told = f"{esc(row.connector)} · {esc(row.environment)} · {esc(row.detail)}"
            entry.state(
                SEVERITY,
                row.severity,
                esc(row.title),
                told,
                page=page.CONNECTOR,
                id=str(row.connector_id),
                tab=TABS.get(str(row.kind), "Manifest"),
            )
    if total > len(rows):
        st.caption(f"{count(len(rows))} of {count(total)} shown, worst first.")


def trend(at: At) -> None:
    """Draw the connectors over half a year."""
    st.header(f"Connectors over {WEEKS} weeks", anchor=False)
    frame = data.trend(at, WEEKS)
    chart.trend(
        frame,
        "read_at",
        {"connectors": "All", "without_owner": "Without owner"},
        alt=f"Connectors, and those without owner, over {WEEKS} weeks",
    )


def since_last_run(at: At) -> None:
    """Draw what has changed since the previous run."""
    st.header("Since the last run", anchor=False)
    earlier = data.previous(at)
    if earlier is None:
        st.markdown(":gray[This is the first run; changes show from the second on.]")
        return
    rows = data.change_summary(at, earlier)
    if rows.empty:
        st.markdown(":gray[Nothing has changed.]")
        return
    changed = data.changes(at, earlier)
    for row in rows.itertuples():
        told = f"{meaning(CHANGE, row.kind).word} · {counted(row.connectors, 'connector')}"
        with st.expander(told, icon=f":material/{meaning(CHANGE, row.kind).icon}:"):
            same = changed[changed["kind"] == row.kind].drop_duplicates("connector_id")
            for one in same.head(MOST).itertuples():
                with entry.entry(
                    esc(one.name), esc(one.detail), page=page.CONNECTOR, id=str(one.connector_id)
                ):
                    st.caption(esc(one.environment))
            if len(same) > MOST:
                st.caption(f"{count(MOST)} of {count(len(same))}; Export has all.")


shown = page.begin("Overview", export="connectors")
with state.part("The key figures"):
    overview_figures.draw(shown)
    overview_figures.left_out(shown)
left, right = st.columns([8, 5], gap="medium")
with left, state.part("What needs attention"):
    stale.note(shown, {"people": "people", "permissions": "owners", "connections": "connections"})
    attention(shown)
with right:
    with state.part("The trend"):
        trend(shown)
    with state.part("What has changed"):
        since_last_run(shown)
