from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from wired import BAP, FLOW, GRAPH, LOGIN, PLATFORM, POWERAPPS, Wired

SCOPE = "https://graph.microsoft.com/.default"


class Carrier:
    """What MSAL asks of an HTTP client, over one that reaches the simulated tenant."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Send a GET."""
        return self._client.get(url, params=params, headers=headers)

    def post(
        self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any
    ) -> httpx.Response:
        """Send a POST; MSAL hands some fields over as bytes, which httpx does not send as such."""
        form = {k: v.decode() if isinstance(v, bytes) else v for k, v in (data or {}).items()}
        return self._client.post(url, params=params, data=form, headers=headers)

    def close(self) -> None:
        """Leave the client to its owner."""


def confidential(cloud: Wired, credential: Any) -> msal.ConfidentialClientApplication:
    """Return MSAL as an application would use it."""
    return msal.ConfidentialClientApplication(
        cloud.tenant.collector_app_id,
        client_credential=credential,
        authority=f"{LOGIN}/{cloud.tenant.id}",
        http_client=Carrier(cloud.http),
    )


def public(cloud: Wired, tenant: str = "") -> msal.PublicClientApplication:
    """Return MSAL as a person's tool would use it."""
    return msal.PublicClientApplication(
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        authority=f"{LOGIN}/{tenant or cloud.tenant.id}",
        http_client=Carrier(cloud.http),
    )


def certificate() -> tuple[str, str]:
    """Return a new private key and its self-signed certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "collector.halyard.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode(), signed.public_bytes(serialization.Encoding.PEM).decode()


def claims(token: str) -> Any:
    """Return what a token says."""
    head, body, signature = token.split(".")
    assert head
    assert signature
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def dataverse(cloud: Wired) -> tuple[str, str]:
    """Return the two hosts of one Dataverse."""
    home = next(
        e.dataverse
        for e in cloud.tenant.environments.values()
        if e.dataverse and e.dataverse.application_user and e.deleted is None
    )
    return home.web_host, home.api_host


# --- MSAL, unmodified


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        (SCOPE, f"{GRAPH}/groups"),
        (
            "https://service.powerapps.com/.default",
            f"{BAP}/scopes/admin/environments?api-version=1",
        ),
        ("https://service.powerapps.com//.default", f"{POWERAPPS}/environments?api-version=1"),
        ("https://service.flow.microsoft.com/.default", f"{FLOW}/environments?api-version=1"),
        (
            "https://management.azure.com/.default",
            "https://management.azure.com/providers/Microsoft.PowerApps/environments?api-version=1",
        ),
    ],
)
def test_msal_signs_in_with_a_secret(shared_cloud: Wired, scope: str, url: str) -> None:
    """A confidential client gets a token that the service of its scope takes."""
    result = confidential(shared_cloud, "simulated-secret").acquire_token_for_client([scope])

    assert shared_cloud.ask(url, token=result["access_token"]).status_code == 200
    assert claims(result["access_token"])["aud"] == scope.removesuffix("/.default")
    assert result["expires_in"] == 3599


def test_msal_keeps_a_token_until_it_expires(cloud: Wired) -> None:
    """A second request for the same scope comes from MSAL's cache, not from the service."""
    application = confidential(cloud, "simulated-secret")
    first = application.acquire_token_for_client([SCOPE])
    cloud.http.delete("http://127.0.0.1/_sim/requests")
    second = application.acquire_token_for_client([SCOPE])

    assert second["access_token"] == first["access_token"]
    assert "login.microsoftonline.com" not in cloud.look("requests")["requests"]


def test_msal_signs_in_with_a_registered_certificate(cloud: Wired) -> None:
    """An assertion signed by the registered certificate is taken, one by another is not."""
    private, registered = certificate()
    other, unregistered = certificate()
    cloud.lever("settings", certificate_pem=registered)

    def ask(key: str, shown: str) -> Any:
        seen = x509.load_pem_x509_certificate(shown.encode())
        thumbprint = seen.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - Entra's name for it
        credential = {"private_key": key, "thumbprint": thumbprint, "public_certificate": shown}
        return confidential(cloud, credential).acquire_token_for_client([SCOPE])

    assert cloud.ask(f"{GRAPH}/groups", token=ask(private, registered)["access_token"]).is_success
    assert "AADSTS700027" in ask(other, unregistered)["error_description"]
    assert "AADSTS700027" in ask(other, registered)["error_description"]


def test_msal_walks_a_person_through_the_device_code(cloud: Wired) -> None:
    """A code is pending as often as set, then gives tokens, and others in silence."""
    cloud.lever("settings", device_polls=2)
    application = public(cloud)
    flow = application.initiate_device_flow([SCOPE])
    flow["interval"] = 0
    result = application.acquire_token_by_device_flow(flow)
    (account,) = application.get_accounts()
    silent = application.acquire_token_silent(
        ["https://service.flow.microsoft.com/.default"], account
    )

    assert flow["message"]
    assert claims(result["access_token"])["idtyp"] == "user"
    assert claims(result["access_token"])["oid"] == result["id_token_claims"]["oid"]
    assert cloud.ask(f"{FLOW}/environments?api-version=1", token=silent["access_token"]).is_success


def test_msal_takes_any_address_of_the_tenant(shared_cloud: Wired) -> None:
    """A person signs in through the tenant's id, its domain or the shared addresses."""
    for tenant in (shared_cloud.tenant.id, shared_cloud.tenant.domain, "organizations"):
        flow = public(shared_cloud, tenant).initiate_device_flow([SCOPE])

        assert flow["device_code"]


# --- older and other clients


@pytest.mark.parametrize("grant", ["device_code", "urn:ietf:params:oauth:grant-type:device_code"])
def test_both_spellings_of_the_device_grant_work(cloud: Wired, grant: str) -> None:
    """The short grant of one client is as good as the registered one, after one pending poll."""
    cloud.lever("settings", device_polls=1)
    begun = cloud.http.post(
        f"{LOGIN}/common/oauth2/v2.0/devicecode",
        data={"client_id": "31359c7f", "scope": f"{SCOPE} openid profile offline_access"},
    ).json()
    form = {"client_id": "31359c7f", "grant_type": grant, "device_code": begun["device_code"]}
    url = f"{LOGIN}/common/oauth2/v2.0/token?client-request-id=1"
    pending = cloud.http.post(url, data=form | {"scope": SCOPE})
    done = cloud.http.post(url, data=form | {"scope": SCOPE}).json()

    assert pending.status_code == 400
    assert pending.json()["error"] == "authorization_pending"
    assert {"access_token", "refresh_token", "id_token", "client_info"} <= done.keys()
    assert claims(done["access_token"])["oid"] == claims(done["id_token"])["oid"]
    assert begun["interval"] == 1
    assert {"user_code", "verification_uri", "expires_in", "message"} <= begun.keys()


def test_the_first_version_of_the_addresses_speaks_in_strings(shared_cloud: Wired) -> None:
    """Older clients name a resource, send the code as ``code`` and get numbers as strings."""
    base, client = f"{LOGIN}/common/oauth2", {"client_id": "04b07795"}
    resource = {"resource": "https://service.powerapps.com/"}
    begun = shared_cloud.http.post(f"{base}/devicecode?api-version=1.0", data=client | resource)
    form = {"grant_type": "device_code", "code": begun.json()["device_code"]}
    told = shared_cloud.http.post(f"{base}/token", data=client | resource | form).json()

    assert begun.json()["interval"] == "1"
    assert told["resource"] == "https://service.powerapps.com/"
    assert all(isinstance(told[name], str) for name in ("expires_in", "expires_on", "not_before"))
    url = f"{FLOW}/environments?api-version=2016-11-01"
    assert shared_cloud.ask(url, token=told["access_token"]).is_success


def test_a_refresh_token_is_good_for_every_audience(shared_cloud: Wired) -> None:
    """One sign-in gives tokens for the other services; an invented refresh token gives none."""
    person = next(p for p in shared_cloud.tenant.people.values() if p.enabled)
    signed = shared_cloud.sign_in(
        grant_type="password", username=person.user_principal_name, password="any"
    ).json()
    form = {"grant_type": "refresh_token", "scope": "https://management.azure.com//.default"}
    fresh = shared_cloud.sign_in(refresh_token=signed["refresh_token"], **form).json()
    invented = shared_cloud.sign_in(refresh_token="refresh-invented", **form)

    assert claims(fresh["access_token"])["aud"] == "https://management.azure.com/"
    assert claims(fresh["access_token"])["oid"] == person.id
    assert (invented.status_code, invented.json()["error"]) == (400, "invalid_grant")


def test_discovery_leads_to_the_token_address(shared_cloud: Wired) -> None:
    """Instance discovery names the configuration, which names https addresses of that host."""
    instance = shared_cloud.http.get(
        f"{LOGIN}/common/discovery/instance",
        params={"api-version": "1.1", "authorization_endpoint": f"{LOGIN}/common/oauth2/authorize"},
    ).json()
    configuration = shared_cloud.http.get(instance["tenant_discovery_endpoint"]).json()

    assert LOGIN.removeprefix("https://") in instance["metadata"][0]["aliases"]
    for name in ("token_endpoint", "authorization_endpoint", "device_authorization_endpoint"):
        assert configuration[name].startswith(f"{LOGIN}/common/oauth2/v2.0/")
    assert shared_cloud.http.get(configuration["jwks_uri"]).json()["keys"][0]["kty"] == "RSA"


def test_a_browser_signs_in_with_a_code_that_is_good_once(cloud: Wired) -> None:
    """The code flow sends the browser back with a code, which its verifier redeems one time."""
    verifier = "v" * 43
    digest = hashlib.sha256(verifier.encode()).digest()
    back = "http://127.0.0.1:8501/oauth2callback"
    asked = {
        "client_id": cloud.tenant.collector_app_id,
        "response_type": "code",
        "redirect_uri": back,
        "scope": "openid profile email",
        "state": "s1",
        "nonce": "n1",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    sent = cloud.http.get(f"{LOGIN}/{cloud.tenant.id}/oauth2/v2.0/authorize", params=asked)
    returned = httpx.URL(sent.headers["Location"])
    form = {"grant_type": "authorization_code", "code": returned.params["code"]}
    form |= {"redirect_uri": back, "scope": "openid profile email"}
    wrong = cloud.sign_in(code_verifier="w" * 43, **form)
    first = cloud.sign_in(code_verifier=verifier, **form)
    second = cloud.sign_in(code_verifier=verifier, **form)

    assert sent.status_code == 302
    assert str(returned).startswith(back)
    assert returned.params["state"] == "s1"
    assert claims(first.json()["id_token"])["nonce"] == "n1"
    assert (wrong.status_code, second.status_code) == (400, 400)


# --- refusals


@pytest.mark.parametrize(
    ("settings", "form", "status", "code"),
    [
        ({}, {"client_secret": "wrong"}, 401, "AADSTS7000215"),
        ({"secret_expired": True}, {}, 401, "AADSTS7000222"),
        ({}, {"client_id": "00000000-0000-4000-8000-000000000009"}, 400, "AADSTS700016"),
        ({}, {"scope": "https://nobody.halyard.example/.default"}, 400, "AADSTS500011"),
        ({}, {"client_assertion": "a.b.c"}, 401, "AADSTS"),
        ({}, {"grant_type": "device_code", "device_code": "unknown"}, 400, "AADSTS70000"),
    ],
)
def test_a_refused_sign_in_says_why(
    cloud: Wired, settings: dict[str, Any], form: dict[str, str], status: int, code: str
) -> None:
    """Each way to fail has the code and the frame that MSAL and operators look for."""
    cloud.lever("settings", **settings)
    reply = cloud.sign_in(**form)
    body = reply.json()

    assert reply.status_code == status
    assert body["error_description"].startswith(code)
    assert f"AADSTS{body['error_codes'][0]}" in body["error_description"]
    assert "simulated-secret" not in reply.text
    assert "access_token" not in body


def test_an_unknown_tenant_is_refused(shared_cloud: Wired) -> None:
    """Any other tenant than this one does not exist, for tokens and for discovery."""
    base = f"{LOGIN}/00000000-0000-4000-8000-000000000000"
    token = shared_cloud.http.post(f"{base}/oauth2/v2.0/token", data={})
    found = shared_cloud.http.get(f"{base}/v2.0/.well-known/openid-configuration")

    assert "AADSTS90002" in token.json()["error_description"]
    assert (token.status_code, found.status_code) == (400, 400)


# --- tokens at the services


def test_tokens_say_whose_they_are(shared_cloud: Wired) -> None:
    """An application's token and a person's carry what clients tell them apart by."""
    application = claims(shared_cloud.token("https://graph.microsoft.com"))
    person = claims(shared_cloud.person_token("https://graph.microsoft.com"))

    assert application["idtyp"] == "app"
    assert application["app_displayname"]
    assert application["oid"] in shared_cloud.tenant.service_principals
    assert person["idtyp"] == "user"
    assert person["oid"] in shared_cloud.tenant.people
    assert "@" in person["upn"]
    for told in (application, person):
        assert told["tid"] == shared_cloud.tenant.id
        assert told["tid"] in told["iss"]
        assert told["exp"] - told["iat"] == 3599


def forged(token: str) -> str:
    """Return the token with another audience under the old signature."""
    head, body, signature = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    told["aud"] = "https://api.powerplatform.com"
    changed = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


@pytest.mark.parametrize("bearer", ["none", "garbage", "a.b.c", "é.é.é", "forged", "basic"])
def test_a_service_takes_only_tokens_that_are_ours(shared_cloud: Wired, bearer: str) -> None:
    """A token that is missing, malformed or changed is answered 401 with a challenge."""
    token = shared_cloud.token("https://graph.microsoft.com")
    shown: Any = {
        "none": {},
        "forged": {"Authorization": f"Bearer {forged(token)}"},
        "basic": {"Authorization": f"Basic {token}"},
    }.get(bearer, {"Authorization": f"Bearer {bearer}".encode()})
    reply = shared_cloud.http.get(f"{GRAPH}/groups", headers=shown)

    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_another_service_is_refused_and_counted(cloud: Wired) -> None:
    """Every pair of service and audience that does not match is a 401 and a trespass."""
    web, _ = dataverse(cloud)
    services = {
        "https://graph.microsoft.com": f"{GRAPH}/groups",
        "https://service.powerapps.com/": f"{BAP}/adminApplications?api-version=1",
        "https://api.powerplatform.com": f"{PLATFORM}/connectivity/environments/e/connectors",
        f"https://{web}": f"https://{web}/api/data/v9.2/WhoAmI",
    }
    wrong = [
        (url, audience)
        for right, url in services.items()
        for audience in services
        if audience != right
    ]
    statuses = [cloud.ask(url, token=cloud.token(audience)).status_code for url, audience in wrong]

    assert statuses == [401] * 12
    trespasses = cloud.look("requests")["trespasses"]
    assert sum(trespasses.values()) == 12
    assert any("graph.microsoft.com" in name for name in trespasses)


def test_a_dataverse_takes_tokens_for_either_of_its_names(shared_cloud: Wired) -> None:
    """Web and API address of one database are as good as each other, another's are not."""
    web, api = dataverse(shared_cloud)
    for host in (web, api):
        for audience in (web, api):
            token = shared_cloud.token(f"https://{audience}")
            url = f"https://{host}/api/data/v9.2/WhoAmI"
            assert shared_cloud.ask(url, token=token).is_success


def test_the_flow_service_takes_three_audiences_of_a_person(shared_cloud: Wired) -> None:
    """Clients reach flows with tokens for Flow itself, Resource Manager or Power Apps."""
    for audience in (
        "https://service.flow.microsoft.com",
        "https://service.flow.microsoft.com/",
        "https://management.azure.com/",
        "https://management.azure.com",
        "https://service.powerapps.com/",
    ):
        token = shared_cloud.person_token(audience)
        assert shared_cloud.ask(f"{FLOW}/environments?api-version=1", token=token).is_success


def test_the_flow_service_takes_its_own_audience_only_of_an_application(cloud: Wired) -> None:
    """What clients of people get away with is not open to an application."""
    url = f"{FLOW}/environments?api-version=1"
    statuses = {
        audience: cloud.ask(url, token=cloud.token(audience)).status_code
        for audience in (
            "https://service.flow.microsoft.com",
            "https://service.flow.microsoft.com/",
            "https://management.azure.com/",
            "https://service.powerapps.com/",
        )
    }

    assert list(statuses.values()) == [200, 200, 401, 401]


def test_a_token_expires_and_can_be_revoked(cloud: Wired) -> None:
    """Tokens live in real seconds; revoking ends those issued before, not those after."""
    graph = "https://graph.microsoft.com"
    before = cloud.token(graph)
    cloud.lever("settings", revoked_before=time.time())
    revoked = cloud.ask(f"{GRAPH}/groups", token=before)
    cloud.tokens.clear()
    after = cloud.ask(f"{GRAPH}/groups", token=cloud.token(graph))
    cloud.tokens.clear()
    cloud.lever("settings", token_lifetime=1)
    short = cloud.token(graph)
    time.sleep(1.1)
    expired = cloud.ask(f"{GRAPH}/groups", token=short)

    assert (revoked.status_code, after.status_code, expired.status_code) == (401, 200, 401)
