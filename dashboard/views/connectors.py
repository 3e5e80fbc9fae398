"""Connectors: every custom connector, narrowed by filters that stand in the address."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.filters import narrow
from dashboard import data, inventory_data
from dashboard.parts import filters, opening, page, pinned, stale, state, table
from dashboard.parts.badges import DEFINITION, OWNER, POLICY, PRESENCE, state_of, words
from dashboard.parts.text import count, esc, label, plain

ORDERS = {
    "Name": "name",
    "Consumers": "consumers",
    "Connections": "connections",
    "Broken connections": "broken_connections",
    "Operations": "operations",
    "Licence cost": "licence_cost",
    "Last changed": "changed_at",
}
# Present ones come first: they are what every figure elsewhere counts.
READ_BY = {
    "connectors": "connectors",
    "permissions": "owners",
    "people": "people",
    "group_members": "members of groups",
    "connections": "connections",
    "flows": "flows",
    "apps": "apps",
    "agents": "agents",
    "policies": "policies",
}
PRESENCES = {
    "Present": ("present",),
    "Missing": ("missing",),
    "Any": ("present", "missing"),
}
COST = "What retiring it would save a month, as it was last assessed, in the price book's currency"
TABLE = "connectors.table"
NAME = "connectors.name"


def narrowed(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Draw the filters; return the rows they leave, and the order in words."""
    cells = st.grid(4, min_column_width=146)
    search = filters.search(cells, "Name, owner…")
    owner = filters.several(cells, "Owner state", "owner", words(OWNER))
    environment = filters.several(
        cells, "Environment", "environment", filters.options(frame["environment"])
    )
    definition = filters.several(cells, "Definition", "definition", words(DEFINITION))
    authentication = filters.several(
        cells, "Authentication", "authentication", filters.options(frame["authentication"])
    )
    broken = filters.one(cells, "Connections", "connections", ["Any", "Broken"])
    policy = filters.several(cells, "Policy", "policy", words(POLICY))
    presence = filters.one(cells, "Presence", "presence", list(PRESENCES))
    order = filters.one(cells, "Order", "order", list(ORDERS))
    rows = narrow(
        frame[frame["presence"].isin(PRESENCES[presence])],
        search=search,
        owner_states=[state_of(OWNER, word) for word in owner],
        environments=filters.behind(frame["environment"], environment),
        definition_states=[state_of(DEFINITION, word) for word in definition],
        authentication=filters.behind(frame["authentication"], authentication),
        policies=[state_of(POLICY, word) for word in policy],
        broken=broken == "Broken",
        order=ORDERS[order],
    )
    return rows.reset_index(drop=True), order.lower()


def opened_for(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the one host or person that a link asked for, all without one."""
    frame = pinned.host(frame)
    person = st.query_params.get(pinned.OWNED_BY)
    if person:
        frame = pinned.owner(frame, *inventory_data.owned_by(at, person))
    return frame.reset_index(drop=True)


def listed(rows: pd.DataFrame) -> None:
    """Draw the rows; a name opens its connector, and so does the chosen row's link."""
    line = st.container(horizontal=True, vertical_alignment="center")
    ids = [str(connector_id) for connector_id in rows["connector_id"]]
    shown = table.words(rows, ["owner", "environment", "authentication", "host", "ignored"])
    shown["display_name"] = [
        label(row.display_name or row.name or row.connector_id) for row in rows.itertuples()
    ]
    for column, scale in SCALES.items():
        shown = table.chips(shown, column, scale)
    shown["licence_cost"] = rows["licence_cost"].astype(float)
    spare = ["presence" if table.uniform(rows, "presence") else "operations"]
    if not rows["policy"].isin(["blocked", "unknown"]).any():
        spare.append("policy")
    # There is room for one of both.
    spare.append("licence_cost" if rows["licence_cost"].isna().all() else "connections")
    if rows["ignored"].isna().all():
        spare.append("ignored")
    chosen = table.choose(
        shown,
        {
            "display_name": table.opener("Connector", width=205, key=NAME),
            "owner_state": table.state("Owner state", OWNER, width=140),
            "presence": table.state("Presence", PRESENCE, width=100),
            "owner": table.text("Owner", width=145),
            "environment": table.text("Environment", width=150),
            "definition_state": table.state("Definition", DEFINITION, width=125),
            "policy": table.state("Policy", POLICY, width=115),
            "consumers": table.number(
                "Consumers", width=90, help="Flows, apps and agents that use it"
            ),
            "licence_cost": table.amount("Licences", width=85, help=COST),
            "connections": table.number("Connections", width=95),
            "broken_connections": table.number("Broken", width=65),
            "operations": table.number("Operations", width=90),
            "authentication": table.text("Authentication", width=150),
            "host": table.text("Host", width=150),
            "ignored": table.text("Ignored because", width=200),
            "changed_at": table.day("Changed"),
        },
        alt="Custom connectors",
        key=TABLE,
        hidden=("authentication", "host", "changed_at", *spare),
    )
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.connector(ids[clicked])
    with line:
        st.markdown(
            f"**{count(len(rows))} of {count(len(everything))} connectors** "
            f":gray[· {count(rows['broken_connections'].sum())} broken connections · order: {order}]"
        )
        if chosen is not None:
            name = esc(plain(rows["display_name"].iloc[chosen], longest=60))
            st.page_link(
                page.CONNECTOR, label=f":blue[Open {name}]", query_params={"id": ids[chosen]}
            )


SCALES = {
    "owner_state": OWNER,
    "definition_state": DEFINITION,
    "policy": POLICY,
    "presence": PRESENCE,
}

at = page.begin("Connectors", export="connectors")
with state.part("The connectors"):
    everything = data.connectors(at)
    if everything.empty:
        state.empty("No custom connectors", "None was found in what was read.", to_runs=True)
        st.stop()
    everything = opened_for(filters.without_ignored(everything, data.left_out(at)))
    stale.note(at, READ_BY)
    remaining, order = narrowed(everything)
    filters.remember("connectors")
    if remaining.empty:
        state.empty(
            "No connector matches",
            "Remove a filter or shorten the search.",
            icon="filter_alt_off",
        )
    else:
        listed(remaining)
