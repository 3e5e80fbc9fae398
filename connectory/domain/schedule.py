"""When something is due by a cron, and when it has been silent for too long.

A cron is written as everywhere: minute, hour, day of month, month, day of week, where Sunday is 0
or 7. A sixth field in front counts seconds. Days of the month and of the week cannot both be
narrowed, since programs disagree on whether one or both must fit.

Moments go by in UTC, so that the hour a clock is set back comes once: what is due at 02:30 in
such a night is due in both hours, and what would be due in the hour left out is due in the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_FIELDS = ("second", "minute", "hour", "day", "month", "day_of_week")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEK = len(_DAYS)
_MOMENT = timedelta(microseconds=1)
_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is due.

    Attributes:
        text: The cron as it was written.
        zone: Name of the time zone it is read in.

    Raises:
        ValueError: It is none, or nothing would ever be due; the text says which field.
    """

    text: str
    zone: str
    _trigger: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_trigger", _trigger(self.text, self.zone))
        if self.next_after(_LONG_AGO) is None:
            raise ValueError(f"no moment ever fits the cron {self.text!r}")

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first due moment after another one, in UTC; None if there is none."""
        found = self._trigger.get_next_fire_time(None, moment.astimezone(UTC) + _MOMENT)
        return found.astimezone(UTC) if found is not None else None

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the due moments later than `after` and not later than `until`, in their order."""
        due = self.next_after(after)
        while due is not None and due <= until:
            yield due
            due = self.next_after(due)

    def silent_since(
        self, last: datetime, *, tolerance: timedelta, now: datetime
    ) -> datetime | None:
        """Return the due moment nothing came of, if that is longer ago than is tolerated.

        Args:
            last: Start of the last complete run, or when the schedule began.
            tolerance: How long a run may take, and be late.
            now: The time it is.
        """
        due = self.next_after(last)
        return due if due is not None and now > due + tolerance else None


def _trigger(text: str, zone: str) -> CronTrigger:
    values = text.split()
    if len(values) == len(_FIELDS) - 1:
        values = ["0", *values]
    if len(values) != len(_FIELDS):
        raise ValueError(f"a cron has five fields, e.g. 30 2 * * *; this is {text!r}")
    named = dict(zip(_FIELDS, values, strict=True))
    named["day_of_week"] = _days(named["day_of_week"])
    if named["day"] != "*" and named["day_of_week"] != "*":
        raise ValueError(f"day of month and day of week cannot both be narrowed: {text!r}")
    try:
        return CronTrigger(**named, timezone=ZoneInfo(zone))
    except ValueError as error:
        raise ValueError(f"not a cron: {text!r}: {str(error).splitlines()[0]}") from error


def _days(text: str) -> str:
    """Return days of the week by name: numbers mean something else to the library."""
    try:
        chosen = {day % _WEEK for part in text.casefold().split(",") for day in _span(part)}
    except ValueError as error:
        raise ValueError(f"not days of the week: {text!r}; write e.g. mon-fri") from error
    return "*" if len(chosen) == _WEEK else ",".join(_DAYS[day] for day in sorted(chosen))


def _span(part: str) -> range:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    low = 0 if span == "*" else _day(first)
    high = _WEEK - 1 if span == "*" or (step and not last) else _day(last or first)
    # A range to Sunday ends the week, whichever of its numbers is written.
    high = _WEEK if high < low and high == 0 else high
    if high < low:
        raise ValueError(part)
    return range(low, high + 1, int(step or 1))


def _day(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    if text.isascii() and text.isdigit() and int(text) <= _WEEK:
        return int(text)
    raise ValueError(text)
