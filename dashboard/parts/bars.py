"""Plots of counts by category: horizontal bars, the figure beside each, no toolbar."""

from __future__ import annotations

import html
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard.parts.chart import LEGEND

_BAR = 30
_FRAME = 64
_FAINT = 0.45
_STACK, _LEGEND = 44, 18
_INK = "#000010"
"""Streamlit turns it into the ink of labels."""


def counts(
    labels: Sequence[str],
    values: Sequence[int],
    groups: Sequence[str],
    *,
    alt: str,
    quiet: str = "",
) -> None:
    """Draw how many there are of each kind, the first at the top.

    Args:
        labels: Words of the product, never of a tenant.
        values: Their counts.
        groups: The group of each, told apart by colour and by the legend.
        alt: The message in one sentence.
        quiet: A group that needs nobody, drawn faint.
    """
    figure = go.Figure()
    for group in dict.fromkeys(groups):
        chosen = [place for place, name in enumerate(groups) if name == group]
        figure.add_bar(
            y=[html.escape(labels[place]) for place in chosen],
            x=[values[place] for place in chosen],
            text=[f"{values[place]:,}" for place in chosen],
            name=html.escape(group),
            # The bar alone is faint: the figure beside it is read like any other.
            marker={"opacity": _FAINT if group == quiet else 1},
            textfont={"color": _INK},
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    figure.update_layout(
        height=_FRAME + _BAR * len(labels),
        margin={"l": 0, "r": 44, "t": 34, "b": 0},
        dragmode=False,
        bargap=0.35,
        legend=LEGEND,
    )
    _ordered(figure, labels)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def stacked(
    labels: Sequence[str],
    series: Sequence[tuple[str, int, Sequence[float]]],
    *,
    alt: str,
) -> None:
    """Draw amounts as bars, one series after the other in each, with the total at its end.

    Args:
        labels: Words of the product, the first at the top.
        series: Name, slot of the theme's colours, and the amount by label of each.
        alt: The message in one sentence.
    """
    figure = go.Figure()
    names = [html.escape(label) for label in labels]
    for name, slot, amounts in series:
        figure.add_bar(
            y=names,
            x=list(amounts),
            name=html.escape(name),
            marker={"color": f"#{slot + 1:06d}", "line": {"width": 0}},
            orientation="h",
            hovertemplate="%{x:,.2f}<extra>%{fullData.name}</extra>",
        )
    totals = [sum(amounts[place] for _, _, amounts in series) for place in range(len(labels))]
    figure.add_scatter(
        y=names,
        x=totals,
        text=[f" {round(total):,}" for total in totals],
        mode="text",
        textposition="middle right",
        textfont={"color": _INK},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    # On a phone each series has a line of the legend to itself, below the bars.
    foot = _LEGEND * (len(series) + 1)
    figure.update_layout(
        barmode="stack",
        height=foot + _STACK * len(labels),
        margin={"l": 0, "r": 64, "t": 0, "b": foot},
        dragmode=False,
        bargap=0.3,
        legend={"orientation": "h", "traceorder": "normal", "x": 0, "y": 0, "yanchor": "top"},
    )
    _ordered(figure, labels)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def _ordered(figure: go.Figure, labels: Sequence[str]) -> None:
    order = [html.escape(label) for label in labels]
    figure.update_yaxes(
        categoryorder="array", categoryarray=order, autorange="reversed", fixedrange=True
    )
    figure.update_xaxes(visible=False, rangemode="tozero", fixedrange=True)
