from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from factories import FINANCE, RUN_TIMES, fill, moment
from sqlalchemy import Connection, Engine, select, update

from connectory.database import reading, writing
from connectory.queries.coverage import Gap, coverage, runs, step_sources, steps
from models import Step, StepSource

_REFUSED = "403: no application user in this Dataverse; add one"


def started(connection: Connection, run: int, collector: str, environment: str | None) -> datetime:
    """Return when a step of the story started, as the list of steps tells it."""
    frame = steps(connection, run)
    places = (
        frame["environment"].isna()
        if environment is None
        else (frame["environment"] == environment)
    )
    found: datetime = frame[(frame["collector"] == collector) & places]["started_at"].iloc[0]
    return found


def test_a_whole_run_has_no_gap(tenant: Connection) -> None:
    """At run 1 every environment was read; a service that does not exist there is no gap."""
    told = coverage(tenant, moment(1))

    assert (told.read_at, told.environments, told.environments_read) == (RUN_TIMES[0], 3, 3)
    assert told.gaps == ()


def test_every_gap_is_named_with_cause_and_beginning(tenant: Connection) -> None:
    """Run 2 fell short in the tenant, in a source of Finance and in a whole step of Trial."""
    told = coverage(tenant, moment(2))

    assert (told.environments, told.environments_read) == (3, 1)
    assert told.gaps == (
        Gap(
            None,
            "people",
            "deleted_users",
            "failed",
            "504 after 5 attempts",
            started(tenant, 2, "people", None),
        ),
        Gap(
            "Finance",
            "flows",
            "dataverse",
            "refused",
            _REFUSED,
            started(tenant, 2, "flows", "Finance"),
        ),
        Gap(
            "Trial",
            "connections",
            "",
            "failed",
            "a reply is not in the expected form: KeyError 'properties'",
            started(tenant, 2, "connections", "Trial"),
        ),
    )


def test_a_gap_remembers_when_it_began_and_closes_when_read(tenant: Connection) -> None:
    """At run 3 people were read again, Trial is gone, and Finance is refused since run 2."""
    told = coverage(tenant, moment(3))

    assert (told.environments, told.environments_read) == (2, 1)
    assert [(gap.environment, gap.source, gap.since) for gap in told.gaps] == [
        ("Finance", "dataverse", started(tenant, 2, "flows", "Finance"))
    ]


def test_a_gap_that_closed_and_came_back_is_a_new_one(store: Engine) -> None:
    """Refused at run 1, read at run 2, refused at run 3: the gap is as old as run 3."""
    fill(store)
    with writing(store) as connection:
        for run, outcome in ((1, "refused"), (2, "complete"), (3, "refused")):
            step = select(Step.id).where(
                Step.run_id == run, Step.collector == "flows", Step.environment_id == FINANCE
            )
            connection.execute(
                update(StepSource)
                .where(StepSource.step_id == step.scalar_subquery())
                .where(StepSource.source == "dataverse")
                .values(outcome=outcome)
            )
    with reading(store) as connection:
        (gap,) = coverage(connection, moment(3)).gaps
        begun = started(connection, 3, "flows", "Finance")

    assert gap.since == begun


def test_a_collector_left_out_counts_as_it_was_last_read(tenant: Connection) -> None:
    """Run 3 read no apps: Sandbox is read all the same, but the whole is as old as run 2."""
    told = coverage(tenant, moment(3))

    assert "apps" not in set(steps(tenant, 3)["collector"])
    assert (told.environments_read, told.read_at) == (1, RUN_TIMES[1])


def test_nothing_read_is_not_everything_read(nothing: Connection) -> None:
    """Without environments there are none read."""
    told = coverage(nothing, moment(1))

    assert (told.environments, told.environments_read, told.gaps) == (0, 0, ())


def test_runs_are_listed_newest_first_with_their_sums(tenant: Connection) -> None:
    """Every run is told, also one that failed, with what its steps cost."""
    frame = runs(tenant)

    assert frame["run_id"].tolist() == [4, 3, 2, 1]
    assert frame["state"].tolist() == ["failed", "partial", "partial", "complete"]
    assert frame["seconds"].tolist() == [5.0, 300.0, 660.0, 600.0]
    # two tenant steps, and six for each of three environments; run 3 had two, and no apps
    assert frame["steps"].tolist() == [0, 12, 20, 20]
    assert frame["steps_not_complete"].tolist() == [0, 1, 3, 0]
    assert frame["requests"].tolist() == [0, 120, 200, 200]
    assert frame["throttled_seconds"].tolist() == [0.0, 6.0, 10.0, 10.0]
    assert frame["started_at"].tolist() == RUN_TIMES[::-1]
    assert frame["reason"].tolist()[3] is None


def test_steps_of_a_run_are_told_in_their_order(tenant: Connection) -> None:
    """The tenant's steps come first and have no environment; others name theirs as of then."""
    frame = steps(tenant, 1)

    assert frame["collector"].tolist()[:3] == ["environments", "people", "connectors"]
    assert frame["environment"].tolist()[:5] == [None, None, "Finance", "Playground", "Trial"]
    assert set(frame["seconds"]) == {3.0}
    assert frame["started_at"].iloc[0] == RUN_TIMES[0] + timedelta(seconds=1)
    assert set(frame[frame["state"] == "skipped"]["environment"]) == {"Playground", "Trial"}


def test_sources_tell_how_completely_each_was_read(tenant: Connection) -> None:
    """One step may read one source whole and be refused by another."""
    frame = step_sources(tenant, 2)
    flows = frame[(frame["collector"] == "flows") & (frame["environment"] == "Finance")]

    assert list(zip(flows["source"], flows["outcome"], flows["reason"], strict=True)) == [
        ("flow_api", "complete", None),
        ("dataverse", "refused", _REFUSED),
    ]


@pytest.mark.parametrize("query", [steps, step_sources])
def test_an_unknown_run_has_no_rows(tenant: Connection, query: object) -> None:
    """Asking for a run that never was gives an empty frame of the same columns."""
    assert callable(query)
    known, unknown = query(tenant, 1), query(tenant, 99)

    assert unknown.empty
    assert unknown.dtypes.equals(known.dtypes)
