"""Accepting changes until a day with a reason, and withdrawing that."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from connectory.domain.drift.rules import RULES
from connectory.queries.drift_hits import Group
from connectory.queries.drift_pairs import Pair
from dashboard import data, drift_data
from dashboard.data import At
from dashboard.parts import taking
from dashboard.parts.badges import DRIFT, mark
from dashboard.parts.text import code, count, esc, minute, plain

_OPEN: Final = ("breaking", "risky")
_USUAL: Final = timedelta(days=90)
_LONGEST: Final = timedelta(days=366)
_HERE, _FAMILY = "This connector", "Its whole family"


def offer(at: At, pair: Pair, group: Group) -> None:
    """Draw what accepts the changes of an operation; nothing if none is breaking or risky.

    Args:
        at: The moment; a past one is only looked at.
        pair: What is compared.
        group: The operation.
    """
    rows = group.changes[group.changes["severity"].isin(_OPEN)]
    if rows.empty or at != data.now_shown():
        return
    with st.popover("Accept", icon=":material/task_alt:", type="tertiary"):
        st.markdown(
            "What is accepted is folded away and counts no more, until the day you say. It is open "
            "again as soon as the fact changes."
        )
        with st.form(f"accept.{group.key}", border=False):
            choices = {_words(row): row.fingerprint for row in rows.itertuples(index=False)}
            which = st.multiselect(
                "Changes", list(choices), default=list(choices), key=f"accept.which.{group.key}"
            )
            scopes = [_HERE] if pair.family_key is None else [_HERE, _FAMILY]
            scope = st.radio("For", scopes, key=f"accept.scope.{group.key}", horizontal=True)
            today = data.today()
            until = st.date_input(
                "Until",
                today + _USUAL,
                min_value=today + timedelta(days=1),
                max_value=today + _LONGEST,
                key=f"accept.until.{group.key}",
                format="YYYY-MM-DD",
            )
            reason = st.text_input("Why", key=f"accept.reason.{group.key}", max_chars=2000)
            author = taking.author(f"accept.author.{group.key}")
            pressed = st.form_submit_button("Accept", type="primary")
        if pressed:
            taking.decide(
                lambda: drift_data.accept(
                    at,
                    pair,
                    [str(choices[one]) for one in which],
                    for_family=scope == _FAMILY,
                    until=until,
                    reason=reason,
                    author=author,
                ),
                "Not accepted",
            )


def _words(row: object) -> str:
    rule = RULES.get(row.rule)  # type: ignore[attr-defined]
    title = rule.title if rule else str(row.rule)  # type: ignore[attr-defined]
    where = row.property or row.name or row.status or ""  # type: ignore[attr-defined]
    # Two facts may read alike, and a choice is known by its words alone.
    told = plain(f"{title}: {where}" if where else title, longest=90)
    return f"{told} · {row.fingerprint[:6]}"  # type: ignore[attr-defined]


def accepted(at: At, rows: pd.DataFrame) -> None:
    """Draw what was accepted, folded, each with its reason and how to withdraw it."""
    if rows.empty:
        return
    with st.expander(f"Accepted ({count(len(rows))})", icon=":material/task_alt:"):
        for _, several in rows.groupby("acceptance_id", sort=False):
            first = several.iloc[0]
            rule = RULES.get(first["rule"])
            name = code(first["operation_id"]) if first["operation_id"] else "the connector"
            scope = "its whole family" if first["accepted_for"] == "family" else "this connector"
            st.markdown(
                f"{mark(DRIFT, first['severity'])} **{esc(rule.title if rule else first['rule'])}** "
                f"of {name}  \n{esc(first['accepted_reason'], longest=2000)}  \n"
                f":small[:gray[For {scope} until {esc(first['accepted_until'])}, accepted by "
                f"{esc(first['accepted_by'])} on {minute(first['accepted_at'])}]]"
            )
        if at != data.now_shown():
            return
        _withdraw(at, rows)


def _withdraw(at: At, rows: pd.DataFrame) -> None:
    named = [
        f"{_words(row)} ({plain(row.operation_id or 'the connector', longest=40)})"
        for row in rows.itertuples(index=False)
    ]
    choices = dict(zip(named, rows["acceptance_id"].astype(int).tolist(), strict=True))
    with st.popover("Withdraw", icon=":material/undo:", type="tertiary"):
        st.markdown("What is withdrawn is open again.")
        with st.form("withdraw", border=False):
            only = list(choices) if len(choices) == 1 else None
            which = st.multiselect("Which", list(choices), default=only, key="withdraw.which")
            reason = st.text_input("Why", key="withdraw.reason", max_chars=2000)
            author = taking.author("withdraw.author")
            pressed = st.form_submit_button("Withdraw", type="primary")
        if pressed:
            taking.decide(
                lambda: drift_data.withdraw(
                    at, [choices[one] for one in which], reason=reason, author=author
                ),
                "Not withdrawn",
            )
