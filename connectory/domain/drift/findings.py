"""Collecting what a comparison finds: each change judged by its rule and the profile, and worded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectory.domain.drift.changes import Change, Place, Severity
from connectory.domain.drift.profiles import Profile
from connectory.domain.drift.rules import RULES

MOST_CHANGES: Final = 20_000
"""More changes than these are not listed; that there are more is one itself."""
MOST_STEPS: Final = 400_000
"""Pairs of schemas that one comparison looks at, however they contain each other."""
_OPERATION_STEPS: Final = 40_000


class Findings:
    """The changes found so far, and how much was looked at for them."""

    def __init__(self, profile: Profile) -> None:
        """Begin a comparison for a purpose."""
        self.profile = profile
        self.changes: list[Change] = []
        self.cut = False
        self.steps = 0
        self._allowed = _OPERATION_STEPS
        self._severities = dict(profile.severities)

    @property
    def upstream(self) -> bool:
        """A connector is compared with the document of its API."""
        return self.profile.purpose == "upstream"

    def begin(self) -> None:
        """Begin with another operation, which may take its own share of all steps."""
        self._allowed = min(self.steps + _OPERATION_STEPS, MOST_STEPS)

    def step(self, cost: int = 1) -> bool:
        """Count what is looked at; False once the bound is reached, which is told at the end."""
        if self.steps >= self._allowed or len(self.changes) >= MOST_CHANGES:
            self.cut = True
            return False
        self.steps += cost
        return True

    def add(
        self,
        rule: str,
        place: Place,
        values: Sequence[Any],
        what: str,
        severity: Severity | None = None,
        expected: str | None = None,
        why: str | None = None,
    ) -> None:
        """Take a change.

        Args:
            rule: Which rule found it.
            place: Where.
            values: What was there, and what is there now.
            what: What happened, the beginning of a sentence.
            severity: How bad it is where a case of the rule holds; else what the rule says.
            expected: Why it is meant to be, which makes it cosmetic.
            why: Why it matters where the case of the rule says several things.
        """
        known = RULES[rule]
        judged = severity or known.severity
        cases = dict(known.cases)
        why = why or (cases.get(severity, known.why) if severity else known.why)
        if expected is not None:
            judged, why = "cosmetic", expected
        told = self._severities.get(rule, judged)
        if told == "off":
            return
        if len(self.changes) >= MOST_CHANGES:
            self.cut = True
            return
        before, after = values
        self.changes.append(
            Change(rule, told, known.direction, place, before, after, what, why, expected)
        )
