"""One connector: what it is, who owns it, who uses it, and what happened to it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from connectory.queries.connector import ConnectorCard
from dashboard import connector_data, data
from dashboard.data import At
from dashboard.parts import connector_calls as calls
from dashboard.parts import connector_days as days
from dashboard.parts import connector_drift as drift
from dashboard.parts import connector_exposure as cost
from dashboard.parts import connector_manifest as manifest
from dashboard.parts import connector_people as people
from dashboard.parts import connector_policies as policies
from dashboard.parts import connector_story as story
from dashboard.parts import connector_use as use
from dashboard.parts import filters, kpi, page, portal, score, state
from dashboard.parts.badges import DEFINITION, OWNER, POLICY, PRESENCE, badge, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, day, esc, whole

TABS: dict[str, Callable[[At, ConnectorCard], None]] = {
    "Manifest": manifest.draw,
    "Ownership": people.draw,
    "Staleness": score.of_connector,
    "Policies": policies.draw,
    "Connections": use.connections,
    "References": use.references,
    "Consumers": use.consumers,
    "Use by day": days.draw,
    "Calls": calls.draw,
    "Exposure": cost.draw,
    "Drift": drift.draw,
    "History": story.history,
    "Sources": story.sources,
}


def asked(at: At) -> ConnectorCard | None:
    """Return the connector the address asks for: by id, or by environment and name."""
    wanted = connector_data.find(
        at,
        number=st.query_params.get("id", ""),
        environment=st.query_params.get("environment", ""),
        name=st.query_params.get("name", ""),
    )
    return None if wanted is None else connector_data.card(at, wanted)


def verdicts(at: At, card: ConnectorCard) -> None:
    """Draw what is worth knowing at a glance."""
    ignored = data.ignored(at).get(card.connector_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if card.presence != "present":
            badge(PRESENCE, card.presence)
        badge(OWNER, card.owner_state)
        verdict = connector_data.policy_answer(at, card.connector_id)
        if verdict is not None and verdict.group == "blocked":
            badge(POLICY, "blocked")
        if card.definition_state != "readable":
            badge(DEFINITION, card.definition_state)
        if card.authentication:
            st.badge(esc(card.authentication, longest=60), icon=":material/lock:", color="gray")
        if ignored:
            st.badge("Ignored", icon=":material/block:", color="gray", help=esc(ignored))
        if card.managed:
            st.badge("Managed", icon=":material/inventory_2:", color="gray")
        st.caption(f"{esc(card.environment)} · {esc(card.environment_sku)}", width="content")
        address = portal.connectors(card.environment_key)
        if address:
            st.link_button(
                "Open in the portal", address, icon=":material/open_in_new:", type="tertiary"
            )
    if card.presence != "present":
        told = meaning(PRESENCE, card.presence).word.lower()
        st.warning(
            f"Its sources have not shown this connector since {day(card.presence_since)}; it is "
            f"{told}. What follows is as it was last read.",
            icon=":material/help_center:",
        )
    if card.description:
        st.markdown(f":gray[{esc(card.description)}]")


def figures(at: At, card: ConnectorCard) -> None:
    """Draw the key figures of the connector."""
    row = connector_data.listed(at, card.connector_id)
    consumers = {"flow": card.flows, "app": card.apps, "agent": card.agents}
    kpi.row(
        [
            Figure("Operations", None if row is None else whole(row["operations"])),
            Figure(
                "Consumers",
                card.consumers,
                note=", ".join(
                    counted(number, kind)
                    for kind, number in consumers.items()
                    if number is not None
                ),
                unread=int(bool(card.consumers) and None in consumers.values()),
                help="Flows, canvas apps and agents that hold a link to it.",
            ),
            Figure(
                "Connections",
                card.connections,
                note=f"{count(card.broken_connections)} broken",
                help="Connections of people and apps to it.",
            ),
            Figure(
                "References",
                card.references,
                help="Connection references that point to it.",
            ),
            people.figure(row),
        ]
    )


at = page.moment_of("Connector")
st.page_link(
    page.CONNECTORS,
    label=":blue[All connectors]",
    icon=":material/arrow_back:",
    query_params=filters.remembered("connectors"),
)
card = asked(at)
if card is None:
    page.top("Connector", at, export="connectors")
    if data.now_shown() != at and asked(data.now_shown()):
        said = "It was found later. Back to now shows it."
        state.empty("Not known on that day", said, icon="history")
    else:
        state.empty("No such connector", "The address names none that this store knows.")
    st.stop()
page.top(esc(card.display_name or card.name or card.key, longest=160), at, export="operations")
with state.part("The connector"):
    verdicts(at, card)
    figures(at, card)
for name, tab in zip(TABS, st.tabs(list(TABS), key="tab", bind="query-params"), strict=True):
    if tab.open:
        with tab, state.part(name):
            TABS[name](at, card)
