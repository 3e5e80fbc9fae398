"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite, both in a transaction.

Both databases run the same upsert; they differ in how rows get to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

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


def within(
    connection: Connection, column: str, values: Sequence[Any]
) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that a column holds one of some values, and its parameters.

    PostgreSQL takes them as one array, so that its statement stays the same for any number.
    """
    if connection.dialect.name == "postgresql":
        return f"{column} = ANY(%s)", (list(values),)
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(values)


def mark(connection: Connection) -> str:
    """Return what stands for a parameter in a statement for the database's own driver."""
    return "%s" if connection.dialect.name == "postgresql" else "?"


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
