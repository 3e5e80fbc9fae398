"""What figures of calls rest on, and where nothing is told of any."""

from __future__ import annotations

import streamlit as st

from connectory.queries.call_tables import moment_of
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import state
from dashboard.parts.stale import gaps
from dashboard.parts.text import count, counted, esc, short_day

_COLLECTOR = "access_logs"
PERIODS = {"7 days": 7, "28 days": 28, "90 days": 90}


def period() -> int:
    """Draw the choice of how far back, kept in the address; return the days."""
    chosen = st.segmented_control(
        "Period", list(PERIODS), default="28 days", key="period", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return PERIODS[chosen or "28 days"]


def none_told(at: At) -> bool:
    """Draw the box of a tenant without a log of calls; tell whether it is one."""
    if not call_data.files(at).empty:
        return False
    short = gaps(at, _COLLECTOR)
    if short:
        state.empty(
            "No log could be read",
            esc(short[0].reason, longest=400),
            icon="visibility_off",
            to_runs=True,
        )
    else:
        state.empty(
            "No log of calls is read yet",
            "No service of the platform tells who called which operation. Whoever is called knows: "
            "name the access logs of the backends under `telemetry.access_logs` in the settings.",
            icon="receipt_long",
        )
    return True


def line(at: At, days: int) -> None:
    """Draw what the figures of a page rest on."""
    files, told = call_data.files(at), call_data.by_day(at, days)
    rows, bad = int(files["new_rows"].sum()), int(files["bad_lines"].sum())
    wanted = call_data.window(at, days)
    whole = (wanted.last - wanted.first).days + 1
    told_of = f"{counted(len(files), 'file')} of access logs with {counted(rows, 'different call')}"
    first, last = moment_of(wanted.first), moment_of(wanted.last)
    over = f"{counted(whole, 'day')} from {short_day(first)} to {short_day(last)} (UTC)"
    lines = [f"Evidence: call, from {told_of} in all; calls on {count(len(told))} of {over}."]
    if bad:
        lines.append(f"{counted(bad, 'line')} could not be read.")
    st.caption(" ".join(lines))
    for gap in gaps(at, _COLLECTOR):
        st.warning(esc(gap.reason, longest=300), icon=":material/visibility_off:")
