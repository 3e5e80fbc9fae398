"""One ASGI application that is every host of the tenant, told apart by the Host header."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectory.simulator.state import Tenant
from connectory.simulator.wire import (
    activity,
    backends,
    bap,
    blob,
    control,
    dataverse,
    flow,
    graph,
    logs,
    powerapps,
    powerbi,
    powerplatform,
    signin,
    tokens,
    webhooks,
)
from connectory.simulator.wire.exchange import Refused, Reply, Request, error
from connectory.simulator.wire.faults import ON_THE_WAY, Faults, Rule, instead
from connectory.simulator.wire.spoiling import SPOILS, spoilt
from connectory.simulator.wire.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Service = Callable[[World, Request], Reply]

_LOGIN = r"login\.(?:microsoftonline\.com|microsoft\.com|windows\.net)"
_LOGS = re.compile(r"api\.loganalytics\.(?:azure\.com|io)|api\.applicationinsights\.io")
_SERVICES: tuple[tuple[re.Pattern[str], Service], ...] = (
    (re.compile(r"(.+\.)?api\.powerapps\.com|management\.azure\.com"), powerapps.answer),
    (re.compile(r"(.+\.)?api\.flow\.microsoft\.com"), flow.answer),
    (re.compile(r"[a-z0-9-]+(\.api)?\.crm\d*\.dynamics\.com"), dataverse.answer),
    (re.compile(r"graph\.microsoft\.com"), graph.answer),
    (re.compile(r"(.+\.)?api\.bap\.microsoft\.com"), bap.answer),
    (re.compile(r"(.+\.)?api\.powerplatform\.com"), powerplatform.answer),
    (re.compile(r"manage\.office\.com"), activity.answer),
    (re.compile(r"api\.powerbi\.com"), powerbi.answer),
    (_LOGS, logs.answer),
)
_OPEN: tuple[tuple[re.Pattern[str], Service], ...] = (
    (re.compile(_LOGIN), signin.answer),
    (re.compile(r"[a-z0-9-]+\.blob\.core\.windows\.net"), blob.answer),
    (re.compile(webhooks.HOSTS), webhooks.answer),
)
# The few POSTs that only read, ask, subscribe or send a mail; everything else that is no GET could
# have written.
_READING_POSTS = re.compile(
    r"graph\.microsoft\.com/v1\.0/(\$batch|directoryObjects/getByIds)"
    r"|graph\.microsoft\.com/v1\.0/security/auditLog/queries$"
    r"|graph\.microsoft\.com/v1\.0/users/[^/]+/sendMail$"
    r"|api\.bap\.microsoft\.com/providers/Microsoft\.BusinessAppPlatform/listtenantsettings"
    r"|api\.(loganalytics\.azure\.com|applicationinsights\.io)/v1/(workspaces|apps)/[^/]+/query"
    r"|api\.powerplatform\.com/resourcequery/resources/query"
    r"|manage\.office\.com/api/v1\.0/[^/]+/activity/feed/subscriptions/start"
    r"|api\.powerapps\.com/providers/Microsoft\.PowerApps/objectIds/[^/]+/validateApiSwagger",
    re.IGNORECASE,
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_PREFIXED = re.compile(rf"/({_LOGIN}|{webhooks.HOSTS})(/.*)")


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
        if rule is not None and kind == "slow":
            await asyncio.sleep(float(rule.parameters.get("seconds", 1.0)))
        if kind == "drop" and not body:
            # What breaks off is a reply without a body, too: nobody knows what became of it.
            body = b"{}"
        if kind == "truncate":
            body = body[: len(body) // 2]
        if reply.late:
            await asyncio.sleep(reply.late)
        headers = {"Content-Type": "application/json; charset=utf-8", **reply.headers}
        headers["Content-Length"] = str(len(body))
        listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": listed})
        if kind == "drop":
            half = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise Dropped
        await send({"type": "http.response.body", "body": body})

    def answer(self, request: Request) -> tuple[Reply, Rule | None]:
        """Answer a request, and tell which fault spoils the reply on its way."""
        world = self.world
        rule = None
        with world.lock:
            try:
                if request.path.startswith("/_sim/"):
                    return control.answer(world, self.faults, request), None
                request.page_limit = world.settings.page_limit
                request.forward = self._forward
                world.note(request.method, request.host, request.path)
                rule = self.faults.hit(request)
                if rule is None or rule.kind in ON_THE_WAY:
                    reply = self._serve(request)
                    if rule is None and _LOGS.fullmatch(request.host):
                        logs.note_handed_out(world, request, reply)
                    return reply, rule
                if rule.kind in SPOILS:
                    reply = self._serve(request)
                    return spoilt(rule.kind, request, reply, rule.parameters), None
                return instead(rule, request), None
            except Refused as refused:
                return refused.reply, rule

    def _serve(self, request: Request) -> Reply:
        world, host = self.world, request.host
        for pattern, service in _OPEN:
            if pattern.fullmatch(host):
                return service(world, request)
        if host in world.backends:
            return backends.answer(world, request)
        for pattern, service in _SERVICES:
            if pattern.fullmatch(host):
                refused = tokens.checked(world, request) or self._writing(request)
                return refused or service(world, request)
        return error(404, "UnknownHost", f"The simulated tenant has no host '{host}'.")

    def _forward(self, request: Request) -> Reply:
        """Answer a request inside a batch, which can fail for itself."""
        rule = self.faults.hit(request)
        if rule is not None and rule.kind not in ON_THE_WAY | SPOILS.keys():
            return instead(rule, request)
        try:
            reply = graph.answer(self.world, request)
        except Refused as refused:
            return refused.reply
        spoils = rule is not None and rule.kind in SPOILS
        return spoilt(rule.kind, request, reply, rule.parameters) if rule and spoils else reply

    def _writing(self, request: Request) -> Reply | None:
        where = f"{request.host}{request.path}"
        reads = request.method == "GET" or (
            request.method == "POST" and _READING_POSTS.search(where)
        )
        if reads:
            return None
        self.world.trespasses[f"{request.method} at {request.host}"] += 1
        return error(405, "MethodNotAllowed", "The simulated tenant cannot be written to.")


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1").lower(): v.decode("latin-1") for name, v in scope["headers"]}
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    named = headers.get("host", "")
    host = named.partition(":")[0].casefold()
    origin = f"https://{host}"
    prefixed = _PREFIXED.fullmatch(raw) if host in _LOOPBACK else None
    if prefixed is not None:
        # What cannot be re-routed, a sign-in or a webhook, is found behind a prefix of our address.
        host, raw = prefixed[1], prefixed[2]
        origin = f"http://{named}/{host}"
    return Request(
        method=scope["method"],
        host=host,
        path=unquote(raw),
        raw_path=raw,
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers=headers,
        body=body,
        origin=origin,
    )


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
