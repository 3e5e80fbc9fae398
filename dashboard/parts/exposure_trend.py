"""How what licences cost went and goes on, for the whole tenant or because of one connector."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from connectory.queries.connector import ConnectorCard
from connectory.queries.exposure_forecast import Ahead
from dashboard import exposure_data
from dashboard.data import At, settings
from dashboard.parts import chart, money, state, table
from dashboard.parts.text import count, counted, esc

DAYS = {"90 days": 90, "180 days": 180}
RESTS_ON = {
    "answers": "the course of the figures themselves, one a week",
    "launches": "how many people a week opened apps that use {what}",
    "calls": "how many accounts a week called {what}",
}
BY = {"answers": "By its own course", "launches": "by launches of apps", "calls": "by calls"}
_FIGURES = ("monthly", "people")


def draw(at: At, found: object = None) -> None:
    """Draw cost and need of the whole tenant at each run, and how they may go on."""
    del found
    history = exposure_data.history(at)
    if history.empty:
        _not_assessed()
        return
    _part(at, history, None, "custom connectors")


def of_connector(at: At, card: ConnectorCard) -> None:
    """Draw what one connector cost at each run, and how that may go on."""
    st.header("Over time", anchor=False)
    history = exposure_data.history(at, card.connector_id)
    if history.empty:
        _not_assessed()
        return
    _part(at, history, card.connector_id, "it")


def _not_assessed() -> None:
    state.empty(
        "Not assessed",
        "What it cost is kept from the first `connectory assess` on.",
        icon="visibility_off",
    )


def _part(at: At, history: pd.DataFrame, connector_id: int | None, what: str) -> None:
    chosen = st.segmented_control(
        "Look ahead", list(DAYS), key="ahead", default="90 days", bind="query-params"
    )
    told = exposure_data.ahead(at, DAYS[chosen or "90 days"], connector_id)
    bands = exposure_data.bands(told)
    known = history[history["currency"].notna()]
    currency = "" if known.empty else str(known["currency"].iloc[-1])
    limit = settings().licensing.limit if connector_id is None else None
    titles = {
        "monthly": f"Cheapest plan, {currency} a month" if connector_id is None
        else f"Saved if it were retired, {currency} a month",
        "people": "People who need cover" if connector_id is None
        else "People who need cover because of it alone",
    }  # fmt: skip
    for place, name in zip(st.columns(2, gap="medium"), _FIGURES, strict=True):
        with place:
            bound = None if limit is None or name == "people" else ("Budget", float(limit))
            st.header(titles[name], anchor=False)
            _plot(history, bands, name, bound)
    st.caption(_said(told, what))
    _rows(at, history, bands, currency, connector_id)


def _plot(
    history: pd.DataFrame, bands: pd.DataFrame, name: str, bound: tuple[str, float] | None
) -> None:
    known = history[history[name].notna()]
    past = pd.DataFrame({"day": known["read_at"], "value": known[name].astype(float)})
    ends = {"middle": name, "low": f"{name}_low", "high": f"{name}_high"}
    ahead = pd.DataFrame(
        {"day": bands["day"]} | {end: bands[column].astype(float) for end, column in ends.items()}
    )
    alt = (
        f"{counted(len(past), 'run')}, the last with {past['value'].iloc[-1]:,.0f}"
        if len(past)
        else "Not known"
    )
    if len(ahead):
        last = ahead.iloc[-1]
        alt += f"; by {last['day']:%-d %b %Y} between {last['low']:,.0f} and {last['high']:,.0f}"
    chart.banded(past, ahead, ("At each run", "Trend"), alt=f"{alt}.", bound=bound)


def _said(told: Ahead, what: str) -> str:
    """Say what the band rests on, or why there is none."""
    if told.source is None or told.people is None:
        whys = [f"{BY[source]}: {esc(why)}" for source, why in told.why_not.items() if why]
        return f"No forecast is made. {'; '.join(whys)}."
    found = told.people
    rest = RESTS_ON[told.source].format(what=what)
    line = f"a straight line through {counted(found.points, 'week')} up to {found.last:%-d %b %Y}"
    parts = [
        f"The forecast rests on {rest}: {line}.",
        "Eight of ten values lie in the band, if they go on to scatter about that line as they did.",
    ]
    if told.source != "answers":
        parts.append(
            "As many times more people, as many times more need cover, each at what one costs today."
        )
    if found.cut:
        reach = (found.bands[-1].day - found.bands[0].day) // timedelta(days=1)
        parts.append(f"It ends after {count(reach)} days: three times as far as the past is known.")
    return " ".join(parts)


def _rows(
    at: At, history: pd.DataFrame, bands: pd.DataFrame, currency: str, connector_id: int | None
) -> None:
    """Draw the rows behind both plots, to be opened and taken along."""
    suffix = "" if connector_id is None else f"-{connector_id}"
    with st.expander(f"{counted(len(history), 'run')} with what was answered"):
        shown = history.iloc[::-1].assign(monthly=history["monthly"].astype(float))
        columns = {
            "read_at": table.minute("Run"),
            "monthly": table.amount(f"A month, {currency}", width=130),
            "people": table.number("People", width=80),
            "flows": table.number("Flows", width=70),
            "price_book": table.text("Prices", width=260),
        }
        if "reason" in shown:
            shown = table.words(shown, ["reason", "price_book"])
            columns |= {"reason": table.text("Not reckoned because", width=360)}
        table.data_table(shown.reset_index(drop=True), columns, alt="Answers", key="trend.history")
        money.download(history, f"licence-history{suffix}", at)
    if bands.empty:
        return
    with st.expander(f"{counted(len(bands), 'day')} that are foreseen"):
        amounts = ["monthly", "monthly_low", "monthly_high"]
        shown = bands.assign(**{name: bands[name].astype(float) for name in amounts})
        columns = {
            "day": table.day("Day"),
            "monthly": table.amount(f"Trend, {currency}", width=120),
            "monthly_low": table.amount("From", width=110),
            "monthly_high": table.amount("To", width=110),
            "people": table.number("People", width=80),
            "people_low": table.number("From", width=70),
            "people_high": table.number("To", width=70),
        }
        table.data_table(shown, columns, alt="Forecast", key="trend.bands")
        money.download(bands, f"licence-forecast{suffix}", at)
