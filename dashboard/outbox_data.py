"""What people were written, and what is decided about a message that waits for a person.

Lists are cached under the last thing that became of any message, so that it shows at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from pandas import DataFrame

from connectory.clock import page_clock
from connectory.database import reading
from connectory.queries import outbox as outbox_query
from connectory.queries.outbox import Message
from connectory.reports import mail
from connectory.reports import outbox as deciding
from connectory.reports.sending import Posting, Refused
from dashboard.caching import engine as _engine
from dashboard.caching import few as _few
from dashboard.data import settings


def listed(url: str, days: int | None) -> DataFrame:
    """Return the messages of the last days, or all, and whatever needs a person."""
    return _listed(url, _since(days), newest(url))


@_few
def _listed(url: str, since: datetime | None, seen: tuple[int, int]) -> DataFrame:
    del seen
    with reading(_engine(url)) as connection:
        return outbox_query.outbox(connection, since=since)


def written_to(url: str, recipient: str) -> DataFrame:
    """Return what somebody was written, the newest first; never cached."""
    with reading(_engine(url)) as connection:
        return outbox_query.outbox(connection, recipient=recipient)


def of_campaign(url: str, campaign_id: int) -> DataFrame:
    """Return what was written for a campaign, the newest first; never cached."""
    with reading(_engine(url)) as connection:
        return outbox_query.outbox(connection, campaign_id=campaign_id)


def newest(url: str) -> tuple[int, int]:
    """Return what tells whether anything became of any message; never cached."""
    with reading(_engine(url)) as connection:
        return outbox_query.newest(connection)


def message(url: str, outbox_id: int) -> Message | None:
    """Return one message with what it says; never cached."""
    with reading(_engine(url)) as connection:
        return outbox_query.message(connection, outbox_id)


def _since(days: int | None) -> datetime | None:
    if days is None:
        return None
    today = page_clock().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days)


def eml(told: Message) -> bytes | None:
    """Return a message as a file that mail programs open; None if it cannot be one any more."""
    if told.text is None or told.html is None:
        return None
    facts = told.facts
    posting = Posting(
        facts["message_id"],
        facts["report"],
        facts["recipient_name"],
        facts["address"],
        facts["language"],
        facts["subject"],
        told.text,
        told.html,
        told.card,
        facts["settled_at"] or facts["queued_at"],
    )
    try:
        return mail.eml(posting, settings().reports)
    except Refused:
        return None


def release(url: str, outbox_ids: Collection[int], author: str) -> None:
    """Let held messages be sent.

    Raises:
        NotDecided: It was not done; the text says why. So do the others.
    """
    deciding.release(_engine(url), outbox_ids, author=author, now=page_clock())


def cancel(url: str, outbox_ids: Collection[int], author: str) -> None:
    """Decide that messages are not sent."""
    deciding.cancel(_engine(url), outbox_ids, author=author, now=page_clock())


def resend(url: str, outbox_id: int, author: str) -> None:
    """Have a message sent again under the same Message-ID."""
    deciding.resend(_engine(url), outbox_id, author=author, now=page_clock())
