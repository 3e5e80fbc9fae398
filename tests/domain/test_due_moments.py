"""Crons: what is due when, also when clocks change, and what counts as silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from connectory.domain.schedule import Cron


def at(text: str) -> datetime:
    """Return a moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(text: str, after: str, count: int, zone: str = "UTC") -> list[str]:
    """Return so many due moments after a moment, as the zone's clocks show them."""
    cron = Cron(text, zone)
    moments = islice(cron.between(at(after), at("2099-01-01")), count)
    return [f"{moment.astimezone(ZoneInfo(zone)):%a %d %b %H:%M:%S}" for moment in moments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 2 * * *", ["Tue 24 Nov 02:30:00", "Wed 25 Nov 02:30:00"]),
        ("0 3 * * 0", ["Sun 29 Nov 03:00:00", "Sun 06 Dec 03:00:00"]),
        ("0 3 * * 7", ["Sun 29 Nov 03:00:00", "Sun 06 Dec 03:00:00"]),
        ("0 3 * * 6-7", ["Sat 28 Nov 03:00:00", "Sun 29 Nov 03:00:00"]),
        ("0 3 * * fri-sun", ["Fri 27 Nov 03:00:00", "Sat 28 Nov 03:00:00"]),
        ("0 3 * * 1,3", ["Wed 25 Nov 03:00:00", "Mon 30 Nov 03:00:00"]),
        ("0 3 * * */2", ["Tue 24 Nov 03:00:00", "Thu 26 Nov 03:00:00"]),
        ("0 0 1 * *", ["Tue 01 Dec 00:00:00", "Fri 01 Jan 00:00:00"]),
        ("*/10 * * * * *", ["Mon 23 Nov 12:00:10", "Mon 23 Nov 12:00:20"]),
    ],
)
def test_a_cron_means_what_it_means_elsewhere(text: str, expected: list[str]) -> None:
    """Sunday is 0 and 7, ranges reach over it, and a sixth field counts seconds."""
    assert due(text, "2026-11-23 12:00:00", 2) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every day", "five fields"),
        ("61 * * * *", "not a cron"),
        ("* * * * 8", "days of the week"),
        ("* * * * fri-mon", "days of the week"),
        ("* * * * mon/0", "days of the week"),
        ("0 0 1 * mon", "cannot both be narrowed"),
        ("0 0 31 2 *", "no moment ever fits"),
    ],
)
def test_what_is_no_cron_is_refused_in_one_line(text: str, words: str) -> None:
    """The error names the cron and what is wrong with it."""
    with pytest.raises(ValueError, match=words) as caught:
        Cron(text, "UTC")

    assert text in str(caught.value) or text.rsplit(maxsplit=1)[-1] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_night_a_clock_is_set_back_repeats_nothing_for_ever() -> None:
    """The hour that comes twice is due twice, and the day goes on."""
    moments = list(
        Cron("30 2 * * *", "Europe/Berlin").between(at("2027-10-30 12:00"), at("2027-11-01 12:00"))
    )

    assert moments == [at("2027-10-31 00:30"), at("2027-10-31 01:30"), at("2027-11-01 01:30")]


def test_the_night_a_clock_is_set_forward_leaves_nothing_out() -> None:
    """What is due in the hour that does not exist is due in the next one."""
    moments = list(
        Cron("30 2 * * *", "Europe/Berlin").between(at("2027-03-27 12:00"), at("2027-03-29 12:00"))
    )

    assert moments == [at("2027-03-28 01:30"), at("2027-03-29 00:30")]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24 01:59", None),
        ("2026-11-24 05:00", None),
        ("2026-11-24 05:01", "2026-11-24 02:00"),
        ("2026-12-24 05:00", "2026-11-24 02:00"),
    ],
)
def test_silence_begins_after_the_tolerance(now: str, expected: str | None) -> None:
    """The last run began on the 23rd at 02:10; the next is due on the 24th at 02:00."""
    found = Cron("0 2 * * *", "UTC").silent_since(
        at("2026-11-23 02:10"), tolerance=timedelta(hours=3), now=at(now)
    )

    assert found == (at(expected) if expected else None)
