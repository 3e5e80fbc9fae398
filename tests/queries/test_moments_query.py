from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import RUN_TIMES, fill_runs_only, moment
from sqlalchemy import Connection, Engine, insert

from connectory.database import reading, writing
from connectory.queries.moments import all_moments, at, latest, previous
from models import Assessment, Run


def test_the_latest_moment_is_the_last_run_that_finished(tenant: Connection) -> None:
    """A failed run after it is no moment."""
    assert latest(tenant) == moment(3)


@pytest.mark.parametrize(
    ("when", "run"),
    [
        (RUN_TIMES[0], 1),
        (RUN_TIMES[1] - timedelta(seconds=1), 1),
        (RUN_TIMES[1], 2),
        (datetime(2027, 1, 1, tzinfo=UTC), 3),
    ],
)
def test_a_date_names_the_run_that_had_started_by_then(
    tenant: Connection, when: datetime, run: int
) -> None:
    """The moment of a date is the newest finished run that started at or before it."""
    assert at(tenant, when) == moment(run)


def test_before_the_first_run_there_is_no_moment(tenant: Connection) -> None:
    """Neither a date before the first run nor the first run itself has a moment before."""
    assert at(tenant, RUN_TIMES[0] - timedelta(seconds=1)) is None
    assert previous(tenant, moment(1)) is None


def test_the_previous_moment_is_the_finished_run_before(tenant: Connection) -> None:
    """Moments lead back one by one."""
    assert previous(tenant, moment(3)) == moment(2)
    assert previous(tenant, moment(2)) == moment(1)


def test_all_moments_are_listed_oldest_first(tenant: Connection) -> None:
    """The list has every finished run with its aware start."""
    frame = all_moments(tenant)

    assert frame["run_id"].tolist() == [1, 2, 3]
    assert frame["read_at"].tolist() == RUN_TIMES[:3]
    assert frame["state"].tolist() == ["complete", "partial", "partial"]


def test_a_moment_names_the_latest_computation_of_its_answers(store: Engine) -> None:
    """New answers about the same run make another moment; before any there is none."""
    fill_runs_only(store)
    with reading(store) as connection:
        before = latest(connection)
    with writing(store) as connection:
        for number in (7, 9):
            connection.execute(
                insert(Assessment).values(
                    id=number, run_id=1, state="complete", started_at=RUN_TIMES[0]
                )
            )
    with reading(store) as connection:
        after = latest(connection)

    assert before is not None
    assert after is not None
    assert (before.assessment_id, after.assessment_id) == (None, 9)


@pytest.mark.parametrize("state", ["running", "failed", "died"])
def test_a_run_that_did_not_finish_is_no_moment(store: Engine, state: str) -> None:
    """Whatever it kept shows at the next moment."""
    with writing(store) as connection:
        connection.execute(
            insert(Run).values(
                state=state, started_at=RUN_TIMES[0], product_version="0", arguments={}
            )
        )
    with reading(store) as connection:
        assert latest(connection) is None
        assert all_moments(connection).empty
