"""What a figure of usage rests on: sources, each with its grade, the strongest first.

Two sources may tell of the same call. So nothing is ever added across sources: of a connector and
day the best one present counts, and the others stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Evidence = Literal["call", "action", "run", "launch", "reference"]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that tells of use.

    Attributes:
        name: As the store names it.
        evidence: Grade of what it tells.
        words: What readers call it, as it stands within a sentence.
        counts: What it counts.
    """

    name: str
    evidence: Evidence
    words: str
    counts: str


CALL_SOURCES: Final = (
    Source("gateway_logs", "call", "API Management gateway log", "calls"),
    Source("access_logs", "call", "access logs of backends", "calls"),
    Source("canvas_calls", "call", "canvas apps in App Insights", "calls"),
    Source("flow_actions", "action", "flow actions in App Insights", "actions"),
)
"""Sources whose rows stand in the figures of days, in the order in which they count."""

RUNS: Final = Source("flow_runs", "run", "runs of flows", "runs")
LAUNCHES: Final = Source("audit", "launch", "launches of apps", "launches")
REFERENCES: Final = Source("definitions", "reference", "links of flows, apps, agents", "links")

RANKED: Final = (*CALL_SOURCES, RUNS, LAUNCHES, REFERENCES)
"""Every source, the best first."""

_PLACES = {source.name: place for place, source in enumerate(RANKED)}


def place(name: str) -> int:
    """Return where a source stands among all, 0 being the best; one that is not known is last."""
    return _PLACES.get(name, len(RANKED))


def bit(name: str) -> int:
    """Return the number by which a source stands in a sum of different ones."""
    return 1 << place(name)


def told_by(bits: int) -> tuple[Source, ...]:
    """Return the sources of calls that a sum of their `bit` holds, the best first."""
    return tuple(source for source in CALL_SOURCES if bits & bit(source.name))


def named(sources: Sequence[Source]) -> tuple[str, str]:
    """Return grades and names of sources in words for a row of figures, each once."""
    grades = dict.fromkeys(source.evidence for source in sources)
    return ", ".join(grades), ", ".join(source.name for source in sources)
