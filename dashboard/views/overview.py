"""Overview: how many connectors there are, what needs a person, and what has changed."""

from __future__ import annotations

import streamlit as st

from connectory.domain.ownership import without_owner
from dashboard import data
from dashboard.data import At
from dashboard.parts import chart, entry, kpi, page, state
from dashboard.parts.badges import CHANGE, DEFINITION, OWNER, SEVERITY, meaning
from dashboard.parts.text import count, counted, esc, short_day

WEEKS = 26
SHOWN = 6
MOST = 20
WITHOUT_OWNER = [told.word for name, told in OWNER.items() if without_owner(name)]
NO_DEFINITION = ("absent", "unreadable", "not_read")


def figures(at: At) -> None:
    """Draw the key figures with their change since the previous run."""
    now, earlier = data.totals(at), data.previous(at)
    before = data.totals(At(at.url, earlier), at) if earlier else None
    told = kpi.Compared(now, before, short_day(earlier.read_at) if earlier else "")
    kpi.row(
        [
            told.figure(
                "Connectors",
                "connectors",
                help="Custom connectors present in the environments read.",
                page=page.CONNECTORS,
            ),
            told.figure(
                "Environments",
                "environments",
                help="Environments present in the tenant.",
                page=page.RUNS,
                action="Coverage",
            ),
            told.figure(
                "Without owner",
                "without_owner",
                bad_up=True,
                unknown=now.owner_unknown,
                help="Nobody owns it, or every owner has left or is disabled.",
                page=page.CONNECTORS,
                parameters={"owner": WITHOUT_OWNER},
            ),
            told.figure(
                "Not readable",
                "without_definition",
                bad_up=True,
                help="The definition is absent, cannot be read or was not read.",
                page=page.CONNECTORS,
                parameters={"definition": [DEFINITION[state].word for state in NO_DEFINITION]},
            ),
            told.figure(
                "Broken conn.",
                "broken_connections",
                bad_up=True,
                help=f"Connections in error, of {count(now.connections)} to custom connectors.",
                page=page.CONNECTORS,
                parameters={
                    "connections": "Broken",
                    "presence": "Any",
                    "order": "Broken connections",
                },
            ),
        ]
    )


def attention(at: At) -> None:
    """Draw the first things that need a person, the worst first."""
    st.header("Needs attention", anchor=False)
    total = data.attention_count(at)
    everything = total > SHOWN and st.toggle(
        f"All {count(total)} findings", key="findings", bind="query-params"
    )
    rows = data.attention(at, total if everything else SHOWN)
    if rows.empty:
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
    figures(shown)
left, right = st.columns([8, 5], gap="medium")
with left, state.part("What needs attention"):
    attention(shown)
with right:
    with state.part("The trend"):
        trend(shown)
    with state.part("What has changed"):
        since_last_run(shown)
