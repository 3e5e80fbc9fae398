"""Who on a list can be written to, and whom the list passes over."""

from __future__ import annotations

import pytest

from connectory.domain.answering import Passed
from connectory.domain.asking import Candidate, first_to_ask, hindrance, mailable


def one(name: str, why: str | None = None, role: str = "owner") -> Candidate:
    """Return somebody on a list whose id is their name."""
    return Candidate(name, name, f"{name}@tenant.example", "de-DE", role, why)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "state", "mail", "guests", "why"),
    [
        ("user", "present", "a@b.example", False, None),
        ("user", "present", None, False, "no_address"),
        ("user", "present", "a@b.example\r\nBcc: c@d.example", False, "no_address"),
        ("user", "disabled", "a@b.example", False, "disabled"),
        ("user", "deleted", "a@b.example", False, "departed"),
        ("user", "unresolved", None, False, "unknown"),
        ("guest", "present", "a@b.example", False, "guest"),
        ("guest", "present", "a@b.example", True, None),
        ("guest", "deleted", "a@b.example", True, "departed"),
        ("service_principal", "present", None, True, "service_principal"),
        ("group", "present", "team@b.example", False, None),
    ],
)
def test_hindrances(kind: str, state: str, mail: str | None, guests: bool, why: str | None) -> None:  # noqa: FBT001 - a case
    """Each reason for which somebody cannot be written to."""
    assert hindrance(kind, state, mail, guests=guests) == why  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", None, "a", "a@", "a b@c.example", "a@b.example,c@d.example", "a@b\n", "a" * 251 + "@b.c"],
)
def test_what_is_no_address(text: str | None) -> None:
    """Nothing that a header would take for more than one plain address passes."""
    assert not mailable(text)


def test_the_first_who_can_be_asked_is() -> None:
    """With those before, in order, each with the reason."""
    told = first_to_ask(
        [one("ann", "departed", "steward"), one("bob", "guest"), one("cy"), one("di")]
    )

    assert told is not None
    assert (told.recipient, told.address, told.language, told.role) == (
        "cy", "cy@tenant.example", "de-DE", "owner",
    )  # fmt: skip
    assert told.passed == (Passed("steward", "ann", "departed"), Passed("owner", "bob", "guest"))


def test_those_who_were_asked_are_passed() -> None:
    """Only those count who could be asked, and nobody counts twice."""
    ladder = [one("ann", role="steward"), one("bob", "disabled"), one("ann"), one("cy"), one("di")]
    told = first_to_ask(ladder, beyond=2)

    assert told is not None
    assert told.name == "di"
    assert [(passed.name, passed.why) for passed in told.passed] == [
        ("ann", "did_not_answer"),
        ("bob", "disabled"),
        ("cy", "did_not_answer"),
    ]


def test_whoever_was_asked_before_is_passed_wherever_they_stand() -> None:
    """Who came before them since is asked first, and they are counted in nothing."""
    told = first_to_ask([one("new", role="steward"), one("ann"), one("bob")], before={"ann"})
    then = first_to_ask([one("new"), one("ann"), one("bob")], beyond=1, before={"ann"})

    assert told is not None
    assert told.name == "new"
    assert then is not None
    assert (then.name, [passed.name for passed in then.passed]) == ("bob", ["new", "ann"])


def test_nobody_is_left() -> None:
    """Neither on a list on which nobody can be asked, nor beyond its end."""
    assert first_to_ask([one("ann", "departed")]) is None
    assert first_to_ask([one("ann")], beyond=1) is None
    assert first_to_ask([]) is None
