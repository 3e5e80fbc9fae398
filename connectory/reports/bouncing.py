"""Bounces: what came back as undeliverable is recorded at the message that it was.

A delivery report (RFC 3464) is read as any stranger may have written it. It is matched by the
Message-ID of what it returns, which nobody knows but who was sent it; only then its word counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, Table, func, insert, select, update

from connectory.database import writing
from connectory.domain.one_line import one_line
from models import OutboxEvent, OutboxMessage

_OUTBOX = cast("Table", OutboxMessage.__table__)
_EVENTS = cast("Table", OutboxEvent.__table__)
_LARGEST: Final = 10 * 2**20
_MOST_PARTS: Final = 100
_LONGEST: Final = 1000
_ID: Final = re.compile(r"<[^<>\s]{1,900}>")
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_OPEN: Final = ("sent", "uncertain", "sending")


class NotABounce(Exception):
    """What was read is no delivery report, or of no message of ours; the text says which."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of one of our messages.

    Attributes:
        outbox_id: The message.
        failed: Whether it could not be delivered; else it is late, or only told about.
        changed: Whether the message became bounced by this.
        told: Status and the words of the server that refused it.
    """

    outbox_id: int
    failed: bool
    changed: bool
    told: str


def bounced(engine: Engine, raw: bytes, *, actor: str, now: datetime) -> Bounce:
    """Record what a delivery report says.

    Args:
        engine: The store.
        raw: The report as it came by mail.
        actor: Who or what hands it in.
        now: The time it is.

    Raises:
        NotABounce: It is none, or of no message of ours.
    """
    action, told, ids, token = _read(raw)
    with writing(engine) as connection:
        found = _matched(connection, ids, token)
        if found is None:
            raise NotABounce("a delivery report, but of no message of this outbox")
        failed = action == "failed"
        changed = 0
        if failed:
            changed = connection.execute(
                update(_OUTBOX)
                .where(_OUTBOX.c.id == found.id, _OUTBOX.c.state.in_(_OPEN))
                .values(state="bounced", reason=told, settled_at=now, claimed_until=None)
            ).rowcount
        state = "bounced" if changed else found.state
        values = {"outbox_id": found.id, "at": now, "state": state, "told": f"{action}: {told}"}
        connection.execute(insert(_EVENTS).values(**values, actor=one_line(actor, 200)))
    return Bounce(found.id, failed, bool(changed), told)


def _matched(connection: Connection, ids: list[str], token: str | None) -> Any:
    """Return the message a report is of: by what it returns, else by our name of it."""
    columns = select(_OUTBOX.c.id, _OUTBOX.c.state)
    row = connection.execute(columns.where(_OUTBOX.c.message_id.in_(ids))).first() if ids else None
    if row is None and token is not None:
        named = func.substr(_OUTBOX.c.message_id, 2, len(token)) == token
        row = connection.execute(columns.where(named)).first()
    return row


def _read(raw: bytes) -> tuple[str, str, list[str], str | None]:
    """Return action, words, Message-IDs and our own name of the message, from a report.

    Raises:
        NotABounce: It is none.
    """
    if len(raw) > _LARGEST:
        raise NotABounce(f"larger than {_LARGEST // 2**20} MB; a delivery report is small")
    try:
        report = message_from_bytes(raw)
        parts = [part for _, part in zip(range(_MOST_PARTS), report.walk(), strict=False)]
        blocks = [
            block
            for part in parts
            if part.get_content_type() == "message/delivery-status"
            for block in _blocks(part)
        ]
        ids = [*_returned(parts), *_ids(report, "In-Reply-To", "References", "X-Failed-Message-ID")]
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise NotABounce("it cannot be read as a mail") from error
    told = next((block for block in blocks if block.get("Action")), None)
    if told is None:
        raise NotABounce("no delivery report (RFC 3464); only such ones are understood")
    action = one_line(str(told["Action"]), 20).casefold()
    words = f"{told.get('Status', '')} {_value(told, 'Diagnostic-Code')}"
    whom = _value(told, "Final-Recipient")
    envelope = _TOKEN.search(str(blocks[0].get("Original-Envelope-Id", "")))
    line = one_line(f"{words} {f'({whom})' if whom else ''}", _LONGEST)
    return action, line or "no reason given", ids, envelope and envelope.group()


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a delivery status: of the message, then of each receiver."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return [block for block in inside if isinstance(block, Message)]
    return [message_from_string(text) for text in str(inside).split("\n\n") if text.strip()]


def _value(block: Message, name: str) -> str:
    """Return a field without the type in front of it, e.g. smtp; or rfc822;."""
    text = str(block.get(name, ""))
    return text.partition(";")[2].strip() or text.strip()


def _returned(parts: list[Message]) -> Iterator[str]:
    """Yield the Message-IDs of the messages that a report returns, whole or by their headers."""
    for part in parts:
        kind = part.get_content_type()
        if kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            inside = part.get_payload()
            text = inside if isinstance(inside, str) else "\n".join(str(one) for one in inside)
            yield from _ids(message_from_string(text.lstrip()), "Message-ID")
        elif kind == "message/rfc822":
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                yield from _ids(inside[0], "Message-ID")


def _ids(message: Message, *names: str) -> list[str]:
    return [found for name in names for found in _ID.findall(str(message.get(name, "")))][:50]
