"""Findings on connections and references as rows, and one of them in words."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.data import At
from dashboard.parts import opening, page, table
from dashboard.parts.badges import ASSET, CONNECTION_FINDING, PERSON, SEVERITY, meaning
from dashboard.parts.text import code, count, counted, esc, label, plain

TABLE, CONNECTOR = "connections.table", "connections.connector"
SCALES = {
    "severity": SEVERITY,
    "finding": CONNECTION_FINDING,
    "asset": ASSET,
    "owner_state": PERSON,
}


def draw(at: At, rows: pd.DataFrame, total: int) -> None:
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
        opening.connector(rows["connector_id"].iloc[clicked])
    with line:
        st.markdown(f"**{count(len(rows))} of {counted(total, 'finding')}** :gray[· worst first]")
        st.download_button(
            "Download these",
            lambda: data.csv(rows),
            file_name=f"connectory-findings-{at.moment.read_at:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if chosen is None:
        st.caption("Choose a row to see what to do about it.")
    else:
        _detail(rows.iloc[chosen])


def _detail(row: pd.Series) -> None:
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
