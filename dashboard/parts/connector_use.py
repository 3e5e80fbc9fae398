"""Who uses a connector: connections, connection references, flows, apps and agents."""

from __future__ import annotations

import streamlit as st

from connectory.queries.connector import ConnectorCard
from connectory.queries.coverage import Gap
from dashboard import connector_data, data
from dashboard.data import At
from dashboard.parts import portal, stale, state, table
from dashboard.parts.badges import CONNECTION, PERSON
from dashboard.parts.text import esc

CONSUMERS = ("flows", "apps", "agents")


def connections(at: At, card: ConnectorCard) -> None:
    """Draw the connections by account, those in error first."""
    frame = connector_data.connections(at, card.connector_id)
    if frame.empty:
        _none(at, card, "connections", "Nobody has signed in to this connector.", "connections")
        return
    stale.warn(at, card.environment, "connections")
    address = portal.connections(card.environment_key)
    if address:
        st.link_button(
            "Open the connections in the portal",
            address,
            icon=":material/open_in_new:",
            type="tertiary",
        )
    shown = table.words(frame, ["account", "display_name", "creator", "status_detail", "name"])
    shown = table.chips(table.chips(shown, "status", CONNECTION), "creator_state", PERSON)
    table.data_table(
        shown,
        {
            "account": table.text("Account", width=210),
            "status": table.state("Status", CONNECTION, width=120, seen=list(frame["status"])),
            "status_detail": table.text("What it says", width=300),
            "creator": table.text("Created by", width=150),
            "creator_state": table.state("Creator is", PERSON, width=105),
            "created_at": table.day("Created"),
            "modified_at": table.day("Changed"),
            "expires_at": table.day("Expires"),
            "display_name": table.text("Name", width=180),
            "name": table.text("Identifier", width=220),
        },
        alt="Connections to the connector",
        hidden=("expires_at", "display_name", "name"),
    )


def unread(at: At, card: ConnectorCard, collector: str) -> Gap | None:
    """Return what a collector could not read where a connector lives; None if it read all."""
    gaps = data.coverage(at).gaps
    return next(
        (gap for gap in gaps if gap.collector == collector and gap.environment == card.environment),
        None,
    )


def _none(at: At, card: ConnectorCard, noun: str, found: str, *collectors: str) -> None:
    """Draw the box of a list without rows: there is nothing, or nobody could look."""
    gap = stale.here(at, card.environment, collectors)
    if gap is None:
        state.empty(f"No {noun}", found)
        return
    state.empty(
        f"{noun.capitalize()} were not read",
        f"None was known before. {esc(gap.reason, longest=400)}",
        icon="visibility_off",
        to_runs=True,
    )


def references(at: At, card: ConnectorCard) -> None:
    """Draw the connection references that point to the connector."""
    frame = connector_data.references(at, card.connector_id)
    if frame.empty:
        found = "No solution points to this connector."
        _none(at, card, "connection references", found, "connection_references")
        return
    stale.warn(at, card.environment, "connection_references")
    shown = table.words(frame, ["display_name", "logical_name", "owner", "connection"])
    table.data_table(
        shown,
        {
            "display_name": table.text("Reference", width=220),
            "logical_name": table.text("Logical name", width=250),
            "bound": st.column_config.CheckboxColumn("Bound", width=70),
            "owner": table.text("Owner", width=160),
            "connection": table.text("Connection", width=210),
            "active": st.column_config.CheckboxColumn("Active", width=70),
            "modified_at": table.day("Changed"),
        },
        alt="Connection references to the connector",
    )


def consumers(at: At, card: ConnectorCard) -> None:
    """Draw the flows, apps and agents, each with the operations it calls."""
    frame = connector_data.consumers(at, card.connector_id)
    if frame.empty:
        _none(at, card, "consumers", "No flow, app or agent holds a link to it.", *CONSUMERS)
        return
    stale.warn(at, card.environment, *CONSUMERS)
    shown = table.words(frame, ["name", "owner", "operation_id", "action", "state", "environment"])
    shown["kind"] = shown["kind"].str.capitalize()
    table.data_table(
        shown,
        {
            "kind": table.text("Kind", width=65),
            "name": table.text("Name", width=250),
            "operation_id": table.text("Operation", width=180),
            "action": table.text("Action", width=130),
            "is_trigger": st.column_config.CheckboxColumn("Trigger", width=70),
            "state": table.text("State", width=90),
            "owner": table.text("Owner", width=150),
            "invoker": st.column_config.CheckboxColumn("Run-only", width=80),
            "modified_at": table.day("Changed"),
            "environment": table.text("Environment", width=150),
        },
        alt="Flows, apps and agents that use the connector",
        hidden=("environment",),
    )
    st.caption("Canvas apps do not tell which operation they call.")
