"""The changes of the page What-if, which stand in its address: adding one, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from connectory.domain.licensing.changes import MOST_CHANGES, Refused, change_as_text
from connectory.domain.licensing.what_if import RefusedAt, WhatIf
from dashboard import what_if_data
from dashboard.data import At
from dashboard.parts import what_if_form
from dashboard.parts.text import esc, plain

_BEFORE = "what_if.changes"


def asked() -> list[str]:
    """Return the changes that the address names, and keep them for whoever comes back."""
    changes = st.query_params.get_all(what_if_data.KEY)
    if changes:
        st.session_state[_BEFORE] = changes
    return changes


def before() -> list[str]:
    """Return the changes that the address named last."""
    return list(st.session_state.get(_BEFORE, []))


def put(changes: Sequence[str]) -> None:
    """Write changes into the address, from which everything else follows."""
    st.query_params[what_if_data.KEY] = list(changes)


def add(at: At, changes: Sequence[str]) -> None:
    """Draw the choice of one more change; one that cannot be made is refused with the reason."""
    with st.expander("Add a change", icon=":material/add:", expanded=not changes):
        chosen = what_if_form.choose(what_if_data.names(at))
        ready = chosen is not None and len(changes) < MOST_CHANGES
        if st.button("Add", type="primary", disabled=not ready, key="what_if.add") and chosen:
            more = [*changes, change_as_text(chosen)]
            try:
                what_if_data.found(at, more)
            except Refused as error:
                st.error(esc(_sentence(error), longest=400), icon=":material/block:")
            else:
                put(more)
                st.rerun()


def _sentence(error: Refused) -> str:
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}."


def listed(at: At, changes: Sequence[str], found: WhatIf | RefusedAt) -> None:
    """Draw the changes in their order, each with what is worth knowing and a way to take it back."""
    for place, change in enumerate(changes):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None):
                words = plain(what_if_data.words(at, change))
                st.markdown(f"{place + 1}\\. {esc(words[:1].upper() + words[1:])}")
                notes = () if isinstance(found, RefusedAt) else found.notes[place]
                if notes:
                    st.caption(esc(" ".join(notes), longest=400))
            left = [other for number, other in enumerate(changes) if number != place]
            st.button(
                "Remove",
                icon=":material/close:",
                type="tertiary",
                key=f"what_if.remove.{place}",
                on_click=partial(put, left),
            )
        if isinstance(found, RefusedAt) and found.place == place:
            st.error(esc(_sentence(found), longest=400), icon=":material/block:")
    if isinstance(found, RefusedAt) and found.place >= len(changes):
        st.error(esc(_sentence(found)), icon=":material/block:")
    if len(changes) > 1:
        st.button("Remove all", type="tertiary", key="what_if.clear", on_click=partial(put, []))
