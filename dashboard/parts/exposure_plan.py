"""What licences cost: the cheapest plan, the ways that come to mind first, what is metered now."""

from __future__ import annotations

import streamlit as st

from connectory.queries.exposure import Exposure
from dashboard import exposure_data
from dashboard.data import At
from dashboard.parts import estimating, exposure_charges, money, table, taking
from dashboard.parts.text import esc

WAY = "way"
WAYS = {
    "premium": "A licence for everybody",
    "per_app": "A pass for each app",
    "payg": "Pay-as-you-go",
    "process": "Licences of flows",
}


def plan(at: At, found: Exposure) -> None:
    """Draw what the cheapest plan buys and is billed, line by line."""
    told = found.estimate
    charges = exposure_data.charges(at, exposure_data.PLAN)
    if not charges:
        st.caption("Nothing is needed, and nothing is billed.")
    else:
        st.caption(
            f"{money.exact(told.monthly, told.currency)} a month: the sum of these lines, "
            + ("proven to be the least. " if told.plan.proven else "not proven to be the least. ")
            + "Beyond licences that are held already."
        )
        exposure_charges.lines(at, charges, told.currency, name="cheapest-plan")
    taking.offer(at)
    st.caption(_rests_on(found))


def _rests_on(found: Exposure) -> str:
    told = found.estimate
    who = "who used it in 30 days" if told.basis == "active" else "all who have access"
    return (
        f"Prices: {esc(told.price_book)}, as of {told.scenario.as_of:%-d %b %Y}. Who needs a licence "
        f"for an app: {who}. " + estimating.bought()
    )


def ways(at: At, found: Exposure) -> None:
    """Draw the naive ways, and what each buys or is billed."""
    currency, rows = found.estimate.currency, exposure_data.ways(at)
    if rows.empty:
        st.caption("No other way applies: nothing is needed.")
        return
    st.caption(
        "What each would cost by itself, if nothing were metered now; passes that are held are used "
        "first. So they are for more people than are in need now."
    )
    table.small(
        [
            {
                "Way": WAYS[str(row.way)],
                f"A month, {currency}": f"{row.monthly:,.2f}",
                "But": "covers everything" if row.complete else esc(row.but, longest=600),
            }
            for row in rows.itertuples()
        ],
        alt="Other ways",
    )
    names = [WAYS[way] for way in rows["way"]]
    if st.session_state.get(WAY) not in names:
        st.session_state[WAY] = names[0]
    chosen = st.segmented_control(
        "Way", names, key=WAY, bind="query-params", label_visibility="collapsed"
    )
    way = next((one for one in rows["way"] if WAYS[one] == chosen), rows["way"].iloc[0])
    exposure_charges.lines(at, exposure_data.charges(at, way), currency, name=f"way-{way}")


def metered(at: At, found: Exposure) -> None:
    """Draw what linked environments bill now: by environment, then app by app and flow by flow."""
    currency, charges = found.estimate.currency, exposure_data.charges(at, exposure_data.NOW)
    if not charges:
        st.caption("No environment that is linked to pay-as-you-go bills anything now.")
        return
    rows = exposure_data.charges_by_home(at, charges)
    table.small(
        [
            {
                "Environment": esc(row.environment),
                f"A month, {currency}": f"{row.monthly:,.2f}",
                "How it comes about": esc(row.formula),
            }
            for row in rows.itertuples()
        ],
        alt="Metered now by environment",
    )
    st.caption("The app meter counts each person once for each app; the run meter counts runs.")
    exposure_charges.lines(at, charges, currency, name="metered-now")
