"""Who could answer for a connector, the likeliest first, each with every reason for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Reason = Literal["deputy", "editor", "family_owner", "connection_owner", "caller", "manager"]

REASONS: Final[tuple[Reason, ...]] = (
    "deputy",
    "editor",
    "family_owner",
    "connection_owner",
    "caller",
    "manager",
)
"""Reasons, the best first: who is named, who can change it, who has the same one elsewhere, who
uses it, and last who only was above its owner."""
DAYS: Final = 28
"""Days whose calls are counted."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One reason for which somebody could answer for a connector.

    Attributes:
        reason: Which.
        count: Connections made, calls, or connectors owned elsewhere; 0 where nothing is counted.
        where: Environment of the connector owned elsewhere, or name of whose manager; else empty.
    """

    reason: Reason
    count: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who could answer for a connector.

    Attributes:
        person: Object id.
        claims: Every reason, the best first.
    """

    person: str
    claims: tuple[Claim, ...]

    @property
    def reason(self) -> Reason:
        """The best reason."""
        return self.claims[0].reason

    @property
    def words(self) -> str:
        """All reasons in one English sentence without its end."""
        told = ", ".join(words(claim) for claim in self.claims)
        return told[:1].upper() + told[1:]


def suggested(
    claims: Iterable[tuple[str, Claim]], names: Mapping[str, str], most: int
) -> list[Suggestion]:
    """Return who could answer, by the best reason, then by how many there are and how much.

    Args:
        claims: People and what speaks for them; one who has no name is left out.
        names: Names of those who come into question.
        most: How many are returned.
    """
    by_person: dict[str, dict[Reason, Claim]] = {}
    for person, claim in claims:
        if person not in names:
            continue
        known = by_person.setdefault(person, {})
        before = known.get(claim.reason)
        if before is None or claim.count > before.count:
            known[claim.reason] = claim
    found = [
        Suggestion(person, tuple(known[reason] for reason in REASONS if reason in known))
        for person, known in by_person.items()
    ]
    found.sort(key=lambda one: (*_weight(one), names[one.person].casefold(), one.person))
    return found[:most]


def _weight(one: Suggestion) -> tuple[int, int, int]:
    return REASONS.index(one.reason), -len(one.claims), -one.claims[0].count


def words(claim: Claim) -> str:
    """Return a reason in English words."""
    match claim.reason:
        case "deputy":
            return "named as deputy"
        case "editor":
            return "may edit it"
        case "family_owner":
            more = f" and {claim.count - 1} more" if claim.count > 1 else ""
            return f"owns the same one in {claim.where}{more}"
        case "connection_owner":
            return f"made {_counted(claim.count, 'connection')} to it"
        case "caller":
            return f"called it {_counted(claim.count, 'time')} in {DAYS} days"
        case _:
            return f"manager of {claim.where}" if claim.where else "manager of its last owner"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
