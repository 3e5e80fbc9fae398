"""Storage: documents at signed addresses, which want no token."""

from __future__ import annotations

import re
import time

from connectory.simulator.wire.exchange import Reply, Request
from connectory.simulator.wire.records import signature
from connectory.simulator.wire.world import World

_PATH = re.compile(r"/api-swagger-files/(.+?)\.json(_original)?")


def answer(world: World, request: Request) -> Reply:
    """Answer a request for a document."""
    if "authorization" in request.headers:
        world.trespasses["bearer sent to storage"] += 1
        return _failure(400, "InvalidAuthenticationInfo")
    match = _PATH.fullmatch(request.path)
    until = int(request.query.get("se", "0"))
    if match is None or request.query.get("sig") != signature(match[1], until):
        return _failure(403, "AuthenticationFailed")
    if until < time.time():
        return _failure(403, "AuthenticationFailed")
    found = world.signed.get(match[1])
    if found is None or found.definition is None:
        return _failure(404, "BlobNotFound")
    headers = {"Content-Type": "application/octet-stream"}
    return Reply(200, found.definition.content, headers)


def _failure(status: int, code: str) -> Reply:
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Reply(status, text.encode(), {"Content-Type": "application/xml"})
