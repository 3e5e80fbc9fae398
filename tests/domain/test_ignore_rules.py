from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectory.domain.ignoring import IgnoreRules, unfit

RULES = IgnoreRules(
    names=(("[TEST]*", "Tests"), ("tmp?", "Throwaways")),
    publishers=(("Microsoft*", "Managed by Microsoft"),),
    environments=(("training *", "Courses"),),
)


@pytest.mark.parametrize(
    ("names", "publisher", "environment", "why"),
    [
        (("[test] Billing", None), None, (), "Tests (name fits [TEST]*)"),
        (("Test Billing",), None, (), None),  # square brackets are letters
        (("Billing", "TMP1"), None, (), "Throwaways (name fits tmp?)"),
        (("tmp12", "my tmp1"), None, (), None),  # a pattern fits a whole name
        (("Billing",), "MICROSOFT Corp", (), "Managed by Microsoft (publisher fits Microsoft*)"),
        (("Billing",), "Not Microsoft", (), None),
        (("Billing",), None, ("Training Nord", "env-1"), "Courses (environment fits training *)"),
        ((None, ""), None, (None,), None),
    ],
)
def test_the_first_rule_that_fits_says_why(
    names: tuple[str | None, ...],
    publisher: str | None,
    environment: tuple[str | None, ...],
    why: str | None,
) -> None:
    """The reason of the settings comes with what fits which pattern."""
    assert RULES.why(names, publisher, environment) == why


def test_without_rules_nothing_is_ignored() -> None:
    """The default leaves nothing out."""
    assert not IgnoreRules()
    assert IgnoreRules().why(("anything",), "anybody", ("anywhere",)) is None


@pytest.mark.parametrize("pattern", ["", "*", "??", "* *", " test*", "test* ", "a\x00b", "a\nb"])
def test_a_pattern_that_would_fit_all_or_none_is_refused(pattern: str) -> None:
    """What hides everything, or can never fit, is a mistake."""
    assert unfit(pattern) is not None


@given(st.text(min_size=1))
def test_a_name_fits_itself(name: str) -> None:
    """Without * and ? a pattern is just a name, whatever signs it holds."""
    if "*" in name or "?" in name:
        return
    assert IgnoreRules(names=((name, "Because"),)).why((name,), None, ()) is not None
