"""The outbox as frames: what is to be sent, what became of it, and what it said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from connectory.domain.mailing import MEANING, State
from connectory.queries.frames import Schema, frame, framed
from connectory.queries.tables import OUTBOX, OUTBOX_CONTENTS, OUTBOX_EVENTS

_MESSAGES: Schema = {
    "outbox_id": "count",
    "state": "text",
    "reason": "text",
    "report": "text",
    "occasion": "text",
    "recipient": "text",
    "recipient_name": "text",
    "address": "text",
    "role": "text",
    "subject": "text",
    "channel": "text",
    "language": "text",
    "campaign_id": "number",
    "connectors": "list",
    "tries": "count",
    "queued_at": "time",
    "not_before": "time",
    "settled_at": "time",
}
_EVENTS: Schema = {"at": "time", "state": "text", "told": "text", "actor": "text"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message with all that is known of it.

    Attributes:
        facts: The row of `outbox`, with ``message_id`` and ``passed`` besides.
        text: As plain text; None if what it said is forgotten.
        html: As HTML, which fetches nothing but is shown without scripts all the same.
        card: As an adaptive card.
        events: What became of it, the oldest first: at, state, told, actor.
    """

    facts: Mapping[str, Any]
    text: str | None
    html: str | None
    card: dict[str, Any] | None
    events: pd.DataFrame


def outbox(
    connection: Connection,
    state: State | Collection[State] | None = None,
    *,
    report: str | None = None,
    occasion: str | None = None,
    recipient: str | None = None,
    campaign_id: int | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Return messages, the newest first.

    Args:
        connection: Open transaction.
        state: In one of these states; any by default.
        report: Of one report.
        occasion: Of one occasion, or of all that begin with it.
        recipient: To one person: object id, or mailbox: and an address.
        campaign_id: Of one campaign.
        limit: Most rows.
    """
    query = select(*_columns()).order_by(OUTBOX.c.id.desc())
    if state is not None:
        query = query.where(OUTBOX.c.state.in_([state] if isinstance(state, str) else list(state)))
    for column, value in (
        (OUTBOX.c.report, report),
        (OUTBOX.c.recipient, recipient),
        (OUTBOX.c.campaign_id, campaign_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if occasion is not None:
        query = query.where(OUTBOX.c.occasion.startswith(occasion, autoescape=True))
    return framed(connection, query.limit(limit), _MESSAGES)


def _columns() -> list[Any]:
    return [OUTBOX.c.id if name == "outbox_id" else OUTBOX.c[name] for name in _MESSAGES]


def message(connection: Connection, outbox_id: int) -> Message | None:
    """Return one message; None if there is none of that number."""
    query = (
        select(OUTBOX, OUTBOX_CONTENTS.c.text, OUTBOX_CONTENTS.c.html, OUTBOX_CONTENTS.c.card)
        .select_from(OUTBOX.outerjoin(OUTBOX_CONTENTS, OUTBOX_CONTENTS.c.outbox_id == OUTBOX.c.id))
        .where(OUTBOX.c.id == outbox_id)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    facts = {"outbox_id": row.id, "message_id": row.message_id, "passed": row.passed}
    facts |= {name: getattr(row, name) for name in _MESSAGES if name != "outbox_id"}
    told = (
        select(*(OUTBOX_EVENTS.c[name] for name in _EVENTS))
        .where(OUTBOX_EVENTS.c.outbox_id == outbox_id)
        .order_by(OUTBOX_EVENTS.c.id)
    )
    return Message(facts, row.text, row.html, row.card, framed(connection, told, _EVENTS))


def outbox_counts(connection: Connection, *, campaign_id: int | None = None) -> pd.DataFrame:
    """Return how many messages are in each state, every state a row: state, messages, oldest_at.

    ``oldest_at`` is when the oldest of them was written down.
    """
    query = select(OUTBOX.c.state, func.count(), func.min(OUTBOX.c.queued_at)).group_by(
        OUTBOX.c.state
    )
    if campaign_id is not None:
        query = query.where(OUTBOX.c.campaign_id == campaign_id)
    found: dict[str, tuple[int, datetime | None]] = {
        row[0]: (row[1], row[2]) for row in connection.execute(query)
    }
    rows = [(state, *found.get(state, (0, None))) for state in MEANING]
    return frame(rows, {"state": "text", "messages": "count", "oldest_at": "time"})


def other_channels(connection: Connection, channel: str) -> dict[str, int]:
    """Return how many messages wait for channels other than the one in the settings."""
    query = (
        select(OUTBOX.c.channel, func.count())
        .where(OUTBOX.c.state.in_(["queued", "held"]), OUTBOX.c.channel != channel)
        .group_by(OUTBOX.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
