"""How a figure goes on: the band holds as often as it says, and nothing is told from too little."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectory.domain.licensing.budget import overrun
from connectory.domain.licensing.forecast import (
    MINIMUM,
    REACH,
    SPAN,
    Forecast,
    NoForecast,
    Series,
    forecast,
)

START = date(2026, 11, 23)
WEEK = timedelta(days=7)


def weeks(values: list[float | None]) -> list[tuple[date, float | None]]:
    """Return values a week apart, the last of them on the day from which it is looked ahead."""
    return [(START - WEEK * (len(values) - 1 - n), value) for n, value in enumerate(values)]


def ahead(series: Series, days: int = 90, *, level: float = 0.8, grain: float = 1.0) -> Forecast:
    """Return a forecast that there has to be."""
    found = forecast(series, START, days, level=level, grain=grain)
    assert isinstance(found, Forecast)
    return found


counts = some.lists(
    some.one_of(some.none(), some.integers(0, 5000).map(float)), min_size=1, max_size=30
)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("points", [6, 12, 26])
@pytest.mark.parametrize("lacking", [0, 3])
def test_the_band_holds_as_often_as_it_says(level: float, points: int, lacking: int) -> None:
    """Of 4,000 series of the model, long or short, with gaps or whole, at every distance."""
    chance = np.random.default_rng([points, lacking, round(level * 100)])
    held: list[list[bool]] = []
    for _ in range(4000):
        slope, noise = chance.normal(0, 5), chance.uniform(1, 40)
        numbers = np.arange(points + lacking)
        drawn = 5000 + slope * numbers + chance.normal(0, noise, points + lacking)
        values: list[float | None] = list(drawn)
        for place in chance.choice(points + lacking, lacking, replace=False):
            values[place] = None
        found = forecast(weeks(values), START, 84, level=level, grain=0)
        if isinstance(found, NoForecast):
            continue
        later = [band for band in found.bands if (band.day - START).days in (7, 42, 84)]
        held.append(
            [
                band.low
                <= 5000
                + slope * (points + lacking - 1 + (band.day - START).days / 7)
                + chance.normal(0, noise)
                <= band.high
                for band in later
            ]
        )

    assert len(held) > 3000
    assert np.mean(held, axis=0) == pytest.approx([level] * 3, abs=0.025)


def test_counts_of_people_are_held_as_well() -> None:
    """Whole numbers that scatter as counts do are not of the model, but near it."""
    chance = np.random.default_rng(7)
    held = []
    for _ in range(4000):
        mean = chance.uniform(8, 80)
        grows = chance.uniform(0, 0.02) * mean
        found = ahead(weeks(list(chance.poisson(mean + grows * np.arange(12)).astype(float))), 70)
        band = found.bands[-1]
        held.append(band.low <= chance.poisson(mean + grows * 21) <= band.high)

    assert 0.74 < np.mean(held) < 0.84


@given(values=counts, days=some.integers(0, 200))
def test_a_band_is_in_order_and_never_below_nothing(values: list[float | None], days: int) -> None:
    """Whatever the past, there is either a reason or a band of at least nothing."""
    found = forecast(weeks(values), START, days)
    if isinstance(found, NoForecast):
        assert len([one for one in values if one is not None]) < MINIMUM or "days" in found.reason
        return
    assert found.bands[0].day == START
    assert (found.bands[-1].day - START).days == min(days, REACH * (found.last - found.first).days)
    assert found.cut == ((found.bands[-1].day - START).days < days)
    for band in found.bands:
        assert 0 <= band.low <= band.middle <= band.high


@given(values=counts, seed=some.randoms())
def test_neither_order_nor_gaps_leave_a_trace(values: list[float | None], seed: object) -> None:
    """What is missing might as well not be there; when it was read does not matter."""
    series = weeks(values)
    mixed = [one for one in series if one[1] is not None]
    seed.shuffle(mixed)  # type: ignore[attr-defined]

    assert forecast(mixed, START, 90) == forecast(series, START, 90)


@given(values=some.lists(some.integers(0, 500).map(float), min_size=6, max_size=20))
def test_a_higher_level_and_a_longer_way_make_it_wider(values: list[float]) -> None:
    """And neither moves the trend. The figure lies far above nothing, where bands are cut."""
    series = weeks([100_000 + value for value in values])
    narrow, wide = ahead(series), ahead(series, level=0.95)
    widths = [band.high - band.low for band in narrow.bands]

    assert widths == sorted(widths)
    for one, other in zip(narrow.bands, wide.bands, strict=True):
        assert one.middle == other.middle
        assert other.low < one.low
        assert other.high > one.high


@given(
    values=some.lists(some.integers(0, 500).map(float), min_size=6, max_size=20),
    factor=some.integers(2, 50),
)
def test_so_many_times_the_figure_is_so_many_times_the_forecast(
    values: list[float], factor: int
) -> None:
    """Whether the past is multiplied or what comes of it."""
    of_more = ahead(weeks([value * factor for value in values]), grain=factor)
    more_of = ahead(weeks(list(values))).times(factor)

    for one, other in zip(of_more.bands, more_of.bands, strict=True):
        assert (one.middle, one.low, one.high) == pytest.approx(
            (other.middle, other.low, other.high), abs=1e-6
        )


def test_a_line_goes_on_as_it_is() -> None:
    """Its slope is told a day, and what never moved has a band all the same."""
    line = ahead(weeks([10.0, 17, 24, 31, 38, 45]))
    still = ahead(weeks([5.0] * 8))

    assert (line.slope, line.now) == pytest.approx((1, 45))
    assert {band.day: band.middle for band in line.bands}[START + WEEK] == pytest.approx(52)
    assert still.bands[1].high > still.bands[1].middle > still.bands[1].low


def test_too_little_is_told_and_not_drawn() -> None:
    """Too few points, or too near each other, however many."""
    few = forecast(weeks([1.0, 2, None, 4, 5, 6]), START, 90)
    near = forecast([(START - timedelta(days=n), float(n)) for n in range(20)], START, 90)

    assert few == NoForecast(f"a trend needs {MINIMUM} points and 5 are known")
    assert near == NoForecast(f"a trend needs points over {SPAN} days and these lie within 19")
    assert forecast([], START, 90) == NoForecast(f"a trend needs {MINIMUM} points and 0 are known")
    assert isinstance(forecast(weeks([float("nan")] * 9), START, 90), NoForecast)


def test_a_short_past_does_not_look_far() -> None:
    """No further than three times as far as it is known, and it says so."""
    found = ahead(weeks([4.0, 5, 4, 6, 5, 6]), 180)

    assert found.cut
    assert (found.bands[-1].day - START).days == REACH * 35
    assert not ahead(weeks([4.0] * 26), 180).cut


def test_a_budget_is_judged_by_the_plan_and_by_the_upper_bound() -> None:
    """Over it now, over it maybe soon, or not known; what is kept is no finding."""
    grows = ahead(weeks([300.0, 310, 320, 330, 340, 350, 360]), grain=10)
    exceeded = overrun(Decimal(350), Decimal(360), "", grows)
    coming = overrun(Decimal(450), Decimal(360), "", grows)

    assert exceeded is not None
    assert (exceeded.kind, exceeded.day) == ("exceeded", None)
    assert coming is not None
    assert coming.kind == "coming"
    assert coming.day == grows.first_above(450)
    assert START < coming.day < START + timedelta(days=90)
    assert overrun(Decimal(360), Decimal(360), "", None) is None
    assert overrun(Decimal(5000), Decimal(360), "", grows) is None
    unknown = overrun(Decimal(5000), None, "no prices", grows)
    assert unknown is not None
    assert (unknown.kind, unknown.reason) == ("unknown", "no prices")
