"""Serving the pages: the only place that knows how Streamlit is started.

Pages have no sign-in yet, so they answer on loopback, and only to requests addressed to it.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectory.config import ConfigError, Settings
from connectory.database import StoreError, open_store, schema_is_current

if TYPE_CHECKING:
    from streamlit import App

_SECONDS_TO_CLOSE = 2
_PING_SECONDS = 30
# What a page served elsewhere could make a browser send here under a name of its own.
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


def serve(settings: Settings, *, config: Path | None) -> None:
    """Serve the dashboard until interrupted, and print its address once it answers.

    Args:
        settings: Where the store is and where the pages are served.
        config: The settings file the pages read, if one was named.

    Raises:
        StoreError: The store cannot be reached, or stands at another schema.
        ConfigError: The port is taken.
    """
    _require_schema(settings.database.url)
    with _listening(settings.dashboard.host, settings.dashboard.port) as listener:
        app = application(settings, config=config)
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
            )
        )
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


def application(settings: Settings, *, config: Path | None) -> App:
    """Return the ASGI application: the pages, and ``/healthz``.

    Pages read their settings themselves, at each click; what was decided here reaches them
    through the environment of this process.

    Args:
        settings: Where the store is.
        config: The settings file the pages read, if one was named.
    """
    os.environ["CONNECTORY_DATABASE_URL"] = settings.database.url
    if config is not None:
        os.environ["CONNECTORY_CONFIG"] = str(config.resolve())

    # Streamlit looks for its settings, and so for our theme, beside the script of the first App
    # made in the process: dashboard/.streamlit, wherever the command was started.
    from streamlit import App  # noqa: PLC0415 - importing it reads settings and starts threads

    def healthz(_request: Request) -> JSONResponse:
        return _health(settings.database.url)

    return App(
        _script(),
        routes=[Route("/healthz", healthz)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)],
    )


class _Announcing(uvicorn.Server):
    """A server that says where it is once it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            place = f"[{host}]" if ":" in host else host
            click.echo(f"Connectory is at http://{place}:{port}")


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
