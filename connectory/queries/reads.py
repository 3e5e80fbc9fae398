"""How completely each environment was last read, collector by collector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from connectory.queries.tables import RUNS, SOURCES, STEPS

DECIDING: Mapping[str, tuple[str, ...]] = {
    "connectors": ("admin", "dataverse"),
    "permissions": ("permissions",),
    "connections": ("admin_list",),
    "connection_permissions": ("permissions",),
    "connection_references": ("dataverse",),
    "flows": ("flow_api", "dataverse"),
    "apps": ("admin_list",),
    "agents": ("dataverse",),
}
"""Sources that list what a collector reads whole: short of one, what is absent proves nothing."""

COUNTED_BY: Mapping[str, tuple[str, ...]] = {
    "connections": ("connections",),
    "broken_connections": ("connections",),
    "references": ("connection_references",),
    "flows": ("flows",),
    "apps": ("apps",),
    "agents": ("agents",),
    "consumers": ("flows", "apps", "agents"),
}
"""Collectors that list what is counted of a connector."""
COUNTING = frozenset(name for names in COUNTED_BY.values() for name in names)

_SHORT = ("partial", "refused", "failed")
_ENDED_WELL = ("complete", "skipped")


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A source that the latest attempt on an environment could not read, or not whole.

    Attributes:
        source: Its name; empty if the step broke as a whole.
        outcome: partial, refused or failed.
        reason: Cause and cure.
    """

    source: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a collector's latest attempt on an environment came.

    Attributes:
        broken: The step itself ended early.
        shortfalls: What it could not read.
    """

    broken: bool
    shortfalls: tuple[Shortfall, ...] = ()

    def lacks(self, collector: str) -> Shortfall | None:
        """Return what keeps an absence from proving anything; None if everything was listed."""
        deciding = DECIDING.get(collector, ())
        return next((one for one in self.shortfalls if self.broken or one.source in deciding), None)


Readings = Mapping[tuple[int, str], Reading]


def readings(connection: Connection, run_id: int, collectors: Collection[str] = ()) -> Readings:
    """Return the latest attempt of each collector on each environment up to a run.

    A pair of environment and collector that was never tried is not in the answer.

    Args:
        connection: Open transaction on the store.
        run_id: As of which run.
        collectors: Which collectors; all if empty.
    """
    found: dict[tuple[int, str], Reading] = {}
    for row in connection.execute(_newest(run_id, collectors)):
        place = row.environment_id, row.collector
        if place not in found:
            broken = row.state in {"failed", "running"}
            whole = Shortfall("", "failed", row.reason or "the step did not end")
            found[place] = Reading(broken, (whole,) if broken else ())
        if row.outcome in _SHORT:
            one = Shortfall(row.source, row.outcome, row.why or "")
            known = [told for told in found[place].shortfalls if told.source]
            found[place] = replace(found[place], shortfalls=(*known, one))
    return found


def unlisted(
    connection: Connection, run_id: int, collectors: Collection[str]
) -> Mapping[str, set[int]]:
    """Return by collector the environments in which it could not list everything, up to a run.

    Nothing found there is not the same as nothing there.
    """
    found: dict[str, set[int]] = {name: set() for name in collectors}
    for (environment_id, collector), reading in readings(connection, run_id, collectors).items():
        if reading.lacks(collector) is not None:
            found[collector].add(environment_id)
    return found


def known_counts(
    counts: Mapping[str, Any], environment_id: int, short: Mapping[str, set[int]]
) -> dict[str, int | None]:
    """Return what is counted of a connector, without the zeros that nobody knows.

    Args:
        counts: Its counts, some of those in `COUNTED_BY`.
        environment_id: Where it is.
        short: What `unlisted` returned for `COUNTING`.

    Returns:
        The counts; None for none where what is counted could not be listed whole.
    """
    return {
        name: counts[name]
        if counts[name] or not any(environment_id in short[one] for one in COUNTED_BY[name])
        else None
        for name in COUNTED_BY
        if name in counts
    }


def _newest(run_id: int, collectors: Collection[str]) -> Any:
    wanted = STEPS.c.collector.in_(list(collectors)) if collectors else STEPS.c.id.is_not(None)
    newest = (
        select(STEPS.c.collector, STEPS.c.environment_id, func.max(STEPS.c.run_id).label("run_id"))
        .where(STEPS.c.run_id <= run_id, STEPS.c.environment_id.is_not(None), wanted)
        .group_by(STEPS.c.collector, STEPS.c.environment_id)
        .subquery("newest")
    )
    return (
        select(
            STEPS.c.environment_id,
            STEPS.c.collector,
            STEPS.c.state,
            STEPS.c.reason,
            SOURCES.c.source,
            SOURCES.c.outcome,
            SOURCES.c.reason.label("why"),
        )
        .join(
            newest,
            and_(
                newest.c.run_id == STEPS.c.run_id,
                newest.c.collector == STEPS.c.collector,
                newest.c.environment_id == STEPS.c.environment_id,
            ),
        )
        .outerjoin(SOURCES, SOURCES.c.step_id == STEPS.c.id)
        .order_by(STEPS.c.id, SOURCES.c.id)
    )


def read_whole_at(connection: Connection, run_id: int) -> dict[int, datetime]:
    """Return by environment how old the oldest of what was read whole of it is, up to a run.

    That is the start of the run that last read whole the collector read whole longest ago. An
    environment of which some collector was tried and never came to its end is not in the answer.
    """
    tried: dict[int, set[str]] = defaultdict(set)
    whole: dict[int, dict[str, datetime]] = defaultdict(dict)
    pairs = (
        select(STEPS.c.environment_id, STEPS.c.collector, func.max(RUNS.c.started_at).label("at"))
        .join(RUNS, RUNS.c.id == STEPS.c.run_id)
        .where(STEPS.c.run_id <= run_id, STEPS.c.environment_id.is_not(None))
        .group_by(STEPS.c.environment_id, STEPS.c.collector)
    )
    for row in connection.execute(pairs):
        tried[row.environment_id].add(row.collector)
    for row in connection.execute(pairs.where(STEPS.c.state.in_(_ENDED_WELL))):
        whole[row.environment_id][row.collector] = row.at
    return {
        place: min(whole[place].values())
        for place, names in tried.items()
        if names == whole[place].keys()
    }
