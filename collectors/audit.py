"""Who made, changed, shared and deleted connectors and what uses them, by the audit log.

The log hands out blobs of records: listed by when they were made, in windows of a day, for a week,
and only once somebody has subscribed to it, which is a command of its own and never done here.
Blobs repeat records and appear late, so that the days before are always listed again; a blob that
was read is not fetched twice. What expired before it was read can be asked for by queries
(collectors/audit_backfill.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.api.client import Api
from collectors.api.errors import ApiError, BadReply, NotFound, Refused, ServerFault
from collectors.api.paging import NextPageUri
from collectors.audit_backfill import asks, backfill, hole
from collectors.audit_events import EventKeeper, events_in
from collectors.audit_reading import Span, extend, known_blobs, last_span, note_blobs
from collectors.contract import Collector, SourceReading, StepContext
from collectors.records import Shape
from connectory.domain.audit import AuditEvent, read_record
from connectory.domain.identity import parse_time

CONTENT = "Audit.General"
"""The content type that holds what the Power Platform writes."""
NOT_SUBSCRIBED = "the audit log is not subscribed to"
CURE = "run: connectory audit start; nothing from before that is handed out"

_LISTED = Shape(texts=("contentId", "contentUri", "contentCreated"))
_KEPT = timedelta(days=7)
_WINDOW = timedelta(hours=24)
_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Blob:
    """A part of the log that can be fetched."""

    id: str
    address: str
    created: datetime


def feed(tenant_id: str, what: str) -> str:
    """Return the path of a call of the feed."""
    return f"/api/v1.0/{tenant_id}/activity/feed/{what}"


def subscribed(api: Api, tenant_id: str) -> bool:
    """Tell whether the audit log is subscribed to.

    Raises:
        ApiError: It could not be asked.
    """
    path = feed(tenant_id, "subscriptions/list")
    found = api.get_json("activity", path, {"PublisherIdentifier": tenant_id})
    if not isinstance(found, list):
        raise BadReply("the list of subscriptions is none", path, "it is read again next time")
    return is_subscribed(found)


def is_subscribed(reply: Any) -> bool:
    """Tell from the list of subscriptions whether ours is among them and on."""
    return any(
        row.get("contentType") == CONTENT and row.get("status") == "enabled"
        for row in (reply if isinstance(reply, list) else ())
        if isinstance(row, dict)
    )


def collect(step: StepContext) -> None:
    """Read what the log has handed out since it was last read, and some days before."""
    with step.reading("activity_feed") as source:
        if not subscribed(step.api, step.tenant_id):
            raise Refused(NOT_SUBSCRIBED, CONTENT, CURE)
        _read(step, source)
    backfill(step)


def _read(step: StepContext, source: SourceReading) -> None:
    now = step.now.astimezone(UTC).replace(microsecond=0)
    oldest = now - _KEPT
    span = last_span(step.store)
    overlap = timedelta(hours=step.settings.audit_overlap_hours)
    if span is not None and oldest - _MARGIN <= span.to_at < oldest:
        oldest = span.to_at  # by seconds, perhaps: the service judges by a clock of its own
    start = oldest
    if span is not None and not step.settings.full:
        start = max(oldest, span.to_at - overlap)
    since: datetime | None = None
    whole = True
    while start < now:
        end = min(start + _WINDOW, now)
        begin, listed = _listed(step, start, end, oldest)
        blobs = [blob for blob in listed if blob is not None]
        if len(blobs) < len(listed):
            source.falls_short(f"{len(listed) - len(blobs)} blobs are listed without an address")
            whole = False
        if span is not None and span.to_at < begin:
            if not asks(step):
                source.falls_short(_lost(span, begin))
            span, since = None, begin
        whole = _fetch(step, source, blobs) and whole
        if span is None and since is None:
            # Before the first blob ever handed out nobody may have subscribed.
            since = min((blob.created for blob in blobs), default=None)
        if whole and (span is not None or since is not None):
            span = extend(step.store, span, since or end, end)
            step.watermark = end.isoformat()
        start = end


def _lost(span: Span, begin: datetime) -> str:
    return f"{hole((span.to_at, begin))} and is lost; read it at least once in six days"


def _listed(
    step: StepContext, start: datetime, end: datetime, oldest: datetime
) -> tuple[datetime, list[Blob | None]]:
    """List the blobs of a window and return where the window really began."""
    try:
        return start, list(_blobs(step, start, end))
    except ServerFault as error:
        if start != oldest or "AF20030" not in str(error):
            raise
    return start + _MARGIN, list(_blobs(step, start + _MARGIN, end))


def _blobs(step: StepContext, start: datetime, end: datetime) -> Iterator[Blob | None]:
    parameters = {
        "contentType": CONTENT,
        "PublisherIdentifier": step.tenant_id,
        "startTime": f"{start:%Y-%m-%dT%H:%M:%S}",
        "endTime": f"{end:%Y-%m-%dT%H:%M:%S}",
    }
    path = feed(step.tenant_id, "subscriptions/content")
    for page in step.api.pages("activity", path, parameters, pager=NextPageUri()):
        for row in page:
            yield _blob(row, start) if _LISTED.lacks(row) is None else None


def _blob(row: Mapping[str, Any], otherwise: datetime) -> Blob:
    return Blob(row["contentId"], row["contentUri"], parse_time(row["contentCreated"]) or otherwise)


def _fetch(step: StepContext, source: SourceReading, blobs: list[Blob]) -> bool:
    """Fetch and store the blobs that were not; return whether all are settled now."""
    known = known_blobs(step.store, [blob.id for blob in blobs])
    fresh = list({blob.id: blob for blob in blobs if blob.id not in known}.values())
    keeper = EventKeeper(step.store)
    whole = True
    for batch in step.read_each(lambda blob: _records(step, blob), fresh):
        events: list[AuditEvent] = []
        settled: list[tuple[Blob, str, int]] = []
        for blob, result in batch:
            if isinstance(result, ApiError):
                if _expired(result):
                    source.falls_short(f"blob {blob.id} had expired; what it told is lost")
                    settled.append((blob, "expired", 0))
                else:
                    source.falls_short(f"blob {blob.id}: {result}")
                    whole = False
                continue
            told, odd = events_in(result, read_record)
            if odd:
                source.falls_short(f"blob {blob.id}: {odd} records are not in the expected form")
            else:
                # Otherwise it is fetched again, for as long as it is listed among the late ones.
                settled.append((blob, "read", len(result)))
            events += told
        with step.store.together() as connection:
            source.rows += keeper.keep(connection, events)
            note_blobs(
                connection,
                step.store.run_id,
                [(blob.id, blob.created, state, count) for blob, state, count in settled],
            )
    return whole


def _expired(error: ApiError) -> bool:
    return isinstance(error, NotFound) or "AF20051" in str(error)


def _records(step: StepContext, blob: Blob) -> list[Any]:
    found = step.api.get_json("activity", blob.address)
    if not isinstance(found, list):
        raise BadReply("a blob is no list", blob.address, "it is fetched again in the next run")
    return found


COLLECTOR = Collector(
    "audit",
    "tenant",
    collect,
    after=("environments", "people", "connectors", "connections", "flows", "apps"),
)
