"""How unused a connector is: the verdict, the arithmetic of its score, and the exemption from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from connectory.queries.connector import ConnectorCard
from connectory.staleness_settings import ANY
from dashboard import data, stale_data
from dashboard.data import At
from dashboard.parts import stale, state, table, taking
from dashboard.parts.badges import STALENESS, badge
from dashboard.parts.text import count, esc, on, words

READ_BY: Final = {
    "connectors": "connectors",
    "flows": "flows",
    "apps": "apps",
    "agents": "agents",
    "connections": "connections",
    "connection_references": "references",
}
UNREAD: Final = "Where use could not be seen, the verdict is unknown and not unused."
_MOST: Final = 100
_USUAL: Final = timedelta(days=180)
_LONGEST: Final = timedelta(days=366 * 2)


def of_connector(at: At, card: ConnectorCard) -> None:
    """Draw the same on the page of a connector, and whether somebody is asked about it."""
    stale.warn(at, card.environment, *READ_BY)
    row = stale_data.of(at, card.connector_id)
    if row is None:
        state.empty(
            "Not judged",
            "It is gone, or the run was not assessed since this was added. `connectory assess` "
            "does it.",
            icon="hourglass_disabled",
        )
        return
    draw(at, row)


def draw(at: At, row: pd.Series) -> None:
    """Draw the verdict, what the score is made of, and the exemption.

    Args:
        at: The moment; a past one is only looked at.
        row: The connector's row of `stale_data.stale`.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        badge(STALENESS, row["state"])
        if row["exempt"]:
            st.badge(f"Exempt until {on(row['exempt_until'])}", icon=":material/task_alt:", color="gray")  # fmt: skip
        st.markdown(esc(row["reason"], longest=600), width="content")
    left, right = st.columns([8, 5], gap="medium")
    with left:
        arithmetic(row)
    with right:
        exemption(at, row)


def arithmetic(row: pd.Series) -> None:
    """Draw the parts of the score and their sum."""
    parts = [] if row["parts"] is None else list(row["parts"])
    if not parts:
        st.caption("Too little is known for a score.")
        return
    told = [
        {
            "Part": esc(words(one["part"])).capitalize(),
            "Found": esc(one["words"], longest=300),
            "Points": count(one["points"]),
            "Of": count(one["of"]),
        }
        for one in parts
    ]
    told.append(
        {
            "Part": "**Score**",
            "Found": _thresholds(row),
            "Points": f"**{count(row['score'])}**",
            "Of": f"**{_MOST}**",
        }
    )
    table.small(told, alt="What the score is made of")
    if len(parts) == 1:
        st.caption("While it is used, or nothing else can be said, the last use alone counts.")
    st.caption("0 is in use, 100 is abandoned. What was not read gives no points.")


def _thresholds(row: pd.Series) -> str:
    of = (
        "every other environment"
        if row["profile"] == ANY
        else f"{esc(row['profile'])} environments"
    )
    return f"By the thresholds of {of}"


def exemption(at: At, row: pd.Series) -> None:
    """Draw the exemption that holds, and how to make or end one."""
    key = f"exempt.{row['connector_id']}"
    if row["exempt"]:
        st.markdown(
            f"**Exempt until {on(row['exempt_until'])}**  \n"
            f"{esc(row['exempt_reason'], longest=2000)}  \n"
            f":small[:gray[Decided by {esc(row['exempted_by'])}]]"
        )
    else:
        st.markdown(":gray[No exemption: it may be asked about as stale.]")
    if at != data.now_shown():
        return
    with st.container(horizontal=True, gap="small"):
        # Another one after each decision, so that it closes.
        shut = f"{key}.{row['exempt_until']}.{row['exempt_reason']}"
        with st.popover("Exempt", icon=":material/task_alt:", type="secondary", key=shut):
            _exempt(at, row, key)
        if row["exempt"]:
            with st.popover("Withdraw", icon=":material/undo:", type="tertiary"):
                _withdraw(at, row, key)


def _exempt(at: At, row: pd.Series, key: str) -> None:
    today = data.today()
    with st.form(key, border=False):
        st.markdown("It is called stale by nobody until the day you say; its score stays visible.")
        reason = st.text_input("Why it may be quiet", key=f"{key}.reason", max_chars=2000)
        until = st.date_input(
            "Until",
            today + _USUAL,
            min_value=today + timedelta(days=1),
            max_value=today + _LONGEST,
            key=f"{key}.until",
            format="YYYY-MM-DD",
        )
        author = taking.author(f"{key}.author")
        pressed = st.form_submit_button("Exempt", type="primary")
    if pressed:
        taking.decide(
            lambda: stale_data.exempt(
                at, int(row["connector_id"]), reason=reason, until=until, author=author
            ),
            "Not exempted",
        )


def _withdraw(at: At, row: pd.Series, key: str) -> None:
    with st.form(f"{key}.withdraw", border=False):
        reason = st.text_input("Why", key=f"{key}.withdraw.reason", max_chars=2000)
        author = taking.author(f"{key}.withdraw.author")
        pressed = st.form_submit_button("Withdraw", type="primary")
    if pressed:
        taking.decide(
            lambda: stale_data.withdraw(at, int(row["connector_id"]), reason=reason, author=author),
            "Not withdrawn",
        )
