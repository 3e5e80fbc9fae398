"""How stale a connector is: a score whose parts add up, and the verdict that follows from it.

Days without use count most; what still holds a connector, and who, counts once it is quiet. What
could not be read never counts as unused: without it the verdict is unknown (docs/staleness.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, Final, Literal

from connectory.domain import evidence
from connectory.domain.staleness_words import days, on_day, words_of

StaleState = Literal["active", "quiet", "stale", "abandoned", "never_used", "unknown"]
STATES: Final[tuple[StaleState, ...]] = (
    "abandoned",
    "stale",
    "never_used",
    "quiet",
    "unknown",
    "active",
)
"""Verdicts, those first that somebody should look at."""
PartName = Literal[
    "last_use", "consumers", "connections", "owner", "references", "definition", "environment"
]
OF: Final[dict[PartName, int]] = {
    "last_use": 60,
    "consumers": 12,
    "connections": 8,
    "owner": 8,
    "references": 4,
    "definition": 4,
    "environment": 4,
}
"""Most points that each part can give; together 100."""
QUIET, STALE = 20, 40
"""Points of the last use from which on a connector is quiet and stale."""
ABANDONED = 70
"""Points of all parts from which on a stale connector is abandoned."""

_FLOORS: Final = {"call": 0, "action": 0, "run": 2, "launch": 4, "reference": 6}
"""Points that weaker evidence, or none, gives however fresh it is: it proves no call."""
_FEW, _MANY = 2, 5
_UNOWNED: Final = {
    "nobody": 8,
    "departed_owner": 8,
    "empty_group": 8,
    "disabled_owner": 6,
    "service_principal_owner": 2,
    "guest_owner": 2,
}
_KINDS: Final = {
    "production": 0,
    "default": 1,
    "sandbox": 2,
    "trial": 4,
    "developer": 4,
    "teams": 4,
}
_AGES: Final = ((730, 4), (365, 3), (180, 2), (90, 1))


@dataclass(frozen=True, slots=True)
class Profile:
    """Days without use by which connectors of one type of environment are judged.

    Attributes:
        name: Type of environment, or ``*`` for every other one.
        quiet: From so many on it is quiet.
        stale: From so many on it is stale, whatever still holds it.
        abandoned: From so many on silence counts in full.
    """

    name: str
    quiet: int
    stale: int
    abandoned: int

    def __post_init__(self) -> None:
        """Refuse thresholds that do not rise.

        Raises:
            ValueError: They do not, or the first is not a day at least.
        """
        if not 0 < self.quiet < self.stale < self.abandoned:
            raise ValueError("days must rise: quiet, stale, abandoned, e.g. [30, 90, 180]")

    def points(self, days: int) -> int:
        """Return what so many days without use count, of 60."""
        steps = ((0, 0), (self.quiet, QUIET), (self.stale, STALE), (self.abandoned, 60))
        for (start, low), (end, high) in pairwise(steps):
            if days < end:
                return low + (high - low) * max(0, days - start) // (end - start)
        return OF["last_use"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The last day of which a source tells use."""

    source: str
    day: date

    @property
    def grade(self) -> evidence.Evidence:
        """What the source proves; a reference where it is not known."""
        place = evidence.place(self.source)
        last = evidence.REFERENCES
        return (evidence.RANKED[place] if place < len(evidence.RANKED) else last).evidence


@dataclass(frozen=True, slots=True)
class StaleFacts:
    """What is known of one connector.

    Attributes:
        known_since: When it was created, else first found.
        seen: What sources tell of use. Of ``definitions``, where nothing is linked to it now: the
            day since which that is so, or on which its newest connection was made.
        silent_since: From this day on everything that could tell of use was read, day by day;
            None if no use can have gone unseen: of all its life, or while nothing is linked to it.
        unread: What could tell of use and was not read.
        flows: Flows linked to it now.
        apps: Apps.
        agents: Agents.
        stopped: Of these, turned off.
        connections: Connections to it; None where they were not listed.
        broken: Of these, broken.
        references: Connection references; None where they were not listed.
        bound: Of these, bound to a connection.
        changed_on: When it was last changed, if that is told.
        owner: Verdict on its owner; None if there is none.
        kind: Type of its environment.
    """

    known_since: date
    seen: tuple[Seen, ...] = ()
    silent_since: date | None = None
    unread: tuple[str, ...] = ()
    flows: int = 0
    apps: int = 0
    agents: int = 0
    stopped: int = 0
    connections: int | None = 0
    broken: int = 0
    references: int | None = 0
    bound: int = 0
    changed_on: date | None = None
    owner: str | None = None
    kind: str | None = None

    @property
    def consumers(self) -> int:
        """Flows, apps and agents together."""
        return self.flows + self.apps + self.agents


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the arithmetic.

    Attributes:
        part: What it is about.
        found: What was found, as a code (`words_of` tells it).
        points: What that gives.
        values: Numbers and names that belong to it.
    """

    part: PartName
    found: str
    points: int
    values: dict[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "part": self.part,
            "found": self.found,
            "values": self.values,
            "points": self.points,
            "of": OF[self.part],
        }


@dataclass(frozen=True, slots=True)
class StaleVerdict:
    """The answer.

    Attributes:
        state: The verdict.
        score: 0 (in use) to 100 (abandoned), the sum of the parts; None if too little is known.
        parts: The arithmetic. While it is in use, or too new to say, the last use alone counts.
        last: The use it rests on; None if none is known.
        known: Everything that could tell of use was read.
        reason: The verdict in one sentence.
    """

    state: StaleState
    score: int | None
    parts: tuple[Part, ...]
    last: Seen | None
    known: bool
    reason: str


def stale_verdict(facts: StaleFacts, profile: Profile, today: date) -> StaleVerdict:
    """Return how stale a connector is.

    Args:
        facts: What is known of it.
        profile: Thresholds of its type of environment.
        today: Day as of which days without use are counted.
    """
    last = _rests_on(facts.seen, profile, today)
    if last is not None and _age(last.day, today) < profile.quiet:
        return _used(facts, profile, last, today)
    if facts.unread:
        what = f"what could tell of use was not read: {', '.join(facts.unread)}"
        return _unknown(last, what)
    if last is None and facts.silent_since is None:
        since = facts.known_since
        part = Part("last_use", "never", _points(None, profile, _age(since, today)), _since(since))
        return _scored(facts, today, part, None)
    silent = max(day for day in (facts.silent_since, last.day if last else None) if day)
    if _age(silent, today) < profile.quiet:
        return _unknown(last, f"only {days(_age(silent, today))} could be read")
    return _scored(facts, today, _silence(profile, last, silent, today), last)


def to_be_asked(state: str, parts: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether somebody should be asked whether a connector is still needed.

    Args:
        state: The verdict.
        parts: Its arithmetic, as `Part.stored` returns it.
    """
    used = next((one["points"] for one in parts if one["part"] == "last_use"), 0)
    return state in ("stale", "abandoned", "never_used") and bool(used >= STALE)


def _rests_on(seen: Iterable[Seen], profile: Profile, today: date) -> Seen | None:
    """Return the use that speaks most for a connector: the fresher, and of equals the better proven."""
    return min(
        seen,
        key=lambda one: (
            _points(one, profile, _age(one.day, today)),
            -one.day.toordinal(),
            evidence.place(one.source),
        ),
        default=None,
    )


def _points(last: Seen | None, profile: Profile, age: int) -> int:
    floor = _FLOORS[last.grade if last else "reference"]
    return max(floor, profile.points(age))


def _age(day: date, today: date) -> int:
    return (today - day).days


def _since(day: date) -> dict[str, Any]:
    return {"since": day.isoformat()}


def _used(facts: StaleFacts, profile: Profile, last: Seen, today: date) -> StaleVerdict:
    part = _silence(profile, last, last.day, today)
    reason = f"{words_of(part.stored())}, less than {days(profile.quiet)} ago"
    return StaleVerdict("active", part.points, (part,), last, not facts.unread, reason)


def _unknown(last: Seen | None, what: str) -> StaleVerdict:
    told = f"last used on {on_day(last.day)}" if last else "no use is known"
    return StaleVerdict("unknown", None, (), last, known=False, reason=f"{told}, but {what}")


def _scored(facts: StaleFacts, today: date, use: Part, last: Seen | None) -> StaleVerdict:
    parts = (use, *(_rest(facts, today) if use.points >= QUIET else ()))
    score = sum(part.points for part in parts)
    state = "never_used" if use.found == "never" else _state(use.points, score)
    reason = f"{words_of(use.stored())}; {score} of 100 points"
    return StaleVerdict(state, score, parts, last, known=True, reason=reason)


def _state(used: int, score: int) -> StaleState:
    """Days alone decide between quiet and stale: nobody is asked sooner than the settings say."""
    if used < STALE:
        return "quiet"
    return "abandoned" if score >= ABANDONED else "stale"


def _silence(profile: Profile, last: Seen | None, silent: date, today: date) -> Part:
    """Return the part of the last use, of which nothing is known before a day."""
    points = _points(last, profile, _age(silent, today))
    if last is None:
        return Part("last_use", "silent", points, _since(silent))
    values = {"source": last.source, "day": last.day.isoformat()}
    return Part(
        "last_use", last.grade, points, values | (_since(silent) if silent > last.day else {})
    )


def _rest(facts: StaleFacts, today: date) -> tuple[Part, ...]:
    return (
        _consumers(facts),
        _connections(facts),
        _owner(facts),
        _references(facts),
        _definition(facts, today),
        _environment(facts),
    )


def _consumers(facts: StaleFacts) -> Part:
    number = facts.consumers
    values = {"flows": facts.flows, "apps": facts.apps, "agents": facts.agents}
    if not number:
        return Part("consumers", "none", 12)
    if facts.stopped >= number:
        return Part("consumers", "stopped", 9, values)
    working = number - facts.stopped
    points = 6 if working < _FEW else 3 if working < _MANY else 0
    return Part("consumers", "some", points, values | {"stopped": facts.stopped})


def _connections(facts: StaleFacts) -> Part:
    if facts.connections is None:
        return Part("connections", "unknown", 0)
    if not facts.connections:
        return Part("connections", "none", 8)
    values = {"connections": facts.connections, "broken": facts.broken}
    broken = facts.broken >= facts.connections
    return Part("connections", "broken" if broken else "some", 6 if broken else 0, values)


def _owner(facts: StaleFacts) -> Part:
    return Part("owner", facts.owner or "owner_unknown", _UNOWNED.get(facts.owner or "", 0))


def _references(facts: StaleFacts) -> Part:
    if facts.references is None:
        return Part("references", "unknown", 0)
    if not facts.references:
        return Part("references", "none", 4)
    values = {"references": facts.references, "bound": facts.bound}
    return Part("references", "some" if facts.bound else "unbound", 0 if facts.bound else 3, values)


def _definition(facts: StaleFacts, today: date) -> Part:
    if facts.changed_on is None:
        return Part("definition", "unknown", 0)
    age = (today - facts.changed_on).days
    points = next((points for days, points in _AGES if age >= days), 0)
    return Part("definition", "changed", points, {"day": facts.changed_on.isoformat()})


def _environment(facts: StaleFacts) -> Part:
    kind = facts.kind or ""
    values = {"kind": kind} if kind else {}
    return Part("environment", "kind" if kind else "unknown", _KINDS.get(kind.lower(), 0), values)
