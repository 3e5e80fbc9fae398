"""Whose the cost of the cheapest plan is: by connector, environment and department."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from connectory.queries.exposure import Exposure, shared
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import money, opening, table
from dashboard.parts.text import label


def connectors(at: At, found: Exposure) -> None:
    """Draw what each connector costs; a name opens what its cost is made of."""
    rows = exposure_data.connectors(at)
    if rows.empty:
        why = exposure_data.NOT_ASSESSED
        st.caption(why if found.large else "No app and no flow uses a custom connector.")
        return
    currency = found.estimate.currency
    st.caption(
        "What retiring it would save: the cheapest plan less the cheapest plan without it. Where an "
        "app uses two connectors, neither alone makes it premium, and what it costs is shared: "
        f"{money.exact(max(shared(found, rows), Decimal(0)), currency)} in all. Open a connector to see "
        "the plan with and without it."
    )
    shown = table.words(rows, ["environment"]).assign(
        connector=[label(name) for name in rows["connector"]],
        monthly=rows["monthly"].astype(float),
    )
    name = "exposure.connectors.connector"
    columns = {
        "connector": table.opener("Connector", width=220, key=name),
        "monthly": table.amount(f"Saves, {currency}", width=105),
        "only": table.number("Because of it alone", width=140, help="People who need cover for nothing else."),
        "environment": table.text("Environment", width=230),
        "apps": table.number("Apps", width=70),
        "flows": table.number("Flows", width=70),
    }  # fmt: skip
    table.openers(shown, columns, alt="Connectors by cost", key="exposure.connectors")
    money.download(rows, "cost-by-connector", at)
    clicked = table.clicked(name)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], "Exposure")


def environments(at: At, found: Exposure) -> None:
    """Draw what the plan costs each environment."""
    rows, currency = exposure_data.environments(at), found.estimate.currency
    if rows.empty:
        st.caption("The plan costs nothing.")
        return
    st.caption(
        "Passes, meters and Process licences are of the environment they are bought or billed for. "
        "Licences of people are shared by how many apps and flows those who get them need in each. "
        f"It adds up to the plan: {money.exact(sum(rows['monthly'], Decimal(0)), currency)}."
    )
    shown = table.words(rows, ["environment"])
    shown["environment"] = shown["environment"].fillna("The tenant as a whole")
    for name in ("monthly", "direct", "share"):
        shown[name] = rows[name].astype(float)
    columns = {
        "environment": table.text("Environment", width=220),
        "monthly": table.amount(f"A month, {currency}", width=110),
        "people": table.number("People", width=90, help="Who needs cover there and holds no licence for it; one may in several."),
        "direct": table.amount("Bought or billed there", width=170),
        "share": table.amount("Share of licences", width=150),
    }  # fmt: skip
    table.data_table(shown, columns, alt="Cost by environment", key="exposure.environments")
    money.download(rows, "cost-by-environment", at)


def departments(at: At, found: Exposure) -> None:
    """Draw what the plan costs each department."""
    rows, currency = exposure_data.departments(at), found.estimate.currency
    if rows.empty:
        st.caption("The plan costs nothing.")
        return
    st.caption(
        "A licence to the department of who gets it; passes and metered apps of an environment by how "
        "many apps its people use there; a flow to the department of its owner. It adds up to the "
        f"plan: {money.exact(sum(rows['monthly'], Decimal(0)), currency)}."
    )
    shown = table.words(rows, ["department"]).assign(monthly=rows["monthly"].astype(float))
    shown["department"] = shown["department"].fillna("No department is told")
    columns = {
        "department": table.text("Department", width=220),
        "monthly": table.amount(f"A month, {currency}", width=110),
    }
    table.data_table(shown, columns, alt="Cost by department", key="exposure.departments")
    money.download(rows, "cost-by-department", at)


def undecided(at: At, found: Exposure) -> None:
    """Draw what no rule decides, and what to do about it."""
    del found
    rows = exposure_data.undecided(at)
    if rows.empty:
        st.caption("Nothing is open.")
        return
    st.caption("What no rule decides is in no figure: each may add to the need.")
    shown = table.words(rows, list(rows.columns))
    columns = {
        "subject": table.text("About", width=205),
        "question": table.text("Question", width=320),
        "remedy": table.text("What to do", width=360),
        "environment": table.text("Environment", width=165),
        "kind": table.text("Is", width=70),
    }
    table.chosen_whole(shown, columns, alt="What is open", key="exposure.review")
    money.download(rows, "to-decide", at)
