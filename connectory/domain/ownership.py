"""Who owns a connector, and how good that is.

Ownership is the role ``Owner``; whoever created the connector is only history. The verdict names
its proof, and says unknown where nothing is proven (docs/owners.md tells every class).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

OwnerState = Literal[
    "owned",
    "sole_owner",
    "group_owned",
    "guest_owner",
    "service_principal_owner",
    "empty_group",
    "disabled_owner",
    "departed_owner",
    "nobody",
    "owner_unknown",
]
PersonState = Literal["present", "disabled", "deleted", "unresolved"]
Proof = Literal["permissions", "users", "deleted_users", "service_principals", "groups"]
"""A source that can say something of an owner."""

_WITHOUT: Final[frozenset[str]] = frozenset(
    {"empty_group", "disabled_owner", "departed_owner", "nobody"}
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role on a connector.

    Attributes:
        principal_id: Object id.
        kind: user, guest, service_principal, group or tenant.
        state: What the directory says of it.
        source: Which source says so, or could not.
        members: Object ids of the people in working order in a group; None of anybody else.
    """

    principal_id: str
    kind: str
    state: PersonState
    source: Proof = "users"
    members: frozenset[str] | None = None

    @property
    def empty(self) -> bool:
        """A group in which nobody is in working order."""
        return self.members is not None and not self.members

    @property
    def can_act(self) -> bool:
        """It is in working order; of a group, somebody in it is."""
        return self.state == "present" and not self.empty


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """What is known about the ownership of one connector.

    Attributes:
        owners: Holders of the role Owner, in the platform's order.
        editors: Holders of the role that may edit it.
        permissions_read: The permissions were read; else nothing is proven.
    """

    owners: tuple[Holder, ...]
    editors: tuple[Holder, ...]
    permissions_read: bool


@dataclass(frozen=True, slots=True)
class OwnerVerdict:
    """Who owns a connector.

    Attributes:
        state: The class.
        principal_id: Whom it rests on; None if nobody.
        reason: The proof in one sentence.
        source: Which source says so, or could not.
        owners: Holders of the role Owner who can act; None if the permissions were not read.
        editors: Others who can act and may edit it.
        members: People in working order in the groups that own it; None if no group does.
    """

    state: OwnerState
    principal_id: str | None
    reason: str
    source: Proof
    owners: int | None = None
    editors: int | None = None
    members: int | None = None


def owner_verdict(facts: OwnerFacts) -> OwnerVerdict:
    """Return who owns a connector.

    One owner in working order is enough to be owned; it is the only one to be sole. Without any,
    the verdict says what became of the first.
    """
    if not facts.permissions_read:
        reason = "its permissions have not been read"
        return OwnerVerdict("owner_unknown", None, reason, "permissions")
    owning = {owner.principal_id for owner in facts.owners}
    others = [one for one in facts.editors if one.principal_id not in owning]
    can_act = [owner for owner in facts.owners if owner.can_act]
    state, on, reason = _judged(facts.owners, can_act, others)
    return OwnerVerdict(
        state,
        on.principal_id if on else None,
        reason,
        on.source if on else "permissions",
        owners=len(_people(can_act)),
        editors=len(_people(one for one in others if one.can_act)),
        members=_members(facts.owners),
    )


_Judged = tuple[OwnerState, Holder | None, str]


def _judged(
    owners: Sequence[Holder], can_act: Sequence[Holder], others: Sequence[Holder]
) -> _Judged:
    if not owners:
        return "nobody", None, "its permissions were read and name no owner"
    if not can_act:
        return _without_working(owners)
    for owner in can_act:
        if owner.kind == "user":
            return _with_person(owner, owners, can_act, others)
    for kind, (state, reason) in _OTHER_KINDS.items():
        for owner in can_act:
            if owner.kind == kind:
                return state, owner, reason
    return "owned", can_act[0], "everybody in the tenant owns it"


_OTHER_KINDS: Final[dict[str, tuple[OwnerState, str]]] = {
    "group": ("group_owned", "it is owned by a group"),
    "guest": ("guest_owner", "no member of the tenant owns it, only a guest"),
    "service_principal": ("service_principal_owner", "no person owns it, only an application"),
}


def _with_person(
    first: Holder, owners: Sequence[Holder], can_act: Sequence[Holder], others: Sequence[Holder]
) -> _Judged:
    more = len(_people(can_act)) - 1 + len(_people(one for one in others if one.can_act))
    unresolved = len(_people(one for one in (*owners, *others) if one.state == "unresolved"))
    if not more and not unresolved:
        return "sole_owner", first, "one owner, and nobody else may edit it"
    asked = f", {unresolved} could not be resolved" if unresolved else ""
    return "owned", first, f"one owner and {more} more who may edit it{asked}"


def _without_working(owners: Sequence[Holder]) -> _Judged:
    # Unresolved comes first: while one owner may still be there, nothing is proven.
    for owner in owners:
        if owner.state == "unresolved":
            return "owner_unknown", owner, f"the directory could not be asked for {_its(owner)}"
    for owner in owners:
        if owner.state == "present":
            return "empty_group", owner, "a group owns it in which nobody is in working order"
    for owner in owners:
        if owner.state == "disabled":
            return "disabled_owner", owner, f"the account of {_its(owner)} is disabled"
    return "departed_owner", owners[0], f"{_its(owners[0])} is no longer in the directory"


_CALLED: Final = {
    "group": "the group that owns it",
    "service_principal": "the application that owns it",
}


def _its(owner: Holder) -> str:
    return _CALLED.get(owner.kind, "its owner")


def _people(holders: Iterable[Holder]) -> set[str]:
    return {one.principal_id for one in holders}


def _members(owners: Sequence[Holder]) -> int | None:
    groups = [owner.members for owner in owners if owner.members is not None]
    return len(frozenset().union(*groups)) if groups else None


def without_owner(state: str) -> bool:
    """Tell whether a verdict means that nobody in working order owns the connector."""
    return state in _WITHOUT


_ANEW: Final = (
    "The platform cannot give it another owner: let an administrator share it with somebody who "
    "may edit it, or make it anew under an account that stays and move what uses it."
)
_NAME: Final = "Name a business owner now."
_BACK: Final = "An account deleted less than 30 days ago can be restored."
_GUEST: Final = (
    "Let the guest share it with a member who may edit it: a guest's access may end without notice."
)
ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "owned": ("Nothing: the owner can act, and is not alone.",) * 2,
    "sole_owner": (
        "Let the owner share it with a second person who may edit it, or name a deputy.",
        "Let the owner share it with a second person who may edit it.",
    ),
    "group_owned": (
        "Name the business owner: a group answers for nothing by itself.",
        "Nothing: people of the group can act, and somebody answers for it.",
    ),
    "guest_owner": (
        f"Name a business owner of the tenant. {_GUEST}",
        _GUEST,
    ),
    "service_principal_owner": (
        "Name the business owner: an application answers no mail.",
        "Nothing: the application can act, and somebody answers for it.",
    ),
    "empty_group": (
        f"{_NAME} Put people into the group again: they own it from then on.",
        "Put people into the group again: they own it from then on.",
    ),
    "disabled_owner": (
        f"Ask the manager whether the owner comes back. If not: {_NAME} {_ANEW}",
        f"Ask the manager whether the owner comes back. If not: {_ANEW}",
    ),
    "departed_owner": (f"{_NAME} {_ANEW} {_BACK}", f"{_ANEW} {_BACK}"),
    "nobody": (f"{_NAME} {_ANEW}", _ANEW),
    "owner_unknown": (
        "Nothing about the owner yet: let the source that failed be read, then judge again.",
    )
    * 2,
}
"""What to do about each class: while nobody is named as business owner, and once somebody is."""


def advice(state: str, *, named: bool = False) -> str:
    """Return what to do about a connector with a verdict; empty if there is no such verdict.

    Args:
        state: The class.
        named: A business owner in working order is named for it.
    """
    return ADVICE.get(state, ("", ""))[named]


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
