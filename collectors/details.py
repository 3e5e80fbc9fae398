"""What need not be read again: details that take a request of their own and have not changed.

A list tells when each of its rows last changed (``changedTime``, ``lastModifiedTime``). A detail
read whole at that stamp is known. Roles and members change without moving any stamp; they are
known for `collect.reread_hours` at most. ``--full`` knows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from collectors.contract import StepContext
from collectors.nouns import Noun, fit
from collectors.versions import chunks
from models import DetailRead

Detail = Literal["definition", "roles", "members", "document"]
_READS = cast("Table", DetailRead.__table__)


@dataclass(frozen=True, slots=True)
class Details:
    """One kind of detail of one noun, as far as a step's scope goes.

    Attributes:
        step: The step.
        noun: Whose detail it is.
        detail: Which.
    """

    step: StepContext
    noun: Noun
    detail: Detail

    def unchanged(self, stamps: Mapping[str, Any]) -> dict[str, int]:
        """Return rows that have not changed since this detail was read: surrogate by natural key.

        Args:
            stamps: Change stamp of each row by natural key, as its list tells it now; what is no
                text counts as changed.
        """
        if self.step.settings.full:
            return {}
        entity, found = self.noun.entity, dict[str, int]()
        with self.step.store.looking() as connection:
            for chunk in chunks(list(stamps)):
                query = (
                    select(entity.c.id, entity.c.key, _READS.c.stamp)
                    .join(_READS, _READS.c.entity_id == entity.c.id)
                    .where(*self._mine(), entity.c.key.in_(chunk))
                )
                if self.noun.scoped:
                    query = query.where(entity.c.environment_id == self.step.store.environment_id)
                rows = connection.execute(query)
                found |= {r.key: r.id for r in rows if r.stamp and r.stamp == stamps[r.key]}
        return found

    def recent(self, rows: Sequence[int]) -> set[int]:
        """Return those rows whose detail was read within `collect.reread_hours`.

        Args:
            rows: Surrogate keys.
        """
        settings = self.step.settings
        if settings.full or not settings.reread_hours:
            return set()
        since = self.step.now - timedelta(hours=settings.reread_hours)
        found: set[int] = set()
        with self.step.store.looking() as connection:
            for chunk in chunks(list(rows)):
                query = select(_READS.c.entity_id).where(
                    *self._mine(), _READS.c.entity_id.in_(chunk), _READS.c.read_at > since
                )
                found.update(connection.scalars(query))
        return found

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return (_READS.c.noun == self.noun.name, _READS.c.detail == self.detail)

    def note(self, stamps: Mapping[int, Any]) -> None:
        """Remember that these rows' detail was read whole, at the stamps their list told.

        Call it in the transaction that stores what was read.
        """
        read_at = self.step.now
        rows = [
            {
                "noun": self.noun.name,
                "detail": self.detail,
                "entity_id": row,
                "stamp": fit(_READS.c.stamp, stamp) if isinstance(stamp, str) else None,
                "read_at": read_at,
            }
            for row, stamp in stamps.items()
        ]
        with self.step.store.writing() as connection:
            for chunk in chunks(rows):
                server = connection.dialect.name == "postgresql"
                make = (postgresql.insert if server else sqlite.insert)(_READS)
                fresh = {"stamp": make.excluded.stamp, "read_at": make.excluded.read_at}
                keys = ["noun", "detail", "entity_id"]
                statement = make.on_conflict_do_update(index_elements=keys, set_=fresh)
                connection.execute(statement, chunk)

    def forget(self, rows: Sequence[int]) -> None:
        """Forget rows whose detail another source has told since."""
        with self.step.store.writing() as connection:
            for chunk in chunks(list(rows)):
                mine = (*self._mine(), _READS.c.entity_id.in_(chunk))
                connection.execute(delete(_READS).where(*mine))
