"""What happened to a connector, and which sources show it."""

from __future__ import annotations

import streamlit as st

from connectory.queries.connector import ConnectorCard
from dashboard import data
from dashboard.data import At
from dashboard.parts import state, table
from dashboard.parts.badges import CHANGE, COVERAGE, SOURCE, mark, meaning
from dashboard.parts.text import code, count, day, esc

_SHOWN = 60


def history(at: At, card: ConnectorCard) -> None:
    """Draw the changes, the latest first."""
    frame = data.history(at, card.connector_id)
    if frame.empty:
        state.empty("No history yet", "Changes show from the second run on.", icon="history")
        return
    for row in frame.head(_SHOWN).itertuples():
        with st.container(horizontal=True, gap="small"):
            with st.container(width=92):
                st.caption(day(row.at))
            with st.container(width="stretch"):
                st.markdown(f"{mark(CHANGE, row.kind)} :gray[{esc(row.detail)}]")
    if len(frame) > _SHOWN:
        st.caption(f"The latest {count(_SHOWN)} of {count(len(frame))} changes.")


def sources(at: At, card: ConnectorCard) -> None:
    """Draw which of the three lists shows the connector; one that was not read says nothing."""
    told = dict.fromkeys(SOURCE, ":gray[No]")
    told |= dict.fromkeys(_unread(at, card), mark(COVERAGE, "not_read"))
    told |= dict.fromkeys(card.sources, ":material/check: Yes")
    table.small(
        [{"Source": meaning(SOURCE, name).word, "Shows it": told[name]} for name in SOURCE],
        alt="Which sources show the connector",
    )
    table.facts(
        [
            ("Runtime name", code(card.name)),
            ("Key", code(card.key)),
            ("Environment", f"{esc(card.environment)} {code(card.environment_key)}"),
        ],
        alt="Under which names the connector is known",
    )
    st.caption(
        "Sources may disagree: a connector outside any solution has no Dataverse row, and a source "
        "that was refused shows nothing. Runs and coverage says which was read."
    )


def _unread(at: At, card: ConnectorCard) -> set[str]:
    """Return the sources that could not be read in the environment of the connector."""
    gaps = {
        gap.source
        for gap in data.coverage(at).gaps
        if gap.collector == "connectors" and gap.environment == card.environment
    }
    # A step that broke as a whole names no source.
    return set(SOURCE) if "" in gaps else gaps
