"""What a message may become, when it is tried again, and when nobody is to be disturbed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

State = Literal["held", "queued", "sending", "sent", "uncertain", "refused", "bounced", "cancelled"]

MEANING: Final[Mapping[State, str]] = {
    "held": "its run would have written to more people than a run may; a person releases it",
    "queued": "it waits for its turn, for the end of quiet hours, or for another try",
    "sending": "a process has claimed it and is handing it over",
    "sent": "it was accepted; that is not yet delivered",
    "uncertain": "it was being handed over and no answer is known: it may have arrived or not",
    "refused": "it was surely not accepted, and is not tried any more",
    "bounced": "it was accepted, and came back as undeliverable",
    "cancelled": "a person decided that it is not sent",
}
"""Every state of a message and what it tells."""

MAY_BECOME: Final[Mapping[State, frozenset[State]]] = {
    "held": frozenset({"queued", "cancelled"}),
    "queued": frozenset({"sending", "cancelled"}),
    "sending": frozenset({"sent", "queued", "refused", "uncertain", "bounced"}),
    "uncertain": frozenset({"sent", "queued", "refused", "bounced"}),
    "refused": frozenset({"queued"}),
    "sent": frozenset({"bounced"}),
    "bounced": frozenset({"queued"}),
    "cancelled": frozenset(),
}
"""What each state may turn into; from uncertain to queued only by a person."""

RESENDABLE: Final[frozenset[State]] = frozenset({"uncertain", "refused", "bounced"})
"""States in which a person may have a message sent again."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST_PAUSE: Final = timedelta(minutes=5)
_LONGEST_PAUSE: Final = timedelta(hours=6)


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries: each time twice as long, six hours at most."""
    factor = 1 << min(max(tries, 1) - 1, 10)
    return min(_FIRST_PAUSE * factor, _LONGEST_PAUSE)


def quiet_until(
    moment: datetime,
    hours: tuple[time, time] | None,
    days: Collection[str],
    zone: ZoneInfo,
) -> datetime | None:
    """Return when quiet ends, in UTC; None if it is not quiet.

    Args:
        moment: The time it is.
        hours: First quiet minute of a day and the first that is not; may pass midnight.
        days: Names of quiet days, e.g. sat; not all of them.
        zone: Where those are told.
    """
    end = moment.astimezone(UTC)
    while (later := _end_of_quiet(end.astimezone(zone), hours, days)) is not None:
        end = later.astimezone(UTC)
    return end if end > moment else None


def _end_of_quiet(
    local: datetime, hours: tuple[time, time] | None, days: Collection[str]
) -> datetime | None:
    """Return the end of what makes this moment quiet; None if nothing does."""
    if _DAYS[local.weekday()] in days:
        return _next(local, time())
    if hours is None:
        return None
    begin, end = hours
    now = local.time()
    inside = begin <= now < end if begin < end else now >= begin or now < end
    return _next(local, end) if inside else None


def _next(local: datetime, at: time) -> datetime:
    """Return the first moment after another one at which clocks there show a time."""
    zone = local.tzinfo
    for days in (0, 1):
        day = local.date() + timedelta(days=days)
        for fold in (0, 1):
            found = datetime.combine(day, at, zone).replace(fold=fold)
            if found.astimezone(UTC) > local.astimezone(UTC):
                return found
    raise AssertionError
