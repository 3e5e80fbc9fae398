"""Pages that cannot show what they should: nothing collected, nothing matches, something failed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from connectory.config import ConfigError
from connectory.database import StoreError
from dashboard.data import NoRun, NothingToShow
from dashboard.parts.text import code, esc

RUNS = "views/runs.py"
_LOG = logging.getLogger(__name__)


def empty(title: str, body: str, *, icon: str = "inbox", to_runs: bool = False) -> None:
    """Draw the box of a page or section without rows.

    Args:
        title: What is missing.
        body: What to do about it; Markdown.
        icon: Material icon.
        to_runs: Offer the way to Runs and coverage.
    """
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f"**:material/{icon}: {title}**", text_alignment="center", width="content")
        st.markdown(f":gray[{body}]", text_alignment="center", width="content")
        if to_runs:
            st.page_link(RUNS, label=":blue[Open Runs and coverage]")
        st.space("small")


def nothing_to_show(reason: NothingToShow) -> None:
    """Draw the box that says why there is nothing, with the command that helps."""
    cure = reason.cure.format(command=f"] {code(reason.command)} :gray[")
    empty(reason.title, cure, to_runs=isinstance(reason, NoRun))


def problem(what: str, error: Exception) -> None:
    """Draw a failure: the cause, what to do, a way to try again."""
    _LOG.warning("%s could not be loaded", what, exc_info=error)
    known = isinstance(error, StoreError | ConfigError)
    cause = str(error) if known else f"{type(error).__name__} while asking the store."
    st.error(
        f"{esc(cause)}\n\n**What to do:** Check that the store is reachable and its version is "
        f"current ({code('connectory db check')}), then try again. What was collected is still "
        "there.",
        title=f"{what} could not be loaded",
        icon=":material/error:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try again", icon=":material/refresh:", key=f"state.again.{what}")
        st.page_link(RUNS, label=":blue[Open Runs and coverage]")


@contextmanager
def part(what: str) -> Iterator[None]:
    """Keep a failure of one part of a page to that part.

    Args:
        what: The part as the start of a sentence, e.g. "The trend".
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever fails, the rest of the page stays
        problem(what, error)
