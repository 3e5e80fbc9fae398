"""Registered applications as the directory tells them; of a credential never more than its dates."""

from __future__ import annotations

from collections.abc import Sequence

from connectory.simulator.entitlements import Credential
from connectory.simulator.wire.exchange import Json, seconds, stamp
from connectory.simulator.wire.world import World


def registrations(world: World) -> list[Json]:
    """Return the applications registered now."""
    return [
        {
            "id": one.id,
            "appId": one.app_id,
            "displayName": one.display_name,
            "createdDateTime": seconds(one.created),
            "signInAudience": "AzureADMyOrg",
            "identifierUris": [],
            **credentials(one.credentials),
        }
        for one in world.tenant.registrations
        if one.deleted is None
    ]


def credentials(held: Sequence[Credential]) -> Json:
    """Return the two members that list secrets and certificates."""
    return {
        "passwordCredentials": [_secret(one) for one in held if one.kind == "secret"],
        "keyCredentials": [_certificate(one) for one in held if one.kind == "certificate"],
    }


def _secret(one: Credential) -> Json:
    """Return a secret, of which the directory shows the first three characters as a hint."""
    return {
        "customKeyIdentifier": None,
        "displayName": one.display_name,
        "endDateTime": stamp(one.end),
        "hint": "Qz7",
        "keyId": one.key_id,
        "secretText": None,
        "startDateTime": stamp(one.start),
    }


def _certificate(one: Credential) -> Json:
    return {
        "customKeyIdentifier": "52ED9B5038A47B9E2E2190715CC238359D4F8F73",
        "displayName": one.display_name,
        "endDateTime": seconds(one.end),
        "key": None,
        "keyId": one.key_id,
        "startDateTime": seconds(one.start),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }
