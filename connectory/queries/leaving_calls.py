"""How much each consumer of a connector does in 30 days, by the best evidence there is of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pandas as pd
from sqlalchemy import Connection

from connectory.domain import evidence
from connectory.queries.call_tables import Window
from connectory.queries.moments import Moment
from connectory.queries.uses import TOLD_BY, uses

PER_DAYS: Final = 30
"""Days that figures are about, whatever was counted."""
_OF_CALLS: Final = frozenset(one.name for one in evidence.CALL_SOURCES)


@dataclass(frozen=True, slots=True)
class Load:
    """Calls of a connector by a consumer in 30 days, or else its runs or launches.

    Attributes:
        number: How many.
        source: What tells of them.
    """

    number: float
    source: str

    @classmethod
    def of_one(cls, loads: Iterable[Load]) -> tuple[Any, Any]:
        """Return what one consumer does, of several connectors: calls, else what it ran once."""
        told = list(loads)
        calls = [load for load in told if load.source in _OF_CALLS]
        return cls.all_of(calls or sorted(told, key=lambda load: -load.number)[:1])

    @classmethod
    def all_of(cls, loads: Iterable[Load]) -> tuple[Any, Any]:
        """Return the sum over different consumers, and the grades it rests on; missing of none."""
        told = list(loads)
        if not told:
            return pd.NA, None
        sources = sorted({load.source for load in told}, key=evidence.place)
        grades, _ = evidence.named([evidence.RANKED[evidence.place(one)] for one in sources])
        return round(sum(load.number for load in told)), grades


Loads = Mapping[tuple[str, int, int], Load]
"""By kind, consumer and connector; one of which nothing tells is not in it."""


def loads(
    connection: Connection, moment: Moment, window: Window, connectors: Collection[int]
) -> Loads:
    """Return what every consumer of some connectors does.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        window: Days that are counted; figures are as of 30 days.
        connectors: Which connectors.
    """
    rows = uses(connection, moment, window, connectors)
    days = (window.last - window.first).days + 1
    by = ["kind", "consumer_id", "connector_id"]
    # Calls are told by operation; runs and launches are those of the consumer, in each of its rows.
    how = {name: (lambda told: told.sum(min_count=1)) if name in _OF_CALLS else "max" for name in TOLD_BY}  # fmt: skip
    found: dict[tuple[str, int, int], Load] = {}
    for key, told in rows.groupby(by, sort=False).agg(how).iterrows():
        kind, consumer, connector = cast("tuple[str, int, int]", key)
        known = [name for name in TOLD_BY if not pd.isna(told[name])]
        some = [name for name in known if told[name] > 0] or known
        if some:
            found[kind, int(consumer), int(connector)] = Load(
                float(told[some[0]]) * PER_DAYS / days, some[0]
            )
    return found
