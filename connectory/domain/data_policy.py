"""Where policies put a custom connector, and which of them decides.

A data policy sorts a connector by its name, else by the first of its URL patterns that matches the
address it calls, else by its default group. Policies apply together: what one blocks is blocked,
whatever the others say. An advanced connector policy is an allow-list and blocks what it does not
name. Source of the rules: Microsoft's pages on data policies for custom connectors and on advanced
connector policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

Group = Literal["blocked", "unknown", "business", "non_business", "unrestricted"]
"""Where a connector ends up; unrestricted where no policy applies to it."""

Rule = Literal["name", "pattern", "allow_list", "default", "ignored", "unread", "none"]
"""What decides; ignored is a pattern that leaves the decision to other policies."""

REACHES = (
    "AllEnvironments",
    "ExceptEnvironments",
    "OnlyEnvironments",
    "SingleEnvironment",
    "Assigned",
)
"""Whom a policy can be for; Assigned, of an allow-list, are environments and groups."""

_STRENGTH: Sequence[Rule] = ("name", "pattern", "allow_list", "default", "unread")
_STRICTEST: Sequence[Group] = ("blocked", "unknown", "business", "non_business")
_GROUPS: Mapping[str, Group] = {
    "blocked": "blocked",
    "business": "business",
    "non_business": "non_business",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a policy's ordered list; `*` in it stands for anything."""

    pattern: str
    group: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read.

    Attributes:
        name: Name for people.
        system: data_policy or allow_list.
        reach: One of REACHES; with any other word nobody knows where it applies.
        environments: Keys of the environments it names: those left out, if its reach is all others;
            None if they could not be read.
        groups: Keys of the environment groups it is assigned to.
        default: Group of what nothing in it names.
        patterns: In their order; None if they could not be read.
        named: Group by environment key, empty for none, and connector key.
    """

    name: str
    system: str
    reach: str
    environments: frozenset[str] | None
    groups: frozenset[str]
    default: str
    patterns: tuple[Pattern, ...] | None
    named: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Governed:
    """A custom connector as policies look at it.

    Attributes:
        key: Its key; None before it has a runtime name, by which alone policies can name it.
        environment: Key of its environment.
        group: Key of the group that environment belongs to, if any.
        address: What it calls, as its maker wrote it; None if no source tells it.
    """

    key: str | None
    environment: str
    group: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one policy puts a connector.

    Attributes:
        policy: The policy.
        group: blocked, business, non_business, allowed, ignore or unknown.
        rule: What in it decides.
        detail: The pattern that matched, or why nothing is known.
    """

    policy: Policy
    group: str
    rule: Rule
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """Where all policies together put a connector.

    Attributes:
        policies: How many apply.
        reason: The proof in one sentence.
    """

    group: Group
    rule: Rule
    policies: int
    reason: str


def applies(policy: Policy, environment: str, group: str | None) -> bool | None:
    """Tell whether a policy applies in an environment; None if that is not known.

    Args:
        policy: The policy.
        environment: Key of the environment.
        group: Key of its group, if it belongs to one.
    """
    if policy.reach == "AllEnvironments":
        return True
    if policy.environments is None or policy.reach not in REACHES:
        return None
    named = environment in policy.environments or (group is not None and group in policy.groups)
    return not named if policy.reach == "ExceptEnvironments" else named


def standing(policy: Policy, connector: Governed) -> Standing:
    """Return where a policy puts a connector, to which it applies or may apply."""
    key = connector.key or ""
    named = policy.named.get((connector.environment, key)) or policy.named.get(("", key))
    certain = applies(policy, connector.environment, connector.group) is not None
    if not certain and not (policy.system == "allow_list" and named):
        return Standing(policy, "unknown", "unread", "where it applies is not known")
    if policy.system == "allow_list" and connector.key is None:
        reason = "the connector has no runtime name yet"
        return Standing(policy, "unknown", "unread", reason)
    if policy.system == "allow_list":
        return Standing(policy, "blocked" if named is None else "allowed", "allow_list")
    if named is not None:
        return Standing(policy, _sorted(named), "name")
    if policy.patterns is None:
        return Standing(policy, "unknown", "unread", "its URL patterns could not be read")
    return _by_pattern(policy, policy.patterns, connector.address)


def _by_pattern(policy: Policy, patterns: Iterable[Pattern], address: str | None) -> Standing:
    """Return where the first pattern that matches puts a connector, else the default group."""
    for line in patterns:
        if line.pattern.strip() != "*":
            if address is None:
                reason = "which address the connector calls is not known"
                return Standing(policy, "unknown", "unread", reason)
            if not matches(line.pattern, address):
                continue
        if line.group == "ignore":
            return Standing(policy, "ignore", "ignored", line.pattern)
        return Standing(policy, _sorted(line.group), "pattern", line.pattern)
    return Standing(policy, _sorted(policy.default), "default")


def _sorted(word: str) -> str:
    return _GROUPS.get(word, "unknown")


def matches(pattern: str, address: str) -> bool:
    """Tell whether a URL pattern matches an address; letters match in either case.

    No public page says whether a pattern is held against the whole address or its host, so any of
    the address, the address without its scheme, and the host will do.

    Args:
        pattern: ``*`` stands for anything, nothing included.
        address: As its maker wrote it.
    """
    whole = address.strip().casefold()
    try:
        host = urlsplit(whole).hostname or ""
    except ValueError:
        host = ""
    bare = whole.partition("://")[2] or whole
    forms = {whole, whole.rstrip("/"), bare, bare.rstrip("/"), host}
    wanted = pattern.strip().casefold()
    return any(_fits(wanted, form) for form in forms if form)


def _fits(pattern: str, text: str) -> bool:
    """Match without backtracking: a hostile pattern must not cost more than its length."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(last) >= place and text.endswith(last)


def policy_verdict(
    standings: Iterable[Standing],
    *,
    data_policies_read: bool,
    oldest_read: bool,
    allow_lists_read: bool,
) -> PolicyVerdict:
    """Return where all policies together put a connector.

    What one blocks is blocked. Of the two other groups business counts as the stricter. Where every
    data policy leaves the connector to others, the strictest of their default groups decides.

    Args:
        standings: Where each policy that applies puts it.
        data_policies_read: Data policies were ever read whole; else only a block is certain.
        oldest_read: The list that alone shows the oldest was; else the proof says that it was not.
        allow_lists_read: Advanced connector policies were; else the proof says that they were not.
    """
    found = list(standings)
    verdict = _together(found)
    if verdict.group == "blocked":
        return verdict
    if not data_policies_read:
        return PolicyVerdict("unknown", "unread", len(found), "data policies have not been read")
    gaps = [
        what
        for what, read in (
            ("the oldest data policies", oldest_read),
            ("advanced connector policies", allow_lists_read),
        )
        if not read
    ]
    if not gaps:
        return verdict
    return replace(verdict, reason=f"{verdict.reason}; {' and '.join(gaps)} have not been read")


def _together(found: list[Standing]) -> PolicyVerdict:
    for group in _STRICTEST:
        deciding = [one for one in found if one.group == group]
        if deciding:
            return _told(group, deciding, len(found))
    ignoring = [one for one in found if one.group == "ignore"]
    if ignoring:
        return _left_over(ignoring, len(found))
    if found:
        return PolicyVerdict("unrestricted", "allow_list", len(found), _names(found, "allowed by"))
    return PolicyVerdict("unrestricted", "none", 0, "no policy applies to its environment")


def _left_over(ignoring: list[Standing], policies: int) -> PolicyVerdict:
    defaults = [_GROUPS.get(one.policy.default, "unknown") for one in ignoring]
    group = min(defaults, key=_STRICTEST.index)
    deciding = [one for one, told in zip(ignoring, defaults, strict=True) if told == group]
    reason = _names(deciding, "every policy leaves it to others; default group of")
    return PolicyVerdict(group, "default", policies, reason)


def _told(group: Group, deciding: list[Standing], policies: int) -> PolicyVerdict:
    first = min(deciding, key=lambda one: _STRENGTH.index(one.rule))
    reason = _names([one for one in deciding if one.rule == first.rule], _WORDS[first.rule])
    if first.detail:
        reason += f": {first.detail}"
    return PolicyVerdict(group, first.rule, policies, reason)


_WORDS: Mapping[Rule, str] = {
    "name": "named by",
    "pattern": "matched by a URL pattern of",
    "allow_list": "not on the allow-list of",
    "default": "default group of",
    "unread": "not known from",
}


def _names(standings: list[Standing], words: str) -> str:
    return f"{words} {', '.join(sorted({one.policy.name for one in standings}))}"
