"""Whom to ask about a connector: the first on its list who can be written to.

The list is business owner, deputy, platform owners, owning groups, managers, the mailbox of the
Centre of Excellence (docs/owners.md). Whoever is passed over stands in the answer with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from connectory.domain.answering import Hindrance, Passed, Recipient, Role
from connectory.domain.ownership import PersonState

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LONGEST_ADDRESS: Final = 254
_OF_STATE: Final[dict[PersonState, Hindrance]] = {
    "deleted": "departed",
    "disabled": "disabled",
    "unresolved": "unknown",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the list of a connector.

    Attributes:
        recipient: Object id, or a mailbox of the settings; empty if nobody is known.
        name: Name for people.
        address: Mail address, as far as one is known.
        language: As the directory tells it.
        role: As what they would be asked.
        why: Why they cannot be; None if they can.
    """

    recipient: str
    name: str
    address: str
    language: str | None
    role: Role
    why: Hindrance | None


def mailable(address: str | None) -> bool:
    """Tell whether a text is one plain mail address and nothing besides."""
    told = address or ""
    return len(told) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(told) is not None


def hindrance(
    kind: str | None, state: PersonState, address: str | None, *, guests: bool
) -> Hindrance | None:
    """Return why somebody cannot be written to; None if they can.

    Args:
        kind: user, guest, service_principal or group.
        state: What the directory says of them.
        address: Their mail address, if it tells one.
        guests: Guests are written to as well.
    """
    if kind == "service_principal":
        return "service_principal"
    if state != "present":
        return _OF_STATE[state]
    if kind == "guest" and not guests:
        return "guest"
    return None if mailable(address) else "no_address"


def first_to_ask(
    candidates: Iterable[Candidate], beyond: int = 0, before: Collection[str] = ()
) -> Recipient | None:
    """Return the first who can be asked, with everybody who was passed over on the way.

    Who stands on the list more than once counts where they stand first.

    Args:
        candidates: The list, in order.
        beyond: How many who could be asked were asked already, and did not answer.
        before: Who was asked already, wherever they stand by now.
    """
    passed: list[Passed] = []
    seen: set[str] = set()
    for one in candidates:
        if one.recipient and one.recipient in seen:
            continue
        seen.add(one.recipient)
        asked = one.recipient in before
        if one.why is None and beyond <= 0 and not asked:
            return Recipient(
                one.recipient, one.name, one.address, one.language, one.role, tuple(passed)
            )
        if one.why is None and not asked:
            beyond -= 1
        passed.append(Passed(one.role, one.name, one.why or "did_not_answer"))
    return None
