"""What one connector costs in licences, with it and without, and what covers whom it concerns."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.domain.licensing.changes import Change, Retire, Scale, change_as_text
from connectory.queries.connector import ConnectorCard
from connectory.queries.exposure_connector import Asset, ConnectorCost
from dashboard import exposure_data, what_if_data
from dashboard.data import At
from dashboard.parts import estimating, exposure_trend, kpi, money, page, state, table
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted

_MORE = 100


def draw(at: At, card: ConnectorCard) -> None:
    """Draw what retiring it would save, whom it concerns, what covers them, and what uses it."""
    told = estimating.told_or_why(
        lambda: exposure_data.of_connector(at, card.connector_id), "No estimate can be made"
    )
    if told is None:
        why = "No app and no flow that was read uses it."
        if card.presence != "present":
            why = "It is not there any more: whatever still names it cannot use it."
        state.empty("It costs nothing in licences", why)
        return
    _figures(told)
    st.caption(
        "Retiring it would save the cheapest plan for the whole tenant, less the cheapest plan "
        "without this connector. " + _shared(told)
    )
    with st.container(horizontal=True):
        plan = {"look": "Plan"}
        st.page_link(page.EXPOSURE, label=":blue[Open the plan line by line]", query_params=plan)
        _what_if("What if it were retired?", Retire(str(card.connector_id)))
        if told.apps:
            _what_if(f"What if {_MORE} more people used it?", Scale(str(card.connector_id), _MORE))
    st.header("Whom it concerns, and what the plan gives them", anchor=False)
    _people(at, told)
    for title, rows in (("Apps", told.apps), ("Flows", told.flows)):
        if rows:
            st.header(title, anchor=False)
            _assets(title, rows)
    exposure_trend.of_connector(at, card)


def _figures(told: ConnectorCost) -> None:
    currency = exposure_data.currency()
    kpi.row(
        [
            Figure("Retiring saves", money.rounded(told.monthly, currency), note="a month"),
            Figure(
                "Cheapest plan",
                money.rounded(told.plan, currency),
                note="proven" if told.proven else "not proven",
                help="Of the whole tenant, with this connector.",
            ),
            Figure("Without it", money.rounded(told.without, currency), note="a month"),
            Figure(
                "People",
                len(told.concerned),
                help="Who needs cover for an app or a flow with it and holds no licence for that.",
            ),
            Figure(
                "Because of it",
                len(told.only),
                help="Who of them needs cover for nothing else.",
            ),
        ]
    )


def _what_if(words: str, change: Change) -> None:
    address = {what_if_data.KEY: change_as_text(change)}
    st.page_link(page.WHAT_IF, label=f":blue[{words}]", query_params=address)


def _shared(told: ConnectorCost) -> str:
    both = sum(1 for one in (*told.apps, *told.flows) if one.others)
    if not both:
        return ""
    return (
        f"{counted(both, 'asset')} of it would stay premium because of another connector: what "
        "these cost is shared."
    )


def _people(at: At, told: ConnectorCost) -> None:
    alone = [one for one in told.flows if one.gets and not one.people]
    if alone:
        st.caption(
            f"{counted(len(alone), 'flow')} with it {'needs' if len(alone) == 1 else 'need'} cover "
            "that no licence of a person gives: see Flows."
        )
    if not told.concerned:
        st.caption("Nobody needs a licence because of it.")
        return
    rows = exposure_data.people_named(at, told.concerned)
    shown = table.words(rows, ["person", "now", "gets", "apps", "flows", "department"])
    shown["alone"] = rows["person_id"].isin(list(told.only)).map({True: "Yes", False: "No"})
    columns = {
        "person": table.text("Person", width=160),
        "gets": table.text("By the plan", width=200),
        "alone": table.text("Because of it alone", width=140),
        "now": table.text("Now", width=290),
        "apps": table.text("Apps", width=180),
        "flows": table.text("Flows", width=180),
    }
    kept = table.filled(shown, columns)
    table.data_table(shown, kept, alt="Whom it concerns", key="cost.people")
    if not told.only:
        st.caption(
            f"Nobody because of it alone: whoever it concerns ({count(len(told.concerned))}) needs "
            "cover for something else as well."
        )


def _assets(title: str, rows: tuple[Asset, ...]) -> None:
    frame = pd.DataFrame(rows, columns=["name", "people", "gets", "others"])
    shown = table.words(frame, ["name", "gets", "others"])
    columns = {
        "name": table.text(title[:-1], width=300),
        "people": table.number("People", width=80, help="Who need cover for it."),
        "gets": table.text("Covered by", width=320),
        "others": table.text("Premium because of these as well", width=400),
    }
    table.data_table(shown, table.filled(shown, columns), alt=title, key=f"cost.{title}")
