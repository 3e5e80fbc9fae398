"""Accounts under names that only whoever holds a key can tell."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from typing import Final

from connectory.config import ConfigError
from connectory.telemetry_settings import TelemetrySettings

Rename = Callable[[str], str]
_SHORTEST: Final = 16
_DIGITS: Final = 32


def pseudonyms(settings: TelemetrySettings) -> Rename | None:
    """Return how accounts of calls are renamed before they are kept; None if they are not.

    The same account has the same pseudonym as long as the key is the same, so that callers can
    still be counted. A plain hash would not do: whoever knows the accounts could hash each.

    Raises:
        ConfigError: There is no key, or one that could be guessed.
    """
    if not settings.pseudonymise:
        return None
    name = settings.pseudonym_key_env
    key = os.environ.get(name, "").strip()
    if len(key) < _SHORTEST:
        what = "the key of pseudonyms is too short" if key else "there is no key for pseudonyms"
        raise ConfigError(
            f"{what}; environment variable {name}; put {_SHORTEST} characters at least there "
            "that nobody can guess, or switch telemetry.pseudonymise off"
        )
    secret = key.encode("utf-8", "surrogateescape")

    def rename(account: str) -> str:
        if not account:
            return ""  # nobody was named, and nobody stays named
        told = account.encode("utf-8", "surrogatepass")
        return "#" + hmac.digest(secret, told, "sha256").hex()[:_DIGITS]

    return rename
