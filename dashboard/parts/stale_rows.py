"""Connectors by how unused they are: key figures, rows, and the chosen one with its arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from connectory.queries.stale_filters import askable, idle
from dashboard.data import At
from dashboard.parts import (
    campaign_opening,
    entry,
    filters,
    kpi,
    opening,
    page,
    score,
    state,
    table,
)
from dashboard.parts.badges import OWNER, STALENESS, badge, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, esc, label, plain

TABLE, NAME = "stale.table", "stale.connector"
FEW, LEFT = 5, 112
COST = "What retiring it would save a month, in the price book's currency"
HELP = {
    "abandoned": "Long out of use, and nobody looks after them.",
    "stale": "Not used for longer than their kind of environment allows.",
    "never_used": "Everything was read, and nothing ever used them.",
    "unknown": "Something that could tell of use was not read; that is not unused.",
}


def figures(rows: pd.DataFrame) -> None:
    """Draw how many there are of each verdict that asks for a decision; each shows its rows."""
    drawn = [
        Figure(
            meaning(STALENESS, one).word,
            int(idle(rows, one).sum()),
            help=f"{told} Exempt ones are left out.",
            narrow=_narrow(one, "Not exempt"),
        )
        for one, told in HELP.items()
    ]
    kpi.row(
        [
            *drawn,
            Figure(
                "Exempt",
                int(rows["exempt"].sum()),
                help="Somebody said until when, and why, they may be quiet.",
                narrow=_narrow("", "Exempt"),
            ),
        ]
    )


def _narrow(state: str, asking: str) -> Callable[[], None]:
    return filters.narrow(
        verdict=[meaning(STALENESS, state).word] if state else [],
        asking=asking,
        environment=[],
        kind=[],
        department=[],
    )


def first(rows: pd.DataFrame) -> None:
    """Draw the first that somebody should be asked about."""
    asked = askable(rows)
    if asked.empty:
        state.empty("Nothing is out of use", "Of what could be judged.", icon="task_alt")
        return
    with st.container(border=True):
        for row in asked.head(FEW).to_dict("records"):
            with entry.entry(
                esc(row["connector"], longest=80),
                f"{esc(row['environment'])} · {esc(row['reason'], longest=160)}",
                page=page.CONNECTOR,
                left=LEFT,
                id=str(row["connector_id"]),
                tab="Staleness",
            ):
                badge(STALENESS, row["state"])


def draw(at: At, rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; a name opens its connector, and the chosen row is told whole below."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = table.words(rows, ["owner", "environment", "department", "family", "profile", "reason"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    for column, scale in (("state", STALENESS), ("ownership", OWNER)):
        shown = table.chips(shown, column, scale)
    shown["monthly"] = rows["monthly"].astype(float)
    for column in ("last_used_on", "exempt_until"):  # days, that belong to no zone
        shown[column] = rows[column].dt.date
    columns = {
        "connector": table.opener("Connector", width=185, key=NAME),
        "state": table.state("Verdict", STALENESS, width=115),
        "score": table.points("Score", width=95),
        "last_used_on": table.date("Last used"),
        "ownership": table.state("Owner state", OWNER, width=140),
        "owner": table.text("Owner", width=135),
        "environment": table.text("Environment", width=135),
        "monthly": table.amount("Licences", width=85, help=COST),
        "exempt_until": table.date("Exempt until"),
        "evidence": table.text("Evidence", width=90),
        "department": table.text("Department", width=130),
        "family": table.text("Family", width=140),
        "profile": table.text("Thresholds", width=110),
        "reason": table.text("Why", width=300),
    }
    picked = table.choose(
        shown,
        columns,
        alt="Connectors by how unused they are",
        key=TABLE,
        hidden=("department", "family", "profile", "reason", "evidence"),
    )
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], "Staleness")
    with line:
        to_ask = askable(rows)
        more = f" :gray[· {count(len(to_ask))} to be asked about]" if len(to_ask) else ""
        st.markdown(f"**{count(len(rows))} of {count(total)} connectors**{more}", width="stretch")
        # Where none of them needs to be asked about, whoever narrowed the list means all of it.
        chosen = rows[~rows["exempt"]] if to_ask.empty else to_ask
        campaign_opening.offer(at, chosen["connector_id"].tolist(), "stale.ask")
    if picked is None:
        st.caption("Choose a row to see what its score is made of, or to exempt it.")
        return
    _whole(at, rows.iloc[picked])


def _whole(at: At, row: pd.Series) -> None:
    st.header(esc(plain(row["connector"], longest=80)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(esc(row["environment"]), width="content")
        st.page_link(
            page.CONNECTOR,
            label=":blue[Open the connector]",
            query_params={"id": str(row["connector_id"]), "tab": "Staleness"},
        )
    score.draw(at, row)
