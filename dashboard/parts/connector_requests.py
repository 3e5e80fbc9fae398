"""Whether somebody is asked about a connector, who, and what was answered before."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard import owner_data
from dashboard.data import At
from dashboard.parts import asked, campaign_opening, entry, page
from dashboard.parts.badges import badge
from dashboard.parts.text import count, counted, esc, minute, missing, on

_SHOWN: Final = 5
_LEFT: Final = 130


def draw(at: At, connector_id: int) -> None:
    """Draw the requests about a connector, the open one first; and how to ask where none is."""
    rows = owner_data.requests(at, connector_id)
    if rows.empty:
        st.caption("Nobody was ever asked whether it is still needed.")
    for row in rows.head(_SHOWN).to_dict("records"):
        what, told = _words(row)
        with entry.entry(
            what, told, page=page.CAMPAIGN, left=_LEFT, campaign=str(row["campaign_id"])
        ):
            badge(asked.ANSWER, row["state"])
    if len(rows) > _SHOWN:
        st.caption(f"{count(_SHOWN)} of {count(len(rows))} shown.")
    if not rows["state"].isin(["open", "late"]).any():
        campaign_opening.offer(at, [connector_id], f"ask.{connector_id}")


def _words(row: Mapping[Hashable, Any]) -> tuple[str, str]:
    """Return who was asked or answered, and what else belongs to it."""
    campaign = esc(row["campaign"], longest=120)
    if missing(row["closed_at"]):
        who = f"{esc(row['asked_name'])}, {asked.role(row['role'])}"
        return (
            who,
            f"until {on(row['deadline'])} · {counted(row['reminders'], 'reminder')} · {campaign}",
        )
    who = esc(row["answered_by"] if not missing(row["answered_by"]) else row["asked_name"])
    why = "" if missing(row["reason"]) else f" · {esc(row['reason'], longest=400)}"
    return who, f"{minute(row['closed_at'])} · {campaign}{why}"
