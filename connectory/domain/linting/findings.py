"""What linting finds: each thing once, with its place and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

Severity = Literal["error", "warning"]
Verdict = Literal["errors", "warnings", "clean"]

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning")
"""From the worst to the least."""


class Trip(NamedTuple):
    """A place that trips a rule.

    Attributes:
        rule: Id of the rule.
        location: JSON pointer of the place; empty for the whole document.
        message: What is there, in one sentence.
    """

    rule: str
    location: str
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to do about a definition.

    Attributes:
        rule: Id of the rule, a key of `rules.RULES`.
        severity: How bad it is.
        location: JSON pointer of the place; one into the properties begins with `apiProperties#`.
        line: Line of the place in its file, where known.
        message: What is there, in one sentence.
        remedy: What to do.
        operation: The operation it belongs to as people call it; None if it belongs to none.
    """

    rule: str
    severity: Severity
    location: str
    line: int | None
    message: str
    remedy: str
    operation: str | None = None


def verdict(findings: Iterable[Finding]) -> Verdict:
    """Return the worst there is."""
    found = {finding.severity for finding in findings}
    if "error" in found:
        return "errors"
    return "warnings" if found else "clean"


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Return how many findings there are of each severity, zeros included."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in SEVERITIES}


def payload(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """Return what a program is told.

    Returns:
        verdict, counts by severity, and findings, each with rule, severity, location, line,
        message and remedy.
    """
    return {
        "verdict": verdict(findings),
        "counts": counts(findings),
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "location": finding.location,
                "line": finding.line,
                "message": finding.message,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }
