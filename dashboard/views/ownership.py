"""Ownership: which connectors nobody answers for, how that is known, and who is to answer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.owner_filters import UNTOLD, narrow_gaps
from dashboard import data, owner_data
from dashboard.parts import filters, owner_rows, page, places, stale, state, steward_files
from dashboard.parts.badges import OWNER_MEANING, STEWARD, VERDICT, mark, state_of, words
from dashboard.parts.places import NOT_TOLD

READ_BY = {
    "permissions": "owners",
    "people": "people",
    "group_members": "members of groups",
    "connectors": "connectors",
}
BY = {
    "By environment": ("environment", "environment"),
    "By department": ("department", "department"),
    "By kind": ("environment_kind", "kind"),
}


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(6, min_column_width=146)
    search = filters.search(cells, "Connector, person…")
    verdict = filters.several(cells, "Owner state", "owner", words(VERDICT))
    steward = filters.several(cells, "Steward", "steward", words(STEWARD))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    untold = [NOT_TOLD] if frame["department"].isna().any() else []
    department = filters.several(
        cells, "Department", "department", [*filters.options(frame["department"]), *untold]
    )
    kind = filters.several(cells, "Kind", "kind", filters.options(frame["environment_kind"]))
    return narrow_gaps(
        frame,
        search=search,
        states=[state_of(VERDICT, word) for word in verdict],
        stewarded=[state_of(STEWARD, word) for word in steward],
        environments=filters.behind(frame["environment"], environment),
        departments=[
            *filters.behind(frame["department"], department),
            *([UNTOLD] if NOT_TOLD in department else []),
        ],
        kinds=filters.behind(frame["environment_kind"], kind),
    ).reset_index(drop=True)


def meanings() -> None:
    """Draw what the verdicts mean."""
    with st.popover("What the verdicts mean", icon=":material/help:", type="tertiary"):
        for one, told in OWNER_MEANING.items():
            st.markdown(f"**{mark(VERDICT, one)}**  \n:small[:gray[{told}]]")
        st.caption(
            "Whoever holds the role Owner is the owner; who created it is only history. Nobody can "
            "give a custom connector another owner, so a steward is named beside."
        )


at = page.begin("Ownership", export="ownership")
with state.part("Ownership"):
    everything = filters.without_ignored(owner_data.gaps(at), data.left_out(at))
    if everything.empty:
        state.empty("No custom connectors", "None was found in what was read.", to_runs=True)
        st.stop()
    owner_rows.figures(everything)
    stale.note(at, READ_BY, "Of those the verdict is unknown or as it was known before.")
    left, right = st.columns([8, 5], gap="medium")
    with left, state.part("The plot"):
        st.header("By verdict and place", anchor=False)
        places.draw(
            everything, "state", VERDICT, BY, kinds="owner", of="connector", key="ownership"
        )
    with right, state.part("The first"):
        st.header("Look at these first", anchor=False)
        owner_rows.first(everything)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.header("Connectors", anchor=False, width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            meanings()
            steward_files.offer(at)
    remaining = narrowed(everything)
    filters.remember("ownership")
    if remaining.empty:
        state.empty(
            "No connector matches", "Remove a filter or shorten the search.", icon="filter_alt_off"
        )
    else:
        owner_rows.draw(at, remaining, len(everything))
