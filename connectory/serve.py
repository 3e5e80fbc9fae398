"""Serving the pages: the only place that knows how Streamlit is started.

Pages have no sign-in yet, so they answer on loopback, and only to requests addressed to it that
come from themselves. Links by which owners answer are served beside them, also to the public
address of the settings; nothing else is.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import webbrowser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectory.attestation.desk import Desk
from connectory.attestation.links import PATH, Links, link_keys
from connectory.attestation.routes import LOOPBACK, attestation_routes, place
from connectory.attestation.succession import successor
from connectory.clock import set_page_clock, wall_clock
from connectory.config import ConfigError, Settings
from connectory.database import StoreError, open_store, schema_is_current

if TYPE_CHECKING:
    from streamlit import App

_SECONDS_TO_CLOSE = 2
_PING_SECONDS = 30
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers by which a proxy says that somebody else asks."""
_LINK = re.compile(rf"{PATH}[A-Za-z0-9._-]+")
_POLICY = (
    # Whatever a tenant's words should ever turn into, the browser fetches nothing from elsewhere.
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {scripts}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def serve(
    settings: Settings,
    *,
    config: Path | None = None,
    open_browser: bool = False,
    clock: Callable[[], datetime] = wall_clock,
) -> None:
    """Serve the dashboard until interrupted, and print its address once it answers.

    Args:
        settings: Where the store is and where the pages are served.
        config: The settings file the pages read, if one was named.
        open_browser: Show the first page in the default browser.
        clock: The time by which links end, answers are kept and pages go.

    Raises:
        StoreError: The store cannot be reached, or stands at another schema.
        ConfigError: The port is taken, or links have a public address and no key.
    """
    _require_schema(settings.database.url)
    with _listening(settings.dashboard.host, settings.dashboard.port) as listener:
        app = application(settings, config=config, clock=clock)
        server = _Announcing(
            uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                log_config=None,
                timeout_graceful_shutdown=_SECONDS_TO_CLOSE,
                ws="websockets-sansio",
                ws_ping_interval=_PING_SECONDS,
                ws_ping_timeout=_PING_SECONDS,
            ),
            open_browser=open_browser,
        )
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


def application(
    settings: Settings, *, config: Path | None, clock: Callable[[], datetime] = wall_clock
) -> App:
    """Return the ASGI application: the pages, ``/healthz``, and links if they have an address.

    Pages read their settings themselves, at each click; what was decided here reaches them
    through the environment of this process.

    Args:
        settings: Where the store is.
        config: The settings file the pages read, if one was named.
        clock: The time by which links end and answers are kept.
    """
    os.environ["CONNECTORY_DATABASE_URL"] = settings.database.url
    set_page_clock(clock)
    if config is not None:
        os.environ["CONNECTORY_CONFIG"] = str(config.resolve())

    # Streamlit looks for its settings, and so for our theme, beside the script of the first App
    # made in the process: dashboard/.streamlit, wherever the command was started.
    from streamlit import App  # noqa: PLC0415 - importing it reads settings and starts threads

    def healthz(_request: Request) -> JSONResponse:
        return _health(settings.database.url)

    return App(
        _script(),
        routes=[Route("/healthz", healthz), *_links(settings, clock)],
        middleware=[Middleware(_Doors, public_url=settings.reports.public_url)],
    )


def _links(settings: Settings, clock: Callable[[], datetime]) -> list[Route]:
    """Return the routes of links; none without a public address, for then there are no links."""
    if not settings.reports.public_url:
        return []
    links = Links(link_keys(settings.reports))
    engine = open_store(settings.database.url)
    return attestation_routes(Desk(engine, settings, links, successor(settings), clock))


class _Announcing(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, *, open_browser: bool) -> None:
        super().__init__(config)
        self._open_browser = open_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            place = f"[{host}]" if ":" in host else host
            address = f"http://{place}:{port}"
            click.echo(f"Connectory is at {address}")
            if self._open_browser:
                webbrowser.open(address)


def _script() -> Path:
    import dashboard  # noqa: PLC0415 - only its place is wanted

    return Path(str(dashboard.__file__)).resolve().parent / "app.py"


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ConfigError(
            f"the pages cannot be served: {error.strerror}; {host}, port {port}; "
            "name another with --port or dashboard.port, or 0 for any free one"
        ) from error


def _require_schema(url: str) -> None:
    engine = open_store(url)
    try:
        if not schema_is_current(engine):
            raise StoreError(
                "the store is empty or of another version; "
                f"{engine.url.render_as_string(hide_password=True)}; run: connectory db upgrade"
            )
    finally:
        engine.dispose()


def _health(url: str) -> JSONResponse:
    """Answer whether the store can be asked; the cause of a failure stays in the log."""
    try:
        _require_schema(url)
    except StoreError:
        return JSONResponse({"status": "store unavailable"}, status_code=503)
    return JSONResponse({"status": "ok"})


class _Doors:
    """Turns away other host names and origins, and tells browsers to stay here.

    A foreign page could otherwise reach a loopback server, by its address or through a host name
    of its own that resolves to loopback. To the public address only links are served, which look
    at origins themselves.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self._app = app
        self._public = place(public_url)
        self._headers = {
            "Content-Security-Policy": _POLICY.format(scripts=_inline_scripts()),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if self._is_link(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not _ours(headers) or (self._public and any(one in headers for one in _PASSED_ON)):
            await _refuse(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, stamped)

    def _is_link(self, scope: Scope) -> bool:
        """Tell whether a link is asked for, at one of its two addresses."""
        if not self._public or scope["type"] != "http" or not _LINK.fullmatch(scope["path"]):
            return False
        host = Headers(scope=scope).get("host", "")
        return place(f"{self._public[0]}://{host}") == self._public or _hostname(host) in LOOPBACK


def _inline_scripts() -> str:
    """Return the hashes of the scripts that stand in Streamlit's own page."""
    import streamlit  # noqa: PLC0415 - as in `application`

    page = (Path(str(streamlit.__file__)).parent / "static" / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script[^>]*>(.+?)</script>", page, re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()) for script in scripts)
    return " ".join(f"'sha256-{digest.decode()}'" for digest in hashes)


def _ours(headers: Headers) -> bool:
    host = headers.get("host", "")
    if _hostname(host) not in LOOPBACK:
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == host


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse("not for this host or origin", 403)(scope, receive, send)
