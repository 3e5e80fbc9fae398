"""Change: what differs between two definitions, how bad that is, whom it hits, and what is accepted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.drift_pairs import Pair
from dashboard import drift_data
from dashboard.data import At
from dashboard.parts import change_groups, change_head, filters, hit_rows, opening, page, state
from dashboard.parts.badges import DRIFT, meaning, state_of
from dashboard.parts.change_accepting import accepted
from dashboard.parts.text import count, esc

SEVERITIES = ("breaking", "risky", "compatible", "cosmetic")
FEW = 12


def asked(at: At) -> Pair | None:
    """Return the comparison the address asks for."""
    told = opening.asked_pair()
    if told is None:
        return None
    kind, numbers = told
    if kind == "step":
        return drift_data.step(at, *numbers)
    if kind == "family":
        return drift_data.member(at, *numbers)
    return drift_data.document(at, *numbers)


def listed(pair: Pair, rows: pd.DataFrame) -> None:
    """Draw the changes that are left by the filter, operation by operation."""
    cells = st.grid(3, min_column_width=146)
    severity = filters.several(
        cells, "Severity", "level", [meaning(DRIFT, one).word for one in SEVERITIES]
    )
    operation = filters.several(
        cells, "Operation", "operation", filters.options(rows["operation_id"])
    )
    chosen = [state_of(DRIFT, word) for word in severity]
    kept = rows[rows["severity"].isin(chosen)] if chosen else rows
    wanted = filters.behind(rows["operation_id"], operation)
    kept = kept[kept["operation_id"].isin(wanted)] if wanted else kept
    groups = drift_data.grouped(at, pair, kept[~kept["accepted"]])
    if not groups:
        state.empty("No open change matches", "Remove a filter.", icon="filter_alt_off")
        return
    every = len(groups) <= FEW or st.toggle(
        f"All {count(len(groups))} operations", key="every", bind="query-params"
    )
    for group in groups if every else groups[:FEW]:
        change_groups.draw(at, pair, group)
    if not every:
        st.caption(f"{count(FEW)} of {count(len(groups))} operations, the worst and used first.")


def everything(at: At, pair: Pair) -> None:
    """Draw all of a comparison that could be made."""
    rows = drift_data.changes(at, pair)
    change_head.figures(at, pair, rows)
    change_head.terminal(pair)
    if rows.empty:
        state.empty("Nothing differs", "Both say the same.", icon="task_alt")
        return
    st.header("What differs", anchor=False)
    with state.part("The changes"):
        listed(pair, rows)
    with state.part("What was accepted"):
        accepted(at, rows[rows["accepted"]])
    st.header("Whom to tell", anchor=False)
    with state.part("The contacts"):
        hit, said = change_head.hit(at, pair, rows)
        st.caption(said)
        hit_rows.contacts(at, hit, f"contacts-{pair.connector_id}")


at = page.moment_of("Change")
change_head.way_back()
told = asked(at)
if told is None:
    page.top("Change", at, export="drift_board")
    state.empty(
        "No such comparison",
        "The address names none that this store knows, or the connector has no reference any more.",
    )
    st.page_link(page.DRIFT, label=":blue[Open the drift board]")
    st.stop()
page.top(esc(change_head.title(told), longest=160), at, export="drift_board")
with state.part("The comparison"):
    change_head.draw(told)
    if told.comparison_id is None:
        state.empty(
            "Nothing could be compared",
            esc(told.reason or "The reason is not known.", longest=600),
            icon="visibility_off",
            to_runs=True,
        )
    else:
        everything(at, told)
