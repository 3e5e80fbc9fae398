"""Signing in: MSAL unmodified, one token per audience, minted again once after a 401."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import httpx
import msal
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from collectors.api.errors import NobodySignedIn, SignInError
from collectors.api.hosts import Cloud
from collectors.api.tokens import TokenCache
from collectors.api.transports import FAMILY

_EARLY_SECONDS = 120
_UNAUTHORIZED = 401
_CURES = {
    "AADSTS7000215": "the client secret is wrong: store the secret's value, not its id",
    "AADSTS7000222": "the client secret has expired: create a new one in the app registration",
    "AADSTS700016": "the application is unknown in this tenant: check sign_in.client_id and tenant.id",
    "AADSTS90002": "the tenant is unknown: check tenant.id",
    "AADSTS700027": "the certificate is not the one registered: upload it to the app registration",
    "AADSTS500011": "that service has no principal in this tenant: open it once in the admin center",
    "AADSTS65001": "consent is missing: an administrator grants it in the app registration",
}
Prompt = Callable[[str], None]
_MACHINE = "the managed identity of this machine"


@dataclass(frozen=True, slots=True)
class Credential:
    """How to sign in; secrets are values here and are never printed.

    Attributes:
        method: The flow.
        tenant_id: Tenant to sign in to.
        client_id: Application id; of a managed identity empty if the machine has only one.
        secret: Client secret, for its method.
        certificate: PEM with private key and certificate, for its method.
        passphrase: Of that key, if it has one.
    """

    method: Literal["client_secret", "certificate", "device_code", "managed_identity"]
    tenant_id: str
    client_id: str
    secret: str = ""
    certificate: Path | None = None
    passphrase: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.method!r}, {self.client_id!r})"


@dataclass(frozen=True, slots=True)
class Delegated:
    """Services that refuse applications, and the person's sign-in used for them.

    Attributes:
        families: The services, e.g. ``flow``.
        credential: How the person signs in: by device code.
    """

    families: frozenset[str]
    credential: Credential


class MsalHttp:
    """The HTTP client MSAL asks for, over ours, so that sign-in passes the same transports."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.odd: str | None = None
        """What is wrong with the last reply, in words; None if it is one of a sign-in service."""

    def _noted(self, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        self.odd = None
        redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
        if (
            redirect
            or status == HTTPStatus.TOO_MANY_REQUESTS
            or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            self.odd = f"it answered {status}"
        else:
            try:
                if not isinstance(response.json(), dict):
                    self.odd = "its reply has another form"
            except (ValueError, RecursionError):
                self.odd = "its reply is cut off, or comes from a proxy in between"
        return response

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Send a GET as MSAL means it."""
        return self._noted(self._client.get(url, params=params, headers=headers))

    def post(
        self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any
    ) -> httpx.Response:
        """Send a POST as MSAL means it; it hands over a signed assertion as bytes."""
        if isinstance(data, dict):
            data = {k: v.decode() if isinstance(v, bytes) else v for k, v in data.items()}
        return self._noted(self._client.post(url, params=params, data=data, headers=headers))

    def close(self) -> None:
        """Leave the client open: it belongs to whoever made it."""


class Tokens:
    """Tokens by scope, minted one at a time.

    Args:
        credential: How to sign in.
        cloud: Where to.
        client: HTTP client without authentication.
        cache: Where tokens are kept.
        prompt: Shows a person what to do, for device code; None where nobody is there to do it.
    """

    def __init__(
        self,
        credential: Credential,
        cloud: Cloud,
        client: httpx.Client,
        cache: TokenCache,
        prompt: Prompt | None,
    ) -> None:
        self._credential = credential
        self._authority = f"{cloud.login}/{credential.tenant_id}"
        if credential.method == "managed_identity":
            self._authority = _MACHINE
        self._http = MsalHttp(client)
        self._cache = cache
        self._prompt = prompt
        self._lock = threading.Lock()
        self._held: dict[str, tuple[str, float]] = {}
        self._application: Any = None

    def get(self, scope: str) -> str:
        """Return a token for a scope, from the cache if it is good for two minutes more.

        Raises:
            SignInError: None could be had.
        """
        held = self._held.get(scope)
        if held is not None and held[1] > time.monotonic():
            return held[0]
        with self._lock:
            held = self._held.get(scope)
            if held is None or held[1] <= time.monotonic():
                held = self._mint(scope)
            return held[0]

    def renew(self, scope: str, refused: str) -> str:
        """Return a token other than the one a service has just refused.

        Raises:
            SignInError: None could be had.
        """
        with self._lock:
            held = self._held.get(scope)
            if held is not None and held[0] != refused:
                return held[0]
            self._held.pop(scope, None)
            return self._mint(scope, forced=True)[0]

    def _mint(self, scope: str, *, forced: bool = False) -> tuple[str, float]:
        try:
            if self._application is None:
                self._application = self._sign_in()
            result = self._ask(scope, forced=forced)
            lasts = max(0, int(result.get("expires_in", 0)))
        except httpx.HTTPError as error:
            raise SignInError(
                f"the sign-in service cannot be reached: {type(error).__name__}",
                self._authority,
                "check the network, a proxy, and tenant.cloud",
            ) from error
        except (
            ValueError,
            LookupError,
            TypeError,
            RuntimeError,
            AttributeError,
            ArithmeticError,
            msal.exceptions.MsalError,
        ) as error:
            if self._http.odd is not None:
                raise _failing(self._http.odd, self._authority) from error
            raise SignInError(
                f"sign-in is not possible: {(str(error).splitlines() or ['no reason given'])[0]}",
                self._authority,
                "check tenant.id and the sign_in section of the settings",
            ) from error
        if "access_token" not in result:
            if self._http.odd is not None:
                raise _failing(self._http.odd, self._authority)
            raise _failed(result, self._authority)
        self._cache.save()
        until = time.monotonic() + max(0, lasts - _EARLY_SECONDS)
        self._held[scope] = (str(result["access_token"]), until)
        return self._held[scope]

    def _ask(self, scope: str, *, forced: bool) -> dict[str, Any]:
        application = self._application
        if self._credential.method == "managed_identity":
            if forced:
                application = self._application = self._sign_in()
            return dict(application.acquire_token_for_client(resource=_resource(scope)))
        if self._credential.method != "device_code":
            if forced:
                application.remove_tokens_for_client()
            return dict(application.acquire_token_for_client([scope]))
        accounts = application.get_accounts()
        if accounts:
            found = application.acquire_token_silent_with_error(
                [scope], accounts[0], force_refresh=forced
            )
            if found and "access_token" in found:
                return dict(found)
        if self._prompt is None:
            raise NobodySignedIn(
                "the service wants a person, and none has signed in",
                scope,
                "run connectory doctor on a terminal and enter the code it shows",
            )
        flow = application.initiate_device_flow([scope])
        if "message" not in flow:
            return dict(flow)
        self._prompt(str(flow["message"]))
        return dict(application.acquire_token_by_device_flow(flow))

    def _sign_in(self) -> Any:
        common = {
            "authority": self._authority,
            "token_cache": self._cache.cache,
            "http_client": self._http,
        }
        credential = self._credential
        if credential.method == "managed_identity":
            identity = (
                msal.UserAssignedManagedIdentity(client_id=credential.client_id)
                if credential.client_id
                else msal.SystemAssignedManagedIdentity()
            )
            return msal.ManagedIdentityClient(identity, http_client=self._http)
        if credential.method == "device_code":
            return msal.PublicClientApplication(credential.client_id, **common)
        secret: Any = credential.secret
        if credential.method == "certificate":
            secret = _certificate(credential)
        return msal.ConfidentialClientApplication(
            credential.client_id, client_credential=secret, **common
        )


def _resource(scope: str) -> str:
    """Return the resource a scope is about: the endpoint of a machine knows no scopes."""
    return scope.removesuffix("/.default")


def _certificate(credential: Credential) -> dict[str, str]:
    place = credential.certificate
    try:
        pem = place.read_bytes() if place else b""
        certificate = x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError) as error:
        raise SignInError(
            "the certificate cannot be read",
            str(place),
            "name a PEM file with private key and certificate in sign_in.certificate_file",
        ) from error
    found = {
        "private_key": pem.decode(),
        "public_certificate": pem[pem.index(b"-----BEGIN CERTIFICATE") :].decode(),
        # Entra knows a certificate by this hash; it guards nothing.
        "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303
    }
    return found | ({"passphrase": credential.passphrase} if credential.passphrase else {})


def _failing(odd: str, where: str) -> SignInError:
    """Return the failure of the sign-in service itself, which no setting cures."""
    return SignInError(
        f"the sign-in service fails: {odd}",
        where,
        "it is tried again in the next run; look at the health of the service if it stays so",
    )


def _failed(result: dict[str, Any], where: str) -> SignInError:
    """Turn MSAL's answer into one line; the service's own words follow a known code."""
    text = str(result.get("error_description") or result.get("error") or "no token")
    text = next(iter(text.split(" Trace ID", maxsplit=1)[0].splitlines()), "no reason given")
    code = re.search(r"AADSTS\d+", text)
    cure = _CURES.get(code.group() if code else "", "check the sign_in section of the settings")
    return SignInError(f"sign-in failed: {text}", where, cure)


class EntraAuth(httpx.Auth):
    """Puts the token of a request's service on it, and a fresh one once after a 401.

    Args:
        tokens: Where tokens come from.
        cloud: Which token belongs to which address.
        others: Where the tokens of single services come from instead.
    """

    def __init__(
        self, tokens: Tokens, cloud: Cloud, others: Mapping[str, Tokens] | None = None
    ) -> None:
        self._tokens = tokens
        self._cloud = cloud
        self._others = others or {}
        self._closed: set[str] = set()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with a token; ask again once if the service refuses that token."""
        url = str(request.url)
        family = self._cloud.family_of(url)
        if family != request.extensions.get(FAMILY):
            raise SignInError(
                "a token is never sent to another service", url, "report this: it is our fault"
            )
        scope = self._cloud.scope(family, url)
        tokens = self._others.get(family, self._tokens)
        token = tokens.get(scope)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED and scope not in self._closed:
            request.headers["Authorization"] = f"Bearer {tokens.renew(scope, token)}"
            response = yield request
            if response.status_code == _UNAUTHORIZED:
                # A service that refuses a token just minted refuses them all: stop minting.
                self._closed.add(scope)
