"""What one connector costs in licences, because of which apps and flows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.domain.licensing.changes import Change, Retire, Scale, change_as_text
from connectory.queries.connector import ConnectorCard
from connectory.queries.exposure import ConnectorCost
from dashboard import exposure_data, what_if_data
from dashboard.data import At
from dashboard.parts import estimating, exposure_trend, money, page, state, table
from dashboard.parts.text import count, counted, esc

_MORE = 100


def draw(at: At, card: ConnectorCard) -> None:
    """Draw what retiring it would save, who needs cover because of it, and what uses it."""
    told = estimating.told_or_why(
        lambda: exposure_data.of_connector(at, card.connector_id), "No estimate can be made"
    )
    if told is None:
        state.empty("It costs nothing in licences", "No app and no flow that was read uses it.")
        return
    cost = money.exact(told.monthly, exposure_data.currency())
    st.markdown(f"Retiring it would save **{esc(cost)}** a month.")
    st.caption(
        "The cheapest plan for the whole tenant, less the cheapest plan without this connector. "
        + _shared(told)
    )
    with st.container(horizontal=True):
        st.page_link(page.EXPOSURE, label=":blue[Open Exposure]")
        _what_if("What if it were retired?", Retire(str(card.connector_id)))
        if told.apps:
            _what_if(f"What if {_MORE} more people used it?", Scale(str(card.connector_id), _MORE))
    st.header("Who needs cover because of it alone", anchor=False)
    _people(told)
    for title, rows in (("Apps", told.apps), ("Flows", told.flows)):
        if rows:
            st.header(title, anchor=False)
            _assets(title, rows)
    exposure_trend.of_connector(at, card)


def _what_if(words: str, change: Change) -> None:
    address = {what_if_data.KEY: change_as_text(change)}
    st.page_link(page.WHAT_IF, label=f":blue[{words}]", query_params=address)


def _shared(told: ConnectorCost) -> str:
    both = sum(1 for _, others in (*told.apps, *told.flows) if others)
    if not both:
        return ""
    return (
        f"{counted(both, 'asset')} of it would stay premium because of another connector: what "
        "these cost is shared."
    )


def _people(told: ConnectorCost) -> None:
    if not told.only:
        st.caption(
            f"Nobody: whoever it concerns ({count(told.users)}) needs cover for something else as well."
            if told.users
            else "Nobody needs a licence because of it."
        )
        return
    rows = pd.DataFrame({"person": list(told.only)})
    columns = {"person": table.text("Person", width=320)}
    shown = table.words(rows, ["person"])
    table.data_table(shown, columns, alt="People who need cover for it alone", key="cost.people")
    st.caption(f"{count(len(told.only))} of {count(told.users)} people it concerns.")


def _assets(title: str, rows: tuple[tuple[str, str], ...]) -> None:
    shown = table.words(pd.DataFrame(rows, columns=["name", "others"]), ["name", "others"])
    columns = {
        "name": table.text(title[:-1], width=320),
        "others": table.text("Premium because of these as well", width=420),
    }
    table.data_table(shown, columns, alt=title, key=f"cost.{title}")
