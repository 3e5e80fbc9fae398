"""When a message is tried again, when nobody is disturbed, and what it may become."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectory.domain.mailing import MAY_BECOME, MEANING, RESENDABLE, pause, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (time(20), time(7))
WEEKEND = ("sat", "sun")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_state_is_explained_and_leads_to_known_ones() -> None:
    """No state is without meaning, and a cancelled message stays so."""
    assert MAY_BECOME.keys() == MEANING.keys()
    assert {state for targets in MAY_BECOME.values() for state in targets} <= MEANING.keys()
    assert MAY_BECOME["cancelled"] == frozenset()
    assert all("queued" in MAY_BECOME[state] for state in RESENDABLE)


def test_pauses_double_up_to_six_hours() -> None:
    """The first try again comes soon, later ones leave a server time to recover."""
    minutes = [pause(tries).total_seconds() / 60 for tries in (1, 2, 3, 7, 8, 1000)]

    assert minutes == [5, 10, 20, 320, 360, 360]


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-24T10:00", None),  # Tuesday, by day
        ("2026-11-24T18:59", None),
        ("2026-11-24T19:00", "2026-11-25T06:00"),  # 20:00 there
        ("2026-11-25T05:59", "2026-11-25T06:00"),
        ("2026-11-25T06:00", None),
        ("2026-11-27T20:00", "2026-11-30T06:00"),  # Friday night passes into Saturday
        ("2026-11-28T12:00", "2026-11-30T06:00"),
        ("2026-03-28T12:00", "2026-03-30T05:00"),  # clocks go forward on that Sunday
        ("2026-10-24T12:00", "2026-10-26T06:00"),  # and back on that one
    ],
)
def test_quiet_ends_when_people_are_at_work_again(moment: str, until: str | None) -> None:
    """Nights and weekends are told in the zone of the people, whatever its clocks do."""
    found = quiet_until(_utc(moment), NIGHT, WEEKEND, BERLIN)

    assert found == (None if until is None else _utc(until))


def test_hours_within_a_day_and_none_at_all() -> None:
    """Quiet hours may lie within a day; without any it is never quiet."""
    noon = _utc("2026-11-24T11:30")

    assert quiet_until(noon, (time(12), time(13)), (), BERLIN) == _utc("2026-11-24T12:00")
    assert quiet_until(noon, None, (), BERLIN) is None


@settings(deadline=None)
@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
    begin=st.times(),
    end=st.times(),
    days=st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), max_size=6),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_the_end_of_quiet_is_later_and_not_quiet(
    moment: datetime, begin: time, end: time, days: set[str], zone: str
) -> None:
    """Waiting until quiet ends once is enough, and never takes longer than nine days."""
    if begin == end:
        return
    place = ZoneInfo(zone)
    until = quiet_until(moment, (begin, end), days, place)

    if until is not None:
        assert moment < until < moment + timedelta(days=9)
        assert quiet_until(until, (begin, end), days, place) is None
