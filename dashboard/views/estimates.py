"""Estimates: what was frozen, by whom and what for; each of them whole, and two beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from connectory.domain.licensing.frozen import Frozen
from dashboard import estimate_data
from dashboard.parts import beside, frozen_story, page, state, table
from dashboard.parts.text import code, day, plain

NUMBER, TAB = "number", "show"


def chosen(rows: pd.DataFrame) -> pd.Series:
    """Draw what was frozen; return the one to open: chosen, in the address, or the newest."""
    shown = table.words(rows, ["author", "note"])
    for name in ("monthly", "annual"):
        shown[name] = shown[name].astype(float)
    row = table.choose(
        shown,
        {
            "number": table.number("No.", width=55),
            "monthly": table.amount("A month", width=105),
            "annual": table.amount("Twelve months", width=115),
            "currency": table.text("In", width=60),
            "made_at": table.minute("Frozen"),
            "author": table.text("By", width=140),
            "note": table.text("What for", width=215),
            "recipients": table.number("People", width=75),
            "as_of": table.text("As of", width=100),
            "price_book": table.text("Price book", width=105),
        },
        alt="Frozen estimates, the newest first",
        key="estimates.table",
        height=280,
    )
    if row is not None:
        st.query_params[NUMBER] = str(rows.iloc[row]["number"])
    asked = rows[rows["number"].astype(str) == st.query_params.get(NUMBER, "")]
    return (rows if asked.empty else asked).iloc[0]


def compare(told: Frozen, rows: pd.DataFrame, url: str) -> None:
    """Draw it beside another one."""
    others = {
        f"Estimate {row['number']}, {day(row['made_at'])}, {plain(row['author'])}": int(
            row["number"]
        )
        for row in rows.to_dict("records")
        if row["number"] != told.number
    }
    if not others:
        st.caption("There is no other estimate to compare it with.")
        return
    name = st.selectbox("With", list(others), key="estimates.with")
    other = estimate_data.frozen(url, others[name])
    if other is not None:
        before, after = sorted((told, other), key=lambda one: one.number)
        beside.compared(before, after)


at = page.moment_of("Estimates", dated=False)
page.top("Estimates", at, export="licences_needed", dated=False)
with state.part("Estimates"):
    everything = estimate_data.listed(at.url)
    if everything.empty:
        state.empty(
            "Nothing was frozen yet",
            "Freeze the estimate on the page Exposure, under Plan, or run ] "
            f"{code('connectory estimates freeze')} :gray[.",
        )
        st.page_link(page.EXPOSURE, label=":blue[Open Exposure]")
        st.stop()
    opened = estimate_data.frozen(at.url, int(chosen(everything)["number"]))
    if opened is None:
        st.stop()
    frozen_story.figures(opened)
    TABS: dict[str, Callable[[Frozen], None]] = {
        "Lines": frozen_story.lines,
        "People": frozen_story.people,
        "What it rests on": frozen_story.rests_on,
        "Compare": partial(compare, rows=everything, url=at.url),
    }
    for name, tab in zip(TABS, st.tabs(list(TABS), key=TAB, bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                TABS[name](opened)
