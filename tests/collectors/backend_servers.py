"""Real servers on loopback that answer as a test tells them, and documents fetched from them."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx

from collectors.api.deadlines import DeadlineTransport
from collectors.api.documents import Bounds, Documents
from collectors.api.transports import RerouteTransport

HOST = "api.orders.example"
PUBLIC = "20.50.2.1"
URL = f"https://{HOST}/openapi.json"
DOCUMENT = b'{"openapi": "3.0.3", "info": {"title": "Orders", "version": "1"}, "paths": {}}'
LONGEST = 10.0

Answer = Callable[[bytes, Callable[[bytes], None]], None]
"""Gets the head of a request and a function that sends bytes."""


def reply(body: bytes = DOCUMENT, status: str = "200 OK", **headers: str) -> Answer:
    """Return what sends one whole reply; header names are written with underscores."""
    told = {"content_type": "application/json", "content_length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in told.items())]
    return lambda _, send: send("\r\n".join([*lines, "", ""]).encode() + body)


def dripping(first: bytes, piece: bytes, pause: float = 0.05) -> Answer:
    """Return what sends a beginning and then a little now and then, for ever."""

    def answer(_: bytes, send: Callable[[bytes], None]) -> None:
        send(first)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            send(piece)
            time.sleep(pause)

    return answer


@dataclass
class Backend:
    """A server, and the heads of all requests that reached it."""

    port: int
    asked: list[str] = field(default_factory=list)


@contextmanager
def backend(
    answers: Mapping[str, Answer] | Answer, context: ssl.SSLContext | None = None
) -> Iterator[Backend]:
    """Serve on loopback until the block ends.

    Args:
        answers: What is answered, at all paths or by path.
        context: Speaks TLS with this, if given.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Backend(listener.getsockname()[1])
        threading.Thread(
            target=_listen, args=(listener, served, answers, context), daemon=True
        ).start()
        yield served


def _listen(
    listener: socket.socket,
    served: Backend,
    answers: Mapping[str, Answer] | Answer,
    context: ssl.SSLContext | None,
) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(
                target=_serve, args=(connection, served, answers, context), daemon=True
            ).start()


def _serve(
    plain: socket.socket,
    served: Backend,
    answers: Mapping[str, Answer] | Answer,
    context: ssl.SSLContext | None,
) -> None:
    plain.settimeout(LONGEST)
    with suppress(OSError), plain:
        connection = context.wrap_socket(plain, server_side=True) if context else plain
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65_536)
                if not more:
                    return
                head += more
            served.asked.append(head.decode("latin-1"))
            path = head.split(b" ", 2)[1].decode().partition("?")[0]
            answer = (
                answers if callable(answers) else answers.get(path, reply(b"", "404 Not Found"))
            )
            answer(head, connection.sendall)


class Names:
    """A resolver that says what a test wants, and remembers what it was asked."""

    def __init__(self, *answers: Sequence[str], **by_host: Sequence[str]) -> None:
        self._answers = list(answers) or [[PUBLIC]]
        self._by_host = {name.replace("_", "."): told for name, told in by_host.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, seconds: float) -> Sequence[str]:
        """Answer in turn; the last answer holds for ever."""
        assert port > 0
        assert seconds <= LONGEST
        self.asked.append(host)
        if host in self._by_host:
            return self._by_host[host]
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Seen(httpx.BaseTransport):
    """Leads every address to one server on loopback, and remembers which was connected to."""

    def __init__(self, port: int, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = RerouteTransport(inner or DeadlineTransport(), f"http://127.0.0.1:{port}")
        self.addresses: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the server."""
        self.addresses.append(request.url.host)
        return self._inner.handle_request(request)


def documents(
    port: int,
    names: Names | None = None,
    *,
    transport: httpx.BaseTransport | None = None,
    hosts: tuple[str, ...] = (HOST, "*.example.org"),
    **bounds: float,
) -> Documents:
    """Return what fetches documents from a server on loopback, under any name."""
    usual = {"size": 100_000, "seconds": 5.0, "redirects": 2, **bounds}
    return Documents(
        Bounds(
            hosts,
            size=int(usual["size"]),
            seconds=usual["seconds"],
            redirects=int(usual["redirects"]),
        ),
        resolve=names or Names(),
        transport=transport or Seen(port),
    )
