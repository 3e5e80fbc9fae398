"""What somebody who answers for connectors has to do, and in which order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectory.domain.answering import Recipient
from connectory.domain.digest import (
    Asked,
    Drift,
    Ending,
    Gaps,
    Mine,
    Use,
    by_urgency,
    ending,
    tasks,
)

TODAY = date(2026, 11, 26)
ADA = Recipient("a1", "Ada Ample", "ada@contoso.example", None, "owner")


def mine(number: int = 1, **facts: Any) -> Mine:
    """Return a connector with which nothing is the matter but what is said."""
    return Mine(
        number, f"C{number}", "Finance", "Production", ADA, **{"owner_state": "owned"} | facts
    )


def told(**facts: Any) -> list[tuple[str, str]]:
    """Return what is to be done about it, and how soon."""
    return [(task.kind, task.urgency) for task in tasks(mine(**facts), TODAY)]


def ends(days: int, *, newer: bool = False) -> Ending:
    """Return a secret that ends so many days from today."""
    return Ending("App", "secret", TODAY + timedelta(days=days), newer)


ASKED = Asked(1, 1, "C1", TODAY + timedelta(days=20), "https://c.example/attest/x")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"asked": ASKED}, [("answer", "now")]),
        ({"endings": (ends(7),)}, [("credential", "now")]),
        ({"endings": (ends(8),)}, [("credential", "soon")]),
        ({"endings": (ends(-1),)}, [("credential", "now")]),
        ({"endings": (ends(30),)}, [("credential", "soon")]),
        ({"endings": (ends(31),)}, []),
        ({"endings": (ends(3, newer=True),)}, [("credential", "later")]),
        ({"drifts": (Drift("broke", "", 1, "used"),)}, [("broke", "now")]),
        ({"drifts": (Drift("broke", "", 1, "unused"),)}, [("broke", "later")]),
        ({"drifts": (Drift("drifted", "P", 1, "perhaps"),)}, [("drifted", "soon")]),
        ({"drifts": (Drift("drifted", "P", 1, "not_known"),)}, [("drifted", "later")]),
        ({"owner_state": "departed_owner"}, [("owner", "soon")]),
        ({"owner_state": "empty_group"}, [("owner", "soon")]),
        ({"owner_state": "sole_owner"}, [("owner", "later")]),
        ({"owner_state": "owner_unknown"}, []),
        ({"review_on": TODAY}, [("review", "soon")]),
        ({"review_on": TODAY + timedelta(days=30)}, [("review", "later")]),
        ({"review_on": TODAY + timedelta(days=31)}, []),
        ({"use": Use("active")}, []),
        ({"use": Use("quiet")}, []),
        ({"use": Use("unknown")}, []),
        ({"use": Use("stale")}, [("stale", "later")]),
        ({"use": Use("abandoned")}, [("abandoned", "soon")]),
        ({"use": Use("never_used")}, [("never_used", "soon")]),
        ({"use": Use("abandoned", exempt_until=TODAY)}, []),
        (
            {"use": Use("abandoned", exempt_until=TODAY - timedelta(days=1))},
            [("abandoned", "soon")],
        ),
        ({"use": Use("abandoned"), "asked": ASKED}, [("answer", "now")]),
        ({"gaps": Gaps(4, 0, True)}, []),
        ({"gaps": Gaps(4, 0, False)}, [("documentation", "later")]),
        ({"gaps": Gaps(4, 1, True)}, [("documentation", "later")]),
    ],
)
def test_each_fact_leaves_something_to_do(
    facts: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """What is unknown, exempted, far ahead or in order leaves nothing."""
    assert told(**facts) == expected


def test_the_most_urgent_comes_first() -> None:
    """An answer before a secret that ends today, before what can wait."""
    found = told(
        gaps=Gaps(2, 2, False),
        use=Use("stale"),
        endings=(ends(0),),
        drifts=(Drift("drifted", "P", 1, "used"),),
        owner_state="sole_owner",
        asked=ASKED,
    )

    assert [kind for kind, _ in found] == [
        "answer",
        "credential",
        "drifted",
        "owner",
        "documentation",
    ]


def test_connectors_come_by_urgency_then_by_what_they_cost() -> None:
    """Those with nothing to do come last, the most expensive of them first."""
    rows = by_urgency(
        [
            mine(1),
            mine(2, monthly=Decimal(5)),
            mine(3, use=Use("stale")),
            mine(4, endings=(ends(1),)),
            mine(5, use=Use("stale"), monthly=Decimal(9)),
        ],
        TODAY,
    )

    assert [one.connector_id for one, _ in rows] == [4, 5, 3, 2, 1]


@pytest.mark.parametrize(
    ("days", "endless", "expected"),
    [
        ([], False, []),
        ([-40], False, [(-40, False)]),
        ([-40], True, []),
        ([-40, -3], False, [(-3, False)]),
        ([-40, 300], False, []),
        ([5, 300], False, [(5, True)]),
        ([5], True, [(5, True)]),
        ([5, 20], False, [(5, True), (20, False)]),
        ([31], False, []),
    ],
)
def test_a_secret_that_was_replaced_is_nothing_to_do(
    days: list[int],
    endless: bool,  # noqa: FBT001
    expected: list[tuple[int, bool]],
) -> None:
    """One that has ended counts only if no other holds; of one that will, a newer one is told."""
    found = ending([ends(day) for day in days], TODAY, endless=endless)

    assert [((one.ends_on - TODAY).days, one.newer) for one in found] == expected
