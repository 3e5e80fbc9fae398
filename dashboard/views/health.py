"""Health: how calls fail, how long they take, and how near they come to limits."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from connectory.queries.call_tables import Chosen
from dashboard import call_data
from dashboard.data import At, settings
from dashboard.parts import (
    call_evidence,
    call_figures,
    call_health,
    filters,
    kpi,
    overview_figures,
    page,
    state,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.text import size


def figures(at: At, days: int, chosen: Chosen) -> None:
    """Draw the key figures; each opens its rows."""
    limits = settings().telemetry
    told = call_data.by_day(at, days, chosen)
    busiest = call_data.busiest(at, days, limits.calls_per_minute, chosen)
    largest = call_data.by_operation(at, days, chosen)["largest_response"].max()
    calls, failed = int(told["calls"].sum()), int(told["errors"].sum())
    peak = int(busiest["calls"].max()) if len(busiest) else None
    sized = largest == largest  # noqa: PLR0124 - missing where no size is told
    kpi.row(
        [
            Figure(
                "Failed",
                failed,
                note=f"{failed / calls:.1%} of calls",
                help="4xx, 5xx or no response.",
                narrow=failed_by("errors"),
            ),
            Figure(
                "Throttled",
                int(told["throttled"].sum()),
                help="Answered 429: by the platform, or by a limit of the backend's or the gateway's own.",
                narrow=failed_by("throttled"),
            ),
            Figure(
                "Timed out",
                int(told["timed_out"].sum()),
                help="408, 504 or no response.",
                narrow=failed_by("timed_out"),
            ),
            Figure(
                "Busiest minute",
                peak,
                note="" if peak is None else _share(peak, limits.calls_per_minute),
                help="Calls of one connection in one minute, against the limit of a connection.",
                narrow=filters.narrow(view="Limit"),
            ),
            Figure(
                "Largest response",
                size(largest) if sized else None,
                note=_share(float(largest), limits.response_limit_bytes) if sized else "",
                help="Against the size that the platform takes.",
                narrow=filters.narrow(view="Sizes"),
            ),
        ]
    )


def failed_by(column: str) -> Callable[[], None]:
    """Return what shows connectors by failures of one kind."""
    return filters.narrow(**{call_evidence.HEALTH_TAB: "Failures", call_health.ORDER: column})


def _share(amount: float, limit: int) -> str:
    return f"{amount / limit:.0%} of limit" if amount * 100 >= limit else "<1% of limit"


TABS = {
    "Slowest": call_health.slowest,
    "Failures": call_health.failures,
    "Limit": call_health.limit,
    "Sizes": call_health.sizes,
    "Retries": call_health.retries,
    "Deprecated": call_health.deprecated,
}

at = page.begin("Health", export="calls_by_operation", days=call_evidence.asked())
with state.part("Health"):
    if call_evidence.none_told(at):
        st.stop()
    days, counted_ones = call_evidence.period(), call_data.counted(at)
    call_evidence.line(at, days, counted_ones)
    overview_figures.left_out(at)
    if call_data.by_day(at, days, counted_ones).empty:
        state.empty("No call in these days", "Choose a longer period, or look at older logs.")
        st.stop()
    figures(at, days, counted_ones)
    st.header("Failed calls a day", anchor=False)
    call_figures.errors(at, days, counted_ones)
    for name, tab in zip(
        TABS, st.tabs(list(TABS), key=call_evidence.HEALTH_TAB, bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, days, counted_ones)
