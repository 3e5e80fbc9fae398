"""Opening a connector or a change from a row, so that Back leads to what was seen before.

Between both pages Streamlit lays an entry of its own into the browser's history: the page that is
left, under the parameters of what is opened. Whoever comes back by it gets what stood there before.
"""

from __future__ import annotations

from typing import Final, NoReturn

import streamlit as st

from dashboard.parts import as_of, call_evidence, page

PAIR: Final = "pair"
"""Names a comparison in the address of the page Change."""
_HERE: Final = "opening.here"
_ASKED: Final = {"connector": "id", "change": PAIR}
"""Paths of the pages that show one thing, and the parameter that says which."""


def connector(connector_id: object, tab: str = "") -> NoReturn:
    """Open the page of a connector from whatever page is drawn.

    Args:
        connector_id: Which.
        tab: Part of its page; the first one by default.
    """
    tabbed = {"tab": tab} if tab else {}
    _open(page.CONNECTOR, {"id": str(connector_id), **tabbed} | call_evidence.along())


def change(address: dict[str, str]) -> NoReturn:
    """Open the page of a comparison from whatever page is drawn.

    Args:
        address: What `member_address` or its like returned.
    """
    _open(page.CHANGE, address)


def member_address(connector_id: object) -> dict[str, str]:
    """Return what names the comparison of a connector with its reference."""
    return {PAIR: f"family-{connector_id}"}


def step_address(connector_id: object, run_id: object) -> dict[str, str]:
    """Return what names the comparison of a version with the one before, by the run that found it."""
    return {PAIR: f"step-{connector_id}-{run_id}"}


def upstream_address(connector_id: object) -> dict[str, str]:
    """Return what names the comparison of a connector with the document of its API."""
    return {PAIR: f"upstream-{connector_id}"}


def asked_pair() -> tuple[str, list[int]] | None:
    """Return the kind of comparison and the numbers that the address asks for; None if none."""
    kind, *numbers = st.query_params.get(PAIR, "").split("-")
    told = [int(one[:18]) for one in numbers if one.isascii() and one.isdigit()]
    wanted = {"family": 1, "step": 2, "upstream": 1}
    return (kind, told) if len(told) == len(numbers) == wanted.get(kind) else None


def _open(target: str, address: dict[str, str]) -> NoReturn:
    view = {name: st.query_params.get_all(name) for name in st.query_params}
    st.session_state[_left(st.session_state.get(_HERE, ""))] = view
    # Written into the address later, these would be one more entry of the history.
    st.switch_page(target, query_params=address | as_of.along())


def come_back(here: str) -> None:
    """Put the address of a page in order to which somebody came back from what was opened.

    To be called before the page is drawn: what stands in its address is what it shows.

    Args:
        here: Path of the page.
    """
    st.session_state[_HERE] = here
    there = set(st.query_params)
    mine = {_ASKED[here]} if here in _ASKED else set()
    if mine & there or not set(_ASKED.values()) & there:
        return
    st.query_params.from_dict(st.session_state.get(_left(here), {}))
    st.rerun()


def _left(here: str) -> str:
    return f"opening.left.{here}"
