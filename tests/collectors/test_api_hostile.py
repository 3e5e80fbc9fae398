"""The client against replies that were made to mislead it, and files it did not leave so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors.api.auth import Credential
from collectors.api.client import Api, connect
from collectors.api.errors import ApiError, BadReply, PageLinkRefused, ServerFault
from collectors.api.hosts import COMMERCIAL
from collectors.api.paging import NextLink
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache

TENANT = "11111111-1111-4111-8111-111111111111"
SIGNED = "https://simulated.blob.core.windows.net/api/x.json?sv=1&sig=TOPSECRET&se=2"
LOGIN = f"https://login.microsoftonline.com/{TENANT}"


class Service:
    """A wire that signs in and then gives one reply for ever; keeps what it was asked."""

    def __init__(self, body: Any = None, **reply: Any) -> None:
        self._reply = reply if body is None else {"json": body, **reply}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.url.host != "login.microsoftonline.com":
            self.asked.append(request)
            reply = {"status_code": 200, **self._reply}
            content = reply.pop("packed", None)
            if content is not None:
                reply["stream"] = httpx.ByteStream(content)
            return httpx.Response(**reply)
        body = {
            "authorization_endpoint": f"{LOGIN}/oauth2/v2.0/authorize",
            "token_endpoint": f"{LOGIN}/oauth2/v2.0/token",
            "issuer": f"{LOGIN}/v2.0",
            "access_token": "an-invented-token",
            "expires_in": 3600,
            "token_type": "Bearer",
            "metadata": [],
        }
        return httpx.Response(200, json=body)

    @contextmanager
    def client(self, cache: TokenCache | None = None) -> Iterator[Api]:
        """Open a client on this wire."""
        with connect(
            Credential("client_secret", TENANT, "client", secret="an-invented-secret"),
            COMMERCIAL,
            HttpSettings(retries=1),
            cache=cache or TokenCache(None),
            prompt=print,
            transport=httpx.MockTransport(self),
            sleep=lambda _: None,
        ) as api:
            yield api


@pytest.mark.parametrize(
    "link",
    [
        "https://[api.powerapps.com/x",
        "https://api.powerapps.com/x\x01y",
        "https://api.powerapps.com:8443/x",
        "https://api.powerapps.com:99999/x",
        "https://someone:pw@api.powerapps.com/x",
        "https://management.azure.com/x\x7f",
        "https://api.powerapps.com@collector.example/x",
    ],
)
def test_a_link_that_is_no_plain_address_is_refused(link: str) -> None:
    """A crooked link ends the listing as incomplete, never the run, and is not asked for."""
    service = Service({"value": [{"n": 1}], "nextLink": link})

    with service.client() as api:
        pages = api.pages("powerapps", "/x", pager=NextLink())
        first = next(pages)
        with pytest.raises(PageLinkRefused):
            next(pages)

    assert first == [{"n": 1}]
    assert len(service.asked) == 1


@pytest.mark.parametrize("link", [5, True, {"href": "x"}, ["x"]])
def test_a_link_that_is_no_text_is_no_end(link: Any) -> None:
    """A listing whose next link has an unknown form never looks complete."""
    service = Service({"value": [{"n": 1}], "nextLink": link})

    with service.client() as api, pytest.raises(BadReply):
        list(api.pages("powerapps", "/x", pager=NextLink()))


@pytest.mark.parametrize(
    "error",
    [
        SIGNED,
        {"code": SIGNED},
        {"message": f'could not read "{SIGNED}"'},
        {"message": f"could not read ({SIGNED}), sorry"},
        {"message": f"url={SIGNED}"},
        {"odata.error": {"code": "X", "message": {"value": f"<{SIGNED}>"}}},
    ],
)
def test_a_signed_address_in_an_error_body_is_hidden(error: Any) -> None:
    """A service that quotes a signed address in its error gives nothing away through ours."""
    service = Service({"error": error}, status_code=400)

    with service.client() as api, pytest.raises(ServerFault) as caught:
        api.get_json("bap", "/x")

    assert "TOPSECRET" not in str(caught.value)
    assert "simulated.blob.core.windows.net/api/x.json" in str(caught.value)


def test_a_body_that_cannot_be_unpacked_is_an_error_of_ours() -> None:
    """A reply that is not packed as it says ends its request, after a second try, not the run."""
    service = Service(packed=b"not packed", headers={"Content-Encoding": "gzip"})

    with service.client() as api, pytest.raises(ServerFault):
        api.get_json("bap", "/x")

    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "address", ["", "https://[x", "https://simulated.blob.core.windows.net/\x01", "file:///x"]
)
def test_a_document_address_that_is_none_is_refused(address: str) -> None:
    """Whatever a record gives as the address of its definition, nothing but our error comes."""
    service = Service({})

    with service.client() as api, pytest.raises(ApiError):
        api.fetch_blob(address, 1000)

    assert service.asked == []


@pytest.mark.parametrize(
    "batch",
    [
        {"requests": [{"id": "1", "method": "GET"}, {"id": "2", "method": "DELETE"}]},
        {"requests": [{"id": "1", "url": "/users/x"}]},
        {"requests": {"method": "GET"}},
        [{"method": "GET"}],
        None,
    ],
)
def test_a_batch_that_may_write_is_never_sent(batch: Any) -> None:
    """A batch passes only if each request inside it is a GET."""
    service = Service({"responses": []})

    with service.client() as api:
        with pytest.raises(PermissionError):
            api.post_json("graph", "/v1.0/$batch", batch)
        assert service.asked == []
        api.post_json("graph", "/v1.0/$batch", {"requests": [{"id": "1", "method": "GET"}]})

    assert len(service.asked) == 1


def test_a_cookie_is_not_given_back() -> None:
    """No service pins us to one of its servers, and none sees the cookie of another."""
    service = Service({}, headers={"Set-Cookie": "ARRAffinity=x; Domain=.microsoft.com; Path=/"})

    with service.client() as api:
        api.get_json("bap", "/x")
        api.get_json("graph", "/x")

    assert [request.headers.get("Cookie") for request in service.asked] == [None, None]


def test_requests_say_who_asks() -> None:
    """An operator at the service can tell our requests from others."""
    service = Service({})

    with service.client() as api:
        api.get_json("bap", "/x")

    assert service.asked[0].headers["User-Agent"].startswith("Connectory")


@pytest.mark.parametrize("content", [b'{"AccessTok', b"\xff\xfe", b""])
def test_a_broken_cache_costs_one_sign_in(tmp_path: Path, content: bytes) -> None:
    """A token cache that cannot be read is written anew, and the run goes on."""
    place = tmp_path / "tokens.json"
    place.write_bytes(content)

    with Service({"n": 1}).client(TokenCache(place)) as api:
        assert api.get_json("bap", "/x") == {"n": 1}

    assert "an-invented-token" in place.read_text(encoding="utf-8")


def test_tokens_are_not_written_through_what_lies_in_the_way(tmp_path: Path) -> None:
    """A link or an open file at the place of the draft does not get the tokens."""
    place, elsewhere = tmp_path / "tokens.json", tmp_path / "elsewhere"
    elsewhere.touch(mode=0o644)
    place.with_name(f"{place.name}.{os.getpid()}").symlink_to(elsewhere)

    with Service({}).client(TokenCache(place)) as api:
        api.get_json("bap", "/x")

    assert elsewhere.read_bytes() == b""
    assert place.is_file()
    assert place.stat().st_mode & 0o077 == 0
