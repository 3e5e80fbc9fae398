"""Differences that are meant to be: each environment has its host, its client id, its tenant."""

from __future__ import annotations

from fnmatch import fnmatchcase

from connectory.domain.drift.profiles import Profile


def expectation(profile: Profile, fact: str, value: str | None) -> tuple[str | None, str]:
    """Return why a value is meant to be, and what to say where another one was declared.

    Args:
        profile: For what is compared.
        fact: What differs, e.g. host.
        value: What it is on the after side.

    Returns:
        The reason, None if it is not expected; and words to add to what happened.
    """
    declared = [one.value for one in profile.expected if one.fact == fact]
    if not declared:
        return None, ""
    told = (value or "").casefold()
    patterns = [pattern for pattern in declared if pattern is not None]
    if any(fnmatchcase(told, pattern.casefold()) for pattern in patterns):
        return f"{fact.replace('_', ' ')} is declared so for this environment", ""
    if patterns:
        return None, f", declared is {' or '.join(patterns)}"
    return f"{fact.replace('_', ' ')} is expected to differ between environments", ""
