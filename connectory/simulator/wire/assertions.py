"""Client assertions: a JWT a client signs with the key of its registered certificate (RFC 7523)."""

from __future__ import annotations

import time

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectory.simulator.wire.exchange import Json
from connectory.simulator.wire.tokens import part, plain
from connectory.simulator.wire.world import World

Refusal = tuple[str, str]
_UNREGISTERED = (
    "AADSTS700027",
    "The certificate with identifier used to sign the client assertion is not registered.",
)
_SALT = 32


def check_assertion(world: World, client: str, assertion: str) -> Refusal | None:
    """Verify a client assertion; return the code and the words of the refusal, if any.

    It must be signed by the registered certificate, name that certificate by its thumbprint, be
    issued by and for this client, and still be good.
    """
    head, _, rest = assertion.partition(".")
    body, _, signature = rest.partition(".")
    try:
        header, claims = _object(head), _object(body)
        signed = plain(signature)
    except ValueError:
        return "AADSTS50027", "JWT token is invalid or malformed."
    if not world.settings.certificate_pem:
        return _UNREGISTERED
    certificate = x509.load_pem_x509_certificate(world.settings.certificate_pem.encode())
    if not _names(header, certificate) or not _signs(certificate, header, assertion, signed):
        return _UNREGISTERED
    if {claims.get("iss"), claims.get("sub")} != {client}:
        return "AADSTS700021", "Client assertion application identifier doesn't match 'client_id'."
    if not str(claims.get("aud", "")).startswith("https://login."):
        return "AADSTS700023", "Client assertion audience claim does not match the realm issuer."
    until = claims.get("exp")
    if not isinstance(until, int | float) or until < time.time():
        return "AADSTS700024", "Client assertion is not within its valid time range."
    return None


def _object(text: str) -> Json:
    found = orjson.loads(plain(text))
    if not isinstance(found, dict):
        raise ValueError("a part of a JWT is an object")  # noqa: TRY004 - malformed, like the rest
    return found


def _names(header: Json, certificate: x509.Certificate) -> bool:
    """Tell whether a header names this certificate, by either thumbprint; one is required."""
    # The older of the two is a name, not a guard.
    given = {
        header.get("x5t"): part(certificate.fingerprint(hashes.SHA1())),  # noqa: S303
        header.get("x5t#S256"): part(certificate.fingerprint(hashes.SHA256())),
    }
    named = {told: right for told, right in given.items() if told is not None}
    return bool(named) and all(str(told).rstrip("=") == right for told, right in named.items())


def _signs(certificate: x509.Certificate, header: Json, assertion: str, signature: bytes) -> bool:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    scheme: padding.AsymmetricPadding
    if header.get("alg") == "PS256":
        scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT)
    elif header.get("alg") == "RS256":
        scheme = padding.PKCS1v15()
    else:
        return False
    try:
        key.verify(signature, assertion.rpartition(".")[0].encode(), scheme, hashes.SHA256())
    except InvalidSignature:
        return False
    return True
