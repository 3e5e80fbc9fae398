"""How many there are of each kind, in all and by place: a plot whose figures narrow the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from connectory.queries.owner_filters import UNTOLD, places
from dashboard.parts import chart, filters
from dashboard.parts.badges import Scale, meaning
from dashboard.parts.text import count, counted, plain

MOST: Final = 7
_ALL: Final = "all"
_NAME: Final = 18
NOT_TOLD: Final = "Not told"


def draw(
    rows: pd.DataFrame,
    verdict: str,
    scale: Scale,
    by: Mapping[str, tuple[str, str]],
    *,
    kinds: str,
    of: str,
    key: str,
) -> None:
    """Draw the figures; a click on one shows its rows.

    Args:
        rows: One row each of what is counted.
        verdict: Column of their kinds.
        scale: The kinds, in the order in which they are drawn.
        by: How places can be told: name of the choice, column of the places, filter of the page.
        kinds: Filter of the page for kinds.
        of: What is counted, in a word.
        key: Identity of the element.
    """
    choices = list(by)
    chosen = choices[0]
    if len(choices) > 1:
        st.session_state.setdefault(f"{key}.by", choices[0])
        chosen = (
            st.segmented_control("By", choices, key=f"{key}.by", label_visibility="collapsed")
            or choices[0]
        )
    column, narrows = by[chosen]
    found = places(rows, column, verdict)
    sums = found.groupby("place", sort=False)["count"].sum().sort_values(ascending=False)
    shown = list(sums.head(MOST).index)
    drawn = [state for state in scale if (found["kind"] == state).any()]

    def narrow(place: str, kind: str) -> None:
        there = [] if place == _ALL else [NOT_TOLD if place == UNTOLD else plain(place)]
        filters.narrow(**{kinds: [meaning(scale, kind).word], narrows: there})()

    chart.cells(
        _cells(found, shown),
        across=[(_ALL, "All"), *((one, plain(one or NOT_TOLD, longest=_NAME)) for one in shown)],
        down=[(state, meaning(scale, state).word) for state in drawn],
        alt=f"{of.capitalize()}s by verdict and {chosen.lower()}, places with most first",
        key=f"{key}.{chosen}",
        on_choose=narrow,
    )
    some = "" if len(sums) <= MOST else f"{count(MOST)} of {count(len(sums))} places, "
    st.caption(f"{counted(len(rows), of)}; {some}most first. A click on a figure shows its rows.")


def _cells(found: pd.DataFrame, shown: list[str]) -> pd.DataFrame:
    """Return the cells of the plot: those of some places, and the sums over all."""
    every = found.groupby("kind", as_index=False, sort=False)["count"].sum().assign(place=_ALL)
    cells = pd.concat([every, found[found["place"].isin(shown)]], ignore_index=True)
    named: pd.DataFrame = cells.rename(columns={"place": "across", "kind": "down"})
    return named.assign(known=True)
