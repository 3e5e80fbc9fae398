"""The outbox as frames: what is to be sent, what became of it, and what it said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.tables import CAMPAIGNS, OUTBOX, OUTBOX_CONTENTS, OUTBOX_EVENTS

STATES: Final = (
    "uncertain", "refused", "bounced", "held", "sending", "queued", "sent", "cancelled",
)  # fmt: skip
"""What may become of a message; those that need a person first."""
ATTENTION: Final = ("uncertain", "refused", "bounced", "held")
"""States that a message leaves only if a person decides."""
WAITING: Final = ("held", "queued", "sending")
"""States of a message that nobody has got yet."""

_MESSAGES: Schema = {
    "outbox_id": "count",
    "state": "text",
    "reason": "text",
    "report": "text",
    "occasion": "text",
    "recipient": "text",
    "recipient_key": "text",
    "recipient_name": "text",
    "address": "text",
    "role": "text",
    "passed": "list",
    "subject": "text",
    "channel": "text",
    "language": "text",
    "campaign_id": "number",
    "campaign": "text",
    "connectors": "list",
    "tries": "count",
    "queued_at": "time",
    "not_before": "time",
    "claimed_by": "text",
    "claimed_until": "time",
    "settled_at": "time",
    "message_id": "text",
}
_EVENTS: Schema = {"at": "time", "state": "text", "told": "text", "actor": "text"}
_COUNTS: Schema = {"state": "text", "messages": "count", "oldest_at": "time"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message with all that is known of it.

    Attributes:
        facts: Its row of `outbox`.
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
    state: str | Collection[str] | None = None,
    *,
    report: str | None = None,
    occasion: str | None = None,
    recipient: str | None = None,
    campaign_id: int | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Return messages without what they say, the newest first.

    Args:
        connection: Open transaction on the store.
        state: In one of these states, of `STATES`; any by default.
        report: Of one report.
        occasion: Of one occasion, or of all that begin with it.
        recipient: To one person: object id, or mailbox: and an address.
        campaign_id: That ask for one campaign.
        since: Written down since then; and whatever waits or needs a person.
        limit: Most rows.

    Returns:
        passed: who was to be asked before and why it was not them, as it is stored; connectors:
        surrogate keys of what it is about; campaign: its name, missing if it asks for none.
    """
    query = _messages().order_by(OUTBOX.c.id.desc())
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
    if since is not None:
        query = query.where(_shown_since(since))
    return framed(connection, query.limit(limit), _MESSAGES)


def message(connection: Connection, outbox_id: int) -> Message | None:
    """Return one message with what it says; None if there is none of that number."""
    row = connection.execute(_messages().where(OUTBOX.c.id == outbox_id)).one_or_none()
    if row is None:
        return None
    content = OUTBOX_CONTENTS.c
    query = select(content.text, content.html, content.card).where(content.outbox_id == outbox_id)
    text, html, card = connection.execute(query).one_or_none() or (None, None, None)
    told = (
        select(*(OUTBOX_EVENTS.c[name] for name in _EVENTS))
        .where(OUTBOX_EVENTS.c.outbox_id == outbox_id)
        .order_by(OUTBOX_EVENTS.c.id)
    )
    facts = dict(zip(_MESSAGES, row, strict=True))
    return Message(facts, text, html, card, framed(connection, told, _EVENTS))


def outbox_counts(
    connection: Connection, *, campaign_id: int | None = None, since: datetime | None = None
) -> pd.DataFrame:
    """Return how many messages are in each of `STATES`, every state a row: state, messages, oldest_at.

    ``oldest_at`` is when the oldest of them was written down; the choice is made as in `outbox`.
    """
    query = select(OUTBOX.c.state, func.count(), func.min(OUTBOX.c.queued_at)).group_by(
        OUTBOX.c.state
    )
    if campaign_id is not None:
        query = query.where(OUTBOX.c.campaign_id == campaign_id)
    if since is not None:
        query = query.where(_shown_since(since))
    found: dict[str, tuple[int, datetime | None]] = {
        row[0]: (row[1], row[2]) for row in connection.execute(query)
    }
    return frame([(state, *found.get(state, (0, None))) for state in STATES], _COUNTS)


def other_channels(connection: Connection, channel: str) -> dict[str, int]:
    """Return how many messages wait for channels other than the one in the settings."""
    query = (
        select(OUTBOX.c.channel, func.count())
        .where(OUTBOX.c.state.in_(["queued", "held"]), OUTBOX.c.channel != channel)
        .group_by(OUTBOX.c.channel)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def newest(connection: Connection) -> tuple[int, int]:
    """Return what tells whether anything became of any message since it was asked last."""
    query = select(
        select(func.coalesce(func.max(OUTBOX.c.id), 0)).scalar_subquery(),
        select(func.coalesce(func.max(OUTBOX_EVENTS.c.id), 0)).scalar_subquery(),
    )
    written, happened = connection.execute(query).one()
    return written, happened


def _shown_since(since: datetime) -> ColumnElement[bool]:
    return or_(OUTBOX.c.queued_at >= since, OUTBOX.c.state.in_({*ATTENTION, *WAITING}))


def _messages() -> Select[Any]:
    other = {"outbox_id": OUTBOX.c.id, "campaign": CAMPAIGNS.c.name}
    columns = [other[name] if name in other else OUTBOX.c[name] for name in _MESSAGES]
    return select(*columns).select_from(
        OUTBOX.outerjoin(CAMPAIGNS, CAMPAIGNS.c.id == OUTBOX.c.campaign_id)
    )
