"""A wire whose every wait ends by one moment: connecting, greeting, head and body together.

The usual time limits begin anew with each byte, so that a host which sends one now and then could
hold a run for days.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

import httpcore
import httpx

DEADLINE: Final = "connectory.deadline"
"""Extension of a request: when it has to have ended, on the monotonic clock."""
Result = TypeVar("Result")


class TooSlow(httpx.TimeoutException):
    """The whole exchange took longer than it may."""


class DeadlineTransport(httpx.BaseTransport):
    """Sends each request over a connection of its own, which is closed by the request's deadline.

    Args:
        context: Certificates that are trusted; the usual ones by default.
        monotonic: Clock of deadlines.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._monotonic = monotonic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a GET; its reply is read while the deadline lasts."""
        until = float(request.extensions[DEADLINE])
        backend = _Backend(lambda: until - self._monotonic())
        context = self._context
        if context is None and request.url.scheme == "https":
            context = self._context = httpx.create_ssl_context()
        pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=1, network_backend=backend
        )
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            extensions={
                name: value for name, value in request.extensions.items() if name == "sni_hostname"
            },
        )
        try:
            response = _translated(lambda: pool.handle_request(asked))
        except BaseException:
            pool.close()
            raise
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response, pool)
        )


class _Body(httpx.SyncByteStream):
    """The bytes of a reply; with it the connection is closed."""

    def __init__(self, response: httpcore.Response, pool: httpcore.ConnectionPool) -> None:
        self._response = response
        self._pool = pool

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self._response.iter_stream())
        while (chunk := _translated(lambda: next(chunks, None))) is not None:
            yield chunk

    def close(self) -> None:
        """Close the connection."""
        self._response.close()
        self._pool.close()


def _translated(ask: Callable[[], Result]) -> Result:
    """Ask the wire, and tell what it raises in the words of the client."""
    try:
        return ask()
    except httpcore.TimeoutException as error:
        raise TooSlow("no time is left") from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpx.ReadError(str(error)) from error


class _Backend(httpcore.NetworkBackend):
    """The network, with what is left of the time as the limit of every wait."""

    def __init__(self, left: Callable[[], float]) -> None:
        self._left = left
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, if there is time left."""
        stream = self._inner.connect_tcp(
            host, port, _waiting(self._left), local_address, socket_options
        )
        return _Stream(stream, self._left)


class _Stream(httpcore.NetworkStream):
    """A connection whose waits are cut to what is left of the time."""

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._inner = inner
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        """Read what comes next."""
        return self._inner.read(max_bytes, _waiting(self._left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Send bytes."""
        self._inner.write(buffer, _waiting(self._left))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """Greet, and hold the host to its certificate."""
        inner = self._inner.start_tls(ssl_context, server_hostname, _waiting(self._left))
        return _Stream(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection tells of itself."""
        return self._inner.get_extra_info(info)


def _waiting(left: Callable[[], float]) -> float:
    seconds = left()
    if seconds <= 0:
        raise httpcore.ReadTimeout("no time is left")
    return seconds
