"""What-if: what a decision would cost, before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from connectory.domain.licensing.changes import MOST_CHANGES, Refused, Retire, Scale, change_as_text
from connectory.domain.licensing.what_if import RefusedAt, WhatIf
from connectory.queries.what_if import BEGINS, amounts_by_plan
from dashboard import exposure_data, what_if_data
from dashboard.data import At
from dashboard.parts import bars, estimating, filters, kpi, money, page, state, table, what_if_form
from dashboard.parts.kpi import Figure
from dashboard.parts.plans import PLANS, RULES, SLOTS
from dashboard.parts.text import count, esc, plain

TAB = "rows"
MORE = 100
PARTS = {"plan": "Cheapest plan", "bought": "Bought by the changes", "together": "One order"}


def asked() -> list[str]:
    """Return the changes that the address names."""
    return st.query_params.get_all(what_if_data.KEY)


def put(changes: Sequence[str]) -> None:
    """Write changes into the address, of which everything else follows."""
    st.query_params[what_if_data.KEY] = list(changes)


def add(at: At, changes: Sequence[str]) -> None:
    """Draw the choice of one more change; one that cannot be made is refused with the reason."""
    with st.expander("Add a change", icon=":material/add:", expanded=not changes):
        chosen = what_if_form.choose(what_if_data.names(at))
        ready = chosen is not None and len(changes) < MOST_CHANGES
        if st.button("Add", type="primary", disabled=not ready, key="what_if.add") and chosen:
            more = [*changes, change_as_text(chosen)]
            try:
                what_if_data.found(at, more)
            except Refused as error:
                st.error(esc(_sentence(error), longest=400), icon=":material/block:")
            else:
                put(more)
                st.rerun()


def _sentence(error: Refused) -> str:
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}."


def listed(at: At, changes: Sequence[str], found: WhatIf | RefusedAt) -> None:
    """Draw the changes in their order, each with what is worth knowing and a way to take it back."""
    for place, change in enumerate(changes):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap=None):
                words = plain(what_if_data.words(at, change))
                st.markdown(f"{place + 1}\\. {esc(words[:1].upper() + words[1:])}")
                notes = () if isinstance(found, RefusedAt) else found.notes[place]
                if notes:
                    st.caption(esc(" ".join(notes), longest=400))
            left = [other for number, other in enumerate(changes) if number != place]
            st.button(
                "Remove",
                icon=":material/close:",
                type="tertiary",
                key=f"what_if.remove.{place}",
                on_click=partial(put, left),
            )
        if isinstance(found, RefusedAt) and found.place == place:
            st.error(esc(_sentence(found), longest=400), icon=":material/block:")
    if isinstance(found, RefusedAt) and found.place >= len(changes):
        st.error(esc(_sentence(found)), icon=":material/block:")
    if len(changes) > 1:
        st.button("Remove all", type="tertiary", key="what_if.clear", on_click=partial(put, []))


def suggested(at: At) -> None:
    """Draw ways to begin with."""
    state.empty(
        "Nothing is changed yet", "Add a change, or begin with one of these.", icon="alt_route"
    )
    dearest = exposure_data.connectors(at).head(1)
    if dearest.empty:
        return
    number = str(dearest["connector_id"].iloc[0])
    with st.container(horizontal=True, horizontal_alignment="center"):
        for change in (Retire(number), Scale(number, MORE)):
            told = change_as_text(change)
            words = plain(what_if_data.words(at, told))
            st.button(f":blue[{esc(words)}]", type="tertiary", key=f"what_if.{type(change).__name__}",
                      on_click=partial(put, [told]))  # fmt: skip


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


def files(at: At, changes: Sequence[str]) -> None:
    """Draw what takes both tenants along as scenarios."""
    with st.container(horizontal=True):
        for which in ("before", "after"):
            st.download_button(
                f"Scenario {which}",
                partial(what_if_data.scenario, at, tuple(changes), which),
                file_name=f"connectory-{which}-{at.moment.read_at:%Y-%m-%d}.json",
                mime="application/json",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                key=f"what_if.{which}",
                help="A file that connectory estimate reads to the same cheapest plan; what the "
                "changes buy is held in it.",
            )


def lines(at: At, changes: Sequence[str], found: WhatIf) -> None:
    """Draw what is bought and billed, line by line."""
    rows = what_if_data.lines(at, changes)
    bought = sum((line.monthly for line in found.bought), found.together)
    currency = found.before.currency
    st.caption(
        f"{money.exact(found.after.monthly, currency)} by the cheapest plan then"
        + (f" and {money.exact(bought, currency)} for what the changes buy" if found.bought else "")
        + f", less {money.exact(found.before.monthly, currency)} now: the differences add up to "
        f"{money.exact(found.difference, currency)}."
    )
    if rows.empty:
        return
    amounts = ("monthly_now", "monthly_then", "difference")
    shown = table.words(rows, ["environment"]).assign(
        plan=rows["plan"].map(PLANS),
        part=rows["part"].map(PARTS),
        **{name: rows[name].astype(float) for name in amounts},
    )
    columns = {
        "plan": table.text("Plan", width=190),
        "difference": table.amount(f"Difference, {currency}", width=130),
        "monthly_now": table.amount("Now", width=100),
        "monthly_then": table.amount("Then", width=100),
        "quantity_now": table.number("Units now", width=90),
        "quantity_then": table.number("Units then", width=90),
        "part": table.text("Because of", width=170),
        "environment": table.text("Environment", width=200),
    }
    table.data_table(shown, columns, alt="Lines now and then", key="what_if.lines")
    money.download(rows, "what-if-lines", at)


def people(at: At, changes: Sequence[str], found: WhatIf) -> None:
    """Draw who begins to need cover and who ceases to."""
    rules = what_if_data.rules(at, changes)
    st.caption(
        "; ".join(
            f"{RULES[rule]}: {count(now)} now, {count(then)} then"
            for rule, now, then in rules.itertuples(index=False)
        )
        or "Nobody needs a licence now or then."
    )
    rows = what_if_data.people(at, changes)
    if rows.empty:
        st.caption("Nobody begins to need a licence by any rule, and nobody ceases to.")
        return
    del found
    shown = table.words(rows, ["person", "department", "apps", "flows", "connectors"]).assign(
        change=["Begins to need" if one == BEGINS else "Ceases to need" for one in rows["change"]],
        rules=rows["rules"].map(_rules),
        still=rows["still"].map(_rules),
    )
    columns = {
        "person": table.text("Person", width=180),
        "change": table.text("Change", width=130),
        "connectors": table.text("Because of", width=230),
        "rules": table.text("Rule", width=240),
        "still": table.text("Still needs by", width=200),
        "department": table.text("Department", width=140),
        "apps": table.text("Apps", width=200),
        "flows": table.text("Flows", width=200),
    }
    table.data_table(shown, columns, alt="Who begins and ceases to need", key="what_if.people")
    money.download(rows, "what-if-people", at)


def _rules(told: str) -> str:
    return ", ".join(RULES[rule] for rule in told.split(", ") if rule)


TABS: dict[str, Callable[[At, Sequence[str], WhatIf], None]] = {"Lines": lines, "People": people}


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
    changes = asked()
    found = answer(at, changes)
    listed(at, changes, found)
    add(at, changes)
    if not changes:
        suggested(at)
    elif not isinstance(found, RefusedAt):
        figures(found)
        st.header(f"Now and then, {found.before.currency} a month", anchor=False)
        plot(found)
        files(at, changes)
        for name, tab in zip(TABS, st.tabs(list(TABS), key=TAB, bind="query-params"), strict=True):
            if tab.open:
                with tab, state.part(name):
                    TABS[name](at, changes, found)
