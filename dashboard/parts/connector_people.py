"""Who owns a connector, who answers for it, and with whom it is shared."""

from __future__ import annotations

import streamlit as st
from pandas import Series

from connectory.queries.connector import ConnectorCard
from dashboard import connector_data, owner_data
from dashboard.data import At
from dashboard.parts import connector_requests, owner_card, stale, state, table
from dashboard.parts.badges import OWNER, PERSON, ROLE, mark, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import counted, day, esc, missing, whole


def draw(at: At, card: ConnectorCard) -> None:
    """Draw the verdict on ownership, who is named beside, and everyone with access."""
    stale.warn(at, card.environment, "permissions", "people")
    row = owner_data.of(at, card.connector_id)
    if row is None:
        st.header("Owner", anchor=False)
        table.facts([*_verdict(card), *_history(card)], alt="Facts on ownership")
    else:
        st.header("Who answers for it", anchor=False)
        owner_card.draw(at, row, more=_history(card))
    st.header("Asked", anchor=False)
    with state.part("The requests"):
        connector_requests.draw(at, card.connector_id)
    st.header("Shared with", anchor=False)
    with state.part("Sharing"):
        _shared(at, card)


def figure(row: Series | None) -> Figure:
    """Return the key figure of who has access."""
    told = "Users it is shared with directly, owners left out; groups count as one."
    if row is None:
        return Figure("Shared with", None, help=told)
    groups = counted(row["shared_groups"], "group")
    if row["everyone"]:
        return Figure("Shared with", "Everyone", note="in the tenant", help=told)
    return Figure("Shared with", whole(row["shared_users"]), note=f"and {groups}", help=told)


def _verdict(card: ConnectorCard) -> list[tuple[str, str]]:
    return [
        ("Owner", esc(card.owner)),
        ("Verdict", mark(OWNER, card.owner_state)),
        ("Proof", esc(card.owner_reason)),
    ]


def _history(card: ConnectorCard) -> list[tuple[str, str]]:
    told = [
        ("Created by", esc(card.creator)),
        ("Created", day(card.created_at)),
        ("Last changed", day(card.changed_at)),
    ]
    if card.dataverse_owner and card.dataverse_owner != card.owner:
        told.insert(0, ("Dataverse owner", f"{esc(card.dataverse_owner)}, differs"))
    return told


def _shared(at: At, card: ConnectorCard) -> None:
    frame = connector_data.permissions(at, card.connector_id)
    if frame.empty:
        if card.owner_state == "owner_unknown":
            state.empty(
                "Sharing was not read",
                "Its permissions could not be read; see Runs and coverage for why.",
                icon="visibility_off",
                to_runs=True,
            )
        else:
            state.empty("Shared with nobody", "Its permissions were read and name no one.")
        return
    shown = table.words(frame, ["principal", "department", "mail"])
    shown["principal_type"] = [_type(value) for value in frame["principal_type"]]
    shown["role"] = [meaning(ROLE, value).word for value in frame["role"]]
    table.data_table(
        table.chips(shown, "state", PERSON),
        {
            "principal": table.text("Who", width=210),
            "role": table.text("Role", width=120),
            "state": table.state("State", PERSON, width=105),
            "principal_type": table.text("Kind", width=125),
            "people": table.number("People", width=75, help="Members of the group"),
            "department": table.text("Department", width=140),
            "mail": table.text("Mail", width=220),
        },
        alt="With whom the connector is shared",
        hidden=("mail",),
    )


def _type(value: object) -> str | None:
    if missing(value):
        return None
    return "Everyone" if value == "tenant" else str(value).replace("_", " ").title()
