"""Usage: who called which connector, how often, and when."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from connectory.queries.call_tables import Chosen
from dashboard import call_data, data
from dashboard.data import At
from dashboard.parts import (
    call_evidence,
    call_figures,
    filters,
    kpi,
    log_story,
    overview_figures,
    page,
    state,
    table,
)
from dashboard.parts.kpi import Figure
from dashboard.parts.text import count, counted


def figures(at: At, days: int, chosen: Chosen) -> None:
    """Draw the key figures; each opens its rows."""
    told = call_data.by_day(at, days, chosen)
    calls, failed = int(told["calls"].sum()), int(told["errors"].sum())
    kpi.row(
        [
            Figure(
                "Calls",
                calls,
                note=f"{count(round(calls / len(told)))} a day",
                help="On average of the days with calls.",
                narrow=filters.narrow(show="Connectors"),
            ),
            seen(at, days, chosen),
            people_named(at, days, chosen, calls),
            Figure(
                "Failed",
                failed,
                note=f"{failed / calls:.1%} of calls",
                help="4xx, 5xx or no response.",
                page=page.HEALTH,
                parameters={"period": f"{days} days", call_evidence.HEALTH_TAB: "Failures"},
            ),
            loose(at, days, chosen),
        ]
    )


def seen(at: At, days: int, chosen: Chosen) -> Figure:
    """Return of how many of the connectors that are there a log tells a call."""
    every = data.connectors(at)
    there = int((every["presence"].eq("present") & every["ignored"].isna()).sum())
    silent = len(call_data.uncalled(at, days, chosen))
    unseen = len(call_data.never_called(at, days, chosen))
    return Figure(
        "Connectors",
        f"{count(there - silent)} of {count(there)}",
        note=f"{count(silent)} not called",
        help="Of how many of the connectors that are there a log tells a call in "
        f"{counted(days, 'day')}. Of their operations {count(unseen)} were not called.",
        narrow=filters.narrow(show="Not called"),
        action="Show those",
    )


def people_named(at: At, days: int, chosen: Chosen, calls: int) -> Figure:
    """Return how many accounts called; what may be one of them again stands apart."""
    named = call_data.callers_of(at, days, chosen)
    nobody = f"{named.anonymous / calls:.1%} name nobody"
    apart = f"+{counted(named.pseudonyms, 'pseudonym')}"
    return Figure(
        "Callers",
        named.callers - named.pseudonyms if named.callers else None,
        note=apart if named.pseudonyms else nobody,
        help="Accounts that logs name. Canvas apps name pseudonyms of Application Insights, each of "
        "which may be one of these accounts. "
        f"{named.anonymous / calls:.1%} of calls name neither account nor flow or app. A dash: no "
        "log names an account.",
        narrow=filters.narrow(show="Callers"),
    )


def loose(at: At, days: int, chosen: Chosen) -> Figure:
    """Return how many calls or actions are of no connector, by the source of which these are most."""
    told = call_data.sources(at, days, chosen)
    some = told[told["unmatched"].fillna(0) > 0]
    number, note = counted(0, "call"), ""
    if not some.empty:
        shares = (some["unmatched"] / some["calls"]).astype(float)
        row = some.iloc[int(shares.to_numpy().argmax())]
        number = counted(row["unmatched"], call_evidence.unit(row["source"]))
        note = f"{shares.max():.1%} of {call_evidence.brief(row['source'])}"
    return Figure(
        "Unmatched",
        number,
        note=note,
        help="Calls, or actions of flows, of no connector that is known, in no other figure; of the "
        "source of which they are the largest share."
        + (f" Of {counted(len(some), 'source')} there are some." if len(some) > 1 else ""),
        narrow=filters.narrow(show="Not matched"),
    )


def connectors(at: At, days: int, chosen: Chosen) -> None:
    """Draw every connector that was called; its name opens it."""
    rows = call_data.by_connector(at, days, chosen)
    columns = {
        call_figures.OPENER: None,
        "calls": table.number("Calls", width=66),
        "errors": table.number("Failed", width=62),
        "throttled": table.number("Throttled", width=80),
        "callers": table.number("Callers", width=70, help=call_figures.CALLERS),
        "consumers": table.number("Consumers", width=90, help=call_figures.CONSUMERS),
        "environment": call_figures.ENVIRONMENT,
        "last_used": table.day("Last used"),
    }
    call_figures.listed(
        rows,
        call_evidence.with_sources(columns, rows),
        alt="Connectors by calls",
        key="usage.connectors",
    )


def operations(at: At, days: int, chosen: Chosen) -> None:
    """Draw every operation that was called."""
    rows = call_data.by_operation(at, days, chosen)
    call_figures.operations(
        rows, key="usage.operations", shown=("calls", "errors", "callers", "p95", "last_used")
    )


def people(at: At, days: int, chosen: Chosen) -> None:
    """Draw who called, then which flows and apps did."""
    named = call_data.callers_of(at, days, chosen)
    share = named.anonymous / int(call_data.by_day(at, days, chosen)["calls"].sum())
    st.header("Callers", anchor=False)
    st.caption(
        f"{share:.1%} of calls name neither account nor flow or app."
        + (
            " A pseudonym is what Application Insights names: it may be one of the accounts again."
            if named.pseudonyms
            else ""
        )
    )
    call_figures.who(
        call_data.by_caller(at, days, chosen),
        "Account",
        "Nobody named",
        total=named.callers,
        key="usage.callers",
    )
    st.header("Consumers", anchor=False)
    st.caption("Flows and apps by their name, where the store knows the id that a log tells.")
    call_figures.who(
        call_data.by_consumer(at, days, chosen),
        "Flow or app",
        "None named",
        total=named.consumers,
        key="usage.consumers",
    )


def never(at: At, days: int, chosen: Chosen) -> None:
    """Draw connectors, and operations of others, of which no log tells a call."""
    st.header(f"Connectors not called in {counted(days, 'day')}", anchor=False)
    _uncalled(call_data.uncalled(at, days, chosen))
    st.header(f"Operations not called in {counted(days, 'day')}", anchor=False)
    rows = call_data.never_called(at, days, chosen)
    st.caption(
        f"{counted(len(rows), 'operation')} of connectors of which logs of calls tell; triggers left "
        "out. Calls that could not be matched may be of some of them."
    )
    call_figures.never(rows, with_connector=True, key="usage.never")


def _uncalled(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption("A log tells a call of every connector.")
        return
    st.caption(
        "No log that is read tells a call of them: they were not called, or where no log sees it. "
        "A run or a launch of what uses one may have called it."
    )
    columns = {
        call_figures.OPENER: None,
        "environment": call_figures.ENVIRONMENT,
        "last_run": table.day("Last run of a flow", width=130),
        "last_launch": table.day("Last launch of an app", width=150),
    }
    call_figures.listed(rows, columns, alt="Connectors not called", key="usage.uncalled")


def sources(at: At, days: int, chosen: Chosen) -> None:
    """Draw what each source tells."""
    call_evidence.side_by_side(at, days, chosen, key="usage.sources")
    call_evidence.lost(at, key="usage.lost")


def unmatched(at: At, days: int, chosen: Chosen) -> None:
    """Draw calls that belong to no operation that is known, and why."""
    rows = call_data.unmatched(at, days, chosen)
    if rows.empty:
        st.caption("Every call belongs to an operation of a definition.")
        return
    st.caption(
        "Kept and counted, never guessed. Calls of no connector are in no other figure; those of an "
        "operation that no definition has count with their connector, where it is the only one."
    )
    actions = rows["source"].eq("flow_actions")
    # An action has no host: its address is its environment, its path the flow and its own name.
    names = [
        (path.split("/", 2)[-1] if action else path) or operation or None
        for path, operation, action in zip(rows["path"], rows["operation"], actions, strict=True)
    ]
    methods = rows["method"].mask(actions, "").fillna("")
    told = rows.assign(
        address=rows["address"].mask(actions),
        environment=rows["environment"].replace("", None),
        path=pd.Series(
            [
                f"{method} {name or ''}".strip() or None
                for method, name in zip(methods, names, strict=True)
            ],
            rows.index,
            dtype=object,
        ),
    )
    shown = call_evidence.in_words(
        table.words(told, ["address", "path", "environment"]), call_evidence.brief
    )
    shown["reason"] = [log_story.reason(told) for told in rows["reason"]]
    shown["counted"] = rows["connector_id"].notna().map({True: "Yes", False: "No"})
    sources = call_evidence.source_columns(rows)
    columns = {
        "path": table.text("Call or action", width=230),
        "calls": table.number("Calls", width=60),
        "reason": table.text("Why", width=258),
        "address": table.text("Host", width=194),
        "environment": call_figures.ENVIRONMENT,
        "last_used": table.day("Last used", width=95),
        "counted": table.text("Counts", width=70),
        **sources,
    }
    hidden = ["counted", "evidence"] if sources else []
    table.data_table(
        shown, columns, alt="Calls that could not be matched", key="usage.unmatched", hidden=hidden
    )


TABS = {
    "Connectors": connectors,
    "Operations": operations,
    "Callers": people,
    "Hours": call_figures.week,
    "Not called": never,
    "Sources": sources,
    "Not matched": unmatched,
}

at = page.begin("Usage", export="calls_by_connector", days=call_evidence.asked())
with state.part("Usage"):
    if call_evidence.none_told(at):
        st.stop()
    days, counted_ones = call_evidence.period(), call_data.counted(at)
    call_evidence.line(at, days, counted_ones)
    overview_figures.left_out(at)
    if call_data.by_day(at, days, counted_ones).empty:
        state.empty("No call in these days", "Choose a longer period, or look at older logs.")
        st.header("What each source tells", anchor=False)
        sources(at, days, counted_ones)
        st.stop()
    figures(at, days, counted_ones)
    st.header("Calls a day", anchor=False)
    call_figures.trend(at, days, counted_ones)
    for name, tab in zip(
        TABS, st.tabs(list(TABS), key=call_evidence.USAGE_TAB, bind="query-params"), strict=True
    ):
        if tab.open:
            with tab, state.part(name):
                TABS[name](at, days, counted_ones)
