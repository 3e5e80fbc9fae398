"""What becomes of things when people leave, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from connectory.domain.ownership import without_owner
from connectory.queries.leaving_frames import Leaving

BREAKS: Final = ("stops", "may_stop")
"""What becomes of things that do not simply go on."""


@dataclass(frozen=True, slots=True)
class Sums:
    """How much is behind some accounts.

    Attributes:
        unowned: Connectors that had an owner who can act, and will have none.
        connectors: Connectors that are concerned at all.
        connections: Connections that stop, or may.
        flows: Flows that stop, or may.
        apps: Apps that do.
        agents: Agents that do.
        uses: What these did in 30 days; None where no source tells of any.
        evidence: Grades of evidence that this rests on.
    """

    unowned: int
    connectors: int
    connections: int
    flows: int
    apps: int
    agents: int
    uses: int | None
    evidence: tuple[str, ...]


def sums(found: Leaving) -> Sums:
    """Return what `leaving` returned in figures."""
    consumers = breaking(found.consumers())
    told = consumers.dropna(subset=["calls"])
    return Sums(
        unowned=_unowned(found.connectors),
        connectors=len(found.connectors),
        connections=len(breaking(found.connections)),
        flows=len(breaking(found.flows)),
        apps=len(breaking(found.apps)),
        agents=len(breaking(found.agents)),
        uses=None if told.empty and not consumers.empty else int(told["calls"].sum()),
        evidence=tuple(dict.fromkeys(told["evidence"].dropna())),
    )


def _unowned(connectors: pd.DataFrame) -> int:
    return sum(
        isinstance(after, str) and without_owner(after) and not without_owner(str(before))
        for before, after in zip(
            connectors["ownership"], connectors["ownership_after"], strict=True
        )
    )


def breaking(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of what stops working, or may."""
    return frame[frame["effect"].isin(list(BREAKS))]
