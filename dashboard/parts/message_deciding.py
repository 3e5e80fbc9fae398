"""What a person decides about messages: sent again, released, or not sent at all."""

from __future__ import annotations

from collections.abc import Callable, Collection

import streamlit as st

from connectory.queries.outbox import Message
from dashboard import outbox_data
from dashboard.parts import taking
from dashboard.parts.text import counted

_AGAIN = {
    "uncertain": "It may have arrived already; then its reader gets it twice. It goes out under "
    "the same Message-ID, by which many mail programs show one of both.",
    "refused": "Mend the cause first: the same address is tried again.",
    "bounced": "Mend the cause first: the same address is tried again.",
}


def offer(url: str, told: Message) -> None:
    """Draw what can be decided about a message in its state; nothing if nothing can."""
    number, state = int(told.facts["outbox_id"]), str(told.facts["state"])
    if state in _AGAIN and told.html is not None:
        _decide(
            "Send again", "send", _AGAIN[state], f"again.{number}",
            lambda who: outbox_data.resend(url, number, who),
        )  # fmt: skip
    if state == "held":
        _release(url, [number], "Release", f"release.{number}")
    if state in ("held", "queued"):
        _decide(
            "Cancel", "cancel", "It is not sent, and not written again for the same occasion.",
            f"cancel.{number}", lambda who: outbox_data.cancel(url, [number], who),
        )  # fmt: skip


def offer_held(url: str, outbox_ids: Collection[int]) -> None:
    """Draw what can be decided about all messages that are held; nothing if none is."""
    if not outbox_ids:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":orange[:material/pan_tool: **{counted(len(outbox_ids), 'message')} held:**] "
            ":gray[a run was larger than its cap. Read some, then release or cancel them.]",
            width="content",
        )
        _release(url, outbox_ids, "Release all", "release.all")
        _decide(
            "Cancel all", "cancel", f"{counted(len(outbox_ids), 'message')} will not be sent.",
            "cancel.all", lambda who: outbox_data.cancel(url, outbox_ids, who),
        )  # fmt: skip


def _release(url: str, outbox_ids: Collection[int], verb: str, key: str) -> None:
    _decide(
        verb,
        "outbox",
        f"{counted(len(outbox_ids), 'message')} will go out at the next sending.",
        key,
        lambda who: outbox_data.release(url, outbox_ids, who),
    )


def _decide(verb: str, icon: str, told: str, key: str, write: Callable[[str], None]) -> None:
    """Draw a decision behind a button: what follows from it, who decides, and doing it."""
    with st.popover(verb, icon=f":material/{icon}:", type="tertiary"):
        st.markdown(told)
        with st.form(f"outbox.{key}", border=False):
            author = taking.author(f"outbox.author.{key}")
            pressed = st.form_submit_button(verb, type="primary")
        if pressed:
            taking.decide(lambda: write(author), "Not done")
