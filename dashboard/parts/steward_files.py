"""Stewards of many connectors at once: the file they stand in, and one that is given back."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from connectory.domain.steward_files import COLUMNS, MOST_BYTES, Fault, NotRead, Sheet
from dashboard import data, decisions, owner_data
from dashboard.data import At
from dashboard.parts import taking
from dashboard.parts.text import code, count, counted, esc

_KEY: Final = "steward_files"
_FAULTS: Final = 10
_MOST: Final = MOST_BYTES // 1_000_000
"""Megabytes."""


def offer(at: At) -> None:
    """Draw how to take stewards along and how to give them back; the first alone for a past day."""
    box = st.popover(
        "Stewards by file", icon=":material/table_edit:", type="tertiary", key=_KEY,
        on_change="rerun",
    )  # fmt: skip
    if box.open:
        with box:
            _take(at)
            if at == data.now_shown():
                _give(at)


def _take(at: At) -> None:
    st.markdown("Every connector with its steward, to fill in and give back.")
    with st.container(horizontal=True, gap="small"):
        for kind, mime in (("csv", "text/csv"), ("toml", "application/toml")):
            st.download_button(
                kind.upper(),
                partial(owner_data.steward_file, at, kind),
                file_name=f"connectory-stewards-{at.moment.read_at:%Y-%m-%d}.{kind}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"{_KEY}.{kind}",
            )


def _give(at: At) -> None:
    given = st.file_uploader(
        "CSV or TOML", type=["csv", "toml"], key=f"{_KEY}.given", max_upload_size=_MOST
    )
    if given is None:
        st.caption(
            f"Columns: {', '.join(code(name) for name in COLUMNS)}. A column that is not there "
            "leaves what it would tell as it is; in TOML, what is not said is emptied."
        )
        return
    try:
        sheet = owner_data.read_stewards(given.name, given.getvalue())
        told = owner_data.try_stewards(at, sheet)
    except (NotRead, *decisions.NOT_WRITTEN) as error:
        why = esc(str(error), longest=500)
        st.error(f"{why[:1].upper()}{why[1:]}.", title="Not read", icon=":material/error:")
        return
    counts = told.decided
    st.markdown(
        f"It would name **{count(counts.appointed)}**, take back **{count(counts.dismissed)}**, "
        f"and leave **{count(counts.unchanged)}** as they are."
    )
    _faults(told.faults)
    if counts.appointed or counts.dismissed:
        _apply(at, sheet, given.name, faulty=bool(told.faults))


def _faults(faults: tuple[Fault, ...]) -> None:
    """Draw the lines that are wrong, each with what to write instead."""
    if not faults:
        return
    lines = [f"Line {count(one.line)}: {esc(one.text, longest=300)}" for one in faults[:_FAULTS]]
    if len(faults) > _FAULTS:
        lines.append(f"… and {count(len(faults) - _FAULTS)} more")
    st.warning(
        "  \n".join(lines), title=f"{counted(len(faults), 'line')} wrong", icon=":material/rule:"
    )


def _apply(at: At, sheet: Sheet, name: str, *, faulty: bool) -> None:
    with st.form(f"{_KEY}.form", border=False):
        rest = faulty and st.checkbox(
            "Apply the other lines although some are wrong", key=f"{_KEY}.partial"
        )
        reason = st.text_input("Why", key=f"{_KEY}.reason", max_chars=2000)
        author = taking.author(f"{_KEY}.author")
        pressed = st.form_submit_button("Apply", type="primary")
    if not pressed:
        return
    if faulty and not rest:
        st.error("Mend the lines, or let the others be applied.", title="Nothing was applied")
        return
    taking.decide(
        lambda: owner_data.apply_stewards(
            at, sheet, name=name, partial=rest, reason=reason, author=author
        ),
        "Not applied",
    )
