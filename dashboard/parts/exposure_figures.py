"""The key figures of what licences cost, and the plot of which connectors cause it."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from connectory.queries.exposure import Exposure, shared
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import bars, exposure_people, exposure_plan, filters, kpi, money
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted, plain

_PLOTTED = 10
_ALONE, _SHARED = "Saved if it were retired", "By no connector alone"
_NEED = (
    "People who need a licence they do not have, after passes that are held and meters that are on; "
    "and flows that no person can cover."
)
_OPEN = "What no rule decides; it is in no figure."


def draw(found: Exposure) -> None:
    """Draw the key figures; each opens its rows."""
    told = found.estimate
    premium = told.ways["premium"]
    kpi.row(
        [
            Figure(
                "Need cover",
                len(told.need.people),
                note=f"+{counted(len(told.need.flows), 'flow')}" if told.need.flows else "",
                help=_NEED,
                narrow=filters.narrow(look="People", who=exposure_people.NEED),
            ),
            Figure(
                "Cheapest plan",
                money.rounded(told.monthly, told.currency),
                note="proven" if told.plan.proven else "not proven",
                help="The least a month that leaves nobody without cover, beyond licences that are "
                "held, meters of linked environments included. Proven: the solver found that "
                "nothing costs less.",
                narrow=filters.narrow(look="Plan"),
            ),
            Figure(
                "A licence each",
                None if premium is None else money.rounded(premium.monthly, told.currency),
                help="A month of Power Apps Premium or Power Automate Premium for everybody who "
                "would need cover if nothing were metered, who are more than need it now.",
                narrow=filters.narrow(look="Other ways", way=exposure_plan.WAYS["premium"]),
            ),
            Figure(
                "Metered now",
                money.rounded(told.metered_now, told.currency),
                help="What environments that are linked to pay-as-you-go bill a month as things are.",
                narrow=filters.narrow(look="Metered now"),
            ),
            Figure(
                "To decide",
                len(told.need.review),
                help=_OPEN,
                narrow=filters.narrow(look="To decide"),
            ),
        ]
    )


def needs(found: Exposure) -> None:
    """Draw the figures that need no prices."""
    told = found.estimate
    kpi.row(
        [
            Figure(
                "Need cover",
                len(told.need.people),
                note=f"+{counted(len(told.need.flows), 'flow')}" if told.need.flows else "",
                help=_NEED,
                narrow=filters.narrow(look="People", who=exposure_people.NEED),
            ),
            Figure("Cheapest plan", None),
            Figure("A licence each", None),
            Figure("Metered now", None),
            Figure(
                "To decide",
                len(told.need.review),
                help=_OPEN,
                narrow=filters.narrow(look="To decide"),
            ),
        ]
    )


def by_connector(at: At, found: Exposure) -> None:
    """Draw the dearest connectors, the others together, and what no connector alone causes."""
    rows = exposure_data.connectors(at)
    if rows.empty and found.large:
        st.caption(exposure_data.NOT_ASSESSED)
        return
    costly, rest = rows[rows["monthly"] > 0], shared(found, rows)
    told = bars_of(costly, rest)
    if not told:
        st.caption("No connector alone makes the plan dearer.")
        return
    currency = found.estimate.currency
    bars.counts(
        [name for name, _, _ in told],
        [round(amount) for _, amount, _ in told],
        [group for _, _, group in told],
        alt=f"{counted(len(costly), 'connector')} cost something by themselves; "
        f"{money.exact(max(rest, Decimal(0)), currency)} are shared.",
        quiet=_SHARED,
    )
    st.caption(_said(costly, rest, found))


def bars_of(costly: pd.DataFrame, rest: Decimal) -> list[tuple[str, Decimal, str]]:
    """Return the bars as name, amount and group.

    Args:
        costly: Connectors that cost something, the dearest first.
        rest: What of the plan no connector alone causes.
    """
    most = _PLOTTED if len(costly) > _PLOTTED + 1 else _PLOTTED + 1  # two or more are "others"
    named, others = costly.head(most), costly.iloc[most:]
    told = [
        (name, amount, _ALONE) for name, amount in zip(_names(named), named["monthly"], strict=True)
    ]
    if not others.empty:
        told.append((f"{count(len(others))} others", sum(others["monthly"], Decimal(0)), _ALONE))
    return [*told, ("Shared by several", rest, _SHARED)] if rest > 0 else told


def _said(costly: pd.DataFrame, rest: Decimal, found: Exposure) -> str:
    """Return how the bars come to the plan."""
    told = found.estimate
    alone = sum(costly["monthly"], Decimal(0))
    said = (
        f"{counted(len(costly), 'connector')} alone: {money.exact(alone, told.currency)}. "
        f"Plan: {money.exact(found.estimate.plan.monthly, told.currency)}. "
    )
    if rest > 0:
        said += (
            f"The rest, {money.exact(rest, told.currency)}, would be saved only if several "
            "connectors that are used together were retired together."
        )
    elif rest < 0:
        said += (
            "Together they come to more than the plan, because retiring either of several would "
            "save the same."
        )
    return said


def _names(rows: pd.DataFrame) -> list[str]:
    """Return names of connectors; of those that are called alike with the environment."""
    names = [plain(name, longest=40) for name in rows["connector"]]
    homes = [plain(home, longest=30) for home in rows["environment"]]
    both = [
        f"{name}, {home}" if names.count(name) > 1 else name
        for name, home in zip(names, homes, strict=True)
    ]
    return [
        f"{name} ({number})" if both.count(name) > 1 else name
        for name, number in zip(both, rows["connector_id"], strict=True)
    ]
