"""Turn batches of facts into versions, each batch in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    insert,
    select,
    update,
)

from collectors.nouns import Edge, Noun, fit, misfit, storable_key
from collectors.versions import Ledger, chunks


@dataclass(frozen=True, slots=True)
class Kept:
    """One row to keep.

    A value that is absent from `values` was not read and stays as it was; None was read as empty.
    """

    key: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """How many rows a step saw and changed; safe to add to from several threads."""

    seen: int = 0
    changed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *, seen: int = 0, changed: int = 0) -> None:
        """Add to the counts."""
        with self._lock:
            self.seen += seen
            self.changed += changed


class StepStore:
    """Writes the rows of one step, each batch in a transaction of its own.

    Args:
        write: Opens a writing transaction that fails if this step lost its lease.
        run_id: The run the rows belong to.
        environment_id: Surrogate key of the scope; None for the tenant.
        look: Opens a transaction that only reads; by default one that could write.
    """

    def __init__(
        self,
        write: Callable[[], AbstractContextManager[Connection]],
        run_id: int,
        environment_id: int | None,
        *,
        look: Callable[[], AbstractContextManager[Connection]] | None = None,
    ) -> None:
        self.run_id = run_id
        self.environment_id = environment_id
        self.tally = Tally()
        self._open = write
        self._look = look or write
        self._pinned: Connection | None = None
        self.misfits: list[str] = []
        """Values that were left out, since they are not of the kind of their columns."""

    @contextmanager
    def together(self) -> Iterator[Connection]:
        """Make everything written inside one transaction; for one thread only."""
        with self._open() as connection:
            self._pinned = connection
            try:
                yield connection
            finally:
                self._pinned = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a writing transaction that fails if this step lost its lease."""
        if self._pinned is not None:
            yield self._pinned
            return
        with self._open() as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and waits for no writer.

        Inside `together` it is the one already open, so that what was just written is seen.
        """
        if self._pinned is not None:
            yield self._pinned
            return
        with self._look() as connection:
            yield connection

    def keep(
        self,
        noun: Noun,
        rows: Iterable[Kept],
        *,
        source: str | None,
        presence: str = "present",
        reason: str | None = None,
    ) -> dict[str, int]:
        """Store what a source said of some rows.

        Args:
            noun: What the rows are.
            rows: The rows; where a key repeats, later values win.
            source: Who showed them; None for facts that prove no presence of their own.
            presence: What the source says of their presence.
            reason: Why, unless present.

        Returns:
            The surrogate key of each row by its natural key.
        """
        merged: dict[str, dict[str, Any]] = {}
        spelled: dict[str, str] = {}
        for row in rows:
            spelled[row.key] = storable_key(noun, row.key)
            merged.setdefault(spelled[row.key], {}).update(self._fitting(noun, row))
        if not merged:
            return {}
        stated = {"presence": presence, "presence_reason": reason} if source else {}
        with self.writing() as connection:
            ledger = self.ledger(connection)
            ids = ledger.identify(noun, list(merged))
            if source is not None:
                ledger.sight(noun, list(ids.values()), source)
            changed = ledger.revise(
                noun, {ids[key]: {**values, **stated} for key, values in merged.items()}
            )
        self.tally.add(seen=len(merged) if source else 0, changed=changed)
        return {raw: ids[key] for raw, key in spelled.items()}

    def _fitting(self, noun: Noun, row: Kept) -> dict[str, Any]:
        """Return the values of a row but for those that do not fit, which stay as they were."""
        found: dict[str, Any] = {}
        for name, value in row.values.items():
            if reason := misfit(noun.versions.c[name], value):
                self.misfits.append(reason)
            else:
                found[name] = value
        return found

    def within(self, environment_id: int) -> StepStore:
        """Return this store for what lives in one environment; it shares transaction and tally."""
        inner = StepStore(self.writing, self.run_id, environment_id, look=self.looking)
        inner.tally, inner.misfits = self.tally, self.misfits
        return inner

    def note(self, noun: Noun, ids: Sequence[int], source: str, *, whole: bool) -> None:
        """Note that a source shows rows, without taking that for proof that they are there.

        Args:
            noun: What the rows are.
            ids: Their surrogate keys.
            source: Who shows them.
            whole: It showed all it has of this scope, so that it no longer shows any other.
        """
        with self.writing() as connection:
            self.ledger(connection).sight(noun, ids, source)
            if whole:
                self.ledger(connection).unsight(noun, [source])

    def adopt(self, noun: Noun, names: Mapping[str, str]) -> None:
        """Give rows that were known by a provisional key their real one, history included.

        Where both exist already, the provisional row ends as ``gone`` with reason ``merged``.

        Args:
            noun: What the rows are.
            names: Real key by provisional key.
        """
        if not names:
            return
        table = noun.entity
        names = {storable_key(noun, a): storable_key(noun, b) for a, b in names.items()}
        merged = {"presence": "gone", "presence_reason": "merged"}
        with self.writing() as connection:
            ledger = self.ledger(connection)
            known = ledger.known(noun, [*names, *names.values()])
            doubles: dict[int, dict[str, Any]] = {}
            for provisional, real in names.items():
                if provisional in known and real in known:
                    doubles[known[provisional]] = merged
                elif provisional in known:
                    mine = table.c.id == known[provisional]
                    connection.execute(update(table).where(mine).values(key=real))
                    known[real] = known[provisional]
            ledger.revise(noun, doubles)

    def replace_edges(
        self, edge: Edge, parents: Sequence[Any], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        """Make `rows` the edges of `parents`, whose edges were read completely.

        The edges of a parent of which one row does not fit stay as they were, all of them.

        Args:
            edge: Which edges.
            parents: Values of the edge's parent column that were read.
            rows: Every edge these parents have now.
        """
        table = edge.table
        wanted: dict[Any, dict[tuple[Any, ...], dict[str, Any]]] = {}
        odd: set[Any] = set()
        for row in rows:
            lacks = (misfit(table.c[name], row.get(name)) for name in edge.columns)
            if reason := next(filter(None, lacks), None):
                self.misfits.append(reason)
                odd.add(row.get(edge.parent))
                continue
            fitted = {name: fit(table.c[name], row.get(name)) for name in edge.columns}
            key = tuple(fitted[name] for name in edge.key)
            wanted.setdefault(fitted[edge.parent], {})[key] = fitted
        for chunk in chunks([parent for parent in parents if parent not in odd]):
            with self.writing() as connection:
                changed = self._replace_chunk(
                    connection, edge, chunk, {parent: wanted.get(parent, {}) for parent in chunk}
                )
            self.tally.add(changed=changed)

    def _replace_chunk(
        self,
        connection: Connection,
        edge: Edge,
        parents: Sequence[Any],
        wanted: Mapping[Any, dict[tuple[Any, ...], dict[str, Any]]],
    ) -> int:
        table = edge.table
        query = select(table).where(table.c[edge.parent].in_(parents), table.c.to_run.is_(None))
        rows = connection.execute(query).mappings().all()
        # A run that began later may have told something of these parents in between.
        since = max((self.run_id, *(row["from_run"] for row in rows)))
        standing: set[tuple[Any, ...]] = set()
        closing: list[int] = []
        undoing: list[int] = []
        for row in rows:
            key = tuple(row[name] for name in edge.key)
            new = wanted[row[edge.parent]].get(key)
            if new is not None and all(row[name] == new[name] for name in edge.columns):
                standing.add(key)
            else:
                (undoing if row["from_run"] == since else closing).append(row["id"])
        opening = [
            {**row, "from_run": since}
            for edges in wanted.values()
            for key, row in edges.items()
            if key not in standing
        ]
        for ids in chunks(undoing):
            connection.execute(delete(table).where(table.c.id.in_(ids)))
        for ids in chunks(closing):
            mine = table.c.id.in_(ids)
            connection.execute(update(table).where(mine).values(to_run=since))
        if opening:
            connection.execute(insert(table), opening)
        return len(closing) + len(opening)

    def ledger(self, connection: Connection) -> Ledger:
        """Return the ledger of this step in a transaction."""
        return Ledger(connection, self.run_id, self.environment_id)
