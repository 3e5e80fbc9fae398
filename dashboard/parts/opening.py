"""Opening a connector from a row, so that one click on Back leads to what was seen before.

Between both pages Streamlit lays an entry of its own into the browser's history: the page that is
left, under the parameters of the connector. Whoever comes back by it gets what stood there before.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dashboard.parts import as_of, call_evidence, page

_ID = "id"
_HERE = "opening.here"


def connector(connector_id: object, tab: str = "") -> NoReturn:
    """Open the page of a connector from whatever page is drawn.

    Args:
        connector_id: Which.
        tab: Part of its page; the first one by default.
    """
    view = {name: st.query_params.get_all(name) for name in st.query_params}
    st.session_state[_left(st.session_state.get(_HERE, ""))] = view
    address = {_ID: str(connector_id), **({"tab": tab} if tab else {})}
    # Written into the address later, these would be one more entry of the history.
    along = as_of.along() | call_evidence.along()
    st.switch_page(page.CONNECTOR, query_params=address | along)


def come_back(here: str) -> None:
    """Put the address of a page in order to which somebody came back from a connector.

    To be called before the page is drawn: what stands in its address is what it shows.

    Args:
        here: Path of the page.
    """
    st.session_state[_HERE] = here
    if here == CONNECTOR or _ID not in st.query_params:
        return
    st.query_params.from_dict(st.session_state.get(_left(here), {}))
    st.rerun()


CONNECTOR = "connector"
"""Path of the one page that takes the number of a connector."""


def _left(here: str) -> str:
    return f"opening.left.{here}"
