"""How much a connector is used, day by day, with what that rests on."""

from __future__ import annotations

import streamlit as st
from pandas import DataFrame

from connectory.queries.connector import ConnectorCard
from dashboard import connector_data, data
from dashboard.data import At
from dashboard.parts import chart, stale, state, table
from dashboard.parts.badges import PERSON
from dashboard.parts.connector_use import unread
from dashboard.parts.text import count, counted, day, esc, short_day

DAYS = 28
_RUNS = {"succeeded": "Succeeded", "failed": "Failed", "cancelled": "Cancelled"}
_ENDS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "unfinished": "under way",
    "other": "ended otherwise",
}
_LAUNCHES = {"launches": "Launches", "people": "People"}


def draw(at: At, card: ConnectorCard) -> None:
    """Draw the runs of its flows, then the launches of its apps; the two are never added."""
    st.header("Flow runs a day", anchor=False)
    _runs(at, card)
    st.header("App launches a day", anchor=False)
    _launches(at, card)


def whole_days(frame: DataFrame) -> DataFrame:
    """Return all days but the one on which the tenant was read: it was not over yet."""
    return frame.iloc[:-1].reset_index(drop=True)


def _runs(at: At, card: ConnectorCard) -> None:
    frame = whole_days(connector_data.runs_by_day(at, card.connector_id, DAYS + 1))
    flows = int(frame["flows"].max())
    if not flows and (closed := stale.here(at, card.environment, ("flows",))):
        state.empty("Flows were not read", esc(closed.reason), icon="visibility_off", to_runs=True)
        return
    if not flows:
        state.empty("No flow uses it", "No flow that was read holds a link to this connector.")
        return
    gap = unread(at, card, "flow_runs")
    known = frame[frame["flows_read"] > 0]
    if known.empty:
        why = esc(gap.reason) if gap else "Runs were not counted yet; the next collect does it."
        state.empty("Flow runs were not read", why, icon="visibility_off", to_runs=True)
        return
    total = {name: int(known[name].sum()) for name in _ENDS}
    chart.trend(
        frame,
        "day",
        _RUNS,
        alt=(
            f"{counted(sum(total.values()), 'run')} in {counted(len(known), 'day')}, "
            f"{count(total['failed'])} of them failed."
        ),
    )
    ends = ", ".join(f"{count(total[name])} {word}" for name, word in _ENDS.items() if total[name])
    told = f"{counted(sum(total.values()), 'run')} in {counted(len(known), 'day')}"
    st.caption(
        f"Evidence: runs of flows that use it ({counted(flows, 'flow')}), by UTC day of their "
        "start. A run may call the connector never or often. "
        f"{told}{': ' if ends else ''}{ends}. {_lacking(frame)}"
    )
    if gap is not None:
        st.warning(esc(gap.reason), icon=":material/visibility_off:")


def _lacking(frame: DataFrame) -> str:
    """Say on which days runs of some flow or of all of them were not read."""
    short = frame[frame["flows_read"] < frame["flows"]]
    if short.empty:
        return "Every flow was read on every day."
    days = list(short["day"])
    return (
        f"Not every flow was read on {counted(len(days), 'day')} between {short_day(days[0])} and "
        f"{short_day(days[-1])}; where the line breaks, none was."
    )


def _launches(at: At, card: ConnectorCard) -> None:
    if card.apps is None:
        state.empty(
            "Not known",
            "No canvas app that was read holds a link to this connector; not every app was read.",
            icon="visibility_off",
            to_runs=True,
        )
        return
    if not card.apps:
        state.empty("No app uses it", "No canvas app that was read holds a link to this connector.")
        return
    frame = whole_days(connector_data.launches_by_day(at, card.connector_id, DAYS + 1))
    known = frame.dropna(subset=["launches"])
    if known.empty:
        not_read(at)
        return
    total = int(known["launches"].sum())
    chart.trend(
        frame,
        "day",
        _LAUNCHES,
        alt=f"Apps were opened {counted(total, 'time')} in {counted(len(known), 'day')}.",
    )
    st.caption(
        f"Evidence: launches of apps that use it ({counted(card.apps, 'app')}), by the audit log. "
        "An app may call the connector never or often. The log tells of a day up to two days late; "
        "where the line breaks, it was not read."
    )
    _openers(at, card)


def _openers(at: At, card: ConnectorCard) -> None:
    """Draw who opened which app, whoever opened most first."""
    frame = connector_data.app_launches(at, card.connector_id, DAYS + 1)
    if frame.empty:
        return
    by = ["person", "person_state", "app"]
    told = frame.groupby(by, dropna=False, sort=False).agg(
        launches=("launches", "sum"), days=("day", "nunique"), last=("day", "max")
    )
    told = told.reset_index().sort_values(["launches", "last"], ascending=False, kind="stable")
    shown = table.words(told.reset_index(drop=True), ["person", "app"])
    table.data_table(
        table.chips(shown, "person_state", PERSON),
        {
            "person": table.text("Opened by", width=210),
            "person_state": table.state("State", PERSON, width=105),
            "app": table.text("App", width=240),
            "launches": table.number("Launches", width=90),
            "days": table.number("Days", width=75, help="Different days, by UTC"),
            "last": table.day("Last"),
        },
        alt="Who opened apps that use the connector",
        height=table.fitting(len(shown)),
    )


def not_read(at: At) -> None:
    """Draw the box that says why nothing is known from the audit log."""
    gaps = data.coverage(at).gaps
    gap = next((gap for gap in gaps if gap.collector == "audit"), None)
    why = esc(gap.reason) if gap else "It hands out nothing from before it was subscribed to."
    state.empty("The audit log was not read", why, icon="visibility_off", to_runs=True)


def read_from(at: At) -> str:
    """Say how far the audit log was read, and what of it is lost; empty if nothing was read."""
    read = connector_data.log_read(at)
    if not read.spans:
        return ""
    told = f"The audit log was read from {day(read.spans[0][0])} to {day(read.spans[-1][1])}."
    holes = [
        f"{day(before[1])} to {day(after[0])}"
        for before, after in zip(read.spans, read.spans[1:], strict=False)
    ]
    if read.filled:
        asked = ", ".join(f"{day(begin)} to {day(end)}" for begin, end in read.filled)
        told += f" What it handed out from {asked} had expired and was asked for afterwards."
    if holes:
        told += f" What it handed out from {', '.join(holes)} had expired and is lost."
    if read.expired:
        told += f" {counted(read.expired, 'part')} of it had expired before it could be read."
    return told
