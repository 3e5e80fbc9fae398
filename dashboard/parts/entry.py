"""Lists of things to read: a badge or a date, a fact in bold, and what belongs to it in small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.parts.badges import Scale, badge

_LEFT = 92


@contextmanager
def entry(fact: str, detail: str, *, page: str = "", **address: str) -> Iterator[None]:
    """Draw one entry; what the block draws stands at its left.

    Args:
        fact: Markdown; the caller escapes tenant words.
        detail: The same, for the small second line; may be empty.
        page: Page that shows more.
        address: Parameters of that page.
    """
    with st.container(horizontal=True, gap="small"):
        with st.container(width=_LEFT):
            yield
        with st.container(width="stretch"):
            st.markdown(f"**{fact}**  \n:small[:gray[{detail}]]" if detail else f"**{fact}**")
        if page:
            st.page_link(page, label=":blue[Open]", query_params=address)


def state(
    scale: Scale, value: object, fact: str, detail: str, *, page: str = "", **address: str
) -> None:
    """Draw one entry with the badge of a state at its left."""
    with entry(fact, detail, page=page, **address):
        badge(scale, value)
