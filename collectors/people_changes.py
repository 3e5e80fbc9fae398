"""Which users changed since they were last listed: one request in place of the whole directory.

Source: delta queries of Microsoft Graph. Their replies hold only what changed of a user, so they
are asked for ids alone, and who is named there is read singly. Whether a change of manager alone
is told is not certain, so that everybody is listed again every `collect.people_listed_days`.
https://learn.microsoft.com/graph/api/user-delta
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Table, func, select

from collectors.api.errors import ApiError, BadReply, NotFound, ServerFault
from collectors.api.paging import ODataNextLink
from collectors.contract import StepContext
from collectors.nouns import PRINCIPALS
from collectors.versions import SIGHTINGS
from models import Step

_STEPS = cast("Table", Step.__table__)
_PATH = "/v1.0/users/delta"
_TOLD = "id,displayName,userPrincipalName,accountEnabled,mail,department,jobTitle,manager"
_LONGEST_TOKEN = 3900


@dataclass(frozen=True, slots=True)
class Bookmark:
    """From where on changes are asked for.

    Attributes:
        listed_at: When everybody was last listed.
        token: What the directory handed out then, or with the changes since.
    """

    listed_at: datetime
    token: str

    def __str__(self) -> str:
        return f"{self.listed_at.isoformat()} {self.token}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of users since a bookmark.

    Attributes:
        changed: Object ids of those to read again.
        went: Object ids of those who are no longer there.
        following: From where on changes are asked for next; None if the directory did not say.
    """

    changed: frozenset[str]
    went: frozenset[str]
    following: Bookmark | None


@dataclass(slots=True)
class _Round:
    """Reads the pages of one round of changes; the last one names where the next round begins."""

    token: str | None = None
    _pages: Any = field(default_factory=ODataNextLink)

    def rows(self, body: Any, url: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._pages.rows(body, url)
        link = body.get("@odata.deltaLink")
        if isinstance(link, str):
            named = parse_qs(urlsplit(link).query).get("$deltatoken", [""])[0]
            self.token = named if 0 < len(named) <= _LONGEST_TOKEN else None
        return found

    def link(self, body: Any, headers: Mapping[str, str]) -> str | None:
        told: str | None = self._pages.link(body, headers)
        return told


def bookmark(step: StepContext) -> Bookmark | None:
    """Return from where on changes are known to be enough; None if everybody is to be listed."""
    days = step.settings.people_listed_days
    if step.settings.full or not days:
        return None
    query = (
        select(_STEPS.c.watermark)
        .where(_STEPS.c.collector == "people", _STEPS.c.watermark.is_not(None))
        .order_by(_STEPS.c.id.desc())
        .limit(1)
    )
    with step.store.looking() as connection:
        told = connection.scalar(query)
    moment, _, token = str(told or "").partition(" ")
    if not token:
        return None
    listed_at = datetime.fromisoformat(moment)
    return Bookmark(listed_at, token) if step.now - listed_at < timedelta(days=days) else None


def begin(step: StepContext) -> Bookmark | None:
    """Return where changes begin from now on; None if the directory tells none."""
    try:
        _, token = _round(step, {"$select": _TOLD, "$deltatoken": "latest"})
    except ApiError:
        # Nothing is lost: everybody is listed in the next run as well.
        return None
    return Bookmark(step.now, token) if token else None


def changed_since(step: StepContext, known: Bookmark) -> Changes | None:
    """Return what became of users since a bookmark.

    Returns:
        None if everybody is to be listed again: the directory keeps tokens for some time only, and
        says in more than one way that one is too old.

    Raises:
        ApiError: The directory could not be asked.
    """
    try:
        found, token = _round(step, {"$deltatoken": known.token})
    except (NotFound, ServerFault, BadReply):
        return None
    went = {key for key, gone in found.items() if gone}
    following = Bookmark(known.listed_at, token) if token else None
    return Changes(frozenset(found.keys() - went), frozenset(went), following)


def _round(step: StepContext, parameters: dict[str, str]) -> tuple[dict[str, bool], str | None]:
    """Return who is named, and whether as gone; the last word counts."""
    pager = _Round()
    found: dict[str, bool] = {}
    for page in step.api.pages("graph", _PATH, parameters, pager=pager):
        if not all(map(_named, page)):
            raise BadReply("a change names nobody", _PATH, "everybody is listed instead")
        found |= {str(record["id"]).casefold(): "@removed" in record for record in page}
    return found, pager.token


def _named(record: object) -> bool:
    return isinstance(record, dict) and bool(record.get("id"))


def listed(step: StepContext, source: str) -> int:
    """Return how many users a source showed when it was last read."""
    query = select(func.count()).where(
        SIGHTINGS.c.noun == PRINCIPALS.name,
        SIGHTINGS.c.source == source,
        SIGHTINGS.c.to_run.is_(None),
    )
    with step.store.looking() as connection:
        return connection.scalar(query) or 0
