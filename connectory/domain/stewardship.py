"""Who answers for a connector beside its platform owner: the fields, and what may stand in them.

The platform cannot give a custom connector another owner, so that layer is ours (docs/owners.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

DATA_CLASSES: Final = ("public", "internal", "confidential", "restricted")
CRITICALITIES: Final = ("low", "medium", "high", "critical")
PEOPLE: Final = ("business_owner", "deputy")
"""Fields that name a person."""
LONGEST: Final = 200
LONGEST_LINK: Final = 1_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS: Final = range(2000, 2101)
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "data_class": DATA_CLASSES,
    "criticality": CRITICALITIES,
}


class Unfit(ValueError):
    """A field holds what it may not; the text says which, and what may stand there."""


@dataclass(frozen=True, slots=True)
class StewardFields:
    """What is said of who answers for a connector; None where nothing is said.

    Attributes:
        business_owner: A person: object id, mail address, sign-in name or full name.
        deputy: Another one, likewise.
        team: Team that runs it.
        contact: Mail address or words by which to reach it.
        review_on: Day of the next review.
        data_class: One of `DATA_CLASSES`.
        criticality: One of `CRITICALITIES`.
        support_link: An https address.
    """

    business_owner: str | None = None
    deputy: str | None = None
    team: str | None = None
    contact: str | None = None
    review_on: date | None = None
    data_class: str | None = None
    criticality: str | None = None
    support_link: str | None = None

    @property
    def empty(self) -> bool:
        """Nothing is said."""
        return all(getattr(self, name) is None for name in FIELDS)


FIELDS: Final = tuple(field.name for field in fields(StewardFields))


def checked(told: StewardFields) -> StewardFields:
    """Return the fields as they are kept: on one line, without what is empty.

    Raises:
        Unfit: A field holds what it may not.
    """
    clean: dict[str, Any] = {"review_on": told.review_on}
    for name in ("business_owner", "deputy", "team", "contact"):
        clean[name] = _line(name, getattr(told, name), LONGEST)
    for name, choices in _CHOICES.items():
        clean[name] = _choice(name, getattr(told, name), choices)
    clean["support_link"] = _link(told.support_link)
    if told.review_on is not None and told.review_on.year not in _YEARS:
        raise Unfit(
            f"review_on: the year {told.review_on.year} is not meant; write e.g. 2027-03-01"
        )
    same = (clean["business_owner"] or "").casefold() == (clean["deputy"] or "").casefold()
    if clean["deputy"] and same:
        raise Unfit("deputy: it is the business owner; name another person, or nobody")
    return replace(told, **clean)


def day(text: str) -> date | None:
    """Return the day that a text names, None if it is empty.

    Raises:
        Unfit: It names none.
    """
    told = text.strip()
    if not told:
        return None
    try:
        found = date.fromisoformat(told) if _DAY.fullmatch(told) else None
    except ValueError:
        found = None
    if found is None:
        raise Unfit(f"review_on: {told[:40]!r} is no day; write e.g. 2027-03-01")
    return found


def _line(name: str, text: str | None, longest: int) -> str | None:
    told = " ".join((text or "").split())
    if not told.isprintable():
        raise Unfit(f"{name}: it holds characters that cannot be printed; write plain text")
    if len(told) > longest:
        raise Unfit(f"{name}: {len(told)} characters; at most {longest} are kept")
    return told or None


def _choice(name: str, text: str | None, choices: tuple[str, ...]) -> str | None:
    told = _line(name, text, LONGEST)
    if told is None:
        return None
    if told.casefold() not in choices:
        raise Unfit(f"{name}: {told[:40]!r} is none of {', '.join(choices)}")
    return told.casefold()


def _link(text: str | None) -> str | None:
    told = _line("support_link", text, LONGEST_LINK)
    if told is None:
        return None
    try:
        parts = urlsplit(told)
        fit = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        fit = False
    if not fit or " " in told or any(letter in told for letter in "<>\"'`\\"):
        raise Unfit("support_link: no https address; write e.g. https://wiki.example/invoices")
    return told
