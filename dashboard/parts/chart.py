"""Plots: few lines, a zero base, no toolbar, and their message in words."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

import plotly.graph_objects as go
import streamlit as st
from pandas import DataFrame, Series

LEGEND: Final = {
    "orientation": "h",
    "x": 0,
    "y": 1,
    "xref": "container",
    "yref": "container",
    "yanchor": "top",
}
"""Where the names of what is drawn stand: above the plot, in a row."""
_HEIGHT = 260
_FEW = 8
"""Fewer points than this show as points, each with its day."""
_TICKS = 5
_LEGEND = 14
_ROW, _HEAD, _CELL = 30, 110, 22
# Streamlit turns these into slots of the theme: main, ink of labels.
_MAIN, _INK, _UNKNOWN = "#000001", "#000010", "#8A63CE"
_PARTNER, _BROKEN = "#000007", "#000006"
_FAINT = 0.5


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
            mode="lines+markers" if len(frame) < _FEW else "lines",
            line={"width": 2, "dash": "dot" if position else "solid"},
            hovertemplate="%{y:,}",
        )
    _over_time(figure, frame[time], frame[list(series)].max(axis=1), alt=alt)


def stacked(frame: DataFrame, time: str, series: dict[str, tuple[str, int]], *, alt: str) -> None:
    """Draw counts over time as columns, one series on the other.

    Args:
        frame: One row per point.
        time: Column of the time.
        series: Column of each series, its name and its slot of the theme's colours.
        alt: The message in one sentence.
    """
    figure = go.Figure()
    for column, (name, slot) in series.items():
        figure.add_bar(
            x=frame[time],
            y=frame[column],
            name=html.escape(name),
            marker={"color": f"#{slot + 1:06d}", "line": {"width": 0}},
            hovertemplate="%{y:,}",
        )
    figure.update_layout(barmode="stack", bargap=0.15, legend={"traceorder": "normal"})
    # On a phone each series has a line of the legend to itself.
    height = _HEIGHT + _LEGEND * (len(series) - 1)
    _over_time(figure, frame[time], frame[list(series)].sum(axis=1), alt=alt, height=height)


def banded(
    past: DataFrame,
    ahead: DataFrame,
    names: tuple[str, str],
    *,
    alt: str,
    bound: tuple[str, float] | None = None,
) -> None:
    """Draw a figure over its past, and after it the band in which it may lie.

    Args:
        past: Columns day and value.
        ahead: Columns day, middle, low and high; may be empty.
        names: What the past and the trend are called.
        alt: The message in one sentence.
        bound: Name and height of a line that is not to be crossed.
    """
    figure = go.Figure()
    for column in ("low", "high"):
        figure.add_scatter(
            x=ahead["day"],
            y=ahead[column],
            mode="lines",
            line={"width": 0, "color": _PARTNER},
            fill="tonexty" if column == "high" else None,
            opacity=_FAINT,
            name="80 % band",
            showlegend=column == "high" and not ahead.empty,
            hovertemplate=f"{column.capitalize()} %{{y:,.0f}}<extra></extra>",
        )
    figure.add_scatter(
        x=ahead["day"],
        y=ahead["middle"],
        name=html.escape(names[1]),
        mode="lines",
        line={"width": 2, "dash": "dot", "color": _MAIN},
        showlegend=not ahead.empty,
        hovertemplate="%{y:,.0f}",
    )
    figure.add_scatter(
        x=past["day"],
        y=past["value"],
        name=html.escape(names[0]),
        mode="lines+markers" if len(past) < _FEW else "lines",
        line={"width": 2, "color": _MAIN},
        hovertemplate="%{y:,.0f}",
    )
    days = [*past["day"], *ahead["day"]]
    tops = Series([*past["value"], *ahead["high"]], dtype="float64")
    if bound is not None and days:
        figure.add_scatter(
            x=[min(days), max(days)],
            y=[bound[1]] * 2,
            name=html.escape(bound[0]),
            mode="lines",
            line={"width": 1, "dash": "dash", "color": _BROKEN},
            hovertemplate="%{y:,.0f}",
        )
    _over_time(figure, Series(days), tops, alt=alt, height=_HEIGHT + _LEGEND)


def _over_time(
    figure: go.Figure, moments: Series, tops: Series, *, alt: str, height: int = _HEIGHT
) -> None:
    """Draw a figure whose points stand over days.

    Args:
        figure: With its series.
        moments: The days.
        tops: How high it goes at each.
        alt: The message in one sentence.
        height: Pixels.
    """
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 34, "b": 0},
        dragmode=False,
        hovermode="x unified",
        legend=LEGEND,
    )
    figure.update_xaxes(
        showgrid=False, fixedrange=True, nticks=6, tickformat="%-d %b", hoverformat="%-d %b %Y"
    )
    if len(moments) < _FEW:
        # Between so few points the same day would be written several times.
        figure.update_xaxes(tickmode="array", tickvals=list(moments))
    figure.update_yaxes(rangemode="tozero", fixedrange=True, nticks=_TICKS, tickformat=",d")
    if not tops.gt(_TICKS).any():
        # Halves between so few would all read as whole numbers.
        figure.update_yaxes(dtick=1)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def cells(
    frame: DataFrame,
    *,
    across: Sequence[tuple[str, str]],
    down: Sequence[tuple[str, str]],
    alt: str,
    key: str,
    on_choose: Callable[[str, str], None],
) -> None:
    """Draw counts where rows and columns meet; a count can be clicked, a question mark is unknown.

    Args:
        frame: One row per cell: across, down, count, known.
        across: Columns as value and word, from the left.
        down: Rows as value and word, from the top.
        alt: The message in one sentence.
        key: Identity of the element.
        on_choose: Called with the clicked cell's across and down before the page is drawn anew.
    """
    words = {value: html.escape(word) for value, word in (*across, *down)}
    most = max([1, *frame["count"]])
    figure = go.Figure()
    for known in (True, False):
        part = frame[frame["known"] == known]
        part = part[part["count"] > 0] if known else part
        figure.add_scatter(
            x=part["across"],
            y=part["down"],
            customdata=[
                (x, y, words[x], words[y])
                for x, y in zip(part["across"], part["down"], strict=True)
            ],
            text=[_cell(count, known=known) for count in part["count"]],
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": _CELL,
                "color": _MAIN if known else _UNKNOWN,
                "opacity": [0.12 + 0.3 * count / most for count in part["count"]],
                "line": {"width": 0},
            },
            textfont={"color": _INK, "size": 13},
            hovertemplate="%{customdata[2]}<br>%{customdata[3]}: %{text}<extra></extra>",
            selected={"textfont": {"color": _INK}},
            unselected={"textfont": {"color": _INK}, "marker": {"opacity": 0.2}},
            showlegend=False,
        )
    figure.update_layout(
        height=_HEAD + _ROW * len(down),
        margin={"l": 0, "r": 8, "t": 4, "b": 0},
        dragmode=False,
        hovermode="closest",
    )
    # Two environments may have one name, so cells stand at ids and names are only written there.
    for update, shown in ((figure.update_xaxes, across), (figure.update_yaxes, down[::-1])):
        values = [value for value, _ in shown]
        update(
            type="category",
            categoryorder="array",
            categoryarray=values,
            tickmode="array",
            tickvals=values,
            ticktext=[words[value] for value in values],
            range=[-0.5, len(values) - 0.5],
            fixedrange=True,
        )
    figure.update_xaxes(showgrid=False, zeroline=False, tickangle=-45)

    def chosen() -> None:
        points = st.session_state[key].selection.points
        if points:
            on_choose(*points[0]["customdata"][:2])

    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=alt,
        key=key,
        on_select=chosen,
        selection_mode="points",
    )


def _cell(count: int, *, known: bool) -> str:
    if known:
        return f"{count:,}"
    return f"{count:,}?" if count else "?"
