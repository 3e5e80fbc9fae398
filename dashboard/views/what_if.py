"""What-if: what a decision would cost, before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from connectory.domain.licensing.changes import Change, Retire, Scale, change_as_text
from connectory.domain.licensing.what_if import RefusedAt, WhatIf
from connectory.queries.what_if import amounts_by_plan
from dashboard import exposure_data, what_if_data
from dashboard.data import At
from dashboard.parts import bars, estimating, filters, kpi, money, page, state
from dashboard.parts import what_if_changes as chosen
from dashboard.parts import what_if_rows as rows
from dashboard.parts.kpi import Figure
from dashboard.parts.plans import PLANS, SLOTS
from dashboard.parts.text import count, counted, esc, plain

TAB = "rows"
MORE = 100
TABS: dict[str, Callable[[At, Sequence[str], WhatIf], None]] = {
    "Lines": rows.lines,
    "People": rows.people,
}


def suggested(at: At) -> None:
    """Draw ways to begin with."""
    state.empty(
        "Nothing is changed yet", "Add a change, or begin with one of these.", icon="alt_route"
    )
    dearest = exposure_data.connectors(at).head(1)["connector_id"].astype(str)
    ways: list[Change] = [way for key in dearest for way in (Retire(key), Scale(key, MORE))]
    with st.container(horizontal=True, horizontal_alignment="center"):
        if before := chosen.before():
            _beginning("before", f"Back to {counted(len(before), 'change')} of before", before)
        for way in ways:
            told = change_as_text(way)
            words = esc(plain(what_if_data.words(at, told)))
            _beginning(told.partition("?")[0], words, [told])


def _beginning(name: str, words: str, changes: Sequence[str]) -> None:
    put = partial(chosen.put, changes)
    st.button(f":blue[{words}]", type="tertiary", key=f"what_if.{name}", on_click=put)


def figures(found: WhatIf) -> None:
    """Draw the key figures; each opens its rows."""
    currency, more = found.before.currency, found.difference
    lines, people = filters.narrow(rows="Lines"), filters.narrow(rows="People")
    kpi.row(
        [
            Figure(
                "Cost now",
                money.rounded(found.before.monthly, currency),
                help="The cheapest plan as things are, a month, beyond licences that are held.",
                narrow=lines,
            ),
            Figure(
                "Cost then",
                money.rounded(found.monthly, currency),
                note="proven" if found.after.plan.proven else "not proven",
                help="The cheapest plan after the changes, and the licences that they buy.",
                narrow=lines,
            ),
            Figure(
                "Difference",
                f"{'+' if more > 0 else ''}{money.rounded(more, currency)}",
                help="Cost then less cost now, a month.",
                narrow=lines,
            ),
            Figure(
                "Begin to need",
                len(found.begin),
                note=f"of {count(len(found.after.need.people))} then",
                help="People who need a licence they do not have then by a rule by which they do "
                "not now, after passes and meters. A pass covers somebody else where that leaves "
                "fewer people in need.",
                narrow=people,
            ),
            Figure(
                "Cease to need",
                len(found.cease),
                help="People who need a licence now by a rule by which they do not then; they may "
                "need one still by another rule.",
                narrow=people,
            ),
        ]
    )


def plot(found: WhatIf) -> None:
    """Draw both costs, plan by plan."""
    now, then = amounts_by_plan(found)
    series = [
        (name, SLOTS[plan], (float(now.get(plan, 0)), float(then.get(plan, 0))))
        for plan, name in PLANS.items()
        if now.get(plan) or then.get(plan)
    ]
    if not series:
        st.caption("Nothing is needed now or then, and nothing is billed.")
        return
    currency = found.before.currency
    bars.stacked(
        ("Now", "Then"),
        series,
        alt=f"{money.exact(found.before.monthly, currency)} a month now, "
        f"{money.exact(found.monthly, currency)} then.",
    )


def answer(at: At, changes: Sequence[str]) -> WhatIf | RefusedAt:
    """Return what the changes would cost, or why one of them cannot be made."""
    try:
        return estimating.told_or_why(
            lambda: what_if_data.found(at, changes), "No estimate can be made"
        )
    except RefusedAt as error:
        return error


at = page.begin("What-if", export="licences")
with state.part("What-if"):
    st.caption(
        "What a decision would cost a month, before it is taken. It is only reckoned here: neither "
        "the tenant nor the store is changed."
    )
    estimating.told_or_why(lambda: exposure_data.told(at), "No estimate can be made")
    changes = chosen.asked()
    found = answer(at, changes)
    chosen.listed(at, changes, found)
    chosen.add(at, changes)
    if not changes:
        suggested(at)
    elif not isinstance(found, RefusedAt):
        figures(found)
        st.header(f"Now and then, {found.before.currency} a month", anchor=False)
        plot(found)
        rows.files(at, changes)
        for name, tab in zip(TABS, st.tabs(list(TABS), key=TAB, bind="query-params"), strict=True):
            if tab.open:
                with tab, state.part(name):
                    TABS[name](at, changes, found)
