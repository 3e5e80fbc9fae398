"""Opening a campaign: whom it would ask about what, what for, and asking them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

import streamlit as st

from connectory.campaigning import Plan
from connectory.config import ConfigError
from connectory.queries.asked_facts import Choice
from dashboard import campaign_data, data, decisions
from dashboard.data import At
from dashboard.parts import asked, opening, taking
from dashboard.parts.text import count, counted, esc

_CHOICES: Final[dict[str, Choice]] = {
    "Those that look unused": "stale",
    "Those without a sound owner": "gaps",
    "All": "all",
}
_LISTED: Final = 6


def offer(at: At, connector_ids: Collection[int], key: str) -> None:
    """Draw what opens a campaign about some connectors; nothing for a past moment.

    Args:
        at: The moment.
        connector_ids: Which.
        key: Identity of the elements.
    """
    if at != data.now_shown() or not connector_ids:
        return
    label = f"Ask about {'it' if len(connector_ids) == 1 else f'these {count(len(connector_ids))}'}"
    box = st.popover(label, icon=":material/campaign:", type="tertiary", key=key, on_change="rerun")
    if box.open:
        with box:
            _form(at, key, connector_ids=sorted(connector_ids))


def offer_choice(at: At) -> None:
    """Draw what opens a campaign about all connectors of a kind."""
    key = "campaigns.new"
    box = st.popover(
        "New campaign", icon=":material/add:", type="tertiary", key=key, on_change="rerun"
    )
    if box.open:
        with box:
            chosen = st.selectbox("About", list(_CHOICES), key=f"{key}.about")
            st.caption("To choose them one by one, filter the page Stale and ask from there.")
            _form(at, key, choice=_CHOICES[chosen])


def _form(
    at: At, key: str, *, connector_ids: list[int] | None = None, choice: Choice | None = None
) -> None:
    try:
        plan = campaign_data.planned(at, connector_ids=connector_ids, choice=choice)
    except decisions.NOT_WRITTEN as error:
        _not_opened(error)
        return
    _whom(plan)
    if not plan.asking:
        return
    with st.form(f"{key}.form", border=False):
        name = st.text_input("Name", key=f"{key}.name", max_chars=200)
        purpose = st.text_area(
            "What for",
            key=f"{key}.purpose",
            max_chars=2000,
            placeholder="Stands in the mail: why they are asked, and what happens with the answer",
        )
        author = taking.author(f"{key}.author")
        people = counted(len(plan.people), "person").replace("persons", "people")
        pressed = st.form_submit_button(f"Open and write to {people}", type="primary")
    if not pressed:
        return
    try:
        started = campaign_data.start(
            at,
            name=name,
            purpose=purpose,
            author=author,
            connector_ids=connector_ids,
            choice=choice,
        )
    except (ConfigError, *decisions.NOT_WRITTEN) as error:
        _not_opened(error)
        return
    opening.campaign(started.campaign_id)


def _not_opened(error: Exception) -> None:
    why = esc(str(error), longest=600)
    st.error(f"{why[:1].upper()}{why[1:]}.", title="Not opened", icon=":material/error:")


def _whom(plan: Plan) -> None:
    """Draw whom it would ask, and about what nobody is asked."""
    number = Counter(one.to.recipient for one in plan.asking)
    people = counted(len(number), "person").replace("persons", "people")
    st.markdown(f"**{people}** would be asked about **{counted(len(plan.asking), 'connector')}**.")
    lines = [
        f"{esc(plan.people[who].name)}, {esc(asked.role(plan.people[who].role))}: {count(times)}"
        for who, times in number.most_common(_LISTED)
    ]
    if len(number) > _LISTED:
        lines.append(f"and {counted(len(number) - _LISTED, 'other')}")
    if plan.already:
        lines.append(f"{counted(len(plan.already), 'connector')} asked about already: left out")
    if plan.settled:
        lines.append(
            f"{counted(len(plan.settled), 'connector')} kept lately or being retired: left out"
        )
    if plan.nobody:
        lines.append(
            f"{counted(len(plan.nobody), 'connector')} nobody can be asked about: left out. A "
            "mailbox in reports.coe_mailbox would be asked."
        )
    st.markdown("  \n".join(f":small[:gray[{line}]]" for line in lines))
