"""Whose connectors are shown: a parameter of the address, until people sign in."""

from __future__ import annotations

import streamlit as st

from connectory.queries.answerable import Somebody
from dashboard import my_data
from dashboard.data import At
from dashboard.parts import page, state
from dashboard.parts.badges import PERSON, badge
from dashboard.parts.text import esc, missing, plain

OWNER, _FIELD = "owner", "my.owner"


def chosen(at: At) -> Somebody | None:
    """Draw the choice of a person and who it is; None if nobody is chosen or known."""
    asked = st.query_params.get(OWNER, "")
    person = my_data.somebody(at, asked) if asked else None
    _choice(at, person)
    if not asked:
        state.empty(
            "Whose connectors?",
            "Choose somebody above. The address then shows the same person to whoever gets it.",
            icon="person_search",
        )
        return None
    if person is None:
        state.empty(
            "Nobody is known by that",
            f"Neither the directory nor any role on a connector names ] {esc(asked, longest=80)} "
            ":gray[. Write an object id, a sign-in name or a mail address.",
            icon="person_off",
        )
        return None
    _who(person)
    return person


def _choice(at: At, person: Somebody | None) -> None:
    people = my_data.people(at)
    names = {
        str(row.key): plain(
            row.name if missing(row.mail) else f"{row.name}, {row.mail}", longest=90
        )
        for row in people.itertuples(index=False)
    }
    if person is not None:
        names.setdefault(person.key, plain(person.name, longest=90))
    keys = list(names)
    # The address decides; a field that remembers would show another person than the page.
    place = keys.index(person.key) if person is not None else None
    st.selectbox(
        "Whose",
        keys,
        index=place,
        format_func=lambda key: names.get(key, key),
        placeholder="Choose somebody, or type a mail address",
        accept_new_options=True,
        key=f"{_FIELD}.{'' if person is None else person.key}",
        on_change=_choose,
        args=("" if person is None else person.key,),
        width=420,
    )


def _choose(before: str) -> None:
    told = st.session_state.get(f"{_FIELD}.{before}")
    if told:
        st.query_params[OWNER] = told
    else:
        st.query_params.pop(OWNER, None)


def _who(person: Somebody) -> None:
    """Draw who it is, and whether they can act at all."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if person.state is not None and person.state != "enabled":
            badge(PERSON, person.state)
        kind = {"guest": "Guest", "group": "Group", "service_principal": "Application"}.get(
            person.kind or ""
        )
        if kind:
            st.badge(kind, color="gray")
        told = [one for one in (person.name, person.mail, person.department) if one]
        st.caption(
            " · ".join(esc(one, longest=100) for one in dict.fromkeys(told)), width="content"
        )
        if person.state in ("enabled", "disabled") and person.kind in ("user", "guest"):
            st.page_link(
                page.LEAVERS, label=":blue[If they leave]", query_params={"person": person.key}
            )
