"""Lists of things to read: a badge or a date, a fact in bold, and what belongs to it in small."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.parts.badges import Scale, badge

_LEFT, _WIDE, _LONG = 92, 146, 11


@contextmanager
def entry(
    fact: str,
    detail: str,
    *,
    page: str = "",
    narrow: Callable[[], None] | None = None,
    left: int = _LEFT,
    **address: str,
) -> Iterator[None]:
    """Draw one entry; what the block draws stands at its left.

    Args:
        fact: Markdown; the caller escapes tenant words.
        detail: The same, for the small second line; may be empty.
        page: Page that shows more.
        narrow: What narrows the rows of this page to those the entry is about.
        left: Width of what the block draws, in pixels.
        address: Parameters of that page.
    """
    with st.container(horizontal=True, gap="small"):
        with st.container(width=left):
            yield
        with st.container(width="stretch"):
            st.markdown(f"**{fact}**  \n:small[:gray[{detail}]]" if detail else f"**{fact}**")
        if page:
            st.page_link(page, label=":blue[Open]", query_params=address)
        if narrow:
            key = f"entry.{fact}.{detail}"
            st.button(":blue[Show]", type="tertiary", key=key, on_click=narrow)


def state(
    scale: Scale,
    value: object,
    fact: str,
    detail: str,
    *,
    page: str = "",
    narrow: Callable[[], None] | None = None,
    **address: str,
) -> None:
    """Draw one entry with the badge of a state at its left."""
    longest = max(len(meaning.word) for meaning in scale.values())
    left = _WIDE if longest > _LONG else _LEFT
    with entry(fact, detail, page=page, narrow=narrow, left=left, **address):
        badge(scale, value)
