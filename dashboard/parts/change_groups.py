"""The changes of one operation: what it was and is, side by side, and whom it hits."""

from __future__ import annotations

import json
from typing import Final

import streamlit as st

from connectory.domain.drift.rules import RULES
from connectory.queries.drift_hits import Group
from connectory.queries.drift_pairs import Pair
from connectory.queries.uses import DAYS
from dashboard import drift_data
from dashboard.data import At
from dashboard.parts import change_accepting, hit_rows
from dashboard.parts.badges import DRIFT, USED, mark
from dashboard.parts.text import code, count, counted, esc, missing

_FEW: Final = 8
_LONGEST: Final = 1_500
_OPEN: Final = ("breaking", "risky")


def draw(at: At, pair: Pair, group: Group) -> None:
    """Draw one operation with its changes.

    Args:
        at: The moment.
        pair: What is compared.
        group: The operation.
    """
    with st.container(border=True):
        _head(group)
        if group.severity in _OPEN:
            _hit(at, pair, group)
        rows = group.changes
        for row in rows.head(_FEW).itertuples(index=False):
            _change(row)
        rest = rows.iloc[_FEW:]
        if not rest.empty:
            told = f"{counted(len(rest), 'more change')} of it"
            with st.expander(told, on_change="rerun", key=f"change.more.{group.key}") as more:
                if more.open:
                    for row in rest.itertuples(index=False):
                        _change(row)
        change_accepting.offer(at, pair, group)


def _head(group: Group) -> None:
    if group.operation_id is None:
        name, where = "The connector as a whole", ""
    else:
        name, where = code(group.operation_id), code(f"{group.method} {group.path}")
        if group.operation_id == f"{group.method} {group.path}":
            where = ""
    used = f" {mark(USED, group.grade)}" if group.severity in _OPEN else ""
    meant = group.severity == "cosmetic" and bool(group.changes["expected"].notna().all())
    shown = mark(DRIFT, "expected" if meant else group.severity)
    st.markdown(f"{shown}{used} **{name}** {where}")


def _hit(at: At, pair: Pair, group: Group) -> None:
    """Draw who uses it: in a line, and whole behind one click."""
    use = drift_data.use(at, pair.connectors)
    hit = use.hit(pair.connectors, group.operations)
    exact = group.operation_id is not None
    said = hit_rows.told(hit) if exact else hit_rows.whole(hit)
    called = hit_rows.calls(use.called(pair.connectors, group.operations))
    parts = [
        said or "Nothing that was read uses it",
        f"in {DAYS} days {called}" if called else f"no log tells of a call in {DAYS} days",
    ]
    label = f"Who is hit: {'; '.join(parts)}"
    if hit.empty:
        st.caption(f"{'; '.join(parts)}.")
        return
    with st.expander(
        label, icon=":material/groups:", on_change="rerun", key=f"change.hit.{group.key}"
    ) as opened:
        if opened.open:
            hit_rows.consumers(hit, key=f"change.hits.{group.key}", exact=exact)


def _change(row: object) -> None:
    """Draw one change: what happened and why it matters, then what was and what is."""
    rule = RULES.get(row.rule)  # type: ignore[attr-defined]
    title = rule.title if rule else str(row.rule)  # type: ignore[attr-defined]
    message = esc(row.message, longest=700)  # type: ignore[attr-defined]
    st.markdown(f"{mark(DRIFT, _shown(row))} **{esc(title)}**  \n{message}")
    before, after = (
        pretty(value)
        for value in (row.before, row.after)  # type: ignore[attr-defined]
    )
    if before is None and after is None:
        return
    for cell, head, told in zip(st.columns(2), ("Before", "After"), (before, after), strict=True):
        with cell:
            st.caption(head)
            if told is None:
                st.markdown(":gray[nothing]")
            else:
                st.code(told, language=None, wrap_lines=True)


def _shown(row: object) -> str:
    expected = not missing(row.expected)  # type: ignore[attr-defined]
    return "expected" if expected else str(row.severity)  # type: ignore[attr-defined]


def pretty(value: object) -> str | None:
    """Return a value that is stored as JSON so that people can read it; None if there is none."""
    if missing(value):
        return None
    text = str(value)
    try:
        told = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        told = text
    clean = "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in told)
    if len(clean) <= _LONGEST:
        return clean
    return f"{clean[:_LONGEST]}\n… {count(len(clean) - _LONGEST)} characters more"
