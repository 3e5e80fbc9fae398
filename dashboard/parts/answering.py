"""Answering for somebody who said it otherwise: by telephone, or in front of this page."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import streamlit as st

from dashboard import campaign_data, data
from dashboard.parts import taking
from dashboard.parts.text import esc

_ANSWERS: Final = {
    "Keep it": "keep",
    "Retire it": "retire",
    "Hand it over": "hand_over",
    "It is not theirs": "not_mine",
    "More time": "more_time",
}
_TOLD: Final = {
    "keep": "It needs a reason. If a day is given, it is asked about again after that.",
    "retire": "A plan is made: consumers are told, then it is frozen, then it may be removed.",
    "hand_over": "Whoever is named is asked next; if nobody is found by that, the CoE mailbox.",
    "not_mine": "The next one who may answer for it is asked.",
    "more_time": "Until the day that is given; the same person stays asked.",
}
_AHEAD: Final = timedelta(days=14)


def offer(url: str, request_id: int, name: str) -> None:
    """Draw what answers an open request.

    Args:
        url: The store.
        request_id: The request.
        name: Who is asked.
    """
    key = f"answer.{request_id}"
    box = st.popover("Answer", icon=":material/reply:", type="tertiary", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(
            f"For {esc(name)}. It is kept who wrote it down, and that it came by this page."
        )
        word = st.radio("Answer", list(_ANSWERS), key=f"{key}.what")
        answer = _ANSWERS[word]
        st.caption(_TOLD[answer])
        with st.form(f"{key}.form", border=False):
            to = (
                st.text_input("To whom: name or mail address", key=f"{key}.to", max_chars=200)
                if answer == "hand_over"
                else ""
            )
            until = None
            if answer in ("keep", "more_time"):
                today = data.today()
                until = st.date_input(
                    "Until",
                    today + _AHEAD if answer == "more_time" else None,
                    min_value=today + timedelta(days=1),
                    key=f"{key}.until.{answer}",
                    format="YYYY-MM-DD",
                )
            reason = st.text_input("Why", key=f"{key}.why", max_chars=2000)
            author = taking.author(f"{key}.author")
            pressed = st.form_submit_button("Write it down", type="primary")
        if pressed:
            taking.decide(
                lambda: campaign_data.answer(
                    url,
                    request_id,
                    answer=answer,
                    reason=reason,
                    hand_over_to=to,
                    until=until,
                    author=author,
                ),
                "Not written down",
            )
