"""The client against a wire that is a plain function: paging, patience, refusals, limits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from collectors.api.auth import Credential
from collectors.api.client import Api, connect
from collectors.api.errors import (
    ApiError,
    BadReply,
    NotFound,
    PageLinkRefused,
    Refused,
    ServerFault,
    SignInError,
    Throttled,
    TooLarge,
    Unreachable,
)
from collectors.api.hosts import COMMERCIAL
from collectors.api.paging import NextLink, NextPageUri, ODataNextLink
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache

TENANT = "11111111-1111-4111-8111-111111111111"
BLOB = "https://simulated.blob.core.windows.net/api/x.json?sv=1&sig=TOPSECRET&se=2&sp=r"
Handler = Callable[[httpx.Request], httpx.Response]


class World:
    """A wire: signs in, then answers by the handler given; remembers what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.minted: list[str] = []
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.clock = 0.0
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        if request.url.host == "login.microsoftonline.com":
            return self._login(request)
        with self._lock:
            self.requests.append(request)
        return self.handler(request)

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting."""
        with self._lock:
            self.slept.append(seconds)
            self.clock += seconds

    def _login(self, request: httpx.Request) -> httpx.Response:
        base = f"https://login.microsoftonline.com/{TENANT}"
        if request.url.path.endswith("discovery/instance"):
            return httpx.Response(200, json={"metadata": []})
        if request.url.path.endswith("openid-configuration"):
            endpoints = {
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "issuer": f"{base}/v2.0",
            }
            return httpx.Response(200, json=endpoints)
        form = dict(httpx.QueryParams(request.content.decode()))
        if form.get("client_secret") == "expired":
            text = "AADSTS7000222: The provided client secret keys are expired. Trace ID: 1"
            return httpx.Response(401, json={"error": "invalid_client", "error_description": text})
        with self._lock:
            self.minted.append(form["scope"])
            token = f"token-{len(self.minted)}"
        return httpx.Response(
            200, json={"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        )

    @contextmanager
    def client(self, secret: str = "right", **settings: Any) -> Iterator[Api]:
        """Open a client on this wire."""
        with connect(
            Credential("client_secret", TENANT, "client", secret=secret),
            COMMERCIAL,
            HttpSettings(**settings),
            cache=TokenCache(None),
            prompt=print,
            transport=httpx.MockTransport(self),
            sleep=self.sleep,
            monotonic=lambda: self.clock,
        ) as api:
            yield api


def answering(*replies: httpx.Response) -> World:
    """Return a wire that gives these replies in order, the last one for ever."""
    rest = list(replies)

    def handler(_: httpx.Request) -> httpx.Response:
        reply = rest.pop(0) if len(rest) > 1 else rest[0]
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    return World(handler)


def reply(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """Return a JSON reply."""
    return httpx.Response(status, json=body, headers=headers)


def test_each_audience_has_one_token() -> None:
    """One token serves both admin hosts; Graph and each Dataverse have their own."""
    world = answering(reply({"value": []}))
    with world.client() as api:
        for _ in range(2):
            api.get_json("bap", "/a")
            api.get_json("powerapps", "/b")
            api.get_json("graph", "/v1.0/c")
            api.get_json("dataverse", "https://org1.api.crm4.dynamics.com/d")

    assert world.minted == [
        "https://service.powerapps.com/.default",
        "https://graph.microsoft.com/.default",
        "https://org1.api.crm4.dynamics.com/.default",
    ]
    assert {
        r.headers["Authorization"] for r in world.requests if r.url.host.endswith("apps.com")
    } == {"Bearer token-1"}


def test_a_401_mints_once_and_a_second_one_is_a_refusal() -> None:
    """A token that is refused is replaced once; if that is refused too, the right is missing."""
    world = answering(reply({}, 401), reply({"ok": 1}), reply({}, 401))
    with world.client() as api:
        assert api.get_json("graph", "/v1.0/x") == {"ok": 1}
        with pytest.raises(Refused):
            api.get_json("graph", "/v1.0/x")

    assert len(world.minted) == 3


def test_pages_stream_and_foreign_links_come_back_to_the_host_called() -> None:
    """A next link on Azure Resource Manager is asked from the host called, byte for byte."""
    link = "https://management.azure.com/providers/x?a=1&%24skiptoken=YWJj%3D"
    world = answering(reply({"value": [{"n": 1}], "nextLink": link}), reply({"value": [{"n": 2}]}))
    with world.client() as api:
        pages = list(api.pages("powerapps", "/providers/x", {"a": "1"}, pager=NextLink()))

    assert pages == [[{"n": 1}], [{"n": 2}]]
    assert [r.url.host for r in world.requests] == ["api.powerapps.com"] * 2
    assert world.requests[1].url.raw_path == b"/providers/x?a=1&%24skiptoken=YWJj%3D"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/providers/x",
        "http://api.powerapps.com/providers/x?p=2",
        "https://graph.microsoft.com/v1.0/users",
        "https://api.powerapps.com.evil.example/x",
    ],
)
def test_links_outside_the_service_get_no_request(link: str) -> None:
    """A next link to another service, another host or without TLS is refused, not followed."""
    world = answering(reply({"value": [{"n": 1}], "nextLink": link}))
    with world.client() as api, pytest.raises(PageLinkRefused):
        list(api.pages("powerapps", "/providers/x", pager=NextLink()))

    assert len(world.requests) == 1


def test_pages_in_a_circle_end() -> None:
    """A link that was followed already ends the listing as incomplete."""
    world = answering(
        reply({"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/x?t=1"})
    )
    with world.client() as api, pytest.raises(PageLinkRefused):
        list(api.pages("graph", "/v1.0/x", pager=ODataNextLink()))

    assert len(world.requests) == 2


def test_header_paging() -> None:
    """The audit service names the next page in a header and lists in a bare array."""
    link = "https://manage.office.com/api/v1.0/t/activity?n=2"
    world = answering(reply([{"n": 1}], NextPageUri=link), reply([{"n": 2}]))
    with world.client() as api:
        pages = list(api.pages("activity", "/api/v1.0/t/activity", pager=NextPageUri()))

    assert pages == [[{"n": 1}], [{"n": 2}]]


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, []])
def test_a_page_without_rows_is_no_empty_list(body: Any) -> None:
    """A body without its list is a reply cut short: an error, never the end of a listing."""
    world = answering(reply(body))
    with world.client() as api, pytest.raises(BadReply):
        list(api.pages("bap", "/x", pager=NextLink()))


def test_cut_json_is_read_again_and_then_an_error() -> None:
    """JSON cut in the middle is asked for once more; cut again it is a bad reply."""
    cut = httpx.Response(200, content=b'{"value": [{"n": 1}, {"n"')
    world = answering(cut, reply({"value": []}), cut)
    with world.client() as api:
        assert list(api.pages("bap", "/x", pager=NextLink())) == [[]]
        with pytest.raises(BadReply) as caught:
            list(api.pages("bap", "/x", pager=NextLink()))

    assert "api.bap.microsoft.com/x" in str(caught.value)


def test_retry_after_in_seconds_as_date_and_missing() -> None:
    """Waits follow Retry-After in either form, up to the cap, and back off without it."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    world = answering(
        reply({}, 429, **{"Retry-After": "7"}),
        reply({}, 503, **{"Retry-After": date}),
        reply({}, 429),
        reply({}, 429, **{"Retry-After": "9999"}),
        reply({"ok": 1}),
    )
    with world.client(longest_wait=60.0) as api, api.metered() as (session, meter):
        session.get_json("graph", "/v1.0/x")

    seconds, dated, bare, capped = world.slept
    assert seconds == 7
    assert 25 < dated <= 30
    assert 0 <= bare <= 4
    assert capped == 60
    assert (meter.requests, meter.retries) == (5, 4)
    assert meter.throttled_seconds == pytest.approx(sum(world.slept))


def test_patience_ends_with_the_retries_and_with_the_budget() -> None:
    """Throttled is raised when tries are used up, or when the run has waited long enough."""
    world = answering(reply({"error": {"code": "TooMany"}}, 429, **{"Retry-After": "10"}))
    with world.client(retries=2) as api, pytest.raises(Throttled, match="TooMany"):
        api.get_json("bap", "/x")
    assert world.slept == [10, 10]

    with world.client(retries=50, retry_budget=25.0) as api:
        with pytest.raises(Throttled, match="25 s"):
            api.get_json("bap", "/x")
        with pytest.raises(Throttled):
            api.get_json("bap", "/y")
    assert world.slept[2:] == [10, 10]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("slow"), Unreachable),
        (httpx.RemoteProtocolError("cut"), ServerFault),
    ],
)
def test_broken_connections_are_tried_again(error: Exception, kind: type[ApiError]) -> None:
    """A connection that breaks is tried again; one that stays broken says so in one line."""
    failing = True

    def handler(_: httpx.Request) -> httpx.Response:
        if failing:
            raise error
        return reply({"ok": 1})

    world = World(handler)
    with world.client(retries=3) as api:
        with pytest.raises(kind) as caught:
            api.get_json("bap", "/x")
        failing = False
        assert api.get_json("bap", "/x") == {"ok": 1}

    assert len(world.slept) == 3
    assert "\n" not in str(caught.value)


def test_statuses_become_errors_with_a_cure() -> None:
    """403, 404 and unexpected statuses name code, place and what to do."""
    denied = reply({"error": {"code": "EnvironmentAccessDenied", "message": "not found"}}, 403)
    world = answering(denied, reply({}, 404), reply({"error": {"message": "x"}}, 400))
    with world.client() as api:
        with pytest.raises(Refused) as refused:
            api.get_json("bap", "/e")
        with pytest.raises(NotFound):
            api.get_json("bap", "/e")
        with pytest.raises(ServerFault):
            api.get_json("bap", "/e")

    assert refused.value.code == "EnvironmentAccessDenied"
    assert "register the application" in str(refused.value)


def test_nothing_but_reading_is_possible() -> None:
    """The client has no way to write: a POST outside the reading ones is refused unsent."""
    world = answering(reply({"responses": []}))
    with world.client() as api:
        api.post_json("graph", "/v1.0/$batch", {"requests": []})
        for family, path in [("graph", "/v1.0/users"), ("bap", "/v1.0/$batch")]:
            with pytest.raises(PermissionError):
                api.post_json(family, path, {})
        writers = [name for name in ("put", "patch", "delete", "post") if hasattr(api, name)]

    assert writers == []
    assert len(world.requests) == 1


def test_signed_addresses_are_fetched_without_a_token_and_never_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A signed address gets no bearer, and no log or error shows its signature."""
    caplog.set_level(logging.DEBUG)
    world = answering(httpx.Response(200, content=b"\xef\xbb\xbf{}"), reply({}, 403))
    with world.client() as api:
        content = api.fetch_blob(BLOB, 1000)
        with pytest.raises(Refused) as refused:
            api.fetch_blob(BLOB, 1000)

    assert content == b"\xef\xbb\xbf{}"
    assert world.minted == []
    assert all("Authorization" not in request.headers for request in world.requests)
    assert "TOPSECRET" not in caplog.text + str(refused.value)


def test_signed_addresses_elsewhere_are_not_fetched() -> None:
    """A signed address outside the storage service gets no request at all."""
    world = answering(reply({}))
    with world.client() as api, pytest.raises(PageLinkRefused):
        api.fetch_blob("https://evil.example/x?sig=1", 1000)

    assert world.requests == []


def test_replies_are_bounded() -> None:
    """A page or document above its limit is an error, not memory."""
    world = answering(httpx.Response(200, content=b"x" * 2000))
    with world.client(page_limit=1000) as api:
        with pytest.raises(TooLarge):
            api.get_json("bap", "/x")
        with pytest.raises(TooLarge):
            api.fetch_blob(BLOB, 1999)
        assert len(api.fetch_blob(BLOB, 2000)) == 2000


def test_an_expired_secret_is_one_clear_line() -> None:
    """Sign-in with an expired secret says so, and what to do, without trace ids."""
    world = answering(reply({}))
    with world.client(secret="expired") as api, pytest.raises(SignInError) as caught:
        api.get_json("bap", "/x")

    assert "AADSTS7000222" in str(caught.value)
    assert "create a new one" in str(caught.value)
    assert "Trace ID" not in str(caught.value)
    assert world.requests == []


def test_map_is_bounded_and_gives_each_item_its_end() -> None:
    """Many items run on few threads, a failing one fails alone, and little waits at once."""
    world = answering(reply({}))
    drawn: list[int] = []

    class Items(list[int]):
        def __iter__(self) -> Iterator[int]:
            for item in range(200):
                drawn.append(item)
                yield item

    def double(item: int) -> int:
        if item == 7:
            raise NotFound("x", "y", "z")
        return item * 2

    with world.client(workers=4) as api:
        results = api.map(double, Items())
        first = next(results)
        ahead = len(drawn)
        ends = dict([first, *results])

    assert ahead <= 9
    assert len(ends) == 200
    assert isinstance(ends.pop(7), NotFound)
    assert all(value == item * 2 for item, value in ends.items())


def test_concurrency_is_kept_per_service() -> None:
    """No service sees more requests at once than it may, however many threads ask."""
    lock, now, most = threading.Lock(), 0, 0
    gate = threading.Event()

    def handler(_: httpx.Request) -> httpx.Response:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        gate.wait(0.02)
        with lock:
            now -= 1
        return reply({})

    world = World(handler)
    with world.client(workers=12, concurrency_per_host=3) as api:
        list(api.map(lambda n: api.get_json("graph", f"/v1.0/{n}"), range(30)))

    assert most == 3
