"""The key that signs id tokens, and how the sign-in service publishes it."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectory.simulator.wire.exchange import Json
from connectory.simulator.wire.tokens import part

_NAME = "simulated-rsa"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: Json) -> str:
    """Return an id token, signed so that any OpenID Connect client can verify it."""
    text = f"{part({'typ': 'JWT', 'alg': 'RS256', 'kid': _NAME})}.{part(claims)}"
    signature = _key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{part(signature)}"


def published() -> Json:
    """Return the public half of the key as a JSON web key set."""
    numbers = _key().public_key().public_numbers()
    key = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _NAME,
        "n": part(_bytes(numbers.n)),
        "e": part(_bytes(numbers.e)),
    }
    return {"keys": [key]}


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
