"""Tokens of the simulated tenant: signed, expiring in real seconds, checked by every service."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Any

import orjson

from connectory.simulator.wire.exchange import Json, Reply, Request, error

_KEY = b"the simulated tenant signs with this"
_POWERAPPS = {"https://service.powerapps.com"}
_ARM = "https://management.azure.com"

AUDIENCES: tuple[tuple[re.Pattern[str], set[str]], ...] = (
    (re.compile(r"(.+\.)?api\.bap\.microsoft\.com"), _POWERAPPS),
    (re.compile(r"(.+\.)?api\.powerapps\.com"), _POWERAPPS),
    (re.compile(r"management\.azure\.com"), {_ARM}),
    (
        re.compile(r"(.+\.)?api\.flow\.microsoft\.com"),
        {"https://service.flow.microsoft.com", _ARM, *_POWERAPPS},
    ),
    (re.compile(r"graph\.microsoft\.com"), {"https://graph.microsoft.com"}),
    (re.compile(r"(.+\.)?api\.powerplatform\.com"), {"https://api.powerplatform.com"}),
    (re.compile(r"manage\.office\.com"), {"https://manage.office.com"}),
)


def encode(claims: Json) -> str:
    """Return a signed token with these claims."""
    head = _part({"typ": "JWT", "alg": "HS256", "kid": "simulated"})
    text = f"{head}.{_part(claims)}"
    return f"{text}.{_signature(text)}"


def decode(token: str) -> Json | None:
    """Return the claims of a token of ours; None for any other."""
    text, _, signature = token.rpartition(".")
    if not text or not hmac.compare_digest(signature, _signature(text)):
        return None
    return dict(orjson.loads(_bytes(text.split(".")[1])))


def checked(request: Request, revoked_before: float) -> Reply | None:
    """Check the bearer of a request and put its claims on it; return the refusal, if any.

    Args:
        request: Any request to a service.
        revoked_before: Tokens issued before this moment are revoked.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    claims = decode(token) if scheme.casefold() == "bearer" else None
    if claims is None:
        return _refusal("The token is missing or not one of ours.")
    if claims["exp"] <= time.time() or claims["iat_exact"] < revoked_before:
        return _refusal("Lifetime validation failed, the token is expired.")
    if not accepts(request.host, str(claims["aud"])):
        return _refusal(f"Audience validation failed. Audiences: '{claims['aud']}'.")
    request.claims = claims
    return None


def accepts(host: str, audience: str) -> bool:
    """Tell whether a service takes tokens for an audience; a closing slash makes no difference."""
    plain = audience.rstrip("/")
    for pattern, audiences in AUDIENCES:
        if pattern.fullmatch(host):
            return plain in audiences
    if re.fullmatch(r".+\.crm\d*\.dynamics\.com", host):
        return plain in {f"https://{host}", f"https://{host.replace('.api.', '.')}"} or (
            plain == f"https://{host.replace('.crm', '.api.crm', 1)}"
        )
    return plain == f"https://{host}"


def _refusal(message: str) -> Reply:
    reply = error(401, "InvalidAuthenticationToken", message)
    reply.headers["WWW-Authenticate"] = (
        f'Bearer error="invalid_token", error_description="{message}"'
    )
    return reply


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _signature(text: str) -> str:
    digest = hmac.new(_KEY, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
