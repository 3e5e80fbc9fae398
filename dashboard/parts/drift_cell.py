"""One cell of the drift board: what differs there, and whom that hits."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import drift_data
from dashboard.data import At
from dashboard.parts import hit_rows, opening
from dashboard.parts.badges import DRIFT, DRIFT_MEANING, USED, mark, meaning
from dashboard.parts.text import code, count, counted, day, esc, missing

_MOST = 4


def draw(at: At, member: pd.Series) -> None:
    """Draw what differs in a member and who uses what is breaking or risky."""
    with st.container(border=True):
        st.markdown(
            f"{mark(DRIFT, member['shown'])} **{esc(member['family_name'])}** in "
            f"{esc(member['environment'])}  \n:gray[{_told(member)}]"
        )
        if missing(member["connector_id"]) or member["is_reference"]:
            return
        opening.link("Open the change", opening.member(member["connector_id"]))
        pair = drift_data.member(at, int(member["connector_id"]))
        if pair is None or pair.comparison_id is None:
            return
        rows = drift_data.changes(at, pair)
        opened = rows[rows["severity"].isin(["breaking", "risky"]) & ~rows["accepted"]]
        groups = drift_data.grouped(at, pair, opened)
        use = drift_data.use(at, pair.connectors)
        for group in groups[:_MOST]:
            name = code(group.operation_id) if group.operation_id else "The connector"
            st.markdown(
                f"{mark(DRIFT, group.severity)} {mark(USED, group.grade)} **{name}** · "
                f"{counted(len(group.changes), 'change')}"
            )
            hit_rows.brief(use, pair.connectors, group.operations)
        if len(groups) > _MOST:
            st.caption(f"{counted(len(groups) - _MOST, 'more operation')}: open the change.")


def _told(member: pd.Series) -> str:
    if not missing(member["state_reason"]) and member["state_reason"]:
        return esc(member["state_reason"], longest=400)
    if member["shown"] == "reference":
        return f"Others are compared with it: {esc(member['reference_reason'])}."
    parts = [
        f"{count(member[name])} {meaning(DRIFT, name).word.lower()}"
        for name in ("breaking", "risky", "compatible", "cosmetic")
        if member[name]
    ]
    told = ", ".join(parts) or DRIFT_MEANING.get(member["shown"], "")
    if member["accepted"]:
        told += f", {count(member['accepted'])} accepted"
    changed = next(
        (member[name] for name in ("changed_at", "published_at") if not missing(member[name])), None
    )
    return told if changed is None else f"{told} · last change {day(changed)}"
