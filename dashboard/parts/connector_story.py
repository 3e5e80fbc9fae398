"""What happened to a connector, and which sources show it."""

from __future__ import annotations

import streamlit as st

from connectory.queries.connector import ConnectorCard
from dashboard import connector_data, reconciliation_data
from dashboard.data import At
from dashboard.parts import connector_days, page, state, table
from dashboard.parts.badges import AUDIT, CHANGE, DISAGREEMENT, SEEN, SOURCE, mark, meaning
from dashboard.parts.text import code, count, day, esc, missing

_SHOWN = 60


def history(at: At, card: ConnectorCard) -> None:
    """Draw the changes, the latest first."""
    frame = connector_data.history(at, card.connector_id)
    if frame.empty:
        state.empty("No history yet", "Changes show from the second run on.", icon="history")
    for row in frame.head(_SHOWN).itertuples():
        _line(row.at, f"{mark(CHANGE, row.kind)} :gray[{esc(row.detail)}]")
    if len(frame) > _SHOWN:
        st.caption(f"The latest {count(_SHOWN)} of {count(len(frame))} changes.")
    st.header("In the audit log", anchor=False)
    _in_the_log(at, card)


def _line(when: object, told: str) -> None:
    with st.container(horizontal=True, gap="small"):
        with st.container(width=92):
            st.caption(day(when))
        with st.container(width="stretch"):
            st.markdown(told)


def _in_the_log(at: At, card: ConnectorCard) -> None:
    """Draw who did what to it, its connections and what uses it; opening an app is use, not this."""
    read = connector_days.read_from(at)
    frame = connector_data.audit_events(at, card.connector_id)
    frame = frame[frame["action"] != "launched"]
    if frame.empty and not read:
        connector_days.not_read(at)
        return
    for row in frame.head(_SHOWN).itertuples():
        what = "" if row.noun == "connector" else f" {row.noun} {esc(row.name, longest=80)}"
        failed = "" if missing(row.succeeded) or bool(row.succeeded) else ", which failed"
        who = f"by {esc(row.actor)}" if row.actor else "by nobody named"
        _line(row.at, f"{mark(AUDIT, row.action)} :gray[{what} {who}{failed}]")
    if frame.empty:
        st.markdown(":gray[Nothing was done to it.]")
    if len(frame) > _SHOWN:
        st.caption(f"The latest {count(_SHOWN)} of {count(len(frame))} entries.")
    st.caption(f"{read} Entries appear up to two days late.")


def sources(at: At, card: ConnectorCard) -> None:
    """Draw which source shows the connector; one that was not read says nothing."""
    said = reconciliation_data.reconciled_connector(at, card.connector_id)
    told = {name: "shows" if name in card.sources else "lacks" for name in SOURCE}
    if said is not None:
        told = {name: said[name] for name in SOURCE}
    table.small(
        [{"Source": meaning(SOURCE, name).word, "Says": mark(SEEN, told[name])} for name in SOURCE],
        alt="Which sources show the connector",
    )
    for kind, reason in () if said is None else zip(said["kinds"], said["reasons"], strict=True):
        st.markdown(f"{mark(DISAGREEMENT, kind)} {esc(reason, longest=600)}")
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
    st.page_link(page.RECONCILIATION, label=":blue[Open Reconciliation]")
