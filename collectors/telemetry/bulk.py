"""Many rows at once: COPY and arrays on PostgreSQL, one prepared statement on SQLite.

Both databases run the same upsert; they differ in how rows get to it. A key is looked up by its
index one by one, however many are asked for: no plan may read a whole day for a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Table

from collectors.telemetry.columns import (
    Columns,
    Packed,
    PackedDumper,
    arrays,
    copied,
    for_sqlite,
)
from collectors.telemetry.groups import LARGEST_SUM

_AT_ONCE: Final = 10_000
"""Rows that are objects of Python at a time."""
_FIRST_MOST: Final = "excluded.{1} > {0}.{1} OR (excluded.{1} = {0}.{1} AND excluded.{2} < {0}.{2})"


def insert(connection: Connection, table: Table, columns: Any) -> None:
    """Insert rows that are not there.

    Args:
        connection: Open writing transaction.
        table: Where to.
        columns: Whole numbers, days as such since 1970, or keys of one length.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for part in copied(table, columns):
                copy.write(part)
        return
    _many(connection, table, columns)


def upsert(
    connection: Connection,
    table: Table,
    columns: Columns,
    changes: Mapping[str, str],
    first_most: Sequence[str] = (),
) -> None:
    """Insert rows, or change those that are there.

    Args:
        connection: Open writing transaction.
        table: Where to.
        columns: Values by column, each primary key once; best in the order of the key.
        changes: By column what becomes of it: add, bounded (`LARGEST_SUM` at most), most, or replace.
        first_most: Two columns; a row is only changed for more of the first, or as much of it at
            less of the second.
    """
    names = ", ".join(columns)
    key = ", ".join(column.name for column in table.primary_key)
    action = ", ".join(_change(connection, table.name, name, how) for name, how in changes.items())
    conflict = f"ON CONFLICT ({key}) DO UPDATE SET {action}"
    if first_most:
        conflict += f" WHERE {_FIRST_MOST.format(table.name, *first_most)}"
    if connection.dialect.name == "postgresql":
        marks, values = arrays(table, columns)
        # The condition keeps the parser from taking ON for that of a join.
        statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({marks}) WHERE true {conflict}"  # noqa: S608
        _execute(connection, statement, values)
        return
    _many(connection, table, columns, conflict)


def looked_up(
    connection: Connection, table: Table, wanted: Columns, what: str, where: str
) -> list[Any]:
    """Return for each of some keys what a table holds of it, None if nothing.

    Args:
        connection: Open writing transaction.
        table: A table of calls or of what they add up to.
        wanted: The keys, by column of the table.
        what: What is returned of a row `held`.
        where: How `held` and `wanted` belong together; the first row that does is taken.
    """
    source, values = _wanted(connection, table, wanted)
    found = f"SELECT {what} FROM {table.name} held WHERE {where} LIMIT 1"  # noqa: S608
    query = f"SELECT ({found}) FROM {source} ORDER BY place"  # noqa: S608
    return [row[0] for row in _execute(connection, query, values).all()]


def added_up(
    connection: Connection, table: Table, wanted: Columns, figures: Sequence[str], where: str
) -> list[Any]:
    """Return sums over what a table holds of some keys: place of the key, a column, and its sum.

    Args:
        connection: Open writing transaction.
        table: A table of calls.
        wanted: The keys, by column of the table.
        figures: The column whose values stand apart, and the one that is added up.
        where: How `held` and `wanted` belong together.
    """
    source, values = _wanted(connection, table, wanted)
    apart, summed = (f"held.{name}" for name in figures)
    if connection.dialect.name == "postgresql":
        query = (
            f"SELECT place - 1, found.* FROM {source} CROSS JOIN LATERAL "  # noqa: S608
            f"(SELECT {apart}, sum({summed})::bigint FROM {table.name} held WHERE {where} "
            f"GROUP BY {apart}) AS found"
        )
    else:
        # The order of a cross join is kept: each key is looked up, and no table is read whole.
        query = (
            f"SELECT place - 1, {apart}, sum({summed}) FROM {source} "  # noqa: S608
            f"CROSS JOIN {table.name} held WHERE {where} GROUP BY place, {apart}"
        )
    return list(_execute(connection, query, values).all())


def _wanted(connection: Connection, table: Table, wanted: Columns) -> tuple[str, tuple[Any, ...]]:
    """Return what to select keys from, with their place from 1 on, and its parameters."""
    names = ", ".join(wanted)
    if connection.dialect.name == "postgresql":
        marks, values = arrays(table, wanted)
        return f"unnest({marks}) WITH ORDINALITY AS wanted ({names}, place)", values
    name = f"wanted_{'_'.join(wanted)}"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE IF NOT EXISTS {name} (place INTEGER PRIMARY KEY, {names})"
    )
    connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
    _many(connection, table, wanted, into=name)
    return f"{name} AS wanted", ()


def _execute(connection: Connection, statement: str, values: tuple[Any, ...]) -> Any:
    """Run a statement whose parameters, if it has any, are arrays."""
    if not values:
        return connection.exec_driver_sql(statement)
    driver: Any = connection.connection.driver_connection
    driver.adapters.register_dumper(Packed, PackedDumper)
    return connection.exec_driver_sql(statement, values)


def _many(
    connection: Connection, table: Table, columns: Columns, further: str = "", into: str = ""
) -> None:
    """Insert rows; what is the same in all of them stands in the statement and is bound in none."""
    size = len(next(iter(columns.values())))
    for start in range(0, size, _AT_ONCE):
        part = {name: column[start : start + _AT_ONCE] for name, column in columns.items()}
        _some(connection, table, part, further, into or table.name)


def _some(connection: Connection, table: Table, columns: Columns, further: str, into: str) -> None:
    told = dict(zip(columns, for_sqlite(table, columns), strict=True))
    same = {name: value for name, values in told.items() if (value := _same(values)) is not None}
    if len(same) == len(told):
        same.popitem()
    marks = ", ".join(same.get(name, "?") for name in told)
    statement = f"INSERT INTO {into} ({', '.join(told)}) VALUES ({marks}) {further}"  # noqa: S608
    varied = [values for name, values in told.items() if name not in same]
    driver: Any = connection.connection.driver_connection
    driver.executemany(statement, zip(*varied, strict=True))


def _same(values: list[Any]) -> str | None:
    """Return the whole number or day that all values are, as SQL; None if they are not."""
    first = values[0]
    if first != values[-1] or not isinstance(first, (int, str)):
        return None
    if values.count(first) < len(values):
        return None
    return f"'{date.fromisoformat(first)}'" if isinstance(first, str) else str(first)


def _change(connection: Connection, table: str, column: str, how: str) -> str:
    postgresql = connection.dialect.name == "postgresql"
    most, least = ("GREATEST", "LEAST") if postgresql else ("MAX", "MIN")
    told = {
        "add": f"{table}.{column} + excluded.{column}",
        "bounded": f"{least}({table}.{column} + excluded.{column}, {LARGEST_SUM})",
        "most": f"{most}({table}.{column}, excluded.{column})",
        "replace": f"excluded.{column}",
    }
    return f"{column} = {told[how]}"
