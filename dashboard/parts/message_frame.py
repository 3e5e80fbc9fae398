"""A message as its reader sees it, in a frame in which nothing runs and nothing is fetched.

The frame of Streamlit may run scripts and has the origin of the pages, so what it holds is ours:
a second frame whose content is the message, sandboxed, under a policy that allows styles and
pictures that stand in the message itself. A link opens in a tab of its own, if it is clicked.
"""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_INNER: Final = (
    "<!doctype html>"
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    '<meta http-equiv="x-dns-prefetch-control" content="off">'
    '<meta name="referrer" content="no-referrer"><base target="_blank">'
)
_OUTER: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Message</title>'
    f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    "<style>html,body{{margin:0;height:100%}}"
    "iframe{{box-sizing:border-box;border:1px solid #8885;border-radius:6px;background:#fff padding-box;"
    "width:100%;height:100%}}</style>"
    '</head><body><iframe title="The message" referrerpolicy="no-referrer" '
    'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{message}"></iframe>'
    "</body></html>"
)
HEIGHT: Final = 620


def draw(html: str, *, width: int | None = None) -> None:
    """Draw a message.

    Args:
        html: What it says, whatever that is.
        width: Pixels, to see it as on a phone; all there are by default.
    """
    st.iframe(
        framed(html),
        height=HEIGHT,
        width="stretch" if width is None else width,
        alt="The message as its reader sees it",
    )


def framed(html: str) -> str:
    """Return the document that holds a message."""
    return _OUTER.format(message=escape(_INNER + html, quote=True))
