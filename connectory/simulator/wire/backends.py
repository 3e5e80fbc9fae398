"""APIs behind connectors, as far as they tell of themselves: their documents, and what goes wrong."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from typing import Final

from connectory.simulator.drift_facts import Backend
from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.world import World

INSIDE: Final = "https://169.254.169.254/metadata/instance"
"""Where a backend that was taken over would like others to ask."""
LATE: Final = 5.0
_LARGE: Final = 6 * 1024 * 1024
_BOMB: Final = 16 * 1024 * 1024
_PAGE: Final = b"<!doctype html><html><body>Sign in to read our documentation.</body></html>"
_OPENING: Final = b'{"openapi": "3.0.3", "info": {"title": "'


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the API behind a connector: anybody may read its document, without a token."""
    if request.headers.keys() & {"authorization", "cookie"}:
        world.trespasses["token sent to an API"] += 1
        return error(400, "BadRequest", "Nobody asked who you are.")
    if request.method != "GET":
        world.trespasses[f"{request.method} at {request.host}"] += 1
        return error(405, "MethodNotAllowed", "Only the document can be read.")
    for backend in world.backends[request.host]:
        if backend.path == request.path:
            return _document(backend, request)
    return error(404, "NotFound", f"No resource at {request.path}.")


def _document(backend: Backend, request: Request) -> Reply:
    match backend.behaviour:
        case "absent":
            return error(404, "NotFound", f"No resource at {request.path}.")
        case "leads inside":
            return Reply(302, b"", {"Location": INSIDE})
        case "page":
            return Reply(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"})
        case "large":
            return Reply(200, _OPENING + b"x" * _LARGE)
        case "packed":
            return Reply(200, _packed(), {"Content-Encoding": "gzip"})
        case _:
            late = LATE if backend.behaviour == "slow" else 0.0
            return _served(backend, request, late)


def _served(backend: Backend, request: Request, late: float) -> Reply:
    content = backend.published.content
    mark = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    if request.headers.get("if-none-match") == mark:
        return Reply(304, b"", {"ETag": mark}, late)
    kind = "application/yaml" if backend.form == "yaml" else "application/json"
    return Reply(200, content, {"ETag": mark, "Content-Type": kind}, late)


@lru_cache(maxsize=1)
def _packed() -> bytes:
    return gzip.compress(_OPENING + b"x" * _BOMB, 1)


def places(world: World) -> Json:
    """Return which hosts have documents, and where those lie that are at no usual address."""
    backends = world.tenant.drifting.backends
    return {
        "hosts": sorted({backend.host for backend in backends}),
        "documents": [
            {
                "connector": f"{backend.environment}/{backend.connector}",
                "url": backend.url,
                "behaviour": backend.behaviour,
            }
            for backend in backends
            if not backend.usual
        ],
    }
