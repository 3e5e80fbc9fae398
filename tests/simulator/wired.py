"""A simulated tenant over real HTTP, asked by a client that believes it talks to the cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectory.simulator.server import Served, serve
from connectory.simulator.state import Tenant
from connectory.simulator.tenant import build

BAP = "https://api.bap.microsoft.com/providers/Microsoft.BusinessAppPlatform"
POWERAPPS = "https://api.powerapps.com/providers/Microsoft.PowerApps"
FLOW = "https://api.flow.microsoft.com/providers/Microsoft.ProcessSimple"
GRAPH = "https://graph.microsoft.com/v1.0"
PLATFORM = "https://api.powerplatform.com"
LOGIN = "https://login.microsoftonline.com"

_AUDIENCES = (
    (r"(.+\.)?api\.(bap\.microsoft|powerapps)\.com", "https://service.powerapps.com/"),
    (r"(.+\.)?api\.flow\.microsoft\.com", "https://service.flow.microsoft.com/"),
    (r"(.+\.)?api\.powerplatform\.com", "https://api.powerplatform.com"),
)


def audience_of(url: str) -> str:
    """Return the audience that tokens for an address have in real life."""
    host = (urlsplit(url).hostname or "").casefold()
    for pattern, audience in _AUDIENCES:
        if re.fullmatch(pattern, host):
            return audience
    return f"https://{host}"


class Front(httpx.BaseTransport):
    """Leads every host to one address, and leaves address, headers and Host as in real life."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the simulated tenant."""
        target = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                target,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


@dataclass
class Wired:
    """A served tenant and the client that asks it."""

    served: Served
    http: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        """The tenant that is served."""
        return self.served.tenant

    def sign_in(self, **form: str) -> httpx.Response:
        """Ask for tokens; as the collector with its secret unless the form says otherwise."""
        given = {
            "client_id": self.tenant.collector_app_id,
            "grant_type": "client_credentials",
            "client_secret": "simulated-secret",
            "scope": "https://graph.microsoft.com/.default",
        } | form
        return self.http.post(f"{LOGIN}/{self.tenant.id}/oauth2/v2.0/token", data=given)

    def token(self, audience: str) -> str:
        """Return a token of the collector for an audience."""
        if audience not in self.tokens:
            reply = self.sign_in(scope=f"{audience}/.default").raise_for_status()
            self.tokens[audience] = reply.json()["access_token"]
        return self.tokens[audience]

    def person_token(self, audience: str, name: str = "") -> str:
        """Return a token of a person for an audience."""
        login = name or next(
            p.user_principal_name
            for p in self.tenant.people.values()
            if p.enabled and p.deleted is None and p.user_type == "Member"
        )
        form = {"grant_type": "password", "username": login, "password": "any"}
        reply = self.sign_in(scope=f"{audience}/.default", **form).raise_for_status()
        return str(reply.json()["access_token"])

    def ask(self, url: str, *, method: str = "GET", token: str = "", **how: Any) -> httpx.Response:
        """Send a request with the token its host wants, or with the one given."""
        bearer = {"Authorization": f"Bearer {token or self.token(audience_of(url))}"}
        headers = bearer | how.pop("headers", {})
        return self.http.request(method, url, headers=headers, **how)

    def get(self, url: str, **how: Any) -> Any:
        """Return the JSON at an address, which must be there."""
        return self.ask(url, **how).raise_for_status().json()

    def pages(self, url: str, **how: Any) -> list[Any]:
        """Return every page of a listing; links elsewhere are asked for where the first was."""
        found, following = [], url
        while following:
            found.append(self.get(following, **how))
            link = found[-1].get("nextLink") or found[-1].get("@odata.nextLink") or ""
            origin = "/".join(url.split("/")[:3])
            following = link.replace("https://management.azure.com", origin)
        return found

    def rows(self, url: str, **how: Any) -> list[Any]:
        """Return every row of a listing."""
        return [row for page in self.pages(url, **how) for row in page["value"]]

    def lever(self, lever: str, **body: Any) -> Any:
        """Pull one of the simulator's own levers."""
        reply = self.http.post(f"http://127.0.0.1/_sim/{lever}", json=body)
        return reply.raise_for_status().json()

    def story(self, story: str, **arguments: str) -> None:
        """Let one thing happen to the tenant."""
        self.lever("story", name=story, arguments=arguments)

    def look(self, name: str) -> Any:
        """Read one of the simulator's own accounts."""
        return self.http.get(f"http://127.0.0.1/_sim/{name}").raise_for_status().json()


@contextmanager
def wired(size: str = "tiny", seed: int = 7) -> Iterator[Wired]:
    """Serve a tenant and yield how to ask it."""
    with serve(deepcopy(_built(size, seed))) as served, _client(served) as client:
        yield Wired(served, client)


@cache
def _built(size: str, seed: int) -> Tenant:
    return build(size, seed, None)


def _client(served: Served) -> httpx.Client:
    return httpx.Client(transport=Front(served.port), trust_env=False, timeout=30)
