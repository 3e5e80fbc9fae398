"""One ASGI application that is every host of the tenant, told apart by the Host header."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectory.simulator.state import Tenant
from connectory.simulator.wire import (
    bap,
    blob,
    control,
    dataverse,
    flow,
    graph,
    powerapps,
    powerplatform,
    signin,
    tokens,
)
from connectory.simulator.wire.exchange import Reply, Request, error
from connectory.simulator.wire.faults import Faults, Rule, instead
from connectory.simulator.wire.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Service = Callable[[World, Request], Reply]

_SERVICES: tuple[tuple[re.Pattern[str], Service], ...] = (
    (re.compile(r"(.+\.)?api\.powerapps\.com|management\.azure\.com"), powerapps.answer),
    (re.compile(r"(.+\.)?api\.flow\.microsoft\.com"), flow.answer),
    (re.compile(r".+\.crm\d*\.dynamics\.com"), dataverse.answer),
    (re.compile(r"graph\.microsoft\.com"), graph.answer),
    (re.compile(r"(.+\.)?api\.bap\.microsoft\.com"), bap.answer),
    (re.compile(r"(.+\.)?api\.powerplatform\.com"), powerplatform.answer),
)


class Dropped(Exception):
    """The connection is to break in the middle of a body."""


class SimulatedTenant:
    """The ASGI application.

    Args:
        tenant: What is served; it changes through the levers only.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.world = World(tenant)
        self.faults = Faults()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = await _read(scope, receive)
        reply, rule = self.answer(request)
        body = reply.encoded()
        kind = rule.kind if rule else None
        if kind == "truncate":
            body = body[: len(body) // 2]
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        headers["Content-Length"] = str(len(body))
        listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": listed})
        if kind == "drop":
            await send(
                {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            )
            raise Dropped
        await send({"type": "http.response.body", "body": body})

    def answer(self, request: Request) -> tuple[Reply, Rule | None]:
        """Answer a request, and tell which fault spoils the reply on its way."""
        world = self.world
        with world.lock:
            if request.path.startswith("/_sim/"):
                return control.answer(world, self.faults, request), None
            world.requests[request.host] += 1
        rule = self.faults.hit(request)
        if rule is not None:
            reply = instead(rule)
            if reply is not None:
                return reply, None
        with world.lock:
            return self._serve(request), rule

    def _serve(self, request: Request) -> Reply:
        world = self.world
        if request.host.startswith("login."):
            return signin.answer(world, request)
        if request.host.endswith(".blob.core.windows.net"):
            return blob.answer(world, request)
        for pattern, service in _SERVICES:
            if pattern.fullmatch(request.host):
                refused = tokens.checked(request, world.settings.revoked_before)
                if refused is not None:
                    if "Audience" in str(refused.body):
                        world.trespasses[f"wrong audience at {request.host}"] += 1
                    return refused
                return service(world, request)
        return error(404, "UnknownHost", f"The simulated tenant has no host '{request.host}'.")


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    raw = (scope.get("raw_path") or scope["path"].encode()).decode()
    return Request(
        method=scope["method"],
        host=headers.get("host", "").partition(":")[0].casefold(),
        path=unquote(raw),
        raw_path=raw,
        query=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
        headers=headers,
        body=body,
    )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
