"""Rows of the change log, and one of them in words."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.data import At
from dashboard.parts import opening, page, table
from dashboard.parts.badges import CHANGE_LOG, DRIFT, KNOWN_BY, PERSON, mark, meaning
from dashboard.parts.text import count, counted, esc, label, minute, missing, plain

TABLE, CONNECTOR = "change_log.table", "change_log.connector"


def draw(at: At, rows: pd.DataFrame, total: int) -> None:
    """Draw the rows; the connector of a row opens the change, and so does the chosen row's link."""
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = table.words(rows, ["environment", "detail"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    shown["people"] = [plain(", ".join(who)) if who else None for who in rows["who"]]
    shown["known_by"] = [_known_by(row) for row in rows.itertuples(index=False)]
    shown["severity"] = [
        [] if missing(one) else [meaning(DRIFT, one).chip] for one in rows["severity"]
    ]
    shown = table.chips(shown, "kind", CHANGE_LOG)
    shown["who_state"] = [
        [] if missing(one) else [meaning(PERSON, one).chip] for one in rows["who_state"]
    ]
    chosen = table.choose(
        shown,
        {
            "at": table.minute("When", width=140),
            "connector": table.opener("Connector", width=180, key=CONNECTOR),
            "kind": table.state("Kind", CHANGE_LOG, width=155),
            "severity": table.state("Severity", DRIFT, width=110),
            "people": table.text("By", width=150),
            "environment": table.text("Environment", width=140),
            "detail": table.text("What", width=245),
            "who_state": table.state("Who is", PERSON, width=100),
            "known_by": table.text("Known by", width=300),
            "found_at": table.minute("Found"),
        },
        alt="What happened to connectors, the latest first",
        key=TABLE,
        hidden=("who_state", "known_by", "found_at"),
        height=520,
    )
    clicked = table.clicked(CONNECTOR)
    if clicked is not None and not missing(rows["connector_id"].iloc[clicked]):
        _open(rows.iloc[clicked])
    with line:
        st.markdown(f"**{count(len(rows))} of {counted(total, 'change')}** :gray[· latest first]")
        st.download_button(
            "Download these",
            lambda: data.csv(rows),
            file_name=f"connectory-change-log-{at.moment.read_at:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if chosen is None:
        st.caption("Choose a row to see how its author is known.")
    else:
        _detail(rows.iloc[chosen])


def _known_by(row: object) -> str:
    """Say what names who did it, or why nobody is known."""
    by = row.told_by  # type: ignore[attr-defined]
    return str(row.why_unknown) if missing(by) else meaning(KNOWN_BY, by).word  # type: ignore[attr-defined]


def compared(row: pd.Series) -> bool:
    """Tell whether the change of a row was compared, so that there is more to see of it."""
    return not missing(row["severity"]) and not missing(row["run_id"])


def _open(row: pd.Series) -> None:
    if compared(row):
        opening.change(opening.step(row["connector_id"], row["run_id"]))
    opening.connector(row["connector_id"], "History")


def _detail(row: pd.Series) -> None:
    """Draw one change in words, and the way to it and to its connector."""
    with st.container(border=True):
        severity = "" if missing(row["severity"]) else f" {mark(DRIFT, row['severity'])}"
        st.markdown(
            f"{mark(CHANGE_LOG, row['kind'])}{severity} **{esc(row['connector'])}** · "
            f"{esc(row['environment'])}  \n{esc(row['detail'], longest=500)}"
        )
        when = f"{'On' if row['exact'] else 'Found'} {minute(row['at'])}"
        if row["who"]:
            by = f"by {esc(', '.join(row['who']))}, as {_SAYS[row['told_by']]}"
        else:
            by = f"by nobody known: {esc(row['why_unknown'])}"
        found = (
            "" if missing(row["found_at"]) else f" The read of {minute(row['found_at'])} found it."
        )
        st.markdown(f"{when} {by}.{found}")
        with st.container(horizontal=True):
            if compared(row):
                pair = opening.step(row["connector_id"], row["run_id"])
                opening.link("Open the change", pair)
            if not missing(row["connector_id"]):
                st.page_link(
                    page.CONNECTOR,
                    label=":blue[Open the connector]",
                    query_params={"id": str(row["connector_id"]), "tab": "History"},
                )


_SAYS = {"audit_log": "the audit log says", "connector": "the connector itself says"}
