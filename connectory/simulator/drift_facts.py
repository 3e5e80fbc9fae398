"""What is known beforehand of a change of a definition: a fact, its verdict, and the way back.

The verdicts are written here by hand, after what a flow or an app relies on; nothing computes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal

Verdict = Literal["breaking", "risky", "compatible", "cosmetic"]
Judged = tuple[str, Verdict]
"""A rule and how bad what it tells is."""

VERDICTS: Final[tuple[Verdict, ...]] = ("breaking", "risky", "compatible", "cosmetic")
"""From the worst to the least."""

CHANGES: Final[dict[str, tuple[Judged, Judged]]] = {
    "operation added": (("operation-added", "compatible"), ("operation-removed", "breaking")),
    "operation removed": (("operation-removed", "breaking"), ("operation-added", "compatible")),
    "operation renamed": (("operation-id-renamed", "breaking"),) * 2,
    "operation moved": (("operation-moved", "risky"),) * 2,
    "operation deprecated": (("operation-deprecated", "compatible"),) * 2,
    "operation hidden": (("operation-visibility-changed", "compatible"),) * 2,
    "operation reworded": (("operation-text-changed", "cosmetic"),) * 2,
    "trigger batched": (("trigger-changed", "breaking"),) * 2,
    "notification property removed": (
        ("notification-content-changed", "breaking"),
        ("notification-content-changed", "compatible"),
    ),
    "required parameter added": (
        ("required-parameter-added", "breaking"),
        ("parameter-removed", "breaking"),
    ),
    "required parameter removed": (
        ("parameter-removed", "breaking"),
        ("required-parameter-added", "breaking"),
    ),
    "optional parameter added": (
        ("optional-parameter-added", "compatible"),
        ("parameter-removed", "breaking"),
    ),
    "optional parameter removed": (
        ("parameter-removed", "breaking"),
        ("optional-parameter-added", "compatible"),
    ),
    "parameter demanded": (
        ("parameter-became-required", "breaking"),
        ("parameter-became-optional", "compatible"),
    ),
    "parameter freed": (
        ("parameter-became-optional", "compatible"),
        ("parameter-became-required", "breaking"),
    ),
    "parameter retyped": (("parameter-type-changed", "breaking"),) * 2,
    "parameter dated": (("parameter-format-changed", "breaking"),) * 2,
    "values narrowed": (
        ("parameter-enum-narrowed", "breaking"),
        ("parameter-enum-widened", "compatible"),
    ),
    "values widened": (
        ("parameter-enum-widened", "compatible"),
        ("parameter-enum-narrowed", "breaking"),
    ),
    "default changed": (("parameter-default-changed", "risky"),) * 2,
    "parameter set aside": (("parameter-visibility-changed", "cosmetic"),) * 2,
    "parameter buried": (
        ("parameter-visibility-changed", "breaking"),
        ("parameter-visibility-changed", "compatible"),
    ),
    "body renamed": (("body-renamed", "breaking"),) * 2,
    "required body property added": (
        ("body-required-property-added", "breaking"),
        ("body-property-removed", "breaking"),
    ),
    "required body property removed": (
        ("body-property-removed", "breaking"),
        ("body-required-property-added", "breaking"),
    ),
    "optional body property added": (
        ("body-property-added", "compatible"),
        ("body-property-removed", "breaking"),
    ),
    "optional body property removed": (
        ("body-property-removed", "breaking"),
        ("body-property-added", "compatible"),
    ),
    "body property demanded": (
        ("body-property-became-required", "breaking"),
        ("body-property-became-optional", "compatible"),
    ),
    "body property retyped": (("body-property-type-changed", "breaking"),) * 2,
    "response property added": (
        ("response-property-added", "compatible"),
        ("response-property-removed", "breaking"),
    ),
    "response property removed": (
        ("response-property-removed", "breaking"),
        ("response-property-added", "compatible"),
    ),
    "response property retyped": (("response-property-type-changed", "breaking"),) * 2,
    "response became a list": (("response-root-type-changed", "breaking"),) * 2,
    # The same shape under another status of success: nobody is bound to the number.
    "status left": (("response-status-removed", "cosmetic"), ("response-status-added", "cosmetic")),
    "status taken": (
        ("response-status-added", "cosmetic"),
        ("response-status-removed", "cosmetic"),
    ),
    "schema removed": (
        ("response-schema-removed", "breaking"),
        ("response-schema-added", "compatible"),
    ),
    "host changed": (("host-changed", "risky"),) * 2,
    "base path changed": (("base-path-changed", "risky"),) * 2,
    "scheme added": (("schemes-changed", "risky"),) * 2,
    "sign-in changed": (("security-changed", "breaking"),) * 2,
    "connection parameter added": (("connection-parameters-changed", "breaking"),) * 2,
    "policy added": (("policies-changed", "risky"),) * 2,
    "script widened": (("script-changed", "risky"),) * 2,
    "colour changed": (("metadata-changed", "cosmetic"),) * 2,
    "version raised": (("metadata-changed", "cosmetic"),) * 2,
}
"""Each change by name: what it is when it is made, and what it is when it is taken back."""


@dataclass(frozen=True, slots=True)
class PlantedFact:
    """One change and where it was made; what does not apply is None.

    Attributes:
        change: A key of `CHANGES`.
        operation_id: Of the operation, before; of one that was added, after.
        operation_after: Its id after, where it has another one.
        kind: Of a parameter: query, path, header or body.
        name: Of a parameter, before; also of one that a connection asks for.
        name_after: Its name after, where a body has another one.
        status: Of a response.
        part: Property of a body, of a response, of what a webhook delivers, or of the whole connector.
        host: The host that is called since.
        backwards: It is told from the side on which the change was made.
        expected: Two environments are meant to differ so.
    """

    change: str
    operation_id: str | None = None
    operation_after: str | None = None
    kind: str | None = None
    name: str | None = None
    name_after: str | None = None
    status: str | None = None
    part: str | None = None
    host: str | None = None
    backwards: bool = False
    expected: bool = False

    @property
    def rule(self) -> str:
        """The rule that tells it."""
        return CHANGES[self.change][self.backwards][0]

    @property
    def verdict(self) -> Verdict:
        """How bad it is for whoever calls."""
        return CHANGES[self.change][self.backwards][1]

    @property
    def ground(self) -> frozenset[str]:
        """What it touched: operations, or the rule of what concerns the whole connector.

        Facts on different grounds can be told one beside the other, whatever came first.
        """
        touched = {one for one in (self.operation_id, self.operation_after) if one}
        return frozenset(touched or {self.rule})

    def mirrored(self) -> PlantedFact:
        """Return the same difference as seen from the other side."""
        return replace(
            self,
            operation_id=self.operation_after or self.operation_id,
            operation_after=self.operation_id if self.operation_after else None,
            name=self.name_after or self.name,
            name_after=self.name if self.name_after else None,
            backwards=not self.backwards,
        )

    def told(self) -> dict[str, Any]:
        """Return the fact as JSON, in the words of a comparison."""
        return {
            "rule": self.rule,
            "class": self.verdict,
            "operation_id": self.operation_id,
            "in": self.kind,
            "name": self.name,
            "status": self.status,
            "property": self.part,
            "expected": self.expected,
        }


@dataclass(frozen=True, slots=True)
class Edit:
    """One upload of another definition.

    Attributes:
        at: When.
        facts: What it changed; None where what was uploaded was not made by changing anything.
        actor: Who did it, by object id; None where nothing tells.
        before: Hash of the document that was replaced.
        after: Hash of the document since.
        story: Name of the story it is part of, if any.
    """

    at: datetime
    facts: tuple[PlantedFact, ...] | None
    actor: str | None
    before: str | None
    after: str | None
    story: str | None = None


@dataclass(frozen=True, slots=True)
class DriftStory:
    """Something about drift that is surely there, by name."""

    story: str
    family: str
    environment: str
    connector: str | None


Behaviour = Literal["serves", "leads inside", "large", "packed", "slow", "page", "absent"]
"""What a backend answers where its document should be: that, or one of the things that go wrong."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the API behind a connector says of itself.

    Attributes:
        content: Its document.
        facts: How that differs from the connector, the connector before.
        available: Operations it has and the connector has not.
    """

    content: bytes
    facts: tuple[PlantedFact, ...]
    available: tuple[str, ...]


@dataclass(slots=True)
class Backend:
    """The API behind a connector, as far as it tells of itself.

    Attributes:
        environment: Of the connector.
        connector: Its name.
        host: Host of the API.
        path: Where its document is.
        usual: Whether it would be looked for there.
        form: 2.0, 3.0, 3.1 or yaml.
        behaviour: What is answered there.
        published: What it says now.
        coming: What it will say from some day on.
        changed: When it began to say something else than before.
    """

    environment: str
    connector: str
    host: str
    path: str
    usual: bool
    form: str
    behaviour: Behaviour
    published: Published
    coming: Published | None = None
    changed: datetime | None = None

    @property
    def url(self) -> str:
        """Address of the document."""
        return f"https://{self.host}{self.path}"


@dataclass(slots=True)
class Drifting:
    """What is known of drift beside the connectors themselves.

    Attributes:
        chains: Environments of each family that has a chain of them: dev, test, prod.
        stories: What was planted by name.
        backends: APIs that tell of themselves.
    """

    chains: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    stories: list[DriftStory] = field(default_factory=list)
    backends: list[Backend] = field(default_factory=list)


def between(
    reference: Iterable[PlantedFact], member: Iterable[PlantedFact]
) -> tuple[PlantedFact, ...]:
    """Return how a member differs from its reference, both known by what they changed since one origin."""
    theirs, own = list(reference), list(member)
    common = set(theirs) & set(own)
    facts = [fact.mirrored() for fact in theirs if fact not in common]
    facts += [fact for fact in own if fact not in common]
    # Each can have a host of its own; that is one difference all the same.
    hosts = [fact for fact in facts if fact.host is not None]
    return tuple(fact for fact in facts if fact not in hosts[1:])


def worst(facts: Iterable[PlantedFact]) -> str:
    """Return the worst that any of these is: expected where they are meant to be, same without one."""
    found = list(facts)
    unmeant = [VERDICTS.index(fact.verdict) for fact in found if not fact.expected]
    if unmeant:
        return VERDICTS[min(unmeant)]
    return "expected" if found else "same"
