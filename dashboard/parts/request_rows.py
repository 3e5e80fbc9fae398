"""Requests of a campaign: filters, rows, and the story of the one that is chosen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from connectory.queries.campaigns import STATES
from dashboard import campaign_data
from dashboard.parts import answering, asked, entry, filters, page, state, table
from dashboard.parts.badges import OWNER, STALENESS, badge, meaning, state_of
from dashboard.parts.text import count, counted, esc, minute, missing, on, plain, words

TABLE: Final = "campaign.requests"
SUPERSEDED: Final = "Also those handed on"
Row = Mapping[Hashable, Any]
_FACTS: Final = {
    "environment": "Environment",
    "owner": "Owner",
    "owner_state": "Owner state",
    "owner_reason": "Why",
    "use": "Use",
    "use_reason": "Why so used",
    "score": "Score",
    "last_used_on": "Last used",
    "flows": "Flows",
    "apps": "Apps",
    "agents": "Agents",
    "connections": "Connections",
    "monthly": "Licences a month",
    "currency": "In",
    "host": "Calls",
    "as_of": "As of",
}
"""What is kept of a connector when it is asked about, in the order in which it is told."""


def narrowed(rows: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the requests they leave."""
    cells = st.grid(5, min_column_width=146)
    search = filters.search(cells, "Connector, person…").casefold().split()
    there = [meaning(asked.ANSWER, one).word for one in STATES if (rows["state"] == one).any()]
    states = filters.several(cells, "Answer", "answer", there)
    person = filters.several(cells, "Asked", "asked", filters.options(rows["asked_name"]))
    place = filters.several(
        cells, "Environment", "environment", filters.options(rows["environment"])
    )
    which = filters.one(cells, "Which", "which", ["Latest of each", SUPERSEDED])
    kept = rows if which == SUPERSEDED else rows[rows["current"]]
    for word in search:
        text = kept["connector"].fillna("") + " " + kept["asked_name"]
        kept = kept[text.str.casefold().str.contains(word, regex=False)]
    if states:
        kept = kept[kept["state"].isin([state_of(asked.ANSWER, one) for one in states])]
    if person:
        kept = kept[kept["asked_name"].isin(filters.behind(rows["asked_name"], person))]
    if place:
        kept = kept[kept["environment"].isin(filters.behind(rows["environment"], place))]
    return kept.reset_index(drop=True)


def draw(url: str, rows: pd.DataFrame, every: int) -> None:
    """Draw the requests, and below them the one that is chosen.

    Args:
        url: The store.
        rows: Those to draw.
        every: How many there are without filters.
    """
    shown = table.words(
        rows, ["connector", "environment", "asked_name", "reason", "answered_by", "hand_over_to"]
    )
    shown["role"] = [asked.role_head(one) for one in rows["role"]]
    shown["passed"] = [asked.passed_plain(one) for one in rows["passed"]]
    columns = {
        "connector": table.text("Connector", width=185),
        "state": table.state("Answer", asked.ANSWER, width=115, seen=list(rows["state"])),
        "asked_name": table.text("Asked", width=150),
        "deadline": table.date("Deadline", width=100),
        "reminders": table.number("Reminders", width=85),
        "escalations": table.number("Escalated", width=85),
        "reason": table.text("Reason given", width=220),
        "environment": table.text("Environment", width=145),
        "role": table.text("As", width=150),
        "answered_by": table.text("Answered by", width=140),
        "closed_at": table.day("Closed"),
        "hand_over_to": table.text("Hand over to", width=150),
        "passed": table.text("Passed over", width=240),
    }
    said = table.filled(shown, columns)
    row = table.choose(
        table.chips(shown, "state", asked.ANSWER),
        said,
        alt="Requests, those that are late first",
        key=TABLE,
        hidden=[one for one in ("role", "closed_at", "passed") if one in said],
        height=420,
    )
    st.caption(
        f"{count(len(rows))} of {counted(every, 'request')}, those that are late first. "
        "Choose one for its story."
    )
    if row is not None:
        with state.part("The request"):
            story(url, rows.iloc[row].to_dict())


def story(url: str, row: Row) -> None:
    """Draw what was known when somebody was asked, and what happened since."""
    number = int(row["request_id"])
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(asked.ANSWER, row["state"])
            st.markdown(f"**{esc(row['connector'], longest=100)}**", width="stretch")
            if row["state"] in ("open", "late"):
                answering.offer(url, number, str(row["asked_name"]))
            st.page_link(
                page.CONNECTOR,
                label=":blue[Open]",
                query_params={"id": str(row["connector_id"])},
            )
        left, right = st.columns(2, gap="medium")
        with left:
            st.subheader("Asked", anchor=False)
            table.facts(_asked(row), alt="Who was asked")
            known = _known(campaign_data.evidence(url, number))
            if known:
                st.subheader("What was known then", anchor=False)
                table.facts(known, alt="What was known when it was asked")
        with right:
            st.subheader("What happened", anchor=False)
            events = campaign_data.log(url, number)
            for one in events.iloc[::-1].to_dict("records"):
                word = meaning(asked.EVENT, one["what"]).word
                entry.state(
                    asked.EVENT,
                    one["what"],
                    _event(one["told"]) or word,
                    f"{minute(one['at'])} · {esc(one['who'], longest=120)}",
                )


def _asked(row: Row) -> list[tuple[str, str]]:
    told = [("Who", f"{esc(row['asked_name'])}, {esc(asked.role(row['role']))}")]
    if lines := asked.passed(row["passed"]):
        told.append(("Not", "  \n".join(lines)))
    told.append(("Deadline", on(row["deadline"])))
    if not missing(row["answered_by"]):
        via = asked.VIA.get(str(row["via"]), words(row["via"]))
        told.append(("Answered", f"{esc(row['answered_by'])}, {via}, {minute(row['closed_at'])}"))
    if not missing(row["reason"]):
        told.append(("Reason", esc(row["reason"], longest=2000)))
    if not missing(row["hand_over_to"]):
        told.append(("Hand over to", esc(row["hand_over_to"])))
    return told


def _known(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    scales = {"owner_state": OWNER, "use": STALENESS}
    return [
        (title, esc(meaning(scales[name], facts[name]).word if name in scales
                    else _value(facts[name]), longest=400))
        for name, title in _FACTS.items()
        if facts.get(name) not in (None, "")
    ]  # fmt: skip


def _value(value: object) -> str:
    """Return a value as it is kept, days and times as people write them."""
    for read, tell in ((date.fromisoformat, on), (datetime.fromisoformat, minute)):
        if isinstance(value, str):
            try:
                return tell(read(value))
            except ValueError:
                continue
    return str(value)


def _event(told: Mapping[str, Any]) -> str:
    """Return the details of an event in one line."""
    parts = []
    if told.get("answer"):
        parts.append(meaning(asked.ANSWER, told["answer"]).word)
    if told.get("outcome"):
        parts.append(meaning(asked.ANSWER, told["outcome"]).word)
    if told.get("from"):
        why = asked.HINDRANCES.get(str(told.get("why")), words(told.get("why") or ""))
        parts.append(f"from {plain(told['from'], longest=80)}: {why}")
    for name, before in (("to", "to"), ("hand_over_to", "to"), ("until", "until"),
                         ("deadline", "by")):  # fmt: skip
        if told.get(name):
            parts.append(f"{before} {plain(_value(told[name]), longest=80)}")
    line = esc(", ".join(parts), longest=300)
    if told.get("reason"):
        line += f"{': ' if line else ''}{esc(told['reason'], longest=600)}"
    return line[:1].upper() + line[1:]
