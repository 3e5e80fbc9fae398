"""Environments: what each is, how much is in it, and how much of it could be read."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_environments
from dashboard import inventory_data
from dashboard.data import At
from dashboard.parts import entry, filters, kpi, page, state, table
from dashboard.parts import environment_rows as inside
from dashboard.parts.badges import COVERAGE, badge, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import (
    code,
    count,
    counted,
    day,
    esc,
    label,
    minute,
    plain,
    whole,
    words,
)

KINDS = ("complete", "partial", "not_read")
DATAVERSE = {"Any": None, "With": True, "Without": False}
TABLE, NAME = "environments.table", "environments.name"
COUNTS = {
    "connectors": "Connectors",
    "connections": "Connections",
    "connection_references": "References",
    "flows": "Flows",
    "apps": "Apps",
}


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
                help="Every source of every collector was read to its end at the latest attempt.",
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
    sku = filters.several(cells, "Kind", "kind", filters.options(frame["sku"]))
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
                for name, title in COUNTS.items()
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


def one(at: At, row: pd.Series) -> None:
    """Draw one environment: what it is, its figures, what was not read of it, and its rows."""
    st.header(esc(row["name"], longest=120), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        badge(COVERAGE, row["coverage"])
        told = [
            esc(row["sku"]),
            esc(row["location"]),
            "with Dataverse" if row["has_dataverse"] else "without Dataverse",
            "managed" if row["managed"] else "not managed",
            f"created {day(row['created_at'])}",
        ]
        st.caption(" · ".join(told), width="content")
        st.markdown(code(row["key"]), width="content")
    if pd.notna(row["read_whole_at"]):
        st.caption(f"Last read whole: {minute(row['read_whole_at'])}")
    else:
        st.markdown(":violet[:material/visibility_off: Never read whole]")
    short = unread(at, row)
    kpi.row(
        [
            Figure(
                title,
                whole(row[name]),
                note="at least" if name in short else "",
                narrow=filters.narrow(tab=title),
            )
            for name, title in COUNTS.items()
        ]
    )
    with st.container(horizontal=True):
        here: dict[str, str | list[str]] = {"environment": [plain(row["name"])]}
        for words_of, where in (
            ("Open in Connectors", page.CONNECTORS),
            ("Findings on its connections", page.CONNECTIONS),
        ):
            # A button and no link: an address would hold the words of the tenant.
            if st.button(f":blue[{words_of}]", type="tertiary"):
                st.switch_page(where, query_params=here)
    for name, tab in zip(
        inside.TABS, st.tabs(list(inside.TABS), key="tab", bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                inside.TABS[name](at, row)


def unread(at: At, row: pd.Series) -> set[str]:
    """Draw what could not be read of an environment and why; return which collectors fell short."""
    gaps = inventory_data.environment_gaps(at)
    mine = gaps[gaps["environment_id"] == row["environment_id"]]
    if mine.empty:
        return set()
    with st.container(border=True):
        for gap in mine.itertuples():
            source = f", {esc(words(gap.source))}" if gap.source else ""
            entry.state(
                COVERAGE,
                gap.outcome,
                f"{esc(words(gap.collector))}{source}",
                esc(gap.reason, longest=500),
            )
    return set(mine["collector"])


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
        one(shown_at, chosen)
