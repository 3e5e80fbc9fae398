"""The section [drift]: what it takes, what it refuses, and the profiles that come of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectory.domain.drift.profiles import ENVIRONMENTS, Expected, Profile
from connectory.drift_settings import DriftSettings


def settings(**told: Any) -> DriftSettings:
    """Return settings as a file gives them."""
    return DriftSettings.model_validate(told)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"severity": {"operation-remved": "risky"}}, "did you mean operation-removed"),
        ({"severity": {"zzzz": "risky"}}, "no rule is called 'zzzz'"),
        ({"severity": {"operation-removed": "bad"}}, "'breaking', 'risky'"),
        ({"reference": [" "]}, "a name is missing"),
        ({"alone": ["Invoices"]}, "write environment/connector"),
        ({"families": {"Bills": ["Finance/A"]}}, "fewer than two"),
        ({"families": {"Bills": ["Finance/A", "finance/a"]}}, "fewer than two"),
        ({"families": {"A": ["X/1", "Y/1"], "B": ["X/1", "Z/1"]}}, "stands in two families"),
        ({"expected": {"Finance": {"hosts": "*"}}}, "did you mean host"),
        ({"expected": {"Finance": {"host": 3}}}, "expected"),
        ({"chains": [["A", "B"], ["a", "C"]]}, "stands in two chains"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_meant_is_refused(told: dict[str, Any], words: str) -> None:
    """With what may have been meant, where something is near."""
    with pytest.raises(ValidationError, match=words):
        settings(**told)


def test_settings_are_a_key_of_what_is_reckoned_with_them() -> None:
    """They cannot be altered, and the same ones are the same."""
    told: dict[str, Any] = {
        "severity": {"operation-moved": "breaking"},
        "families": {"Bills": ["Finance/A", "Lab/B"]},
        "expected": {"Lab": {"host": "lab.*"}},
        "chains": [["Lab", "Finance"]],
    }

    assert hash(settings(**told)) == hash(settings(**told))
    assert settings(**told).rules().together == (("Bills", ("Finance/A", "Lab/B")),)


def test_without_settings_the_usual_profile_holds() -> None:
    """What usually differs between environments may be anything."""
    assert settings().profile(("Lab", "env-lab")) == ENVIRONMENTS
    assert settings().history() == Profile()


def test_an_environment_declares_what_is_meant_to_differ() -> None:
    """Fact by fact: over what is said of every one, and over what usually differs."""
    declared = settings(
        severity={"operation-moved": "off"},
        expected={
            "*": {"host": "*.example", "client_id": "1*"},
            "LAB": {"host": "lab.*", "base_path": "*", "redirect_url": ""},
        },
    )
    told = declared.profile(("Lab", "env-lab"))

    assert told.purpose == "environments"
    assert told.severities == (("operation-moved", "off"),)
    assert told.expected == (
        Expected("host", "lab.*"),
        Expected("base_path"),
        Expected("client_id", "1*"),
        Expected("resource_uri"),
        Expected("tenant_id"),
    )
    assert declared.profile(("Finance",)).expected[0] == Expected("host", "*.example")
    assert declared.history().severities == (("operation-moved", "off"),)
