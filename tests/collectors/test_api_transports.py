"""The wire below the client: rerouting, whole bodies, waits, slots; and whose host is whose."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from httpx_retries import RetryTransport

from collectors.api.errors import PageLinkRefused
from collectors.api.hosts import COMMERCIAL
from collectors.api.meter import Meter
from collectors.api.retry import BudgetSpent, PatientRetry, RetryBudget
from collectors.api.transports import (
    FAMILY,
    METER,
    BudgetTransport,
    OverLimit,
    ReadingTransport,
    RerouteTransport,
)

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A real server on loopback that keeps what it was asked and how often it was dialled."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.dialled = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.dialled += 1
                super().setup()

            def do_GET(self) -> None:
                asked = self.path, self.headers["Host"], self.headers.get("Authorization", "")
                outer.asked.append(asked)
                answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Server]]:
    """Start servers that end with the test."""
    servers: list[Server] = []

    def start(answer: Answer) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def _body(content: bytes, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


# --- rerouting


def test_a_rerouted_request_looks_as_in_real_life(serve: Callable[[Answer], Server]) -> None:
    """Another address is dialled; Host, path, query and the URL in the reply stay the real ones."""
    server = serve(_body(b"{}"))
    url = "https://europe.api.powerapps.com/a%20b?api-version=1&%24skiptoken=x%2B%3D"

    with httpx.Client(transport=RerouteTransport(httpx.HTTPTransport(), server.address)) as client:
        reply = client.get(url, headers={"Authorization": "Bearer invented"})

    assert server.asked == [
        (
            "/a%20b?api-version=1&%24skiptoken=x%2B%3D",
            "europe.api.powerapps.com",
            "Bearer invented",
        )
    ]
    assert str(reply.request.url) == url


def test_rerouted_hosts_share_kept_connections(serve: Callable[[Answer], Server]) -> None:
    """Requests to several hosts, one after the other, need a single connection."""
    server = serve(_body(b"{}"))
    wire = ReadingTransport(RerouteTransport(httpx.HTTPTransport(), server.address), 100)

    with httpx.Client(transport=wire) as client:
        for host in ("api.powerapps.com", "graph.microsoft.com", "sales.crm4.dynamics.com"):
            client.get(f"https://{host}/")

    assert [host for _, host, _ in server.asked] == [
        "api.powerapps.com",
        "graph.microsoft.com",
        "sales.crm4.dynamics.com",
    ]
    assert server.dialled == 1


# --- bodies


def test_a_body_cut_off_is_an_error_of_that_try(serve: Callable[[Answer], Server]) -> None:
    """A server that dies in the middle of a body is asked again."""
    tries: list[int] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        tries.append(1)
        whole = b'{"value": []}'
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole if len(tries) > 1 else whole[:5])
        handler.close_connection = True

    server = serve(answer)
    patience = PatientRetry(budget=RetryBudget(60), sleep=lambda _: None, total=2)
    wire = RetryTransport(ReadingTransport(httpx.HTTPTransport(), 100), patience)

    with httpx.Client(transport=wire) as client:
        reply = client.get(server.address)

    assert reply.json() == {"value": []}
    assert len(tries) == 2


def test_a_compressed_body_is_read_and_its_bytes_on_the_wire_counted(
    serve: Callable[[Answer], Server],
) -> None:
    """A packed reply is unpacked, and the meter counts what came over the wire."""
    packed = gzip.compress(b'{"n": 1}' + b" " * 5000)
    server = serve(_body(packed, Content_Encoding="gzip"))
    meter = Meter()

    with httpx.Client(transport=ReadingTransport(httpx.HTTPTransport(), 10_000)) as client:
        reply = client.get(server.address, extensions={METER: meter})

    assert reply.json() == {"n": 1}
    assert (meter.requests, meter.bytes_received) == (1, len(packed))


def test_a_body_that_says_no_length_is_bounded_as_well(serve: Callable[[Answer], Server]) -> None:
    """A reply in chunks is left where it exceeds the limit."""
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(chunk * 10 + b"0\r\n\r\n")

    server = serve(answer)

    with (
        httpx.Client(transport=ReadingTransport(httpx.HTTPTransport(), 2000)) as client,
        pytest.raises(OverLimit),
    ):
        client.get(server.address)


def test_a_body_is_bounded_as_it_unfolds(serve: Callable[[Answer], Server]) -> None:
    """A few packed bytes that unfold to more than the limit are left where they exceed it."""
    server = serve(_body(gzip.compress(b"x" * 1_000_000), Content_Encoding="gzip"))

    with (
        httpx.Client(transport=ReadingTransport(httpx.HTTPTransport(), 100_000)) as client,
        pytest.raises(OverLimit),
    ):
        client.get(server.address)


# --- patience


def _patient(
    replies: list[httpx.Response], waits: list[float], *, budget: float = 10_000, **options: float
) -> httpx.Client:
    patience = PatientRetry(
        budget=RetryBudget(budget, lambda: sum(waits)),
        sleep=waits.append,
        **{"total": 6, "max_backoff_wait": 300.0, **options},
    )
    inner = httpx.MockTransport(lambda _: replies.pop(0) if len(replies) > 1 else replies[0])
    return httpx.Client(transport=RetryTransport(inner, patience))


def test_a_wait_asked_for_in_seconds_is_kept() -> None:
    """Retry-After in seconds is waited exactly."""
    waits: list[float] = []
    replies = [httpx.Response(429, headers={"Retry-After": "17"}), httpx.Response(200)]

    with _patient(replies, waits) as client:
        assert client.get("https://graph.microsoft.com/").status_code == 200

    assert waits == [17.0]


def test_a_wait_asked_for_as_a_date_is_kept() -> None:
    """Retry-After as an HTTP date is waited until then."""
    waits: list[float] = []
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    replies = [httpx.Response(503, headers={"Retry-After": until}), httpx.Response(200)]

    with _patient(replies, waits) as client:
        client.get("https://graph.microsoft.com/")

    (wait,) = waits
    assert 60 < wait <= 100


def test_a_wait_asked_for_has_an_upper_bound() -> None:
    """A service cannot send us to sleep for longer than the setting."""
    waits: list[float] = []
    replies = [httpx.Response(429, headers={"Retry-After": "86400"}), httpx.Response(200)]

    with _patient(replies, waits, max_backoff_wait=30.0) as client:
        client.get("https://graph.microsoft.com/")

    assert waits == [30.0]


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}])
def test_without_a_usable_wait_the_waits_grow_at_random_within_bounds(
    header: dict[str, str],
) -> None:
    """A missing or unreadable Retry-After means jittered waits, each below its doubling bound."""
    waits: list[float] = []

    with _patient([httpx.Response(503, headers=header)], waits, max_backoff_wait=4.0) as client:
        client.get("https://graph.microsoft.com/")

    assert len(waits) == 6
    assert all(0 <= wait <= min(4.0, 0.5 * 2**n) for n, wait in enumerate(waits, start=1))
    assert len(set(waits)) > 1


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    """A wait that does not fit into what is left of the budget ends the request at once."""
    waits: list[float] = []
    replies = [httpx.Response(429, headers={"Retry-After": "60"})]

    with _patient(replies, waits, budget=100) as client, pytest.raises(BudgetSpent):
        client.get("https://graph.microsoft.com/")

    assert waits == [60.0]


def test_waits_at_the_same_time_cost_once() -> None:
    """Sixteen requests told to wait five minutes at once cost the run five minutes, not eighty."""
    now = [0.0]
    budget = RetryBudget(600, lambda: now[0])

    assert all(budget.take(300) for _ in range(16))
    now[0] = 100.0
    assert budget.take(300)
    now[0] = 400.0
    assert not budget.take(300)
    assert budget.take(200)


# --- budgets of services


def test_each_service_has_its_own_slots() -> None:
    """A service that is fully busy does not hold up another one at the same address."""
    busy, proceed = threading.Semaphore(0), threading.Event()
    peak: dict[str, int] = {}
    now: dict[str, int] = {"bap": 0, "graph": 0}
    lock = threading.Lock()

    def inner(request: httpx.Request) -> httpx.Response:
        family = request.extensions[FAMILY]
        with lock:
            now[family] += 1
            peak[family] = max(peak.get(family, 0), now[family])
        if family == "bap":
            busy.release()
            assert proceed.wait(10)
        with lock:
            now[family] -= 1
        return httpx.Response(200)

    wire = BudgetTransport(httpx.MockTransport(inner), 2, 6000, 16)
    with httpx.Client(transport=wire) as client:

        def ask(family: str) -> None:
            client.get("https://127.0.0.1/", extensions={FAMILY: family})

        threads = [threading.Thread(target=ask, args=("bap",)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            assert busy.acquire(timeout=10)
        ask("graph")
        proceed.set()
        for thread in threads:
            thread.join()

    assert peak == {"bap": 2, "graph": 1}


# --- hosts


@pytest.mark.parametrize(
    ("address", "family"),
    [
        ("https://api.bap.microsoft.com/x", "bap"),
        ("https://emea.api.bap.microsoft.com/x", "bap"),
        ("https://API.PowerApps.com/x", "powerapps"),
        ("https://europe.api.powerapps.com/x", "powerapps"),
        ("https://emea.api.flow.microsoft.com/x", "flow"),
        ("https://0a1b.2c.environment.api.powerplatform.com/x", "powerplatform"),
        ("https://graph.microsoft.com/v1.0/users", "graph"),
        ("https://sales.crm.dynamics.com/", "dataverse"),
        ("https://sales.api.crm19.dynamics.com/", "dataverse"),
        ("https://inventedstore.blob.core.windows.net/x", "blob"),
    ],
)
def test_an_address_belongs_to_its_service(address: str, family: str) -> None:
    """Global, regional and per-organisation hosts are known as what they are."""
    assert COMMERCIAL.family_of(address) == family


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.microsoft.com/x",
        "https://graph.microsoft.com.collector.example/x",
        "https://notapi.powerapps.com.example/x",
        "https://xapi.powerapps.com/x",
        "https://a.b.crm4.dynamics.com/x",
        "https://management.azure.com/x",
        "https://graph.microsoft.com:8443/x",
        "https://graph.microsoft.com:99999/x",
        "https://someone:pw@graph.microsoft.com/x",
        "https://graph.microsoft.com\t.collector.example/x",
        "https://[graph.microsoft.com/x",
        "graph.microsoft.com",
        "",
    ],
)
def test_an_address_that_only_resembles_a_service_belongs_to_none(address: str) -> None:
    """What is not exactly a host of ours gets nothing from us."""
    with pytest.raises(PageLinkRefused):
        COMMERCIAL.family_of(address)


def test_hosts_and_scopes_can_be_overridden() -> None:
    """A setting replaces one host or scope and leaves the others."""
    cloud = COMMERCIAL.overridden(
        {"flow": "https://flow.contoso.example"}, {"flow": "https://other.example//.default"}
    )

    assert cloud.url("flow", "/x") == "https://flow.contoso.example/x"
    assert cloud.family_of("https://flow.contoso.example/x") == "flow"
    assert (
        cloud.scope("flow", "https://flow.contoso.example/x") == "https://other.example//.default"
    )
    assert cloud.url("bap", "/x") == COMMERCIAL.url("bap", "/x")
