"""Which connector is held against which document: registered in the settings, or looked for.

A connector is registered as `environment/connector`, or with its whole family by name. One that is
not may have a document at a usual address of its own host, where the settings allow that host.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast
from urllib.parse import urlsplit

from sqlalchemy import Table, select

from collectors.api.documents import Known
from collectors.nouns import CONNECTOR_UPSTREAMS, CONNECTORS, ENVIRONMENTS, UPSTREAM_DOCUMENTS
from collectors.store import StepStore
from connectory.domain.identity import connector_key
from connectory.upstream_settings import UpstreamSettings, allowed
from models import Definition, DetailRead, FamilyAnswer

_DEFINITIONS = cast("Table", Definition.__table__)
_READS = cast("Table", DetailRead.__table__)
_FAMILIES = cast("Table", FamilyAnswer.__table__)
How = Literal["registered", "convention"]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A connector, and by what it can be known.

    Attributes:
        id: Its surrogate key.
        host: Host of the API it calls; None if it tells none.
        places: Names of its environment, case-folded.
        names: Its own, case-folded.
        families: Names of its family, case-folded.
        document: Address of the document it is held against until now.
    """

    id: int
    host: str | None
    places: frozenset[str]
    names: frozenset[str]
    families: frozenset[str]
    document: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a document."""

    definition_id: int | None
    known: Known | None
    changed_at: datetime | None


@dataclass(slots=True)
class Search:
    """One document that is asked for, at one address or at the first of several that has one.

    Attributes:
        how: Why it is asked for.
        urls: Where.
        connectors: Surrogate keys of those that wrap the API.
    """

    how: How
    urls: list[str]
    connectors: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called where it fails."""
        return self.urls[0] if self.how == "registered" else _host(self.urls[0]) or self.urls[0]


def document_key(url: str) -> str:
    """Return an address with its host folded: the same document is known by one key."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.casefold(), fragment="").geturl()


def searches(
    connectors: Sequence[Wrapped], settings: UpstreamSettings
) -> tuple[list[Search], list[str]]:
    """Return what is to be asked for, each document once, and what the settings name in vain.

    Args:
        connectors: Every connector.
        settings: Which hosts are allowed, and which documents are registered.
    """
    by_url: dict[str, Search] = {}
    taken: set[int] = set()
    vain = []
    for document in settings.documents:
        url = document_key(document.url)
        named = [one.id for one in connectors if _is_called(one, document.connector)]
        if not named:
            vain.append(document.connector)
        search = by_url.setdefault(url, Search("registered", [url]))
        search.connectors += [one for one in named if one not in taken]
        taken |= set(named)
    by_host: dict[str, list[Wrapped]] = defaultdict(list)
    for one in connectors:
        if one.id not in taken and one.host and allowed(one.host, settings.hosts):
            by_host[one.host].append(one)
    found = [search for search in by_url.values() if search.connectors]
    for host, mine in sorted(by_host.items()):
        before = [one.document for one in mine if one.document and _host(one.document) == host]
        usual = [f"https://{host}{path}" for path in settings.conventions]
        if urls := list(dict.fromkeys([*before, *usual])):
            found.append(Search("convention", urls, [one.id for one in mine]))
    return found, vain


def _is_called(one: Wrapped, told: str) -> bool:
    place, slash, name = told.casefold().strip().partition("/")
    if not slash:
        return bool({place, connector_key(place)} & (one.names | one.families))
    name = name.strip()
    return place.strip() in one.places and bool({name, connector_key(name)} & one.names)


def _host(url: str | None) -> str | None:
    try:
        return (urlsplit(url or "").hostname or "").casefold() or None
    except ValueError:
        return None


def wrapped(store: StepStore) -> list[Wrapped]:
    """Return every connector that is not gone, in its order."""
    entity, facts = CONNECTORS.entity, CONNECTORS.versions
    home, place = ENVIRONMENTS.entity, ENVIRONMENTS.versions
    link, document = CONNECTOR_UPSTREAMS.table, UPSTREAM_DOCUMENTS.entity
    query = (
        select(
            entity.c.id,
            entity.c.key,
            facts.c.name,
            facts.c.display_name,
            facts.c.logical_name,
            facts.c.backend_url,
            _DEFINITIONS.c.host,
            home.c.key.label("environment_key"),
            place.c.name.label("environment_name"),
            place.c.display_name.label("environment_shown"),
            _FAMILIES.c.family_key,
            _FAMILIES.c.family_name,
            document.c.key.label("document"),
        )
        .join(facts, facts.c.connector_id == entity.c.id)
        .join(home, home.c.id == entity.c.environment_id)
        .outerjoin(place, (place.c.environment_id == home.c.id) & place.c.to_run.is_(None))
        .outerjoin(_DEFINITIONS, _DEFINITIONS.c.id == facts.c.definition_id)
        .outerjoin(
            _FAMILIES, (_FAMILIES.c.connector_id == entity.c.id) & _FAMILIES.c.to_run.is_(None)
        )
        .outerjoin(link, (link.c.connector_id == entity.c.id) & link.c.to_run.is_(None))
        .outerjoin(document, document.c.id == link.c.upstream_document_id)
        .where(facts.c.to_run.is_(None), facts.c.presence != "gone")
        .order_by(entity.c.id)
    )
    with store.looking() as connection:
        return [
            Wrapped(
                row.id,
                _plain(row.host) or _host(row.backend_url),
                _folded(row.environment_key, row.environment_name, row.environment_shown),
                _folded(row.key, row.name, row.display_name, row.logical_name),
                _folded(row.family_key, row.family_name),
                row.document,
            )
            for row in connection.execute(query)
        ]


def _plain(host: str | None) -> str | None:
    """Return the host of a definition without the port that some carry."""
    return _host(f"https://{host}") if host else None


def _folded(*names: str | None) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)


def standing(store: StepStore, *, again: bool) -> dict[str, Standing]:
    """Return what is known of each document by its key.

    Args:
        store: Store of the step.
        again: Everything is to be read again, whatever is known.
    """
    entity, facts = UPSTREAM_DOCUMENTS.entity, UPSTREAM_DOCUMENTS.versions
    query = (
        select(
            entity.c.key,
            facts.c.url,
            facts.c.definition_id,
            facts.c.changed_at,
            _READS.c.stamp,
        )
        .join(facts, facts.c.upstream_document_id == entity.c.id)
        .outerjoin(
            _READS,
            (_READS.c.entity_id == entity.c.id)
            & (_READS.c.noun == UPSTREAM_DOCUMENTS.name)
            & (_READS.c.detail == "document"),
        )
        .where(facts.c.to_run.is_(None))
    )

    def known(url: str | None, stamp: str | None, definition: int | None) -> Known | None:
        whole = url and stamp and definition is not None and not again
        return Known(str(url), str(stamp)) if whole else None

    with store.looking() as connection:
        return {
            row.key: Standing(
                row.definition_id, known(row.url, row.stamp, row.definition_id), row.changed_at
            )
            for row in connection.execute(query)
        }
