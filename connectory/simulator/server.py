"""Serve a simulated tenant on loopback, beside a program or as one."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from connectory.simulator.state import Tenant
from connectory.simulator.tenant import build
from connectory.simulator.wire.app import Dropped, SimulatedTenant
from connectory.simulator.wire.world import SECRET

COLLECTOR_SECRET = SECRET
"""The client secret of the application that collects, in every simulated tenant."""

_LOOPBACK = "127.0.0.1"
_START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A simulated tenant that answers."""

    url: str
    port: int
    app: SimulatedTenant

    @property
    def tenant(self) -> Tenant:
        """The tenant that is served; after changing it by hand, call `changed`."""
        return self.app.world.tenant

    def changed(self) -> None:
        """Let the services see a change made to the tenant by hand."""
        with self.app.world.lock:
            self.app.world.changed()


@contextmanager
def serve(tenant: Tenant, *, port: int = 0) -> Iterator[Served]:
    """Serve a tenant from a thread of this process until the block ends.

    Args:
        tenant: What to serve.
        port: Port on loopback; 0 takes a free one.

    Yields:
        Where it answers.
    """
    application = SimulatedTenant(tenant)
    with _listening(port) as listener:
        server = _server(application)
        # A loop of its own: the fault that breaks a connection is no error of the server's.
        thread = threading.Thread(target=_run, args=(server, listener), daemon=True)
        thread.start()
        _await(server)
        number = int(listener.getsockname()[1])
        try:
            yield Served(f"http://{_LOOPBACK}:{number}", number, application)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def run(*, size: str, seed: int, definitions: Path | None, port: int) -> None:
    """Serve a tenant until interrupted, and say where it answers.

    Args:
        size: Size of the tenant.
        seed: Which tenant of that size.
        definitions: Folder of real connector definitions, if any.
        port: Port on loopback; 0 takes a free one.
    """
    with serve(build(size, seed, definitions), port=port) as served:
        print(f"a simulated tenant of size {size} answers at {served.url}", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    asyncio.run(server.serve(sockets=[listener]))


class _WithoutDropped(logging.Filter):
    """Keeps connections that are broken on purpose out of the log, and errors of ours in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is of interest."""
        cause = record.exc_info[1] if record.exc_info else None
        return record.levelno >= logging.ERROR and not isinstance(cause, Dropped)


_FILTER = _WithoutDropped()


def _server(application: SimulatedTenant) -> uvicorn.Server:
    logging.getLogger("uvicorn.error").addFilter(_FILTER)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        timeout_keep_alive=30,
        lifespan="off",
        ws="none",
        server_header=False,
    )
    return uvicorn.Server(config)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Without the protocol by name asyncio leaves Nagle's algorithm on: 40 ms for every reply.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_LOOPBACK, port))
    try:
        yield listener
    finally:
        listener.close()


def _await(server: uvicorn.Server) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if time.monotonic() > until:
            raise TimeoutError("the simulated tenant did not start")
        time.sleep(0.01)
