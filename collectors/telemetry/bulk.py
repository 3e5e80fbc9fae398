"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite, both in a transaction.

Both databases run the same upsert; they differ in how rows get to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table

Rows = Sequence[tuple[Any, ...]]


def insert(connection: Connection, table: Table, columns: Sequence[str], rows: Rows) -> None:
    """Insert rows that are not there.

    Args:
        connection: Open writing transaction.
        table: Where to.
        columns: Columns in the order of the values.
        rows: Values as the database's own driver takes them.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, columns, rows)
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - names of ours
        list(rows),
    )


def upsert(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Rows,
    *,
    key: Sequence[str],
    changes: Mapping[str, str],
) -> None:
    """Insert rows, or change those that are there.

    Args:
        connection: Open writing transaction.
        table: Where to.
        columns: Columns in the order of the values.
        rows: Values as the database's own driver takes them, each key once.
        key: Columns that identify a row.
        changes: By column what becomes of it: add, most, or replace.
    """
    if not rows:
        return
    action = ", ".join(_change(connection, table.name, name, how) for name, how in changes.items())
    names = ", ".join(columns)
    conflict = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {action}"
    if connection.dialect.name == "postgresql":
        staging = f"staged_{table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS {staging} (LIKE {table.name}) ON COMMIT DELETE ROWS"
        )
        _copy(connection, staging, columns, rows)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staging} {conflict}"  # noqa: S608
        )
        connection.exec_driver_sql(f"TRUNCATE {staging}")
        return
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {conflict}",  # noqa: S608
        list(rows),
    )


def held(
    connection: Connection,
    table: Table,
    third: str,
    keys: Sequence[tuple[Any, int, Any]],
    more: Sequence[str] = (),
) -> Iterator[tuple[Any, ...]]:
    """Yield what a table of calls holds under some keys: the key, then further columns.

    One statement for any number of keys, which are looked up by the primary key one by one.

    Args:
        connection: Open writing transaction.
        table: A table whose primary key is day, target_id and a third column.
        third: That column.
        keys: Day, target and third value, as the database's own driver takes them.
        more: Further columns.
    """
    columns = ", ".join(f"held.{name}" for name in ("day", "target_id", third, *more))
    same = " AND ".join(f"held.{name} = wanted.{name}" for name in ("day", "target_id", third))
    if connection.dialect.name == "postgresql":
        kind = "bytea" if isinstance(table.c[third].type, LargeBinary) else "bigint"
        query = (
            f"SELECT {columns} FROM unnest(%s::date[], %s::bigint[], %s::{kind}[]) "  # noqa: S608
            f"AS wanted (day, target_id, {third}) JOIN {table.name} held ON {same}"
        )
        arrays = tuple(list(column) for column in zip(*keys, strict=True))
        yield from connection.exec_driver_sql(query, arrays) if keys else ()
        return
    wanted = f"wanted_{table.name}"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE IF NOT EXISTS {wanted} (day, target_id, {third})"
    )
    connection.exec_driver_sql(f"DELETE FROM {wanted}")  # noqa: S608
    if keys:
        connection.exec_driver_sql(f"INSERT INTO {wanted} VALUES (?, ?, ?)", list(keys))  # noqa: S608
    # The order of a cross join is kept: each wanted key is looked up, and no table is read whole.
    yield from connection.exec_driver_sql(
        f"SELECT {columns} FROM {wanted} wanted CROSS JOIN {table.name} held ON {same}"  # noqa: S608
    )


def _change(connection: Connection, table: str, column: str, how: str) -> str:
    most = "GREATEST" if connection.dialect.name == "postgresql" else "MAX"
    told = {
        "add": f"{table}.{column} + excluded.{column}",
        "most": f"{most}({table}.{column}, excluded.{column})",
        "replace": f"excluded.{column}",
    }
    return f"{column} = {told[how]}"


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
