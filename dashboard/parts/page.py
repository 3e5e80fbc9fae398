"""The top of every page: title, when the tenant was read, how much of it, and the export."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import streamlit as st

from connectory.queries.coverage import Coverage, Gap
from dashboard import data, run_data
from dashboard.data import At, NothingToShow
from dashboard.parts import as_of, stale, state
from dashboard.parts.text import count, counted, day, esc, minute, words

OVERVIEW = "views/overview.py"
CONNECTORS = "views/connectors.py"
CONNECTOR = "views/connector.py"
CONNECTIONS = "views/connections.py"
EXPOSURE = "views/exposure.py"
WHAT_IF = "views/what_if.py"
SAVINGS = "views/savings.py"
ESTIMATES = "views/estimates.py"
PRICES = "views/prices.py"
ENVIRONMENTS = "views/environments.py"
RECONCILIATION = "views/reconciliation.py"
USAGE = "views/usage.py"
HEALTH = "views/health.py"
SEARCH = "views/search.py"
DRIFT = "views/drift.py"
CHANGE = "views/change.py"
UPSTREAM = "views/upstream.py"
CHANGE_LOG = "views/change_log.py"
OWNERSHIP = "views/ownership.py"
LEAVERS = "views/leavers.py"
STALE = "views/stale.py"
CAMPAIGNS = "views/campaigns.py"
CAMPAIGN = "views/campaign.py"
OUTBOX = "views/outbox.py"
MY_CONNECTORS = "views/my_connectors.py"
RUNS = state.RUNS
_GAPS_SHOWN = 12


def begin(title: str, *, export: str, days: int = data.DAYS) -> At:
    """Draw the top of a page and return the moment it shows.

    Where there is nothing to show, the page ends with what to do about it.

    Args:
        title: Name of the page.
        export: View offered first under Export.
        days: How far back exports of calls look.
    """
    at = moment_of(title)
    top(esc(title), at, export=export, days=days)
    with state.part("Coverage"):
        nothing = stale.unread_tenant(at)
    if nothing:
        st.stop()
    return at


def moment_of(title: str, *, dated: bool = True) -> At:
    """Return the moment to show; else end the page under its title with what to do about it.

    Args:
        title: Name of the page.
        dated: The page can show a past day.
    """
    try:
        now = data.now_shown()
        return as_of.shown(now) if dated else now
    except NothingToShow as reason:
        st.title(title, anchor=False)
        state.nothing_to_show(reason)
    except Exception as error:  # noqa: BLE001 - the title stays, whatever the store does
        st.title(title, anchor=False)
        state.problem("The page", error)
    return _ended()


def _ended() -> NoReturn:
    st.stop()


def store_of(title: str, *, export: str) -> str:
    """Draw the top of a page that also tells of unfinished runs; return the store's address.

    Where there is no store that can be asked, the page ends with what to do about it.

    Args:
        title: Name of the page.
        export: View offered first under Export.
    """
    try:
        url = data.store_url()
        if not run_data.runs(url)["state"].isin(data.FINISHED).any():
            st.title(title, anchor=False)
            return url
    except NothingToShow:
        pass
    at = moment_of(title, dated=False)
    top(esc(title), at, export=export, dated=False)
    return at.url


def top(title: str, at: At, *, export: str, dated: bool = True, days: int = data.DAYS) -> None:
    """Draw title and freshness line.

    Args:
        title: Markdown; the caller escapes tenant words.
        at: The moment shown.
        export: View offered first under Export.
        dated: The page can show a past day.
        days: How far back exports of calls look.
    """
    st.title(title, anchor=False)
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="small"
        ):
            if dated:
                with state.part("The choice of a day"):
                    as_of.picker(at)
            else:
                st.caption(f":material/schedule: Read {minute(at.moment.read_at)}", width="content")
            with state.part("Coverage"):
                _coverage(data.coverage(at))
        _export(at, export, days)
    if dated:
        as_of.notice(at)
    elif as_of.KEY in st.session_state:
        st.caption(":material/history: This page shows all runs, whatever day others show.")


def _coverage(coverage: Coverage) -> None:
    failed = [gap for gap in coverage.gaps if gap.outcome != "not_asked"]
    whole = not failed
    read = (
        f"{count(coverage.environments_read)} of {count(coverage.environments)} environments read"
    )
    sources = {gap.collector for gap in failed if gap.environment is None}
    if sources:
        read += f", {counted(len(sources), 'list')} of the tenant not"
    color, icon = ("green", "check_circle") if whole else ("violet", "visibility_off")
    with st.popover(f":{color}[:material/{icon}: {read}]", type="tertiary"):
        if whole:
            st.markdown("Every source that was asked was read to its end.")
        for gap in sorted(coverage.gaps, key=lambda gap: gap not in failed)[:_GAPS_SHOWN]:
            _gap(gap)
        if len(coverage.gaps) > _GAPS_SHOWN:
            st.caption(f"{count(len(coverage.gaps))} gaps in all.")
        st.page_link(RUNS, label=":blue[Open Runs and coverage]")


def _gap(gap: Gap) -> None:
    where = "Tenant" if gap.environment is None else esc(gap.environment)
    st.markdown(
        f"**{where}** · {esc(words(gap.collector))}, {esc(words(gap.source))}: {esc(words(gap.outcome))}  \n"
        f":gray[{esc(gap.reason)}]  \n:small[:gray[Since {day(gap.since)}]]"
    )


def _export(at: At, first: str, days: int) -> None:
    with st.popover("Export", icon=":material/download:", type="tertiary"):
        views = [first, *(view for view in data.EXPORTS if view != first)]
        view = st.selectbox(
            "What", views, format_func=_title, key=f"export.{first}", width="stretch"
        )
        st.download_button(
            "Download CSV",
            partial(data.exported, at, view, days),
            file_name=f"connectory-{view}-{at.moment.read_at:%Y-%m-%d}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"export.csv.{first}",
        )
        over = (
            f" of calls in the {counted(days, 'whole day')} before"
            if view in data.OF_DAYS
            else " as of"
        )
        st.caption(f"All rows{over} this run, whatever is filtered on the page.")


def _title(view: str) -> str:
    return view.replace("_", " ").capitalize()
