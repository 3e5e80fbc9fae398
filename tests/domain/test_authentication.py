"""How a connection signs in, from real shapes of connection parameters."""

from __future__ import annotations

from typing import Any

import pytest

from connectory.domain.authentication import authentication

KEY = {"api_key": {"type": "securestring"}}
BASIC = {"username": {"type": "string"}, "password": {"type": "securestring"}}


def oauth(provider: str, kind: str = "oauthSetting") -> dict[str, Any]:
    """Return parameters of an OAuth sign-in."""
    settings = {"identityProvider": provider, "clientId": "client-1"}
    return {"token": {"type": kind, "oAuthSettings": settings}}


@pytest.mark.parametrize(
    ("parameters", "sets", "kinds", "label"),
    [
        ({}, None, ("none",), "No authentication"),
        (None, None, ("none",), "No authentication"),
        (KEY, None, ("api_key",), "API key"),
        (BASIC, None, ("basic",), "Basic"),
        (oauth("aad"), None, ("oauth2",), "OAuth 2.0, Microsoft Entra ID"),
        (oauth("oauth2", "oAuthSetting"), None, ("oauth2",), "OAuth 2.0"),
        (
            {},
            {"values": [{"parameters": KEY}, {"parameters": oauth("aad")}]},
            ("api_key", "oauth2"),
            "API key, OAuth 2.0, Microsoft Entra ID",
        ),
        (
            {"token": {"type": "oauthSetting", "oauthSettings": {"identityProvider": "aad"}}},
            None,
            ("oauth2",),
            "OAuth 2.0, Microsoft Entra ID",
        ),
        ("odd", [], ("none",), "No authentication"),
    ],
)
def test_kinds_and_label(parameters: Any, sets: Any, kinds: tuple[str, ...], label: str) -> None:
    """Each shape has its codes and its words."""
    answer = authentication(parameters, sets)

    assert (answer.kinds, answer.label) == (kinds, label)


def test_gateway_and_client_are_told() -> None:
    """A gateway beside the sign-in, and the OAuth client id, are kept apart from the kind."""
    answer = authentication({**oauth("aad"), "gateway": {"type": "gatewaySetting"}})

    assert (answer.gateway, answer.client_id, answer.kinds) == (True, "client-1", ("oauth2",))
