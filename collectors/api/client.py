"""The one client of all services: reading but for one command, pooled, patient, metered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import orjson
from httpx_retries import RetryTransport

from collectors.api.allowed import refuse_unknown_command, refuse_writing
from collectors.api.auth import Credential, Delegated, EntraAuth, Prompt, Tokens
from collectors.api.errors import BadReply, PageLinkRefused, SignInError, redacted
from collectors.api.hosts import Cloud
from collectors.api.meter import Meter
from collectors.api.paging import Pager, on_host_of
from collectors.api.replies import decoded, raise_for, refuse_altered, translated
from collectors.api.retry import PatientRetry, RetryBudget, Sleep
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache
from collectors.api.transports import (
    FAMILY,
    LIMIT,
    METER,
    BudgetTransport,
    ReadingTransport,
    RerouteTransport,
    trusted,
)

_LOG = logging.getLogger(__name__)
# These libraries log whole addresses, signed ones included; what we log is redacted.
_TALKATIVE = ("httpx", "httpcore", "httpx_retries", "pyrate_limiter", "msal", "urllib3")
_TRIES_FOR_JSON = 2
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all sessions of a client share."""

    http: httpx.Client
    plain: httpx.Client
    auth: EntraAuth
    cloud: Cloud
    settings: HttpSettings
    budget: RetryBudget
    sleep: Sleep
    pool: ThreadPoolExecutor
    persons: frozenset[str] | None  # services asked as a person; None for all


@dataclass(frozen=True, slots=True)
class Api:
    """A signed-in client that can only read.

    Made by `connect`; `metered` gives a session whose figures are counted apart.
    """

    _shared: _Shared
    _meter: Meter

    def get_json(
        self,
        family: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON that a GET answers.

        Args:
            family: Service, e.g. ``bap``.
            path: Path at that service, or a full address of it.
            parameters: Query values.
            headers: Further headers.

        Raises:
            ApiError: Any of its kinds.
        """
        return self._json(family, self._shared.cloud.url(family, path), parameters, headers)[0]

    def asks_as_person(self, family: str) -> bool:
        """Tell whether a person signs in to a service, rather than an application."""
        return self._shared.persons is None or family in self._shared.persons

    def post_json(self, family: str, path: str, body: Any) -> Any:
        """Return the JSON that a POST answers; only POSTs that read are possible.

        Raises:
            PermissionError: The call could write.
            ApiError: Any of its kinds.
        """
        refuse_writing(family, path, body)
        url = self._shared.cloud.url(family, path)
        response = self._send(
            family, "POST", url, None, {"Content-Type": "application/json"}, orjson.dumps(body)
        )
        return decoded(response.content, url)

    def command(
        self, family: str, path: str, parameters: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        """Send one of the few POSTs that alter something; no collector does.

        Returns:
            The JSON that it answers; None if it answers nothing.

        Raises:
            PermissionError: The call is none of these.
            ApiError: Any of its kinds.
        """
        refuse_unknown_command(family, path, body)
        url = self._shared.cloud.url(family, path)
        content = orjson.dumps(body) if body else b""
        headers = {"Content-Type": "application/json"} if body else {"Content-Length": "0"}
        once = 0 if body else None  # sent again after a lost answer, a mail would arrive twice
        response = self._send(family, "POST", url, parameters, headers, content, retries=once)
        return decoded(response.content, url) if response.content else None

    def pages(
        self,
        family: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        pager: Pager,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a listing as they come; only one is held at a time.

        Args:
            family: Service.
            path: Path at that service, or a full address of it.
            parameters: Query values of the first page.
            pager: How this service says that there is more.
            headers: Further headers.

        Raises:
            ApiError: Any of its kinds; the pages already yielded are then not the whole list.
        """
        url: str | None = self._shared.cloud.url(family, path)
        seen: set[str] = set()
        while url is not None:
            body, answered = self._json(family, url, parameters, headers)
            rows = pager.rows(body, url)
            yield rows
            link = pager.link(body, answered)
            url, parameters = (self._next(family, url, link, seen) if link else None), None

    def _next(self, family: str, called: str, link: str, seen: set[str]) -> str:
        """Return where the next page is really asked for: never outside the service called."""
        known = self._shared.cloud
        try:
            same = known.family_of(link) == family
        except PageLinkRefused:
            same = False
        if not same and not link.startswith("https://management.azure.com/"):
            raise PageLinkRefused(
                "the link to the next page leads to another host",
                link,
                "nothing was sent there; the listing counts as incomplete",
            )
        target = link if same and family != "dataverse" else on_host_of(called, link)
        if target in seen:
            raise PageLinkRefused(
                "the pages lead in a circle", target, "the listing counts as incomplete"
            )
        seen.add(target)
        return target

    def fetch_blob(self, address: str, limit: int) -> bytes:
        """Return the document at a signed address, asked for without a token of ours.

        Args:
            address: Signed address; a secret, so no error or log shows its query.
            limit: Largest document accepted, in bytes.

        Raises:
            ApiError: Any of its kinds.
        """
        if self._shared.cloud.family_of(address) != "blob":
            raise PageLinkRefused(
                "a signed address outside the storage service", address, "it was not fetched"
            )
        for attempt in range(_TRIES_FOR_JSON):
            response = self._send("blob", "GET", address, None, None, None, limit=limit)
            try:
                refuse_altered(response, address)
                break
            except BadReply:
                if attempt == _TRIES_FOR_JSON - 1:
                    raise
                self._meter.waited(0.0)
        return response.content

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Apply a function to items in several threads, yielding as they are done.

        At most twice as many items as there are workers are under way or waiting to be yielded.

        Args:
            function: Reads one item.
            items: What to read.

        Yields:
            Each item with its result, or with the exception that ended it.
        """
        waiting: dict[Future[Result], Item] = {}
        rest = iter(items)
        room = self._shared.settings.workers * 2

        def fill() -> None:
            while len(waiting) < room:
                try:
                    item = next(rest)
                except StopIteration:
                    return
                waiting[self._shared.pool.submit(function, item)] = item

        fill()
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    item = waiting.pop(future)
                    error = future.exception()
                    if error is None:
                        yield item, future.result()
                    elif isinstance(error, Exception):
                        yield item, error
                    else:
                        raise error
                fill()
        finally:
            for future in waiting:
                future.cancel()

    @contextmanager
    def metered(self) -> Iterator[tuple[Api, Meter]]:
        """Yield a session of this client and the meter that counts what it costs."""
        meter = Meter()
        yield replace(self, _meter=meter), meter

    def _json(
        self,
        family: str,
        url: str,
        parameters: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[Any, Mapping[str, str]]:
        for attempt in range(_TRIES_FOR_JSON):
            response = self._send(family, "GET", url, parameters, headers, None)
            try:
                return decoded(response.content, url), response.headers
            except BadReply:
                if attempt == _TRIES_FOR_JSON - 1:
                    raise
                self._meter.waited(0.0)
        raise AssertionError

    def _send(
        self,
        family: str,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
        *,
        limit: int | None = None,
        retries: int | None = None,
    ) -> httpx.Response:
        shared = self._shared
        settings = shared.settings if retries is None else replace(shared.settings, retries=retries)
        extensions: dict[str, Any] = {
            FAMILY: family,
            METER: self._meter,
            "retry": _patience(settings, shared.budget, shared.sleep, self._meter),
        }
        if limit is not None:
            extensions[LIMIT] = limit
        client = shared.plain if family == "blob" else shared.http
        with translated(url, settings):
            response = client.request(
                method,
                url,
                params=parameters,
                headers={"Accept": "application/json", **(headers or {})},
                content=content,
                extensions=extensions,
            )
        _LOG.debug("%s %s %s", method, redacted(url), response.status_code)
        raise_for(response, family, url)
        return response


def _patience(
    settings: HttpSettings, budget: RetryBudget, sleep: Sleep, meter: Meter | None
) -> PatientRetry:
    return PatientRetry(
        budget=budget,
        sleep=sleep,
        meter=meter,
        total=settings.retries,
        max_backoff_wait=settings.longest_wait,
    )


def _client(
    settings: HttpSettings, transport: httpx.BaseTransport, auth: httpx.Auth | None = None
) -> httpx.Client:
    timeout = httpx.Timeout(
        settings.read_timeout, connect=settings.connect_timeout, pool=settings.read_timeout
    )
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        auth=auth,
        headers={"User-Agent": settings.user_agent},
        # Affinity cookies would pin every call to one server of the service and its limits.
        # https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
    )


@contextmanager
def connect(
    credential: Credential,
    cloud: Cloud,
    settings: HttpSettings,
    *,
    cache: TokenCache,
    prompt: Prompt | None,
    delegated: Delegated | None = None,
    transport: httpx.BaseTransport | None = None,
    sleep: Sleep = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Api]:
    """Yield a client that signs in when it is first used.

    Args:
        credential: How to sign in.
        cloud: Hosts and scopes.
        settings: Bounds.
        cache: Where tokens are kept.
        prompt: Shows a person what to do, for device code; None where nobody is there.
        delegated: Services that a person signs in to, whoever signs in to the others.
        transport: The wire; the real one by default.
        sleep: Waits between tries.
        monotonic: Clock those waits pass on.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
    wire = direct = transport or httpx.HTTPTransport(verify=trusted(), limits=limits)
    if settings.reroute_to:
        wire = RerouteTransport(wire, settings.reroute_to)
    bounded = BudgetTransport(
        ReadingTransport(wire, settings.page_limit),
        settings.concurrency_per_host,
        settings.requests_per_minute_per_host,
        settings.workers,
    )
    budget = RetryBudget(settings.retry_budget, monotonic)
    retry = _patience(settings, budget, sleep, None)
    patient = RetryTransport(bounded, retry)
    with (
        _client(settings, patient) as plain,
        _client(
            settings, RetryTransport(ReadingTransport(direct, settings.page_limit), retry)
        ) as machine,
        ThreadPoolExecutor(settings.workers, "read") as pool,
        cache,
    ):
        # The endpoint of a managed identity is this machine's own, not one of the tenant's.
        login = machine if credential.method == "managed_identity" else plain
        others: dict[str, Tokens] = {}
        if delegated is not None:
            person = Tokens(delegated.credential, cloud, plain, cache, prompt)
            others = dict.fromkeys(delegated.families, person)
        auth = EntraAuth(Tokens(credential, cloud, login, cache, prompt), cloud, others)
        http = _client(settings, patient, auth)
        persons = None if credential.method == "device_code" else frozenset(others)
        shared = _Shared(http, plain, auth, cloud, settings, budget, sleep, pool, persons)
        yield Api(shared, Meter())


__all__ = ["Api", "SignInError", "connect"]
