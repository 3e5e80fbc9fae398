"""The outbox: what is to be sent is written down first, and every decision about it is kept.

Sending is `deliver`; here letters are queued, and people release, cancel and resend.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Connection, Engine, Table, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connectory.database import writing
from connectory.domain.mailing import RESENDABLE, State
from connectory.domain.one_line import one_line
from connectory.mail_settings import is_plain_address
from connectory.queries.drift_facts import chunked
from connectory.reports.bouncing import Bounce, bounced
from connectory.reports.delivering import Delivered, deliver
from connectory.reports.letter import Letter
from connectory.reports.mail import domain
from connectory.reports_settings import ReportSettings
from models import OutboxContent, OutboxEvent, OutboxMessage

_OUTBOX = cast("Table", OutboxMessage.__table__)
_CONTENTS = cast("Table", OutboxContent.__table__)
_EVENTS = cast("Table", OutboxEvent.__table__)
_ROWS_AT_ONCE = 200
_LONGEST_KEY = 450
_LONGEST_LABEL = 1000
_LONGEST_SUBJECT = 250


class NotDecided(Exception):
    """What a person asked for cannot be done; the text says why."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of letters that were to be sent.

    Attributes:
        queued: Messages that wait to be sent now.
        held: Messages that a person has to release: the run would have written to too many.
        refused: Messages whose address is none; recorded, never sent.
        already: Letters that had been written down before, or twice in this run.
    """

    queued: int = 0
    held: int = 0
    refused: int = 0
    already: int = 0


def queue(
    engine: Engine,
    letters: Iterable[Letter],
    settings: ReportSettings,
    *,
    now: datetime,
    cap: int | None = None,
) -> Queued:
    """Write letters down to be sent, all in one transaction; nothing is sent here.

    A letter to somebody who has one for the same occasion is left out, so that a run that is
    repeated writes to nobody twice; also where the one before waits for another channel, unless a
    person cancelled it there. If more are new than a run may write
    to, none of them is queued: all are held until a person releases them.

    Args:
        engine: The store.
        letters: What is to be sent.
        settings: Through which channel, and how many a run may write to.
        now: The time it is.
        cap: Another number of people that this run may write to.
    """
    written = list(letters)
    limit = settings.cap_per_run if cap is None else cap
    host = domain(settings)
    unique = {(one.occasion, one.to.recipient): one for one in reversed(written)}
    with writing(engine) as connection:
        taken = _known(connection, {occasion for occasion, _ in unique}, settings.channel)
        fresh = [letter for key, letter in reversed(unique.items()) if key not in taken]
        sendable = [letter for letter in fresh if is_plain_address(letter.to.address)]
        held = len(sendable) > limit
        states: list[tuple[State, str | None]] = []
        for letter in fresh:
            if not is_plain_address(letter.to.address):
                states.append(("refused", "no plain mail address is known of this person"))
            elif held:
                states.append(("held", _too_many(len(sendable), limit)))
            else:
                states.append(("queued", None))
        rows = [
            _row(letter, settings.channel, host, state, reason, now)
            for letter, (state, reason) in zip(fresh, states, strict=True)
        ]
        kept = _insert(connection, rows, fresh)
    counted = [rows[number]["state"] for number in kept]
    return Queued(
        queued=counted.count("queued"),
        held=counted.count("held"),
        refused=counted.count("refused"),
        already=len(written) - len(kept),
    )


def _too_many(people: int, limit: int) -> str:
    return (
        f"its run would have written to {people} people, more than reports.cap_per_run allows "
        f"({limit}); release it if that is meant"
    )


def _known(
    connection: Connection, occasions: Collection[str], channel: str
) -> set[tuple[str, str]]:
    """Return whom something was written down for on these occasions, by occasion."""
    found: set[tuple[str, str]] = set()
    stands = or_(_OUTBOX.c.channel == channel, _OUTBOX.c.state != "cancelled")
    for some in chunked(sorted(occasions), _ROWS_AT_ONCE):
        query = select(_OUTBOX.c.occasion, _OUTBOX.c.recipient).where(
            _OUTBOX.c.occasion.in_(some), stands
        )
        found.update((row.occasion, row.recipient) for row in connection.execute(query))
    return found


def _row(
    letter: Letter, channel: str, host: str, state: State, reason: str | None, now: datetime
) -> dict[str, Any]:
    to = letter.to
    passed = [{"role": one.role, "name": one.name, "why": one.why} for one in to.passed]
    return {
        "occasion": letter.occasion,
        "report": letter.report,
        "recipient": to.recipient[:_LONGEST_KEY],
        "recipient_key": to.key,
        "recipient_name": one_line(to.name, _LONGEST_LABEL),
        "address": one_line(to.address, _LONGEST_LABEL),
        "role": to.role,
        "passed": storable(passed),
        "channel": channel,
        "language": letter.language,
        "subject": one_line(letter.subject, _LONGEST_SUBJECT),
        "message_id": f"<{uuid4().hex}@{host}>",
        "campaign_id": letter.campaign_id,
        "connectors": list(letter.connectors),
        "state": state,
        "reason": reason,
        "tries": 0,
        "not_before": now,
        "queued_at": now,
        "settled_at": now if state == "refused" else None,
    }


def _insert(
    connection: Connection, rows: Sequence[dict[str, Any]], letters: Sequence[Letter]
) -> list[int]:
    """Insert rows with what they say; return the positions of those nobody else inserted first."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    kept: list[int] = []
    for some in chunked(range(len(rows)), _ROWS_AT_ONCE):
        statement = (
            make(_OUTBOX)
            .on_conflict_do_nothing(index_elements=["occasion", "recipient", "channel"])
            .returning(_OUTBOX.c.id, _OUTBOX.c.message_id)
        )
        made = connection.execute(statement, [rows[number] for number in some])
        ids = {row.message_id: row.id for row in made}
        mine = [number for number in some if rows[number]["message_id"] in ids]
        contents = [
            {
                "outbox_id": ids[rows[number]["message_id"]],
                "text": storable(letters[number].text),
                "html": storable(letters[number].html),
                "card": storable(letters[number].card),
            }
            for number in mine
        ]
        if contents:
            connection.execute(insert(_CONTENTS), contents)
        kept += mine
    return kept


def storable(value: Any) -> Any:
    """Return a text, or what JSON holds, without characters that a database refuses."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable(one) for one in value]
    return value


def release(engine: Engine, ids: Collection[int], *, author: str, now: datetime) -> int:
    """Let messages be sent that were held; return how many were.

    Raises:
        NotDecided: Nobody is named, or none of them is held.
    """
    return _decide(engine, ids, {"held"}, "queued", "released", author, now)


def cancel(engine: Engine, ids: Collection[int], *, author: str, now: datetime) -> int:
    """Decide that messages are not sent that wait or are held; return how many are not.

    Raises:
        NotDecided: Nobody is named, or none of them waits.
    """
    return _decide(engine, ids, {"held", "queued"}, "cancelled", "cancelled", author, now)


def resend(engine: Engine, outbox_id: int, *, author: str, now: datetime) -> None:
    """Have a message sent again, under the same Message-ID, although it may have arrived.

    Args:
        engine: The store.
        outbox_id: A message that is uncertain, refused or bounced.
        author: Who decides that.
        now: The time it is.

    Raises:
        NotDecided: Nobody is named, it is in another state, or what it said is forgotten.
    """
    with writing(engine) as connection:
        kept = select(_CONTENTS.c.outbox_id).where(_CONTENTS.c.outbox_id == outbox_id)
        if connection.scalar(kept) is None:
            raise NotDecided(
                f"message {outbox_id} is not there, or what it said is forgotten; "
                "reports.keep_content_days"
            )
    _decide(engine, [outbox_id], RESENDABLE, "queued", "sent again by hand", author, now)


def _decide(
    engine: Engine,
    ids: Collection[int],
    states: Collection[State],
    state: State,
    what: str,
    author: str,
    now: datetime,
) -> int:
    who = one_line(author, 200)
    if not who:
        raise NotDecided("nobody is named who decides it; say who it is")
    values = {
        "state": state,
        "reason": f"{what} by {who}" if state == "cancelled" else None,
        "tries": 0,
        "not_before": now,
        "claimed_by": None,
        "claimed_until": None,
        "settled_at": now if state == "cancelled" else None,
    }
    changed: list[int] = []
    with writing(engine) as connection:
        for some in chunked(sorted(set(ids)), _ROWS_AT_ONCE):
            changed += connection.scalars(
                update(_OUTBOX)
                .where(_OUTBOX.c.id.in_(some), _OUTBOX.c.state.in_(states))
                .values(**values)
                .returning(_OUTBOX.c.id)
            )
        rows = [
            {"outbox_id": one, "at": now, "state": state, "told": what, "actor": who}
            for one in changed
        ]
        if rows:
            connection.execute(insert(_EVENTS), rows)
    if not changed:
        raise NotDecided(
            f"none of these messages is {' or '.join(sorted(states))}; look at the outbox again"
        )
    return len(changed)


__all__ = [
    "Bounce",
    "Delivered",
    "NotDecided",
    "Queued",
    "bounced",
    "cancel",
    "deliver",
    "queue",
    "release",
    "resend",
    "storable",
]
