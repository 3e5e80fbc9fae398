"""Requests whose letter has not gone out: nobody is reminded of, or passed over for, what never came.

Mail may wait for hours or weeks: a server is down, it is night, or a run was over its cap and is
held. Days are counted from the day a letter was sent. Where one would arrive with too few days
left, it is taken back and written anew with a later deadline.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select, update

from connectory.actions.asking import REQUESTS, note
from connectory.actions.taking_back import take_back
from connectory.domain.campaign_steps import Steps, next_pace
from connectory.queries.tables import OUTBOX

_WHO: Final = "connectory"
_WAITS: Final = frozenset({"held", "queued", "sending"})
_LATE: Final = "it waited so long that too few days were left; it is written anew"


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the latest letter about a request.

    Attributes:
        outbox_id: The message.
        state: Its state.
        settled_at: When that became final.
    """

    outbox_id: int
    state: str
    settled_at: datetime | None


Letters = Mapping[tuple[str, str], Sending]
"""What became of letters, by occasion and recipient."""


def letters_of(connection: Connection, campaign_id: int) -> dict[tuple[str, str], Sending]:
    """Return what became of every letter of a campaign, the latest of each."""
    row = OUTBOX.c
    query = (
        select(row.occasion, row.recipient, row.id, row.state, row.settled_at)
        .where(row.campaign_id == campaign_id)
        .order_by(row.id)
    )
    return {
        (one.occasion, one.recipient): Sending(one.id, one.state, one.settled_at)
        for one in connection.execute(query)
    }


def waits(row: RowMapping, letters: Letters) -> bool:
    """Tell whether whoever is asked cannot have got the latest letter yet, or never will."""
    if row["told_at"] is None:
        return True
    sending = letters.get((row["letter"], row["asked"]))
    return sending is not None and sending.state in _WAITS | {"cancelled"}


def settle(
    connection: Connection,
    rows: Sequence[RowMapping],
    letters: Letters,
    steps: Mapping[int, Steps],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> bool:
    """Count days from when letters were sent, and take back those that would come too late.

    Args:
        connection: Open transaction that writes and holds the campaign.
        rows: Open requests of the campaign.
        letters: What became of its letters.
        steps: Steps by number of the request.
        zone: Where people live.
        now: The time it is.

    Returns:
        Whether a request was altered, so that it must be read again.
    """
    today = now.astimezone(zone).date()
    altered = False
    by_letter: dict[tuple[str, str], list[RowMapping]] = defaultdict(list)
    for row in rows:
        if row["told_at"] is not None and (row["letter"], row["asked"]) in letters:
            by_letter[row["letter"], row["asked"]].append(row)
    for key, some in by_letter.items():
        sending = letters[key]
        if sending.state in {"sent", "uncertain"} and sending.settled_at is not None:
            altered |= _counted_from_sending(connection, some, sending.settled_at, zone)
        elif sending.state in {"held", "queued"} and _too_late(some, steps, today):
            altered |= _anew(connection, some, sending.outbox_id, steps, now=now, today=today)
    return altered


def _counted_from_sending(
    connection: Connection, rows: Iterable[RowMapping], sent_at: datetime, zone: ZoneInfo
) -> bool:
    """Put off reminders by as many days as a letter waited, once."""
    altered = False
    for row in rows:
        days = (sent_at.astimezone(zone).date() - row["told_at"].astimezone(zone).date()).days
        if days > 0:
            later = row["counted_from"] + timedelta(days=days)
            altered |= _change(connection, row, {"told_at": sent_at, "counted_from": later})
    return altered


def _too_late(rows: Iterable[RowMapping], steps: Mapping[int, Steps], today: date) -> bool:
    return any((row["deadline"] - today).days < steps[row["id"]].least_days for row in rows)


def _anew(
    connection: Connection,
    rows: Iterable[RowMapping],
    outbox_id: int,
    steps: Mapping[int, Steps],
    *,
    now: datetime,
    today: date,
) -> bool:
    if not take_back(connection, OUTBOX.c.id == outbox_id, _LATE, actor=_WHO, now=now):
        return False
    for row in rows:
        pace = next_pace(row["deadline"], steps[row["id"]], today)
        values = {
            "letter": None,
            "told_at": None,
            "counted_from": pace.counted_from,
            "deadline": pace.deadline,
        }
        if _change(connection, row, values):
            told = {"why": _LATE, "deadline": pace.deadline.isoformat()}
            note(connection, row["id"], "postponed", _WHO, told, now)
    return True


def _change(connection: Connection, row: RowMapping, values: Mapping[str, Any]) -> bool:
    changed = connection.execute(
        update(REQUESTS)
        .where(
            REQUESTS.c.id == row["id"],
            REQUESTS.c.closed_at.is_(None),
            REQUESTS.c.nonce == row["nonce"],
        )
        .values(**values)
    )
    return changed.rowcount > 0


__all__ = ["Letters", "Sending", "letters_of", "settle", "waits"]
