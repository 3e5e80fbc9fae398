"""Documents of the outside world: where we are never led, what we never send, and what we never wait for."""

from __future__ import annotations

import gzip
import ipaddress
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from backend_servers import (
    DOCUMENT,
    HOST,
    PUBLIC,
    URL,
    Names,
    Seen,
    backend,
    documents,
    dripping,
    reply,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.api.addresses import public, system_addresses
from collectors.api.deadlines import DeadlineTransport
from collectors.api.documents import Known
from collectors.api.errors import (
    AddressRefused,
    ApiError,
    BadReply,
    NotFound,
    Refused,
    ServerFault,
    TooLarge,
    Unreachable,
)
from collectors.api.meter import Meter

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


# --- which addresses are public


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "127.8.8.8",
        "0.0.0.1", "0.1.2.3", "169.254.169.254", "100.64.0.1", "100.127.255.254", "224.0.0.1",
        "239.1.2.3", "240.0.0.1", "255.255.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "192.88.99.1", "168.63.129.16",
        "::", "3fff::1", "4000::1", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
        "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "::8.8.8.8",
        "64:ff9b::a00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:a00:1::1", "2002:7f00:1::",
        "2001::1", "2001:0:a00:1::1", "2001:db8::1", "100::1", "2606:4700::1111%2",
        "", "localhost", "1.2.3", "0x7f.1", "2130706433", "::ffff", "8.8.8.8 ",
    ],
)  # fmt: skip
def test_no_inner_address_passes_for_a_public_one(address: str) -> None:
    """Private, local, shared, reserved, wrapped and crooked addresses are all refused."""
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", PUBLIC, "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    """Addresses of the open Internet may be asked."""
    assert public(address)


# --- where we are led


def test_a_public_host_is_asked_at_the_address_that_was_looked_at() -> None:
    """The connection goes to the resolved address; the host's own name stands in Host alone."""
    with backend(reply(ETag='"1"')) as served:
        names, wire = Names(), Seen(served.port)

        found = documents(served.port, names, transport=wire).fetch(URL)

    assert (found.content, found.url, found.etag) == (DOCUMENT, URL, '"1"')
    assert (names.asked, wire.addresses) == ([HOST], [PUBLIC])
    assert f"\r\nHost: {HOST}\r\n" in served.asked[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.orders.example/openapi.json", "ftp://api.orders.example/x",
        "https://other.example/openapi.json", "https://api.orders.example.evil.example/x",
        "https://evil.example/?https://api.orders.example", "https://example.org/x",
        "https://someone@api.orders.example/x", "https://api.orders.example:pw@evil.example/x",
        "https://api.orders.example:8443/x", "https://api.orders.example:99999/x",
        "https://api.orders.example\\@evil.example/x", "https://api.orders.example /x",
        "https://api.orders.example/x\ny", "https://[::1]/x", "https://127.0.0.1/x",
        "https://2130706433/x", "https://api.orders.example./x", "https://\u0430pi.orders.example/x",
        "https:///x", "//api.orders.example/x", "file:///etc/passwd", "https://[api.orders.example/",
        f"https://api.orders.example/{'x' * 3000}",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_that_is_not_allowed(url: str) -> None:
    """Other hosts, ports, schemes, numbers and crooked spellings are refused before any resolving."""
    with backend(reply()) as served:
        names = Names()

        with pytest.raises(AddressRefused):
            documents(served.port, names).fetch(url)

    assert (served.asked, names.asked) == ([], [])


@pytest.mark.parametrize("told", [["10.0.0.5"], [PUBLIC, "127.0.0.1"], ["::ffff:8.8.8.8"], ["fe80::1%1"]])  # fmt: skip
def test_a_host_that_stands_for_an_inner_address_is_not_asked(told: list[str]) -> None:
    """One address that is not public among those of a name is enough to refuse the name."""
    with backend(reply()) as served, pytest.raises(AddressRefused, match="not public"):
        documents(served.port, Names(told)).fetch(URL)

    assert served.asked == []


def test_a_name_that_is_bound_anew_leads_nowhere_else() -> None:
    """A resolver that says something else the second time is not asked a second time."""
    with backend(reply()) as served:
        names, wire = Names([PUBLIC], ["127.0.0.1"]), Seen(served.port)

        documents(served.port, names, transport=wire).fetch(URL)

    assert (names.asked, wire.addresses) == ([HOST], [PUBLIC])


@pytest.mark.parametrize(
    "location",
    [
        "https://169.254.169.254/metadata", "http://api.orders.example/openapi.json",
        "https://evil.example/", "//evil.example/x", "https://api.orders.example:8443/",
        "file:///etc/passwd", "https://api.orders.example@127.0.0.1/",
    ],
)  # fmt: skip
def test_a_redirect_is_looked_at_like_any_address(location: str) -> None:
    """Wherever a host sends us, only what is allowed is asked."""
    sent = reply(b"", "302 Found", Location=location)
    with backend(sent) as served, pytest.raises(AddressRefused):
        documents(served.port).fetch(URL)

    assert len(served.asked) == 1


def test_a_redirect_to_an_allowed_name_inside_is_refused() -> None:
    """A host on the list that stands for an inner address is not asked after a redirect either."""
    answers = {"/openapi.json": reply(b"", "302 Found", Location="https://in.example.org/x")}
    with backend(answers) as served:
        names = Names([PUBLIC], in_example_org=["10.1.2.3"])

        with pytest.raises(AddressRefused, match=r"10\.1\.2\.3"):
            documents(served.port, names).fetch(URL)

    assert len(served.asked) == 1
    assert names.asked == [HOST, "in.example.org"]


def test_redirects_within_the_bounds_are_followed() -> None:
    """A document that moved is found, and where it lies in the end is told."""
    answers = {
        "/openapi.json": reply(b"", "301 Moved", Location="/v2/openapi.json"),
        "/v2/openapi.json": reply(b"", "307 Elsewhere", Location="https://docs.example.org/o.json"),
        "/o.json": reply(),
    }
    with backend(answers) as served:
        found = documents(served.port).fetch(URL)
        with pytest.raises(AddressRefused, match="more than 1 redirects"):
            documents(served.port, redirects=1).fetch(URL)

    assert (found.url, found.content) == ("https://docs.example.org/o.json", DOCUMENT)


def test_redirects_in_a_circle_end() -> None:
    """A host that sends us round and round is left after so many redirects."""
    sent = reply(b"", "302 Found", Location="/openapi.json")
    with backend(sent) as served, pytest.raises(AddressRefused, match="redirects"):
        documents(served.port).fetch(URL)

    assert len(served.asked) == 3


# --- what we send


def test_nothing_of_ours_goes_along() -> None:
    """No token, no cookie, not even one the host has just set; packing is asked for as gzip only."""
    answers = {
        "/openapi.json": reply(b"", "302 Found", Location="/next", Set_Cookie="id=1; Path=/"),
        "/next": reply(),
    }
    with backend(answers) as served:
        documents(served.port).fetch(URL)

    heads = [head.casefold() for head in served.asked]
    assert len(heads) == 2
    assert not any("cookie" in head or "authorization" in head for head in heads)
    assert all("\r\naccept-encoding: gzip\r\n" in head for head in heads)
    assert all(head.startswith("get ") for head in heads)


def test_a_document_that_is_known_is_spared() -> None:
    """The mark of a known document is sent where it was found, and nowhere else."""
    answers = {
        "/openapi.json": reply(b"", "302 Found", Location="/next"),
        "/next": reply(b"", "304 Not Modified"),
    }
    with backend(answers) as served:
        known = Known(f"https://{HOST}/next", '"mark"')

        found = documents(served.port).fetch(URL, known)

    assert (found.content, found.etag) == (None, '"mark"')
    assert ['If-None-Match: "mark"' in head for head in served.asked] == [False, True]


def test_an_unasked_not_modified_is_no_document() -> None:
    """A host that says nothing has changed, though nothing is known, has failed."""
    with backend(reply(b"", "304 Not Modified")) as served, pytest.raises(ServerFault):
        documents(served.port).fetch(URL)


def test_the_next_address_is_tried_where_one_is_closed() -> None:
    """Of several addresses that were looked at, the first that answers is read."""

    class FirstClosed(Seen):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not self.addresses:
                self.addresses.append(request.url.host)
                raise httpx.ConnectError("closed")
            return super().handle_request(request)

    with backend(reply()) as served:
        wire = FirstClosed(served.port)
        names = Names([PUBLIC, "2606:4700:4700::1111"])

        found = documents(served.port, names, transport=wire).fetch(URL)

    assert found.content == DOCUMENT
    assert wire.addresses == [PUBLIC, "2606:4700:4700::1111"]


# --- how much, and how long


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * 100_001),
        reply(gzip.compress(b"x" * 40_000_000), Content_Encoding="gzip"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b"x" * 16_384 + b"\r\n", 0),
    ],
    ids=["large", "packed", "endless"],
)  # fmt: skip
def test_a_document_that_is_too_large_is_left(answer: object) -> None:
    """Size is counted as the body unpacks: reading stops at the bound, whatever was announced."""
    with backend(answer) as served:  # type: ignore[arg-type]
        meter = Meter()

        with pytest.raises(TooLarge, match="100000"):
            documents(served.port).fetch(URL, meter=meter)

    assert meter.requests == 1
    assert meter.bytes_received < 300_000


@pytest.mark.parametrize(
    "answer",
    [
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n"),
        dripping(HEAD + b"Content-Length: 5000\r\n\r\n", b"x"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        lambda _, send: time.sleep(2),  # noqa: ARG005 - says nothing
    ],
    ids=["line", "headers", "body", "chunks", "silence"],
)
def test_a_host_that_drips_is_left_in_time(answer: object) -> None:
    """However slowly a byte comes after the other, the whole ends by its deadline."""
    with backend(answer) as served:  # type: ignore[arg-type]
        begun = time.monotonic()

        with pytest.raises(Unreachable, match=r"not read within 0\.4 seconds"):
            documents(served.port, seconds=0.4).fetch(URL)

        assert time.monotonic() - begun < 2


def test_redirects_share_one_deadline() -> None:
    """A host that takes its time before each redirect cannot stretch the whole."""

    def late(_: bytes, send: object) -> None:
        time.sleep(0.3)
        reply(b"", "302 Found", Location="/openapi.json")(b"", send)  # type: ignore[arg-type]

    with backend(late) as served:
        begun = time.monotonic()

        with pytest.raises(Unreachable):
            documents(served.port, seconds=0.5, redirects=10).fetch(URL)

        assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(b"<html>", content_type="text/html"), BadReply),
        (reply(b"  <!doctype html>"), BadReply),
        (reply(b"\xef\xbb\xbf<xml/>"), BadReply),
        (reply(b"\x89PNG", content_type="image/png"), BadReply),
        (reply(b"x", Content_Encoding="br"), BadReply),
        (reply(gzip.compress(DOCUMENT), Content_Encoding="gzip, gzip"), BadReply),
        (reply(b"no gzip", Content_Encoding="gzip"), BadReply),
        (reply(gzip.compress(DOCUMENT)[:-12], Content_Encoding="gzip"), BadReply),
        (reply(DOCUMENT, content_length="5000"), ServerFault),
        (reply(b"", "404 Not Found"), NotFound),
        (reply(b"", "410 Gone"), NotFound),
        (reply(b"", "401 Unauthorized"), Refused),
        (reply(b"", "403 Forbidden"), Refused),
        (reply(b"", "500 Broken"), ServerFault),
        (reply(b"", "302 Found"), ServerFault),
        (reply(b"", "204 No Content"), ServerFault),
        (lambda _, send: send(b"SSH-2.0-OpenSSH\r\n\r\n"), ServerFault),
        (lambda _, send: send(HEAD + b"X: " + b"a" * 200_000), ServerFault),
        (lambda _, send: None, ServerFault),  # noqa: ARG005 - hangs up
    ],
)  # fmt: skip
def test_what_is_no_document_is_told_in_one_line(answer: object, error: type[ApiError]) -> None:
    """Pages, other packings, broken replies and every status end in an error with place and cure."""
    with backend(answer) as served, pytest.raises(error) as caught:  # type: ignore[arg-type]
        documents(served.port).fetch(URL)

    assert str(caught.value).count("\n") == 0
    assert HOST in str(caught.value)


def test_a_packed_document_is_unpacked() -> None:
    """Gzip is what we ask for, and read whole."""
    large = DOCUMENT[:-1] + b" " * 90_000 + b"}"
    with backend(reply(gzip.compress(large), Content_Encoding="gzip")) as served:
        assert documents(served.port).fetch(URL).content == large


# --- names and certificates


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    """The system's resolver gets what is left of the time and no more; what it does not know is told."""
    answered = threading.Event()

    def hangs(host: str, port: int) -> list[str]:
        answered.wait(60)
        return [f"{host}:{port}"]

    with pytest.raises(Unreachable, match="no answer in time"):
        system_addresses("localhost", 443, 0.05, hangs)
    answered.set()

    assert "127.0.0.1" in system_addresses("127.0.0.1", 443, 5.0)


def test_a_host_without_any_address_is_unreachable() -> None:
    """A name that stands for nothing is told, and nothing is sent."""
    with backend(reply()) as served, pytest.raises(Unreachable, match="not known"):
        documents(served.port, Names([])).fetch(URL)


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return how a server speaks as a host, and how a client trusts that certificate alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "host.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())  # fmt: skip


class Secure(Seen):
    """Leads every address to one server on loopback that speaks TLS."""

    def __init__(self, port: int, trusted: ssl.SSLContext) -> None:
        super().__init__(port)
        self._port, self._wire = port, DeadlineTransport(trusted)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the server, encrypted."""
        assert ipaddress.ip_address(request.url.host)
        target = request.url.copy_with(host="127.0.0.1", port=self._port)
        return self._wire.handle_request(
            httpx.Request("GET", target, headers=request.headers, extensions=request.extensions)
        )


@pytest.mark.parametrize(("named", "read"), [(HOST, True), ("other.example", False)])
def test_the_certificate_is_held_against_the_name(
    tmp_path: Path, named: str, *, read: bool
) -> None:
    """Though an address is asked, the host has to prove the name that was allowed."""
    server, trusted = certificate(tmp_path, named)
    with backend(reply(), server) as served:
        fetcher = documents(served.port, transport=Secure(served.port, trusted))

        if read:
            assert fetcher.fetch(URL).content == DOCUMENT
        else:
            with pytest.raises(ApiError):
                fetcher.fetch(URL)

    assert bool(served.asked) is read
