"""Storage: icons for everybody, and documents at signed addresses; neither wants a token."""

from __future__ import annotations

import base64
import hashlib
import re

import orjson

from connectory.simulator.wire import storage
from connectory.simulator.wire.exchange import Reply, Request
from connectory.simulator.wire.records import rewritten
from connectory.simulator.wire.world import World

_PATH = re.compile(r"/api-(?:swagger|script)-files/([^/]+)\.(json_original|json|csx)")
_ICON = re.compile(r"/icons/[0-9a-f]{12}\.png")
_TYPE = {"Content-Type": "application/octet-stream"}
# One transparent pixel.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def answer(world: World, request: Request) -> Reply:
    """Answer a request for a document."""
    if "authorization" in request.headers:
        world.trespasses["token sent to storage"] += 1
        return _failure(400, "InvalidAuthenticationInfo")
    if request.host == storage.HOST and _ICON.fullmatch(request.path):
        return Reply(200, _PIXEL, {"Content-Type": "image/png"})
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
        return Reply(200, found.definition.content, _described(found.definition.content))
    document = rewritten(found)
    body = orjson.dumps(document) if document is not None else found.definition.content
    return Reply(200, body, _described(body))


def _described(content: bytes) -> dict[str, str]:
    """Return the headers of a document, the digest among them that storage keeps of each."""
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return {**_TYPE, "Content-MD5": base64.b64encode(digest).decode()}


def _failure(status: int, code: str) -> Reply:
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Reply(status, text.encode(), {"Content-Type": "application/xml"})
