"""Tokens on disk, and signing in by certificate and by device code."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from collectors.api.auth import Credential
from collectors.api.client import connect
from collectors.api.errors import SignInError
from collectors.api.hosts import COMMERCIAL
from collectors.api.settings import HttpSettings
from collectors.api.tokens import TokenCache

TENANT = "11111111-1111-4111-8111-111111111111"
BASE = f"https://login.microsoftonline.com/{TENANT}"


class Login:
    """A sign-in service that keeps the forms it was sent."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the sign-in service or of any other."""
        if request.url.host != "login.microsoftonline.com":
            return httpx.Response(200, json={"bearer": request.headers["Authorization"]})
        if request.url.path.endswith("discovery/instance"):
            return httpx.Response(200, json={"metadata": []})
        if request.url.path.endswith("openid-configuration"):
            endpoints: dict[str, Any] = {
                "authorization_endpoint": f"{BASE}/oauth2/v2.0/authorize",
                "token_endpoint": f"{BASE}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{BASE}/oauth2/v2.0/devicecode",
                "issuer": f"{BASE}/v2.0",
            }
            return httpx.Response(200, json=endpoints)
        self.forms.append(dict(httpx.QueryParams(request.content.decode())))
        if request.url.path.endswith("devicecode"):
            return httpx.Response(
                200,
                json={
                    "device_code": "d",
                    "user_code": "ABCD",
                    "verification_uri": "https://login.example/device",
                    "expires_in": 60,
                    "interval": 1,
                    "message": "enter ABCD",
                },
            )
        return httpx.Response(
            200,
            json={"access_token": "secret-token", "expires_in": 3600, "token_type": "Bearer"},
        )


def ask(login: Login, credential: Credential, cache: TokenCache, said: list[str]) -> Any:
    """Read one thing with this credential."""
    with connect(
        credential,
        COMMERCIAL,
        HttpSettings(),
        cache=cache,
        prompt=said.append,
        transport=httpx.MockTransport(login),
    ) as api:
        return api.get_json("graph", "/v1.0/me")


def test_the_cache_is_private_and_spares_a_sign_in(tmp_path: Path) -> None:
    """The cache file is 0600 from its first byte, and the next process needs no new token."""
    place = tmp_path / "var" / "tokens.json"
    credential = Credential("client_secret", TENANT, "client", secret="s")
    first, second = Login(), Login()

    ask(first, credential, TokenCache(place), [])
    answer = ask(second, credential, TokenCache(place), [])

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "secret-token" in place.read_text(encoding="utf-8")
    assert answer == {"bearer": "Bearer secret-token"}
    assert (len(first.forms), len(second.forms)) == (1, 0)
    assert [path.name for path in place.parent.iterdir()] == ["tokens.json"]


def test_tokens_for_many_databases_cost_no_write_each(tmp_path: Path) -> None:
    """The first token is written at once and all the others together, at the end."""
    place = tmp_path / "tokens.json"
    cache = TokenCache(place)
    writes = []
    with connect(
        Credential("client_secret", TENANT, "client", secret="s"),
        COMMERCIAL,
        HttpSettings(),
        cache=cache,
        prompt=None,
        transport=httpx.MockTransport(Login()),
    ) as api:
        for number in range(40):
            api.get_json("dataverse", f"https://org{number}.api.crm4.dynamics.com/api/data/v9.2")
            writes.append(cache.writes)

    assert (writes[0], writes[-1], cache.writes) == (1, 1, 2)
    assert place.read_text(encoding="utf-8").count("org39.api.crm4") >= 1


def test_a_long_run_keeps_its_tokens_along_the_way(tmp_path: Path) -> None:
    """Once a minute what has come since is written, so that a killed run loses little."""
    clock = iter([0.0, 30.0, 61.0, 70.0])
    cache = TokenCache(tmp_path / "tokens.json", monotonic=lambda: next(clock))
    told = []
    for _ in range(4):
        cache.cache.has_state_changed = True
        cache.save()
        told.append(cache.writes)

    assert told == [1, 1, 2, 2]


def test_a_cache_open_to_others_is_closed(tmp_path: Path) -> None:
    """Rights that are too wide are taken away before the cache is used."""
    place = tmp_path / "tokens.json"
    place.write_text("{}", encoding="utf-8")
    place.chmod(0o644)

    TokenCache(place)

    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_certificate_signs_in_by_an_assertion(tmp_path: Path) -> None:
    """With a certificate no secret is sent, only an assertion signed with its key."""
    place = tmp_path / "client.pem"
    place.write_bytes(certificate())
    login = Login()

    ask(login, Credential("certificate", TENANT, "client", certificate=place), TokenCache(None), [])

    (form,) = login.forms
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert form["client_assertion"].startswith("eyJ")
    assert form["client_assertion"].count(".") == 2
    assert "client_secret" not in form


def test_an_unreadable_certificate_is_one_line(tmp_path: Path) -> None:
    """A missing or broken certificate file is named, with the setting to mend."""
    credential = Credential("certificate", TENANT, "client", certificate=tmp_path / "none.pem")
    with pytest.raises(SignInError, match=r"none\.pem; name a PEM file"):
        ask(Login(), credential, TokenCache(None), [])


def test_device_code_tells_the_person_what_to_do() -> None:
    """Device code shows the service's message and then reads as that person."""
    login, said = Login(), list[str]()

    answer = ask(login, Credential("device_code", TENANT, "client"), TokenCache(None), said)

    assert said == ["enter ABCD"]
    assert answer == {"bearer": "Bearer secret-token"}


def test_a_credential_does_not_print_its_secret() -> None:
    """Neither repr nor a message formats a secret."""
    credential = Credential("client_secret", TENANT, "client", secret="hush", passphrase="hush")

    assert "hush" not in f"{credential} {credential!r}"
    assert "hush" not in json.dumps(str(credential))


def certificate() -> bytes:
    """Return a self-signed certificate with its key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "connectory.example")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + made.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    "body",
    ["[]", "null", "5", '"x"', '{"error": "x", "error_description": " Trace ID: 1"}',
     '{"access_token": "t", "expires_in": 1e400, "token_type": "Bearer"}', "{" * 100_000],
)  # fmt: skip
def test_a_sign_in_service_that_answers_oddly_is_a_failed_sign_in(body: str) -> None:
    """Whatever JSON it sends, the reason is one line about the sign-in."""
    login = Login()

    def odd(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, text=body, headers={"Content-Type": "application/json"})
        return login(request)

    with (
        connect(
            Credential("client_secret", TENANT, "client", secret="s"),
            COMMERCIAL,
            HttpSettings(),
            cache=TokenCache(None),
            prompt=None,
            transport=httpx.MockTransport(odd),
        ) as api,
        pytest.raises(SignInError) as error,
    ):
        api.get_json("graph", "/v1.0/users")

    assert "sign" in str(error.value)
    assert "\n" not in str(error.value)
