"""Spreading the store over a cluster: what is asked of Citus, and what is said where there is none.

No cluster is at hand: functions of the test's own, named and called like those of Citus, note what
they are asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, UniqueConstraint, text

from connectory.cli import cli
from connectory.database import reading, writing
from connectory.distributing import dimensions, distribute, facts
from models import Base

FACTS = {
    "invocations",
    "usage_callers",
    "usage_connections",
    "usage_daily",
    "usage_days",
    "usage_hourly",
    "usage_minutes",
    "usage_operations",
}
LIKE_CITUS = """
    CREATE TABLE asked (number bigserial, what text, name text, by_column text, beside text);
    CREATE TABLE spread (table_name regclass PRIMARY KEY, citus_table_type text);
    CREATE VIEW citus_tables AS SELECT * FROM spread;
    CREATE FUNCTION create_distributed_table(
        table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash',
        colocate_with text DEFAULT 'default'
    ) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO spread VALUES (table_name, 'distributed');
        INSERT INTO asked (what, name, by_column, beside)
            VALUES ('distribute', table_name::text, distribution_column, colocate_with);
    END $$;
    CREATE FUNCTION create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO spread VALUES (table_name, 'reference');
        INSERT INTO asked (what, name) VALUES ('everywhere', table_name::text);
    END $$;
    CREATE FUNCTION truncate_local_data_after_distributing_table(table_name regclass)
    RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM spread s WHERE s.table_name = $1) THEN
            RAISE EXCEPTION 'it was not distributed';
        END IF;
        EXECUTE 'TRUNCATE ' || table_name::text || ' CASCADE';
        INSERT INTO asked (what, name) VALUES ('truncate', table_name::text);
    END $$;
"""


SERVER = pytest.mark.parametrize(
    "store", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


@pytest.fixture
def clustered(store: Engine) -> Engine:
    """A real PostgreSQL with functions in place of those of Citus."""
    with writing(store) as connection:
        connection.exec_driver_sql(LIKE_CITUS)
    return store


def asked(engine: Engine) -> list[Any]:
    """Return what was asked, in order."""
    with reading(engine) as connection:
        query = "SELECT what, name, by_column, beside FROM asked ORDER BY number"
        return [tuple(row) for row in connection.execute(text(query))]


# --- what the tables promise


def test_facts_are_the_tables_of_calls() -> None:
    """Each table is either spread or stands on each machine."""
    assert {table.name for table in facts()} == FACTS
    assert {table.name for table in dimensions()} == set(Base.metadata.tables) - FACTS


@pytest.mark.parametrize("table", facts(), ids=lambda table: str(table.name))
def test_every_key_of_a_fact_holds_the_target(table: Any) -> None:
    """A cluster can tell that a row is the only one where all rows it may equal lie together."""
    unique = [index.columns for index in table.indexes if index.unique]
    unique += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]

    for columns in [table.primary_key.columns, *unique]:
        assert "target_id" in {column.name for column in columns}


def test_nothing_refers_to_facts_and_they_refer_to_nothing() -> None:
    """What lies on one machine cannot hold a row of another one."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            assert table.name not in FACTS
            assert key.column.table.name not in FACTS


# --- what is asked of a cluster


@SERVER
def test_a_cluster_is_asked_for_each_table_once(clustered: Engine) -> None:
    """Dimensions first, each after what it refers to; facts by target, all beside the first."""
    told = distribute(clustered, lambda _: True)

    calls = asked(clustered)
    everywhere = [name for what, name, *_ in calls if what == "everywhere"]
    spread = [call for call in calls if call[0] == "distribute"]
    assert calls[: len(everywhere)] == [("everywhere", name, None, None) for name in everywhere]
    assert set(everywhere) == set(Base.metadata.tables) - FACTS
    assert {name for _, name, *_ in spread} == FACTS
    assert {by for *_, by, _ in spread} == {"target_id"}
    first = spread[0][1]
    assert [beside for *_, beside in spread] == ["none", *[first] * (len(FACTS) - 1)]
    for table in dimensions():
        for key in table.foreign_keys:
            other = key.column.table.name
            assert everywhere.index(other) <= everywhere.index(table.name)
    assert (set(told.distributed), set(told.reference)) == (FACTS, set(everywhere))
    assert told.refusal is None


@SERVER
def test_a_second_run_asks_for_nothing(clustered: Engine) -> None:
    """Since everything is spread."""
    distribute(clustered, lambda _: True)
    before = asked(clustered)

    told = distribute(clustered, lambda _: True)

    assert (told.distributed, told.reference, told.refusal) == ((), (), None)
    assert asked(clustered) == before


@SERVER
def test_what_broke_off_is_carried_on(clustered: Engine) -> None:
    """Tables that are spread stay so, and what is left of them on this server goes."""
    with writing(clustered) as connection:
        connection.execute(text("SELECT create_reference_table('call_callers')"))
        connection.execute(text("SELECT create_distributed_table('invocations', 'target_id')"))
        connection.execute(text("DELETE FROM asked"))

    told = distribute(clustered, lambda _: True)

    assert "invocations" not in told.distributed
    assert "call_callers" not in told.reference
    calls = asked(clustered)
    assert {beside for what, *_, beside in calls if what == "distribute"} == {"invocations"}
    assert [name for what, name, *_ in calls if what == "truncate"] == ["call_callers"]
    assert len({name for what, name, *_ in calls if what != "truncate"}) + 2 == len(
        Base.metadata.tables
    )


@SERVER
def test_rows_of_partitions_count_as_left(clustered: Engine) -> None:
    """A table in partitions holds nothing itself."""
    with writing(clustered) as connection:
        connection.exec_driver_sql(
            "CREATE TABLE invocations_2026_11_20 PARTITION OF invocations "
            "FOR VALUES FROM ('2026-11-20') TO ('2026-11-21')"
        )
        connection.exec_driver_sql(
            "INSERT INTO invocations (day, target_id, event_key, endpoint_id, consumer_id, "
            "caller_id, connection_id, retries, weight) "
            "VALUES ('2026-11-20', 1, '\\x00', 1, 1, 1, 1, 0, 1)"
        )

    distribute(clustered, lambda _: True)

    gone = [name for what, name, *_ in asked(clustered) if what == "truncate"]
    assert gone == ["invocations", "call_callers"]


# --- where there is no cluster


def test_elsewhere_nothing_is_done_and_said_why(store: Engine, tmp_path: Path) -> None:
    """One line, with what it would need; that is no failure."""
    place = tmp_path / "config.toml"
    url = store.url.render_as_string(hide_password=False)
    place.write_text(f'[database]\nurl = "{url}"\n')

    ended = CliRunner().invoke(cli, ["--config", str(place), "db", "distribute"])

    assert ended.exit_code == 0, ended.output
    (line,) = ended.output.splitlines()
    assert line.startswith("nothing was done: ")
    needed = "CREATE EXTENSION citus" if store.dialect.name == "postgresql" else "PostgreSQL server"
    assert needed in line
