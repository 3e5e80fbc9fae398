"""Exposure: what custom connectors cost in licences, because of which, and the cheapest plan."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from connectory.queries.exposure import Exposure, shared
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import (
    bars,
    budget,
    estimating,
    exposure_people,
    exposure_trend,
    filters,
    kpi,
    money,
    opening,
    page,
    state,
    table,
    taking,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.plans import PLANS
from dashboard.parts.text import counted, esc, label, plain

TAB = "look"
WAYS = {
    "premium": "A licence for everybody",
    "per_app": "A pass for each app",
    "payg": "Pay-as-you-go",
    "process": "Licences of flows",
}
_PLOTTED = 10


def figures(found: Exposure) -> None:
    """Draw the key figures; each opens its rows."""
    told = found.estimate
    premium = told.ways["premium"]
    kpi.row(
        [
            Figure(
                "Need cover",
                len(told.need.people),
                note=f"+{counted(len(told.need.flows), 'flow')}" if told.need.flows else "",
                help="People who need a licence they do not have, after passes that are held and "
                "meters that are on; and flows that no person can cover.",
                narrow=filters.narrow(look="People", who=exposure_people.NEED),
            ),
            Figure(
                "Cheapest plan",
                money.rounded(told.monthly, found.estimate.currency),
                note="proven" if told.plan.proven else "not proven",
                help="The least a month that leaves nobody without cover, beyond licences that are "
                "held, meters of linked environments included. Proven: the solver found that "
                "nothing costs less.",
                narrow=filters.narrow(look="Plan"),
            ),
            Figure(
                "A licence each",
                None
                if premium is None
                else money.rounded(premium.monthly, found.estimate.currency),
                help="A month of Power Apps Premium or Power Automate Premium for everybody who "
                "would need cover if nothing were metered, who are more than need it now.",
                narrow=filters.narrow(look="Plan"),
            ),
            Figure(
                "Metered now",
                money.rounded(told.metered_now, found.estimate.currency),
                help="What environments that are linked to pay-as-you-go bill a month as things are.",
                narrow=filters.narrow(look="Plan"),
            ),
            Figure(
                "To decide",
                len(told.need.review),
                help="What no rule decides; it is in no figure.",
                narrow=filters.narrow(look="To decide"),
            ),
        ]
    )


def by_connector(at: At, found: Exposure) -> None:
    """Draw the dearest connectors, and what no connector alone causes."""
    rows = exposure_data.connectors(at)
    costly = rows[rows["monthly"] > 0].head(_PLOTTED)
    rest = shared(found)
    names = [label(name) for name in costly["connector"]]
    doubled = {name for name in names if names.count(name) > 1}
    told = [
        f"{name} ({number})" if name in doubled else name
        for name, number in zip(names, costly["connector_id"], strict=True)
    ]
    values = [round(one) for one in costly["monthly"]]
    groups = ["Saved if it were retired"] * len(told)
    if rest > 0:
        told, values = [*told, "Shared by several"], [*values, round(rest)]
        groups.append("By no connector alone")
    if not told:
        st.caption("No connector alone makes the plan dearer.")
        return
    bars.counts(
        told,
        values,
        groups,
        alt=f"{counted(len(costly), 'connector')} cost most by themselves; "
        f"{money.exact(max(rest, Decimal(0)), found.estimate.currency)} are shared.",
        quiet="By no connector alone",
    )


def plan(at: At, found: Exposure) -> None:
    """Draw what the cheapest plan buys and is billed, beside the naive ways."""
    told = found.estimate
    st.header("The cheapest plan, line by line", anchor=False)
    rows = exposure_data.lines(at)
    if rows.empty:
        st.caption("Nothing is needed, and nothing is billed.")
    else:
        shown = rows.assign(
            plan=rows["plan"].map(PLANS),
            environment=[plain(name) for name in rows["environment"]],
            unit_price=rows["unit_price"].astype(float),
            monthly=rows["monthly"].astype(float),
        )
        columns = {
            "plan": table.text("Plan", width=205),
            "monthly": table.amount(f"A month, {told.currency}", width=130),
            "quantity": table.number("Quantity", width=90),
            "unit_price": table.amount(f"Unit, {told.currency}", width=100),
            "environment": table.text("Environment", width=230),
        }
        table.data_table(shown, columns, alt="The cheapest plan", key="exposure.lines")
        money.download(rows, "cheapest-plan", at)
    taking.offer(at)
    st.header("Beside it", anchor=False)
    _ways(found)
    st.caption(
        f"Prices: {esc(told.price_book)}, as of {told.scenario.as_of:%-d %b %Y}. Who needs a licence "
        f"for an app: {'who used it in 30 days' if told.basis == 'active' else 'all who have access'}. "
        + estimating.bought()
    )


def _ways(found: Exposure) -> None:
    rows = []
    for name, way in found.estimate.ways.items():
        if way is not None:
            lacks = [] if way.purchasable else ["cannot be bought"]
            lacks += [] if way.compliant else ["leaves a need"]
            rows.append((WAYS[name], float(way.monthly), ", ".join(lacks) or "covers everything"))
    if not rows:
        st.caption("No other way applies.")
        return
    columns = {
        "way": table.text("Way", width=205),
        "monthly": table.amount(f"A month, {found.estimate.currency}", width=130),
        "but": table.text("But", width=260),
    }
    shown = pd.DataFrame(rows, columns=list(columns))
    table.data_table(shown, columns, alt="Other ways", key="exposure.ways")


def connectors(at: At, found: Exposure) -> None:
    """Draw what each connector costs."""
    st.caption(
        "What retiring it would save: the cheapest plan less the cheapest plan without it. Where an "
        "app uses two connectors, neither alone makes it premium, and what it costs is shared: "
        f"{money.exact(max(shared(found), Decimal(0)), found.estimate.currency)} in all."
    )
    rows = exposure_data.connectors(at)
    shown = rows.assign(
        connector=[label(name) for name in rows["connector"]],
        monthly=rows["monthly"].astype(float),
    )
    name = "exposure.connectors.connector"
    columns = {
        "connector": table.opener("Connector", width=260, key=name),
        "monthly": table.amount(f"Saves, {found.estimate.currency}", width=120),
        "only": table.number("Because of it alone", width=140, help="People who need cover for nothing else."),
        "apps": table.number("Apps", width=70),
        "flows": table.number("Flows", width=70),
    }  # fmt: skip
    table.openers(shown, columns, alt="Connectors by cost", key="exposure.connectors")
    money.download(rows, "cost-by-connector", at)
    clicked = table.clicked(name)
    if clicked is not None:
        opening.connector(rows["connector_id"].iloc[clicked], "Exposure")


def departments(at: At, found: Exposure) -> None:
    """Draw what the plan costs each department."""
    rows = exposure_data.departments(at)
    st.caption(
        "A licence to the department of who gets it; passes and metered apps of an environment by how "
        "many apps its people use there; a flow to the department of its owner. It adds up to the plan."
    )
    if rows.empty:
        return
    shown = table.words(rows, ["department"]).assign(monthly=rows["monthly"].astype(float))
    columns = {
        "department": table.text("Department", width=260),
        "monthly": table.amount(f"A month, {found.estimate.currency}", width=130),
    }
    table.data_table(shown, columns, alt="Cost by department", key="exposure.departments")
    money.download(rows, "cost-by-department", at)


def undecided(at: At, found: Exposure) -> None:
    """Draw what no rule decides."""
    del at
    flows = {f.id: n for f, n in zip(found.tenant.scenario.flows, found.tenant.flows, strict=True)}
    apps = {a.id: n for a, n in zip(found.tenant.scenario.apps, found.tenant.apps, strict=True)}
    people_names = {
        user.id: name
        for user, (name, _) in zip(
            found.tenant.scenario.people.users, found.tenant.people, strict=True
        )
    }
    names = people_names | apps | flows
    if not found.estimate.need.review:
        st.caption("Nothing is open.")
        return
    rows = pd.DataFrame(
        [(names.get(one.subject, one.subject), one.question) for one in found.estimate.need.review],
        columns=["subject", "question"],
    )
    shown = table.words(rows, ["subject", "question"])
    columns = {
        "subject": table.text("About", width=280),
        "question": table.text("Question", width=700),
    }
    table.data_table(shown, columns, alt="What is open", key="exposure.review")


TABS = {
    "Plan": plan,
    "Connectors": connectors,
    "People": exposure_people.draw,
    "Departments": departments,
    "Over time": exposure_trend.draw,
    "To decide": undecided,
}

at = page.begin("Exposure", export="licences_needed")
with state.part("Exposure"):
    budget.note(at)
    found = estimating.told_or_why(lambda: exposure_data.told(at), "No estimate can be made")
    figures(found)
    st.header(f"Cost by connector, {found.estimate.currency} a month", anchor=False)
    by_connector(at, found)
    st.page_link(page.WHAT_IF, label=":blue[What if something changed?]")
    for name, tab in zip(TABS, st.tabs(list(TABS), key=TAB, bind="query-params"), strict=True):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, found)
