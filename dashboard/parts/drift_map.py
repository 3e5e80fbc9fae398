"""The drift board of many environments: a map of small cells, each with a symbol."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.parts.badges import DRIFT, meaning
from dashboard.parts.chart import LEGEND
from dashboard.parts.text import count, plain

KEY = "drift.map"
_ROW, _FOOT, _MOST = 22, 190, 60
# Slots of the theme, see parts/chart.py; each state has a symbol as well.
_COLORS: Final = {
    "breaking": "#000006",
    "risky": "#000002",
    "compatible": "#000007",
    "unreadable": "#8A63CE",
    "unknown": "#8A63CE",
}
_QUIET: Final = "#000009"
_INK: Final = "#000010"


def draw(
    told: pd.DataFrame, cells: pd.DataFrame, heads: Sequence[tuple[str, str]]
) -> pd.Series | None:
    """Draw the worst families and return the member whose cell was clicked, if any.

    Args:
        told: The families, the worst first.
        cells: Their members, one a family and place.
        heads: The places with their names.
    """
    first = told.head(_MOST)
    there = cells[cells["family"].isin(first["family"]) & (cells["shown"] != "missing")]
    names = dict(zip(first["family"], first["family_name"], strict=True))
    words = dict(heads)
    figure = go.Figure()
    for state, part in there.groupby("shown", sort=False):
        told_as = meaning(DRIFT, state)
        figure.add_scatter(
            x=part["place"],
            y=part["family"],
            name=told_as.word,
            mode="markers+text",
            text=[told_as.symbol] * len(part),
            marker={"symbol": "square", "size": 18, "color": _COLORS.get(str(state), _QUIET)},
            textfont={"size": 11, "color": "#FFFFFF" if state in _COLORS else _INK},
            customdata=[
                (html.escape(plain(names[family], longest=50)),
                 html.escape(plain(words[place], longest=50)))
                for family, place in zip(part["family"], part["place"], strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}: "
            + told_as.word
            + "<extra></extra>",
        )  # fmt: skip
    _laid_out(figure, first, names, heads)
    event = st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=f"{count(len(first))} families by environment, the worst first",
        key=KEY,
        on_select="rerun",
        selection_mode="points",
    )
    if len(told) > _MOST:
        st.caption(f"The worst {count(_MOST)} of {count(len(told))} families.")
    points = event.selection.points
    if not points:
        return None
    chosen = there[(there["family"] == points[0]["y"]) & (there["place"] == points[0]["x"])]
    return None if chosen.empty else chosen.iloc[0]


def _laid_out(
    figure: go.Figure,
    first: pd.DataFrame,
    names: dict[str, str],
    heads: Sequence[tuple[str, str]],
) -> None:
    figure.update_layout(
        height=_FOOT + _ROW * len(first),
        margin={"l": 0, "r": 8, "t": 34, "b": 0},
        dragmode=False,
        hovermode="closest",
        legend=LEGEND,
    )
    across = [(place, html.escape(plain(word, longest=18))) for place, word in heads]
    down = [
        (family, html.escape(plain(names[family], longest=28)))
        for family in reversed(list(first["family"]))
    ]
    for update, shown in ((figure.update_xaxes, across), (figure.update_yaxes, down)):
        values = [value for value, _ in shown]
        update(
            type="category",
            categoryorder="array",
            categoryarray=values,
            tickmode="array",
            tickvals=values,
            ticktext=[word for _, word in shown],
            range=[-0.5, len(values) - 0.5],
            fixedrange=True,
            showgrid=False,
            zeroline=False,
        )
    figure.update_xaxes(tickangle=-90)
