"""Where lists of connectors disagree, and the likely reason.

Lists see different subsets by design, so most absences have an innocent explanation. A list that
was not read says nothing: it never counts as one that lacks a connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

Source = Literal["admin", "maker_list", "dataverse", "connectivity", "inventory"]
Seen = Literal["shows", "lacks", "not_known", "not_there"]
"""shows and lacks: the list was read. not_known: it was not. not_there: no such list exists."""

Kind = Literal[
    "alias_collision",
    "deleted_in_one",
    "still_used",
    "row_missing",
    "no_runtime",
    "list_lag",
    "role_limited",
    "inventory_lag",
    "not_in_solution",
    "not_shared",
    "unused",
]

SOURCES: Final[tuple[Source, ...]] = (
    "admin",
    "maker_list",
    "dataverse",
    "connectivity",
    "inventory",
)
RUNTIME: Final[tuple[Source, ...]] = ("admin", "maker_list", "connectivity")
"""Lists of what runs; Dataverse lists rows, the inventory what things refer to."""

_WHOLE: Final[tuple[Source, ...]] = ("admin", "connectivity")
"""Lists that would show what runs; the makers' list shows only what was shared, so it proves less."""

FRESH: Final = timedelta(days=1)
"""How old a connector may be for a list to be merely late."""

EXPLAINED: Final[frozenset[Kind]] = frozenset({"not_in_solution", "not_shared", "unused"})
"""Kinds that follow from what a list is for; the others are worth a look."""

_REASONS: Final[Mapping[Kind, str]] = {
    "alias_collision": "two names in one list differ only in capitals, dots or dashes and are told "
    "apart by nothing else: {names}; what is known of either stands under one",
    "deleted_in_one": "it was there before and no longer is, while others still show it: deleted in "
    "one place, or a list that lags behind",
    "still_used": "no list shows it any more, while an app, flow or agent still refers to it",
    "row_missing": "its runtime names a row in Dataverse that the table does not show: deleted "
    "there, or hidden from a role that reads below the organization level",
    "no_runtime": "a row in a solution whose runtime no list shows: not synchronised yet, or "
    "deleted before the first run",
    "list_lag": "others show it already: the list lags behind, as after a recent creation",
    "role_limited": "the connectivity API shows what the role of the application allows, and the "
    "admin list more",
    "inventory_lag": "a flow, app or agent uses it, which the inventory does not know yet or leaves "
    "out",
    "not_in_solution": "Dataverse lists only what is in a solution, and this one is in none",
    "not_shared": "the makers' list shows only what was shared with the identity that asks",
    "unused": "the inventory names a connector only where an app, flow or agent uses it",
}


@dataclass(frozen=True, slots=True)
class Sightings:
    """What is known of one connector's appearance in the lists.

    Attributes:
        seen: What each list says.
        has_row: A row of Dataverse is known to belong to it.
        stopped: Since when a list that showed it before does not.
        created: When it was made, if told.
        used: A flow, app or agent refers to it, by their own lists.
        spellings: Names in one list that are taken for this one; empty without a collision.
    """

    seen: Mapping[Source, Seen]
    has_row: bool = False
    stopped: Mapping[Source, datetime] = field(default_factory=dict)
    created: datetime | None = None
    used: bool = False
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One way in which lists disagree about a connector.

    Attributes:
        kind: Which way.
        lacking: Lists that do not show it.
        reason: The likely reason, as a sentence.
        since: Since when, if that was seen.
    """

    kind: Kind
    lacking: tuple[Source, ...]
    reason: str
    since: datetime | None = None

    @property
    def explained(self) -> bool:
        """Whether this follows from what the list is for."""
        return self.kind in EXPLAINED


def disagreements(told: Sightings, now: datetime) -> tuple[Disagreement, ...]:
    """Return how lists disagree about a connector, a row for each kind, in the order of `Kind`.

    Args:
        told: What is known of its appearance.
        now: When the lists were read.
    """
    lacking: dict[Kind, list[Source]] = {}
    for source in SOURCES:
        kind = _kind(source, told, now) if told.seen.get(source) == "lacks" else None
        if kind is not None:
            lacking.setdefault(kind, []).append(source)
    if told.spellings:
        lacking["alias_collision"] = []
    return tuple(
        Disagreement(
            kind,
            tuple(lacking[kind]),
            reason.format(names=" and ".join(told.spellings)),
            _since(kind, lacking[kind], told),
        )
        for kind, reason in _REASONS.items()
        if kind in lacking
    )


def _kind(source: Source, told: Sightings, now: datetime) -> Kind | None:
    """Return why a list lacks a connector that another one shows.

    None if none shows it, or if a list that was not read could show what this one lacks.
    """
    showing = {name for name, seen in told.seen.items() if seen == "shows"}
    if not showing:
        return None
    if showing == {"inventory"}:
        return "still_used" if _read(told, *_WHOLE, "dataverse") else None
    if source == "inventory":
        return "inventory_lag" if told.used else "unused"
    if source == "dataverse":
        return _without_row(told)
    return _not_running(source, told, now, known_to_run=not showing.isdisjoint(RUNTIME))


def _without_row(told: Sightings) -> Kind:
    if "dataverse" in told.stopped:
        return "deleted_in_one"
    return "row_missing" if told.has_row else "not_in_solution"


def _read(told: Sightings, *sources: Source) -> bool:
    """Tell whether none of these lists could show something that is not known."""
    return all(told.seen.get(source, "not_known") != "not_known" for source in sources)


def _not_running(
    source: Source, told: Sightings, now: datetime, *, known_to_run: bool
) -> Kind | None:
    """Return why a list of what runs lacks a connector, which another such list may show."""
    if source in told.stopped and (not known_to_run or source != "maker_list"):
        return "deleted_in_one"
    if not known_to_run:
        if not _read(told, *_WHOLE):
            return None
        return "no_runtime" if told.stopped.keys().isdisjoint(RUNTIME) else "deleted_in_one"
    if source == "maker_list":
        return "not_shared"
    fresh = told.created is not None and now - told.created < FRESH
    return "list_lag" if source == "admin" or fresh else "role_limited"


def _since(kind: Kind, lacking: list[Source], told: Sightings) -> datetime | None:
    """Return when the first of the lists stopped showing what others still do."""
    if kind not in {"deleted_in_one", "still_used"}:
        return None
    return min((told.stopped[one] for one in lacking if one in told.stopped), default=None)
