"""The key figures of the overview, each with its change and the rows behind it."""

from __future__ import annotations

import streamlit as st

from connectory.domain.ownership import without_owner
from connectory.queries.moments import Moment
from dashboard import data, stale_data
from dashboard.data import At
from dashboard.parts import kpi, page, stale
from dashboard.parts.badges import DEFINITION, OWNER
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, short_day

WITHOUT_OWNER = [told.word for name, told in OWNER.items() if without_owner(name)]
NO_DEFINITION = ("absent", "unreadable", "not_read")


def draw(at: At) -> None:
    """Draw the key figures with their change since the previous run."""
    now, earlier = data.totals(at), data.previous(at)
    before = data.totals(At(at.url, earlier), at) if earlier else None
    told = kpi.Compared(now, before, short_day(earlier.read_at) if earlier else "")
    kpi.row(
        [
            told.figure(
                "Connectors",
                "connectors",
                unread=stale.places(at, "connectors", "environments"),
                help="Custom connectors present in the environments read.",
                page=page.CONNECTORS,
            ),
            told.figure(
                "Without owner",
                "without_owner",
                bad_up=True,
                unread=stale.places(at, "permissions", *stale.PEOPLE),
                unknown=now.owner_unknown,
                help="Nobody owns it, every owner has left or is disabled, or their group is empty.",
                page=page.OWNERSHIP,
                parameters={"owner": WITHOUT_OWNER},
            ),
            _out_of_use(at, earlier, told.since),
            told.figure(
                "Not readable",
                "without_definition",
                bad_up=True,
                unread=stale.places(at, "connectors"),
                help="The definition is absent, cannot be read or was not read.",
                page=page.CONNECTORS,
                parameters={"definition": [DEFINITION[state].word for state in NO_DEFINITION]},
            ),
            told.figure(
                "Broken conn.",
                "broken_connections",
                bad_up=True,
                unread=stale.places(at, "connections"),
                help=f"Connections in error, of {count(now.connections)} to custom connectors.",
                page=page.CONNECTORS,
                parameters={
                    "connections": "Broken",
                    "presence": "Any",
                    "order": "Broken connections",
                },
            ),
        ]
    )


def _out_of_use(at: At, earlier: Moment | None, since: str) -> Figure:
    """Return the figure of connectors about which somebody should be asked."""
    now = stale_data.counted(at)
    before = stale_data.counted(At(at.url, earlier), at) if earlier else None
    return Figure(
        "Out of use",
        now.unused if now else None,
        before.unused if before else None,
        since,
        bad_up=True,
        unknown=now.unknown if now else 0,
        help="Not used for longer than their kind of environment allows, while all that could "
        "tell was read; exempt ones are left out.",
        page=page.STALE,
        parameters={"asking": "To be asked"},
    )


def left_out(at: At) -> None:
    """Say how many connectors the settings leave out of every figure; nothing if none."""
    ignored = len(data.left_out(at))
    if ignored:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            told = f"{counted(ignored, 'connector')} left out by the settings, gone ones included."
            st.caption(told, width="content")
            st.page_link(
                page.CONNECTORS, label=":blue[Show them]", query_params={"ignored": "true"}
            )
