"""Documents of APIs, fetched from hosts of the outside world: guarded, bounded, without who we are.

Nothing of ours goes along: no token, no cookie, no proxy of the environment. What comes back is
counted as it unpacks, and everything together ends by one deadline.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin

import httpx

from collectors.api.addresses import Resolver, Target, checked, system_addresses
from collectors.api.deadlines import DEADLINE, DeadlineTransport, TooSlow
from collectors.api.errors import (
    AddressRefused,
    BadReply,
    NotFound,
    Refused,
    ServerFault,
    TooLarge,
    Unreachable,
)
from collectors.api.meter import Meter

_HEADERS: Final = {
    "Accept": "application/json, application/yaml;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip",
    "User-Agent": "Connectory",
    "Connection": "close",
}
_HTTPS: Final = 443
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})
_CLOSED: Final = frozenset({401, 403})
_PIECE: Final = 64 * 1024
_NO_DOCUMENT: Final = ("text/html", "application/xhtml", "image/", "video/", "audio/")
_LATER: Final = "it is read again in the next run"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be asked, and how much of everything.

    Attributes:
        hosts: Hosts that may be asked, by name or as ``*.example.com``.
        ports: Ports that may be asked.
        size: Largest document, unpacked, in bytes.
        seconds: Longest time for one document, redirects included.
        redirects: Most redirects that are followed.
    """

    hosts: tuple[str, ...]
    ports: tuple[int, ...] = (443,)
    size: int = 5 * 1024 * 1024
    seconds: float = 20.0
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a document from the last time.

    Attributes:
        url: Where it was found in the end.
        etag: How that host marked it.
    """

    url: str
    etag: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document.

    Attributes:
        url: Where it was found in the end.
        content: Its bytes, unpacked; None where it is what is known.
        etag: How its host marked it, if it did.
    """

    url: str
    content: bytes | None
    etag: str | None


class Documents:
    """Fetches documents.

    Args:
        bounds: What may be asked, and how much.
        resolve: Tells what a host's name stands for.
        transport: The wire, which keeps to the deadline of each request.
        monotonic: Clock of deadlines.
    """

    def __init__(
        self,
        bounds: Bounds,
        *,
        resolve: Resolver = system_addresses,
        transport: httpx.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.bounds = bounds
        self._resolve = resolve
        self._transport = transport or DeadlineTransport(monotonic=monotonic)
        self._monotonic = monotonic

    def fetch(self, url: str, known: Known | None = None, meter: Meter | None = None) -> Fetched:
        """Return the document at an address, wherever that leads within the bounds.

        Args:
            url: The address.
            known: What was found there before.
            meter: Counts what it costs.

        Raises:
            ApiError: AddressRefused, Unreachable, Refused, NotFound, ServerFault, BadReply or
                TooLarge; nothing was sent where an address is refused.
        """
        until = self._monotonic() + self.bounds.seconds
        for _ in range(self.bounds.redirects + 1):
            target = checked(
                url,
                hosts=self.bounds.hosts,
                ports=self.bounds.ports,
                resolve=self._resolve,
                seconds=until - self._monotonic(),
            )
            with _told(url, self.bounds):
                found = self._ask(target, known, until, meter)
            if isinstance(found, Fetched):
                return found
            url = urljoin(url, found)
        raise AddressRefused(
            f"more than {self.bounds.redirects} redirects", url, "register where they end"
        )

    def _ask(
        self, target: Target, known: Known | None, until: float, meter: Meter | None
    ) -> Fetched | str:
        """Ask one address of a target after the other, until one answers; return a redirect's text."""
        last: httpx.ConnectError | None = None
        for address in target.addresses:
            try:
                response = self._send(target, address, known, until)
            except httpx.ConnectError as error:
                last = error
                continue
            try:
                return self._read(target, response, known, meter)
            finally:
                response.close()
        raise last or httpx.ConnectError("no address")

    def _send(
        self, target: Target, address: str, known: Known | None, until: float
    ) -> httpx.Response:
        """Ask at the very address that was looked at; host and certificate are still the name's."""
        name = target.host if target.port == _HTTPS else f"{target.host}:{target.port}"
        literal = f"[{address}]" if ":" in address else address
        headers = {"Host": name, **_HEADERS}
        if known is not None and known.url == target.url:
            headers["If-None-Match"] = known.etag
        request = httpx.Request(
            "GET",
            f"https://{literal}:{target.port}{target.path}",
            headers=headers,
            extensions={DEADLINE: until, "sni_hostname": target.host},
        )
        return self._transport.handle_request(request)

    def _read(
        self,
        target: Target,
        response: httpx.Response,
        known: Known | None,
        meter: Meter | None,
    ) -> Fetched | str:
        if meter is not None:
            meter.sent()
        status, headers = response.status_code, response.headers
        if status in _MOVED and headers.get("location"):
            return str(headers["location"])
        etag = headers.get("etag")
        if status == HTTPStatus.NOT_MODIFIED and known is not None and known.url == target.url:
            return Fetched(target.url, None, etag or known.etag)
        _refuse(target.url, status, headers)
        size, chunks = 0, []
        for chunk in _unpacked(response, target.url, self.bounds.size, meter):
            size += len(chunk)
            if size > self.bounds.size:
                raise _too_large(target.url, self.bounds.size)
            chunks.append(chunk)
        content = b"".join(chunks)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            raise _no_document(target.url, "markup")
        return Fetched(target.url, content, etag)


@contextmanager
def _told(url: str, bounds: Bounds) -> Iterator[None]:
    """Turn what the wire raises into errors of ours."""
    try:
        yield
    except TooSlow as error:
        what = f"not read within {bounds.seconds:g} seconds"
        cure = "raise drift.upstream.seconds if it is wanted"
        raise Unreachable(what, url, cure) from error
    except httpx.ConnectError as error:
        raise Unreachable("no connection", url, "check the network and the certificate") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerFault("the connection broke", url, _LATER) from error


def _refuse(url: str, status: int, headers: Mapping[str, str]) -> None:
    """Let a good reply pass that may hold a document.

    Raises:
        ApiError: The kind that fits.
    """
    if status in _GONE:
        raise NotFound(f"not found, {status}", url, "it was taken away, or the address is wrong")
    if status in _CLOSED:
        raise Refused(f"refused, {status}", url, "documents are read without signing in")
    if status != HTTPStatus.OK:
        raise ServerFault(f"the host answered {status}", url, _LATER)
    kind = headers.get("content-type", "").casefold()
    if kind.startswith(_NO_DOCUMENT):
        raise _no_document(url, kind.partition(";")[0][:40])


def _no_document(url: str, kind: str) -> BadReply:
    return BadReply(f"no document but {kind}", url, "register where the document itself is")


def _too_large(url: str, size: int) -> TooLarge:
    return TooLarge(
        f"larger than {size} bytes", url, "raise drift.upstream.megabytes if it is wanted"
    )


def _unpacked(
    response: httpx.Response, url: str, size: int, meter: Meter | None
) -> Iterator[bytes]:
    """Yield a body unpacked, a bounded piece at a time: few packed bytes can be very many.

    Raises:
        BadReply: It is packed otherwise than was asked for, or not well.
        TooLarge: The packed body alone is larger than the document may be.
    """
    packing = response.headers.get("content-encoding", "identity").strip().casefold()
    if packing not in ("gzip", "x-gzip", "identity", ""):
        raise BadReply(f"packed as {packing[:40]}", url, "only gzip was asked for")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in packing else None
    wire = 0
    stream = response.stream
    for chunk in stream if isinstance(stream, httpx.SyncByteStream) else ():
        wire += len(chunk)
        if meter is not None:
            meter.received(len(chunk))
        if wire > size:
            raise _too_large(url, size)
        if unpack is None:
            yield chunk
            continue
        try:
            while chunk:
                yield unpack.decompress(chunk, _PIECE)
                chunk = unpack.unconsumed_tail  # noqa: PLW2901 - what is left of it
            while not unpack.eof and (rest := unpack.decompress(b"", _PIECE)):
                yield rest
        except zlib.error as error:
            raise BadReply("the reply cannot be unpacked", url, _LATER) from error
    if unpack is not None and not unpack.eof:
        raise BadReply("the reply is cut off", url, _LATER)
