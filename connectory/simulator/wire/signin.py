"""The sign-in service: its addresses, discovery, and the start of each interactive flow.

Sources: RFC 6749, RFC 8628, OpenID Connect Discovery, and what MSAL, adal and their users ask for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from connectory.simulator.wire import grants, keys
from connectory.simulator.wire.exchange import Json, Refused, Reply, Request
from connectory.simulator.wire.tokens import encode
from connectory.simulator.wire.world import World, derived

_ADDRESS = re.compile(r"/([^/]+)/(?:(oauth2/v2\.0|oauth2|v2\.0|discovery)/)?(.+)", re.IGNORECASE)
_SHARED = frozenset({"common", "organizations"})
_DEVICE = "https://login.microsoftonline.com/device"


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the sign-in service."""
    try:
        return _answer(world, request)
    except Refused as refused:
        return refused.reply


def _answer(world: World, request: Request) -> Reply:
    if request.path.casefold() == "/common/discovery/instance":
        return Reply(200, _instance(request))
    match = _ADDRESS.fullmatch(request.path)
    if match is None:
        raise grants.failed(404, "AADSTS900144", "The address is unknown.")
    tenant, section, rest = match[1], (match[2] or "").casefold(), match[3].casefold()
    _check_tenant(world, tenant)
    old = section == "oauth2"
    form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    match rest:
        case ".well-known/openid-configuration":
            return Reply(200, _configuration(world, request.origin, tenant, old=not section))
        case "keys" | "v2.0/keys":
            return Reply(200, keys.published())
        case "devicecode":
            return Reply(200, _device_code(world, form, old=old))
        case "token":
            return Reply(200, grants.granted(world, request, form, old=old))
        case "authorize":
            return _authorize(world, request, form)
        case _ if rest.startswith("userrealm/"):
            return Reply(200, _realm(world, match[3].partition("/")[2]))
        case _:
            raise grants.failed(404, "AADSTS900144", "The address is unknown.")


def _check_tenant(world: World, name: str) -> None:
    folded = name.casefold()
    if folded not in {world.tenant.id.casefold(), world.tenant.domain.casefold(), *_SHARED}:
        text = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
        raise grants.failed(400, "AADSTS90002", text, "invalid_request")


def _instance(request: Request) -> Json:
    asked = request.query.get("authorization_endpoint", "").split("/")
    tenant = asked[3] if len(asked) > 3 else "common"  # noqa: PLR2004 - scheme, host, tenant
    return {
        "tenant_discovery_endpoint": (
            f"{request.origin}/{tenant}/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": [
                    "login.microsoftonline.com",
                    "login.windows.net",
                    "login.microsoft.com",
                ],
            }
        ],
    }


def _configuration(world: World, origin: str, tenant: str, *, old: bool) -> Json:
    base = f"{origin}/{tenant}"
    version = "" if old else "/v2.0"
    # For the shared addresses the issuer is a pattern, into which clients put the tenant's id.
    issuer = "{tenantid}" if tenant.casefold() in _SHARED else world.tenant.id
    return {
        "token_endpoint": f"{base}/oauth2{version}/token",
        "authorization_endpoint": f"{base}/oauth2{version}/authorize",
        "device_authorization_endpoint": f"{base}/oauth2{version}/devicecode",
        "jwks_uri": f"{base}/discovery{version}/keys",
        "issuer": f"{origin}/{issuer}/v2.0" if not old else f"https://sts.windows.net/{issuer}/",
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "tid", "oid"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    }


def _device_code(world: World, form: Mapping[str, str], *, old: bool) -> Json:
    grants.needs(form, "client_id")
    # Older clients name a resource, newer ones a scope; either is remembered in the code.
    wanted = form.get("resource") or form.get("scope", "")
    code = derived("device", wanted, str(time.time_ns()))
    world.device_codes[code] = world.settings.device_polls
    world.device_scopes[code] = form.get("scope", "")
    told: Json = {
        "user_code": "SIMULATED",
        "device_code": code,
        "verification_uri": _DEVICE,
        "expires_in": 900,
        "interval": 1,
        "message": f"To sign in, open {_DEVICE} and enter the code SIMULATED.",
    }
    if old:
        told |= {"verification_url": _DEVICE, "expires_in": "900", "interval": "1"}
    return told


def _realm(world: World, login: str) -> Json:
    domain = login.rpartition("@")[2]
    return {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain or world.tenant.domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }


def _authorize(world: World, request: Request, form: Mapping[str, str]) -> Reply:
    """Sign the person in at once and send the browser back with a code."""
    asked = {**request.query, **form}
    grants.needs(asked, "client_id", "redirect_uri")
    back = asked["redirect_uri"]
    if asked.get("response_type", "code") != "code":
        raise grants.failed(400, "AADSTS700054", "Only the response_type 'code' is enabled.")
    code = encode(
        {
            "aud": "code",
            "oid": grants.person(world).id,
            "client_id": asked["client_id"],
            "redirect_uri": back,
            "scope": asked.get("scope", ""),
            "nonce": asked.get("nonce"),
            "challenge": asked.get("code_challenge"),
            "plain": asked.get("code_challenge_method", "plain") == "plain",
            "exp": time.time() + 600,
            "serial": time.time_ns(),
        }
    )
    told = {"code": code, "session_state": derived("session", code)}
    if "state" in asked:
        told["state"] = asked["state"]
    joined = "&" if "?" in back else "?"
    return Reply(302, None, {"Location": f"{back}{joined}{urlencode(told)}"})
