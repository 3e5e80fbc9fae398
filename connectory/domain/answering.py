"""Who answers for a connector, and who was passed over on the way to that person, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["steward", "deputy", "owner", "group", "manager", "coe", "named"]
"""As what somebody is written to: named are those whom the settings name for a summary."""
ROLES: Final[tuple[Role, ...]] = (
    "steward",
    "deputy",
    "owner",
    "group",
    "manager",
    "coe",
    "named",
)

Hindrance = Literal[
    "departed",
    "disabled",
    "unknown",
    "no_address",
    "guest",
    "service_principal",
    "empty_group",
    "nobody",
    "did_not_answer",
    "not_theirs",
    "handed_over",
]
"""Why somebody is not the one who is asked."""

MAILBOX: Final = "mailbox:"
"""What stands before the address in `Recipient.recipient` of a mailbox in the settings."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody who would have been asked before.

    Attributes:
        role: As what.
        name: Name; empty if nobody is known.
        why: Why it is not them.
    """

    role: Role
    name: str
    why: Hindrance


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be written to.

    Attributes:
        recipient: Object id, or `MAILBOX` and the address.
        name: Name for people.
        address: Mail address.
        language: As the directory tells it, e.g. de-DE; None if it does not.
        role: As what they are written to.
        passed: Who was to be asked before, in that order.
    """

    recipient: str
    name: str
    address: str
    language: str | None
    role: Role
    passed: tuple[Passed, ...] = ()

    @property
    def key(self) -> str | None:
        """Object id; None of a mailbox."""
        return None if self.recipient.startswith(MAILBOX) else self.recipient
