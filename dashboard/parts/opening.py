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
CAMPAIGN: Final = "campaign"
"""Names a campaign in the address of its page."""
_HERE: Final = "opening.here"
_ASKED: Final = {"connector": "id", "change": PAIR, "campaign": CAMPAIGN}
"""Paths of the pages that show one thing, and the parameter that says which."""


def connector(connector_id: object, tab: str = "") -> NoReturn:
    """Open the page of a connector from whatever page is drawn.

    Args:
        connector_id: Which.
        tab: Part of its page; the first one by default.
    """
    tabbed = {"tab": tab} if tab else {}
    _open(page.CONNECTOR, {"id": str(connector_id), **tabbed} | call_evidence.along())


def change(pair: str) -> NoReturn:
    """Open the page of a comparison from whatever page is drawn.

    Args:
        pair: Its name: what `member` or its like returned.
    """
    _open(page.CHANGE, {PAIR: pair})


def campaign(campaign_id: object) -> NoReturn:
    """Open the page of a campaign from whatever page is drawn."""
    _open(page.CAMPAIGN, {CAMPAIGN: str(campaign_id)})


def member(connector_id: object) -> str:
    """Return the name of the comparison of a connector with its reference."""
    return f"family-{connector_id}"


def step(connector_id: object, run_id: object) -> str:
    """Return the name of the comparison of a version with the one before, by the run that found it."""
    return f"step-{connector_id}-{run_id}"


def upstream(connector_id: object) -> str:
    """Return the name of the comparison of a connector with the document of its API."""
    return f"upstream-{connector_id}"


def link(label: str, pair: str) -> None:
    """Draw the way to the page of a comparison.

    Args:
        label: Markdown; the caller escapes tenant words.
        pair: Its name.
    """
    st.page_link(page.CHANGE, label=f":blue[{label}]", query_params={PAIR: pair})


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
