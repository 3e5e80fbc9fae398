"""Connectors with the verdict on their owners: key figures, rows, and the chosen one whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from connectory.domain.ownership import without_owner
from connectory.queries.owner_filters import NO_MEMBER, WORST_FIRST, unowned
from dashboard.data import At
from dashboard.parts import entry, filters, kpi, opening, owner_card, page, state, table
from dashboard.parts.badges import PERSON, STEWARD, VERDICT, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, esc, label, plain

TABLE, NAME = "ownership.table", "ownership.connector"
FEW = 5
URGENT = WORST_FIRST[: WORST_FIRST.index("group_owned")]
WITHOUT = tuple(state for state in WORST_FIRST if without_owner(state))


def figures(rows: pd.DataFrame) -> None:
    """Draw how many connectors lack what kind of owner; each figure shows its rows."""
    kpi.row(
        [
            Figure(
                "Without owner",
                int(unowned(rows).sum()),
                help="Nobody owns it, every owner has left or is disabled, or their group is empty; "
                "each of it proven.",
                narrow=_narrow(owner=WITHOUT),
            ),
            Figure(
                "No member",
                int(rows["state"].isin(list(NO_MEMBER)).sum()),
                help="Only a guest of the tenant or an application owns it.",
                narrow=_narrow(owner=NO_MEMBER),
            ),
            Figure(
                "Owner unknown",
                int((rows["state"] == "owner_unknown").sum()),
                help="It could not be found out. Nothing is concluded from that.",
                narrow=_narrow(owner=("owner_unknown",)),
            ),
            Figure(
                "No steward",
                int((rows["stewarded"] == "not_named").sum()),
                help="Neither a business owner nor a team is named for it.",
                narrow=_narrow(steward=("not_named",)),
            ),
            Figure(
                "Review due",
                int((rows["stewarded"] == "review_due").sum()),
                help="The day has come on which its steward was to look at it again.",
                narrow=_narrow(steward=("review_due",)),
            ),
        ]
    )


def _narrow(owner: Sequence[str] = (), steward: Sequence[str] = ()) -> Callable[[], None]:
    return filters.narrow(
        owner=[meaning(VERDICT, one).word for one in owner],
        steward=[meaning(STEWARD, one).word for one in steward],
        environment=[],
        department=[],
        kind=[],
    )


def first(rows: pd.DataFrame) -> None:
    """Draw the first that somebody should look at: the worst, and of those the most used."""
    urgent = rows[rows["state"].isin(list(URGENT))].head(FEW)
    if urgent.empty:
        state.empty("Every owner can act", "Of those that are known.", icon="task_alt")
        return
    with st.container(border=True):
        for row in urgent.to_dict("records"):
            entry.state(
                VERDICT,
                row["state"],
                esc(row["connector"], longest=80),
                f"{esc(row['environment'])} · {counted(row['consumers'], 'consumer')}",
                page=page.CONNECTOR,
                id=str(row["connector_id"]),
                tab="Ownership",
            )


def draw(at: At, rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; a name opens its connector, and the chosen row is told whole below."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = table.words(
        rows,
        ["owner", "environment", "department", "environment_kind", "reason", "advice", "team",
         "contact", "business_owner", "deputy"],
    )  # fmt: skip
    shown["connector"] = [label(name) for name in rows["connector"]]
    for column, scale in (("state", VERDICT), ("owner_state", PERSON), ("stewarded", STEWARD)):
        shown = table.chips(shown, column, scale)
    shown["steward"] = shown["business_owner"].where(rows["business_owner"].notna(), shown["team"])
    chosen = table.choose(
        shown,
        {
            "connector": table.opener("Connector", width=185, key=NAME),
            "state": table.state("Owner state", VERDICT, width=150),
            "owner": table.text("Owner", width=140),
            "steward": table.text("Steward", width=140),
            "environment": table.text("Environment", width=145),
            "consumers": table.number(
                "Consumers", width=85, help="Flows, apps and agents that use it"
            ),
            "reason": table.text("Proof", width=275),
            "stewarded": table.state("Steward is", STEWARD, width=110),
            "advice": table.text("What to do", width=300),
            "department": table.text("Department", width=130),
            "environment_kind": table.text("Kind", width=110),
            "owners": table.number("Owners", width=75, help="Who hold the role and can act"),
            "editors": table.number("Editors", width=75, help="Others who may edit it"),
            "members": table.number("Members", width=80, help="Of the groups that own it"),
            "source": table.text("Said by", width=120),
            "proven_at": table.day("Said on"),
            "deputy": table.text("Deputy", width=140),
            "review_on": table.text("Review on", width=100),
        },
        alt="Connectors and who answers for them, the worst first",
        key=TABLE,
        hidden=(
            "stewarded", "advice", "department", "environment_kind", "owners", "editors",
            "members", "source", "proven_at", "deputy", "review_on",
        ),
    )  # fmt: skip
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], "Ownership")
    with line:
        st.markdown(f"**{count(len(rows))} of {count(total)} connectors** :gray[· worst first]")
    if chosen is None:
        st.caption("Choose a row to see its proof, what to do, and who is named for it.")
        return
    _whole(at, rows.iloc[chosen])


def _whole(at: At, row: pd.Series) -> None:
    st.header(esc(plain(row["connector"], longest=80)), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(esc(row["environment"]), width="content")
        st.page_link(
            page.CONNECTOR,
            label=":blue[Open the connector]",
            query_params={"id": str(row["connector_id"]), "tab": "Ownership"},
        )
    owner_card.draw(at, row)
