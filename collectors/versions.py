"""Inside one transaction: who a row is, who saw it, and which version of it holds now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    insert,
    select,
    update,
)

from collectors.nouns import Noun, fit
from models import Sighting

SIGHTINGS = cast("Table", Sighting.__table__)
_CHUNK = 400


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a sequence into parts that fit the parameters of one statement."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One transaction of a step.

    Attributes:
        connection: The open writing transaction.
        run_id: The run that writes.
        environment_id: Scope of nouns that live in an environment.
    """

    connection: Connection
    run_id: int
    environment_id: int | None

    def known(self, noun: Noun, keys: Sequence[str]) -> dict[str, int]:
        """Return the surrogate keys of those natural keys that exist."""
        table = noun.entity
        found: dict[str, int] = {}
        for chunk in chunks(keys):
            query = select(table.c.key, table.c.id).where(table.c.key.in_(chunk))
            if noun.scoped:
                query = query.where(table.c.environment_id == self.environment_id)
            found.update((row.key, row.id) for row in self.connection.execute(query))
        return found

    def identify(self, noun: Noun, keys: Sequence[str]) -> dict[str, int]:
        """Return the surrogate key of each natural key, made where it did not exist."""
        found = self.known(noun, keys)
        scope = {"environment_id": self.environment_id} if noun.scoped else {}
        fresh = [{"key": key, **scope} for key in keys if key not in found]
        if fresh:
            table = noun.entity
            rows = self.connection.execute(insert(table).returning(table.c.key, table.c.id), fresh)
            found.update((row.key, row.id) for row in rows)
        return found

    def sight(self, noun: Noun, ids: Sequence[int], source: str) -> None:
        """Note that a source showed these rows in this run."""
        table = SIGHTINGS
        for chunk in chunks(ids):
            mine = and_(
                table.c.noun == noun.name,
                table.c.source == source,
                table.c.entity_id.in_(chunk),
                table.c.to_run.is_(None),
            )
            known = set(self.connection.scalars(select(table.c.entity_id).where(mine)))
            if known:
                self.connection.execute(update(table).where(mine).values(last_run=self.run_id))
            fresh = [
                {
                    "noun": noun.name,
                    "source": source,
                    "entity_id": entity,
                    "from_run": self.run_id,
                    "last_run": self.run_id,
                }
                for entity in chunk
                if entity not in known
            ]
            if fresh:
                self.connection.execute(insert(table), fresh)

    def resight(self, noun: Noun, source: str, *, but: Sequence[str]) -> None:
        """Note that a source still shows, in this run, everything that it showed.

        Args:
            noun: What it shows.
            source: Who told that nothing else has changed.
            but: Natural keys of what it no longer shows.
        """
        table = SIGHTINGS
        went = list(self.known(noun, but).values())
        mine = select(noun.entity.c.id).where(self.in_scope(noun), noun.entity.c.id.not_in(went))
        self.connection.execute(
            update(table)
            .where(
                table.c.noun == noun.name,
                table.c.source == source,
                table.c.to_run.is_(None),
                table.c.entity_id.in_(mine),
            )
            .values(last_run=self.run_id)
        )

    def unsight(self, noun: Noun, sources: Sequence[str]) -> None:
        """End the sightings of sources that showed all they have of this scope in this run."""
        table = SIGHTINGS
        mine = select(noun.entity.c.id).where(self.in_scope(noun))
        self.connection.execute(
            update(table)
            .where(
                table.c.noun == noun.name,
                table.c.source.in_(sources),
                table.c.to_run.is_(None),
                table.c.last_run < self.run_id,
                table.c.entity_id.in_(mine),
            )
            .values(to_run=self.run_id)
        )

    def in_scope(self, noun: Noun) -> ColumnElement[bool]:
        """Return the condition that a row lives in this scope; that of a tenant is everything."""
        table = noun.entity
        if noun.scoped and self.environment_id is not None:
            return table.c.environment_id == self.environment_id
        return table.c.id > 0

    def revise(self, noun: Noun, rows: Mapping[int, Mapping[str, Any]]) -> int:
        """Close the open versions that differ from `rows` and open new ones.

        A run keeps at most one version of a row: what it learns later amends its own version. Where
        a run that began later has told something of a row in between, that one's version is
        amended: intervals follow the order in which runs began.

        Returns:
            How many rows changed.
        """
        changed = 0
        for chunk in chunks(list(rows)):
            changed += self._revise_chunk(noun, {entity: rows[entity] for entity in chunk})
        return changed

    def _revise_chunk(self, noun: Noun, rows: Mapping[int, Mapping[str, Any]]) -> int:
        table = noun.versions
        link = table.c[noun.link]
        standing: dict[int, RowMapping] = {
            row[noun.link]: row
            for row in self.connection.execute(
                select(table).where(link.in_(list(rows)), table.c.to_run.is_(None))
            ).mappings()
        }
        closing: list[int] = []
        amending: list[int] = []
        opening: list[dict[str, Any]] = []
        for entity, read in rows.items():
            old = standing.get(entity)
            new = _overlay(noun, old, read)
            if new is None:
                continue
            since = self.run_id if old is None else max(self.run_id, old["from_run"])
            opening.append({**new, noun.link: entity, "from_run": since})
            if old is not None:
                (amending if old["from_run"] == since else closing).append(entity)
        if amending:
            own = and_(link.in_(amending), table.c.to_run.is_(None))
            self.connection.execute(delete(table).where(own))
        if closing:
            ended = and_(link.in_(closing), table.c.to_run.is_(None))
            self.connection.execute(update(table).where(ended).values(to_run=self.run_id))
        if opening:
            self.connection.execute(insert(table), opening)
        return len(opening) - len(amending)


def _overlay(noun: Noun, old: RowMapping | None, read: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the version that follows `old`, or None if nothing differs."""
    table = noun.versions
    fitted = {name: fit(table.c[name], value) for name, value in read.items()}
    if old is None:
        new: dict[str, Any] = {name: noun.defaults.get(name) for name in noun.columns}
        return {**new, "presence": "present", **fitted}
    if all(old[name] == value for name, value in fitted.items()):
        return None
    return {**{name: old[name] for name in noun.columns}, **fitted}
