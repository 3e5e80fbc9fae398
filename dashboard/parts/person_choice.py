"""Choosing a person: out of those who are likely, or any other by address, sign-in name or id."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from dashboard.parts.text import plain


def field(title: str, key: str, likely: Mapping[str, str], now: str | None) -> str:
    """Draw the field; return an object id, or whatever was typed; empty if nobody is chosen.

    What was typed and begins a word in only one of those offered means that one; a whole address
    means itself.

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
    typed = (chosen or "").strip()
    return typed if typed in likely or "@" in typed else meant(typed, likely)


def meant(typed: str, likely: Mapping[str, str]) -> str:
    """Return the object id of the only one of whom a word begins so, else what was typed.

    Args:
        typed: Part of a name or address.
        likely: Object ids and names of those who are offered.
    """
    if not typed:
        return typed
    begins = re.compile(rf"(?<!\w){re.escape(typed)}", re.IGNORECASE)
    found = [one for one, name in likely.items() if begins.search(name)]
    return found[0] if len(found) == 1 else typed
