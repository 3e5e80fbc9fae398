"""The answer on drift in one line of a terminal."""

from __future__ import annotations

from connectory.assess_drift import Drifted
from connectory.domain.drift.changes import SEVERITIES


def drifted(told: Drifted) -> str:
    """Return how many connectors stand how to that of their reference environment."""
    states = told.states
    if not states:
        return "drift: no connector is in more than one environment"
    worst_first = [*SEVERITIES, "expected", "same", "unreadable", "unknown"]
    counted = ", ".join(f"{states[name]:,} {name}" for name in worst_first if states[name])
    return (
        f"drift: {sum(states.values()):,} connectors beside their reference: {counted}; "
        f"{told.compared:,} comparisons and {told.steps:,} new versions told of now"
    )
