"""What figures of calls rest on, and where nothing is told of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from connectory.domain.evidence import CALL_SOURCES, RANKED, place
from connectory.queries.call_sources import last_used
from connectory.queries.call_tables import Chosen, moment_of
from dashboard import call_data
from dashboard.data import At
from dashboard.parts import state, table
from dashboard.parts.stale import gaps
from dashboard.parts.text import counted, day, esc, plain, short_day, words

PERIODS = {"7 days": 7, "28 days": 28, "90 days": 90}
_USUAL = "28 days"
_PERIOD = "period"
_CHOICE = "period.choice"
# What Streamlit binds to an element of one page, no link to another page may set: so these two are
# called otherwise than the tab of a connector and than each other, and the period is not bound.
USAGE_TAB, HEALTH_TAB = "show", "view"
_COLLECTORS = tuple(source.name for source in CALL_SOURCES)


def asked() -> int:
    """Return the days that the address asks for, or that were chosen before, on whatever page."""
    told = st.query_params.get(_PERIOD)
    if told in PERIODS:
        st.session_state[_PERIOD] = told
    chosen = st.session_state.get(_PERIOD, _USUAL)
    if told != chosen and (told is not None or chosen != _USUAL):
        st.query_params[_PERIOD] = chosen
    return PERIODS[chosen]


def along() -> dict[str, str]:
    """Return what an address must say for the same days to be shown on another page."""
    chosen = st.session_state.get(_PERIOD, _USUAL)
    return {} if chosen == _USUAL else {_PERIOD: chosen}


def period() -> int:
    """Draw the choice of how far back, which goes along from page to page; return the days."""
    days = asked()
    st.session_state[_CHOICE] = st.session_state.get(_PERIOD, _USUAL)
    st.segmented_control(
        "Period", list(PERIODS), key=_CHOICE, on_change=_choose, label_visibility="collapsed"
    )
    return days


def _choose() -> None:
    chosen = st.session_state[_CHOICE] or _USUAL
    st.session_state[_PERIOD] = st.query_params[_PERIOD] = chosen


def told_since(at: At, days: int) -> datetime | None:
    """Return the first of the last days of which any log tells a call; None if there is none."""
    told = call_data.sources(at, days, call_data.counted(at))
    first = told[told["source"].isin(_COLLECTORS)]["first_day"].min()
    return None if pd.isna(first) else first.to_pydatetime()


def none_told(at: At) -> bool:
    """Draw the box of a tenant without a log of calls; tell whether it is one."""
    if call_data.any_told(at) or not call_data.files(at).empty:
        return False
    short = gaps(at, *_COLLECTORS)
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
            "name the logs of gateways and backends under `telemetry` in the settings.",
            icon="receipt_long",
        )
    return True


def line(at: At, days: int, chosen: Chosen) -> None:
    """Draw what the figures of a page rest on."""
    told = call_data.sources(at, days, chosen)
    of_calls = told[told["source"].isin(_COLLECTORS)]
    wanted = call_data.window(at, days)
    first, last = moment_of(wanted.first), moment_of(wanted.last)
    over = f"{counted(days, 'day')} from {short_day(first)} to {short_day(last)} (UTC)"
    grades: dict[str, list[str]] = {}
    for row in of_calls.itertuples():
        named = f"{in_sentence(row.source)} ({counted(row.days, 'day')})"
        grades.setdefault(str(row.evidence), []).append(named)
    rests = "; ".join(f"{', '.join(named)} (evidence: {it})" for it, named in grades.items())
    lines = [f"Counted from {rests}, in {over}." if rests else f"No source tells a call in {over}."]
    if len(of_calls) > 1:
        lines.append("Of a connector and day the best of these counts; they are never added.")
    files = call_data.files(at)
    if not files.empty and chosen.connector_id is None:
        rows, bad = int(files["new_rows"].sum()), int(files["bad_lines"].sum())
        lines.append(
            f"{counted(len(files), 'file')} of access logs with {counted(rows, 'different call')} "
            "read since the first."
        )
        if bad:
            lines.append(f"{counted(bad, 'line')} could not be read.")
    st.caption(" ".join(lines))
    for gap in gaps(at, *_COLLECTORS):
        st.warning(esc(gap.reason, longest=300), icon=":material/visibility_off:")
    missing = call_data.lost(at)
    within = missing[(missing["to_at"] > first) & (missing["from_at"] < last + timedelta(days=1))]
    if not within.empty:
        st.warning(
            f"{counted(len(within), 'part')} of these days cannot be read any more; "
            "figures leave out what was called then. They stand under Sources.",
            icon=":material/visibility_off:",
        )


def lost(at: At, *, key: str) -> None:
    """Draw the stretches of time of which a log was lost, if there are any."""
    rows = call_data.lost(at)
    if rows.empty:
        return
    st.header("Lost", anchor=False)
    st.caption("What a service no longer kept when it was read. Figures leave out what was called.")
    shown = in_words(table.words(rows, ["log", "reason"]))
    columns = {
        "source": table.text("Source", width=200),
        "log": table.text("Log", width=120),
        "from_at": table.minute("From"),
        "to_at": table.minute("To"),
        "reason": table.text("Why", width=380),
    }
    table.data_table(shown, columns, alt="Stretches of time that are lost", key=key)


def in_words(rows: pd.DataFrame, call: Callable[[object], str] | None = None) -> pd.DataFrame:
    """Return rows with sources by what readers call them.

    Args:
        rows: Each with a source, or with several; without any they stay as they are.
        call: What readers call one: `in_sentence` by default, `brief` beside other figures.
    """
    if "source" not in rows:
        return rows
    words_of = call or in_sentence
    told = [", ".join(words_of(one) for one in str(name).split(", ")) for name in rows["source"]]
    return rows.assign(source=[name[:1].upper() + name[1:] for name in told])


def side_by_side(at: At, days: int, chosen: Chosen, *, key: str) -> None:
    """Draw what each source tells, of all connectors or of one."""
    rows = call_data.sources(at, days, chosen)
    if rows.empty:
        state.empty(
            "No source tells of use", "Neither a call, a run, a launch nor a link is known."
        )
        return
    told = last_used(rows)
    st.caption(
        ("" if told is None else f"Last used {day(told[0])}, by {told[1].words}. ")
        + "Two sources may tell of the same call: rows are never added, and a run, a launch or a "
        "link may be behind many calls or none."
    )
    shown = rows.assign(
        words=[in_sentence(name)[:1].upper() + in_sentence(name)[1:] for name in rows["source"]]
    )
    columns = {
        "words": table.text("Source", width=200),
        "calls": table.number("Number", width=85),
        "counts": table.text("Of", width=80),
        "evidence": table.text("Evidence", width=90),
        **(
            {"unmatched": table.number("Of no connector", width=120)}
            if rows["unmatched"].notna().any()
            else {}
        ),
        "days": table.number("Days with any", width=110),
        "first_day": table.day("First"),
        "last_day": table.day("Last"),
        "callers": table.number(
            "Names", width=80, help="Different accounts, or pseudonyms of them."
        ),
    }
    table.data_table(shown, columns, alt="What each source tells", key=key)


def with_sources(
    columns: Mapping[str, table.Column], rows: pd.DataFrame
) -> dict[str, table.Column]:
    """Return columns with those that say what rows rest on behind all others."""
    return {**columns, **source_columns(rows)}


def source_columns(rows: pd.DataFrame) -> dict[str, table.Column]:
    """Return the columns that say what rows rest on, where they do not all rest on the same."""
    if rows.empty or table.uniform(rows, "source"):
        return {}
    return {
        "evidence": table.text("Evidence", width=76),
        "source": table.text("Source", width=98),
    }


_BRIEF = {
    "gateway_logs": "gateway log",
    "access_logs": "access logs",
    "canvas_calls": "canvas apps",
    "flow_actions": "flow actions",
}


def brief(name: object) -> str:
    """Return what readers call a source where its full name stands on the page already."""
    return _BRIEF.get(str(name)) or in_sentence(name)


def unit(name: object) -> str:
    """Return what a source counts, of one."""
    rank = place(str(name))
    return RANKED[rank].counts.removesuffix("s") if rank < len(RANKED) else "call"


def in_sentence(name: object) -> str:
    """Return what readers call a source, as it stands within a sentence."""
    rank = place(str(name))
    return RANKED[rank].words if rank < len(RANKED) else plain(words(name))
