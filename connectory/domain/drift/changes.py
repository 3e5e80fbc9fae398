"""What a comparison finds: changes, how bad each is, and what that makes of the whole."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

Severity = Literal["breaking", "risky", "compatible", "cosmetic"]
Verdict = Literal["breaking", "risky", "compatible", "cosmetic", "identical"]
Direction = Literal["request", "response", "connector"]

SEVERITIES: Final[tuple[Severity, ...]] = ("breaking", "risky", "compatible", "cosmetic")
"""From the worst to the least."""
_RANK: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_FINGERPRINT: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a definition something stands; what does not apply is None.

    Attributes:
        operation_id: The before side's; of an addition the after side's; `METHOD /path` where the
            operation has none.
        method: HTTP method, upper case, on the same side.
        path: Path template on the same side.
        kind: Of a parameter: query, path, header, body or formData.
        name: Of a parameter.
        status: Of a response.
        property: Property of a body or response, by path: `address.city`, `[].name`.
    """

    operation_id: str | None = None
    method: str | None = None
    path: str | None = None
    kind: str | None = None
    name: str | None = None
    status: str | None = None
    property: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change that means something, told once.

    Attributes:
        rule: Id of the rule that found it, a key of `rules.RULES`.
        severity: How bad it is for whoever calls.
        direction: What is sent (request), what comes back (response), or the connector itself.
        place: Where.
        before: What was there, as JSON; None if nothing was.
        after: What is there now.
        what: What happened, the beginning of a sentence.
        why: Why that matters, the end of the sentence.
        expected: Why it is no drift here; None if it was not expected.
    """

    rule: str
    severity: Severity
    direction: Direction
    place: Place
    before: Any
    after: Any
    what: str
    why: str
    expected: str | None = None

    @property
    def message(self) -> str:
        """What happened and why it matters, in one sentence."""
        return f"{self.what}: {self.why[:1].lower()}{self.why[1:].removesuffix('.')}."

    @property
    def fingerprint(self) -> str:
        """Identify the fact, however it is worded or judged: what was accepted stays accepted.

        It is made of rule, place, before and after, 16 hexadecimal digits.
        """
        place = self.place
        facts = [self.rule, place.operation_id, place.method, place.path, place.kind, place.name,
                 place.status, place.property, self.before, self.after]  # fmt: skip
        told = json.dumps(facts, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:_FINGERPRINT]

    @property
    def location(self) -> str:
        """Return the place as a JSON pointer into the document with its references followed.

        Parameters are addressed by place and name, not by number: `/parameters/query:since`.
        """
        place = self.place
        steps: list[str] = []
        if place.path is not None and place.method is not None:
            steps += ["paths", place.path, place.method.lower()]
        if place.kind is not None:
            steps += ["parameters", f"{place.kind}:{place.name or ''}"]
        if place.status is not None:
            steps += ["responses", place.status]
        if place.property is not None:
            steps += ["schema", place.property]
        if not steps:
            return f"/{self.rule.removesuffix('-changed')}"
        return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def verdict(changes: Iterable[Change]) -> Verdict:
    """Return the worst that any change is; identical if there is none."""
    worst = min((_RANK[change.severity] for change in changes), default=None)
    return "identical" if worst is None else SEVERITIES[worst]


def counts(changes: Iterable[Change]) -> dict[Severity, int]:
    """Return how many changes there are of each severity, the worst first, zeros included."""
    found = Counter(change.severity for change in changes)
    return {severity: found[severity] for severity in SEVERITIES}


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes, the worst first, then by operation and place."""

    def key(change: Change) -> tuple[int, str, str, str, str, str]:
        place = change.place
        return (
            _RANK[change.severity],
            place.operation_id or "",
            change.rule,
            place.status or "",
            place.name or "",
            place.property or "",
        )

    return tuple(sorted(changes, key=key))


def payload(changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return what a program is told of a comparison.

    Returns:
        verdict, counts by severity, and changes, each with rule, class, operation_id, method,
        path, in, name, status, property, location, before, after, message and fingerprint; what
        does not apply is None.
    """
    return {
        "verdict": verdict(changes),
        "counts": counts(changes),
        "changes": [
            {
                "rule": change.rule,
                "class": change.severity,
                "operation_id": change.place.operation_id,
                "method": change.place.method,
                "path": change.place.path,
                "in": change.place.kind,
                "name": change.place.name,
                "status": change.place.status,
                "property": change.place.property,
                "location": change.location,
                "before": change.before,
                "after": change.after,
                "message": change.message,
                "fingerprint": change.fingerprint,
            }
            for change in changes
        ],
    }
