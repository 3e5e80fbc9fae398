"""What licences cost is kept with each run: unchanged it costs no row, and the past stays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import factories
import pandas as pd
import pytest
from factories import INVOICES, PAYROLL, RUN_TIMES, moment
from factories_entitlements import fill_entitlements
from sqlalchemy import Engine, event, func, insert, select, text

import models
from connectory.assess import AssessReport, assess
from connectory.cli.licences import told
from connectory.database import reading, writing
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure import cost_by_connector, exposure
from connectory.queries.exposure_answers import (
    connector_answers,
    connector_history,
    exposure_answer,
    exposure_history,
)
from connectory.queries.moments import Moment

NOW = RUN_TIMES[3]


@pytest.fixture
def licensed(store: Engine) -> Engine:
    """The small tenant with its licences, before anybody assessed it."""
    factories.fill(store)
    fill_entitlements(store)
    with writing(store) as connection:
        connection.execute(text("DELETE FROM assessments"))
    return store


def assessed(store: Engine, **licensing: Any) -> AssessReport:
    """Assess the latest run and return what came of it."""
    settings = LicensingSettings.model_validate(licensing)
    report = assess(store, now=lambda: NOW, licensing=settings)
    assert report is not None
    return report


def rows(store: Engine, table: type[models.Base]) -> list[Any]:
    """Return the rows of a table, the oldest first."""
    with reading(store) as connection:
        return list(connection.execute(select(table.__table__).order_by(text("id"))))


def run_again(store: Engine, number: int) -> Moment:
    """Add a finished run of the same day that found everything as it was."""
    with writing(store) as connection:
        connection.execute(
            insert(models.Run).values(
                id=number,
                state="complete",
                started_at=RUN_TIMES[2].replace(hour=2 + number),
                finished_at=RUN_TIMES[2].replace(hour=2 + number),
                product_version="0",
                arguments={},
            )
        )
    return Moment(number, RUN_TIMES[2].replace(hour=2 + number), "complete", number)


def own_prices(folder: Path, version: str, price: str) -> str:
    """Write a price book with another price of Power Automate Premium and return its place."""
    place = folder / f"{version}.toml"
    place.write_text(
        f'schema = 1\nversion = "{version}"\ncurrency = "USD"\n[[plan]]\nid = "fl_premium"\n'
        f'kind = "user"\n[[plan.line]]\nsince = 2026-01-01\nprice = "{price}"\nsource = "invented"\n'
    )
    return str(place)


def test_the_answer_is_what_the_estimate_says(licensed: Engine) -> None:
    """As tests/queries/test_exposure_query.py reckons it by hand, and exact to the digit."""
    report = assessed(licensed)
    (row,) = rows(licensed, models.ExposureAnswer)
    by_connector = {
        one.connector_id: (one.monthly, one.people, one.apps, one.flows)
        for one in rows(licensed, models.ConnectorExposureAnswer)
    }

    assert (row.people, row.flows, row.review, row.reason) == (1, 0, 1, None)
    assert (row.monthly, row.metered_now, row.proven) == (Decimal(25), Decimal(10), True)
    assert (row.currency, row.basis, row.channel) == ("USD", "active", "")
    assert row.ways["premium"] == {"monthly": "35.00", "purchasable": True, "compliant": True}
    assert by_connector == {INVOICES: (Decimal(15), 1, 1, 1), PAYROLL: (Decimal(0), 0, 1, 1)}
    assert told(report.licences.tenant).startswith(
        "licences: 1 people and 0 flows need cover; the cheapest plan is 25.00 USD a month"
    )


def test_an_unchanged_answer_costs_no_row(licensed: Engine) -> None:
    """Assessed again, and at a run that changed nothing, there is nothing new to keep."""
    first = assessed(licensed)
    again = assessed(licensed)
    run_again(licensed, 5)
    later = assessed(licensed)

    assert first.changed > 0
    assert (again.changed, later.changed, later.run_id) == (0, 0, 5)
    assert len(rows(licensed, models.ExposureAnswer)) == 1
    assert len(rows(licensed, models.ConnectorExposureAnswer)) == 2


def test_another_price_is_another_answer_and_the_past_stays(
    licensed: Engine, tmp_path: Path
) -> None:
    """From the run on at which the price book changed; as of a run before, the old answer holds.

    Of the connectors only the one that costs something else is written anew.
    """
    assessed(licensed)
    later = run_again(licensed, 5)
    assessed(licensed, price_book=own_prices(tmp_path, "dearer", "18.40"))
    with reading(licensed) as connection:
        before, after = (exposure_answer(connection, at) for at in (moment(3), later))
        history = exposure_history(connection, later)
        of_invoices = connector_history(connection, later, INVOICES)
        earlier = exposure_history(connection, moment(3))

    assert before is not None
    assert after is not None
    assert (before.monthly, after.monthly) == (Decimal(25), Decimal("28.40"))
    assert after.price_book == "dearer"
    assert after.since == later.read_at
    assert history["monthly"].tolist() == [Decimal(25), Decimal("28.40")]
    assert earlier["run_id"].tolist() == [3]
    assert of_invoices["monthly"].tolist() == [Decimal(15), Decimal("18.40")]
    kept = [row for row in rows(licensed, models.ConnectorExposureAnswer) if row.to_run is None]
    assert {row.connector_id: row.from_run for row in kept} == {INVOICES: 5, PAYROLL: 3}


def test_a_version_of_prices_that_costs_the_same_is_told(licensed: Engine, tmp_path: Path) -> None:
    """What a figure rests on is part of the answer; connectors cost what they did."""
    assessed(licensed)
    run_again(licensed, 5)
    report = assessed(licensed, price_book=own_prices(tmp_path, "same", "15.00"))

    assert report.changed == 1
    assert [row.price_book for row in rows(licensed, models.ExposureAnswer)][1] == "same"


def test_prices_that_cannot_be_read_take_no_other_answer_along(
    licensed: Engine, tmp_path: Path
) -> None:
    """Owners and policies are answered; of licences it is kept why they are not, and no figure."""
    assessed(licensed)
    later = run_again(licensed, 5)
    report = assessed(licensed, price_book=str(tmp_path / "missing.toml"))
    with reading(licensed) as connection:
        answer = exposure_answer(connection, later)
        history = exposure_history(connection, later)
        states = connection.scalars(select(models.Assessment.state)).all()

    assert report.answers > 5
    assert set(states) == {"complete"}
    assert answer is not None
    assert "the price book cannot be read" in str(answer.reason)
    assert (answer.monthly, answer.people) == (None, None)
    assert history["monthly"].isna().tolist() == [False, True]
    assert [row.to_run for row in rows(licensed, models.ConnectorExposureAnswer)] == [5, 5]
    assert "not reckoned: the price book" in told(report.licences.tenant)
    assessed(licensed)
    assert rows(licensed, models.ExposureAnswer)[-1].monthly == Decimal(25)


def test_what_breaks_off_keeps_the_other_answers(licensed: Engine) -> None:
    """Stopped while licences are reckoned: the other answers stand, and it says it failed."""

    def stop(done: int, every: int) -> None:
        raise KeyboardInterrupt(f"{done} of {every}")

    with writing(licensed) as connection:
        connection.execute(text("DELETE FROM ownership_answers"))
    with pytest.raises(KeyboardInterrupt):
        assess(licensed, now=lambda: NOW, progress=stop)

    assert rows(licensed, models.OwnershipAnswer)
    assert rows(licensed, models.ExposureAnswer) == []
    assert [(row.state, row.reason) for row in rows(licensed, models.Assessment)] == [
        ("failed", "KeyboardInterrupt: 1 of 2")
    ]
    assert assessed(licensed).licences.reason is None


def test_progress_counts_connectors(licensed: Engine) -> None:
    """It is told how far it has come, of how many."""
    seen: list[tuple[int, int]] = []
    assess(licensed, now=lambda: NOW, progress=lambda *told: seen.append(told))

    assert seen == [(1, 2), (2, 2)]


def _statements(store: Engine, ask: Callable[[], object]) -> int:
    """Return how often the store was asked."""
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2].split()[0])

    event.listen(store, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(store, "before_cursor_execute", note)
    return asked.count("SELECT")


def test_a_course_over_all_runs_is_one_statement(licensed: Engine) -> None:
    """However many runs there are; a run that was not assessed has no point."""
    assessed(licensed)
    for number in range(5, 11):
        run_again(licensed, number)
        if number != 7:
            assessed(licensed)
    last = Moment(10, NOW, "complete", 10)

    def history() -> None:
        with reading(licensed) as connection:
            told = exposure_history(connection, last)
            assert told["run_id"].tolist() == [3, 5, 6, 8, 9, 10]
            assert set(told["monthly"]) == {Decimal(25)}

    assert _statements(licensed, history) == 1
    with reading(licensed) as connection:
        assert connection.scalar(select(func.count()).select_from(models.ExposureAnswer)) == 1


def test_before_anybody_assessed_there_is_no_answer(store: Engine) -> None:
    """No answer is not an answer of nothing."""
    factories.fill(store)
    with reading(store) as connection:
        assert exposure_answer(connection, moment(3)) is None
        assert exposure_history(connection, moment(3)).empty
        assert connector_history(connection, moment(3), INVOICES).empty


def test_what_is_kept_of_connectors_reads_as_what_is_reckoned(licensed: Engine) -> None:
    """Of a large tenant pages show what was kept: the same rows, the dearest first."""
    assessed(licensed)
    with reading(licensed) as connection:
        found = exposure(connection, moment(3), LicensingSettings())
        kept = connector_answers(connection, moment(3))

    assert not found.large
    pd.testing.assert_frame_equal(cost_by_connector(found, kept), cost_by_connector(found))
