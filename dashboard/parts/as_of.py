"""As of when pages show the tenant: the latest run, or the run a past day ended with.

The day stands in the address, so that a link shows what its sender saw, and goes along from page
to page until it is taken back.
"""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard import data
from dashboard.data import At
from dashboard.parts.text import esc, minute

KEY = "as_of"
_PICKER = "as_of.picker"


def shown(now: At) -> At:
    """Return the moment to show: that of the day asked for, else the latest.

    Args:
        now: The latest moment.
    """
    asked = _asked()
    chosen = _date(asked)
    return (data.shown_on(now, chosen) if chosen else None) or now


def _asked() -> str | None:
    """Return the day asked for by the address, else earlier in this visit."""
    told = st.query_params.get(KEY)
    if told is not None:
        st.session_state[KEY] = told
    elif KEY in st.session_state:
        st.query_params[KEY] = st.session_state[KEY]
    return st.session_state.get(KEY)


def along() -> dict[str, str]:
    """Return what an address must say for the same day to be shown on another page."""
    return {KEY: st.session_state[KEY]} if KEY in st.session_state else {}


def _date(told: str | None) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        return None


def _day(value: date) -> str:
    return f"{value:%-d %b %Y}"


def picker(at: At) -> None:
    """Draw when the tenant was read, as a button behind which another day can be chosen."""
    first, last = data.days_known(at.url)
    with st.popover(
        f":gray[:material/schedule: Read {minute(at.moment.read_at)}]", type="tertiary"
    ):
        st.date_input(
            "As of",
            min(max(data.local_day(at.moment.read_at), first), last),
            min_value=first,
            max_value=last,
            key=_PICKER,
            format="YYYY-MM-DD",
            on_change=_choose,
            args=(last,),
        )
        st.caption("Shows what the last run by the end of that day had found.")


def _choose(last: date) -> None:
    chosen = st.session_state[_PICKER]
    if chosen is None or chosen >= last:
        _back()
    else:
        st.session_state[KEY] = st.query_params[KEY] = chosen.isoformat()


def _back() -> None:
    st.session_state.pop(KEY, None)
    st.query_params.pop(KEY, None)


def notice(at: At) -> None:
    """Say that the page shows the past, or why it does not although it was asked to."""
    asked = st.session_state.get(KEY)
    if asked is None:
        return
    chosen = _date(asked)
    if chosen is None:
        said = f"**{esc(asked, longest=40)}** is no day; days are written like 2026-11-02."
    elif data.shown_on(data.now_shown(), chosen) is None:
        first, _ = data.days_known(at.url)
        said = f"Nothing had been read by {_day(chosen)}; the first run was on {_day(first)}."
    elif at == data.now_shown():
        said = f"Nothing was read after {_day(chosen)}; this is the latest run."
    else:
        said = f"As of **{_day(chosen)}**: what the run of {minute(at.moment.read_at)} had found."
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(f":violet[:material/history:] {said}", width="content")
        st.button("Back to now", key="as_of.back", type="tertiary", on_click=_back)
