"""Upstream documents: what the APIs behind connectors say of themselves, in any OpenAPI version.

They lie on hosts of the outside world. Only hosts that the settings name are asked, and only under
the guard of collectors/api/addresses.py; with none named nothing is asked at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from collectors.api.documents import Documents, Fetched
from collectors.api.errors import (
    AddressRefused,
    ApiError,
    BadReply,
    NotFound,
    Refused,
    ServerFault,
)
from collectors.contract import Collector, SourceReading, StepContext
from collectors.definitions import Parsed, keep_definition
from collectors.details import Details
from collectors.lookups import open_parents
from collectors.nouns import CONNECTOR_UPSTREAMS, UPSTREAM_DOCUMENTS
from collectors.store import Kept
from collectors.upstream_targets import Search, Standing, searches, standing, wrapped
from connectory.domain.drift.document import Unreadable, load

SOURCE: Final = "upstream_documents"
NONE_ALLOWED: Final = "no host is named in drift.upstream.hosts"
_ELSEWHERE: Final = (NotFound, BadReply)
"""What a host answers that keeps no document at an address."""
_CLOSED: Final = (*_ELSEWHERE, Refused, ServerFault)
"""The same of an address where none was ever found: some hosts refuse whatever they do not know."""
_LONGEST_MARK: Final = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was found.

    Attributes:
        url: Where it was asked for.
        fetched: What came.
        parsed: What it holds; None where it is what is known.
    """

    url: str
    fetched: Fetched
    parsed: Parsed | None


def collect(step: StepContext) -> None:
    """Ask for every document that is registered or may be found, and remember whose it is."""
    before = open_parents(step.store, CONNECTOR_UPSTREAMS)
    if not step.upstream.hosts or step.documents is None:
        step.skip(SOURCE, NONE_ALLOWED)
        step.store.replace_edges(CONNECTOR_UPSTREAMS, sorted(before), [])
        return
    with step.reading(SOURCE) as source:
        wanted, vain = searches(wrapped(step.store), step.upstream)
        for name in vain:
            source.falls_short(f"no connector is called {name}; drift.upstream.documents")
        about = {connector for search in wanted for connector in search.connectors}
        step.store.replace_edges(CONNECTOR_UPSTREAMS, sorted(before - about), [])
        _read(step, source, wanted, step.documents)


def _read(
    step: StepContext, source: SourceReading, wanted: list[Search], documents: Documents
) -> None:
    known = standing(step.store, again=step.settings.full)
    named = {(search.how, search.urls[0]): search for search in wanted}
    for batch in step.read_each(
        lambda place: _find(step, documents, named[place], known), list(named)
    ):
        for place, result in batch:
            search = named[place]
            if isinstance(result, ApiError):
                source.falls_short(f"{search.name}: {result}")
                _failed(step, search, result, known)
            elif result is None:
                step.store.replace_edges(CONNECTOR_UPSTREAMS, search.connectors, [])
            else:
                _keep(step, source, search, result, known)


def _find(
    step: StepContext, documents: Documents, search: Search, known: Mapping[str, Standing]
) -> Found | None:
    """Return the document of a search; None where a host has none at any usual address.

    Raises:
        ApiError: It cannot be read, or nobody can tell whether there is one.
    """
    for url in search.urls:
        before = known.get(url)
        registered = search.how == "registered"
        try:
            fetched = documents.fetch(url, before.known if before else None, step.meter)
        except _CLOSED as error:
            if registered or (before and not isinstance(error, _ELSEWHERE)):
                raise
            continue
        if fetched.content is None:
            return Found(url, fetched, None)
        parsed = _parsed(step, fetched.content)
        if registered or not isinstance(parsed, Unreadable):
            return Found(url, fetched, parsed)
    return None


def _parsed(step: StepContext, content: bytes) -> Parsed:
    loaded = load(
        content,
        max_bytes=int(step.upstream.megabytes * 1024 * 1024),
        max_depth=step.settings.definition_depth,
    )
    if isinstance(loaded, Unreadable):
        return loaded
    return loaded.value, tuple(fault.message for fault in loaded.faults)


def _keep(
    step: StepContext,
    source: SourceReading,
    search: Search,
    found: Found,
    known: Mapping[str, Standing],
) -> None:
    before, content = known.get(found.url), found.fetched.content
    values: dict[str, Any] = {"url": found.fetched.url, "state": "read", "detail": None}
    if content is None:
        source.spared += 1
    else:
        kept = keep_definition(step, content, found.parsed)
        if kept.state != "readable":
            source.falls_short(f"{search.name}: {kept.detail}")
            values |= {"state": "unreadable", "detail": kept.detail}
        values["definition_id"] = kept.id
        if before is not None and before.definition_id not in (None, kept.id):
            values["changed_at"] = step.now
    mark = found.fetched.etag
    with step.store.together():
        rows = [Kept(found.url, values)]
        [number] = step.store.keep(UPSTREAM_DOCUMENTS, rows, source=SOURCE).values()
        Details(step, UPSTREAM_DOCUMENTS, "document").note(
            {number: mark if mark and len(mark) <= _LONGEST_MARK else None}
        )
        _link(step, search, number)
    source.rows += 1


def _failed(
    step: StepContext, search: Search, error: ApiError, known: Mapping[str, Standing]
) -> None:
    """Note why a document was not read; what was read before stays."""
    url = search.urls[0]
    if search.how == "convention" and url not in known:
        return
    kinds = {NotFound: "absent", Refused: "refused", AddressRefused: "refused"}
    values = {"state": kinds.get(type(error), "failed"), "detail": str(error)}
    with step.store.together():
        rows = [Kept(url, values)]
        [number] = step.store.keep(UPSTREAM_DOCUMENTS, rows, source=None).values()
        if search.how == "registered":
            _link(step, search, number)


def _link(step: StepContext, search: Search, number: int) -> None:
    step.store.replace_edges(
        CONNECTOR_UPSTREAMS,
        search.connectors,
        [
            {"connector_id": one, "upstream_document_id": number, "how": search.how}
            for one in search.connectors
        ],
    )


COLLECTOR = Collector(
    "upstream_documents",
    "tenant",
    collect,
    after=("environments", "connectors"),
)
