"""Tokens of the simulated tenant: signed, expiring in real seconds, checked by every service."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from typing import Any

import orjson

from connectory.simulator.wire.exchange import Json, Reply, Request, error
from connectory.simulator.wire.world import World

_KEY = b"the simulated tenant signs with this"
_HEAD = {"typ": "JWT", "alg": "HS256", "kid": "simulated"}
_POWERAPPS = frozenset({"https://service.powerapps.com"})
_ARM = "https://management.azure.com"
_FLOW = "https://service.flow.microsoft.com"
_FLOW_HOST = re.compile(r"(.+\.)?api\.flow\.microsoft\.com")
_DATAVERSE = re.compile(r"[a-z0-9-]+(\.api)?\.crm\d*\.dynamics\.com")

AUDIENCES: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"(.+\.)?api\.bap\.microsoft\.com"), _POWERAPPS),
    (re.compile(r"(.+\.)?api\.powerapps\.com"), _POWERAPPS),
    (re.compile(r"management\.azure\.com"), frozenset({_ARM})),
    (
        _FLOW_HOST,
        # Clients ask for this one, for Resource Manager or for Power Apps; for people all work.
        _POWERAPPS | {_FLOW, _ARM},
    ),
    (re.compile(r"graph\.microsoft\.com"), frozenset({"https://graph.microsoft.com"})),
    (
        re.compile(r"(.+\.)?api\.powerplatform\.com"),
        frozenset({"https://api.powerplatform.com", "8578e004-a5c6-46e7-913e-12f58912df43"}),
    ),
    (re.compile(r"manage\.office\.com"), frozenset({"https://manage.office.com"})),
    (
        re.compile(r"api\.loganalytics\.azure\.com"),
        frozenset({"https://api.loganalytics.io", "https://api.loganalytics.azure.com"}),
    ),
    (
        re.compile(r"api\.applicationinsights\.io"),
        frozenset({"https://api.applicationinsights.io"}),
    ),
    (
        re.compile(r"api\.powerbi\.com"),
        frozenset({"https://analysis.windows.net/powerbi/api"}),
    ),
)
_OTHERS = frozenset({"00000003-0000-0000-c000-000000000000"})


def encode(claims: Json) -> str:
    """Return a signed token with these claims."""
    text = f"{part(_HEAD)}.{part(claims)}"
    return f"{text}.{_signature(text)}"


def decode(token: str) -> Json | None:
    """Return the claims of a token of ours; None for any other."""
    text, _, signature = token.rpartition(".")
    if not text or not hmac.compare_digest(signature.encode(), _signature(text).encode()):
        return None
    return dict(orjson.loads(plain(text.split(".")[1])))


def known_resource(world: World, resource: str) -> bool:
    """Tell whether the tenant has a service of this name to issue tokens for."""
    wanted = resource.rstrip("/")
    host = wanted.removeprefix("https://").casefold()
    return (
        wanted in _OTHERS
        or host in world.by_host
        or any(wanted in audiences for _, audiences in AUDIENCES)
    )


def checked(world: World, request: Request) -> Reply | None:
    """Check the bearer of a request and put its claims on it; return the refusal, if any."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    claims = decode(token.strip()) if scheme.casefold() == "bearer" else None
    if claims is None:
        return refusal("The access token is missing, or not one of this tenant's.")
    issued = claims.get("iat_exact", 0)
    if claims["exp"] <= time.time() or issued < world.settings.revoked_before:
        return refusal("Lifetime validation failed, the token is expired.")
    audience = str(claims.get("aud"))
    if not accepts(request.host, audience, app_only=claims.get("idtyp") == "app"):
        world.trespasses[f"wrong audience at {request.host}"] += 1
        return refusal(f"Audience validation failed. Audiences: '{audience}'. Did not match.")
    request.claims = claims
    return None


def accepts(host: str, audience: str, *, app_only: bool) -> bool:
    """Tell whether a service takes tokens for an audience; a closing slash makes no difference."""
    wanted = audience.rstrip("/")
    if app_only and wanted != _FLOW and _FLOW_HOST.fullmatch(host):
        return False
    for pattern, audiences in AUDIENCES:
        if pattern.fullmatch(host):
            return wanted in audiences
    # Dataverse answers under two names, and a token for either is good at both.
    named = wanted.removeprefix("https://").replace(".api.", ".", 1)
    return bool(_DATAVERSE.fullmatch(host)) and named == host.replace(".api.", ".", 1)


def refusal(message: str) -> Reply:
    """Return the answer to a token that is not accepted."""
    reply = error(401, "InvalidAuthenticationToken", message)
    reply.headers["WWW-Authenticate"] = (
        'Bearer authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        f'error="invalid_token", error_description="{message}"'
    )
    return reply


def part(value: Any) -> str:
    """Return one part of a token: JSON or bytes in the alphabet of addresses, unpadded."""
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def plain(text: str) -> bytes:
    """Return the bytes of one part of a token.

    Raises:
        ValueError: They are not in that alphabet.
    """
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as failure:
        raise ValueError("not in the alphabet of tokens") from failure


def _signature(text: str) -> str:
    return part(hmac.new(_KEY, text.encode(), hashlib.sha256).digest())
