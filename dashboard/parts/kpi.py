"""Rows of key figures, each with its change and a way to its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict, Unpack

import streamlit as st

from dashboard.parts.text import count

_CARD = 158
_UNKNOWN = ":material/visibility_off:"


class Told(TypedDict, total=False):
    """What a figure may be told besides its value."""

    bad_up: bool
    unknown: int
    unread: int
    help: str
    page: str
    parameters: Mapping[str, str | list[str]]
    action: str


@dataclass(frozen=True)
class Figure:
    """One key figure.

    Attributes:
        label: At most 16 characters.
        value: The figure; None if it is unknown.
        before: The same figure at the previous run, if there was one.
        since: When that was, e.g. "22 Nov".
        bad_up: More of it is worse.
        note: A quiet word in place of the change.
        unknown: How many of them nothing is known about.
        help: What exactly is counted.
        page: Page that shows the rows.
        parameters: Filters of that page.
        action: Words of the link.
        unread: In how many environments it could not be looked for whole.
        narrow: What the link does instead of leading to a page: it narrows the rows of this one.
    """

    label: str
    value: int | str | None
    before: int | None = None
    since: str = ""
    bad_up: bool = False
    note: str = ""
    unknown: int = 0
    help: str | None = None
    page: str | None = None
    parameters: Mapping[str, str | list[str]] = field(default_factory=dict)
    action: str = "Show"
    unread: int = 0
    narrow: Callable[[], None] | None = None

    @property
    def change(self) -> int | None:
        """How much it moved since the previous run."""
        if self.before is None or not isinstance(self.value, int):
            return None
        return self.value - self.before

    @property
    def color(self) -> Literal["off", "inverse"]:
        """Colour of the change: only where up is clearly bad, and all was looked at."""
        return "inverse" if self.bad_up and self.change and self.whole else "off"

    @property
    def whole(self) -> bool:
        """Whether everything it counts is known: otherwise a change may be a gap and no progress."""
        return not self.unread and not self.unknown


@dataclass(frozen=True)
class Compared:
    """Figures at a moment beside the same figures at the moment before.

    Attributes:
        now: The figures, as attributes.
        before: The same at the previous run, if there was one.
        since: When that was, e.g. "22 Nov".
    """

    now: object
    before: object | None
    since: str

    def figure(self, label: str, name: str, **told: Unpack[Told]) -> Figure:
        """Return one figure by its attribute's name, with what else `Figure` is told."""
        before = None if self.before is None else int(getattr(self.before, name))
        return Figure(label, int(getattr(self.now, name)), before, self.since, **told)


def row(figures: Sequence[Figure]) -> None:
    """Draw at most five figures, five across on a desktop and two on a phone."""
    grid = st.grid(len(figures), min_column_width=_CARD)
    for figure in figures:
        with grid.container(border=True, height="stretch", gap="xxsmall"):
            _card(figure)


def _card(figure: Figure) -> None:
    value = figure.value if isinstance(figure.value, str) else count(figure.value)
    delta = figure.note or (None if figure.change is None else f"{figure.change:+,}")
    if figure.value is None:
        delta = None  # a note on what is not known would contradict it
    st.metric(
        figure.label,
        value,
        "0" if delta == "+0" else delta,
        delta_color=figure.color,
        delta_arrow="off" if figure.note or not figure.change or not figure.whole else "auto",
        delta_description=f"since {figure.since}" if figure.change is not None else None,
        help=figure.help,
        height="stretch",  # so that what follows stands at the foot of each card
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if figure.page:
            st.page_link(
                figure.page, label=f":blue[{figure.action}]", query_params=dict(figure.parameters)
            )
        if figure.narrow:
            key = f"kpi.{figure.label}"
            st.button(f":blue[{figure.action}]", type="tertiary", key=key, on_click=figure.narrow)
        if figure.unread:
            st.badge(f"{count(figure.unread)} not read", icon=_UNKNOWN, color="violet")
        if figure.value is None:
            st.badge("Not known", icon=_UNKNOWN, color="violet")
        if figure.unknown:
            st.badge(f"{count(figure.unknown)} unknown", icon=_UNKNOWN, color="violet")
