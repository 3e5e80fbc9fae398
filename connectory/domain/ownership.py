"""Who owns a connector, and how good that is.

Ownership is the role ``Owner``; whoever created the connector is only history. The verdict names
its proof, and says unknown where nothing is proven (docs/architecture.md, section "Identity").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OwnerState = Literal[
    "owned",
    "sole_owner",
    "guest_owner",
    "disabled_owner",
    "departed_owner",
    "service_principal_owner",
    "group_owned",
    "owner_unknown",
    "nobody",
]
PersonState = Literal["present", "disabled", "deleted", "unresolved"]

_WITHOUT: frozenset[str] = frozenset({"disabled_owner", "departed_owner", "nobody"})


@dataclass(frozen=True, slots=True)
class Owner:
    """A holder of the role Owner.

    Attributes:
        principal_id: Object id.
        kind: user, guest, service_principal, group or tenant.
        state: What the directory says of it.
    """

    principal_id: str
    kind: str
    state: PersonState


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """What is known about the ownership of one connector.

    Attributes:
        owners: Holders of the role Owner, in the platform's order.
        editors: Further principals in working order who may edit it.
        permissions_read: The permissions were read; else nothing is proven.
    """

    owners: tuple[Owner, ...]
    editors: int
    permissions_read: bool


@dataclass(frozen=True, slots=True)
class OwnerVerdict:
    """The answer: a state, the principal it rests on, and the proof in one sentence."""

    state: OwnerState
    principal_id: str | None
    reason: str


def owner_verdict(facts: OwnerFacts) -> OwnerVerdict:
    """Return who owns a connector.

    One owner in working order is enough to be owned; it is the only one to be sole. Without any,
    the verdict says what became of the first.
    """
    if not facts.permissions_read:
        return OwnerVerdict("owner_unknown", None, "its permissions have not been read")
    if not facts.owners:
        return OwnerVerdict("nobody", None, "its permissions were read and name no owner")
    working = [owner for owner in facts.owners if owner.state == "present"]
    if not working:
        return _without_working(facts.owners)
    return _with_working(facts, working)


def _with_working(facts: OwnerFacts, working: list[Owner]) -> OwnerVerdict:
    members = [owner for owner in working if owner.kind == "user"]
    if members:
        first = members[0].principal_id
        unresolved = sum(owner.state == "unresolved" for owner in facts.owners)
        others = len(working) - 1 + facts.editors
        if others == 0 and unresolved == 0:
            return OwnerVerdict("sole_owner", first, "one owner, and nobody else may edit it")
        asked = f", {unresolved} could not be resolved" if unresolved else ""
        return OwnerVerdict("owned", first, f"one owner and {others} more who may edit it{asked}")
    for kind, (state, reason) in _OTHER_KINDS.items():
        for owner in working:
            if owner.kind == kind:
                return OwnerVerdict(state, owner.principal_id, reason)
    return OwnerVerdict("owned", working[0].principal_id, "it has an owner")


_OTHER_KINDS: dict[str, tuple[OwnerState, str]] = {
    "group": ("group_owned", "it is owned by a group"),
    "guest": ("guest_owner", "no member of the tenant owns it, only a guest"),
    "service_principal": ("service_principal_owner", "no person owns it, only an application"),
}


def _without_working(owners: tuple[Owner, ...]) -> OwnerVerdict:
    for state, verdict, reason in _ENDINGS:
        for owner in owners:
            if owner.state == state:
                return OwnerVerdict(verdict, owner.principal_id, reason)
    return OwnerVerdict("owner_unknown", owners[0].principal_id, "its owner cannot be resolved")


# Unresolved comes first: while one owner may still be there, nothing is proven.
_ENDINGS: tuple[tuple[PersonState, OwnerState, str], ...] = (
    ("unresolved", "owner_unknown", "the directory could not be asked for its owner"),
    ("disabled", "disabled_owner", "the account of its owner is disabled"),
    ("deleted", "departed_owner", "its owner is no longer in the directory"),
)


def without_owner(state: str) -> bool:
    """Tell whether a verdict means that nobody in working order owns the connector."""
    return state in _WITHOUT


def person_state(*, presence: str | None, enabled: bool | None, answered: bool) -> PersonState:
    """Return whether a principal is in working order, from what is stored of it.

    One that a complete answer left out is no longer there, be it for the first time.

    Args:
        presence: present, missing or gone; None if the directory never had such an id.
        enabled: Whether it may sign in, where that is told.
        answered: The directory was read whole, so that an id it does not have is no more.
    """
    if presence is None:
        return "deleted" if answered else "unresolved"
    if presence != "present":
        return "deleted"
    return "disabled" if enabled is False else "present"
