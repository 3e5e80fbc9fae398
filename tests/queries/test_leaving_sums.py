"""What becomes of things when people leave, in figures."""

from __future__ import annotations

import pandas as pd
import pytest

from connectory.queries.frames import empty
from connectory.queries.leaving_frames import (
    CONNECTIONS,
    CONNECTORS,
    CONSUMERS,
    PEOPLE,
    REFERENCES,
    Leaving,
)
from connectory.queries.leaving_sums import sums


def consumers(*rows: tuple[str, int | None, str | None]) -> pd.DataFrame:
    """Return consumers by what becomes of each, its calls and what tells of these."""
    told = pd.DataFrame(rows, columns=["effect", "calls", "evidence"])
    return told.assign(name="x", calls=told["calls"].astype("Int64")).reindex(columns=CONSUMERS)


def leaving(flows: pd.DataFrame, connectors: pd.DataFrame | None = None) -> Leaving:
    """Return what becomes of some flows and connectors."""
    return Leaving(
        people=empty(PEOPLE),
        connectors=empty(CONNECTORS) if connectors is None else connectors,
        connections=empty(CONNECTIONS),
        references=empty(REFERENCES),
        flows=flows,
        apps=empty(CONSUMERS),
        agents=empty(CONSUMERS),
    )


@pytest.mark.parametrize(
    ("flows", "uses", "evidence"),
    [
        ([], 0, ()),
        ([("stops", None, None)], None, ()),
        ([("stops", 3, "call"), ("may_stop", None, None)], 3, ("call",)),
        ([("stops", 3, "call"), ("may_stop", 4, "run"), ("orphaned", 90, "call")], 7, ("call", "run")),
    ],
)  # fmt: skip
def test_uses_behind_what_stops(
    flows: list[tuple[str, int | None, str | None]], uses: int | None, evidence: tuple[str, ...]
) -> None:
    """What goes on is not in it; nothing known is not none."""
    told = sums(leaving(consumers(*flows)))

    assert (told.uses, told.evidence) == (uses, evidence)
    assert told.flows == sum(effect != "orphaned" for effect, _, _ in flows)


def test_connectors_lose_an_owner_whatever_else_becomes_of_them() -> None:
    """Those that had none before are not counted, nor those somebody else owns too."""
    rows = pd.DataFrame(
        {
            "effect": ["stops", "orphaned", "orphaned", "kept", "kept"],
            "ownership": ["sole_owner", "sole_owner", "departed_owner", "owned", None],
            "ownership_after": ["departed_owner", "nobody", "nobody", "sole_owner", None],
        }
    ).reindex(columns=CONNECTORS)
    told = sums(leaving(empty(CONSUMERS), rows))

    assert (told.unowned, told.connectors) == (2, 5)
