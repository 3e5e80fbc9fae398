"""Comparing two definitions: what changed, how bad it is, and why."""

from __future__ import annotations

from connectory.domain.drift import comparing_connector, comparing_operations, comparing_properties
from connectory.domain.drift.api import Api
from connectory.domain.drift.changes import Change, Place, ordered
from connectory.domain.drift.findings import Findings
from connectory.domain.drift.matching import match, match_upstream
from connectory.domain.drift.pairs import Pairs
from connectory.domain.drift.profiles import HISTORY, Profile
from connectory.domain.drift.sameness import Sameness, exactly


def diff(before: Api, after: Api, profile: Profile = HISTORY) -> tuple[Change, ...]:
    """Return what changed from one definition to another, the worst first.

    What is only written otherwise - order, references, names of shared schemas, spellings of the
    same fact - is no change. Its cost is bounded whatever the definitions contain; where a bound
    was reached, the last change says so.

    Args:
        before: The definition as it was, the reference, or the connector that wraps an API.
        after: As it is now, in another environment, or as the API describes itself.
        profile: For what they are compared, and how changes are judged.
    """
    findings = Findings(profile)
    if findings.upstream:
        before, after = before.portable(), after.portable()
    comparing_connector.compare(findings, before, after)
    if before.properties is not None and after.properties is not None:
        comparing_properties.compare(findings, before.properties, after.properties)
    if exactly(before.root, after.root) and profile.purpose != "upstream":
        return ordered(findings.changes)
    sameness = Sameness(before, after)
    pairs = Pairs(sameness, before.schemas, after.schemas)
    matched = (match_upstream if findings.upstream else match)(before, after)
    for one in matched.removed:
        comparing_operations.removed(findings, one)
    for one in matched.added if not findings.upstream else ():
        comparing_operations.added(findings, one)
    for old, new, how in matched.pairs:
        comparing_operations.compare(findings, sameness, pairs, old, new, how)
    if findings.cut:
        what = "More differs than is listed"
        findings.changes.append(_cut(what))
    return ordered(findings.changes)


def available(connector: Api, upstream: Api) -> tuple[Place, ...]:
    """Return the operations of an API that a connector does not wrap, in the API's order."""
    return tuple(
        comparing_operations.place_of(one) for one in match_upstream(connector, upstream).added
    )


def _cut(what: str) -> Change:
    return Change(
        "comparison-cut-short", "risky", "connector", Place(), None, None, what,
        "What is listed is right, what lies beyond was not looked at.",
    )  # fmt: skip
