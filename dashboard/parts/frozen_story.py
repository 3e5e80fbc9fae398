"""A frozen estimate whole: its figures, lines, people, and what it rests on."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from connectory.domain.licensing.frozen import LONGEST_NOTE, Frozen
from connectory.exports.workbook import WAYS, assumptions
from dashboard import estimate_data
from dashboard.parts import kpi, money, table, taking
from dashboard.parts.kpi import Figure
from dashboard.parts.text import code, counted, esc, minute, plain

_FACTS = 40


def figures(told: Frozen) -> None:
    """Draw its key figures, exact, as they were."""
    found = told.statement
    st.header(told.title, anchor=False)
    st.markdown(
        f"{money.exact(found.monthly, found.currency)} a month, "
        f"{money.exact(found.annual, found.currency)} in twelve. "
        f"Frozen by {esc(told.author)} on {minute(told.made_at)}, from run {told.run_id}."
    )
    if told.note:
        st.markdown(esc(told.note, longest=LONGEST_NOTE))
    kpi.row(
        [
            Figure("A month", money.rounded(found.monthly, found.currency), help="The cheapest plan, beyond licences held then."),
            Figure("Twelve months", money.rounded(found.annual, found.currency), help="Twelve times the month. What is billed by use is an estimate."),
            Figure("Billed then", money.rounded(found.metered_now, found.currency), help="What linked environments billed a month, as things were."),
            Figure("Lack cover", found.people_in_need, note=f"+{counted(found.flows_in_need, 'flow')}" if found.flows_in_need else ""),
            Figure("People covered", len(found.recipients), help="Whom the plan covers; see People."),
        ]
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        taking.downloads(f"estimate-{told.number}", partial(estimate_data.file, told))
    if told.unaltered:
        st.caption(f":material/verified: It is what was frozen: SHA-256 {code(told.digest)}")
    else:
        st.error(
            "The store was changed by hand since: figures below need not be those that were frozen.",
            title="This is not what was frozen",
            icon=":material/error:",
        )


def lines(told: Frozen) -> None:
    """Draw its plan line by line, and the naive ways beside it."""
    rows = estimate_data.lines(told)
    if rows.empty:
        st.caption("Nothing was needed, and nothing was billed.")
    else:
        shown = table.words(rows, ["environment"])
        for name in ("unit_price", "monthly", "annual"):
            shown[name] = shown[name].astype(float)
        columns = {
            "name": table.text("Plan", width=290),
            "monthly": table.amount("A month", width=110),
            "annual": table.amount("Twelve months", width=120),
            "quantity": table.number("Quantity", width=90),
            "unit_price": table.amount("Unit price", width=100),
            "environment": table.text("Environment", width=220),
        }
        table.data_table(shown, columns, alt="The plan", key="estimates.lines")
    ways = told.statement.ways
    if ways:
        st.header("Beside it", anchor=False)
        table.small(
            [
                {
                    "Way": WAYS.get(one.way, one.way),
                    "A month": money.exact(one.monthly, told.statement.currency),
                    "But": ", ".join(
                        ([] if one.purchasable else ["cannot be bought"])
                        + ([] if one.compliant else ["leaves a need"])
                    ) or "covers everything",
                }
                for one in ways
            ],
            alt="Other ways",
        )  # fmt: skip


def people(told: Frozen) -> None:
    """Draw whom it covers, by the names of that day."""
    rows = estimate_data.people(told)
    if rows.empty:
        st.caption("Nobody needed a licence because of a custom connector.")
        return
    words = ["person", "department", "connectors", "apps", "flows", "environments"]
    columns = {
        "person": table.text("Person", width=190),
        "department": table.text("Department", width=150),
        "gets": table.text("Gets", width=270),
        "connectors": table.text("Because of", width=260),
        "apps": table.text("Apps", width=220),
        "flows": table.text("Flows", width=220),
    }
    table.data_table(table.words(rows, words), columns, alt="People", key="estimates.people")
    st.caption("Names and departments are those of that day, whatever became of the people.")


def rests_on(told: Frozen) -> None:
    """Draw prices in force then, the rules, and what was open."""
    prices = pd.DataFrame(
        [
            (one.name, float(one.price), ", ".join(f"{tier.price} from {tier.start:,}" for tier in one.tiers),
             "Yes" if one.purchasable else "No", one.since.isoformat(), plain(one.source))
            for one in told.statement.prices
        ],
        columns=["name", "price", "tiers", "can", "since", "source"],
    )  # fmt: skip
    columns = {
        "name": table.text("Plan", width=290),
        "price": table.amount(f"Price, {told.statement.currency}", width=110),
        "tiers": table.text("In large numbers", width=140),
        "can": table.text("To be had", width=90),
        "since": table.text("Since", width=100),
        "source": table.text("Told by", width=320),
    }
    table.data_table(prices, columns, alt="Prices in force then", key="estimates.prices")
    facts = [
        (esc(name[:1].upper() + name[1:]), esc(value))
        for name, value in assumptions(told.statement)
    ]
    table.facts(facts[:_FACTS], alt="What it rests on")
    if len(facts) > _FACTS:
        st.caption(f"{len(facts) - _FACTS:,} more stand in the workbook.")
