"""How far the audit log was read: its blobs, and the stretches of time that are whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select, update

from collectors.store import StepStore
from collectors.versions import chunks
from connectory.domain.stretches import Stretch
from models import AuditBlob, AuditSpan

_BLOBS = cast("Table", AuditBlob.__table__)
_SPANS = cast("Table", AuditSpan.__table__)
_REMEMBERED = timedelta(days=15)
"""Twice as long as a blob is ever listed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of which every blob was read."""

    id: int
    to_at: datetime


def last_span(store: StepStore) -> Span | None:
    """Return the latest stretch that was read."""
    query = select(_SPANS.c.id, _SPANS.c.to_at).order_by(_SPANS.c.to_at.desc()).limit(1)
    with store.looking() as connection:
        row = connection.execute(query).first()
    return Span(row.id, row.to_at) if row else None


def spans(store: StepStore) -> list[Stretch]:
    """Return every stretch that was read, the oldest first."""
    query = select(_SPANS.c.from_at, _SPANS.c.to_at).order_by(_SPANS.c.from_at)
    with store.looking() as connection:
        return [(row.from_at, row.to_at) for row in connection.execute(query)]


def extend(store: StepStore, span: Span | None, from_at: datetime, to_at: datetime) -> Span:
    """Let a stretch reach further, or begin a new one.

    Args:
        store: Store of the step.
        span: The stretch so far; None begins one.
        from_at: Where a new one begins.
        to_at: Up to where everything was read; never moves a stretch back.
    """
    with store.writing() as connection:
        if span is None:
            values = {"from_at": from_at, "to_at": to_at, "run_id": store.run_id}
            made = connection.scalar(insert(_SPANS).values(values).returning(_SPANS.c.id))
            return Span(cast("int", made), to_at)
        if to_at <= span.to_at:
            return span
        connection.execute(
            update(_SPANS).where(_SPANS.c.id == span.id).values(to_at=to_at, run_id=store.run_id)
        )
        connection.execute(
            delete(_BLOBS).where(
                _BLOBS.c.state == "read", _BLOBS.c.created_at < to_at - _REMEMBERED
            )
        )
    return Span(span.id, to_at)


def known_blobs(store: StepStore, ids: Sequence[str]) -> set[str]:
    """Return which of these blobs were read, or expired before they could be."""
    found: set[str] = set()
    with store.looking() as connection:
        for some in chunks(ids):
            query = select(_BLOBS.c.content_id).where(_BLOBS.c.content_id.in_(some))
            found.update(connection.scalars(query))
    return found


def note_blobs(
    connection: Connection, run_id: int, blobs: Sequence[tuple[str, datetime, str, int]]
) -> None:
    """Note what became of blobs: id, when each was made, its state, and how many records it held."""
    rows = [
        {
            "content_id": identity,
            "created_at": made,
            "state": state,
            "records": records,
            "run_id": run_id,
        }
        for identity, made, state, records in blobs
    ]
    if rows:
        connection.execute(insert(_BLOBS), rows)
