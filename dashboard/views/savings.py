"""Savings: licences and passes that cost something and cover nothing."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import estimating, filters, kpi, money, page, state, table
from dashboard.parts.kpi import Figure

ANY = "All"
KINDS = {
    "disabled": "Disabled accounts",
    "unneeded": "Not needed",
    "doubled": "Twice covered",
    "trial": "Trials that end",
    "stranded": "Stranded passes",
}
HELP = {
    "disabled": "Paid licences of accounts that cannot sign in: they can be handed on.",
    "unneeded": "For no app, or no flow, with a custom connector, whichever they cover. What else they are for is not "
    "known here: ask before one is taken away.",
    "doubled": "Held beside another licence that covers the same.",
    "trial": "Trials that end within 30 days, where licensing.trial_ends tells their end: who is on "
    "one needs cover then.",
    "stranded": "Passes of environments that are billed by use, which uses none.",
}
CHOICE = "savings.kind"


def figures(rows: pd.DataFrame, currency: str) -> None:
    """Draw what each kind costs a month; each opens its rows."""
    drawn = []
    for kind, name in KINDS.items():
        mine = rows[rows["kind"] == kind]
        cost = sum((one for one in mine["monthly"] if one is not None), Decimal(0))
        drawn.append(
            Figure(
                name,
                int(mine["quantity"].sum()),
                note=money.rounded(cost, currency) if cost else "",
                help=HELP[kind],
                narrow=filters.narrow(**{CHOICE: name}),
            )
        )
    kpi.row(drawn)


def listed(at: At, rows: pd.DataFrame, currency: str) -> None:
    """Draw the rows of the kind that is chosen."""
    st.session_state.setdefault(CHOICE, ANY)
    chosen = st.segmented_control(
        "Kind", [ANY, *KINDS.values()], key=CHOICE, label_visibility="collapsed"
    )
    some = rows.assign(kind=rows["kind"].map(KINDS))
    if chosen not in (None, ANY):
        some = some[some["kind"] == chosen]
    if some.empty:
        st.caption("Nothing of that kind.")
        return
    shown = table.words(some.reset_index(drop=True), ["holder", "department", "product", "reason"])
    shown["monthly"] = shown["monthly"].map(lambda one: None if one is None else float(one))
    columns = {
        "holder": table.text("Holder", width=150),
        "monthly": table.amount(f"A month, {currency}", width=110),
        "product": table.text("Licence", width=175),
        "quantity": table.number("Units", width=60),
        "kind": table.text("Kind", width=130),
        "department": table.text("Department", width=125),
        "reason": table.text("Why", width=425),
    }
    if (shown["quantity"] == 1).all():
        columns.pop("quantity")
    if chosen not in (None, ANY):
        columns.pop("kind")
    table.chosen_whole(shown, columns, alt="What need not be paid for", key="savings.rows")
    money.download(some, "savings", at)
    st.caption("At prices of the price book, which may not be those of a contract of long ago.")


at = page.begin("Savings", export="savings")
with state.part("Savings"):
    found = estimating.told_or_why(lambda: exposure_data.savings(at), "No savings can be told")
    currency = exposure_data.currency()
    if found.empty:
        state.empty("Nothing to save", "Every paid licence that was read is needed by somebody.")
        st.stop()
    figures(found, currency)
    listed(at, found, currency)
