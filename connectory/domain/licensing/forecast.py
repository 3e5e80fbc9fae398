"""How a figure goes on: a straight line through its past, and how far off it may well be.

The line is that of least squares. A value to come lies in the band with the probability that is
asked for, if values scatter about a straight line normally and independently of each other: the
prediction interval of simple regression, with Student's t for how few points there are (NIST/SEMATECH
e-Handbook of Statistical Methods, 4.5.1.2; Hyndman, Athanasopoulos: Forecasting, Principles
and Practice, 3rd edition, 7.6). Where too little is known there is no forecast, and it is said why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from scipy.special import stdtrit

MINIMUM: Final = 6
"""Fewest points that a trend is told from."""
SPAN: Final = 28
"""Fewest days that these have to lie apart, the first from the last."""
REACH: Final = 3
"""So many times as far as the past reaches back, a forecast reaches forward at most."""
LEVEL: Final = 0.8
"""Of ten values to come, eight lie in the band."""
STEP: Final = 7
"""Days between two days that are told."""
Series = Iterable[tuple[date, float | None]]


@dataclass(frozen=True, slots=True)
class Band:
    """What a figure may be on a day.

    Attributes:
        day: The day.
        middle: The trend.
        low: It lies above this,
        high: and below this, as often as the level says.
    """

    day: date
    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a figure goes on.

    Attributes:
        bands: Days to come, the first that from which it is looked ahead.
        level: How often a value lies in the band.
        points: On how many it rests.
        first: Day of the first of them.
        last: Day of the last of them.
        slope: By how much the trend grows a day.
        cut: It ends before it was asked to, since the past is not long enough.
    """

    bands: tuple[Band, ...]
    level: float
    points: int
    first: date
    last: date
    slope: float
    cut: bool

    @property
    def now(self) -> float:
        """The trend on the day from which it is looked ahead."""
        return self.bands[0].middle

    def first_above(self, bound: float) -> date | None:
        """Return the first day told on which it may well be above a bound; None if there is none."""
        return next((band.day for band in self.bands if band.high > bound), None)

    def times(self, factor: float) -> Forecast:
        """Return the forecast of what is so many times the figure."""
        bands = tuple(
            Band(one.day, one.middle * factor, one.low * factor, one.high * factor)
            for one in self.bands
        )
        return replace(self, bands=bands, slope=self.slope * factor)


@dataclass(frozen=True, slots=True)
class NoForecast:
    """Why there is none."""

    reason: str


def forecast(
    series: Series, start: date, days: int, *, level: float = LEVEL, grain: float = 1.0
) -> Forecast | NoForecast:
    """Return how a figure goes on.

    Args:
        series: Its past, in any order; a value that is missing is left out. Of two on one day the
            later counts.
        start: From which day on it is looked ahead.
        days: How far.
        level: How often a value to come is to lie in the band.
        grain: Its smallest step: values are known no better, so that a figure that never moved is
            not taken for one that cannot.
    """
    known = sorted(
        {day: value for day, value in series if value is not None and math.isfinite(value)}.items()
    )
    if len(known) < MINIMUM:
        return NoForecast(f"a trend needs {MINIMUM} points and {len(known)} are known")
    first, last = known[0][0], known[-1][0]
    span = (last - first).days
    if span < SPAN:
        return NoForecast(f"a trend needs points over {SPAN} days and these lie within {span}")
    told = np.array([value for _, value in known], dtype=np.float64)
    past = np.array([(day - start).days for day, _ in known], dtype=np.float64)
    middle, spread = past.mean(), ((past - past.mean()) ** 2).sum()
    slope = float(((past - middle) * (told - told.mean())).sum() / spread)
    left = told - told.mean() - slope * (past - middle)
    free = len(known) - 2
    noise = math.sqrt(max(float((left**2).sum()) / free, grain**2 / 12))
    reach = min(days, REACH * span)
    ahead = np.array(sorted({*range(0, reach + 1, STEP), reach}), dtype=np.float64)
    line = told.mean() + slope * (ahead - middle)
    wide = noise * np.sqrt(1 + 1 / len(known) + (ahead - middle) ** 2 / spread)
    wide *= float(stdtrit(free, (1 + level) / 2))
    bands = tuple(
        Band(start + timedelta(days=int(day)), *(max(0.0, float(one)) for one in values))
        for day, *values in zip(ahead, line, line - wide, line + wide, strict=True)
    )
    return Forecast(bands, level, len(known), first, last, slope, reach < days)
