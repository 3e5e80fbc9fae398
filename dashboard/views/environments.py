"""Environments: what each is, how much is in it, and how much of it could be read."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from connectory.queries.finding_filters import narrow_environments
from dashboard import data
from dashboard.data import At
from dashboard.parts import entry, filters, kpi, page, state, table
from dashboard.parts.badges import CONNECTION, COVERAGE, DEFINITION, OWNER, badge, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, counted, day, esc, label, minute, plain, whole, words

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
            Figure("Environments", len(frame), page=page.ENVIRONMENTS),
            Figure(
                "Read whole",
                read,
                help="Every source of every collector was read to its end at the latest attempt.",
                page=page.ENVIRONMENTS,
                parameters={"coverage": [COVERAGE["complete"].word]},
            ),
            Figure(
                "Not all read",
                len(frame) - read,
                help="Something in them is not known; what it is stands in the rows.",
                page=page.ENVIRONMENTS,
                parameters={"coverage": [COVERAGE[kind].word for kind in KINDS[1:]]},
            ),
            Figure(
                "With Dataverse",
                len(frame) - without,
                note=f"{count(without)} without",
                help="Only there are solutions and connection references.",
                page=page.ENVIRONMENTS,
                parameters={"dataverse": "With"},
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
            "name": table.opener("Environment", width=215, key=NAME),
            "coverage": table.state("Read", COVERAGE, width=110),
            "sku": table.text("Kind", width=95),
            "dataverse": table.text("Dataverse", width=85),
            **{
                name: table.number(title, width=92 if len(title) > 8 else 70)  # noqa: PLR2004 - long words
                for name, title in COUNTS.items()
            },
            "read_whole_at": table.minute("Last read whole", width=150),
            "unread": table.text("Not read", width=260),
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
        st.caption(":violet[:material/visibility_off: Never read whole]")
    unread(at, row)
    places: dict[str, tuple[str, dict[str, str | list[str]]]] = {
        "connectors": (page.CONNECTORS, {"presence": "Present"}),
        "connections": (page.CONNECTIONS, {}),
    }
    kpi.row(
        [
            Figure(
                title,
                whole(row[name]),
                page=places[name][0] if name in places else page.ENVIRONMENTS,
                parameters={"environment": [plain(row["name"])], **places[name][1]}
                if name in places
                else {"open": str(row["environment_id"]), "tab": title},
                action="Findings" if name == "connections" else "Show",
            )
            for name, title in COUNTS.items()
        ]
    )
    for name, tab in zip(TABS, st.tabs(list(TABS), key="tab", bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, row)


def unread(at: At, row: pd.Series) -> None:
    """Draw what could not be read of an environment, why, and what to do."""
    gaps = data.environment_gaps(at)
    mine = gaps[gaps["environment_id"] == row["environment_id"]]
    if mine.empty:
        return
    with st.container(border=True):
        for gap in mine.itertuples():
            source = f", {esc(words(gap.source))}" if gap.source else ""
            entry.state(
                COVERAGE,
                gap.outcome,
                f"{esc(words(gap.collector))}{source}",
                esc(gap.reason, longest=500),
            )


def rows_of(
    frame: pd.DataFrame, known: object, columns: dict[str, table.Column], what: str
) -> None:
    """Draw rows, or say that there are none or that nobody could look."""
    if frame.empty and pd.isna(known):
        state.empty(f"{what} not read", "What is in it is not known.", icon="visibility_off")
    elif frame.empty:
        state.empty(f"No {what.lower()}", "None was found in what was read.")
    else:
        table.data_table(frame, columns, alt=what, height=400)


def connectors(at: At, row: pd.Series) -> None:
    """Draw the custom connectors of an environment."""
    every = data.connectors(at)
    mine = every[
        (every["environment_id"] == row["environment_id"]) & (every["presence"] == "present")
    ]
    shown = table.words(mine, ["display_name", "owner", "host"])
    shown = table.chips(table.chips(shown, "owner_state", OWNER), "definition_state", DEFINITION)
    rows_of(
        shown,
        row["connectors"],
        {
            "display_name": table.text("Connector", width=230),
            "owner_state": table.state("Owner state", OWNER, width=140),
            "owner": table.text("Owner", width=160),
            "definition_state": table.state("Definition", DEFINITION, width=125),
            "consumers": table.number("Consumers", width=90),
            "connections": table.number("Connections", width=95),
            "host": table.text("Host", width=200),
        },
        "Connectors",
    )


def connections(at: At, row: pd.Series) -> None:
    """Draw the connections of an environment to custom connectors."""
    frame = data.connections_in(at, int(row["environment_id"]))
    shown = table.words(frame, ["display_name", "connector", "account", "creator", "status_detail"])
    rows_of(
        table.chips(shown, "status", CONNECTION),
        row["connections"],
        {
            "display_name": table.text("Connection", width=220),
            "status": table.state("Status", CONNECTION, width=120, seen=list(frame["status"])),
            "connector": table.text("Connector", width=190),
            "account": table.text("Account", width=190),
            "creator": table.text("Made by", width=150),
            "status_detail": table.text("Error", width=240),
        },
        "Connections",
    )


def references(at: At, row: pd.Series) -> None:
    """Draw the connection references of an environment to custom connectors."""
    if not row["has_dataverse"]:
        state.empty("No references", "References live in Dataverse, which it does not have.")
        return
    frame = data.references_in(at, int(row["environment_id"]))
    shown = table.words(frame, ["logical_name", "display_name", "connector", "owner", "connection"])
    rows_of(
        shown,
        row["connection_references"],
        {
            "display_name": table.text("Reference", width=220),
            "connector": table.text("Connector", width=200),
            "connection": table.text("Bound to", width=220),
            "owner": table.text("Owner", width=160),
            "logical_name": table.text("Logical name", width=260),
        },
        "References",
    )


def flows(at: At, row: pd.Series) -> None:
    """Draw the flows of an environment."""
    frame = data.flows_in(at, int(row["environment_id"]))
    rows_of(
        table.words(frame, ["name", "owner", "state"]),
        row["flows"],
        {
            "name": table.text("Flow", width=330),
            "state": table.text("State", width=100),
            "owner": table.text("Owner", width=180),
            "custom_connectors": table.number("Custom connectors", width=145),
            "modified_at": table.day("Changed"),
        },
        "Flows",
    )


def apps(at: At, row: pd.Series) -> None:
    """Draw the canvas apps of an environment."""
    frame = data.apps_in(at, int(row["environment_id"]))
    rows_of(
        table.words(frame, ["name", "owner"]),
        row["apps"],
        {
            "name": table.text("App", width=330),
            "owner": table.text("Owner", width=180),
            "shared_users": table.number("People", width=80),
            "shared_groups": table.number("Groups", width=80),
            "custom_connectors": table.number("Custom connectors", width=145),
            "modified_at": table.day("Changed"),
        },
        "Apps",
    )


TABS: dict[str, Callable[[At, pd.Series], None]] = {
    "Connectors": connectors,
    "Connections": connections,
    "References": references,
    "Flows": flows,
    "Apps": apps,
}

shown_at = page.begin("Environments", export="environments")
with state.part("The environments"):
    everything = data.environments(shown_at)
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
