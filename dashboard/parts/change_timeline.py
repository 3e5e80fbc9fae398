"""Who changed what when, as a plot: a line a person, a mark a change."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from connectory.queries.drift_filters import NOBODY
from dashboard.parts.badges import CHANGE, DRIFT, meaning
from dashboard.parts.chart import LEGEND
from dashboard.parts.text import count, plain

MOST: Final = 9
"""People who have a line of their own."""
NOBODY_KNOWN: Final = "Nobody known"
_OTHERS: Final = "\0others"
_HEAD, _LINE = 96, 30
_FADED: Final = 0.2
# Shape and word tell them apart, colour only helps: slots of the theme, see parts/chart.py.
_MARKS: Final = {
    "breaking": ("Breaking", "x", "#000006"),
    "risky": ("Risky", "triangle-up", "#000002"),
    "definition": ("Other definition change", "circle", "#000001"),
    "gone": ("Deleted or gone", "square", "#000010"),
    "other": ("Other", "circle-open", "#000005"),
}


def draw(rows: pd.DataFrame, *, key: str, on_choose: Callable[[str], None]) -> None:
    """Draw the changes over time, each on the line of whoever made it.

    Args:
        rows: Rows of the change log.
        key: Identity of the element.
        on_choose: Called with the name on the line of a mark that was clicked, NOBODY where none
            is known, before the page is drawn anew.
    """
    marks = [_mark(*pair) for pair in zip(rows["kind"], rows["severity"], strict=True)]
    people = pd.Series([who or [NOBODY] for who in rows["who"]], rows.index, dtype=object)
    each = rows.assign(person=people, mark=marks).explode("person")
    named = by_weight(each[each["person"] != NOBODY])
    lines = [*named[:MOST], *([_OTHERS] if len(named) > MOST else [])]
    if (each["person"] == NOBODY).any():
        lines.append(NOBODY)
    each["line"] = [one if one in lines else _OTHERS for one in each["person"]]
    figure = go.Figure()
    for mark, (word, symbol, color) in _MARKS.items():
        part = each[each["mark"] == mark]
        if part.empty:
            continue
        figure.add_scatter(
            x=part["at"],
            y=part["line"],
            name=word,
            mode="markers",
            marker={
                "symbol": symbol,
                "size": 11,
                "color": color,
                "line": {"width": 1.5, "color": color},
            },
            customdata=[_hover(row) for row in part.itertuples(index=False)],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{x|%-d %b %Y}<extra></extra>",
            unselected={"marker": {"opacity": _FADED}},
        )
    _laid_out(figure, lines)

    def chosen() -> None:
        points = st.session_state[key].selection.points
        if points and points[0]["y"] != _OTHERS:
            on_choose(str(points[0]["y"]))

    st.plotly_chart(
        figure,
        config={"displayModeBar": False},
        alt=f"{count(len(rows))} changes over time, by {count(len(named))} people",
        key=key,
        on_select=chosen,
        selection_mode="points",
    )


def by_weight(each: pd.DataFrame) -> list[str]:
    """Return people, those first who changed what is worst, and of them who did it most."""
    weights = {mark: len(_MARKS) - place for place, mark in enumerate(_MARKS)}
    ranked = each.assign(weight=each["mark"].map(weights)).groupby("person")["weight"]
    told = ranked.agg(["max", "size"]).reset_index()
    ordered = told.sort_values(["max", "size", "person"], ascending=[False, False, True])
    return [str(name) for name in ordered["person"]]


def _laid_out(figure: go.Figure, lines: Sequence[str]) -> None:
    figure.update_layout(
        height=_HEAD + _LINE * len(lines),
        margin={"l": 0, "r": 8, "t": 40, "b": 0},
        dragmode=False,
        hovermode="closest",
        showlegend=True,
        legend=LEGEND,
    )
    words = {_OTHERS: "Others", NOBODY: NOBODY_KNOWN}
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(reversed(lines)),
        tickmode="array",
        tickvals=list(lines),
        ticktext=[words.get(one) or html.escape(plain(one, longest=22)) for one in lines],
        range=[-0.6, len(lines) - 0.4],
        fixedrange=True,
    )
    figure.update_xaxes(fixedrange=True, nticks=6, tickformat="%-d %b", showgrid=False)


def _mark(kind: str, severity: object) -> str:
    if severity in ("breaking", "risky"):
        return str(severity)
    if kind == "definition_changed":
        return "definition"
    return "gone" if kind in ("gone", "deleted", "missing") else "other"


def _hover(row: object) -> tuple[str, str]:
    told = [meaning(CHANGE, row.kind).word]  # type: ignore[attr-defined]
    if row.severity:  # type: ignore[attr-defined]
        told.append(meaning(DRIFT, row.severity).word)  # type: ignore[attr-defined]
    name = plain(row.connector, longest=60)  # type: ignore[attr-defined]
    place = plain(row.environment, longest=40)  # type: ignore[attr-defined]
    return html.escape(f"{name} · {place}"), html.escape(", ".join(told))
