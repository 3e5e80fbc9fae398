"""What a page was opened for: one exact host or person, until it is taken off."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from dashboard.parts.text import esc

HOST, OWNED_BY = "host", "owned_by"


def host(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the one host the address names, all without one."""
    asked = st.query_params.get(HOST)
    if not asked or not _stays("Host", HOST, asked):
        return frame
    return frame[frame["host"].fillna("").str.casefold() == asked.casefold()]


def owner(frame: pd.DataFrame, name: str, owned: Collection[int]) -> pd.DataFrame:
    """Return the rows of the connectors that a person owns.

    Args:
        frame: Rows about connectors.
        name: What the person is called.
        owned: The connectors.
    """
    if not _stays("Owned by", OWNED_BY, name):
        return frame
    return frame[frame["connector_id"].isin(list(owned))]


def _stays(title: str, name: str, told: str) -> bool:
    if st.button(
        f"{title}: {esc(told, longest=80)}", icon=":material/close:", key=f"pinned.{name}"
    ):
        st.query_params.pop(name)
        return False
    return True
