"""The drift board as a table of chips, and on a narrow screen as a list of families."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from connectory.queries.drift_hits import ORDER
from dashboard import drift_data
from dashboard.parts import drift_map, filters, kpi, opening, table
from dashboard.parts.badges import DRIFT, USED, meaning
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, day, esc, label, missing, plain

TABLE, FAMILY = "drift.table", "drift.family"
MOST: Final = 8
"""Environments that have a column each; more are told by their kind, or drawn as a map."""
KINDS, PLACES = "Kinds", "Environments"
_LISTED: Final = 40
_QUIET: Final = ("same", "expected", "reference", "missing")
_ORDER: Final = ("developer", "sandbox", "trial", "teams", "default", "production")


def figures(told: pd.DataFrame) -> None:
    """Draw how many families differ, how badly, and whether anybody is hit.

    Args:
        told: What `drift_data.families` returned.
    """
    breaking = told[told["worst"] == "breaking"]
    differs = told["worst"].isin(["breaking", "risky", "compatible"])
    word = meaning(DRIFT, "breaking").word
    kpi.row(
        [
            Figure("Families", len(told), help="Connectors that are in several environments."),
            Figure(
                "Differ",
                int(differs.sum()),
                help="Something differs that is neither words only nor meant to.",
                narrow=filters.narrow(
                    worst=[meaning(DRIFT, one).word for one in ("breaking", "risky", "compatible")]
                ),
            ),
            Figure(
                "Breaking",
                len(breaking),
                help="A member lacks or changes what works in its reference, accepted by nobody.",
                narrow=filters.narrow(worst=[word]),
            ),
            Figure(
                "Breaking, used",
                int((breaking["use"] == "used").sum()),
                help="And a flow, an agent, an app or a log is known to use what changes.",
                narrow=filters.narrow(worst=[word], use=[meaning(USED, "used").word]),
            ),
            Figure(
                "Accepted",
                int(told["accepted"].sum()),
                help="Breaking and risky changes that somebody accepted until a day.",
                narrow=filters.narrow(worst=[meaning(DRIFT, "accepted").word]),
            ),
        ]
    )


def columns_of(board: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Draw the choice of columns where there are too many environments; return how to draw it.

    Returns:
        KINDS or PLACES, and the rows with a column ``place`` that says in which column each stands.
    """
    if board["environment_id"].nunique() <= MOST:
        return PLACES, board.assign(place=board["environment_id"].astype(str))
    look = filters.one(st.grid(4, min_column_width=146), "Columns", "columns", [KINDS, PLACES])
    if look == KINDS:
        return look, board.assign(place=board["environment_type"].fillna("Unknown"))
    return look, board.assign(place=board["environment_id"].astype(str))


def places(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the columns with their heads, from development to production."""
    named = rows.drop_duplicates("place")[["place", "environment", "environment_type"]]
    by_kind = set(named["place"]) == set(named["environment_type"].fillna("Unknown"))
    heads = [
        (str(one.place), str(one.place if by_kind else plain(one.environment)), _rank(one))
        for one in named.itertuples(index=False)
    ]
    heads.sort(key=lambda head: (head[2], head[1].casefold()))
    return [(place, word) for place, word, _ in heads]


def _rank(row: object) -> int:
    kind = str(row.environment_type).casefold()  # type: ignore[attr-defined]
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def in_stages(members: pd.DataFrame) -> pd.DataFrame:
    """Return the members of a family from development to production."""
    ranks = [_rank(one) for one in members.itertuples(index=False)]
    folded = members["environment"].str.casefold()
    order = members.assign(rank=ranks, folded=folded).sort_values(["rank", "folded"])
    return members.loc[order.index]


def worst_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return of each family and place the member that is shown, the worst."""
    ranked = rows.assign(rank=[ORDER.index(one) for one in rows["shown"]])
    ordered = ranked.sort_values("rank", kind="stable")
    return ordered.drop_duplicates(["family", "place"]).drop(columns="rank")


def draw(rows: pd.DataFrame, look: str) -> pd.Series | None:
    """Draw the families that are left, and return the member whose cell is chosen, if any.

    Args:
        rows: Rows of the board with their ``place``.
        look: What `columns_of` returned.
    """
    told = drift_data.families(rows)
    cells = worst_of(rows)
    heads = places(rows)
    if look == PLACES and len(heads) > MOST:
        return drift_map.draw(told, cells, heads)
    with st.container(key="wide-drift"):
        chosen = _table(told, cells, heads)
    with st.container(key="narrow-drift"):
        _list(told, rows)
    return chosen


def _table(
    told: pd.DataFrame, cells: pd.DataFrame, heads: Sequence[tuple[str, str]]
) -> pd.Series | None:
    at = {(one["family"], one["place"]): one for _, one in cells.iterrows()}
    shown = pd.DataFrame(
        {
            "name": [label(plain(name, longest=60)) for name in told["family_name"]],
            "worst": [[meaning(DRIFT, one).chip] for one in told["worst"]],
            "use": [[] if missing(one) else [meaning(USED, one).chip] for one in told["use"]],
            **{
                f"at {place}": [_chip(at.get((family, place))) for family in told["family"]]
                for place, _ in heads
            },
            "open": told["open"],
            "changed_at": told["changed_at"],
        }
    )
    chosen = table.choose_cell(
        shown,
        {
            "name": table.opener("Family", width=185, key=FAMILY),
            "worst": table.state("Worst", DRIFT, width=112),
            "use": table.state("Hits", USED, width=125),
            **{f"at {place}": table.state(word, DRIFT, width=118) for place, word in heads},
            "open": table.number("Open", width=60, help="Breaking and risky, accepted by nobody"),
            "changed_at": table.day("Last change"),
        },
        alt="Families by environment, the worst first",
        key=TABLE,
    )
    families = list(told["family"])
    clicked = table.clicked(FAMILY)
    if clicked is not None:
        member = _worst(cells, families[clicked])
        if missing(member["connector_id"]) or member["is_reference"]:
            return member
        opening.change(opening.member(member["connector_id"]))
    if chosen is None:
        return None
    row, column = chosen
    return (
        at.get((families[row], column.removeprefix("at ")))
        if column.startswith("at ")
        else _worst(cells, families[row])
    )


def _worst(cells: pd.DataFrame, family: str) -> pd.Series:
    mine = cells[cells["family"] == family]
    ranks = [ORDER.index(one) for one in mine["shown"]]
    return mine.iloc[ranks.index(min(ranks))]


def _chip(member: pd.Series | None) -> list[str]:
    return [] if member is None else [meaning(DRIFT, member["shown"]).chip]


def _list(ranked: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Draw the families one below the other, each member as a link to what differs there."""
    for family in ranked.head(_LISTED).itertuples(index=False):
        use = "" if missing(family.use) else f" · {meaning(USED, family.use).word.lower()}"
        with st.container(border=True, gap="xxsmall"):
            st.markdown(
                f"**{esc(family.family_name, longest=80)}**  \n"
                f":small[:gray[{counted(family.open, 'open change')}{use} · "
                f"{day(family.changed_at)}]]"
            )
            with st.container(horizontal=True, gap="small"):
                mine = in_stages(rows[rows["family"] == family.family])
                told = mine if len(mine) <= MOST else mine[~mine["shown"].isin(_QUIET)]
                for member in told.itertuples(index=False):
                    _member(member)
                if len(told) < len(mine):
                    rest = count(len(mine) - len(told))
                    st.markdown(f":small[:gray[{rest} that do not differ]]", width="content")
    if len(ranked) > _LISTED:
        st.caption(
            f"{count(_LISTED)} of {count(len(ranked))} families; narrow them by the filters."
        )


def _member(member: object) -> None:
    state = meaning(DRIFT, member.shown)  # type: ignore[attr-defined]
    place = esc(member.environment, longest=40)  # type: ignore[attr-defined]
    chip = f":{state.color or 'gray'}-badge[:material/{state.icon}: {state.word}]"
    if member.shown in ("missing", "reference"):  # type: ignore[attr-defined]
        st.markdown(f":small[{place} {chip}]", width="content")
    else:
        opening.link(f"{place} {chip}", opening.member(member.connector_id))  # type: ignore[attr-defined]
