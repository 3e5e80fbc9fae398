"""Where policies put a connector, in literal cases."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from connectory.domain.data_policy import (
    Governed,
    Pattern,
    Policy,
    PolicyVerdict,
    applies,
    matches,
    policy_verdict,
    standing,
)

HOME, GROUP = "env-1", "group-1"
ONE = Governed("shared_one-5f1", HOME, GROUP, "https://api.one.example/v1")
PLAIN = Policy(
    name="Plain",
    system="data_policy",
    reach="AllEnvironments",
    environments=frozenset(),
    groups=frozenset(),
    default="non_business",
    patterns=(),
    named={},
)
ALL_READ = {"data_policies_read": True, "oldest_read": True, "allow_lists_read": True}
IGNORING = replace(PLAIN, name="Ignoring", patterns=(Pattern("*", "ignore"),))
ALLOWING = replace(
    PLAIN, name="List", system="allow_list", reach="Assigned", default="blocked",
    groups=frozenset({GROUP}), named={("", "shared_one-5f1"): "allowed"},
)  # fmt: skip


def verdict(*policies: Policy, of: Governed = ONE) -> PolicyVerdict:
    """Return where these policies, all of them read, put a connector."""
    told = [standing(policy, of) for policy in policies]
    return policy_verdict(told, **ALL_READ)


@pytest.mark.parametrize(
    ("reach", "named", "wanted"),
    [
        ("AllEnvironments", False, True),
        ("ExceptEnvironments", True, False),
        ("ExceptEnvironments", False, True),
        ("OnlyEnvironments", True, True),
        ("OnlyEnvironments", False, False),
        ("SingleEnvironment", True, True),
        ("Assigned", False, False),
        ("SomethingNew", False, None),
        ("SomethingNew", True, None),
    ],
)
def test_environments_named_are_left_out_only_where_all_others_are_meant(
    reach: str, *, named: bool, wanted: bool | None
) -> None:
    """The same list of environments means the opposite, depending on the reach."""
    policy = replace(PLAIN, reach=reach, environments=frozenset({HOME} if named else ()))

    assert applies(policy, HOME, None) is wanted


def test_an_allow_list_reaches_environments_through_their_group() -> None:
    """It applies in each environment of the group, and in none outside."""
    assert applies(ALLOWING, HOME, GROUP)
    assert not applies(ALLOWING, HOME, "group-2")
    assert not applies(ALLOWING, HOME, None)


def test_where_a_policy_applies_must_be_known_before_it_is_held_against_anything() -> None:
    """Unread assignments may be to any environment; only what the list allows is free either way."""
    unplaced = replace(ALLOWING, environments=None)

    assert applies(unplaced, HOME, GROUP) is None
    assert applies(replace(PLAIN, environments=None), HOME, GROUP) is True
    assert verdict(unplaced).group == "unrestricted"
    assert verdict(replace(unplaced, named={})).group == "unknown"
    assert verdict(replace(PLAIN, reach="SomethingNew", default="blocked")).group == "unknown"


@pytest.mark.parametrize(
    ("pattern", "address", "wanted"),
    [
        ("https://api.one.example*", "https://api.one.example/v1", True),
        ("HTTPS://API.ONE.*", "https://api.one.example/v1", True),
        ("https://*.example*", "https://api.one.example", True),
        ("https://api.one.example", "https://api.one.example/", True),
        ("api.one.example", "https://api.one.example/v1", True),
        ("*.one.example", "https://api.one.example/v1", True),
        ("api.one.example/v1", "https://api.one.example/v1", True),
        ("https://api.one.example/v2*", "https://api.one.example/v1", False),
        ("https://one.example*", "https://api.one.example/v1", False),
        ("https://a*a", "https://a", False),
        ("*", "anything", True),
        ("", "https://api.one.example", False),
        ("https://[::*", "https://[::", True),
    ],
)
def test_a_pattern_matches_the_address_or_its_host(
    pattern: str, address: str, *, wanted: bool
) -> None:
    """A star stands for anything, nothing included; letters match in either case."""
    assert matches(pattern, address) is wanted


def test_a_hostile_pattern_costs_no_time() -> None:
    """Stars by the hundred are read once, from left to right."""
    began = time.perf_counter()

    assert not matches("*a" * 500 + "b", "https://" + "a" * 20_000)
    assert time.perf_counter() - began < 5


def test_the_first_pattern_that_matches_decides() -> None:
    """What stands further down is not looked at."""
    lines = (
        Pattern("https://*.two.example*", "business"),
        Pattern("https://*.one.example*", "blocked"),
        Pattern("https://api.one.example*", "business"),
        Pattern("*", "ignore"),
    )
    told = standing(replace(PLAIN, patterns=lines), ONE)

    assert (told.group, told.rule, told.detail) == ("blocked", "pattern", lines[1].pattern)


def test_a_name_wins_over_a_pattern_and_one_with_its_place_over_one_without() -> None:
    """Patterns are for connectors that are not named."""
    lines = (Pattern("*", "blocked"),)
    named = {("", "shared_one-5f1"): "non_business", (HOME, "shared_one-5f1"): "business"}

    assert standing(replace(PLAIN, patterns=lines, named=named), ONE).group == "business"
    del named[HOME, "shared_one-5f1"]
    assert standing(replace(PLAIN, patterns=lines, named=named), ONE).group == "non_business"
    elsewhere = {("env-2", "shared_one-5f1"): "business"}
    assert standing(replace(PLAIN, patterns=lines, named=elsewhere), ONE).group == "blocked"


def test_a_policy_without_a_word_on_it_puts_it_into_its_default_group() -> None:
    """No name and no pattern: the default group, blocked included."""
    told = standing(replace(PLAIN, default="blocked"), ONE)

    assert (told.group, told.rule) == ("blocked", "default")


@pytest.mark.parametrize("default", ["business", "blocked"])
def test_what_every_policy_leaves_to_others_falls_to_the_strictest_default(default: str) -> None:
    """Nobody decides, so the default groups do."""
    told = verdict(IGNORING, replace(IGNORING, name="Other", default=default))

    assert (told.group, told.rule, told.policies) == (default, "default", 2)
    assert "Other" in told.reason


def test_what_one_policy_blocks_is_blocked() -> None:
    """However many others allow it; the proof names who blocks."""
    named = replace(PLAIN, name="Named", named={("", "shared_one-5f1"): "business"})
    blocking = replace(PLAIN, name="Blocking", patterns=(Pattern("*", "blocked"),))
    told = verdict(named, ALLOWING, IGNORING, blocking)

    assert (told.group, told.rule, told.policies) == ("blocked", "pattern", 4)
    assert "Blocking" in told.reason
    assert "Named" not in told.reason


def test_one_policy_that_leaves_it_to_others_lets_them_decide() -> None:
    """Ignore is no group."""
    named = replace(PLAIN, name="Named", named={("", "shared_one-5f1"): "business"})

    assert verdict(IGNORING, named).group == "business"


def test_what_an_allow_list_does_not_name_is_blocked() -> None:
    """A list of what is allowed blocks everything else; what it allows it does not sort."""
    told = verdict(replace(ALLOWING, named={}), PLAIN)

    assert (told.group, told.rule) == ("blocked", "allow_list")
    assert verdict(ALLOWING, PLAIN).group == "non_business"
    assert verdict(ALLOWING).group == "unrestricted"


def test_no_policy_is_no_restriction() -> None:
    """Where none applies, the connector may be used with any other."""
    told = verdict()

    assert (told.group, told.rule, told.policies) == ("unrestricted", "none", 0)


def test_what_was_not_read_is_unknown_and_never_allowed() -> None:
    """Patterns that were not read, an address nobody tells, a name not given yet, a new word."""
    unread = replace(PLAIN, patterns=None)
    lines = replace(PLAIN, patterns=(Pattern("https://x*", "blocked"), Pattern("*", "business")))
    silent = replace(ONE, address=None)

    assert verdict(unread).group == "unknown"
    assert verdict(lines, of=silent).group == "unknown"
    assert verdict(IGNORING, of=silent).group == "non_business"
    assert verdict(ALLOWING, of=replace(ONE, key=None)).group == "unknown"
    assert verdict(replace(PLAIN, default="Quarantined")).group == "unknown"
    assert verdict(replace(unread, named={("", "shared_one-5f1"): "business"})).group == "business"


def test_a_block_is_certain_although_something_was_not_read() -> None:
    """More policies can only restrict; without data policies nothing else can be said."""
    blocking = standing(replace(PLAIN, default="blocked"), ONE)
    plain = standing(PLAIN, ONE)
    unread = {**ALL_READ, "data_policies_read": False, "allow_lists_read": False}

    assert policy_verdict([blocking], **unread).group == "blocked"
    assert policy_verdict([plain], **unread).group == "unknown"
    assert policy_verdict([], **unread).group == "unknown"
    told = policy_verdict([plain], **{**ALL_READ, "allow_lists_read": False})
    assert told.group == "non_business"
    assert told.reason.endswith("; advanced connector policies have not been read")
    neither = {**ALL_READ, "allow_lists_read": False, "oldest_read": False}
    assert policy_verdict([plain], **neither).reason.endswith(
        "; the oldest data policies and advanced connector policies have not been read"
    )
    assert "have not been read" not in policy_verdict([plain], **ALL_READ).reason
