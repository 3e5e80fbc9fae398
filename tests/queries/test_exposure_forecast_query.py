"""How need and cost go on, by their own course, by launches of apps or by calls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factories
import pytest
from factories import ADA, BRUNO, CARLA, INVOICES, PAYROLL, RUN_TIMES, WEATHER, moment
from factories_answers import LAST, fill_answers
from factories_calls import call
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, insert, select, text, update

import models
from collectors.telemetry.call import Calls
from collectors.telemetry.keeping import Keeper
from connectory.assess import assess
from connectory.database import reading, writing
from connectory.queries.exposure_forecast import Ahead, ahead, ahead_of, bands
from connectory.queries.usage_weeks import people_by_calls, people_by_launches, weeks_before

PEOPLE = (ADA, BRUNO, CARLA)


@pytest.fixture
def licensed(store: Engine) -> Engine:
    """The small tenant with its licences, assessed at its third run."""
    factories.fill(store)
    fill_entitlements(store)
    assess(store, now=lambda: RUN_TIMES[3])
    return store


def launched(store: Engine, weeks: list[int], read_from: date) -> None:
    """Let so many people open the app of Invoices and Payroll each of the last weeks.

    Args:
        store: Filled with the small tenant.
        weeks: How many people, the last week last; each opens it twice.
        read_from: First day of which the log was read.
    """
    with writing(store) as connection:
        home = connection.scalar(select(models.Environment.key).where(models.Environment.id == 1))
        span = {"from_at": at(read_from), "to_at": moment(3).read_at, "run_id": 3}
        connection.execute(insert(models.AuditSpan).values(**span))
        for end, number in zip(weeks_before(moment(3), len(weeks)), weeks, strict=True):
            for who in PEOPLE[:number]:
                for days in (0, 6):
                    connection.execute(
                        insert(models.AuditEvent).values(
                            event_key=f"{who}-{end}-{days}", at=at(end - timedelta(days=days), 23),
                            record_type=256, operation="LaunchPowerApp", noun="app",
                            action="launched", environment_key=home, target_key="app-1",
                            actor_key=who, run_id=3,
                        )
                    )  # fmt: skip


def at(day: date, hour: int = 0) -> datetime:
    """Return a moment of a UTC day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def told(store: Engine, connector_id: int | None = None) -> Ahead:
    """Return how it goes on after the third run."""
    with reading(store) as connection:
        if connector_id is None:
            return ahead(connection, moment(3), 90)
        return ahead_of(connection, moment(3), connector_id, 90)


def test_a_week_counts_each_person_once_and_an_unread_one_is_not_known(licensed: Engine) -> None:
    """The log is told up to two days late; before it was read nothing is known, and no zero."""
    launched(licensed, [3, 1, 2, 0, 2], date(2026, 10, 15))
    with reading(licensed) as connection:
        weeks = people_by_launches(connection, moment(3))
        of_payroll = people_by_launches(connection, moment(3), PAYROLL)
        of_weather = people_by_launches(connection, moment(3), WEATHER)

    assert weeks[-1] == (date(2026, 11, 13), 2)
    assert [number for _, number in weeks[-6:]] == [None, None, 1, 2, 0, 2]
    assert of_payroll == weeks
    assert [number for _, number in of_weather[-5:]] == [None, 0, 0, 0, 0]


def test_need_and_cost_go_along_with_who_opens_apps(licensed: Engine) -> None:
    """Today's figures are the trend's start, and they grow as the use does."""
    launched(licensed, [1, 1, 1, 2, 2, 2, 3, 3], date(2026, 9, 1))
    found = told(licensed)
    rows = bands(found)

    assert found.source == "launches"
    assert found.why_not["answers"].startswith("a trend needs 6 points and 1")
    assert found.people is not None
    assert found.monthly is not None
    assert found.people.now == pytest.approx(1)
    assert found.monthly.now == pytest.approx(25)
    assert rows["monthly"].iloc[0] == Decimal("25.00")
    assert rows["monthly"].iloc[-1] > 40
    assert (rows["monthly_low"] <= rows["monthly"]).all()
    assert (rows["people_high"] >= rows["people"]).all()
    assert [one for one in found.weeks if one[1] is not None][-1] == (date(2026, 11, 13), 3)


def test_where_launches_tell_too_little_calls_do(licensed: Engine) -> None:
    """Different accounts a week; of a connector by the calls of it alone, and it says what it is."""
    ends = weeks_before(moment(3), 7)
    calls = [
        call(1, f"{end}-{who}-{days}", caller=f"{who}@invented.example")._replace(
            at=int(at(end - timedelta(days=days), 12).timestamp()) * 1_000_000
        )
        for number, end in enumerate(ends)
        for who in range(5 + number)
        for days in range(7)
    ]
    Keeper("access_logs", lambda: writing(licensed)).add(Calls.of(calls))
    with writing(licensed) as connection:
        connection.execute(update(models.CallEndpoint).values(connector_id=INVOICES))
    with reading(licensed) as connection:
        weeks = people_by_calls(connection, moment(3))
        none = people_by_calls(connection, moment(3), PAYROLL)
    found, of_one, of_none = told(licensed), told(licensed, INVOICES), told(licensed, PAYROLL)

    assert [number for _, number in weeks[-8:]] == [None, 5, 6, 7, 8, 9, 10, 11]
    assert [number for _, number in none[-8:]] == [None, *[0] * 7]
    assert (found.source, of_one.source) == ("calls", "calls")
    assert of_one.monthly is not None
    assert of_one.monthly.now == pytest.approx(15)
    assert of_none.source is None
    assert of_none.why_not["calls"] == "by its trend nobody uses it now"


def test_a_long_course_of_answers_goes_before_use(licensed: Engine) -> None:
    """One point a week; the trend is that of the cost itself."""
    launched(licensed, [1, 1, 1, 2, 2, 2, 3, 3], date(2026, 9, 1))
    last = fill_answers(licensed, [300, 310, 320, 330, 340, 350, 360], INVOICES)
    with reading(licensed) as connection:
        found = ahead(connection, last, 90)
        of_one = ahead_of(connection, last, INVOICES, 90)

    assert (found.source, of_one.source) == ("answers", "answers")
    assert found.monthly is not None
    assert of_one.monthly is not None
    assert (found.monthly.now, of_one.monthly.now) == pytest.approx((360, 180))
    assert found.monthly.slope * 7 == pytest.approx(10)
    assert (found.monthly.points, found.monthly.last) == (7, LAST.date())


def test_a_course_begins_anew_where_prices_changed(licensed: Engine) -> None:
    """What other prices made of it is no trend of ours."""
    last = fill_answers(licensed, [300, 310, 320, 330, 340, 350, 360])
    with writing(licensed) as connection:
        connection.execute(
            text("UPDATE exposure_answers SET price_book = 'older' WHERE from_run < 12")
        )
    with reading(licensed) as connection:
        found = ahead(connection, last, 90)

    assert found.source is None
    assert found.why_not["answers"] == "a trend needs 6 points and 5 are known"


def test_without_an_answer_there_is_nothing_to_go_on(store: Engine) -> None:
    """Neither before the first assessment, nor for a connector that costs nothing."""
    factories.fill(store)

    assert told(store).why_not == {"answers": "it was not assessed"}
    assert told(store, WEATHER).source is None
    assert bands(told(store)).empty
