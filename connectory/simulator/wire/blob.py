"""Storage: documents at signed addresses, which want no token."""

from __future__ import annotations

import re

import orjson

from connectory.simulator.wire import storage
from connectory.simulator.wire.exchange import Reply, Request
from connectory.simulator.wire.records import rewritten
from connectory.simulator.wire.world import World

_PATH = re.compile(r"/api-(?:swagger|script)-files/([^/]+)\.(json_original|json|csx)")
_TYPE = {"Content-Type": "application/octet-stream"}


def answer(world: World, request: Request) -> Reply:
    """Answer a request for a document."""
    if "authorization" in request.headers:
        world.trespasses["token sent to storage"] += 1
        return _failure(400, "InvalidAuthenticationInfo")
    match = _PATH.fullmatch(request.path)
    if request.host != storage.HOST or not storage.good(request.path, request.query):
        return _failure(403, "AuthenticationFailed")
    found = world.stored.get(match[1]) if match else None
    if match is None or found is None:
        return _failure(404, "BlobNotFound")
    if match[2] == "csx":
        text = f"public class Script : ScriptBase {{ /* {found.name} */ }}"
        return Reply(200, text.encode(), dict(_TYPE))
    if found.definition is None:
        return _failure(404, "BlobNotFound")
    if match[2] == "json_original":
        return Reply(200, found.definition.content, dict(_TYPE))
    document = rewritten(found)
    body = orjson.dumps(document) if document is not None else found.definition.content
    return Reply(200, body, dict(_TYPE))


def _failure(status: int, code: str) -> Reply:
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Reply(status, text.encode(), {"Content-Type": "application/xml"})
