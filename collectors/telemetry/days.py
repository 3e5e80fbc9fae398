"""Days of calls: where their rows lie, and when no more may be added.

On PostgreSQL a day is a partition of ``invocations``: made before its first row, dropped whole once
it has expired. On SQLite its rows are deleted in portions, so that no reader waits long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Final, cast

from sqlalchemy import Connection, Table, func, select, text, update

from models import Invocation, UsageTarget

_INVOCATIONS = cast("Table", Invocation.__table__)
_DAYS = cast("Table", UsageTarget.__table__)
_PORTION: Final = 50_000
_ROOM: Final = 0x636F6E6E63616C6C
"""Names the lock under which partitions are made."""
Writing = Callable[[], AbstractContextManager[Connection]]


def partition(day: date) -> str:
    """Return the name of the partition of a day."""
    return f"invocations_{day:%Y_%m_%d}"


def make_room(connection: Connection, days: Iterable[date]) -> None:
    """Make sure that rows of these days have somewhere to lie."""
    if connection.dialect.name != "postgresql":
        return
    wanted = {partition(day): day for day in days}
    there = text(
        "SELECT name FROM unnest(CAST(:names AS text[])) name WHERE to_regclass(name) IS NOT NULL"
    )
    known = set(connection.scalars(there, {"names": sorted(wanted)}))
    if known >= wanted.keys():
        return
    # Several sources may meet a new day at once, and IF NOT EXISTS alone does not keep them apart.
    connection.execute(select(func.pg_advisory_xact_lock(_ROOM)))
    for name, day in sorted(wanted.items()):
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF invocations "
            f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )


def sealed(connection: Connection, days: Iterable[date]) -> set[tuple[date, int]]:
    """Return which of these days are sealed, with the target."""
    table = _DAYS.c
    query = select(table.day, table.target_id).where(table.day.in_(sorted(set(days))), table.sealed)
    return {(row[0], row[1]) for row in connection.execute(query)}


def purge(writing: Writing, before: date) -> int:
    """Seal every day before one and drop its raw calls; figures stay. Return how many were sealed.

    What a purge that broke off had sealed and not dropped yet is dropped as well.

    Args:
        writing: Opens a writing transaction.
        before: First day that is kept.
    """
    table = _DAYS.c
    with writing() as connection:
        query = select(table.day).where(table.day < before, ~table.sealed).distinct()
        days = set(connection.scalars(query))
        connection.execute(
            update(_DAYS).where(table.day < before, ~table.sealed).values(sealed=True)
        )
        old = _there(connection, before)
    for day in old:
        _drop(writing, day)
    return len(days)


def _there(connection: Connection, before: date) -> list[date]:
    """Return the days before one that raw calls, or on PostgreSQL a partition, are there of."""
    if connection.dialect.name != "postgresql":
        days = select(_INVOCATIONS.c.day).where(_INVOCATIONS.c.day < before).distinct()
        return sorted(connection.scalars(days))
    names = connection.scalars(
        text(
            "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
            "WHERE inhparent = CAST('invocations' AS regclass)"
        )
    )
    told = [date(*(int(part) for part in name.split("_")[1:])) for name in names]
    return sorted(day for day in told if day < before)


def _drop(writing: Writing, day: date) -> None:
    with writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {partition(day)}")
            return
    while True:
        with writing() as connection:
            gone = connection.execute(
                text(
                    "DELETE FROM invocations WHERE day = :day AND (target_id, event_key) IN "
                    "(SELECT target_id, event_key FROM invocations WHERE day = :day LIMIT :some)"
                ),
                {"day": day.isoformat(), "some": _PORTION},
            ).rowcount
        if gone < _PORTION:
            return
