"""One environment: what it is, how much is in it, and what of it could not be read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import inventory_data
from dashboard.data import At
from dashboard.parts import entry, filters, kpi, page, state
from dashboard.parts import environment_rows as inside
from dashboard.parts.badges import COVERAGE, badge
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, day, esc, minute, plain, whole, words

COUNTS = {
    "connectors": "Connectors",
    "connections": "Connections",
    "connection_references": "References",
    "flows": "Flows",
    "apps": "Apps",
}


def draw(at: At, row: pd.Series) -> None:
    """Draw one environment: what it is, its figures, what was not read of it, and its rows."""
    st.header(esc(row["name"], longest=120), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        badge(COVERAGE, row["coverage"])
        told = [
            esc(row["sku"]),
            esc(row["location"]),
            "with Dataverse" if row["has_dataverse"] else "without Dataverse",
            "managed" if row["managed"] else "not managed",
            f"created {day(row['created_at'])}",
        ]
        st.caption(" · ".join(told), width="content")
        st.markdown(code(row["key"]), width="content")
    if pd.notna(row["read_whole_at"]):
        st.caption(f"Last read whole: {minute(row['read_whole_at'])}")
    else:
        st.markdown(":violet[:material/visibility_off: Never read whole]")
    short = _unread(at, row)
    kpi.row(
        [
            Figure(
                title,
                whole(row[name]),
                note="at least" if name in short else "",
                narrow=filters.narrow(tab=title),
            )
            for name, title in COUNTS.items()
        ]
    )
    with st.container(horizontal=True):
        here: dict[str, str | list[str]] = {"environment": [plain(row["name"])]}
        for words_of, where in (
            ("Open in Connectors", page.CONNECTORS),
            ("Findings on its connections", page.CONNECTIONS),
        ):
            # A button and no link: an address would hold the words of the tenant.
            if st.button(f":blue[{words_of}]", type="tertiary"):
                st.switch_page(where, query_params=here)
    for name, tab in zip(
        inside.TABS, st.tabs(list(inside.TABS), key="tab", bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                inside.TABS[name](at, row)


def _unread(at: At, row: pd.Series) -> set[str]:
    """Draw what could not be read of an environment and why; return which collectors fell short."""
    gaps = inventory_data.environment_gaps(at)
    mine = gaps[gaps["environment_id"] == row["environment_id"]]
    if mine.empty:
        return set()
    with st.container(border=True):
        for gap in mine.itertuples():
            source = f", {esc(words(gap.source))}" if gap.source else ""
            entry.state(
                COVERAGE,
                gap.outcome,
                f"{esc(words(gap.collector))}{source}",
                esc(gap.reason, longest=500),
            )
    return set(mine["collector"])
