"""Verdicts on ownership, one row per case."""

from __future__ import annotations

from typing import get_args

import pytest

from connectory.domain.ownership import (
    Holder,
    OwnerFacts,
    OwnerState,
    advice,
    owner_verdict,
    person_state,
    without_owner,
)

ANN = Holder("ann", "user", "present")
BOB = Holder("bob", "user", "present")
GUEST = Holder("guest", "guest", "present")
APP = Holder("app", "service_principal", "present", "service_principals")
APP_OFF = Holder("app", "service_principal", "disabled", "service_principals")
APP_GONE = Holder("app", "service_principal", "deleted", "service_principals")
TEAM = Holder("team", "group", "present", "groups", frozenset({"ann", "cy"}))
CREW = Holder("crew", "group", "present", "groups", frozenset({"cy", "di"}))
HUSK = Holder("husk", "group", "present", "groups", frozenset())
TEAM_GONE = Holder("team", "group", "deleted", "groups")
TEAM_LOST = Holder("team", "group", "unresolved", "groups")
GONE = Holder("gone", "user", "deleted", "deleted_users")
OFF = Holder("off", "user", "disabled")
LOST = Holder("lost", "user", "unresolved")
EVERYONE = Holder("tenant", "tenant", "present", "permissions")


@pytest.mark.parametrize(
    ("owners", "editors", "state", "principal"),
    [
        ((ANN,), (), "sole_owner", "ann"),
        ((ANN,), (BOB,), "owned", "ann"),
        ((ANN, BOB), (), "owned", "ann"),
        ((GONE, ANN), (), "sole_owner", "ann"),
        ((GUEST, ANN), (), "owned", "ann"),
        ((GUEST,), (ANN, BOB), "guest_owner", "guest"),
        ((APP,), (), "service_principal_owner", "app"),
        ((TEAM,), (), "group_owned", "team"),
        ((GONE,), (ANN, BOB), "departed_owner", "gone"),
        ((OFF,), (), "disabled_owner", "off"),
        ((GONE, OFF), (), "disabled_owner", "off"),
        ((LOST,), (), "owner_unknown", "lost"),
        ((GONE, LOST), (), "owner_unknown", "lost"),
        ((ANN, LOST), (), "owned", "ann"),
        ((APP, GUEST), (), "guest_owner", "guest"),
        ((), (), "nobody", None),
        ((), (ANN, BOB), "nobody", None),
        # Nobody is sole owner while somebody who may edit it might still be there.
        ((ANN,), (LOST,), "owned", "ann"),
        ((ANN,), (GONE, OFF), "sole_owner", "ann"),
        # Whoever owns it may edit it, and is not one more for that.
        ((ANN,), (ANN,), "sole_owner", "ann"),
        # A group counts by who is in it.
        ((HUSK,), (), "empty_group", "husk"),
        ((HUSK, TEAM), (), "group_owned", "team"),
        ((HUSK, GUEST), (), "guest_owner", "guest"),
        ((HUSK, APP), (), "service_principal_owner", "app"),
        ((HUSK, GONE), (), "empty_group", "husk"),
        ((HUSK, LOST), (), "owner_unknown", "lost"),
        ((ANN,), (HUSK,), "sole_owner", "ann"),
        ((ANN,), (TEAM,), "owned", "ann"),
        ((TEAM_GONE,), (), "departed_owner", "team"),
        ((TEAM_LOST,), (), "owner_unknown", "team"),
        ((APP_OFF,), (), "disabled_owner", "app"),
        ((APP_GONE,), (), "departed_owner", "app"),
        ((GUEST, TEAM), (), "group_owned", "team"),
        ((EVERYONE,), (), "owned", "tenant"),
    ],
)  # fmt: skip
def test_verdicts(
    owners: tuple[Holder, ...], editors: tuple[Holder, ...], state: str, principal: str | None
) -> None:
    """Each combination of holders has one verdict and the principal it rests on."""
    verdict = owner_verdict(OwnerFacts(owners, editors, permissions_read=True))

    assert (verdict.state, verdict.principal_id) == (state, principal)
    assert verdict.reason


@pytest.mark.parametrize(
    ("owners", "editors", "counted"),
    [
        ((ANN, GONE, GUEST), (BOB, OFF, LOST), (2, 1, None)),
        ((ANN, ANN), (ANN, APP, APP), (1, 1, None)),
        ((TEAM, CREW, HUSK), (HUSK, TEAM), (2, 0, 3)),
        ((HUSK,), (), (0, 0, 0)),
        ((TEAM_GONE,), (EVERYONE,), (0, 1, None)),
        ((), (ANN,), (0, 1, None)),
    ],
)
def test_who_can_act_is_counted(
    owners: tuple[Holder, ...],
    editors: tuple[Holder, ...],
    counted: tuple[int | None, int | None, int | None],
) -> None:
    """Owners, others who may edit it, and people in owning groups, each once."""
    verdict = owner_verdict(OwnerFacts(owners, editors, permissions_read=True))

    assert (verdict.owners, verdict.editors, verdict.members) == counted


@pytest.mark.parametrize(
    ("owners", "source", "reason"),
    [
        ((), "permissions", "its permissions were read and name no owner"),
        ((ANN,), "users", "one owner, and nobody else may edit it"),
        ((ANN, LOST), "users", "one owner and 0 more who may edit it, 1 could not be resolved"),
        ((GONE,), "deleted_users", "its owner is no longer in the directory"),
        ((OFF,), "users", "the account of its owner is disabled"),
        ((APP_OFF,), "service_principals", "the account of the application that owns it is disabled"),
        ((APP_GONE,), "service_principals", "the application that owns it is no longer in the directory"),
        ((TEAM_GONE,), "groups", "the group that owns it is no longer in the directory"),
        ((TEAM_LOST,), "groups", "the directory could not be asked for the group that owns it"),
        ((HUSK,), "groups", "a group owns it in which nobody is in working order"),
        ((EVERYONE,), "permissions", "everybody in the tenant owns it"),
    ],
)  # fmt: skip
def test_each_verdict_names_its_proof(owners: tuple[Holder, ...], source: str, reason: str) -> None:
    """The source that says so, or could not, and what it says."""
    verdict = owner_verdict(OwnerFacts(owners, (), permissions_read=True))

    assert (verdict.source, verdict.reason) == (source, reason)


def test_nothing_is_proven_without_permissions() -> None:
    """A connector whose permissions were never read has an unknown owner, not none; nor counts."""
    verdict = owner_verdict(OwnerFacts((), (), permissions_read=False))

    assert verdict.state == "owner_unknown"
    assert verdict.source == "permissions"
    assert (verdict.owners, verdict.editors, verdict.members) == (None, None, None)


def test_who_counts_as_without_owner() -> None:
    """Departed, disabled, nobody and an empty group are without owner; unknown is not."""
    without = {state for state in get_args(OwnerState) if without_owner(state)}

    assert without == {"departed_owner", "disabled_owner", "nobody", "empty_group"}


def test_each_verdict_says_what_to_do() -> None:
    """None without advice; nobody who is named is to be named again."""
    told = {state: advice(state) for state in get_args(OwnerState)}
    named = {state: advice(state, named=True) for state in get_args(OwnerState)}

    assert all(told.values())
    assert all(named.values())
    assert [state for state, text in named.items() if "ame a" in text] == []
    assert {state for state, text in told.items() if "ame a business" in text} >= {
        "departed_owner", "nobody", "guest_owner", "empty_group",
    }  # fmt: skip
    assert advice("something else") == ""


@pytest.mark.parametrize(
    ("presence", "enabled", "answered", "state"),
    [
        ("present", True, True, "present"),
        ("present", None, False, "present"),
        ("present", False, True, "disabled"),
        ("missing", True, True, "deleted"),
        ("gone", False, False, "deleted"),
        (None, None, True, "deleted"),
        (None, None, False, "unresolved"),
    ],
)
def test_what_the_directory_says_of_somebody(
    presence: str | None,
    enabled: bool | None,  # noqa: FBT001 - a case
    answered: bool,  # noqa: FBT001 - a case
    state: str,
) -> None:
    """Absence proves a deletion only where the directory was read whole."""
    assert person_state(presence=presence, enabled=enabled, answered=answered) == state
