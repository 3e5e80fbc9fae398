"""Tables: large ones as grids, small ones as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.data import time_zone
from dashboard.parts.badges import Scale, meaning
from dashboard.parts.text import NOTHING, esc, missing, plain

ROW = 34
LAZY_FROM = 1000
_HEIGHT = 600
_QUIET = "#00000000"
Column = Any  # what streamlit.column_config builds; it has no public type


def chips(frame: pd.DataFrame, column: str, scale: Scale) -> pd.DataFrame:
    """Return the frame with the states of a column as chips, for `state`."""
    told = [[meaning(scale, value).chip] for value in frame[column]]
    return frame.assign(**{column: pd.Series(told, index=frame.index, dtype=object)})


def words(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the frame with the tenant's words of some columns on one line each."""
    told = frame.copy()
    for name in columns:
        told[name] = pd.Series([_cell(value) for value in frame[name]], frame.index, dtype=object)
    return told


def _cell(value: object) -> str | None:
    told = plain(value)
    return None if told == NOTHING else told


def state(label: str, scale: Scale, *, width: int, seen: Sequence[object] = ()) -> Column:
    """Return a column of chips.

    Args:
        label: Head of the column.
        scale: What the states mean.
        width: Pixels.
        seen: States that occur, for those the scale does not know.
    """
    told = [*scale.values(), *(meaning(scale, value) for value in seen)]
    colors = {item.chip: item.color or _QUIET for item in told}
    return st.column_config.MultiselectColumn(
        label, width=width, options=list(colors), color=list(colors.values())
    )


def text(label: str, *, width: int, pinned: bool = False, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of words."""
    return st.column_config.TextColumn(label, width=width, pinned=pinned, help=help)


def number(label: str, *, width: int, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of whole numbers with thousands separated."""
    return st.column_config.NumberColumn(label, width=width, format="%,d", help=help)


def kilobytes(label: str, *, width: int) -> Column:
    """Return a column of sizes, all in one unit so that they can be compared; see `thousandth`."""
    return st.column_config.NumberColumn(f"{label}, kB", width=width, format="%,.1f")


def thousandth(amounts: pd.Series[Any]) -> pd.Series[Any]:
    """Return bytes as `kilobytes`; what is not known stays so."""
    return amounts.astype("Float64") / 1000


def share(label: str, *, width: int) -> Column:
    """Return a column of percentages, drawn as bars."""
    return st.column_config.ProgressColumn(
        label, width=width, format="%.1f%%", min_value=0, max_value=100
    )


def amount(label: str, *, width: int, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of money to the hundredth."""
    return st.column_config.NumberColumn(label, width=width, format="%,.2f", help=help)


def signed(label: str, *, width: int) -> Column:
    """Return a column of differences of money, each with its sign."""
    return st.column_config.NumberColumn(label, width=width, format="%+,.2f")


def seconds(label: str, *, width: int) -> Column:
    """Return a column of seconds to a tenth."""
    return st.column_config.NumberColumn(label, width=width, format="%,.1f")


def uniform(frame: pd.DataFrame, column: str) -> bool:
    """Tell whether a column says the same of every row, so that it need not be shown."""
    return len(set(frame[column])) == 1


def day(label: str, *, width: int = 105, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of dates in the zone of the settings."""
    return st.column_config.DatetimeColumn(
        label, width=width, format="D MMM YYYY", timezone=time_zone(), help=help
    )


def date(label: str, *, width: int = 105, help: str | None = None) -> Column:  # noqa: A002 - Streamlit's word
    """Return a column of days that belong to no zone."""
    return st.column_config.DateColumn(label, width=width, format="D MMM YYYY", help=help)


def points(label: str, *, width: int) -> Column:
    """Return a column of scores from 0 to 100, drawn as bars."""
    return st.column_config.ProgressColumn(
        label, width=width, format="%d", min_value=0, max_value=100
    )


def minute(label: str, *, width: int = 150) -> Column:
    """Return a column of times in the zone of the settings."""
    return st.column_config.DatetimeColumn(
        label, width=width, format="D MMM YYYY, HH:mm", timezone=time_zone()
    )


def short_minute(label: str, *, width: int = 105) -> Column:
    """Return a column of times without their year, of days that the page names."""
    return st.column_config.DatetimeColumn(
        label, width=width, format="D MMM, HH:mm", timezone=time_zone()
    )


def opener(label: str, *, width: int, key: str) -> Column:
    """Return a column of names that can be clicked; `clicked` tells which was."""
    return st.column_config.ButtonColumn(
        label, width=width, type="tertiary", alignment="left", key=key
    )


def clicked(key: str) -> int | None:
    """Return the position of the row whose `opener` was just clicked, or None."""
    click = st.session_state.get(key)
    return None if click is None else int(click.row)


def choose(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str,
    hidden: Sequence[str] = (),
    height: int = _HEIGHT,
) -> int | None:
    """Draw a grid in which a cell can be chosen with mouse or arrow keys.

    Args:
        frame: The rows.
        columns: Columns in their order.
        alt: What the table holds, for screen readers.
        key: Identity of the element; its choice is kept under it.
        hidden: Of these, columns that readers may switch on.
        height: Most pixels.

    Returns:
        Position of the chosen row, or None. More than a thousand rows are sent as they are seen;
        nothing can be chosen then but by an `opener`.
    """
    cell = choose_cell(frame, columns, alt=alt, key=key, hidden=hidden, height=height)
    return None if cell is None else cell[0]


def choose_cell(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str,
    hidden: Sequence[str] = (),
    height: int = _HEIGHT,
) -> tuple[int, str] | None:
    """Draw the same grid as `choose`; return row and column of the chosen cell, or None."""
    if len(frame) > LAZY_FROM:
        data_table(frame, columns, alt=alt, key=key, hidden=hidden, height=height)
        return None
    chosen = st.dataframe(
        frame[list(columns)],
        column_config=dict(columns),
        column_order=[name for name in columns if name not in hidden],
        hide_index=True,
        row_height=ROW,
        height=fitting(len(frame), height),
        placeholder=NOTHING,
        alt=alt,
        key=key,
        on_select="rerun",
        selection_mode="single-cell",
    )
    row, column = next(iter(chosen.selection.cells), (len(frame), ""))
    return (row, column) if row < len(frame) else None


def data_table(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    hidden: Sequence[str] = (),
    key: str | None = None,
    height: int = _HEIGHT,
) -> None:
    """Draw a grid of exactly these columns; more than a thousand rows are sent as they are seen.

    Args:
        frame: The rows.
        columns: Columns in their order.
        alt: What the table holds, for screen readers.
        hidden: Of these, columns that readers may switch on.
        key: Identity of the element.
        height: Most pixels.
    """
    st.dataframe(
        frame[list(columns)],
        column_config=dict(columns),
        column_order=[name for name in columns if name not in hidden],
        hide_index=True,
        row_height=ROW,
        height=fitting(len(frame), height),
        placeholder=NOTHING,
        lazy=len(frame) > LAZY_FROM,
        alt=alt,
        key=key,
    )


def openers(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    hidden: Sequence[str] = (),
    key: str,
) -> None:
    """Draw a grid one of whose columns is an `opener`.

    What the grid itself offers to download lacks that column: Export has the rows whole.
    """
    with st.container(key=f"opens-{key.replace('.', '-')}"):
        data_table(frame, columns, alt=alt, hidden=hidden, key=key)


def fitting(rows: int, most: int = _HEIGHT) -> int:
    """Return the height in pixels at which a grid shows its rows without empty space."""
    return min(most, (rows + 1) * ROW + 3)


def small(rows: Sequence[Mapping[str, object]], *, alt: str, header: bool = True) -> None:
    """Draw a small table of words; cells are Markdown, so the caller escapes tenant words."""
    st.table(
        pd.DataFrame(list(rows)),
        border="horizontal",
        hide_index=True,
        hide_header=not header,
        alt=alt,
    )


def facts(pairs: Sequence[tuple[str, str]], *, alt: str) -> None:
    """Draw facts with their names; values are Markdown, so the caller escapes tenant words."""
    small([{"Fact": name, "Value": value} for name, value in pairs], alt=alt, header=False)


def filled(frame: pd.DataFrame, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns that say anything of any row, so that the others get their room."""
    said = {
        name for name in columns if any(not missing(value) and value != "" for value in frame[name])
    }
    return {name: column for name, column in columns.items() if name in said}


def whole(row: pd.Series[Any], columns: Mapping[str, Column], *, longest: int = 600) -> None:
    """Draw one row of a grid from top to bottom, where nothing of it is cut."""
    pairs = [
        (str(told["label"]), esc(row[name], longest=longest)) for name, told in columns.items()
    ]
    facts(pairs, alt="The row that is chosen")


def chosen_whole(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    key: str,
    hidden: Sequence[str] = (),
) -> None:
    """Draw a grid, and below it the row that is chosen, where nothing of it is cut."""
    row = choose(frame, columns, alt=alt, key=key, hidden=hidden)
    if row is None:
        st.caption("Choose a row to read it whole.")
    else:
        whole(frame.iloc[row], columns)
