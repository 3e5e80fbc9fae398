"""Choosing a person: out of those who are likely, or any other by address, sign-in name or id."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.parts.text import plain


def field(title: str, key: str, likely: Mapping[str, str], now: str | None) -> str:
    """Draw the field; return an object id, or whatever was typed; empty if nobody is chosen.

    Args:
        title: Label.
        key: Identity of the field.
        likely: Object ids and names of those who are offered.
        now: Object id of who is chosen already.
    """
    ids = list(likely)
    chosen = st.selectbox(
        title,
        ids,
        index=ids.index(now) if now is not None and now in likely else None,
        format_func=lambda one: plain(likely.get(one, one), longest=120),
        placeholder="Nobody",
        accept_new_options=True,
        key=key,
    )
    return (chosen or "").strip()
