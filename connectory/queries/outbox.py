"""The outbox: what people were written, what became of each message, and what it says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from connectory.queries.frames import Schema, framed
from connectory.queries.tables import CAMPAIGNS, OUTBOX, OUTBOX_CONTENTS, OUTBOX_EVENTS

STATES: Final = (
    "uncertain", "refused", "bounced", "held", "sending", "queued", "sent", "cancelled",
)  # fmt: skip
"""What may become of a message; those that need a person first."""
ATTENTION: Final = ("uncertain", "refused", "bounced", "held")
"""States that a message leaves only if a person decides."""
WAITING: Final = ("held", "queued", "sending")
"""States of a message that nobody has got yet."""

_SCHEMA: Schema = {
    "outbox_id": "count",
    "state": "text",
    "recipient": "text",
    "recipient_key": "text",
    "recipient_name": "text",
    "address": "text",
    "role": "text",
    "passed": "list",
    "report": "text",
    "occasion": "text",
    "campaign_id": "number",
    "campaign": "text",
    "subject": "text",
    "language": "text",
    "channel": "text",
    "connectors": "list",
    "reason": "text",
    "tries": "count",
    "queued_at": "time",
    "not_before": "time",
    "claimed_by": "text",
    "claimed_until": "time",
    "settled_at": "time",
    "message_id": "text",
}
_EVENTS: Schema = {"at": "time", "state": "text", "told": "text", "actor": "text"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message with what it says.

    Attributes:
        row: Its row of `outbox`.
        text: As plain text; None once that was forgotten, and so are
        html: the HTML and
        card: the adaptive card.
        events: What became of it, the oldest first: at, state, told, actor.
    """

    row: pd.Series[Any]
    text: str | None
    html: str | None
    card: dict[str, Any] | None
    events: pd.DataFrame


def outbox(
    connection: Connection,
    *,
    since: datetime | None = None,
    states: Collection[str] | None = None,
    recipient: str | None = None,
    campaign_id: int | None = None,
) -> pd.DataFrame:
    """Return messages without what they say, the newest first.

    Args:
        connection: Open transaction on the store.
        since: Those written down since then, and whatever is not settled or needs a person.
        states: Of these, some of `STATES`.
        recipient: To this one: object id, or mailbox and address.
        campaign_id: That ask for this campaign.

    Returns:
        passed: who was to be asked before and why it was not them, as it is stored; connectors:
        surrogate keys of what it is about; campaign: its name, missing if it asks for none.
    """
    query = _messages().order_by(OUTBOX.c.queued_at.desc(), OUTBOX.c.id.desc())
    if since is not None:
        query = query.where(_shown_since(since))
    if states is not None:
        query = query.where(OUTBOX.c.state.in_(list(states)))
    if recipient is not None:
        query = query.where(OUTBOX.c.recipient == recipient)
    if campaign_id is not None:
        query = query.where(OUTBOX.c.campaign_id == campaign_id)
    return framed(connection, query, _SCHEMA)


def outbox_counts(connection: Connection, *, since: datetime | None = None) -> dict[str, int]:
    """Return how many messages are in each of `STATES`; since as in `outbox`."""
    query = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
    if since is not None:
        query = query.where(_shown_since(since))
    told = {str(state): int(number) for state, number in connection.execute(query)}
    return {state: told.get(state, 0) for state in STATES}


def message(connection: Connection, outbox_id: int) -> Message | None:
    """Return one message with what it says; None if there is none of that number."""
    rows = framed(connection, _messages().where(OUTBOX.c.id == outbox_id), _SCHEMA)
    if rows.empty:
        return None
    content = OUTBOX_CONTENTS.c
    query = select(content.text, content.html, content.card).where(content.outbox_id == outbox_id)
    text, html, card = connection.execute(query).one_or_none() or (None, None, None)
    return Message(rows.iloc[0], text, html, card, _events(connection, outbox_id))


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
    columns = [
        OUTBOX.c.id if name == "outbox_id" else CAMPAIGNS.c.name if name == "campaign"
        else OUTBOX.c[name]
        for name in _SCHEMA
    ]  # fmt: skip
    return select(*columns).select_from(
        OUTBOX.outerjoin(CAMPAIGNS, CAMPAIGNS.c.id == OUTBOX.c.campaign_id)
    )


def _events(connection: Connection, outbox_id: int) -> pd.DataFrame:
    query = (
        select(*(OUTBOX_EVENTS.c[name] for name in _EVENTS))
        .where(OUTBOX_EVENTS.c.outbox_id == outbox_id)
        .order_by(OUTBOX_EVENTS.c.at, OUTBOX_EVENTS.c.id)
    )
    return framed(connection, query, _EVENTS)
