"""Other sites, odd forms and odd hosts change nothing and see nothing; over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from factories_campaigns import (
    PUBLIC,
    Asker,
    row,
    workflow,
)

# --- other sites, odd forms, odd hosts


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://connectory.example"},
        {"Origin": "https://connectory.example.elsewhere.example"},
        {"Origin": "https://connectory.example:8443"},
        {"Origin": "https://connectory.example@elsewhere.example"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_site_cannot_answer(asker: Asker, headers: dict[str, str]) -> None:
    """A form that another page sends with a link it came by is refused."""
    before = workflow(asker.store)
    reply = asker.client.post(
        f"/attest/{asker.token()}", data={"answer": "retire"}, headers=headers
    )

    assert reply.status_code == 403
    assert workflow(asker.store) == before


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"answer": "retire"}', 415),
        ("text/plain", b"answer=retire", 415),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="answer"\r\n\r\nretire\r\n--x--',
            415,
        ),
        ("", b"answer=retire", 415),
        ("application/x-www-form-urlencoded", b"answer=retire&reason=" + b"x" * 100_000, 413),
        ("application/x-www-form-urlencoded", b"answer=retire&answer=keep", 400),
        ("application/x-www-form-urlencoded", b"answer=retire&reason=%FF%FE", 400),
        ("application/x-www-form-urlencoded", "answer=retire&reason=ä".encode(), 400),
        ("application/x-www-form-urlencoded", b"answer=retire" + b"&x=1&y=2" * 20, 400),
        ("application/x-www-form-urlencoded", b"answer", 400),
        (
            "application/x-www-form-urlencoded; charset=utf-8",
            b"answer=retire&reason=%00%0d%0aX",
            303,
        ),
    ],
    ids=[
        "json",
        "text",
        "multipart",
        "none",
        "huge",
        "twice",
        "bytes",
        "raw",
        "many",
        "odd",
        "fine",
    ],
)
def test_odd_forms_are_refused(asker: Asker, kind: str, body: bytes, status: int) -> None:
    """Another type, a huge body, a field twice, broken text: refused, and nothing is written."""
    token, before = asker.token(), workflow(asker.store)
    headers = {"Origin": PUBLIC, "Content-Type": kind}
    reply = asker.client.post(f"/attest/{token}", content=body, headers=headers)

    assert reply.status_code == status
    if status != 303:
        assert workflow(asker.store) == before


def test_an_endless_body_is_cut_short(asker: Asker) -> None:
    """A body that does not say how long it is, is read no further than a form can be."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 50_000_000:
            sent += 10_000
            yield b"answer=retire&x=" + b"y" * 9_984

    headers = {"Origin": PUBLIC, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        reply = asker.client.post(f"/attest/{asker.token()}", content=endless(), headers=headers)
        assert reply.status_code == 413
    except httpx.TransportError:
        pass  # the server hung up while we were still talking
    assert sent < 20_000_000
    assert row(asker.store)["closed_at"] is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("connectory.example", 200),
        ("CONNECTORY.example:443", 200),
        ("127.0.0.1:8501", 200),
        ("elsewhere.example", 403),
        ("connectory.example.elsewhere.example", 403),
        ("connectory.example:80", 403),
        ("connectory.example@elsewhere.example", 403),
        ("[", 403),
        ("", 403),
    ],
)
def test_links_answer_at_two_addresses(asker: Asker, host: str, status: int) -> None:
    """The public one of the settings and this machine; no other name."""
    assert asker.get(asker.token(), Host=host).status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/healthz",
        "/attest",
        "/attest/",
        "/attest/a/b",
        "/attest/%2e%2e%2fhealthz",
        "/attest/../healthz",
        "/_stcore/stream",
    ],
)
def test_nothing_else_is_public(asker: Asker, path: str) -> None:
    """At the public address there are links, and nothing beside them."""
    asker.client.base_url.copy_with()
    request = httpx.Request(
        "GET",
        httpx.URL(str(asker.client.base_url), raw_path=path.encode()),
        headers={"Host": "connectory.example"},
    )

    assert asker.client.send(request).status_code == 403


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_what_a_proxy_passes_on_is_links_alone(asker: Asker, header: str) -> None:
    """A proxy that replaces the name by this machine's own opens nothing but links."""
    passed_on = {"Host": "127.0.0.1:8501", header: "for=203.0.113.7"}

    assert asker.get(asker.token(), **passed_on).status_code == 200
    assert asker.client.get("/healthz", headers=passed_on).status_code == 403
