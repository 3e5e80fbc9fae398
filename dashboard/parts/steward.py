"""The people named for a connector beside its platform owner: who, changing that, and its log."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
import streamlit as st

from connectory.domain.stewardship import (
    CRITICALITIES,
    DATA_CLASSES,
    LONGEST,
    PEOPLE,
    StewardFields,
)
from dashboard import data, owner_data
from dashboard.data import At
from dashboard.parts import person_choice, table, taking
from dashboard.parts.badges import PERSON, STEWARD, mark, meaning
from dashboard.parts.text import count, esc, minute, missing, on

FIELDS: Final = {
    "business_owner": "Business owner",
    "deputy": "Deputy",
    "team": "Team",
    "contact": "Contact",
    "review_on": "Review on",
    "data_class": "Data class",
    "criticality": "Criticality",
    "support_link": "Support",
}
VIA: Final = {"dashboard": "here", "csv": "by CSV", "file": "by file", "attestation": "by answer"}
_NOT_SAID = "Not said"
_LOGGED: Final = 20


def draw(at: At, row: pd.Series) -> None:
    """Draw who is named, how to change it, and what was decided before.

    Args:
        at: The moment; a past one is only looked at.
        row: The connector's row of `owner_data.gaps`.
    """
    if row["stewarded"] == "not_named" and not _named(row):
        st.markdown(
            ":gray[Nobody is named. The platform cannot give a custom connector another owner, so "
            "who answers for it is named here.]"
        )
    else:
        table.facts(
            [
                ("State", mark(STEWARD, row["stewarded"])),
                *((title, _told(row, name)) for name, title in FIELDS.items()),
            ],
            alt="Steward of the connector",
        )
    with st.container(horizontal=True, gap="small"):
        if at == data.now_shown():
            _edit(at, row)
            if _named(row):
                _dismiss(at, row)
        _log(at, int(row["connector_id"]))


def _named(row: pd.Series) -> bool:
    return any(not missing(row[name]) for name in FIELDS)


def _told(row: pd.Series, name: str) -> str:
    """Return what stands in a field; beside a person, what keeps them from answering."""
    told = _fact(name, row[name])
    if name not in PEOPLE or missing(row[name]):
        return told
    now = meaning(PERSON, row[f"{name}_state"])
    return told if now.color is None else f"{told} {mark(PERSON, row[f'{name}_state'])}"


def _fact(name: str, value: object) -> str:
    if name == "review_on":
        return on(value)
    told = esc(value, longest=300)
    return told.capitalize() if name in ("data_class", "criticality") else told


def _edit(at: At, row: pd.Series) -> None:
    """Draw the form in which people are named."""
    key = f"steward.{row['connector_id']}"
    # Another one after each decision, so that it closes.
    shut = f"{key}.{len(owner_data.steward_log(at, int(row['connector_id'])))}"
    with st.popover("Set steward", icon=":material/person_edit:", type="secondary", key=shut):
        people = owner_data.likely(at, row)
        with st.form(key, border=False):
            st.caption("Who is not listed is found by mail address, sign-in name or object id.")
            told: dict[str, Any] = {
                name: person_choice.field(
                    FIELDS[name], f"{key}.{name}", people, _value(row, f"{name}_key")
                )
                for name in PEOPLE
            }
            for name in ("team", "contact", "support_link"):
                told[name] = st.text_input(
                    FIELDS[name], _value(row, name) or "", key=f"{key}.{name}", max_chars=LONGEST
                )
            left, right = st.columns(2)
            told["data_class"] = _word(left, row, "data_class", DATA_CLASSES, key)
            told["criticality"] = _word(right, row, "criticality", CRITICALITIES, key)
            told["review_on"] = st.date_input(
                "Review on", _value(row, "review_on"), key=f"{key}.review_on", format="YYYY-MM-DD"
            )
            reason = st.text_input("Why", key=f"{key}.reason", max_chars=2000)
            author = taking.author(f"{key}.author")
            pressed = st.form_submit_button("Set steward", type="primary")
        if pressed:
            taking.decide(
                lambda: owner_data.appoint(
                    at,
                    int(row["connector_id"]),
                    StewardFields(**told),
                    reason=reason,
                    author=author,
                ),
                "Not set",
            )


def _word(place: Any, row: pd.Series, name: str, choices: Any, key: str) -> str | None:
    """Draw the choice of one of the words a field knows; return it, None if it is not said."""
    words = [_NOT_SAID, *choices]
    now = _value(row, name)
    chosen: str = place.selectbox(
        FIELDS[name],
        words,
        index=words.index(now) if now in words else 0,
        format_func=str.capitalize,
        key=f"{key}.{name}",
    )
    return None if chosen == _NOT_SAID else chosen


def _value(row: pd.Series, name: str) -> Any:
    return None if missing(row[name]) else row[name]


def _dismiss(at: At, row: pd.Series) -> None:
    key = f"dismiss.{row['connector_id']}"
    with st.popover("Take back", icon=":material/undo:", type="tertiary"):
        with st.form(key, border=False):
            st.markdown("Nobody is named any more; what was decided stays in the log.")
            reason = st.text_input("Why", key=f"{key}.reason", max_chars=2000)
            author = taking.author(f"{key}.author")
            pressed = st.form_submit_button("Take back", type="primary")
        if pressed:
            taking.decide(
                lambda: owner_data.dismiss(
                    at, int(row["connector_id"]), reason=reason, author=author
                ),
                "Not taken back",
            )


def _log(at: At, connector_id: int) -> None:
    """Draw what was decided before, the latest first; nothing if nothing was."""
    rows = owner_data.steward_log(at, connector_id)
    if rows.empty:
        return
    with st.popover(f"Log ({count(len(rows))})", icon=":material/history:", type="tertiary"):
        for one in rows.head(_LOGGED).to_dict("records"):
            named = ", ".join(
                f"{title} {_fact(name, one[name])}"
                for name, title in FIELDS.items()
                if not missing(one[name])
            )
            how = VIA.get(one["via"], esc(one["via"]))
            why = "" if missing(one["reason"]) else f"  \n{esc(one['reason'], longest=400)}"
            ended = "" if missing(one["replaced_at"]) else f"; until {minute(one['replaced_at'])}"
            st.markdown(
                f"**{minute(one['decided_at'])}** {named or 'Nobody'}{why}  \n"
                f":small[:gray[By {esc(one['decided_by'])} {how}{ended}]]"
            )
        if len(rows) > _LOGGED:
            st.caption(f"The latest {count(_LOGGED)} of {count(len(rows))}.")
