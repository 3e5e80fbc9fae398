"""Somebody's connectors as a grid, on a narrow screen as a list; and what they were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.parts import asked, opening, page, table
from dashboard.parts.badges import DRIFT, OWNER, STALENESS, Scale, badge, meaning
from dashboard.parts.text import count, esc, label, missing

TABLE, NAME = "my.table", "my.name"
_LISTED: Final = 40
_WRITTEN: Final = 10
_SCALES: Final[dict[str, Scale]] = {
    "owner_state": OWNER, "staleness": STALENESS, "drift": DRIFT,
}  # fmt: skip


def draw(rows: pd.DataFrame) -> None:
    """Draw the connectors; a name opens one."""
    with st.container(key="wide-mine"):
        _grid(rows)
    with st.container(key="narrow-mine"):
        _list(rows)


def _grid(rows: pd.DataFrame) -> None:
    shown = table.words(rows, ["environment", "campaign", "credential", "owner", "ignored"])
    shown["display_name"] = [_name(row) for row in rows.to_dict("records")]
    shown["as_what"] = [", ".join(asked.MINE[one] for one in told) for told in rows["roles"]]
    for column, scale in _SCALES.items():
        chips = [None if missing(one) else [meaning(scale, one).chip] for one in rows[column]]
        shown[column] = pd.Series(chips, index=rows.index, dtype=object)
    shown["licence_cost"] = rows["licence_cost"].astype(float)
    columns = {
        "display_name": table.opener("Connector", width=185, key=NAME),
        "as_what": table.text("As", width=125),
        "tasks": table.number("To do", width=60),
        "deadline": table.date("Answer by", width=100),
        "staleness": table.state("Use", STALENESS, width=110),
        "drift": table.state("Drift", DRIFT, width=110),
        "owner_state": table.state("Owner state", OWNER, width=135),
        "last_used_on": table.date("Last used", width=100),
        "credential_ends_on": table.date("Secret ends", width=100),
        "licence_cost": table.amount("Licences", width=85, help="What retiring it would save"),
        "environment": table.text("Environment", width=140),
        "consumers": table.number("Consumers", width=90),
        "review_on": table.date("Review on", width=100),
        "exempt_until": table.date("Exempt until", width=100),
        "campaign": table.text("Campaign", width=140),
        "credential": table.text("Application", width=140),
        "owner": table.text("Platform owner", width=140),
        "ignored": table.text("Ignored because", width=180),
    }
    table.openers(
        shown,
        {"display_name": columns["display_name"], **table.filled(shown, columns)},
        alt="The connectors of this person",
        key=TABLE,
        hidden=("consumers", "review_on", "campaign", "credential", "owner", "ignored",
                "exempt_until"),
    )  # fmt: skip
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked])


def _name(row: Mapping[Any, Any]) -> str:
    return label(row["display_name"] or row["name"] or row["connector_id"])


def _list(rows: pd.DataFrame) -> None:
    """Draw the connectors one below the other, with what is not as it should be."""
    for row in rows.head(_LISTED).to_dict("records"):
        with st.container(border=True, gap="xxsmall"):
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                roles = ", ".join(asked.MINE[one] for one in row["roles"])
                st.markdown(
                    f"**{esc(row['display_name'] or row['name'], longest=80)}**  \n"
                    f":small[:gray[{esc(row['environment'])} · {roles}]]",
                    width="stretch",
                )
                st.page_link(
                    page.CONNECTOR,
                    label=":blue[Open]",
                    query_params={"id": str(row["connector_id"])},
                )
            with st.container(horizontal=True, gap="xsmall"):
                for column, scale in _SCALES.items():
                    value = row[column]
                    if not missing(value) and meaning(scale, value).color is not None:
                        badge(scale, value)
    if len(rows) > _LISTED:
        st.caption(f"{count(_LISTED)} of {count(len(rows))}; narrow them by the filters.")


def messages(rows: pd.DataFrame) -> None:
    """Draw what somebody was written, the newest first; each opens in the outbox."""
    for row in rows.head(_WRITTEN).to_dict("records"):
        asked.message(row)
    if len(rows) > _WRITTEN:
        st.caption(f"{count(_WRITTEN)} of {count(len(rows))}; the outbox has all of them.")
