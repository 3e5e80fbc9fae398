"""Outbox: what was written to whom, what became of it, and what it says."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from connectory.queries.outbox import ATTENTION, STATES
from dashboard import outbox_data
from dashboard.parts import asked, filters, kpi, message, message_deciding, page, state, table
from dashboard.parts.badges import meaning, state_of
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, count, counted, words

MESSAGE = "message"
SPANS = {"Last 30 days": 30, "Last 90 days": 90, "Last year": 365, "All": None}


def figures(rows: pd.DataFrame) -> None:
    """Draw how many messages wait, went out, and need a person."""
    told = rows["state"].value_counts()

    def figure(label: str, *states: str, help: str) -> Figure:  # noqa: A002 - Streamlit's word
        chosen = [meaning(asked.MESSAGE, one).word for one in states]
        number = int(sum(told.get(one, 0) for one in states))
        narrow = filters.narrow(state=chosen) if number else None
        return Figure(label, number, help=help, narrow=narrow)

    kpi.row(
        [
            figure("Held", "held", help=asked.MESSAGE_MEANING["held"]),
            figure("Uncertain", "uncertain", help=asked.MESSAGE_MEANING["uncertain"]),
            figure("Not delivered", "refused", "bounced", help="Refused by a server, or come back."),
            figure("Waiting", "queued", "sending", help=asked.MESSAGE_MEANING["queued"]),
            figure("Sent", "sent", help=asked.MESSAGE_MEANING["sent"]),
        ]
    )  # fmt: skip


def narrowed(rows: pd.DataFrame, cells: DeltaGenerator) -> pd.DataFrame:
    """Draw the filters and return the messages they leave."""
    search = filters.search(cells, "Name, address, subject…").casefold().split()
    there = [meaning(asked.MESSAGE, one).word for one in STATES if (rows["state"] == one).any()]
    states = filters.several(cells, "State", "state", there)
    report = rows["report"].map(lambda one: asked.REPORT.get(one, one))
    reports = filters.several(cells, "Report", "report", filters.options(report))
    campaign = filters.several(cells, "Campaign", "for", filters.options(rows["campaign"]))
    kept = pd.Series(data=True, index=rows.index)
    for word in search:
        text = rows["recipient_name"] + " " + rows["address"] + " " + rows["subject"]
        kept &= text.str.casefold().str.contains(word, regex=False)
    if states:
        kept &= rows["state"].isin([state_of(asked.MESSAGE, one) for one in states])
    if reports:
        kept &= report.isin(filters.behind(report, reports))
    if campaign:
        kept &= rows["campaign"].isin(filters.behind(rows["campaign"], campaign))
    return rows[kept].reset_index(drop=True)


def chosen(rows: pd.DataFrame) -> int | None:
    """Draw the messages; return the number of the one to show: chosen, or in the address."""
    if rows.empty:
        state.empty("No message matches", "Remove a filter.", icon="filter_alt_off")
        return _asked()
    order = {one: place for place, one in enumerate((*ATTENTION, "sending", "queued"))}
    ranked = rows.assign(rank=[order.get(one, len(order)) for one in rows["state"]])
    rows = ranked.sort_values("rank", kind="stable").reset_index(drop=True)
    shown = table.words(rows, ["recipient_name", "subject", "address", "reason", "campaign"])
    shown["report"] = [asked.REPORT.get(one, words(one)) for one in rows["report"]]
    shown["role"] = [asked.role_head(one) for one in rows["role"]]
    shown["passed"] = [asked.passed_plain(one) for one in rows["passed"]]
    shown["about"] = [len(one) for one in rows["connectors"]]
    shown["channel"] = [asked.CHANNEL.get(one, words(one)) for one in rows["channel"]]
    row = table.choose(
        table.chips(shown, "state", asked.MESSAGE),
        {
            "recipient_name": table.text("To", width=150),
            "state": table.state("State", asked.MESSAGE, width=110, seen=list(rows["state"])),
            "subject": table.text("Subject", width=300),
            "queued_at": table.minute("Written"),
            "role": table.text("As", width=150),
            "about": table.number("About", width=65, help="Connectors it is about"),
            "report": table.text("Report", width=120),
            "reason": table.text("Why in that state", width=230),
            "address": table.text("Address", width=200),
            "channel": table.text("Channel", width=100),
            "campaign": table.text("Campaign", width=160),
            "passed": table.text("Passed over", width=240),
            "tries": table.number("Tries", width=60),
            "settled_at": table.minute("Settled"),
        },
        alt="Messages, those that need a person first",
        key="outbox.table",
        hidden=("address", "channel", "campaign", "passed", "tries", "settled_at"),
        height=320,
    )
    if row is not None:
        st.query_params[MESSAGE] = str(rows.iloc[row]["outbox_id"])
    return _asked()


def _asked() -> int | None:
    """Return the number of the message that the address asks for; None if it asks for none."""
    asked_for = st.query_params.get(MESSAGE, "")
    return int(asked_for[:18]) if asked_for.isascii() and asked_for.isdigit() else None


def meanings() -> None:
    """Draw what the states mean."""
    with st.popover("What the words mean", icon=":material/help:", type="tertiary"):
        for one, told in asked.MESSAGE_MEANING.items():
            st.markdown(f"**{meaning(asked.MESSAGE, one).word}**  \n:small[:gray[{told}]]")


at = page.moment_of("Outbox", dated=False)
page.top("Outbox", at, export="connectors", dated=False)
with state.part("The outbox"):
    above = st.container()
    cells = st.grid(5, min_column_width=146)
    span = SPANS[filters.one(cells, "Since", "since", list(SPANS))]
    everything = outbox_data.listed(at.url, span)
    if everything.empty and outbox_data.newest(at.url)[0] == 0:
        state.empty(
            "Nobody was written yet",
            f"See what would be sent with ] {code('connectory report owner-digest --dry-run')} "
            ":gray[ and to whom, or open a campaign to ask about connectors.",
            icon="outbox",
        )
        st.stop()
    with above:
        figures(everything)
        message_deciding.offer_held(
            at.url, everything[everything["state"] == "held"]["outbox_id"].tolist()
        )
    remaining = narrowed(everything, cells)
    filters.remember("outbox")
    number = chosen(remaining)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"{count(len(remaining))} of {counted(len(everything), 'message')}, what needs a person "
            "first. Choose one to read it.",
            width="stretch",
        )
        meanings()
    if number is not None:
        with state.part("The message"):
            told = outbox_data.message(at.url, number)
            if told is None:
                state.empty("No such message", "The address names none that this store knows.")
            else:
                message.draw(at, told)
