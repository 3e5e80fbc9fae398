"""Letters of campaigns: one to each person for all that is to be told, whatever happens in between.

Which letter tells of a request is written down with the request before the letter is made. A run
that is repeated, or another one beside it, therefore makes the same letter for the same occasion,
and the outbox takes each once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, RowMapping, func, select, update

from connectory.actions.asking import REQUESTS, note
from connectory.actions.campaigns import open_rows
from connectory.attestation.links import Links
from connectory.campaigning.questions import linked
from connectory.config import Settings
from connectory.database import reading, writing
from connectory.queries.moments import Moment
from connectory.queries.tables import ATTESTATION_EVENTS, CAMPAIGNS
from connectory.reports.letter import Letter
from connectory.reports.outbox import Queued, queue
from connectory.reports.owner_digest import Asking, Occasion, owner_digests

_WEIGHT: Final[tuple[Occasion, ...]] = ("asked", "reminded", "escalated")


def owe(connection: Connection, campaign_id: int) -> None:
    """Write down, in a transaction that holds the campaign, which letters its requests are owed.

    All that one person is owed goes into one letter. The number in its occasion is that of the
    newest event of the campaign: whatever is owed later has a newer one.
    """
    rows = [row for row in open_rows(connection, campaign_id) if row["letter"] is None]
    if not rows:
        return
    newest = connection.scalar(
        select(func.max(ATTESTATION_EVENTS.c.id))
        .join(REQUESTS, REQUESTS.c.id == ATTESTATION_EVENTS.c.request_id)
        .where(REQUESTS.c.campaign_id == campaign_id)
    )
    own: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        own[row["asked"]].append(row)
    for some in own.values():
        kind = max((_kind(row) for row in some), key=_WEIGHT.index)
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.id.in_([row["id"] for row in some]), REQUESTS.c.letter.is_(None))
            .values(letter=f"campaign/{campaign_id}/{kind}/{newest}", told_at=None)
        )


def _kind(row: RowMapping) -> Occasion:
    """Return why somebody is written to about a request."""
    if row["reminders"]:
        return "reminded"
    return "escalated" if row["escalations"] else "asked"


def write_letters(
    engine: Engine,
    settings: Settings,
    moment: Moment,
    campaign_id: int,
    links: Links,
    *,
    now: datetime,
) -> Queued:
    """Put the letters that a campaign owes into the outbox.

    Args:
        engine: The store.
        settings: All settings.
        moment: As of when the letters tell.
        campaign_id: The campaign.
        links: What signs.
        now: The time it is.
    """
    with reading(engine) as connection:
        owed = [row for row in open_rows(connection, campaign_id) if _owed(row)]
        if not owed:
            return Queued()
        campaign = connection.execute(
            select(CAMPAIGNS.c.name, CAMPAIGNS.c.purpose).where(CAMPAIGNS.c.id == campaign_id)
        ).one()
        by_occasion: dict[str, list[RowMapping]] = defaultdict(list)
        for row in owed:
            by_occasion[row["letter"]].append(row)
        letters: list[Letter] = []
        for occasion, rows in by_occasion.items():
            told = linked(rows, settings, links, now)
            letters += owner_digests(
                connection,
                moment,
                settings,
                today=now.astimezone(ZoneInfo(settings.dashboard.time_zone)).date(),
                period=occasion,
                occasion=cast("Occasion", occasion.split("/")[2]),
                asked=told.asked,
                to=told.to,
                answer_all=told.answer_all,
                asking=Asking(campaign_id, campaign.name, campaign.purpose),
            )
    queued = queue(engine, letters, settings.reports, now=now)
    written = {(letter.occasion, letter.to.recipient) for letter in letters}
    _told(engine, [row for row in owed if (row["letter"], row["asked"]) in written], now)
    return queued


def _owed(row: RowMapping) -> bool:
    return row["letter"] is not None and row["told_at"] is None


def _told(engine: Engine, rows: Sequence[RowMapping], now: datetime) -> None:
    """Note that letters are in the outbox, for requests that still owe them."""
    with writing(engine) as connection:
        for row in rows:
            changed = connection.execute(
                update(REQUESTS)
                .where(
                    REQUESTS.c.id == row["id"],
                    REQUESTS.c.letter == row["letter"],
                    REQUESTS.c.told_at.is_(None),
                )
                .values(told_at=now)
            )
            if changed.rowcount:
                told = {"to": row["asked_name"], "occasion": row["letter"]}
                note(connection, row["id"], "told", "connectory", told, now)
