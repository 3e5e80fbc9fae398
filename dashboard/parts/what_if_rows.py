"""Rows of the page What-if: lines now and then, and who begins and ceases to need cover."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import streamlit as st

from connectory.domain.licensing.what_if import WhatIf
from connectory.queries.what_if import BEGINS
from dashboard import what_if_data
from dashboard.data import At
from dashboard.parts import money, table
from dashboard.parts.plans import PLANS, RULES
from dashboard.parts.text import count

PARTS: Final = {"plan": "Cheapest plan", "bought": "Bought by the changes", "together": "One order"}


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
