"""Verdicts on ownership, one row per case."""

from __future__ import annotations

import pytest

from connectory.domain.ownership import Owner, OwnerFacts, owner_verdict, without_owner

ANN = Owner("ann", "user", "present")
BOB = Owner("bob", "user", "present")
GUEST = Owner("guest", "guest", "present")
APP = Owner("app", "service_principal", "present")
TEAM = Owner("team", "group", "present")
GONE = Owner("gone", "user", "deleted")
OFF = Owner("off", "user", "disabled")
LOST = Owner("lost", "user", "unresolved")


@pytest.mark.parametrize(
    ("owners", "editors", "state", "principal"),
    [
        ((ANN,), 0, "sole_owner", "ann"),
        ((ANN,), 1, "owned", "ann"),
        ((ANN, BOB), 0, "owned", "ann"),
        ((GONE, ANN), 0, "sole_owner", "ann"),
        ((GUEST, ANN), 0, "owned", "ann"),
        ((GUEST,), 3, "guest_owner", "guest"),
        ((APP,), 0, "service_principal_owner", "app"),
        ((TEAM,), 0, "group_owned", "team"),
        ((GONE,), 2, "departed_owner", "gone"),
        ((OFF,), 0, "disabled_owner", "off"),
        ((GONE, OFF), 0, "disabled_owner", "off"),
        ((LOST,), 0, "owner_unknown", "lost"),
        ((GONE, LOST), 0, "owner_unknown", "lost"),
        ((ANN, LOST), 0, "owned", "ann"),
        ((APP, GUEST), 0, "guest_owner", "guest"),
        ((), 0, "nobody", None),
        ((), 4, "nobody", None),
    ],
)
def test_verdicts(
    owners: tuple[Owner, ...], editors: int, state: str, principal: str | None
) -> None:
    """Each combination of owners has one verdict and the principal it rests on."""
    verdict = owner_verdict(OwnerFacts(owners, editors, permissions_read=True))

    assert (verdict.state, verdict.principal_id) == (state, principal)
    assert verdict.reason


def test_nothing_is_proven_without_permissions() -> None:
    """A connector whose permissions were never read has an unknown owner, not none."""
    verdict = owner_verdict(OwnerFacts((), 0, permissions_read=False))

    assert verdict.state == "owner_unknown"


def test_who_counts_as_without_owner() -> None:
    """Departed, disabled and nobody are without owner; unknown is not."""
    states = ["departed_owner", "disabled_owner", "nobody", "owner_unknown", "sole_owner"]

    assert [without_owner(state) for state in states] == [True, True, True, False, False]
