"""Spread the store over several machines, where the server can: PostgreSQL with Citus.

What logs tell of calls is spread by the target that was called, so that all of one target lies on
one machine; every other table is small and stands whole on each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, Table, TextClause, text

from connectory.database import writing
from models import Base

BY: Final = "target_id"
Asking = Callable[[Connection], bool]
_ONE_FILE: Final = (
    "the store is SQLite, which lies in one file; a store on several machines needs "
    "database.url to name a PostgreSQL server with the extension citus"
)
_NO_CITUS: Final = (
    "this database has no extension citus, so all of it lies on one server; "
    "where the server offers it, run: CREATE EXTENSION citus"
)
_DISTRIBUTED: Final = text(
    "SELECT create_distributed_table(CAST(:name AS regclass), :by, colocate_with => :beside)"
)
_REFERENCE: Final = text("SELECT create_reference_table(CAST(:name AS regclass))")
_TRUNCATE: Final = text(
    "SELECT truncate_local_data_after_distributing_table(CAST(:name AS regclass))"
)
_DONE: Final = """
    SELECT CAST(table_name AS text) FROM citus_tables
    WHERE citus_table_type IN ('distributed', 'reference')
"""
# PostgreSQL's own sizes are those of the table on this server; what Citus spread lies elsewhere.
_LEFT: Final = """
    AND pg_relation_size(table_name) + coalesce(
        (SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = table_name), 0
    ) > 0
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """What became of the tables of a store.

    Attributes:
        distributed: Tables that were spread now.
        reference: Tables that were put on each machine now.
        refusal: Why nothing was done, and what it would need.
    """

    distributed: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    refusal: str | None = None


def facts(metadata: MetaData = Base.metadata) -> list[Table]:
    """Return the tables that are spread: those whose key begins with day and target."""
    return [table for table in metadata.sorted_tables if _is_fact(table)]


def dimensions(metadata: MetaData = Base.metadata) -> list[Table]:
    """Return all other tables, each after those it refers to."""
    return [table for table in metadata.sorted_tables if not _is_fact(table)]


def _is_fact(table: Table) -> bool:
    return [column.name for column in table.primary_key.columns][:2] == ["day", BY]


def has_citus(connection: Connection) -> bool:
    """Tell whether the extension is installed in this database."""
    query = text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")
    return bool(connection.scalar(query))


def distribute(engine: Engine, asking: Asking = has_citus) -> Spread:
    """Spread the store, as far as it is not; may be broken off and run again.

    Args:
        engine: The store, at the newest schema.
        asking: Tells whether the database has Citus.
    """
    if engine.dialect.name != "postgresql":
        return Spread(refusal=_ONE_FILE)
    with engine.connect() as connection:
        if not asking(connection):
            return Spread(refusal=_NO_CITUS)
        done = _names(connection, _DONE)
    # A table that is on each machine may refer only to others that are: those come first. Citus
    # mixes no conversions of both kinds in one transaction: each has its own.
    reference = [table.name for table in dimensions() if table.name not in done]
    for name in reference:
        _run(engine, _REFERENCE, name=name)
    spread = [table.name for table in facts()]
    first = spread[0]
    distributed = [name for name in spread if name not in done]
    for name in distributed:
        _run(engine, _DISTRIBUTED, name=name, by=BY, beside="none" if name == first else first)
    # What tables held was copied, and still lies unseen where it lay. What is referred to goes last.
    with engine.connect() as connection:
        left = _names(connection, _DONE + _LEFT)
    for name in [*spread, *(table.name for table in reversed(dimensions()))]:
        if name in left:
            _run(engine, _TRUNCATE, name=name)
    return Spread(tuple(distributed), tuple(reference))


def _names(connection: Connection, query: str) -> set[str]:
    return set(connection.scalars(text(query)))


def _run(engine: Engine, statement: TextClause, **values: str) -> None:
    with writing(engine) as connection:
        connection.execute(statement, values)
