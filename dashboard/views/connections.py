"""Connections and references: what is wrong with them, where, and what to do about it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_findings
from dashboard import data, inventory_data
from dashboard.parts import filters, finding_board, page, state, table
from dashboard.parts.badges import (
    ASSET,
    CONNECTION_FINDING,
    PERSON,
    SEVERITY,
    meaning,
    state_of,
    words,
)
from dashboard.parts.text import code, count, counted, esc, label, plain

SEVERITIES = ("high", "medium", "low")
ASSETS = {"Both": "", "Connections": "connection", "References": "connection_reference"}
TABLE, CONNECTOR = "connections.table", "connections.connector"


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(3, min_column_width=146)
    search = filters.search(cells, "Name, person, account…")
    finding = filters.several(cells, "Finding", "finding", words(CONNECTION_FINDING))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    connector = filters.several(
        cells, "Connector", "connector", filters.options(frame["connector"])
    )
    severity = filters.several(
        cells, "Severity", "severity", [SEVERITY[name].word for name in SEVERITIES]
    )
    asset = filters.one(cells, "Of", "of", list(ASSETS))
    rows = narrow_findings(
        frame,
        search=search,
        findings=[state_of(CONNECTION_FINDING, word) for word in finding],
        severities=[state_of(SEVERITY, word) for word in severity],
        environments=filters.behind(frame["environment"], environment),
        connectors=filters.behind(frame["connector"], connector),
        asset=ASSETS[asset],
    )
    return rows.reset_index(drop=True)


def listed(rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; the connector of a row opens its page, and so does the chosen row's link."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = table.words(rows, ["name", "environment", "proof", "cure", "account", "owner"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    for column, scale in SCALES.items():
        shown = table.chips(shown, column, scale)
    chosen = table.choose(
        shown,
        {
            "severity": table.state("Severity", SEVERITY, width=88),
            "finding": table.state("Finding", CONNECTION_FINDING, width=150),
            "connector": table.opener("Connector", width=180, key=CONNECTOR),
            "asset": table.state("Of", ASSET, width=92),
            "environment": table.text("Environment", width=145),
            "proof": table.text("Proof", width=398),
            "flows": table.number("Flows", width=65, help="Flows that refer to it"),
            "apps": table.number("Apps", width=65, help="Apps that carry the connection"),
            "references": table.number("References", width=90, help="Bound to the connection"),
            "name": table.text("Name", width=200),
            "account": table.text("Account", width=190),
            "owner": table.text("Owner", width=150),
            "owner_state": table.state("Owner is", PERSON, width=100),
            "status_meaning": table.text("Status", width=240),
            "cure": table.text("What to do", width=300),
            "modified_at": table.day("Changed"),
        },
        alt="Findings on connections and connection references",
        key=TABLE,
        hidden=(
            "apps",
            "references",
            "name",
            "account",
            "owner",
            "owner_state",
            "status_meaning",
            "cure",
            "modified_at",
        ),
        height=520,
    )
    clicked = table.clicked(CONNECTOR)
    if clicked is not None and pd.notna(rows["connector_id"].iloc[clicked]):
        st.switch_page(page.CONNECTOR, query_params={"id": str(rows["connector_id"].iloc[clicked])})
    with line:
        st.markdown(f"**{count(len(rows))} of {counted(total, 'finding')}** :gray[· worst first]")
        st.download_button(
            "Download these",
            lambda: data.csv(rows),
            file_name=f"connectory-findings-{shown_at.moment.read_at:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if chosen is None:
        st.caption("Choose a row to see what to do about it.")
    else:
        detail(rows.iloc[chosen])


def detail(row: pd.Series) -> None:
    """Draw one finding in words: its proof, what to do, and the way to its connector."""
    with st.container(border=True):
        head = (
            f"{meaning(CONNECTION_FINDING, row['finding']).word}: {plain(row['name'], longest=120)}"
        )
        st.markdown(f"**{esc(head)}**")
        st.markdown(f"{esc(row['proof'], longest=500)}.  \n**What to do:** {esc(row['cure'])}.")
        used = ", ".join(
            counted(int(row[column]), noun)
            for column, noun in (("flows", "flow"), ("apps", "app"), ("references", "reference"))
            if pd.notna(row[column])
        )
        told = [
            f"{meaning(ASSET, row['asset']).word} in {esc(row['environment'])}",
            f"relied on by {used}",
            f"account {code(row['account'])}" if row["account"] else "",
            f"status: {esc(row['status_meaning'])}" if row["status_meaning"] else "",
        ]
        st.caption(" · ".join(part for part in told if part))
        if pd.notna(row["connector_id"]):
            name = esc(plain(row["connector"], longest=60))
            st.page_link(
                page.CONNECTOR,
                label=f":blue[Open {name}]",
                query_params={"id": str(row["connector_id"])},
            )
        else:
            st.caption(f"Its connector is not known: {code(row['connector'])}")


SCALES = {
    "severity": SEVERITY,
    "finding": CONNECTION_FINDING,
    "asset": ASSET,
    "owner_state": PERSON,
}

shown_at = page.begin("Connections and references", export="connection_findings")
with state.part("The findings"):
    everything, searched = (
        inventory_data.connection_findings(shown_at),
        inventory_data.connection_checks(shown_at),
    )
    everything = filters.without_ignored(everything, data.left_out(shown_at))
    finding_board.coverage(searched)
    finding_board.figures(searched)
    if everything.empty:
        state.empty(
            "No finding", "Nothing is wrong with what was read.", icon="task_alt", to_runs=True
        )
        st.stop()
    with state.part("The plot"):
        finding_board.by_place(searched)
    st.header("Findings", anchor=False)
    remaining = narrowed(everything)
    filters.remember("connections")
    if remaining.empty:
        state.empty(
            "No finding matches", "Remove a filter or shorten the search.", icon="filter_alt_off"
        )
    else:
        listed(remaining, len(everything))
