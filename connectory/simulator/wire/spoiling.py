"""Replies that look whole and are not: what a fault leaves of a service's own answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from connectory.simulator.wire.exchange import Json, Reply, Request
from connectory.simulator.wire.kinds import ELSEWHERE

Rows = list[Any]
_LISTS: Final = ("value", "data", "responses", "currencyAllocations")
_UNAVAILABLE: Final = "Part of the result is not available."
_OK: Final = 200


def spoilt(kind: str, request: Request, reply: Reply, given: Mapping[str, Any]) -> Reply:
    """Return a good reply as a fault leaves it; one that is no list, or empty, stays as it is.

    Args:
        kind: One of `SPOILS`.
        request: What was asked.
        reply: What the service answers.
        given: Parameters of the rule.
    """
    body = _read(reply)
    if isinstance(body, dict) and body.get("tables"):
        return _spoilt_table(kind, request, reply, given)
    name = next((one for one in _LISTS if isinstance(body, dict) and one in body), None)
    rows = body if isinstance(body, list) else body[name] if name and isinstance(body, dict) else []
    if reply.status != _OK or not rows:
        return reply
    left, beside = SPOILS[kind](request, list(rows), given)
    if isinstance(body, list):
        linked = {"NextPageUri": beside["nextLink"]} if "nextLink" in beside else {}
        told = beside if "error" in beside else left
        return Reply(_OK, told, {**reply.headers, **linked})
    return Reply(_OK, {**body, str(name): left, **beside}, reply.headers)


def _spoilt_table(kind: str, request: Request, reply: Reply, given: Mapping[str, Any]) -> Reply:
    """Return the answer to a query as a fault leaves it: a table of rows without names."""
    (table, *others) = reply.body["tables"]
    if not table["rows"]:
        return reply
    left, beside = SPOILS[kind](request, table["rows"], given)
    tables = [{**table, "rows": left}, *others]
    return Reply(_OK, {"tables": tables, **beside}, reply.headers)


def _read(reply: Reply) -> Any:
    if not isinstance(reply.body, bytes):
        return reply.body
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None


def _partial_error(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """Leave half of the rows, and an error beside them; of a batch, fail half of the replies."""
    del request
    half = len(rows) // 2
    told = {
        "code": str(given.get("code", "InternalServerError")),
        "message": str(given.get("message", _UNAVAILABLE)),
    }
    if all(isinstance(row, dict) and "status" in row and "body" in row for row in rows):
        failed = [{**row, "status": 500, "body": {"error": told}} for row in rows[half:]]
        return rows[:half] + failed, {}
    return rows[:half], {"error": told}


def _malformed_record(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """Break the first row, in one of the ways named `HOW`."""
    del request
    first = rows[0]
    if not isinstance(first, dict) or given.get("how") == "null_record":
        return [None, *rows[1:]], {}
    match given.get("how"):
        case "hollow":
            # Any other member can be empty for good reasons.
            spoilt_row = {**first, "properties": None} if "properties" in first else first
        case "wrong_type":
            spoilt_row = {name: _of_another_type(name, value) for name, value in first.items()}
        case _:
            spoilt_row = {name: value for name, value in first.items() if not _names(name)}
    return [spoilt_row, *rows[1:]], {}


def _names(member: str) -> bool:
    return member.casefold().endswith(("id", "name", "type", "uri"))


def _of_another_type(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return "not what it should be"
    return {"not": "what it should be"} if _names(name) and value is not None else value


def _foreign_link(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """Link on to another host, whatever the member is called; of a bare list, by a header."""
    del request
    link = str(given.get("location", ELSEWHERE))
    return rows, {"nextLink": link, "@odata.nextLink": link}


def _duplicate_blobs(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """List every blob of the audit log twice."""
    del given
    return (rows + rows if "/subscriptions/content" in request.path else rows), {}


def _late_blobs(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """List only every other blob of the audit log; the rest appears when the fault ends."""
    del given
    return (rows[::2] if "/subscriptions/content" in request.path else rows), {}


Spoil = Callable[[Request, Rows, Mapping[str, Any]], tuple[Rows, Json]]
SPOILS: Final[Mapping[str, Spoil]] = {
    "partial_error": _partial_error,
    "malformed_record": _malformed_record,
    "foreign_link": _foreign_link,
    "duplicate_blobs": _duplicate_blobs,
    "late_blobs": _late_blobs,
}
