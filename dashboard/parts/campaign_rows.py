"""Campaigns as rows, and the key figures of those that are open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.campaigns import STATES
from dashboard.parts import asked, filters, kpi, opening, table
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, label

TABLE, NAME = "campaigns.table", "campaigns.name"
_LISTED = 20


def figures(rows: pd.DataFrame, plans: pd.DataFrame) -> None:
    """Draw how far open campaigns are, and which retirements wait for people.

    Args:
        rows: All campaigns.
        plans: All plans to retire something.
    """
    running = rows[rows["state"] != "closed"]
    asked_about, answered = int(running["connectors"].sum()), int(running["answered"].sum())
    share = f"{answered / asked_about:.0%}" if asked_about else ""
    overdue = plans["overdue"].astype(bool)
    kpi.row(
        [
            Figure("Open campaigns", len(running), help="Campaigns that nobody has closed."),
            Figure("Asked about", asked_about, help="Connectors in open campaigns."),
            Figure("Answered", answered, note=share, help="With an answer: keep, retire, hand "
                   "over with nobody left to ask, or not mine with nobody left to ask."),
            Figure("Late", int(running["late"].sum()),
                   help="Asked about, and the last day for the answer is over."),
            Figure("Steps due", int(overdue.sum()), help="Retirements whose next step has come: "
                   "announce, freeze or remove.", narrow=filters.narrow(show="Retirements") if overdue.any() else None),
        ]
    )  # fmt: skip


def draw(rows: pd.DataFrame) -> None:
    """Draw the campaigns; a name opens one."""
    with st.container(key="wide-campaigns"):
        _grid(rows)
    with st.container(key="narrow-campaigns"):
        _list(rows)
    st.caption(f"{counted(len(rows), 'campaign')}, the newest first. A name opens one.")


def _grid(rows: pd.DataFrame) -> None:
    shown = table.words(rows, ["opened_by", "purpose", "closed_by"])
    shown["title"] = [label(one) for one in rows["name"]]
    shown["progress"] = [
        None if not every else 100 * done / every
        for every, done in zip(rows["connectors"], _settled(rows), strict=True)
    ]
    counts = {
        one: table.number(asked.ANSWER[one].word, width=80)
        for one in STATES
        if int(rows[one].sum())
    }
    table.openers(
        table.chips(shown, "state", asked.CAMPAIGN),
        {
            "title": table.opener("Campaign", width=220, key=NAME),
            "state": table.state("State", asked.CAMPAIGN, width=125),
            "progress": table.share("Settled", width=120),
            "connectors": table.number("Asked about", width=95),
            **counts,
            "deadline": table.date("Deadline", width=105),
            "opened_at": table.day("Opened"),
            "opened_by": table.text("By", width=120),
            "purpose": table.text("Purpose", width=260),
        },
        alt="Campaigns, the newest first",
        key=TABLE,
        hidden=("purpose",),
    )
    clicked = table.clicked(NAME)
    if clicked is not None:
        opening.campaign(rows["campaign_id"].iloc[clicked])


def _list(rows: pd.DataFrame) -> None:
    """Draw the campaigns one below the other."""
    for row in rows.head(_LISTED).to_dict("records"):
        settled = int(row["connectors"]) - int(row["open"]) - int(row["late"])
        late = f", {count(row['late'])} late" if row["late"] else ""
        asked.campaign(row, f"{count(settled)} of {count(row['connectors'])} settled{late}")


def _settled(rows: pd.DataFrame) -> list[int]:
    """Return how many connectors of each campaign nobody is waited for about."""
    return [int(one) for one in rows["connectors"] - rows["open"] - rows["late"]]
