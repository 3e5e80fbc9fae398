"""My connectors: everything one person owns, answers for, may edit or is asked about."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.domain.digest import UNUSED
from connectory.queries.answerable import ROLES, Somebody
from dashboard import data, my_data, outbox_data
from dashboard.data import At
from dashboard.parts import (
    asked,
    filters,
    kpi,
    my_person,
    my_rows,
    my_todo,
    page,
    stale,
    state,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted

READ_BY = {"people": "people", "permissions": "owners", "connectors": "connectors"}
SHOWN = ("All", "To answer", "Unused", "Breaking", "Credential ends", "To do")


def shown_only(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the connectors of one figure."""
    chosen = {
        "To answer": rows["request_id"].notna(),
        "Unused": rows["staleness"].isin(UNUSED) & rows["exempt_until"].isna(),
        "Breaking": rows["drift"] == "breaking",
        "Credential ends": rows["credential_ends_on"].notna(),
        "To do": rows["tasks"] > 0,
    }
    return rows if what not in chosen else rows[chosen[what].fillna(value=False).astype(bool)]


def figures(rows: pd.DataFrame) -> None:
    """Draw how many there are, and how many of them need this person."""
    today = data.today()

    def figure(label: str, *, note: str = "", help: str) -> Figure:  # noqa: A002 - Streamlit's word
        number = len(shown_only(rows, label))
        narrow = filters.narrow(show=label) if number else None
        return Figure(label, number, note=note, help=help, narrow=narrow)

    late = sum(one < today for one in rows["deadline"].dropna())
    unknown = int((rows["staleness"] == "unknown").sum())
    kpi.row(
        [
            Figure("Connectors", len(rows), help="Owned, answered for, edited or asked about."),
            figure("To answer", note=f"{count(late)} late" if late else "",
                   help="Campaigns wait for this person's answer about them."),
            Figure("Unused", len(shown_only(rows, "Unused")), unknown=unknown,
                   narrow=filters.narrow(show="Unused"),
                   help="Stale, abandoned or never used, and exempted by nobody."),
            figure("Breaking", help="They lack or change what works in their reference."),
            figure("Credential ends", help="A secret or certificate of their application has "
                   "ended, or ends within 30 days."),
        ]
    )  # fmt: skip


def narrowed(rows: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the connectors they leave."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Connector, environment…").casefold().split()
    show = filters.one(cells, "Show", "show", SHOWN)
    there = [one for one in ROLES if any(one in told for told in rows["roles"])]
    roles = filters.several(cells, "As", "role", [asked.MINE[one] for one in there])
    place = filters.several(
        cells, "Environment", "environment", filters.options(rows["environment"])
    )
    kept = shown_only(rows, show)
    for word in search:
        text = kept["display_name"].fillna(kept["name"]).fillna("") + " " + kept["environment"]
        kept = kept[text.str.casefold().str.contains(word, regex=False)]
    if roles:
        held = {one for one in there if asked.MINE[one] in roles}
        kept = kept[[bool(held & set(told)) for told in kept["roles"]]]
    if place:
        kept = kept[kept["environment"].isin(filters.behind(rows["environment"], place))]
    return kept.reset_index(drop=True)


def written(at: At, person: Somebody) -> None:
    """Draw what this person was written last."""
    rows = outbox_data.written_to(at.url, person.key)
    st.header("What they were written", anchor=False)
    if rows.empty:
        st.caption("Nothing yet.")
        return
    my_rows.messages(rows)


at = page.begin("My connectors", export="connectors")
with state.part("The person"):
    person = my_person.chosen(at)
if person is None:
    st.stop()
with state.part("Their connectors"):
    told = my_data.mine(at, person)
    stale.note(at, READ_BY)
    if told.rows.empty:
        state.empty(
            "No connectors",
            "In what was read, nobody made this person answer for one.",
            icon="inbox",
        )
    else:
        figures(told.rows)
        with state.part("What to do"):
            my_todo.draw(at, told.todo)
        st.header("All of them", anchor=False)
        remaining = narrowed(told.rows)
        filters.remember("my_connectors")
        if remaining.empty:
            state.empty("No connector matches", "Remove a filter.", icon="filter_alt_off")
        else:
            my_rows.draw(remaining)
            st.caption(
                f"{count(len(remaining))} of {counted(len(told.rows), 'connector')}. A name opens it."
            )
with state.part("What they were written"):
    written(at, person)
