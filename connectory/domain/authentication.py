"""How a connection to a connector signs in, in plain words, from its connection parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ENTRA = {"aad", "aadcertificate"}


@dataclass(frozen=True, slots=True)
class Authentication:
    """How a connection signs in.

    Attributes:
        kinds: Codes, in a fixed order: none, api_key, basic, oauth2, certificate, windows.
        label: The same for people.
        identity_provider: Of OAuth, as the platform writes it.
        client_id: Of OAuth.
        gateway: The connector is reached through a data gateway.
    """

    kinds: tuple[str, ...]
    label: str
    identity_provider: str | None
    client_id: str | None
    gateway: bool


_LABELS = {
    "none": "No authentication",
    "api_key": "API key",
    "basic": "Basic",
    "oauth2": "OAuth 2.0",
    "certificate": "Client certificate",
    "windows": "Windows",
}


def authentication(parameters: object, sets: object = None) -> Authentication:
    """Return how a connection signs in.

    Args:
        parameters: ``connectionParameters`` of a connector.
        sets: ``connectionParameterSets``: several ways, of which a connection picks one.
    """
    provider: str | None = None
    client: str | None = None
    kinds: list[str] = []
    gateway = False
    for group in (_mapping(parameters), *_alternatives(sets)):
        for name, raw in group.items():
            parameter = _mapping(raw)
            kind = str(parameter.get("type", "")).casefold()
            if kind == "gatewaysetting":
                gateway = True
            elif kind == "oauthsetting":
                oauth = _settings(parameter)
                provider = provider or _text(oauth.get("identityProvider"))
                client = client or _text(oauth.get("clientId"))
                kinds.append("oauth2")
            else:
                kinds.extend(_plain_kind(name, kind, group))
    ordered = tuple(kind for kind in _LABELS if kind in kinds) or ("none",)
    label = ", ".join(
        _oauth_label(provider) if kind == "oauth2" else _LABELS[kind] for kind in ordered
    )
    return Authentication(ordered, label, provider, client, gateway)


def _settings(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the OAuth settings, whose name is spelled in several ways."""
    found = (value for name, value in parameter.items() if name.casefold() == "oauthsettings")
    return _mapping(next(found, None))


def _plain_kind(name: str, kind: str, group: Mapping[str, Any]) -> Iterator[str]:
    lowered = name.casefold()
    if kind == "clientcertificate":
        yield "certificate"
    elif kind == "windows" or lowered == "authtype":
        yield "windows"
    elif lowered == "password" or (lowered == "username" and "password" in group):
        yield "basic"
    elif kind == "securestring" and ":" not in name:
        yield "api_key"


def _oauth_label(provider: str | None) -> str:
    if provider and provider.casefold() in _ENTRA:
        return "OAuth 2.0, Microsoft Entra ID"
    return "OAuth 2.0"


def _alternatives(sets: object) -> Iterator[Mapping[str, Any]]:
    values = _mapping(sets).get("values")
    for value in values if isinstance(values, list) else ():
        yield _mapping(_mapping(value).get("parameters"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
