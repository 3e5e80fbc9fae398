"""Lines of an amount: each says how it comes about, and opens the people and flows it is for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.domain.licensing.charges import Charge
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import money, table
from dashboard.parts.plans import PLANS, RULES
from dashboard.parts.text import esc

LINE = "line"
"""Name in the address of the line that is open."""


def lines(at: At, charges: list[Charge], currency: str, *, name: str) -> None:
    """Draw lines, and whom and what the one that is chosen is for.

    Args:
        at: The moment.
        charges: The lines.
        currency: Of every amount.
        name: Identity of the table, and of what is taken along as CSV.
    """
    rows = exposure_data.charge_rows(at, charges)
    shown = table.words(rows, ["environment", "about", "formula"]).assign(
        plan=rows["plan"].map(PLANS),
        monthly=rows["monthly"].astype(float),
    )
    columns = {
        "plan": table.text("Plan", width=195),
        "monthly": table.amount(f"A month, {currency}", width=120),
        "formula": table.text("How it comes about", width=310),
        "environment": table.text("Environment", width=210),
        "about": table.text("For", width=260),
    }
    kept = table.filled(shown, columns)
    if shown["about"].notna().all():  # each line is of an app or a flow, which tells it from others
        plan = kept.pop("plan")
        kept = {"about": table.text("For", width=200)} | kept | {"plan": plan}
    row = _chosen(table.choose(shown, kept, alt="Lines", key=f"exposure.{name}"), len(rows), name)
    money.download(rows, name, at)
    if row is None:
        st.caption("Choose a line to see whom and what it is for.")
        return
    behind(at, charges[row], shown.iloc[row], name)


def _chosen(row: int | None, number: int, name: str) -> int | None:
    """Return the line to open: the one that is chosen, that of the address, or the only one."""
    if row is not None:
        st.query_params[LINE] = f"{name}.{row + 1}"
        return row
    asked, _, place = st.query_params.get(LINE, "").rpartition(".")
    if asked == name and place.isdecimal() and 1 <= int(place) <= number:
        return int(place) - 1
    return 0 if number == 1 else None


def behind(at: At, charge: Charge, row: pd.Series[str], name: str) -> None:
    """Draw the people and flows a line is for."""
    where = f", {esc(row['environment'])}" if charge.environment is not None else ""
    st.header(f"{esc(row['plan'])}{where}: {esc(row['formula'])}", anchor=False)
    people = exposure_data.people_of(at, charge)
    if not people.empty:
        _people(people, name)
    if charge.flows:
        _flows(at, charge, name)
    if people.empty and not charge.flows:
        st.caption("It is for the tenant as a whole.")


def _people(rows: pd.DataFrame, name: str) -> None:
    told = ["person", "department", "apps", "flows", "connectors", "now"]
    shown = table.words(rows, told)
    shown["rules"] = [", ".join(RULES[rule] for rule in some) for some in rows["rules"]]
    columns = {
        "person": table.text("Person", width=150),
        "rules": table.text("Rule", width=205),
        "apps": table.text("Apps", width=200),
        "flows": table.text("Flows", width=170),
        "connectors": table.text("Because of", width=220),
        "department": table.text("Department", width=150),
    }
    kept = table.filled(shown, columns)
    table.data_table(shown, kept, alt="Whom it is for", key=f"exposure.{name}.people")


def _flows(at: At, charge: Charge, name: str) -> None:
    shown = table.words(exposure_data.flows_of(at, charge), ["flow", "environment", "connectors"])
    columns = {
        "flow": table.text("Flow", width=300),
        "runs": table.number("Runs in 30 days", width=130),
        "environment": table.text("Environment", width=230),
        "connectors": table.text("Because of", width=300),
    }
    table.data_table(shown, columns, alt="Flows it is for", key=f"exposure.{name}.flows")
