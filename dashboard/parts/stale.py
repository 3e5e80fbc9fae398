"""What the latest attempts could not read: figures and lists about it are as they were known before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from connectory.queries.coverage import Gap
from connectory.queries.reads import DECIDING
from dashboard import data
from dashboard.data import At
from dashboard.parts import state
from dashboard.parts.text import counted, day, esc

_OF_TENANT = "environments"
PEOPLE = ("people", "group_members")
"""Collectors that tell whether somebody is still there."""


def gaps(at: At, *collectors: str) -> list[Gap]:
    """Return what kept these collectors from listing everything, at the latest attempts."""
    return [
        gap
        for gap in data.coverage(at).gaps
        if gap.collector in collectors
        and gap.source in ("", *DECIDING.get(gap.collector, (gap.source,)))
    ]


def places(at: At, *collectors: str) -> int:
    """Return in how many environments something of these collectors could not be listed.

    What is read of the tenant at once bears on every one of them.
    """
    where = {gap.environment for gap in gaps(at, *collectors)}
    return data.coverage(at).environments if None in where else len(where)


def note(
    at: At, told: Mapping[str, str], otherwise: str = "What stands here of it was known before."
) -> None:
    """Draw one line on what is shown as it was known before; nothing if all was read.

    Args:
        at: The moment.
        told: What is shown, in words of a reader, by the collector that reads it.
        otherwise: What follows for the reader.
    """
    lines = []
    for collector, words in told.items():
        short = gaps(at, collector)
        if short:
            where = {gap.environment for gap in short}
            place = "" if None in where else f" in {counted(len(where), 'environment')}"
            lines.append(f"{words}{place}")
    if lines:
        listed = ", ".join(lines)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                f":violet[:material/visibility_off: **Not read at the latest attempt:** {listed}.] "
                f":gray[{otherwise}]",
                width="content",
            )
            st.page_link(state.RUNS, label=":blue[Why]")


def here(at: At, environment: str | None, collectors: Sequence[str]) -> Gap | None:
    """Return what kept a collector from listing everything in one environment; None if nothing."""
    return next(
        (gap for gap in gaps(at, *collectors) if gap.environment in (None, environment)), None
    )


def warn(at: At, environment: str | None, *collectors: str) -> None:
    """Draw why what follows is as it was known before, on a page about one environment."""
    gap = here(at, environment, collectors)
    if gap is not None:
        st.warning(
            f"Not read since {day(gap.since)}; what stands here was known before. "
            f"{esc(gap.reason, longest=300)}",
            icon=":material/visibility_off:",
        )


def unread_tenant(at: At) -> bool:
    """Draw the box of a tenant whose environments could not be listed; tell whether it is one."""
    coverage = data.coverage(at)
    if coverage.environments:
        return False
    short = next((gap for gap in coverage.gaps if gap.collector == _OF_TENANT), None)
    if short is None:
        return False
    state.empty(
        "The tenant could not be read",
        f"The list of environments was not read, so nothing is known of what is in them: "
        f"{esc(short.reason, longest=400)}",
        icon="visibility_off",
        to_runs=True,
    )
    return True
