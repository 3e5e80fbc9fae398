"""Frames of what becomes of things when people leave, and in which order they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from connectory.domain.leaving import EFFECTS
from connectory.queries.frames import Schema, frame

_WHO: Schema = {"leaver_key": "text", "leaver": "text", "last_day": "day"}
_TELLS: Schema = {**_WHO, "effect": "text", "why": "text"}
_CALLS: Schema = {"calls": "number", "evidence": "text"}
_PLACE: Schema = {"connector_id": "count", "connector": "text", "environment": "text"}
PEOPLE: Schema = {
    **_WHO,
    "mail": "text",
    "state": "text",
    "department": "text",
    "manager_key": "text",
}
CONNECTORS: Schema = {
    **_PLACE,
    **_TELLS,
    "ownership": "text",
    "ownership_after": "text",
    "orphaned": "flag",
    "connections": "count",
    "references": "count",
    "flows": "count",
    "apps": "count",
    "agents": "count",
    **_CALLS,
}
CONNECTIONS: Schema = {
    "connection_id": "count",
    "name": "text",
    "account": "text",
    "status": "text",
    **_PLACE,
    **_TELLS,
    "references": "count",
    "flows": "count",
    "apps": "count",
    "agents": "count",
    **_CALLS,
}
REFERENCES: Schema = {
    "connection_reference_id": "count",
    "name": "text",
    **_PLACE,
    **_TELLS,
    "flows": "count",
    "agents": "count",
    **_CALLS,
}
CONSUMERS: Schema = {
    "kind": "text",
    "consumer_id": "count",
    "name": "text",
    "environment": "text",
    "state": "text",
    "connector_ids": "list",
    "connectors": "list",
    "owner_key": "text",
    "others": "count",
    "other_keys": "list",
    **_TELLS,
    **_CALLS,
}
KINDS: Final = ("flow", "app", "agent")


@dataclass(frozen=True)
class Leaving:
    """What becomes of things when people leave; each frame is ranked by effect, then by calls.

    Attributes:
        people: Who leaves.
        connectors: What they own or answer for, and what other things here are connected to.
        connections: Those that they made, or that sign in as them.
        references: Those bound to such a connection, or owned by them.
        flows: Those that run with such a connection, or are owned by them.
        apps: The same of apps.
        agents: The same of agents.
    """

    people: pd.DataFrame
    connectors: pd.DataFrame
    connections: pd.DataFrame
    references: pd.DataFrame
    flows: pd.DataFrame
    apps: pd.DataFrame
    agents: pd.DataFrame

    def consumers(self) -> pd.DataFrame:
        """Return flows, apps and agents in one frame, ranked like each."""
        every = pd.concat([self.flows, self.apps, self.agents], ignore_index=True)
        return every.iloc[ranked(every)].reset_index(drop=True)


def in_order(rows: list[tuple[Any, ...]], schema: Schema) -> pd.DataFrame:
    """Return rows as a frame of this schema, ranked by effect, then calls, then name."""
    told = frame(rows, schema)
    return told.iloc[ranked(told)].reset_index(drop=True)


def ranked(rows: pd.DataFrame) -> list[int]:
    """Return the places of rows by effect, then calls, then name."""
    names = rows["name"] if "name" in rows else rows["connector"]
    order = pd.DataFrame(
        {
            "effect": rows["effect"].map({name: place for place, name in enumerate(EFFECTS)}),
            "calls": -rows["calls"].astype("Float64").fillna(-1),
            "name": names.fillna("").str.casefold(),
        }
    )
    return order.reset_index(drop=True).sort_values(list(order.columns), kind="stable").index.tolist()  # fmt: skip
