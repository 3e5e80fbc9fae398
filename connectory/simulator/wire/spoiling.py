"""Replies that look whole and are not: what a fault leaves of a service's own answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from connectory.simulator.wire.exchange import Json, Reply, Request

Rows = list[Any]
_LISTS: Final = ("value", "data", "responses", "currencyAllocations")
_TOLD: Final = {"code": "InternalServerError", "message": "Part of the result is not available."}
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
    name = next((one for one in _LISTS if isinstance(body, dict) and one in body), None)
    rows = body if isinstance(body, list) else body[name] if name and isinstance(body, dict) else []
    if reply.status != _OK or not rows:
        return reply
    left, beside = SPOILS[kind](request, list(rows), given)
    if isinstance(body, list):
        return Reply(_OK, beside or left, reply.headers)
    return Reply(_OK, {**body, str(name): left, **beside}, reply.headers)


def _read(reply: Reply) -> Any:
    if not isinstance(reply.body, bytes):
        return reply.body
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None


def _partial_error(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """Leave half of the rows, and an error beside them; of a batch, fail half of the replies."""
    del request, given
    half = len(rows) // 2
    if all(isinstance(row, dict) and "status" in row and "body" in row for row in rows):
        failed = [{**row, "status": 500, "body": {"error": _TOLD}} for row in rows[half:]]
        return rows[:half] + failed, {}
    return rows[:half], {"error": _TOLD}


def _malformed_record(request: Request, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Json]:
    """Take from the first row what names it, or, if `how` is "hollow", what it holds."""
    del request
    first = rows[0]
    if not isinstance(first, dict):
        return rows, {}
    if given.get("how") == "hollow":
        # Any other member can be empty for good reasons.
        spoilt_row = {**first, "properties": None} if "properties" in first else first
    else:
        spoilt_row = {
            key: value
            for key, value in first.items()
            if not key.casefold().endswith(("id", "name", "type", "uri"))
        }
    return [spoilt_row, *rows[1:]], {}


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
    "duplicate_blobs": _duplicate_blobs,
    "late_blobs": _late_blobs,
}
