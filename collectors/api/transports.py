"""What a request passes on its way out: budget per service, full reading, rerouting."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from functools import cache

import httpx
from pyrate_limiter import Duration, Limiter, Rate

from collectors.api.meter import Meter

METER = "connectory.meter"
LIMIT = "connectory.limit"
FAMILY = "connectory.family"


@cache
def trusted() -> ssl.SSLContext:
    """Return the certificates that are trusted, read from disk once a process."""
    return httpx.create_ssl_context()


class OverLimit(httpx.TransportError):
    """A body exceeded its limit; not retried."""


class BudgetTransport(httpx.BaseTransport):
    """Keeps every service within its concurrency and rate, whatever address it is reached at.

    Args:
        inner: Where requests go on.
        concurrency: Requests in flight per service.
        per_minute: Requests a minute per service.
        workers: Requests in flight in all.
    """

    def __init__(
        self, inner: httpx.BaseTransport, concurrency: int, per_minute: int, workers: int
    ) -> None:
        self._inner = inner
        self._workers = threading.BoundedSemaphore(workers)
        self._concurrency = concurrency
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._slots: dict[str, tuple[threading.BoundedSemaphore, Limiter]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once its service has room for it."""
        family = str(request.extensions.get(FAMILY, request.url.host))
        slots, limiter = self._for(family)
        limiter.try_acquire(family)
        with slots, self._workers:
            return self._inner.handle_request(request)

    def _for(self, family: str) -> tuple[threading.BoundedSemaphore, Limiter]:
        with self._lock:
            if family not in self._slots:
                rate = Rate(self._per_minute, Duration.MINUTE)
                limiter = Limiter(rate)
                self._slots[family] = threading.BoundedSemaphore(self._concurrency), limiter
            return self._slots[family]

    def close(self) -> None:
        """Close the limiters and what lies behind."""
        for _, limiter in self._slots.values():
            limiter.close()
        self._inner.close()


_OF_THE_PACKING = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Wire(httpx.SyncByteStream):
    """The bytes of a reply as they come, counted."""

    def __init__(self, response: httpx.Response) -> None:
        if not isinstance(response.stream, httpx.SyncByteStream):
            raise httpx.ReadError("the reply cannot be read")
        self._stream = response.stream
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self.size += len(chunk)
            yield chunk


class ReadingTransport(httpx.BaseTransport):
    """Reads every body here, bounded, so that a body cut off is a fault of this try.

    A service that dies in the middle of a body raises where the retry policy sees it. The bound
    holds for the body unpacked: a few packed bytes can unfold to more than memory holds.

    Args:
        inner: Where requests go on.
        limit: Largest body unless the request says otherwise, in bytes.
    """

    def __init__(self, inner: httpx.BaseTransport, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its whole reply."""
        limit = int(request.extensions.get(LIMIT, self._limit))
        meter = request.extensions.get(METER)
        response = self._inner.handle_request(request)
        if isinstance(meter, Meter):
            meter.sent()
        wire = _Wire(response)
        unpacked = httpx.Response(response.status_code, headers=response.headers, stream=wire)
        try:
            chunks, size = [], 0
            for chunk in unpacked.iter_bytes():
                size += len(chunk)
                if size > limit or wire.size > limit:
                    raise OverLimit(f"larger than {limit} bytes")
                chunks.append(chunk)
        except httpx.DecodingError as error:
            raise httpx.RemoteProtocolError("the reply cannot be unpacked") from error
        finally:
            response.close()
        if isinstance(meter, Meter):
            meter.received(wire.size)
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in _OF_THE_PACKING
        ]
        return httpx.Response(
            response.status_code, headers=headers, stream=httpx.ByteStream(b"".join(chunks))
        )

    def close(self) -> None:
        """Close what lies behind."""
        self._inner.close()


class RerouteTransport(httpx.BaseTransport):
    """Sends every request to one address and leaves its URL, headers and Host as in real life.

    Args:
        inner: A transport that speaks to the address.
        address: Where everything goes, e.g. ``http://127.0.0.1:8700``.
    """

    def __init__(self, inner: httpx.BaseTransport, address: str) -> None:
        self._inner = inner
        self._address = httpx.URL(address)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the address."""
        target = request.url.copy_with(
            scheme=self._address.scheme, host=self._address.host, port=self._address.port
        )
        rerouted = httpx.Request(
            request.method,
            target,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._inner.handle_request(rerouted)

    def close(self) -> None:
        """Close what lies behind."""
        self._inner.close()
