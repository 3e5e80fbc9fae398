"""Two frozen estimates beside each other: lines, people and prices."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.domain.licensing.comparing import Comparison
from connectory.domain.licensing.frozen import Frozen
from connectory.domain.licensing.statement import InForce, Recipient
from dashboard import estimate_data
from dashboard.parts import money, table
from dashboard.parts.text import plain


def compared(before: Frozen, after: Frozen) -> None:
    """Draw how the later estimate differs from the earlier one."""
    told = estimate_data.beside(before, after)
    currency = told.after.currency
    if told.comparable:
        st.markdown(
            f"Estimate {after.number} costs **{_more(told, currency)}** a month "
            f"and **{_more(told, currency, 12)}** in twelve months than estimate {before.number}."
        )
    else:
        st.markdown("Their amounts are in different currencies, and nothing is converted.")
    st.header("Lines", anchor=False)
    _lines(told)
    st.header("People", anchor=False)
    _people(told)
    st.header("Prices", anchor=False)
    _prices(told)


def _more(told: Comparison, currency: str, months: int = 1) -> str:
    amount = months * told.monthly
    if not amount:
        return "as much"
    return f"{money.exact(abs(amount), currency)} {'more' if amount > 0 else 'less'}"


def _lines(told: Comparison) -> None:
    if not told.lines:
        st.caption("Neither buys anything.")
        return
    rows = [
        (
            one.named.name,
            float(one.difference) if told.comparable else None,
            one.before and one.before.quantity,
            one.after and one.after.quantity,
            None if one.before is None else float(one.before.unit_price),
            None if one.after is None else float(one.after.unit_price),
            plain(one.named.environment),
        )
        for one in told.lines
    ]
    columns = {
        "plan": table.text("Plan", width=215),
        "more": table.signed("A month more", width=115),
        "before": table.number("Before", width=80),
        "after": table.number("After", width=80),
        "was": table.amount("Unit before", width=95),
        "now": table.amount("Unit after", width=95),
        "environment": table.text("Environment", width=200),
    }
    shown = pd.DataFrame(rows, columns=list(columns))
    table.data_table(shown, columns, alt="Lines that differ", key="estimates.beside.lines")


def _people(told: Comparison) -> None:
    if not told.people:
        st.caption("The same people get the same.")
        return
    added = sum(one.before is None for one in told.people)
    gone = sum(one.after is None for one in told.people)
    st.caption(
        f"{added:,} more, {gone:,} fewer, {len(told.people) - added - gone:,} with something else."
    )
    rows = [(*_who(one.named), _gets(one.before), _gets(one.after)) for one in told.people]
    columns = {
        "person": table.text("Person", width=200),
        "department": table.text("Department", width=150),
        "before": table.text("Before", width=260),
        "after": table.text("After", width=260),
    }
    shown = pd.DataFrame(rows, columns=list(columns))
    table.data_table(shown, columns, alt="People who differ", key="estimates.beside.people")
    money.download_of(shown, "estimates-people")


def _who(one: Recipient) -> tuple[str, str]:
    return plain(one.person), plain(one.department)


def _gets(one: Recipient | None) -> str:
    return "Nothing" if one is None else one.gets


def _prices(told: Comparison) -> None:
    if not told.prices:
        st.caption("No price changed.")
        return
    rows = [(one.named.name, _price(one.before), _price(one.after)) for one in told.prices]
    columns = {
        "plan": table.text("Plan", width=260),
        "before": table.text("Before", width=260),
        "after": table.text("After", width=260),
    }
    shown = pd.DataFrame(rows, columns=list(columns))
    table.data_table(shown, columns, alt="Prices that changed", key="estimates.beside.prices")


def _price(one: InForce | None) -> str:
    if one is None:
        return "Not there"
    tiers = "".join(f", {tier.price} from {tier.start:,}" for tier in one.tiers)
    return f"{one.price}{tiers}{'' if one.purchasable else ', not to be had'}"
