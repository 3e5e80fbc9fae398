"""What people take along as a file, and what they decide, under their name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from dashboard import decisions, estimate_data
from dashboard.data import At
from dashboard.parts import page
from dashboard.parts.text import esc

_LIVE = ("xlsx", "focus")


def offer(at: At) -> None:
    """Draw what takes the estimate of a moment along, and what freezes it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = f"exposure-{at.moment.read_at:%Y-%m-%d}"
        downloads(name, partial(estimate_data.taken, at), _LIVE)
        with st.popover("Freeze", icon=":material/ac_unit:", type="tertiary"):
            _freeze(at)


def downloads(
    name: str, write: Callable[[str], bytes], forms: Sequence[str] = tuple(estimate_data.FORMS)
) -> None:
    """Draw a button for each form of file; one is written when it is asked for.

    Args:
        name: What the files are called.
        write: Writes one, by the name of its form.
        forms: Those that are offered.
    """
    for form in forms:
        told = estimate_data.FORMS[form]
        st.download_button(
            told.label,
            partial(write, form),
            file_name=f"connectory-{name}.{told.ending}",
            mime=told.mime,
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"take.{form}",
        )


def _freeze(at: At) -> None:
    st.markdown(
        "Keeps this estimate under a number, with its people, prices and all it was reckoned from. "
        "It never changes; nothing is bought, and nothing of the tenant is touched."
    )
    with st.form("freeze", border=False):
        who = author("freeze.author")
        note = st.text_input("What for", key="freeze.note", max_chars=2000)
        pressed = st.form_submit_button("Freeze this estimate", type="primary")
    if not pressed:
        return
    try:
        frozen = estimate_data.freeze(at, who, note)
    except estimate_data.NotFrozen as error:
        st.error(esc(str(error), longest=500), title="Not frozen", icon=":material/error:")
        return
    st.success(f"Frozen as estimate {frozen.number}.", icon=":material/check_circle:")
    st.page_link(
        page.ESTIMATES, label=":blue[Open Estimates]", query_params={"number": str(frozen.number)}
    )


def author(key: str) -> str:
    """Draw who decides and return the name: of whoever is signed in, else the one that is typed.

    Args:
        key: Identity of the field.
    """
    known = _signed_in()
    if known:
        st.caption(f"By {esc(known)}")
    return known or st.text_input("Your name", key=key, max_chars=200)


def decide(write: Callable[[], object], failed: str) -> None:
    """Write what was decided, and draw the page anew; or say why it was not written.

    Args:
        write: Writes it.
        failed: What is said first where it was not.
    """
    try:
        write()
    except decisions.NOT_WRITTEN as error:
        why = esc(str(error), longest=500)
        st.error(f"{why[:1].upper()}{why[1:]}.", title=failed, icon=":material/error:")
        return
    st.rerun()


def _signed_in() -> str:
    """Return who is signed in to the pages; nothing where nobody has to."""
    user = st.user.to_dict()
    if not user.get("is_logged_in"):
        return ""
    return str(user.get("name") or user.get("email") or "")
