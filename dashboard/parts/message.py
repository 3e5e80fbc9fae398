"""One message whole: whom it went to and why, what became of it, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from connectory.queries.outbox import Message
from dashboard import data, outbox_data
from dashboard.data import At
from dashboard.parts import asked, entry, message_deciding, message_frame, page, state, table
from dashboard.parts.badges import badge, meaning
from dashboard.parts.text import code, counted, esc, minute, missing

_HTML, _PHONE, _TEXT = "HTML", "On a phone", "Text"
_PHONE_WIDTH = 375
_LINKED = 8


def draw(at: At, told: Message) -> None:
    """Draw the message.

    Args:
        at: The moment, for the names of connectors.
        told: The message.
    """
    st.header(esc(told.facts["subject"], longest=200), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        badge(asked.MESSAGE, told.facts["state"])
        st.caption(_to(told.facts), width="content")
        message_deciding.offer(at.url, told)
    if not missing(told.facts["reason"]):
        st.markdown(f":gray[{esc(told.facts['reason'], longest=600)}]")
    left, right = st.columns([8, 5], gap="medium")
    with left, state.part("The message"):
        _said(told)
    with right:
        with state.part("The facts"):
            _facts(at, told.facts)
        with state.part("What became of it"):
            _events(told.events)


def _to(row: Mapping[str, Any]) -> str:
    who = dict.fromkeys((row["recipient_name"], row["address"]))
    return f"No. {int(row['outbox_id'])} to {', '.join(esc(one) for one in who)}"


def _said(told: Message) -> None:
    """Draw what it says: as its reader sees it, here or on a phone, or as plain text."""
    if told.html is None or told.text is None:
        state.empty(
            "What it said was forgotten",
            "Content is kept for the days in reports.keep_content_days; that it was sent, and to "
            "whom, stays.",
            icon="auto_delete",
        )
        return
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        look = st.segmented_control(
            "Shown as", [_HTML, _PHONE, _TEXT], default=_HTML, key="outbox.look", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        _take(told)
    if look == _TEXT:
        st.code(told.text, language=None, wrap_lines=True, height=message_frame.HEIGHT)
    else:
        message_frame.draw(told.html, width=_PHONE_WIDTH if look == _PHONE else None)
        st.caption("Nothing in it runs or fetches anything. Its links open in a new tab.")


def _take(told: Message) -> None:
    number = int(told.facts["outbox_id"])
    written = outbox_data.eml(told)
    if written is not None:
        st.download_button(
            "Download .eml",
            written,
            file_name=f"connectory-message-{number}.eml",
            mime="message/rfc822",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="outbox.eml",
        )


def _facts(at: At, row: Mapping[str, Any]) -> None:
    told = [
        ("To", f"{esc(row['recipient_name'])}, {asked.role(row['role'])}"),
        *([("Not to", "  \n".join(lines))] if (lines := asked.passed(row["passed"])) else []),
        ("Report", esc(asked.REPORT.get(row["report"], row["report"]))),
        ("For", code(row["occasion"])),
        ("Channel", f"{esc(asked.CHANNEL.get(row['channel'], row['channel']))}, {esc(row['language'])}"),
        ("Written", minute(row["queued_at"])),
        ("Settled", minute(row["settled_at"])),
        ("Tries", str(int(row["tries"]))),
    ]  # fmt: skip
    table.facts(told, alt="Facts on the message")
    st.caption("Message-ID, the same each time it is sent")
    st.code(row["message_id"], language=None, wrap_lines=True)
    with st.container(horizontal=True, gap="small"):
        if not missing(row["recipient_key"]):
            st.page_link(
                page.MY_CONNECTORS, label=":blue[Their connectors]",
                query_params={"owner": str(row["recipient_key"])},
            )  # fmt: skip
        if not missing(row["campaign_id"]):
            st.page_link(
                page.CAMPAIGN, label=":blue[The campaign]",
                query_params={"campaign": str(int(row["campaign_id"]))},
            )  # fmt: skip
    _about(at, row["connectors"])


def _about(at: At, connectors: list[int]) -> None:
    """Draw the way to the connectors that it is about."""
    if not connectors:
        return
    known = data.connectors(at)
    named = known[known["connector_id"].isin(list(connectors))]
    with st.expander(f"About {counted(len(connectors), 'connector')}"):
        for one in named.head(_LINKED).to_dict("records"):
            name = esc(one["display_name"] or one["name"], longest=80)
            st.page_link(
                page.CONNECTOR,
                label=f":blue[{name}], {esc(one['environment'])}",
                query_params={"id": str(one["connector_id"])},
            )
        gone = len(connectors) - len(named)
        if len(named) > _LINKED:
            st.caption(f"{counted(len(named) - _LINKED, 'more connector')}.")
        if gone:
            st.caption(f"{counted(gone, 'connector')} no longer there.")


def _events(events: pd.DataFrame) -> None:
    st.subheader("What became of it", anchor=False)
    if events.empty:
        st.caption("Nothing was noted yet.")
    for one in events.iloc[::-1].to_dict("records"):
        told = "" if missing(one["told"]) else f"{esc(one['told'], longest=600)} · "
        detail = f"{told}{minute(one['at'])} · {esc(one['actor'], longest=40)}"
        entry.state(asked.MESSAGE, one["state"], meaning(asked.MESSAGE, one["state"]).word, detail)
