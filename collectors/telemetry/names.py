"""Ids of what logs name: looked up once, made when first seen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from collectors.versions import chunks

LONGEST = 450
"""Characters of a name that are kept, as many as its column holds."""
_MOST = 100_000
"""Names that are remembered: a log may name any number of callers, memory stays the same."""


def add_missing(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows that are not there; those that are stay as they are."""
    if not rows:
        return
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(make(table).on_conflict_do_nothing(), rows)


class Names:
    """Ids by name of one table that has a column `key`.

    What is remembered is true only once its transaction is committed: call `forget` otherwise.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._ids: dict[str, int] = {}

    def of(self, connection: Connection, names: Sequence[str]) -> list[int]:
        """Return the id of each of some names, which are cut to what its column holds."""
        try:
            return [self._ids[name] for name in names]
        except KeyError:
            short = [name[:LONGEST] for name in names]
            self._know(connection, set(short))
            return [self._ids[name] for name in short]

    def _know(self, connection: Connection, wanted: set[str]) -> None:
        if len(self._ids) > _MOST:
            self._ids.clear()
        unknown = sorted(wanted - self._ids.keys())
        for some in chunks(unknown):
            add_missing(connection, self._table, [{"key": name} for name in some])
            query = select(self._table.c.key, self._table.c.id).where(self._table.c.key.in_(some))
            self._ids.update((row[0], row[1]) for row in connection.execute(query))

    def forget(self) -> None:
        """Remember nothing: what was made was rolled back."""
        self._ids.clear()
