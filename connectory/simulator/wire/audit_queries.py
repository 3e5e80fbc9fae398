"""Queries of the audit log, as Microsoft Graph answers them: asked once, answered much later.

A query is about when things happened, not about when the feed handed them out, and reaches back for
as long as the log is kept. Its records come in no order, and some of them twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connectory.simulator.audit import AuditRecord
from connectory.simulator.wire import audit_records
from connectory.simulator.wire.asked import Query
from connectory.simulator.wire.exchange import Json, Refused, Reply, Request, error, seconds
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.world import World, derived

_ROOT: Final = r"/v1\.0/security/auditLog/queries"
_ONE: Final = re.compile(rf"{_ROOT}(?:/([^/]+)(/records)?)?", re.IGNORECASE)
_PAGES: Final = Pages(1000, link="@odata.nextLink")
_KEPT: Final = timedelta(days=180)
_CONTEXT: Final = "https://graph.microsoft.com/v1.0/$metadata#security/auditLog/queries"
_TYPES: Final[Mapping[str, int]] = {
    "exchangeitem": 2,
    "microsoftflow": 30,
    "powerappsapp": 45,
    "powerappsplan": 46,
    "powerappsresource": 187,
    "powerplatformadministratoractivity": 256,
}
_SPELLED: Final = {
    2: "exchangeItem",
    30: "microsoftFlow",
    45: "powerAppsApp",
    256: "powerPlatformAdministratorActivity",
}
_USER_TYPE: Final = "regular"


def answer(world: World, request: Request) -> Reply | None:
    """Answer a request about such queries; None if it is about something else."""
    match = _ONE.fullmatch(request.path)
    if match is None:
        return None
    if match[1] is None:
        if request.method == "POST":
            return _ask(world, request)
        rows = list(world.audit_queries.values())
        page = _PAGES.cut(request, rows, lambda q: _shown(world, q), request.number("$top", 100))
        return Reply(200, {"@odata.context": _CONTEXT, **page})
    query = world.audit_queries.get(match[1])
    if query is None:
        return error(404, "NotFound", f"The query '{match[1]}' does not exist.")
    if match[2]:
        return _records(world, request, query)
    query.polls += 1
    return Reply(200, {"@odata.context": f"{_CONTEXT}/$entity", **_shown(world, query)})


def _ask(world: World, request: Request) -> Reply:
    given = request.json()
    start, end = (_moment(given.get(f"filter{name}DateTime")) for name in ("Start", "End"))
    if start >= end:
        raise Refused(error(400, "BadRequest", "The end of the range is not after its start."))
    filters = [str(name) for name in given.get("recordTypeFilters") or ()]
    unknown = [name for name in filters if name.casefold() not in _TYPES]
    if unknown:
        text = f"Cannot convert the literal '{unknown[0]}' to auditLogRecordType."
        raise Refused(error(400, "BadRequest", text))
    query = Query(
        id=derived("audit query", str(len(world.audit_queries)), start.isoformat()),
        name=str(given.get("displayName", "")),
        start=start,
        end=end,
        filters=filters,
        types=frozenset(_TYPES[name.casefold()] for name in filters),
        asked=world.tenant.now,
    )
    world.audit_queries[query.id] = query
    return Reply(201, {"@odata.context": f"{_CONTEXT}/$entity", **_shown(world, query)})


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise Refused(error(400, "BadRequest", f"'{text}' is no date and time.")) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _state(world: World, query: Query) -> str:
    """Return how far a query is: it moves on with each question how far it is."""
    if query.polls == 0:
        return "notStarted"
    if query.polls < world.settings.audit_query_polls:
        return "running"
    return world.settings.audit_query_ends


def _shown(world: World, query: Query) -> Json:
    return {
        "@odata.type": "#microsoft.graph.security.auditLogQuery",
        "id": query.id,
        "displayName": query.name,
        "filterStartDateTime": seconds(query.start),
        "filterEndDateTime": seconds(query.end),
        "recordTypeFilters": query.filters,
        "keywordFilter": None,
        "serviceFilter": None,
        "operationFilters": [],
        "userPrincipalNameFilters": [],
        "ipAddressFilters": [],
        "objectIdFilters": [],
        "administrativeUnitIdFilters": [],
        "status": _state(world, query),
    }


def _records(world: World, request: Request, query: Query) -> Reply:
    if _state(world, query) != "succeeded":
        return error(400, "BadRequest", "The query has not succeeded.")
    rows = [row for row in _found(world, query) if not query.types or _kind(row) in query.types]
    page = _PAGES.cut(request, rows, _wrapped, request.number("$top", _PAGES.size))
    return Reply(200, {"@odata.context": f"{_CONTEXT}('{query.id}')/records", **page})


def _kind(row: Json) -> int:
    return int(row["RecordType"])


def _found(world: World, query: Query) -> list[Json]:
    """Return the records of the time asked for that were written by when it was asked."""
    first = max(query.start, world.tenant.now - _KEPT)
    rows: list[Json] = []
    for record in world.tenant.audit:
        if first <= record.at < query.end and record.delivered <= query.asked:
            rows += [audit_records.told(world, record)] * (2 if _twice(record) else 1)
    hour = query.start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while first <= hour < query.end:
        rows += audit_records.noise(world, hour)
        hour += timedelta(days=1)
    return [row for _, row in sorted(enumerate(rows), key=lambda one: derived(str(one[0])))]


def _twice(record: AuditRecord) -> bool:
    return int(record.id[:2], 16) % 7 == 0


def _wrapped(row: Json) -> Json:
    """Return a record inside the members that Graph gives to those of every service."""
    return {
        "@odata.type": "#microsoft.graph.security.auditLogRecord",
        "id": row["Id"],
        "createdDateTime": f"{row['CreationTime']}Z",
        "auditLogRecordType": _SPELLED[_kind(row)],
        "operation": row["Operation"],
        "organizationId": row["OrganizationId"],
        "userType": _USER_TYPE,
        "userId": row["UserKey"],
        "service": row["Workload"],
        "objectId": row.get("ObjectId"),
        "userPrincipalName": row["UserId"],
        "clientIp": row.get("ClientIP"),
        "administrativeUnits": [],
        "auditData": {"@odata.type": "#microsoft.graph.security.defaultAuditData", **row},
    }
