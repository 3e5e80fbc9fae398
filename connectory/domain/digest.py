"""What somebody who answers for connectors has to do about them, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from connectory.domain.answering import Recipient

AHEAD_DAYS: Final = 30
"""So long before its end a secret or certificate is something to do, and so is a review."""
SOON_DAYS: Final = 7
"""What ends within so many days is urgent."""

Kind = Literal[
    "answer",
    "credential",
    "broke",
    "drifted",
    "owner",
    "review",
    "abandoned",
    "never_used",
    "stale",
    "documentation",
]
KINDS: Final[tuple[Kind, ...]] = (
    "answer",
    "credential",
    "broke",
    "drifted",
    "owner",
    "review",
    "abandoned",
    "never_used",
    "stale",
    "documentation",
)
"""What there may be to do; of what is equally urgent the first comes first."""

Urgency = Literal["now", "soon", "later"]
URGENCIES: Final[tuple[Urgency, ...]] = ("now", "soon", "later")
UNUSED: Final[tuple[Kind, ...]] = ("abandoned", "never_used", "stale")
"""Verdicts on staleness that leave something to do."""
_WITHOUT_OWNER: Final = ("departed_owner", "disabled_owner", "empty_group", "nobody")
_ONE_OWNER: Final = ("sole_owner", "guest_owner", "service_principal_owner")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is open to somebody.

    Attributes:
        request_id: The request.
        connector_id: Surrogate key of the connector it is about.
        connector: Name of that connector.
        deadline: Last day for the answer.
        link: Where it is answered.
        to: As what they are asked this one, and who was before; None if that is not told.
    """

    request_id: int
    connector_id: int
    connector: str
    deadline: date
    link: str
    to: Recipient | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A secret or certificate that ends.

    Attributes:
        application: Name of the application it belongs to.
        kind: secret or certificate.
        ends_on: Its last day.
        newer: Another one of the application holds longer; which one is used is not known.
    """

    application: str
    kind: str
    ends_on: date
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody whose flows, apps or agents a change hits.

    Attributes:
        name: Name; empty for what nobody owns.
        mail: Mail address, if the directory tells one.
        things: How many flows, apps and agents.
    """

    name: str
    mail: str
    things: int


@dataclass(frozen=True, slots=True)
class Drift:
    """Breaking changes of a connector that nobody has accepted.

    Attributes:
        kind: broke: a new version against the one before; drifted: against its reference.
        against: Environment of the reference; empty for a new version.
        changes: How many breaking changes.
        grade: How far what changes is used: used, perhaps, not_known or unused.
        operations: Operations that change, those that are used first.
        flows: Flows that it hits.
        apps: Apps that it hits.
        agents: Agents that it hits.
        contacts: Whom to tell, the most concerned first.
        people: How many there are to tell.
    """

    kind: Literal["broke", "drifted"]
    against: str
    changes: int
    grade: str
    operations: tuple[str, ...] = ()
    flows: int = 0
    apps: int = 0
    agents: int = 0
    contacts: tuple[Contact, ...] = ()
    people: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """Whether a connector is used, as it was judged.

    Attributes:
        state: active, quiet, stale, abandoned, never_used or unknown.
        score: 0 (in use) to 100 (abandoned); None if too little is known.
        last_used_on: Last day of use, by the best evidence there is.
        source: Which source tells of it.
        exempt_until: Last day for which it may be quiet, if somebody decided that.
    """

    state: str
    score: int | None = None
    last_used_on: date | None = None
    source: str | None = None
    exempt_until: date | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a definition does not explain.

    Attributes:
        operations: Operations that makers see.
        undescribed: Of these, without summary or description.
        described: The connector itself has a description.
    """

    operations: int
    undescribed: int
    described: bool

    @property
    def some(self) -> bool:
        """Whether anything is missing."""
        return bool(self.undescribed) or not self.described


@dataclass(frozen=True, slots=True)
class Mine:
    """A connector, as it is told to whoever answers for it.

    Attributes:
        connector_id: Surrogate key.
        name: Name for people.
        environment: Name of its environment.
        sku: Type of that environment, e.g. Production.
        recipient: Who answers for it, and as what.
        owner_state: The verdict on its ownership.
        owner: Name of the owner it rests on.
        owner_key: Object id of that owner, if there is one.
        use: Whether it is used; None if that was not judged.
        drifts: Breaking changes that nobody accepted.
        endings: Secrets and certificates that end or have ended.
        monthly: What retiring it would save a month; None if that is not known.
        people: People who need a licence because of it alone.
        gaps: What its definition does not explain; None if it was not read.
        review_on: Day of its next review.
        asked: The open question about it, if it is to this recipient.
    """

    connector_id: int
    name: str
    environment: str
    sku: str
    recipient: Recipient
    owner_state: str
    owner: str = ""
    owner_key: str | None = None
    use: Use | None = None
    drifts: tuple[Drift, ...] = ()
    endings: tuple[Ending, ...] = ()
    monthly: Decimal | None = None
    people: int = 0
    gaps: Gaps | None = None
    review_on: date | None = None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do about a connector.

    Attributes:
        kind: What.
        urgency: How soon.
        due: By which day, where there is one.
        about: The fact it rests on, where the connector has several.
    """

    kind: Kind
    urgency: Urgency
    due: date | None = None
    about: Ending | Drift | None = None


def ending(some: Iterable[Ending], today: date, *, endless: bool = False) -> tuple[Ending, ...]:
    """Return those of an application's secrets and certificates that somebody has to look at.

    One that has ended counts only if no other holds: it was replaced then.

    Args:
        some: All of one application that end at all.
        today: The day it is.
        endless: It has another one that does not end.
    """
    ordered = sorted(some, key=lambda one: one.ends_on)
    if not ordered:
        return ()
    last = ordered[-1]
    if last.ends_on < today:
        return () if endless else (last,)
    ahead = [one for one in ordered if today <= one.ends_on <= today + timedelta(days=AHEAD_DAYS)]
    return tuple(replace(one, newer=endless or one.ends_on < last.ends_on) for one in ahead)


def tasks(mine: Mine, today: date) -> tuple[Task, ...]:
    """Return what is to be done about a connector, the most urgent first."""
    return tuple(sorted(_found(mine, today), key=_order))


def by_urgency(held: Iterable[Mine], today: date) -> list[tuple[Mine, tuple[Task, ...]]]:
    """Return connectors with what is to be done about each, the most urgent first.

    Those with nothing to do come last, the most expensive first.
    """

    def order(one: tuple[Mine, tuple[Task, ...]]) -> tuple[object, ...]:
        mine, found = one
        first = _order(found[0]) if found else (len(URGENCIES),)
        return (*first, -(mine.monthly or 0), mine.name.casefold(), mine.connector_id)

    rows = [(mine, tasks(mine, today)) for mine in held]
    return sorted((row for row in rows if row[1]), key=order) + sorted(
        (row for row in rows if not row[1]), key=order
    )


def _order(task: Task) -> tuple[int, int, date]:
    return (
        URGENCIES.index(task.urgency),
        KINDS.index(task.kind),
        task.due or date.max,
    )


def _found(mine: Mine, today: date) -> Iterable[Task]:
    if mine.asked:
        yield Task("answer", "now", mine.asked.deadline)
    for one in mine.endings:
        if one.ends_on <= today + timedelta(days=AHEAD_DAYS):
            urgency: Urgency = "later" if one.newer else _until(one.ends_on, today)
            yield Task("credential", urgency, one.ends_on, one)
    for drift in mine.drifts:
        yield Task(drift.kind, _by_use(drift), None, drift)
    yield from _about_people(mine, today)
    yield from _about_use(mine, today)
    if mine.gaps and mine.gaps.some:
        yield Task("documentation", "later")


def _about_people(mine: Mine, today: date) -> Iterable[Task]:
    if mine.owner_state in _WITHOUT_OWNER:
        yield Task("owner", "soon")
    elif mine.owner_state in _ONE_OWNER:
        yield Task("owner", "later")
    if mine.review_on and mine.review_on <= today + timedelta(days=AHEAD_DAYS):
        yield Task("review", "soon" if mine.review_on <= today else "later", mine.review_on)


def _about_use(mine: Mine, today: date) -> Iterable[Task]:
    """Yield that nothing uses it, unless that is what is asked about or somebody exempted it."""
    use = mine.use
    if use is None or mine.asked or (use.exempt_until and use.exempt_until >= today):
        return
    for kind in UNUSED:
        if use.state == kind:
            yield Task(kind, "later" if kind == "stale" else "soon")


def _by_use(drift: Drift) -> Urgency:
    if drift.grade not in {"used", "perhaps"}:
        return "later"
    return "now" if drift.kind == "broke" else "soon"


def _until(day: date, today: date) -> Urgency:
    return "now" if day <= today + timedelta(days=SOON_DAYS) else "soon"


@dataclass(frozen=True, slots=True)
class Digest:
    """What one recipient is told about the connectors they answer for.

    Attributes:
        to: The recipient.
        held: These connectors.
        today: The day it is.
        read_on: The day as of which it is.
        environments: Environments there are.
        environments_read: Of these, those that could be read.
        currency: Of every amount; None if costs could not be reckoned.
        ask: Mail address of whoever helps; empty if none is set.
        answer_all: Where all that is asked can be answered; empty if that is nowhere.
    """

    to: Recipient
    held: tuple[Mine, ...]
    today: date
    read_on: date
    environments: int
    environments_read: int
    currency: str | None = None
    ask: str = ""
    answer_all: str = ""
