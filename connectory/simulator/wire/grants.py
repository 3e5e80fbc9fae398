"""What the token address gives: every grant, and the errors of those that are refused."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from connectory.simulator.state import Person
from connectory.simulator.wire.assertions import check_assertion
from connectory.simulator.wire.exchange import Json, Refused, Reply, Request
from connectory.simulator.wire.keys import signed
from connectory.simulator.wire.tokens import decode, encode, known_resource, part
from connectory.simulator.wire.world import SECRET, World

Form = Mapping[str, str]
_GRAPH = "https://graph.microsoft.com"
_DEVICE = frozenset({"device_code", "urn:ietf:params:oauth:grant-type:device_code"})
_REFRESH_SECONDS = 90 * 86_400


def failed(status: int, code: str, message: str, kind: str = "invalid_request") -> Refused:
    """Return what refuses a request the way the sign-in service does."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace = "00000000-0000-4000-8000-000000000000"
    body = {
        "error": kind,
        "error_description": (
            f"{code}: {message} Trace ID: {trace} Correlation ID: {trace} Timestamp: {now}"
        ),
        "error_codes": [int(code.removeprefix("AADSTS"))],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": trace,
        "error_uri": f"https://login.microsoftonline.com/error?code={code.removeprefix('AADSTS')}",
    }
    return Refused(Reply(status, body))


def needs(form: Form, *names: str) -> None:
    """Let a form pass that has these fields.

    Raises:
        Refused: One is missing.
    """
    for name in names:
        if not form.get(name):
            text = f"The request body must contain the following parameter: '{name}'."
            raise failed(400, "AADSTS900144", text)


def person(world: World, login: str = "") -> Person:
    """Return who signs in: the one named, the one the settings name, or the first member.

    Raises:
        Refused: There is no such account, or it is disabled.
    """
    wanted = (login or world.settings.signs_in).casefold()
    if not wanted:
        return next(p for p in world.people if p.enabled and p.user_type == "Member")
    found = world.person_named.get(wanted)
    if found is None:
        text = f"The user account {login} does not exist in the directory."
        raise failed(400, "AADSTS50034", text, "invalid_grant")
    if not found.enabled:
        raise failed(400, "AADSTS50057", "The user account is disabled.", "invalid_grant")
    return found


def granted(world: World, request: Request, form: Form, *, old: bool) -> Json:
    """Return the tokens a form asks for.

    Args:
        world: The tenant.
        request: The request, for the address it came to.
        form: Its fields.
        old: It came to the first version's address, whose numbers are strings.

    Raises:
        Refused: The grant is unknown, incomplete or not honoured.
    """
    needs(form, "grant_type", "client_id")
    grant = form["grant_type"]
    if grant == "client_credentials":
        _check_client(world, form)
        return _issued(world, request, form, None, old=old)
    if grant in _DEVICE:
        shown = form.get("device_code") or form.get("code") or ""
        _check_device(world, shown)
        asked = {"scope": world.device_scopes.get(shown, "")}
        return _issued(world, request, {**asked, **form}, person(world), old=old)
    if grant == "refresh_token":
        return _issued(world, request, form, _refreshed(world, form), old=old)
    if grant == "password":
        needs(form, "username", "password")
        holder = person(world, form["username"])
        if world.settings.password not in {"", form["password"]}:
            text = "Error validating credentials due to invalid username or password."
            raise failed(400, "AADSTS50126", text, "invalid_grant")
        return _issued(world, request, form, holder, old=old)
    if grant == "authorization_code":
        code = _redeemed(world, form)
        merged = {"scope": code["scope"], **form}
        return _issued(world, request, merged, person(world, code["oid"]), code["nonce"], old=old)
    text = f"The app requested an unsupported grant type '{grant}'."
    raise failed(400, "AADSTS70003", text, "unsupported_grant_type")


def _check_client(world: World, form: Form) -> None:
    client = form["client_id"]
    if client.casefold() != world.tenant.collector_app_id.casefold():
        text = f"Application with identifier '{client}' was not found in the directory."
        raise failed(400, "AADSTS700016", text, "unauthorized_client")
    if "resource" not in form and not form.get("scope", "").strip().endswith("/.default"):
        text = f"The provided value for the input parameter scope '{form.get('scope')}' is invalid."
        raise failed(400, "AADSTS1002012", text, "invalid_scope")
    if form.get("client_assertion"):
        refused = check_assertion(world, client, form["client_assertion"])
        if refused is not None:
            raise failed(401, *refused, "invalid_client")
        return
    needs(form, "client_secret")
    _check_secret(world, form)


def _check_secret(world: World, form: Form) -> None:
    if form["client_secret"] != SECRET:
        text = "Invalid client secret provided. Ensure the secret being sent is the secret's value."
        raise failed(401, "AADSTS7000215", text, "invalid_client")
    if world.settings.secret_expired:
        text = f"The provided client secret keys for app '{form['client_id']}' are expired."
        raise failed(401, "AADSTS7000222", text, "invalid_client")


def _check_device(world: World, code: str) -> None:
    left = world.device_codes.get(code)
    if left is None:
        raise failed(400, "AADSTS70000", "The device code is not valid.", "invalid_grant")
    if left > 0:
        world.device_codes[code] = left - 1
        text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
        raise failed(400, "AADSTS70016", text, "authorization_pending")
    del world.device_codes[code]


def _refreshed(world: World, form: Form) -> Person:
    claims = decode(form.get("refresh_token", "")) or {}
    revoked = claims.get("iat_exact", 0) < world.settings.revoked_before
    if claims.get("aud") != "refresh" or revoked or claims["exp"] < time.time():
        text = "The provided refresh token is invalid, expired or revoked."
        raise failed(400, "AADSTS70008", text, "invalid_grant")
    return person(world, claims["oid"])


def _redeemed(world: World, form: Form) -> Json:
    """Return what a code stands for; each is good once, for the client and address it was for."""
    needs(form, "code")
    code = decode(form["code"]) or {}
    right = (
        code.get("aud") == "code"
        and code["exp"] > time.time()
        and code["client_id"] == form["client_id"]
        and code["redirect_uri"] == form.get("redirect_uri", code["redirect_uri"])
    )
    if not right:
        raise failed(400, "AADSTS70000", "The provided code is not valid.", "invalid_grant")
    if form["code"] in world.used_codes:
        raise failed(400, "AADSTS54005", "The code was already redeemed.", "invalid_grant")
    if code["challenge"]:
        verifier = form.get("code_verifier", "")
        proof = verifier if code["plain"] else part(hashlib.sha256(verifier.encode()).digest())
        if proof != code["challenge"]:
            text = "The code_verifier does not match the code_challenge."
            raise failed(400, "AADSTS501481", text, "invalid_grant")
    if "client_secret" in form:
        _check_secret(world, form)
    world.used_codes.add(form["code"])
    return code


def _resource(form: Form) -> str:
    """Return the audience asked for.

    A scope is the resource and a permission of it. The resource keeps a closing slash of its own,
    so that ``https://service.powerapps.com//.default`` asks for ``https://service.powerapps.com/``.
    """
    if form.get("resource"):
        return form["resource"]
    for scope in form.get("scope", "").split():
        head, slash, _ = scope.rpartition("/")
        if slash and "://" in scope:
            return head
    return _GRAPH


def _issued(
    world: World,
    request: Request,
    form: Form,
    holder: Person | None,
    nonce: str | None = None,
    *,
    old: bool,
) -> Json:
    resource = _resource(form)
    if not known_resource(world, resource):
        text = f"The resource principal named {resource} was not found in the tenant."
        raise failed(400, "AADSTS500011", text, "invalid_resource")
    now, lifetime = time.time(), world.settings.token_lifetime
    reply: Json = {
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": encode(_claims(world, form, holder, resource, now, lifetime)),
    }
    if holder is not None:
        reply |= _personal(world, request, form, holder, nonce, now)
    if old:
        reply |= {
            "resource": resource,
            "expires_in": str(lifetime),
            "ext_expires_in": str(lifetime),
            "expires_on": str(int(now) + lifetime),
            "not_before": str(int(now)),
        }
    return reply


def _claims(
    world: World, form: Form, holder: Person | None, resource: str, now: float, lifetime: int
) -> Json:
    client = form["client_id"]
    claims: Json = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{world.tenant.id}/",
        "iat": int(now),
        "iat_exact": now,
        "nbf": int(now),
        "exp": int(now) + lifetime,
        "appid": client,
        "tid": world.tenant.id,
        "ver": "1.0",
    }
    if holder is not None:
        return claims | {
            "idtyp": "user",
            "oid": holder.id,
            "sub": holder.id,
            "upn": holder.user_principal_name,
            "unique_name": holder.user_principal_name,
            "name": holder.display_name,
            "scp": "user_impersonation",
        }
    named = {s.app_id.casefold(): s for s in world.tenant.service_principals.values()}
    principal = named.get(client.casefold())
    identity = principal.id if principal else client
    return claims | {
        "idtyp": "app",
        "oid": identity,
        "sub": identity,
        "app_displayname": principal.display_name if principal else "Collector",
        "appidacr": "2" if form.get("client_assertion") else "1",
        "roles": [],
    }


def _personal(
    world: World, request: Request, form: Form, holder: Person, nonce: str | None, now: float
) -> Json:
    identity: Json = {
        "aud": form["client_id"],
        "iss": f"{request.origin}/{world.tenant.id}/v2.0",
        "iat": int(now),
        "nbf": int(now),
        "exp": int(now) + 3600,
        "oid": holder.id,
        "sub": holder.id,
        "tid": world.tenant.id,
        "ver": "2.0",
        "preferred_username": holder.user_principal_name,
        "upn": holder.user_principal_name,
        "email": holder.mail,
        "name": holder.display_name,
    }
    if nonce is not None:
        identity["nonce"] = nonce
    refresh = {
        "aud": "refresh",
        "oid": holder.id,
        "iat_exact": now,
        "exp": int(now) + _REFRESH_SECONDS,
    }
    return {
        "scope": form.get("scope") or form.get("resource", ""),
        "refresh_token": encode(refresh),
        "id_token": signed(identity),
        "client_info": part({"uid": holder.id, "utid": world.tenant.id}),
    }
