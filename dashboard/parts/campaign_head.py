"""One campaign at a glance: how far it is, what was answered, and who has not answered."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from connectory.queries.campaigns import OUTCOMES, Campaign
from dashboard import campaign_data, data
from dashboard.parts import asked, bars, filters, kpi, page, state, table, taking
from dashboard.parts.badges import badge, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, esc, minute, on

_SHOWN = 8
_WAITING, _SAID, _ENDED = "Waiting", "Answered", "No answer"
_GROUPS = {
    "late": _WAITING, "open": _WAITING, "keep": _SAID, "retire": _SAID, "hand_over": _SAID,
    "not_mine": _SAID, "unanswered": _ENDED, "cancelled": _ENDED,
}  # fmt: skip


def purpose(told: Campaign) -> None:
    """Draw what it is for and until when."""
    facts = told.facts
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        badge(asked.CAMPAIGN, facts["state"])
        ended = (
            f", closed {minute(facts['closed_at'])} by {esc(facts['closed_by'])}"
            if facts["closed_at"]
            else ""
        )
        st.caption(
            f"Opened {minute(facts['opened_at'])} by {esc(facts['opened_by'])} · answers until "
            f"{on(facts['deadline'])}{ended}",
            width="content",
        )
    st.markdown(f":gray[{esc(facts['purpose'], longest=2000)}]")


def figures(told: Campaign) -> None:
    """Draw the key figures; each narrows the requests below."""
    facts = told.facts
    every = int(facts["connectors"])

    def figure(label: str, *states: str, help: str) -> Figure:  # noqa: A002 - Streamlit's word
        number = sum(int(facts[one]) for one in states)
        words = [meaning(asked.ANSWER, one).word for one in states]
        return Figure(
            label, number, note=f"{number / every:.0%}" if every else "", help=help,
            narrow=filters.narrow(answer=words, tab="Requests") if number else None,
        )  # fmt: skip

    kpi.row(
        [
            Figure("Asked about", every, help="Connectors, each counted once by its latest request."),
            figure("Answered", "keep", "retire", "hand_over", "not_mine", help="With an answer."),
            figure("Retire", "retire", help=asked.ANSWER_MEANING["retire"]),
            figure("Waiting", "open", "late", help="Asked, and not answered yet."),
            figure("Late", "late", help=asked.ANSWER_MEANING["late"]),
        ]
    )  # fmt: skip


def answers(told: Campaign) -> None:
    """Draw how many connectors got which answer."""
    states = [one for one in ("late", "open", *OUTCOMES) if int(told.facts[one])]
    st.header("Answers", anchor=False)
    if not states:
        st.caption("It asks about nothing.")
        return
    numbers = [int(told.facts[one]) for one in states]
    names = [meaning(asked.ANSWER, one).word for one in states]
    listed = ", ".join(f"{name} {number}" for name, number in zip(names, numbers, strict=True))
    bars.counts(
        names, numbers, [_GROUPS[one] for one in states], alt=f"Connectors by answer: {listed}"
    )


def silent(rows: pd.DataFrame) -> None:
    """Draw who has not answered, whoever is late with most first."""
    st.header("Who has not answered", anchor=False)
    waiting = campaign_data.waiting_for(rows)
    if waiting.empty:
        state.empty("Nobody is waited for", "Every request is closed.", icon="check_circle")
        return
    for row in waiting.head(_SHOWN).to_dict("records"):
        with st.container(horizontal=True, gap="small"):
            late = f", {count(row['late'])} late" if row["late"] else ""
            reminded = (
                f" · {counted(row['reminders'], 'reminder')}"
                if row["reminders"]
                else " · not reminded yet"
            )
            st.markdown(
                f"**{esc(row['asked_name'])}** {counted(row['open'], 'connector')}{late}  \n"
                f":small[:gray[{esc(asked.role(row['role']))}{reminded} · until "
                f"{on(row['deadline'])}]]",
                width="stretch",
            )
            st.page_link(
                page.MY_CONNECTORS, label=":blue[Open]", query_params={"owner": str(row["asked"])}
            )
    if len(waiting) > _SHOWN:
        st.caption(
            f"{count(_SHOWN)} of {counted(len(waiting), 'person').replace('persons', 'people')}."
        )


def decide(url: str, told: Campaign, rows: pd.DataFrame) -> None:
    """Draw what takes the requests along, and what closes the campaign."""
    number = int(told.facts["campaign_id"])
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Requests as CSV",
            partial(data.csv, rows),
            file_name=f"connectory-campaign-{number}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="campaign.csv",
        )
        if told.facts["state"] == "closed":
            return
        waiting = int(told.facts["open"]) + int(told.facts["late"])
        with st.popover("Close", icon=":material/flag:", type="tertiary"):
            st.markdown(
                f"{counted(waiting, 'request')} without an answer will be cancelled; their links "
                "say that the campaign is closed. What was answered stays."
            )
            with st.form("campaign.close", border=False):
                author = taking.author("campaign.close.author")
                pressed = st.form_submit_button("Close the campaign", type="primary")
            if pressed:
                taking.decide(lambda: campaign_data.close(url, number, author), "Not closed")


def opened(told: Campaign) -> None:
    """Draw how its connectors were chosen, and how patiently it asks."""
    st.subheader("How its connectors were chosen", anchor=False)
    table.facts(
        [(str(name).replace("_", " ").capitalize(), esc(value, longest=400))
         for name, value in told.chosen.items()],
        alt="How the connectors were chosen",
    )  # fmt: skip
    st.subheader("How patiently it asks", anchor=False)
    rows = [
        {"Environments": "All others" if name == "*" else esc(name)}
        | {title: esc(_days(steps.get(key))) for key, title in asked.STEPS.items()}
        for name, steps in told.steps.items()
        if isinstance(steps, dict)
    ]
    if rows:
        table.small(rows, alt="Days until each step, by environment")
    st.caption("As it was when the campaign was opened, whatever the settings say since.")


def _days(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "Never"
    return str(value) if value else "Never"
