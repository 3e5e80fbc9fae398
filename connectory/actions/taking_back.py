"""Taking messages back that have not gone out, because what they ask is not asked any more."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, Table, insert, update

from models import OutboxEvent, OutboxMessage

OUTBOX = cast("Table", OutboxMessage.__table__)
_EVENTS = cast("Table", OutboxEvent.__table__)


def take_back(
    connection: Connection, which: ColumnElement[bool], why: str, *, actor: str, now: datetime
) -> int:
    """Decide that messages are not sent; return how many of them still waited.

    Args:
        connection: Open transaction that writes.
        which: Condition on `OUTBOX`.
        why: Why they are not.
        actor: Who decides, a person or a process.
        now: The time it is.
    """
    changed = connection.scalars(
        update(OUTBOX)
        .where(which, OUTBOX.c.state.in_(["held", "queued"]))
        .values(state="cancelled", reason=why, settled_at=now, claimed_by=None, claimed_until=None)
        .returning(OUTBOX.c.id)
    ).all()
    rows = [
        {"outbox_id": one, "at": now, "state": "cancelled", "told": why, "actor": actor}
        for one in changed
    ]
    if rows:
        connection.execute(insert(_EVENTS), rows)
    return len(rows)
