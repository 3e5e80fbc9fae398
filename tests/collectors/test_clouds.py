"""Each national cloud is signed in to, and asked, at its own addresses; what it lacks is said."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from collectors.api.auth import Credential
from collectors.api.client import connect
from collectors.api.clouds import CLOUDS
from collectors.api.errors import NotOffered, PageLinkRefused
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache
from connectory.config import HttpSection, Settings, TenantSettings
from connectory.signing_in import cloud_of

TENANT = "11111111-1111-4111-8111-111111111111"


class Wire:
    """Every host of a cloud in one function: sign-in, and services that tell what they got."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the sign-in service, or as any other with the token it was sent."""
        base = f"{self.login}/{TENANT}"
        if f"https://{request.url.host}" != self.login:
            return httpx.Response(
                200, json={"host": request.url.host, "token": request.headers["Authorization"]}
            )
        if request.url.path.endswith("openid-configuration"):
            endpoints: dict[str, Any] = {
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "issuer": f"{base}/v2.0",
            }
            return httpx.Response(200, json=endpoints)
        form = dict(httpx.QueryParams(request.content.decode()))
        self.asked.append((str(request.url.copy_with(query=None)), form["scope"].split()[0]))
        token = {"access_token": form["scope"].split()[0], "expires_in": 3599}
        return httpx.Response(200, json={"token_type": "Bearer", **token})


def read(settings: Settings, family: str, path: str) -> tuple[Any, Wire]:
    """Sign in with a secret and read one address of a service."""
    cloud = cloud_of(settings)
    wire = Wire(cloud.login)
    with connect(
        Credential("client_secret", TENANT, "client", secret="invented"),
        cloud,
        HttpSettings(retries=0),
        cache=TokenCache(None),
        prompt=lambda _text: None,
        transport=httpx.MockTransport(wire),
    ) as api:
        return api.get_json(family, path), wire


@pytest.mark.parametrize(
    ("name", "family", "login", "host", "scope"),
    [
        ("gcc", "bap", "microsoftonline.com", "gov.api.bap.microsoft.us", "gov.service.powerapps.us"),
        ("gcc", "graph", "microsoftonline.com", "graph.microsoft.com", "graph.microsoft.com"),
        ("gcc_high", "flow", "microsoftonline.us", "high.api.flow.microsoft.us", "high.service.flow.microsoft.us"),
        ("gcc_high", "graph", "microsoftonline.us", "graph.microsoft.us", "graph.microsoft.us"),
        ("dod", "powerapps", "microsoftonline.us", "api.apps.appsplatform.us", "service.apps.appsplatform.us"),
        ("dod", "graph", "microsoftonline.us", "dod-graph.microsoft.us", "dod-graph.microsoft.us"),
        ("china", "powerapps", "partner.microsoftonline.cn", "api.powerapps.cn", "service.powerapps.cn"),
        ("china", "bap", "partner.microsoftonline.cn", "api.bap.partner.microsoftonline.cn", "service.powerapps.cn"),
    ],
)  # fmt: skip
def test_a_cloud_is_asked_at_its_own_addresses(
    name: Any, family: str, login: str, host: str, scope: str
) -> None:
    """Sign-in goes to the cloud's authority, for the cloud's audience, and the request follows."""
    told, wire = read(Settings(tenant=TenantSettings(cloud=name)), family, "/x")

    expected = f"https://{scope}/.default"
    assert wire.asked == [(f"https://login.{login}/{TENANT}/oauth2/v2.0/token", expected)]
    assert told == {"host": host, "token": f"Bearer {expected}"}


@pytest.mark.parametrize("name", sorted(CLOUDS))
def test_a_cloud_sends_no_token_to_another(name: Any) -> None:
    """Only the hosts a cloud shares with another count as its own."""
    cloud = CLOUDS[name]
    for other in CLOUDS.values():
        for address in set(other.hosts.values()) - set(cloud.hosts.values()):
            with pytest.raises(PageLinkRefused):
                cloud.family_of(address)


def test_what_a_cloud_lacks_is_said_and_not_asked() -> None:
    """A service that is not offered is a gap with its cure; named in the settings, it is asked."""
    china = TenantSettings(cloud="china")
    with pytest.raises(NotOffered, match=r"does not offer the service; activity; .*http\.hosts"):
        read(Settings(tenant=china), "activity", "/x")

    named = HttpSection(
        hosts={"activity": "https://manage.example.cn"},
        scopes={"activity": "https://manage.example.cn/.default"},
    )
    told, _ = read(Settings(tenant=china, http=named), "activity", "/x")

    assert told["host"] == "manage.example.cn"


def test_everything_of_a_cloud_can_be_replaced() -> None:
    """Sign-in, host, scope, and what databases and storage are called, each by its setting."""
    http = HttpSection(
        hosts={"login": "https://login.chinacloudapi.cn/", "bap": "https://bap.example.cn"},
        scopes={"bap": "https://audience.example.cn//.default"},
        host_suffixes={"dataverse": "data.example.cn", "blob": "files.example.cn"},
    )
    settings = Settings(tenant=TenantSettings(cloud="china"), http=http)
    told, wire = read(settings, "bap", "/x")
    cloud = cloud_of(settings)

    assert told["host"] == "bap.example.cn"
    assert wire.asked == [
        (
            f"https://login.chinacloudapi.cn/{TENANT}/oauth2/v2.0/token",
            "https://audience.example.cn//.default",
        )
    ]
    assert cloud.family_of("https://org.data.example.cn/api") == "dataverse"
    assert cloud.family_of("https://one.files.example.cn/x") == "blob"
    with pytest.raises(PageLinkRefused):
        cloud.family_of("https://org.crm.dynamics.cn/api")
