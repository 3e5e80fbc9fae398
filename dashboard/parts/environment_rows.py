"""What is in one environment, a tab for each thing that its figures count."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from dashboard import data, inventory_data
from dashboard.data import At
from dashboard.parts import state, table
from dashboard.parts.badges import CONNECTION, DEFINITION, OWNER
from dashboard.parts.text import missing


def rows_of(
    frame: pd.DataFrame, known: object, columns: dict[str, table.Column], what: str
) -> None:
    """Draw rows, or say that there are none or that nobody could look."""
    if frame.empty and missing(known):
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
    frame = inventory_data.connections_in(at, int(row["environment_id"]))
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
    frame = inventory_data.references_in(at, int(row["environment_id"]))
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
    frame = inventory_data.flows_in(at, int(row["environment_id"]))
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
    frame = inventory_data.apps_in(at, int(row["environment_id"]))
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
