"""How a connector differs from its relatives in other environments, and from its own past."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from connectory.queries.change_log import STEPS_OF
from connectory.queries.connector import ConnectorCard
from dashboard import drift_data
from dashboard.data import At
from dashboard.parts import drift_board, entry, opening, page, state
from dashboard.parts.badges import DRIFT, badge, meaning
from dashboard.parts.text import count, counted, day, esc, missing

_SHOWN: Final = 30
_COUNTS: Final = ("breaking", "risky", "compatible", "cosmetic")
_LEFT: Final = 130


def draw(at: At, card: ConnectorCard) -> None:
    """Draw the members of its family, and the versions it had."""
    st.header("In other environments", anchor=False)
    with state.part("Its family"):
        _family(at, card)
    with state.part("Its API"):
        _upstream(at, card)
    st.header("Versions", anchor=False)
    with state.part("Its versions"):
        _versions(at, card)


def _family(at: At, card: ConnectorCard) -> None:
    board = drift_data.board(at)
    mine = board[board["connector_id"] == card.connector_id]
    if mine.empty:
        state.empty(
            "It stands alone",
            "No other environment has a connector of its logical name, solution or definition.",
            icon="family_history",
        )
        return
    told = mine.iloc[0]
    members = board[board["family"] == told["family"]]
    for _, member in drift_board.in_stages(members).iterrows():
        _member(member, here=member["connector_id"] == card.connector_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_why(told), width="content")
        st.page_link(
            page.DRIFT,
            label=":blue[Open the drift board]",
            query_params={"search": told["family_name"]},
        )


def _why(told: pd.Series) -> str:
    """Say why it is of its family, or why the others are compared with it."""
    if told["is_reference"]:
        return f"The others are compared with it: {esc(told['reference_reason'])}."
    return f"One family: {esc(told['reason'])}."


def _member(member: pd.Series, *, here: bool) -> None:
    name = esc(member["environment"])
    fact = f"{name} (this one)" if here else name
    changed = next(
        (member[one] for one in ("changed_at", "published_at") if not missing(member[one])), None
    )
    told = [
        _counts(member),
        f"{count(member['accepted'])} accepted" if member["accepted"] else "",
        "" if changed is None else f"last change {day(changed)}",
        "" if missing(member["state_reason"]) else esc(member["state_reason"], longest=300),
    ]
    compared = not (missing(member["connector_id"]) or member["is_reference"])
    with entry.entry(
        fact,
        " · ".join(one for one in told if one),
        page=page.CHANGE if compared else "",
        left=_LEFT,
        pair=opening.member(member["connector_id"]),
    ):
        badge(DRIFT, member["shown"])


def _counts(row: pd.Series) -> str:
    return ", ".join(
        f"{count(row[name])} {meaning(DRIFT, name).word.lower()}" for name in _COUNTS if row[name]
    )


def _versions(at: At, card: ConnectorCard) -> None:
    steps = drift_data.steps(at, card.connector_id)
    if steps.empty:
        state.empty(
            "No other version yet",
            "Its definition and settings are as they were when it was first read.",
            icon="history",
        )
        return
    log = drift_data.log_of(at, card.connector_id)
    log = log[log["kind"].isin(STEPS_OF)].drop_duplicates("run_id").set_index("run_id")
    for _, step in steps.head(_SHOWN).iterrows():
        run = step["run_id"]
        known = log.loc[run] if run in log.index else None
        with entry.entry(
            day(step["at"] if known is None else known["at"]),
            " · ".join(one for one in (_counts(step), _reason(step), _who(known)) if one),
            page=page.CHANGE,
            left=_LEFT,
            pair=opening.step(card.connector_id, run),
        ):
            badge(DRIFT, step["verdict"])
    if len(steps) > _SHOWN:
        st.caption(f"The latest {count(_SHOWN)} of {counted(len(steps), 'version')}.")


def _upstream(at: At, card: ConnectorCard) -> None:
    """Draw how it stands to the document of its API; nothing if none is known."""
    rows = drift_data.upstream(at)
    mine = rows[rows["connector_id"] == card.connector_id]
    if mine.empty:
        return
    row = mine.iloc[0]
    st.header("Against its API", anchor=False)
    behind = "" if missing(row["behind_days"]) else f"{counted(row['behind_days'], 'day')} behind"
    more = (
        f"{counted(row['available'], 'operation')} on offer that it does not wrap"
        if not missing(row["available"]) and row["available"]
        else ""
    )
    why = "" if missing(row["document_detail"]) else esc(row["document_detail"], longest=300)
    with entry.entry(
        esc(row["url"], longest=160),
        " · ".join(one for one in (behind, more, why) if one),
        page=page.CHANGE,
        left=_LEFT,
        pair=opening.upstream(card.connector_id),
    ):
        badge(DRIFT, row["state"] if not missing(row["state"]) else "unknown")


def _reason(step: pd.Series) -> str:
    return "" if missing(step["reason"]) else esc(step["reason"], longest=300)


def _who(known: pd.Series | None) -> str:
    if known is None:
        return ""
    if known["who"]:
        return f"by {esc(', '.join(known['who']))}"
    return f"by nobody known: {esc(known['why_unknown'])}"
