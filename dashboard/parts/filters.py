"""Filters that stand in the address, so that a view can be sent to somebody.

Streamlit writes the label of an option into the address and takes back nothing else, so every
option here is its own label.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.parts import as_of
from dashboard.parts.text import NOTHING, count, plain


def search(cells: DeltaGenerator, hint: str) -> str:
    """Draw the search and return its words."""
    return cells.text_input(
        "Search", key="search", bind="query-params", placeholder=hint, icon=":material/search:"
    )


def several(cells: DeltaGenerator, title: str, name: str, choices: Sequence[str]) -> list[str]:
    """Draw a filter of any number of choices; return those chosen, none meaning any."""
    return cells.multiselect(
        title, choices, key=name, bind="query-params", placeholder="Any", select_all=False
    )


def one(cells: DeltaGenerator, title: str, name: str, choices: Sequence[str]) -> str:
    """Draw a choice of one; the first is the default."""
    return cells.selectbox(title, choices, key=name, bind="query-params")


def without_ignored(frame: pd.DataFrame, left_out: Collection[int]) -> pd.DataFrame:
    """Draw the choice to show what the settings leave out; return the rows to go on with.

    Args:
        frame: Rows about connectors; nothing is drawn if none of them is left out.
        left_out: The connectors that are.
    """
    ignored = frame["connector_id"].isin(list(left_out)).fillna(value=False).astype(bool)
    if not ignored.any() or st.toggle(
        f"Show ignored ({count(ignored.sum())})",
        key="ignored",
        bind="query-params",
        help="Rows of connectors that the settings leave out of figures and findings.",
    ):
        return frame
    return frame[~ignored].reset_index(drop=True)


def options(values: Iterable[object]) -> list[str]:
    """Return what occurs in a column, each once, in alphabetical order."""
    return sorted({plain(value) for value in values} - {NOTHING}, key=str.casefold)


def behind(values: Iterable[object], chosen: Sequence[str]) -> list[str]:
    """Return the values of a column that stand behind chosen `options`."""
    told = {plain(value): str(value) for value in values}
    return [told[option] for option in chosen if option in told]


def narrow(**chosen: Sequence[str] | str) -> Callable[[], None]:
    """Return what sets filters of the page it is drawn on, for a figure that shows its rows.

    To be called by a widget: filters that stand on the page already cannot be set any more.
    """

    def choose() -> None:
        for name, value in chosen.items():
            st.session_state[name] = value if isinstance(value, str) else list(value)

    return choose


def remember(page: str) -> None:
    """Keep the filters of a page for the links that lead back to it."""
    st.session_state[f"{page}.address"] = {
        name: st.query_params.get_all(name)
        for name in st.query_params
        if name != as_of.KEY  # goes along by itself, until it is taken back
    }


def remembered(page: str) -> dict[str, list[str]]:
    """Return the filters last used on a page."""
    kept: dict[str, list[str]] = st.session_state.get(f"{page}.address", {})
    return kept
