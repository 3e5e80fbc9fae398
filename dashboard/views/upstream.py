"""Upstream: which connectors no longer say what the API behind them says, and what it offers more."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.drift_filters import narrow_upstream
from dashboard import data, drift_data
from dashboard.data import At
from dashboard.parts import filters, kpi, opening, page, state, table
from dashboard.parts.badges import DOCUMENT, DRIFT, badge, mark, meaning, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, counted, day, esc, label, missing, plain

TABLE, CONNECTOR = "upstream.table", "upstream.connector"
STATES = ("breaking", "risky", "compatible", "cosmetic", "same", "unreadable", "unknown")
HOW = {"registered": "settings", "convention": "usual address"}


def figures(rows: pd.DataFrame) -> None:
    """Draw how many connectors lag behind their API, and what could not be read."""
    behind = rows["behind_since"].notna()
    unread = rows["document_state"] != "read"
    breaking = meaning(DRIFT, "breaking").word
    longest = rows["behind_days"].max()
    kpi.row(
        [
            Figure("With a document", len(rows), help="Connectors whose API describes itself."),
            Figure(
                "Behind",
                int(behind.sum()),
                note="" if missing(longest) else f"up to {counted(longest, 'day')}",
                help="The document changed, and the connector has not followed.",
            ),
            Figure(
                "Breaking",
                int((rows["state"] == "breaking").sum()),
                help="The connector uses what its API does not offer so any more.",
                narrow=filters.narrow(standing=[breaking]),
            ),
            Figure(
                "On offer",
                int(rows["available"].fillna(0).sum()),
                note="operations",
                help="Operations of the APIs that their connectors do not wrap.",
            ),
            Figure(
                "Not read",
                int(unread.sum()),
                help="Documents that were refused, are absent or could not be read.",
                narrow=filters.narrow(
                    document=[told.word for one, told in DOCUMENT.items() if one != "read"]
                ),
            ),
        ]
    )


def narrowed(frame: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the rows they leave."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Name, address…")
    verdict = filters.several(
        cells,
        "Verdict",
        "standing",
        list(dict.fromkeys(meaning(DRIFT, one).word for one in STATES)),
    )
    document = filters.several(
        cells, "Document", "document", [told.word for told in DOCUMENT.values()]
    )
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    return narrow_upstream(
        frame,
        search=search,
        states=[state_of(DRIFT, word) for word in verdict],
        documents=[state_of(DOCUMENT, word) for word in document],
        environments=filters.behind(frame["environment"], environment),
    ).reset_index(drop=True)


def listed(rows: pd.DataFrame, total: int) -> pd.Series | None:
    """Draw the connectors; a name opens what differs. Return the row that is chosen."""
    st.markdown(f"**{count(len(rows))} of {counted(total, 'connector')}** :gray[· worst first]")
    shown = table.words(rows, ["environment", "url", "document_detail"])
    shown["connector"] = [label(name) for name in rows["connector"]]
    shown["state"] = [[] if missing(one) else [meaning(DRIFT, one).chip] for one in rows["state"]]
    shown = table.chips(shown, "document_state", DOCUMENT)
    shown["how"] = [HOW.get(one, plain(one)) for one in rows["how"]]
    chosen = table.choose(
        shown,
        {
            "connector": table.opener("Connector", width=190, key=CONNECTOR),
            "state": table.state("Verdict", DRIFT, width=115),
            "behind_days": table.number("Days behind", width=95),
            "available": table.number("On offer", width=80, help="Operations it does not wrap"),
            "document_state": table.state("Document", DOCUMENT, width=110),
            "document_changed_at": table.day("Changed", help="When the document last changed"),
            "url": table.text("Address", width=290),
            "environment": table.text("Environment", width=140),
            "how": table.text("Known from", width=110),
            "document_detail": table.text("Why not read", width=300),
        },
        alt="Connectors and the documents of their APIs",
        key=TABLE,
        hidden=("how", "document_detail"),
        height=520,
    )
    clicked = table.clicked(CONNECTOR)
    if clicked is not None:
        opening.change(opening.upstream(rows["connector_id"].iloc[clicked]))
    return None if chosen is None else rows.iloc[chosen]


def detail(at: At, row: pd.Series) -> None:
    """Draw one connector: its document, why that was not read, and what the API offers more."""
    with st.container(border=True):
        name = esc(row["connector"], longest=120)
        verdict = "" if missing(row["state"]) else mark(DRIFT, row["state"])
        st.markdown(f"{verdict} **{name}** in {esc(row['environment'])} · {code(row['url'])}")
        if row["document_state"] != "read":
            badge(DOCUMENT, row["document_state"])
            st.markdown(esc(row["document_detail"], longest=600))
        if not missing(row["behind_since"]):
            st.markdown(
                f"Its API changed on {day(row['behind_since'])}; the connector is "
                f"{counted(row['behind_days'], 'day')} behind."
            )
        if not missing(row["reason"]) and row["reason"]:
            st.caption(esc(row["reason"], longest=600))
        with st.container(horizontal=True):
            opening.link("Open what differs", opening.upstream(row["connector_id"]))
            address = {"id": str(row["connector_id"])}
            st.page_link(page.CONNECTOR, label=":blue[Open the connector]", query_params=address)
        if not missing(row["available"]) and row["available"]:
            with state.part("What the API offers"):
                offered(at, row)


def offered(at: At, row: pd.Series) -> None:
    """Draw the operations of the API that the connector does not wrap."""
    places = drift_data.available(at, int(row["connector_id"]))
    st.markdown(f"**{counted(len(places), 'operation')} on offer** that it does not wrap")
    named = pd.DataFrame(
        [(one.operation_id, one.method, one.path) for one in places],
        columns=["operation", "method", "path"],
    )
    table.data_table(
        table.words(named, ["operation", "method", "path"]),
        {
            "operation": table.text("Operation", width=260),
            "method": table.text("Method", width=80),
            "path": table.text("Path", width=420),
        },
        alt="Operations that the connector does not wrap",
        key="upstream.offered",
        height=280,
    )


at = page.begin("Upstream", export="upstream")
with state.part("The documents of APIs"):
    everything = filters.without_ignored(drift_data.upstream(at), data.left_out(at))
    if everything.empty:
        state.empty(
            "No document of an API is known",
            "Name the addresses of such documents in the settings, or allow hosts whose usual "
            "addresses are tried; see the settings' section on drift.",
            icon="cloud_off",
            to_runs=True,
        )
        st.stop()
    figures(everything)
    remaining = narrowed(everything)
    filters.remember("upstream")
    if remaining.empty:
        state.empty("No connector matches", "Remove a filter.", icon="filter_alt_off")
        st.stop()
    chosen = listed(remaining, len(everything))
    if chosen is None:
        st.caption("Choose a row to see what the API offers beyond, and why one was not read.")
    else:
        detail(at, chosen)
