"""How much of everything a simulated tenant of each size holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """Target counts; what is planted on purpose (one deleted environment, say) comes on top."""

    chains: int
    """Development, test and production triples of environments."""
    singles: int
    """Environments beside the default one and the chains."""
    families: int
    """Connectors that live in several environments of one chain."""
    connectors: int
    people: int
    groups: int
    flows: int
    apps: int
    connections: int
    references: int
    agents: int = 0
    denied: int = 0
    """Environments in which every admin call is refused."""
    refused: int = 0
    """Environments with Dataverse in which the collector is no application user."""
    bulk_connections: int = 0
    """Further connections, all in the default environment."""
    pace: int = 1
    """How many times the events of a small tenant happen per week; 0 for a trickle."""


SIZES: Final[dict[str, Size]] = {
    "tiny": Size(
        chains=0, singles=1, families=0, connectors=7, people=14, groups=5, flows=10, apps=5,
        connections=16, references=6, agents=4, pace=0,
    ),
    "small": Size(
        chains=1, singles=1, families=12, connectors=60, people=150, groups=14, flows=120,
        apps=40, connections=250, references=80, agents=14, refused=1,
    ),
    "medium": Size(
        chains=14, singles=17, families=60, connectors=420, people=3000, groups=60, flows=2500,
        apps=600, connections=2500, references=800, agents=120, denied=1, refused=2, pace=5,
    ),
    "tenth": Size(
        chains=30, singles=59, families=50, connectors=300, people=2000, groups=40, flows=2700,
        apps=600, connections=2000, references=800, denied=1, refused=2,
        bulk_connections=23_000, pace=3,
    ),
    "large": Size(
        chains=300, singles=599, families=500, connectors=3000, people=20_000, groups=400,
        flows=27_000, apps=6000, connections=20_000, references=8000, agents=1500, denied=12, refused=20,
        bulk_connections=230_000, pace=30,
    ),
}  # fmt: skip
