"""Reconciliation: which sources see each connector, where they disagree, and why they may."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.reconciliation import narrowed
from dashboard import data, reconciliation_data
from dashboard.parts import disagreements, filters, opening, page, state, table
from dashboard.parts.badges import DISAGREEMENT, PRESENCE, SEEN, SOURCE, meaning, state_of
from dashboard.parts.disagreements import AGREED, ANY, EXPLAINED, LOOK, UNCOMPARED, WHAT
from dashboard.parts.text import count, label, plain

NAME = "reconciliation.name"
TABLE = "reconciliation.table"


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Name, environment…")
    show = filters.one(cells, "Show", "show", [ANY, LOOK, EXPLAINED, AGREED, UNCOMPARED])
    known = sorted({kind for told in frame["kinds"] for kind in told}, key=list(WHAT).index)
    kind = filters.several(
        cells, "Kind", "disagreement", [meaning(DISAGREEMENT, one).word for one in known]
    )
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    return narrowed(
        frame,
        search=search,
        show=SHOWS[show],
        kinds=[state_of(DISAGREEMENT, word) for word in kind],
        environments=filters.behind(frame["environment"], environment),
    )


SHOWS = {
    ANY: "any",
    LOOK: "worth_a_look",
    EXPLAINED: "explained",
    AGREED: "agreed",
    UNCOMPARED: "not_compared",
}


def listed(rows: pd.DataFrame, everything: int) -> None:
    """Draw each connector with what every source says of it; its name opens it."""
    st.markdown(f"**{count(len(rows))} of {count(everything)} connectors**")
    if rows.empty:
        state.empty("No connector matches", "Remove a filter.", icon="filter_alt_off")
        return
    shown = table.words(rows, ["environment"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    for source in SOURCE:
        shown = table.chips(shown, source, SEEN)
    shown = table.chips(shown, "presence", PRESENCE)
    shown["kinds"] = [[meaning(DISAGREEMENT, kind).chip for kind in told] for told in rows["kinds"]]
    shown["reasons"] = [plain(" · ".join(told), longest=600) for told in rows["reasons"]]
    table.data_table(
        shown,
        {
            "connector": table.opener("Connector", width=205, key=NAME),
            "environment": table.text("Environment", width=150),
            **{source: table.state(told.word, SEEN, width=118) for source, told in SOURCE.items()},
            "kinds": table.state("Disagreement", DISAGREEMENT, width=190),
            "reasons": table.text("Likely reason", width=420),
            "presence": table.state("Presence", PRESENCE, width=100),
        },
        alt="Connectors with what each source says of them",
        key=TABLE,
        hidden=("presence",),
    )
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked])


at = page.begin("Reconciliation", export="reconciliation")
with state.part("The reconciliation"):
    everything = reconciliation_data.reconciliation(at)
    if everything.empty:
        state.empty("No custom connectors", "None was found in what was read.", to_runs=True)
        st.stop()
    disagreements.figures(reconciliation_data.reconciled(at))
    disagreements.kinds(reconciliation_data.disagreements_by_kind(at))
    st.header("What each source shows", anchor=False)
    everything = filters.without_ignored(everything, data.left_out(at))
    listed(chosen(everything).reset_index(drop=True), len(everything))
    st.caption(
        "A source that was refused or skipped says nothing: its column reads Not known, and no "
        "disagreement is drawn from it. Runs and coverage says why."
    )
