"""The sign-in service: discovery and the flows MSAL and older clients use."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectory.simulator.wire.exchange import Json, Reply, Request
from connectory.simulator.wire.tokens import encode
from connectory.simulator.wire.world import SECRET, World

_PATH = re.compile(r"/([^/]+)/(oauth2/v2\.0|oauth2|v2\.0)/(.+)", re.IGNORECASE)
_POLLS: Counter[str] = Counter()


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the sign-in service."""
    if request.path.casefold() == "/common/discovery/instance":
        return Reply(200, _instance(request))
    match = _PATH.fullmatch(request.path)
    if match is None:
        return _failure(404, "AADSTS900144", "The address is unknown.")
    tenant, version, rest = match[1], match[2].casefold(), match[3].casefold()
    if tenant.casefold() not in {
        world.tenant.id.casefold(),
        world.tenant.domain.casefold(),
        "common",
        "organizations",
    }:
        return _failure(400, "AADSTS90002", f"Tenant '{tenant}' not found.")
    if rest == ".well-known/openid-configuration":
        return Reply(200, _configuration(request.host, tenant, world.tenant.id))
    form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    if rest == "devicecode":
        return Reply(200, _device_code(world, form, old=version == "oauth2"))
    if rest == "token":
        return _token(world, form, old=version == "oauth2")
    return _failure(404, "AADSTS900144", "The address is unknown.")


def _instance(request: Request) -> Json:
    tenant = request.query.get("authorization_endpoint", "").split("/")[3:4] or ["common"]
    return {
        "tenant_discovery_endpoint": (
            f"https://{request.host}/{tenant[0]}/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": ["login.microsoftonline.com", "login.windows.net"],
            }
        ],
    }


def _configuration(host: str, tenant: str, tenant_id: str) -> Json:
    base = f"https://{host}/{tenant}"
    return {
        "token_endpoint": f"{base}/oauth2/v2.0/token",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{base}/discovery/v2.0/keys",
        "issuer": f"https://{host}/{tenant_id}/v2.0",
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def _device_code(world: World, form: Json, *, old: bool) -> Json:
    scope = form.get("resource") if old else form.get("scope", "").split()[0]
    code = base64.urlsafe_b64encode(f"{scope}|{time.time()}".encode()).decode()
    _POLLS[code] = world.settings.device_polls
    where = "https://login.microsoftonline.com/device"
    reply = {
        "user_code": "SIMULATED",
        "device_code": code,
        "verification_uri": where,
        "expires_in": 900,
        "interval": 1,
        "message": f"To sign in, open {where} and enter the code SIMULATED.",
    }
    return (
        {**reply, "verification_url": where, "interval": "1", "expires_in": "900"} if old else reply
    )


def _token(world: World, form: Json, *, old: bool) -> Reply:
    grant = form.get("grant_type", "")
    resource = _resource(form)
    if grant == "client_credentials":
        refused = _client(world, form)
        return refused or Reply(200, _issued(world, resource, None, form, old=old))
    if grant in {"device_code", "urn:ietf:params:oauth:grant-type:device_code"}:
        code = form.get("device_code") or form.get("code") or ""
        if code not in _POLLS:
            return _failure(400, "AADSTS70000", "The device code is unknown.", "invalid_grant")
        if _POLLS[code] > 0:
            _POLLS[code] -= 1
            return _failure(400, "AADSTS70016", "Pending.", "authorization_pending")
        return Reply(200, _issued(world, resource or _resource(form), _admin(world), form, old=old))
    if grant == "refresh_token" and form.get("refresh_token", "").startswith("refresh-"):
        return Reply(200, _issued(world, resource, _admin(world), form, old=old))
    if grant == "password":
        return Reply(200, _issued(world, resource, _admin(world), form, old=old))
    return _failure(400, "AADSTS70003", f"The grant '{grant}' is not supported.", "invalid_grant")


def _resource(form: Json) -> str:
    """Return the audience asked for: scope without /.default, so a slash before it stays."""
    if form.get("resource"):
        return str(form["resource"])
    for scope in str(form.get("scope", "")).split():
        if "/.default" in scope:
            return scope.removesuffix("/.default")
    return "https://graph.microsoft.com"


def _client(world: World, form: Json) -> Reply | None:
    client = form.get("client_id", "")
    if client.casefold() != world.tenant.collector_app_id.casefold():
        text = f"Application with identifier '{client}' was not found in the directory."
        return _failure(400, "AADSTS700016", text, "unauthorized_client")
    if form.get("client_assertion"):
        if not _assertion_holds(world, str(form["client_assertion"])):
            text = "The certificate with the given thumbprint is not registered."
            return _failure(401, "AADSTS700027", text, "invalid_client")
        return None
    if world.settings.secret_expired:
        text = "The provided client secret keys for the app are expired."
        return _failure(401, "AADSTS7000222", text, "invalid_client")
    if form.get("client_secret") != SECRET:
        return _failure(401, "AADSTS7000215", "Invalid client secret provided.", "invalid_client")
    return None


def _assertion_holds(world: World, assertion: str) -> bool:
    """Verify a client assertion against the registered certificate, where one is registered."""
    pem = world.settings.certificate_pem
    if not pem:
        return False
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = certificate.public_key()
    head, body, signature = ([*assertion.split("."), "", ""])[:3]
    header = orjson.loads(_decoded(head))
    try:
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        scheme = (
            padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            if header.get("alg") == "PS256"
            else padding.PKCS1v15()
        )
        key.verify(_decoded(signature), f"{head}.{body}".encode(), scheme, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _admin(world: World) -> Any:
    """Return the person who signs in: the first member who is still there."""
    return next(
        p
        for p in world.tenant.people.values()
        if p.deleted is None and p.enabled and p.user_type == "Member"
    )


def _issued(world: World, resource: str, person: Any, form: Json, *, old: bool) -> Json:
    tenant, now = world.tenant, time.time()
    lifetime = world.settings.token_lifetime
    principal = next(
        (
            s
            for s in tenant.service_principals.values()
            if s.app_id.casefold() == tenant.collector_app_id.casefold()
        ),
        None,
    )
    oid = person.id if person else (principal.id if principal else tenant.collector_app_id)
    claims: Json = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{tenant.id}/",
        "iat": int(now),
        "iat_exact": now,
        "nbf": int(now),
        "exp": int(now) + lifetime,
        "appid": form.get("client_id", ""),
        "oid": oid,
        "sub": oid,
        "tid": tenant.id,
        "ver": "1.0",
    }
    if person is None:
        claims |= {"idtyp": "app", "app_displayname": "Connectory collector", "roles": []}
    else:
        upn = person.user_principal_name
        claims |= {
            "idtyp": "user",
            "upn": upn,
            "name": person.display_name,
            "scp": "user_impersonation",
        }
    reply: Json = {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": encode(claims),
    }
    if person is not None:
        reply |= _personal(world, person, form)
    if old:
        reply |= {
            "resource": resource,
            "expires_in": str(lifetime),
            "expires_on": str(int(now) + lifetime),
            "not_before": str(int(now)),
        }
    return reply


def _personal(world: World, person: Any, form: Json) -> Json:
    identity = {
        "aud": form.get("client_id", ""),
        "iss": f"https://login.microsoftonline.com/{world.tenant.id}/v2.0",
        "oid": person.id,
        "sub": person.id,
        "tid": world.tenant.id,
        "preferred_username": person.user_principal_name,
        "name": person.display_name,
        "iat": int(time.time()),
        "exp": int(time.time()) + 3600,
    }
    client = orjson.dumps({"uid": person.id, "utid": world.tenant.id})
    scope = " ".join(s for s in str(form.get("scope", "")).split() if "/" in s)
    return {
        "scope": scope or form.get("resource", ""),
        "refresh_token": "refresh-" + hashlib.sha256(person.id.encode()).hexdigest(),
        "id_token": encode(identity),
        "client_info": base64.urlsafe_b64encode(client).decode().rstrip("="),
    }


def _failure(status: int, code: str, message: str, kind: str = "invalid_request") -> Reply:
    number = int(code.removeprefix("AADSTS"))
    return Reply(
        status,
        {
            "error": kind,
            "error_description": f"{code}: {message} Trace ID: 0 Correlation ID: 0 Timestamp: now",
            "error_codes": [number],
            "timestamp": "2026-11-02 02:00:00Z",
            "trace_id": "00000000-0000-4000-8000-000000000000",
            "correlation_id": "00000000-0000-4000-8000-000000000000",
        },
    )
