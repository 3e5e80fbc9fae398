"""Who was dealt which role in which case of licensing, and what nothing else may touch for it."""

from __future__ import annotations

from dataclasses import dataclass, field

Place = tuple[str, str]
"""Environment and name."""


@dataclass(frozen=True, slots=True)
class Part:
    """The role somebody plays in one planting of a case.

    Attributes:
        case: Name of the case.
        number: Which planting of it.
        role: Name of the role.
    """

    case: str
    number: int
    role: str


@dataclass(slots=True)
class Dealt:
    """What was dealt.

    Attributes:
        parts: Of people, by id; everybody plays in one case at most.
        builders: Ids of those who own and run what is in no case.
        assets: Apps and flows of cases.
        connectors: Connectors these use.
        environments: Environments of which a case relies on what they are like.
        openings: Apps, each with somebody who opens it every week.
        principal_flows: Flows that no person can cover, each with its case.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    builders: set[str] = field(default_factory=set)
    assets: set[Place] = field(default_factory=set)
    connectors: set[Place] = field(default_factory=set)
    environments: set[str] = field(default_factory=set)
    openings: list[tuple[Place, str]] = field(default_factory=list)
    principal_flows: list[tuple[Place, str]] = field(default_factory=list)
