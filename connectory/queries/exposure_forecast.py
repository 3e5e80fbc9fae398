"""How the need of licences and its cost go on, by what is known of their past.

The course of the answers themselves is taken where it is long enough and nothing that they rest on
changed in it. Otherwise need and cost go along with how many people use custom connectors: as many
times more of them, as many times more need cover, each at what one costs today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Final, Literal

import pandas as pd
from sqlalchemy import Connection

from connectory.domain.licensing.forecast import Forecast, NoForecast, forecast
from connectory.queries.exposure_answers import (
    connector_answer,
    connector_history,
    exposure_answer,
    exposure_history,
)
from connectory.queries.frames import Schema, frame
from connectory.queries.moments import Moment
from connectory.queries.usage_weeks import Weeks, people_by_calls, people_by_launches

HORIZON: Final = 180
"""Days that are looked ahead."""
Source = Literal["answers", "launches", "calls"]
_ALIKE: Final = ("currency", "price_book", "basis", "channel")
_BANDS: Schema = {
    "day": "time",
    "people": "number",
    "people_low": "number",
    "people_high": "number",
    "monthly": "money",
    "monthly_low": "money",
    "monthly_high": "money",
}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Ahead:
    """How need and cost go on.

    Attributes:
        source: What it rests on; None if nothing is long enough.
        people: People who need cover.
        monthly: What the cheapest plan costs, or what retiring a connector saves.
        weeks: People who use custom connectors by week, where it rests on these.
        why_not: By source that was not taken, why.
    """

    source: Source | None
    people: Forecast | None
    monthly: Forecast | None
    weeks: tuple[tuple[date, int | None], ...]
    why_not: dict[Source, str]


def ahead(connection: Connection, moment: Moment, days: int = HORIZON) -> Ahead:
    """Return how the need of the tenant and its cost go on after a moment."""
    answer = exposure_answer(connection, moment)
    if answer is None or answer.monthly is None or answer.people is None:
        why = "it was not assessed" if answer is None else str(answer.reason)
        return Ahead(None, None, None, (), {"answers": why})
    history = _alike(exposure_history(connection, moment))
    return _ahead(connection, moment, days, history, answer.people, answer.monthly, None)


def ahead_of(
    connection: Connection, moment: Moment, connector_id: int, days: int = HORIZON
) -> Ahead:
    """Return how what one connector costs by itself goes on after a moment."""
    answer = connector_answer(connection, moment, connector_id)
    if answer is None:
        return Ahead(None, None, None, (), {"answers": "there is no answer on what it costs"})
    history = _alike(connector_history(connection, moment, connector_id))
    return _ahead(connection, moment, days, history, *answer, connector_id)


def _ahead(
    connection: Connection,
    moment: Moment,
    days: int,
    history: pd.DataFrame,
    people: int,
    monthly: Decimal,
    connector_id: int | None,
) -> Ahead:
    start = moment.read_at.astimezone(UTC).date()
    each = float(monthly) / max(1, people)
    costs = forecast(_weekly(history, "monthly"), start, days, grain=each)
    needs = forecast(_weekly(history, "people"), start, days)
    if isinstance(costs, Forecast) and isinstance(needs, Forecast):
        return Ahead("answers", needs, costs, (), {})
    why: dict[Source, str] = {"answers": costs.reason if isinstance(costs, NoForecast) else ""}
    ways: dict[Source, Callable[[Connection, Moment, int | None], Weeks]] = {
        "launches": people_by_launches,
        "calls": people_by_calls,
    }
    for source, ask in ways.items():
        weeks = ask(connection, moment, connector_id)
        found = forecast(weeks, start, days)
        if isinstance(found, NoForecast):
            why[source] = found.reason
        elif found.now < 1:
            why[source] = "by its trend nobody uses it now"
        else:
            return Ahead(
                source,
                found.times(people / found.now),
                found.times(float(monthly) / found.now),
                tuple(weeks),
                why,
            )
    return Ahead(None, None, None, (), why)


def _alike(history: pd.DataFrame) -> pd.DataFrame:
    """Return the answers since what they rest on was last another."""
    known = history[history["monthly"].notna()].reset_index(drop=True)
    if known.empty:
        return known
    on = known[[name for name in _ALIKE if name in known]].astype(str)
    other = (on != on.iloc[-1]).any(axis=1)
    return known.iloc[max(known.index[other], default=-1) + 1 :]


def _weekly(history: pd.DataFrame, column: str) -> list[tuple[date, float | None]]:
    """Return the last answer of each week: answers of one are too much alike to tell of a trend."""
    by_week: dict[int, tuple[date, float | None]] = {}
    for at, value in zip(history["read_at"], history[column], strict=True):
        day = at.astimezone(UTC).date()
        by_week[day.toordinal() // 7] = (day, float(value))
    return list(by_week.values())


def bands(told: Ahead) -> pd.DataFrame:
    """Return the days to come, with what need and cost may be: the trend, and its bounds.

    People are whole, the lower bound rounded down and the upper one up.
    """
    if told.people is None or told.monthly is None:
        return frame([], _BANDS)
    rows = [
        (
            pd.Timestamp(need.day, tz="UTC"),
            round(need.middle),
            int(need.low),
            -int(-need.high // 1),
            *(Decimal(one).quantize(_CENT) for one in (cost.middle, cost.low, cost.high)),
        )
        for need, cost in zip(told.people.bands, told.monthly.bands, strict=True)
    ]
    return frame(rows, _BANDS)
