"""What pages about licences share: what an estimate rests on, and why there may be none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard import exposure_data
from dashboard.data import settings
from dashboard.parts import state
from dashboard.parts.text import esc

Told = TypeVar("Told")


def told_or_why(ask: Callable[[], Told], title: str) -> Told:
    """Return an answer; where none can be given say why, and draw nothing more.

    Args:
        ask: Asks for it.
        title: What there is not.
    """
    try:
        return ask()
    except exposure_data.CANNOT as error:
        state.empty(title, esc(str(error), longest=400))
        st.stop()


def bought() -> str:
    """Return in a sentence how licences are bought, which decides what can be."""
    channel = settings().licensing.channel
    if channel:
        return f"Licences are bought by {channel.replace('_', ', ')}."
    return (
        "How licences are bought is not told (`licensing.channel`): per-app passes count as not to "
        "be had."
    )
