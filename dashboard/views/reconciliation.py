"""Reconciliation: which sources see each connector, where they disagree, and why they may."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.reconciliation import Reconciled, narrowed
from dashboard import data, reconciliation_data
from dashboard.parts import bars, entry, filters, kpi, page, state, table
from dashboard.parts.badges import DISAGREEMENT, PRESENCE, SEEN, SOURCE, meaning, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, label, plain

ANY, LOOK, EXPLAINED = "Any", "Worth a look", "Explained"
AGREED, UNKNOWN = "Agreed", "Not known"
NAME = "reconciliation.name"
TABLE = "reconciliation.table"
WHAT = {
    "alias_collision": "Two names of one list can only be kept as one connector.",
    "deleted_in_one": "A list that showed it no longer does, while others do.",
    "still_used": "No list shows it, and something still refers to it.",
    "row_missing": "What runs names a row that Dataverse does not show.",
    "no_runtime": "A row in a solution, and nothing that runs.",
    "list_lag": "Others show it already.",
    "role_limited": "The connectivity API shows what the role allows.",
    "inventory_lag": "Something uses it, and the inventory does not know.",
    "not_in_solution": "Dataverse lists only what is in a solution.",
    "not_shared": "The makers' list shows only what was shared with who asks.",
    "unused": "The inventory knows only connectors that something uses.",
}


def figures(told: Reconciled) -> None:
    """Draw how far the sources agree; each figure opens its rows."""

    def opened(name: str, value: int, show: str, words: str) -> Figure:
        address = {"show": show} if value else {}
        where = page.RECONCILIATION if value else None
        return Figure(name, value, page=where, parameters=address, help=words)

    kpi.row(
        [
            Figure("Connectors", told.connectors, page=page.CONNECTORS),
            opened(LOOK, told.worth_a_look, LOOK, "Sources disagree, and no rule explains it."),
            opened(
                EXPLAINED,
                told.explained,
                EXPLAINED,
                "Sources disagree only as far as they are made for different things.",
            ),
            opened(
                AGREED, told.agreed, AGREED, "Every source that was read and could show it does."
            ),
            opened(
                UNKNOWN,
                told.not_known,
                UNKNOWN,
                "At least one source was not read there; it never counts as one that lacks it.",
            ),
        ]
    )


def kinds(frame: pd.DataFrame) -> None:
    """Draw the disagreements by kind, and a way to the rows of each."""
    st.header("Disagreements by kind", anchor=False)
    if frame.empty:
        state.empty(
            "No disagreement",
            "The sources that were read show the same connectors.",
            icon="check_circle",
        )
        return
    words = [meaning(DISAGREEMENT, kind).word for kind in frame["kind"]]
    bars.counts(
        words,
        frame["connectors"].tolist(),
        [LOOK if look else EXPLAINED for look in frame["worth_a_look"]],
        alt="Connectors by kind of disagreement between sources",
    )
    with st.container(border=True):
        for row, word in zip(frame.itertuples(), words, strict=True):
            entry.state(
                DISAGREEMENT,
                row.kind,
                counted(row.connectors, "connector"),
                WHAT.get(str(row.kind), ""),
                page=page.RECONCILIATION,
                kind=word,
            )


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Name, environment…")
    show = filters.one(cells, "Show", "show", [ANY, LOOK, EXPLAINED, AGREED, UNKNOWN])
    known = sorted({kind for told in frame["kinds"] for kind in told}, key=list(WHAT).index)
    kind = filters.several(
        cells, "Kind", "kind", [meaning(DISAGREEMENT, one).word for one in known]
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
    UNKNOWN: "not_known",
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
        st.switch_page(page.CONNECTOR, query_params={"id": str(rows["connector_id"].iloc[clicked])})


at = page.begin("Reconciliation", export="reconciliation")
with state.part("The reconciliation"):
    everything = reconciliation_data.reconciliation(at)
    if everything.empty:
        state.empty("No custom connectors", "None was found in what was read.", to_runs=True)
        st.stop()
    figures(reconciliation_data.reconciled(at))
    kinds(reconciliation_data.disagreements_by_kind(at))
    st.header("What each source shows", anchor=False)
    everything = filters.without_ignored(everything, data.left_out(at))
    listed(chosen(everything).reset_index(drop=True), len(everything))
    st.caption(
        "A source that was refused or skipped says nothing: its column reads Not known, and no "
        "disagreement is drawn from it. Runs and coverage says why."
    )
