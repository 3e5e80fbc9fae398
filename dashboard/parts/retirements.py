"""Connectors that people take out of use: what is due of each, and noting what was done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from connectory.actions.retiring import Done
from dashboard import campaign_data
from dashboard.data import At
from dashboard.parts import asked, page, state, table, taking
from dashboard.parts.badges import mark
from dashboard.parts.text import NOTHING, count, counted, esc, minute, missing, on

TABLE: Final = "retirements.table"
_NOTED: Final = "retirements.noted"
"""Plan and step that were noted last; the order of the plans changes with it."""
_STEPS: Final[Mapping[str, tuple[str, Done, str, str]]] = {
    "announce": (
        "Consumers were told",
        "announced",
        "campaign",
        "Whoever uses it knows that it goes, and when; its page says who that is.",
    ),
    "freeze": (
        "It is frozen",
        "frozen",
        "ac_unit",
        "Nothing new may use it: it is not shared with makers any more, or a policy blocks it.",
    ),
}
Row = Mapping[Hashable, Any]


def draw(at: At, plans: pd.DataFrame) -> None:
    """Draw the plans, what is due first, and the chosen one with what can be noted of it."""
    if plans.empty:
        state.empty(
            "Nothing is being retired",
            "Where somebody answers that a connector can go, its plan stands here: consumers are "
            "told, nothing new may use it, then it is removed. People do that; nothing of the "
            "tenant is touched from here.",
            icon="delete",
        )
        return
    shown = table.words(plans, ["connector", "environment", "campaign", "planned_by"])
    state_of = [
        "waiting" if step in asked.NEXT and not overdue else step
        for step, overdue in zip(plans["step"], plans["overdue"], strict=True)
    ]
    following = [asked.PLAN[one].word if one in asked.NEXT else NOTHING for one in plans["step"]]
    shown = shown.assign(step=state_of, next=following)
    row = table.choose(
        table.chips(shown, "step", asked.PLAN),
        {
            "connector": table.text("Connector", width=190),
            "step": table.state("State", asked.PLAN, width=115),
            "next": table.text("Next step", width=100),
            "due": table.date("Due", width=105),
            "environment": table.text("Environment", width=150),
            "announce_on": table.date("Tell by", width=105),
            "freeze_on": table.date("Freeze by", width=105),
            "remove_on": table.date("Remove from", width=105),
            "planned_by": table.text("Planned by", width=140),
            "campaign": table.text("Campaign", width=150),
        },
        alt="Connectors that are taken out of use, what is due first",
        key=_key(),
        height=320,
    )
    st.caption(
        f"{counted(len(plans), 'retirement')}, {count(plans['overdue'].sum())} with a step that is "
        "due. Choose one to note what was done."
    )
    one(plans.iloc[_noted(plans) if row is None else row].to_dict(), at)


def _key() -> str:
    """Return the identity of the table: after a step another one, where nothing is chosen."""
    number, done = st.session_state.get(_NOTED, (None, ""))
    return TABLE if number is None else f"{TABLE}.{number}.{done}"


def _noted(plans: pd.DataFrame) -> int:
    """Return the row of the plan that a step was noted of last, wherever it stands by now."""
    there = plans["plan_id"].tolist()
    number, _ = st.session_state.get(_NOTED, (None, ""))
    return there.index(number) if number in there else 0


def one(plan: Row, at: At) -> None:
    """Draw one plan step by step."""
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
            st.markdown(
                f"**{esc(plan['connector'], longest=100)}** "
                f":small[:gray[{esc(plan['environment'])} · planned by {esc(plan['planned_by'])} on "
                f"{minute(plan['planned_at'])}]]",
                width="stretch",
            )
            st.page_link(
                page.CONNECTOR,
                label=":blue[Who uses it]",
                query_params={"id": str(plan["connector_id"]), "tab": "Consumers"},
            )
        table.small(_steps(plan), alt="Steps of the retirement")
        with st.container(horizontal=True, gap="small"):
            _offer(plan, at)


def _steps(plan: Row) -> list[dict[str, str]]:
    told = [
        ("Tell consumers", plan["announce_on"], plan["announced_at"], plan["announced_by"]),
        ("Freeze", plan["freeze_on"], plan["frozen_at"], plan["frozen_by"]),
    ]
    rows = [
        {
            "Step": name,
            "By": on(day),
            "Done": "Not yet" if missing(at) else f"{minute(at)}, {esc(who)}",
        }
        for name, day, at, who in told
    ]
    ended = (
        f"{mark(asked.PLAN, plan['step'])} {minute(plan['closed_at'])}, {esc(plan['closed_by'])}"
    )
    rows.append(
        {
            "Step": "Remove",
            "By": f"From {on(plan['remove_on'])}",
            "Done": "Not yet" if missing(plan["closed_at"]) else ended,
        }
    )
    return rows


def _offer(plan: Row, at: At) -> None:
    number, step = int(plan["plan_id"]), str(plan["step"])
    if step in _STEPS:
        verb, done, icon, told = _STEPS[step]
        _note(at, number, done, verb, icon, told)
    if step == "remove":
        st.caption(
            "Remove it in its environment; a run that finds it gone closes the plan.",
            width="stretch",
        )
    if step in asked.NEXT:
        _note(at, number, "given_up", "Give up", "undo", "It stays in use, and the plan is closed.")


def _note(at: At, number: int, done: Done, verb: str, icon: str, told: str) -> None:
    """Draw what notes a step behind a button: what it means, who says so, and noting it."""
    with st.popover(
        verb, icon=f":material/{icon}:", type="tertiary", key=f"retire.menu.{done}.{number}"
    ):
        st.markdown(told)
        with st.form(f"retire.{done}.{number}", border=False):
            author = taking.author(f"retire.author.{done}.{number}")
            pressed = st.form_submit_button(verb, type="primary")
        if pressed:
            taking.decide(lambda: _write(at, number, done, author), "Not noted")


def _write(at: At, number: int, done: Done, author: str) -> None:
    """Note a step, and remember of which plan, so that this one stays in sight."""
    campaign_data.done(at.url, number, done, author)
    st.session_state[_NOTED] = number, done
