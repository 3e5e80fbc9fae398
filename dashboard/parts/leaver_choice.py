"""Choosing who leaves: one person found by name, or a list with last days, uploaded as CSV."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from connectory.queries.owner_filters import gone
from dashboard import inventory_data, leaver_data, owner_data
from dashboard.data import At
from dashboard.parts import entry, page, state
from dashboard.parts.badges import VERDICT
from dashboard.parts.text import count, counted, esc, missing

PERSON_ASKED: Final = "person"
LIST: Final = "leavers.list"
_FOUND: Final = 8
_LINES: Final = 10
_MOST: Final = 1
"""Megabytes of a list."""


def asked(at: At) -> leaver_data.Leavers:
    """Draw how to say who leaves; return those who do."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.text_input(
            "Who leaves",
            key="who",
            bind="query-params",
            max_chars=200,
            placeholder="Name, mail address or object id",
            icon=":material/search:",
        )
        with st.popover("A list (CSV)", icon=":material/upload_file:"):
            listed = _list(at)
    if words.strip():
        _hits(at, words)
    key = st.query_params.get(PERSON_ASKED, "")
    if not key:
        return listed
    st.button(
        "Somebody else",
        icon=":material/arrow_back:",
        type="tertiary",
        key="leavers.one",
        on_click=_drop,
    )
    return leaver_data.alone(key)


def _hits(at: At, words: str) -> None:
    found = inventory_data.found(at, words, _FOUND)
    people = found[found["kind"] == "person"]
    if people.empty:
        state.empty("Nobody has that name", "Try fewer words, or a part of one.", icon="search_off")
        return
    with st.container(border=True, gap="xsmall"):
        for number, hit in enumerate(people.itertuples(index=False)):
            with st.container(horizontal=True, vertical_alignment="center"):
                told = f"{esc(hit.detail)} · owns {counted(hit.connectors or 0, 'connector')}"
                st.markdown(
                    f"**{esc(hit.name, longest=120)}**  \n:small[:gray[{told}]]", width="stretch"
                )
                st.button(
                    ":blue[Show]",
                    type="tertiary",
                    key=f"leavers.hit.{number}",
                    on_click=partial(_choose, str(hit.key)),
                )
    rest = int(people["of_kind"].iloc[0]) - len(people)
    if rest > 0:
        st.caption(f"{counted(rest, 'more')[:-1]} of that name; another word narrows them.")


def _choose(key: str) -> None:
    st.query_params[PERSON_ASKED] = key
    st.session_state["who"] = ""


def _drop() -> None:
    st.query_params.pop(PERSON_ASKED, None)


def _list(at: At) -> leaver_data.Leavers:
    """Draw what takes a list; return who stands in it."""
    st.markdown(
        "One line each with the columns `person` (object id, sign-in name or mail address) and "
        "`last_day` (as 2026-12-31)."
    )
    given = st.file_uploader(
        "CSV", type=["csv"], key=LIST, label_visibility="collapsed", max_upload_size=_MOST
    )
    if given is None:
        return leaver_data.Leavers()
    told = leaver_data.read(at, given.getvalue())
    st.markdown(f"**{counted(len(told.people), 'person').replace('persons', 'people')}** found.")
    return told


def problems(told: leaver_data.Leavers) -> None:
    """Draw the lines of a list that could not be used, each with the reason."""
    if not told.problems:
        return
    lines = "  \n".join(esc(one, longest=300) for one in told.problems[:_LINES])
    rest = len(told.problems) - _LINES
    more = f"  \n… and {count(rest)} more" if rest > 0 else ""
    st.warning(
        f"{lines}{more}",
        title=f"{counted(len(told.problems), 'line')} of the list left out",
        icon=":material/rule:",
    )


def already(at: At) -> None:
    """Draw who has left already and still owns something."""
    st.header("Left or disabled already, and still the owner", anchor=False)
    rows = gone(owner_data.gaps(at))
    if rows.empty:
        state.empty("Nobody", "Every owner who is known can act.", icon="task_alt")
        return
    with st.container(border=True):
        for one in rows.head(_FOUND).itertuples(index=False):
            entry.state(
                VERDICT,
                one.state,
                esc(one.owner if not missing(one.owner) else one.owner_key, longest=80),
                f"owns {counted(one.connectors, 'connector')} with "
                f"{counted(one.consumers, 'consumer')}",
                narrow=partial(_choose, str(one.owner_key)),
            )
    if len(rows) > _FOUND:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{count(_FOUND)} of {count(len(rows))} shown.", width="content")
            st.page_link(
                page.OWNERSHIP,
                label=":blue[All on Ownership]",
                query_params={
                    "owner": [VERDICT[one].word for one in ("departed_owner", "disabled_owner")]
                },
            )
