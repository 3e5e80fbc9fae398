"""Environments: what each is, how much is in it, and how much of it could be read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_environments
from dashboard import inventory_data
from dashboard.parts import environment_card, filters, kpi, page, state, table
from dashboard.parts.badges import COVERAGE, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import (
    count,
    counted,
    label,
    whole,
)

KINDS = ("complete", "partial", "not_read")
DATAVERSE = {"Any": None, "With": True, "Without": False}
TABLE, NAME = "environments.table", "environments.name"


def figures(frame: pd.DataFrame) -> None:
    """Draw how many environments there are and how many of them are known."""
    read = int((frame["coverage"] == "complete").sum())
    without = int((~frame["has_dataverse"]).sum())
    kpi.row(
        [
            Figure("Environments", len(frame)),
            Figure(
                "Read whole",
                read,
                help="Every source of every collector was read to its end at the latest attempt, but those nobody may ask.",
                narrow=filters.narrow(coverage=[COVERAGE["complete"].word]),
            ),
            Figure(
                "Not all read",
                len(frame) - read,
                help="Something in them is not known; what it is stands in the rows.",
                narrow=filters.narrow(coverage=[COVERAGE[kind].word for kind in KINDS[1:]]),
            ),
            Figure(
                "With Dataverse",
                len(frame) - without,
                note=f"{count(without)} without",
                help="Only there are solutions and connection references.",
                narrow=filters.narrow(dataverse="With"),
            ),
            Figure(
                "Connectors",
                whole(frame["connectors"].sum()),
                unknown=int(frame["connectors"].isna().sum()),
                help="Custom connectors present; unknown counts environments never read.",
                page=page.CONNECTORS,
            ),
        ]
    )


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Name, kind, creator…")
    sku = filters.several(cells, "Kind", "sku", filters.options(frame["sku"]))
    read = filters.several(cells, "Read", "coverage", [COVERAGE[kind].word for kind in KINDS])
    dataverse = filters.one(cells, "Dataverse", "dataverse", list(DATAVERSE))
    rows = narrow_environments(
        frame,
        search=search,
        skus=filters.behind(frame["sku"], sku),
        coverage=[state_of(COVERAGE, word) for word in read],
        dataverse=DATAVERSE[dataverse],
    )
    return rows.reset_index(drop=True)


def listed(rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; choosing one opens it below."""
    st.markdown(f"**{count(len(rows))} of {counted(total, 'environment')}** :gray[· by name]")
    shown = table.words(rows, ["sku", "location", "creator"])
    shown["unread"] = ["; ".join(reasons) or None for reasons in rows["unread"]]
    shown["dataverse"] = ["Yes" if told else "No" for told in rows["has_dataverse"]]
    shown["managed"] = ["Yes" if told else "No" for told in rows["managed"]]
    shown["name"] = [label(name) for name in rows["name"]]
    row = table.choose(
        table.chips(table.words(shown, ["unread"]), "coverage", COVERAGE),
        {
            "name": table.opener("Environment", width=198, key=NAME),
            "coverage": table.state("Read", COVERAGE, width=105),
            "sku": table.text("Kind", width=88),
            "dataverse": table.text("Dataverse", width=80),
            **{
                name: table.number(title, width=92 if len(title) > 8 else 62)  # noqa: PLR2004 - long words
                for name, title in environment_card.COUNTS.items()
            },
            "read_whole_at": table.minute("Last read whole", width=140),
            "unread": table.text("Not read", width=125),
            "managed": table.text("Managed", width=80),
            "location": table.text("Place", width=110),
            "creator": table.text("Creator", width=150),
            "created_at": table.day("Created"),
        },
        alt="Environments",
        key=TABLE,
        hidden=("managed", "location", "creator", "created_at"),
        height=440,
    )
    clicked = table.clicked(NAME)
    opened = row if clicked is None else clicked
    if opened is not None:
        st.query_params["open"] = str(rows["environment_id"].iloc[opened])


def opened(frame: pd.DataFrame) -> pd.Series | None:
    """Return the environment that the address opens, or None."""
    asked = frame[frame["environment_id"].astype(str) == st.query_params.get("open", "")]
    return None if asked.empty else asked.iloc[0]


shown_at = page.begin("Environments", export="environments")
with state.part("The environments"):
    everything = inventory_data.environments(shown_at)
    if everything.empty:
        state.empty("No environments", "None was found in what was read.", to_runs=True)
        st.stop()
    figures(everything)
    remaining = narrowed(everything)
    filters.remember("environments")
    if remaining.empty:
        state.empty(
            "No environment matches",
            "Remove a filter or shorten the search.",
            icon="filter_alt_off",
        )
    else:
        listed(remaining, len(everything))
    chosen = opened(everything)
    if chosen is None:
        st.caption("Choose an environment to see what is in it.")
    else:
        environment_card.draw(shown_at, chosen)
