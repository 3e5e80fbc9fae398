"""By whose hand something changed: what the audit log tells, else what the connector itself says.

A comparison tells what changed between two reads, and never who did it. An entry of the audit log
of that time, about that connector and of a fitting kind, tells who. Without one nobody is guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Origin = Literal["audit_log", "connector"]

FITTING: Final[Mapping[str, tuple[str, ...]]] = {
    "new": ("created", "saved"),
    "returned": ("created", "saved"),
    "definition_changed": ("saved", "edited"),
    "changed": ("saved", "edited"),
    "renamed": ("saved", "edited"),
    "missing": ("deleted",),
    "gone": ("deleted",),
    "owner_changed": ("shared", "unshared"),
    "permission_added": ("shared",),
    "permission_removed": ("unshared",),
}
"""Actions in the audit log that bring about each kind of change."""
BY_RECORD: Final = ("new", "definition_changed", "changed", "renamed")
"""Kinds of change whose last hand the connector's own record names."""
LATE: Final = timedelta(days=2)
"""How long the audit log may take to hand out an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit log about a connector.

    Attributes:
        number: Tells entries apart.
        at: When it happened.
        action: created, saved, edited, deleted, shared or unshared.
        who: What people call who did it; None if the log names nobody.
        who_key: Object id of that person or application.
        who_state: What the directory says of it.
    """

    number: int
    at: datetime
    action: str
    who: str | None = None
    who_key: str | None = None
    who_state: str | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """The time in which something changed.

    Attributes:
        after: Start of the last read that found it as it was; None if there was none.
        until: End of the read that found it changed.
    """

    after: datetime | None
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return (self.after is None or self.after < at) and at <= self.until


@dataclass(frozen=True, slots=True)
class Author:
    """Who changed something, as far as anything tells.

    Attributes:
        who: What people call them, in the order in which they acted, each once; nobody if unknown.
        who_key: Object id of the last.
        who_state: What the directory says of the last.
        at: When the last of them acted; None if unknown.
        origin: What tells it; None if nothing does.
        why: Why nobody is known; empty if somebody is.
        entries: Numbers of the entries of the log that tell of it.
    """

    who: tuple[str, ...] = ()
    who_key: str | None = None
    who_state: str | None = None
    at: datetime | None = None
    origin: Origin | None = None
    why: str = ""
    entries: frozenset[int] = frozenset()


def author(
    kind: str,
    between: Between,
    entries: Sequence[Entry],
    record: Entry | None,
    spans: Collection[tuple[datetime, datetime]],
) -> Author:
    """Return who brought about a change.

    Args:
        kind: What kind of change.
        between: When it happened.
        entries: What the audit log tells of the connector and was done, in whatever order.
        record: What the connector itself says of its last change; None if it says nothing.
        spans: Stretches of time of which the log was read.
    """
    fitting = sorted(
        (one for one in entries if one.action in FITTING.get(kind, ()) and between.holds(one.at)),
        key=lambda one: (one.at, one.number),
    )
    named = [one for one in fitting if one.who]
    numbers = frozenset(one.number for one in fitting)
    if named:
        told = named[-1]
        who = tuple(dict.fromkeys(one.who for one in named if one.who))
        return Author(who, told.who_key, told.who_state, told.at, "audit_log", "", numbers)
    at = fitting[-1].at if fitting else None
    if record is not None and record.who and kind in BY_RECORD and between.holds(record.at):
        return Author(
            (record.who,),
            record.who_key,
            record.who_state,
            at or record.at,
            "connector",
            "",
            numbers,
        )
    if fitting:
        return Author(at=at, why="the audit log tells of it and names nobody", entries=numbers)
    return Author(why=_why(between, spans))


def _why(between: Between, spans: Collection[tuple[datetime, datetime]]) -> str:
    """Return why no entry tells of a change."""
    if not spans:
        return "the audit log was not read"
    ordered = sorted(spans)
    first, last = ordered[0][0], ordered[-1]
    if between.until < first:
        return f"older than the audit log, which was read from {first:%Y-%m-%d} on"
    after = between.after
    if after is not None and last[0] <= after and last[1] - LATE < between.until:
        return "no entry of the audit log tells of it so far; entries come up to two days late"
    if after is None or not any(b <= after and between.until <= e for b, e in ordered):
        return "the audit log of that time was not read whole"
    return "no entry of the audit log tells of it"
