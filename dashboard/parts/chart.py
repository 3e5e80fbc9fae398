"""Plots: few lines, a zero base, no toolbar, and their message in words."""

from __future__ import annotations

import html

import plotly.graph_objects as go
import streamlit as st
from pandas import DataFrame

_HEIGHT = 260
_TICKS = 5


def trend(frame: DataFrame, time: str, series: dict[str, str], *, alt: str) -> None:
    """Draw counts over time, the second and further series dotted.

    Args:
        frame: One row per point.
        time: Column of the time.
        series: Column of each series and its name.
        alt: The message in one sentence.
    """
    figure = go.Figure()
    for position, (column, name) in enumerate(series.items()):
        figure.add_scatter(
            x=frame[time],
            y=frame[column],
            name=html.escape(name),
            mode="lines+markers" if len(frame) < 8 else "lines",  # noqa: PLR2004 - few points show as points
            line={"width": 2, "dash": "dot" if position else "solid"},
            hovertemplate="%{y:,}",
        )
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 0, "r": 8, "t": 34, "b": 0},
        dragmode=False,
        hovermode="x unified",
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "xref": "container",
            "yref": "container",
            "yanchor": "top",
        },
    )
    figure.update_xaxes(
        showgrid=False, fixedrange=True, nticks=6, tickformat="%-d %b", hoverformat="%-d %b %Y"
    )
    figure.update_yaxes(rangemode="tozero", fixedrange=True, nticks=_TICKS, tickformat=",d")
    if not frame[list(series)].gt(_TICKS).any(axis=None):
        # Halves between so few would all read as whole numbers.
        figure.update_yaxes(dtick=1)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)
