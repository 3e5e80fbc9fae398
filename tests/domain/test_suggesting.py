"""Who could answer for a connector, in which order, and how that is told."""

from __future__ import annotations

import pytest

from connectory.domain.suggesting import REASONS, Claim, suggested, words

NAMES = {name: name.title() for name in ("ann", "bob", "cy", "di", "ed")}


def test_the_best_reason_counts_then_how_many_then_how_much() -> None:
    """Equal ones stand by name; each has every reason once, the best first."""
    claims = [
        ("di", Claim("caller", 900)),
        ("cy", Claim("connection_owner", 2)),
        ("bob", Claim("connection_owner", 5)),
        ("ann", Claim("manager", where="Carla")),
        ("ed", Claim("caller", 3)),
        ("ed", Claim("connection_owner", 1)),
        ("ed", Claim("connection_owner", 1)),
    ]
    told = suggested(claims, NAMES, 10)

    assert [one.person for one in told] == ["ed", "bob", "cy", "di", "ann"]
    assert told[0].reason == "connection_owner"
    assert told[0].words == "Made 1 connection to it, called it 3 times in 28 days"


def test_only_those_with_a_name_and_no_more_than_asked_for() -> None:
    """Whoever left has none."""
    claims = [("gone", Claim("deputy")), ("ann", Claim("editor")), ("bob", Claim("editor"))]

    assert [one.person for one in suggested(claims, NAMES, 1)] == ["ann"]
    assert suggested([], NAMES, 5) == []


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (Claim("deputy"), "named as deputy"),
        (Claim("editor"), "may edit it"),
        (Claim("family_owner", 1, "Sandbox"), "owns the same one in Sandbox"),
        (Claim("family_owner", 3, "Sandbox"), "owns the same one in Sandbox and 2 more"),
        (Claim("connection_owner", 2), "made 2 connections to it"),
        (Claim("caller", 1204), "called it 1,204 times in 28 days"),
        (Claim("caller", 1), "called it 1 time in 28 days"),
        (Claim("manager", where="Carla"), "manager of Carla"),
        (Claim("manager"), "manager of its last owner"),
    ],
)
def test_each_reason_in_words(claim: Claim, told: str) -> None:
    """As it stands on a page."""
    assert words(claim) == told


def test_every_reason_has_a_place() -> None:
    """No two share one."""
    assert len(set(REASONS)) == len(REASONS) == 6
