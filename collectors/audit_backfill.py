"""What of the audit log had expired before it was read, asked for by queries of Microsoft Graph.

A query is one of the few things ever written at Microsoft: it is left there with its answer, which
takes minutes to hours. One that is not answered when a step ends is remembered and read by the next
run. The feed goes by when it handed records out, a query by when things happened: since records come
late, a query begins some days before the hole it is to fill. It ends some days after it, since what
came next can depend on what the hole hid: the record of a deleted connection does not say what the
connection led to, only that of its creation does. What is known already changes nothing.

https://learn.microsoft.com/graph/api/security-auditcoreroot-post-auditlogqueries
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from collectors.api.allowed import AUDIT_QUERIES
from collectors.api.errors import (
    ApiError,
    BadReply,
    NotFound,
    Refused,
    SignInError,
    Throttled,
    Unreachable,
)
from collectors.api.paging import ODataNextLink
from collectors.audit_events import EventKeeper, events_in
from collectors.audit_queries import Query, State, remember, remembered, settle
from collectors.audit_reading import spans
from collectors.contract import SourceReading, StepContext
from connectory.domain.audit import AuditEvent, read_queried
from connectory.domain.stretches import Stretch, holes, overlap, slices

SOURCE = "audit_queries"
PERMISSION = "AuditLogsQuery.Read.All"

_LATE = timedelta(days=3)
"""How much later than it happened something is handed out at most."""
_AFTER = timedelta(days=7)
_LONGEST = timedelta(days=30)
"""Longest stretch of one query, so that what fails is not everything."""
_ENDED: dict[str, State] = {"failed": "failed", "cancelled": "cancelled", "gone": "gone"}
_ON_A_PAGE = "1000"
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}")


def asks(step: StepContext) -> bool:
    """Tell whether what had expired is asked for: it is wanted, and the cloud offers it."""
    return step.settings.audit_backfill_days > 0 and step.cloud == "commercial"


def hole(stretch: Stretch) -> str:
    """Say which part of the log had expired."""
    return (
        f"what the audit log handed out from {stretch[0]:%Y-%m-%d %H:%M} to "
        f"{stretch[1]:%Y-%m-%d %H:%M} UTC had expired before it was read"
    )


def backfill(step: StepContext) -> None:
    """Fill the holes in what was read of the log, as far as it is still kept; state the others."""
    known = remembered(step.store)
    missing = _missing(step, known)
    kept_since = step.now.astimezone(UTC) - timedelta(days=step.settings.audit_retention_days)
    lost = [(begin, min(end, kept_since)) for begin, end in missing if begin < kept_since]
    fillable = [(max(begin, kept_since), end) for begin, end in missing if end > kept_since]
    if not asks(step):
        if missing:
            step.cannot_ask(SOURCE, f"{_all(missing)}; {_why_not(step)}")
        return
    with step.reading(SOURCE) as source:
        _fill(step, source, known, fillable, kept_since)
    if lost and step.was_read(SOURCE):
        step.cannot_ask(SOURCE, f"{_all(lost)}; it is older than the log is kept and stays lost")


def _missing(step: StepContext, known: Sequence[Query]) -> list[Stretch]:
    """Return what was wanted of the log and neither read nor asked for with success."""
    read = spans(step.store)
    if not read:
        return []  # Before anything was handed out nobody knows where the feed begins.
    begin, end = read[0][0], max(last for _, last in read)
    if asks(step):
        days = min(step.settings.audit_backfill_days, step.settings.audit_retention_days)
        begin = min(begin, step.now.astimezone(UTC) - timedelta(days=days))
    filled = [query.stretch for query in known if query.state == "filled"]
    return holes((begin, end), [*read, *filled])


def _why_not(step: StepContext) -> str:
    if step.settings.audit_backfill_days == 0:
        return "collect.audit_backfill_days says whether it is asked for afterwards"
    return f"queries of the audit log are not offered in the cloud {step.cloud}"


def _all(stretches: Sequence[Stretch]) -> str:
    more = f" and {len(stretches) - 1} more times" if len(stretches) > 1 else ""
    return f"{hole(stretches[-1])}{more}"


def _fill(
    step: StepContext,
    source: SourceReading,
    known: Sequence[Query],
    fillable: Sequence[Stretch],
    kept_since: datetime,
) -> None:
    """Ask for what nobody asked for yet, and read what is answered in time."""
    waiting = [
        query
        for query in known
        if query.state == "asked" and any(overlap(query.stretch, gap) for gap in fillable)
    ]
    unasked = [
        part
        for gap in fillable
        for rest in holes(gap, [query.stretch for query in waiting])
        for part in slices(rest, _LONGEST)
    ]
    stopped: ApiError | None = None
    try:
        for part in unasked:
            waiting.append(_ask(step, part, kept_since))  # noqa: PERF401 - those before a failure count
    except ApiError as error:
        stopped = error  # What was asked before may be answered all the same.
    late = _await(step, source, waiting)
    if stopped is not None:
        raise stopped
    if late:
        source.falls_short(
            f"{_all([query.stretch for query in late])} and was asked for, but that is not "
            "answered yet; the next run reads the answer"
        )


def _await(step: StepContext, source: SourceReading, waiting: list[Query]) -> list[Query]:
    """Read each query once it is answered; return those that were not in time."""
    if waiting:
        every = step.settings.audit_query_poll_seconds
        for _ in step.waiting.rounds(every, step.settings.audit_query_wait_minutes * 60):
            waiting = [query for query in waiting if not _ended(step, source, query)]
            if not waiting:
                break
    return waiting


def _ask(step: StepContext, stretch: Stretch, kept_since: datetime) -> Query:
    begin = max(stretch[0] - _LATE, kept_since)
    # What is younger than records come late neither the feed nor a query tells whole.
    end = max(stretch[1], min(stretch[1] + _AFTER, step.now.astimezone(UTC) - _LATE))
    body = {
        "displayName": f"Connectory, {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}",
        "filterStartDateTime": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
        "filterEndDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "recordTypeFilters": list(step.settings.audit_record_types),
        "operationFilters": [],
        "userPrincipalNameFilters": [],
    }
    try:
        made = step.api.post_json("graph", AUDIT_QUERIES, body)
    except Refused as error:
        raise _refused(stretch, error) from error
    except ApiError as error:
        raise type(error)(
            f"{hole(stretch)} and could not be asked for: {error.what}", error.where, error.cure
        ) from error
    key = made.get("id") if isinstance(made, dict) else None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise BadReply(
            f"{hole(stretch)} and was asked for, but no query came of it",
            AUDIT_QUERIES,
            "it is asked for again in the next run",
        )
    return remember(step.store, key, stretch, step.now)


def _refused(stretch: Stretch, error: Refused) -> Refused:
    return Refused(
        f"{hole(stretch)} and may not be asked for: {error.what}",
        error.where,
        f"grant the application {PERMISSION} of Microsoft Graph",
        error.code,
    )


def _ended(step: StepContext, source: SourceReading, query: Query) -> bool:
    """Read a query if it is answered; tell whether there is nothing more to wait for."""
    path = f"{AUDIT_QUERIES}/{query.key}"
    try:
        reply = step.api.get_json("graph", path)
        status = reply.get("status") if isinstance(reply, dict) else None
        if not isinstance(status, str):
            raise BadReply("a query tells no status", path, "it is asked again in the next run")
        if status == "succeeded":
            _read(step, source, query)
            return True
    except NotFound:
        status = "gone"
    except Refused as error:
        raise _refused(query.stretch, error) from error
    except (SignInError, Unreachable, Throttled):
        raise  # No other query would be answered either.
    except ApiError as error:
        source.falls_short(f"{hole(query.stretch)} and its query was not read whole: {error}")
        return True
    if status not in _ENDED:
        return False
    with step.store.writing() as connection:
        settle(connection, step.store.run_id, query, _ENDED[status])
    source.falls_short(
        f"{hole(query.stretch)} and the query for it is {status}; "
        "it is asked for again in the next run"
    )
    return True


def _read(step: StepContext, source: SourceReading, query: Query) -> None:
    """Keep the records of a query, page by page; only once all were read it fills its hole."""
    path = f"{AUDIT_QUERIES}/{query.key}/records"
    keeper = EventKeeper(step.store)
    records = odd = 0
    silent: list[AuditEvent] = []
    for page in step.api.pages("graph", path, {"$top": _ON_A_PAGE}, pager=ODataNextLink()):
        events, unread = events_in(page, read_queried)
        records, odd = records + len(page), odd + unread
        silent += [e for e in events if e.noun == "connection" and not e.connector_key]
        with step.store.together() as connection:
            source.rows += keeper.keep(connection, events)
    with step.store.together() as connection:
        # Records come in no order: what a connection led to may stand on a later page.
        source.rows += keeper.keep(connection, silent)
    if odd:
        # Read again in the next run, for as long as the service keeps the answer.
        source.falls_short(
            f"{hole(query.stretch)} and {odd} records of its query are not in the expected form"
        )
        return
    with step.store.writing() as connection:
        settle(connection, step.store.run_id, query, "filled", records)
