"""Run the domain over a finished run and store its answers.

An answer is an interval: one that did not change costs no row, and any past run keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from connectory.domain.ownership import owner_verdict
from connectory.lease import HeldLease
from connectory.queries.moments import latest
from connectory.queries.ownership import owner_facts
from connectory.queries.policies import policy_verdicts
from models import Assessment, OwnershipAnswer, PolicyAnswer

_ANSWERS = cast("Table", OwnershipAnswer.__table__)
_POLICY_ANSWERS = cast("Table", PolicyAnswer.__table__)
_ASSESSMENTS = cast("Table", Assessment.__table__)
_LEASE_SECONDS = 60
_CHUNK = 400
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class AssessReport:
    """How many answers there are about a run, and how many of them are new."""

    run_id: int
    answers: int
    changed: int


def assess(engine: Engine, *, now: Clock, wall: Clock | None = None) -> AssessReport | None:
    """Compute and store the answers over the latest finished run.

    Args:
        engine: The store.
        now: Clock of the tenant.
        wall: Real clock, for the lease; `now` by default.

    Returns:
        What changed; None if there is no finished run yet.

    Raises:
        LeaseTaken: Another process assesses at this moment.
    """
    lease = HeldLease(engine, "assess", _LEASE_SECONDS, wall or now)
    try:
        with lease.writing() as connection:
            moment = latest(connection)
            if moment is None:
                return None
            started = now()
            wanted = _ownership(connection, moment.run_id)
            changed = _store(connection, _ANSWERS, moment.run_id, wanted)
            sorted_by = _policies(connection, moment.run_id)
            changed += _store(connection, _POLICY_ANSWERS, moment.run_id, sorted_by)
            connection.execute(
                insert(_ASSESSMENTS).values(
                    run_id=moment.run_id, state="complete", started_at=started, finished_at=now()
                )
            )
            return AssessReport(moment.run_id, len(wanted) + len(sorted_by), changed)
    finally:
        lease.release()


def _ownership(connection: Connection, run_id: int) -> dict[int, dict[str, Any]]:
    return {
        connector: {
            "state": verdict.state,
            "owner_key": verdict.principal_id,
            "reason": verdict.reason[:1000],
        }
        for connector, verdict in (
            (connector, owner_verdict(facts))
            for connector, facts in owner_facts(connection, run_id).items()
        )
    }


def _policies(connection: Connection, run_id: int) -> dict[int, dict[str, Any]]:
    return {
        connector: {
            "data_group": verdict.group,
            "rule": verdict.rule,
            "policies": verdict.policies,
            "reason": verdict.reason[:1000],
        }
        for connector, verdict in policy_verdicts(connection, run_id).items()
    }


def _store(
    connection: Connection, table: Table, run_id: int, wanted: dict[int, dict[str, Any]]
) -> int:
    standing = {
        row["connector_id"]: row
        for row in connection.execute(select(table).where(table.c.to_run.is_(None))).mappings()
    }
    ending = [
        row
        for connector, row in standing.items()
        if connector not in wanted
        or any(row[name] != value for name, value in wanted[connector].items())
    ]
    ended = {row["connector_id"] for row in ending}
    fresh = [
        {**answer, "connector_id": connector, "from_run": run_id}
        for connector, answer in wanted.items()
        if connector not in standing or connector in ended
    ]
    amended = [row["id"] for row in ending if row["from_run"] == run_id]
    closed = [row["id"] for row in ending if row["from_run"] != run_id]
    for start in range(0, len(amended), _CHUNK):
        ids = amended[start : start + _CHUNK]
        connection.execute(delete(table).where(table.c.id.in_(ids)))
    for start in range(0, len(closed), _CHUNK):
        ids = closed[start : start + _CHUNK]
        connection.execute(update(table).where(table.c.id.in_(ids)).values(to_run=run_id))
    if fresh:
        connection.execute(insert(table), fresh)
    return len(fresh) + len([row for row in ending if row["connector_id"] not in wanted])
