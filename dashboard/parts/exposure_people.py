"""Who needs cover because of custom connectors, and whom the plan covers, with the reasons."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.exposure import Exposure
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import money, table
from dashboard.parts.plans import RULES
from dashboard.parts.text import count, counted

WHO = "who"
NEED, ALL = "In need", "All whom the plan covers"
_TOLD = ["person", "department", "now", "gets", "apps", "flows", "connectors", "environments"]


def draw(at: At, found: Exposure, *, priced: bool = True) -> None:
    """Draw those in need, or all whom the plan or a meter covers.

    Args:
        at: The moment.
        found: The estimate.
        priced: What the plan gives is known.
    """
    rows = exposure_data.people(at)
    if rows.empty and not found.estimate.need.flows:
        st.caption("Nobody needs a licence because of a custom connector.")
        return
    st.session_state.setdefault(WHO, NEED)
    chosen = st.segmented_control(
        "Who", [NEED, ALL], key=WHO, bind="query-params", label_visibility="collapsed"
    )
    needed = chosen != ALL
    shown = rows[rows["in_need"]].reset_index(drop=True) if needed else rows
    st.caption(_sums(shown, found, needed=needed))
    if not shown.empty:
        _table(shown, needed=needed, priced=priced)
        left = shown if priced else shown.drop(columns="gets")
        money.download(
            left.assign(rules=left["rules"].map(", ".join)),
            "people-in-need" if needed else "people",
            at,
        )
    if needed and found.estimate.need.flows:
        _flows(at, priced=priced)


def _sums(shown: pd.DataFrame, found: Exposure, *, needed: bool) -> str:
    """Return how many they are, and how many by each rule."""
    whole = f"{_persons(len(shown))} in need now" if needed else f"{_persons(len(shown))} in all"
    if not needed:
        whole += f", {count(int(shown['in_need'].sum()))} of them in need now"
    told = exposure_data.by_rule(shown)
    rules = [f"{RULES[rule]}: {count(number)}" for rule, number in told.items()]
    both = " (one may need it by several)" if sum(told.values()) > len(shown) else ""
    flows = len(found.estimate.need.flows)
    more = f" And {counted(flows, 'flow')} that no person can cover." if needed and flows else ""
    return whole + (". " + ", ".join(rules) + both if rules else "") + "." + more


def _persons(number: int) -> str:
    return "1 person" if number == 1 else f"{count(number)} people"


def _table(rows: pd.DataFrame, *, needed: bool, priced: bool) -> None:
    shown = table.words(rows, _TOLD)
    shown["rules"] = [", ".join(RULES[rule] for rule in told) for told in rows["rules"]]
    shown["assets"] = [
        ", ".join(told for told in both if told)
        for both in zip(shown["apps"], shown["flows"], strict=True)
    ]
    if not needed:
        shown["now"] = shown["now"].where(~rows["in_need"], "Nothing: in need")
    columns = {
        "person": table.text("Person", width=145),
        "now": table.text("Why nothing covers them" if needed else "Covered now by", width=210),
        "gets": table.text("By the plan", width=175),
        "rules": table.text("Rule", width=200),
        "connectors": table.text("Because of", width=165),
        "assets": table.text("Apps and flows", width=220),
        "environments": table.text("Environments", width=150),
        "department": table.text("Department", width=140),
    }
    if not priced:
        columns.pop("gets")
    table.chosen_whole(
        shown,
        columns,
        alt="People and why",
        key=f"exposure.people.{needed}",
        hidden=("environments", "department"),
    )


def _flows(at: At, *, priced: bool) -> None:
    st.header("Flows that no person can cover", anchor=False)
    rows = exposure_data.flows_in_need(at)
    shown = table.words(rows, ["flow", "environment", "connectors", "gets"])
    columns = {
        "flow": table.text("Flow", width=260),
        "gets": table.text("By the plan", width=200),
        "environment": table.text("Environment", width=200),
        "connectors": table.text("Because of", width=250),
        "runs": table.number("Runs in 30 days", width=130),
    }
    if not priced:
        columns.pop("gets")
    table.data_table(shown, columns, alt="Flows in need", key="exposure.flows_in_need")
    st.caption("A service principal owns it: no licence of a person covers it.")
    money.download(rows if priced else rows.drop(columns="gets"), "flows-in-need", at)
