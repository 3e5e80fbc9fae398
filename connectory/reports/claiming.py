"""Claims: one process at a time sends a message, and what it sends is written down before.

A claim is committed, and on disk, before anything leaves. It ends with what came of it. One whose
process is gone is uncertain: the message may have left, so nobody but a person sends it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update

from connectory.database import reading, writing
from connectory.domain.mailing import State
from connectory.domain.one_line import one_line
from connectory.lease import holder_name, is_dead
from connectory.reports.sending import Posting
from connectory.reports_settings import ReportSettings
from models import OutboxContent, OutboxEvent, OutboxMessage

Clock = Callable[[], datetime]

_OUTBOX = cast("Table", OutboxMessage.__table__)
_CONTENTS = cast("Table", OutboxContent.__table__)
_EVENTS = cast("Table", OutboxEvent.__table__)
_MINUTE = timedelta(minutes=1)
_LOCK = text("SELECT pg_advisory_xact_lock(7215406019)")
_LONGEST = 1000
_FINAL = {"sent", "uncertain", "refused", "bounced", "cancelled"}
LOST = "the process that was sending it ended before it wrote down what was answered"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process sends, and nobody else.

    Attributes:
        id: The message.
        claim: Name of the claim; no two are the same.
        until: When it ends, in real time.
        tries: How often sending was begun, this time included.
        posting: What is sent; None if what it said is forgotten.
    """

    id: int
    claim: str
    until: datetime
    tries: int
    posting: Posting | None


def due(engine: Engine, channel: str, now: datetime) -> int:
    """Return how many messages of a channel can be sent now."""
    query = select(func.count()).where(*_due(channel, now))
    with reading(engine) as connection:
        return int(connection.scalar(query) or 0)


def claim(
    engine: Engine, settings: ReportSettings, *, now: datetime, wall: Clock
) -> Claimed | timedelta | None:
    """Claim the message that has waited longest.

    Returns:
        The message; how long to wait first, where as many were sent in the last minute as may be,
        by all processes together; None if nothing is due.
    """
    holder = f"{holder_name()}#{uuid4().hex[:12]}"
    with writing(engine, durable=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        query = (
            select(_OUTBOX)
            .where(*_due(settings.channel, now))
            .order_by(_OUTBOX.c.not_before, _OUTBOX.c.id)
            .limit(1)
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        if settings.channel != "folder" and (wait := _wait(connection, settings, now)):
            return wait
        until = wall() + timedelta(seconds=settings.claim_seconds)
        taken = connection.execute(
            update(_OUTBOX)
            .where(_OUTBOX.c.id == row.id, _OUTBOX.c.state == "queued")
            .values(
                state="sending",
                reason=None,
                tries=row.tries + 1,
                claimed_by=holder,
                claimed_until=until,
            )
        )
        if taken.rowcount != 1:
            return timedelta(0)
        _note(connection, row.id, now, "sending", None, holder)
        content = connection.execute(
            select(_CONTENTS).where(_CONTENTS.c.outbox_id == row.id)
        ).first()
    posting = _posting(row, content, now) if content is not None else None
    return Claimed(row.id, holder, until, row.tries + 1, posting)


def _due(channel: str, now: datetime) -> tuple[Any, ...]:
    return (
        _OUTBOX.c.state == "queued",
        _OUTBOX.c.not_before <= now,
        _OUTBOX.c.channel == channel,
    )


def _wait(connection: Connection, settings: ReportSettings, now: datetime) -> timedelta | None:
    """Return how long to wait until one more may be sent; None if it may be now."""
    begun = connection.scalar(
        select(_EVENTS.c.at)
        .where(_EVENTS.c.state == "sending", _EVENTS.c.at > now - _MINUTE, _EVENTS.c.at <= now)
        .order_by(_EVENTS.c.at.desc())
        .offset(settings.per_minute - 1)
        .limit(1)
    )
    return None if begun is None else max(begun + _MINUTE - now, timedelta(milliseconds=1))


def posting_of(row: Any, content: Any, at: datetime) -> Posting:
    """Return a stored message as a way of sending gets it."""
    return _posting(row, content, at)


def _posting(row: Any, content: Any, at: datetime) -> Posting:
    return Posting(
        message_id=row.message_id,
        report=row.report,
        name=row.recipient_name,
        address=row.address,
        language=row.language,
        subject=row.subject,
        text=content.text,
        html=content.html,
        card=content.card,
        at=at,
    )


def settle(
    engine: Engine,
    claimed: Claimed,
    state: State,
    told: str,
    *,
    now: datetime,
    not_before: datetime | None = None,
    counts: bool = True,
) -> bool:
    """Write down what came of a claim; tell if it still stood.

    One that was given up for lost meanwhile is put right, unless a person has decided since.

    Args:
        engine: The store.
        claimed: The claim.
        state: What the message becomes.
        told: What was answered.
        now: The time it is.
        not_before: When it is tried again, if it is.
        counts: Whether the try counts.
    """
    told = one_line(told, _LONGEST)
    values: dict[str, Any] = {
        "state": state,
        "reason": None if state == "sent" else told,
        "claimed_by": None,
        "claimed_until": None,
        "settled_at": now if state in _FINAL else None,
    }
    if not_before is not None:
        values["not_before"] = not_before
    if not counts:
        values["tries"] = claimed.tries - 1
    with writing(engine) as connection:
        changed = connection.execute(
            update(_OUTBOX)
            .where(
                _OUTBOX.c.id == claimed.id,
                _OUTBOX.c.claimed_by == claimed.claim,
                _OUTBOX.c.state.in_(["sending", "uncertain"]),
            )
            .values(**values)
        )
        stood = changed.rowcount == 1
        late = "" if stood else "too late, it had been decided otherwise: "
        _note(connection, claimed.id, now, state, f"{late}{told}", claimed.claim)
    return stood


def give_up_lost(engine: Engine, *, now: datetime, wall: Clock) -> int:
    """Let messages be uncertain whose process is gone, or said nothing for too long.

    Returns:
        How many were.
    """
    query = select(_OUTBOX.c.id, _OUTBOX.c.claimed_by, _OUTBOX.c.claimed_until).where(
        _OUTBOX.c.state == "sending"
    )
    with reading(engine) as connection:
        lost = [row for row in connection.execute(query) if _is_lost(row, wall())]
    if not lost:
        return 0
    found = 0
    with writing(engine) as connection:
        for row in lost:
            changed = connection.execute(
                update(_OUTBOX)
                .where(
                    _OUTBOX.c.id == row.id,
                    _OUTBOX.c.state == "sending",
                    _OUTBOX.c.claimed_by == row.claimed_by,
                )
                .values(state="uncertain", reason=LOST, settled_at=now)
            )
            if changed.rowcount == 1:
                found += 1
                _note(connection, row.id, now, "uncertain", LOST, holder_name())
    return found


def _is_lost(row: Any, wall: datetime) -> bool:
    return row.claimed_until <= wall or is_dead(row.claimed_by.partition("#")[0])


def explain(engine: Engine, channel: str, reason: str, now: datetime) -> None:
    """Write down at every message that is due why it could not be sent."""
    with writing(engine) as connection:
        connection.execute(
            update(_OUTBOX).where(*_due(channel, now)).values(reason=one_line(reason, _LONGEST))
        )


def forget(engine: Engine, settings: ReportSettings, now: datetime) -> int:
    """Forget what messages said that were settled long ago; return of how many."""
    before = now - timedelta(days=settings.keep_content_days)
    old = select(_OUTBOX.c.id).where(_OUTBOX.c.settled_at < before)
    with writing(engine) as connection:
        gone = connection.execute(delete(_CONTENTS).where(_CONTENTS.c.outbox_id.in_(old)))
    return int(gone.rowcount)


def _note(
    connection: Connection, outbox_id: int, at: datetime, state: State, told: str | None, actor: str
) -> None:
    values = {"outbox_id": outbox_id, "at": at, "state": state, "told": told, "actor": actor}
    connection.execute(insert(_EVENTS).values(**values))
