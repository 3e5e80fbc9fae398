from __future__ import annotations

import pandas as pd
from factories import FINANCE, RUN_TIMES, SANDBOX, TRIAL, fill, moment
from sqlalchemy import Connection, Engine, delete, select, update

from connectory.database import reading, writing
from connectory.queries.consumers import connections, references
from connectory.queries.environments import environment_gaps, environments
from connectory.queries.lists import apps, flows
from models import Step, StepSource

NO_USER = "403: no application user in this Dataverse; add one"


def numbers(frame: pd.DataFrame, column: str) -> list[int | None]:
    """Return a column of counts, missing ones as None."""
    return [None if pd.isna(value) else int(value) for value in frame[column]]


def test_environments_say_what_is_in_them(tenant: Connection) -> None:
    """Environments present are listed under the name of the moment, with what is present there."""
    first, third = environments(tenant, moment(1)), environments(tenant, moment(3))

    assert first["name"].tolist() == ["Finance", "Playground", "Trial"]
    assert numbers(first, "connectors") == [2, 3, 1]
    assert third["name"].tolist() == ["Finance", "Sandbox"]
    assert numbers(third, "connectors") == [3, 3]
    assert numbers(third, "connections") == [3, 1]
    assert numbers(third, "connection_references") == [2, 0]
    assert numbers(third, "flows") == [3, 0]
    assert numbers(third, "apps") == [2, 0]
    assert third["creator"].tolist() == ["Ada Ample", None]
    assert TRIAL not in set(third["environment_id"])


def test_every_figure_is_as_many_rows_as_its_list_has(tenant: Connection) -> None:
    """A number exists once: what opens behind a figure has that many rows."""
    for run in (1, 2, 3):
        frame = environments(tenant, moment(run)).set_index("name")
        for column, rows in (
            ("connections", connections(tenant, moment(run))),
            ("connection_references", references(tenant, moment(run))),
            ("flows", flows(tenant, moment(run))),
            ("apps", apps(tenant, moment(run))),
        ):
            counted = rows["environment"].value_counts()
            assert frame[column].fillna(0).to_dict() == {
                name: int(counted.get(name, 0)) for name in frame.index
            }


def test_what_was_never_read_is_no_zero(store: Engine) -> None:
    """Where a list was refused from the beginning the figure is missing; a known one stays."""
    fill(store)
    with writing(store) as connection:
        refused = select(Step.id).where(Step.collector.in_(["apps", "flows"]))
        connection.execute(
            update(StepSource)
            .where(StepSource.step_id.in_(refused))
            .values(outcome="refused", reason=NO_USER)
        )
    with reading(store) as connection:
        frame = environments(connection, moment(3)).set_index("environment_id")

    assert frame["apps"].isna().to_dict() == {FINANCE: False, SANDBOX: True}
    assert frame["flows"].isna().to_dict() == {FINANCE: False, SANDBOX: True}
    assert frame["coverage"].tolist() == ["partial", "partial"]


def test_a_new_environment_of_which_nothing_was_tried_is_not_read(store: Engine) -> None:
    """Without any attempt there is nothing to count, and the coverage says so."""
    fill(store)
    with writing(store) as connection:
        mine = select(Step.id).where(Step.environment_id == SANDBOX)
        connection.execute(delete(StepSource).where(StepSource.step_id.in_(mine)))
        connection.execute(delete(Step).where(Step.environment_id == SANDBOX))
    with reading(store) as connection:
        sandbox = environments(connection, moment(3)).set_index("environment_id").loc[SANDBOX]

    assert sandbox["coverage"] == "not_read"
    assert pd.isna(sandbox["flows"])
    assert pd.isna(sandbox["read_whole_at"])


def test_what_could_not_be_read_is_told_with_its_reason(tenant: Connection) -> None:
    """The latest attempt of each collector counts, and where it was whole nothing is told."""
    first, third = environments(tenant, moment(1)), environments(tenant, moment(3))
    gaps = environment_gaps(tenant, moment(3))

    assert first["unread"].tolist() == [[], [], []]
    assert first["coverage"].tolist() == ["complete"] * 3
    assert third["unread"].tolist() == [[f"flows, dataverse: {NO_USER}"], []]
    assert third["coverage"].tolist() == ["partial", "complete"]
    assert gaps.to_dict("records") == [
        {
            "environment_id": FINANCE,
            "environment": "Finance",
            "collector": "flows",
            "source": "dataverse",
            "outcome": "refused",
            "reason": NO_USER,
        }
    ]


def test_a_step_that_broke_is_told_even_though_its_source_was_read(tenant: Connection) -> None:
    """At run 2 the connections of Trial came in a form nobody expected."""
    gaps = environment_gaps(tenant, moment(2)).set_index("environment")

    assert gaps.loc["Trial", "outcome"] == "failed"
    assert "not in the expected form" in str(gaps.loc["Trial", "reason"])


def test_the_last_complete_read_is_that_of_the_oldest_part(tenant: Connection) -> None:
    """Flows of Finance were last read whole at run 1; apps of Sandbox at run 2, the rest later."""
    told = environments(tenant, moment(3)).set_index("name")["read_whole_at"]

    assert told.to_dict() == {"Finance": RUN_TIMES[0], "Sandbox": RUN_TIMES[1]}


def test_environments_that_are_not_there_leave_the_columns(
    tenant: Connection, nothing: Connection
) -> None:
    """A store without environments has empty frames of the same columns and types."""
    for query in (environments, environment_gaps):
        none = query(nothing, moment(1))
        assert none.empty
        assert none.dtypes.equals(query(tenant, moment(3)).dtypes)
