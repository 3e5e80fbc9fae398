from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from factories import fill, moment
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import sqlite

from connectory.database import reading
from connectory.queries import connectors as connectors_module
from connectory.queries.export import VIEWS

_WIDE = {"content", "connection_parameters", "policies", "script_operations"}


@contextmanager
def replies(connection: Connection) -> Iterator[list[set[str]]]:
    """Record the columns of the reply to each statement sent while the block runs."""
    seen: list[set[str]] = []

    def note(_connection: object, cursor: Any, *_rest: object) -> None:
        seen.append({column[0] for column in cursor.description})

    event.listen(connection, "after_cursor_execute", note)
    yield seen
    event.remove(connection, "after_cursor_execute", note)


def asked(engine: Engine, view: str, run: int) -> list[set[str]]:
    """Return the columns of the replies that a view asks for."""
    with reading(engine) as connection, replies(connection) as seen:
        VIEWS[view](connection, moment(run))
    return seen


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_a_view_asks_as_often_however_many_rows_there_are(
    filled: Engine, blank: Engine, view: str
) -> None:
    """No view asks once a row: with rows and without it sends the same number of statements."""
    asks = len(asked(filled, view, 1))

    assert asks == len(asked(blank, view, 1))
    # Prices stand in a file.
    assert (asks > 0) == (view != "prices")


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_no_list_loads_what_is_wide(filled: Engine, view: str) -> None:
    """Documents and configurations are compared in the store at most, never sent to a list."""
    assert [_WIDE & columns for columns in asked(filled, view, 3) if _WIDE & columns] == []


def test_the_list_of_connectors_looks_nothing_up_by_scanning(sqlite_store: Engine) -> None:
    """What is asked once a connector goes by an index."""
    fill(sqlite_store)
    query = connectors_module._query(3).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with reading(sqlite_store) as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    first = next(n for n, line in enumerate(plan) if line.split()[1] == "connector_versions")
    outer = plan[first:]

    assert len(outer) > 10
    assert [line for line in outer[1:] if line.startswith("SCAN")] == []
