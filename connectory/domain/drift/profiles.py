"""For what two definitions are compared: what is judged how, and what is expected to differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from connectory.domain.drift.changes import Severity

Purpose = Literal["history", "environments", "upstream"]
Fact = Literal[
    "host",
    "base_path",
    "client_id",
    "redirect_url",
    "resource_uri",
    "tenant_id",
    "scopes",
    "authorization_url",
    "token_url",
]
"""What of a connector is usually another one in each environment, where somebody says so."""
ENVIRONMENT_FACTS: Final[tuple[Fact, ...]] = (
    "host",
    "client_id",
    "redirect_url",
    "resource_uri",
    "tenant_id",
)
"""What is expected to differ between environments where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A difference that is meant to be.

    Attributes:
        fact: What differs.
        value: What it must be on the after side, as a pattern with * and ?; None for anything.
    """

    fact: Fact
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """How two definitions are compared.

    Attributes:
        purpose: history: one connector over time. environments: the same connector in two
            environments, the reference before. upstream: a connector against the document of the
            API it wraps, which may offer more than the connector.
        severities: Rules judged otherwise than usual; "off" leaves a rule out.
        expected: Differences that are meant to be; they are told as cosmetic, with the reason. A
            fact whose declared value is another stays what it is, and the message says so.
    """

    purpose: Purpose = "history"
    severities: tuple[tuple[str, Severity | Literal["off"]], ...] = ()
    expected: tuple[Expected, ...] = ()


HISTORY: Final = Profile()
ENVIRONMENTS: Final = Profile(
    "environments", expected=tuple(Expected(fact) for fact in ENVIRONMENT_FACTS)
)
UPSTREAM: Final = Profile("upstream")
