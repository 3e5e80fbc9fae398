"""The ledger of runs: what was asked, what each step did, and how completely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from collectors.contract import NOT_READ, SourceReading
from connectory.lease import may_live
from models import Run, Step, StepSource, StoreTenant

RunState = Literal["running", "complete", "partial", "failed", "died"]
StepState = Literal["running", "complete", "partial", "failed", "skipped"]

_RUNS = cast("Table", Run.__table__)
_STEPS = cast("Table", Step.__table__)
_SOURCES = cast("Table", StepSource.__table__)
_TENANT = cast("Table", StoreTenant.__table__)


class WrongTenant(Exception):
    """The store belongs to another tenant."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """How one step ended."""

    collector: str
    environment: str | None
    state: StepState
    reason: str | None
    rows_seen: int = 0
    rows_changed: int = 0
    requests: int = 0
    spared: int = 0


def claim_for_tenant(connection: Connection, tenant_id: str, now: datetime) -> None:
    """Tie an empty store to the tenant it was first filled from."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"id": 1, "tenant_id": tenant_id.casefold(), "created_at": now}
    connection.execute(make(_TENANT).values(**values).on_conflict_do_nothing())


def refuse_another_tenant(connection: Connection, tenant_id: str) -> None:
    """Refuse a store that belongs to another tenant.

    Raises:
        WrongTenant: It does.
    """
    owner = connection.scalar(select(_TENANT.c.tenant_id))
    if owner is not None and owner != tenant_id.casefold():
        raise WrongTenant(
            f"the store holds tenant {owner}, not {tenant_id}; database.url and tenant.id; "
            "use another store for another tenant"
        )


def close_dead_runs(connection: Connection, wall: datetime, now: datetime) -> list[int]:
    """Close runs whose process ended without closing them.

    Args:
        connection: Writing transaction.
        wall: Real time, which leases compare.
        now: The run's time, written as their end.

    Returns:
        Ids of the runs closed.
    """
    running = connection.scalars(select(_RUNS.c.id).where(_RUNS.c.state == "running")).all()
    dead = [run for run in running if not may_live(connection, run_lease(run), wall)]
    if dead:
        reason = "the process ended before the run did; what was read before that is kept"
        connection.execute(
            update(_STEPS)
            .where(_STEPS.c.run_id.in_(dead), _STEPS.c.state == "running")
            .values(state="failed", reason=reason, finished_at=now)
        )
        connection.execute(
            update(_RUNS)
            .where(_RUNS.c.id.in_(dead))
            .values(state="died", reason=reason, finished_at=now)
        )
    return list(dead)


def run_lease(run_id: int) -> str:
    """Name the lease that shows a run to be alive."""
    return f"run:{run_id}"


def open_run(
    connection: Connection,
    now: datetime,
    *,
    identity: str,
    version: str,
    arguments: Mapping[str, Any],
) -> int:
    """Write the start of a run and return its id."""
    run_id = connection.scalar(
        insert(_RUNS)
        .values(
            state="running",
            started_at=now,
            identity=identity,
            product_version=version,
            arguments=dict(arguments),
        )
        .returning(_RUNS.c.id)
    )
    return int(cast("int", run_id))


def close_run(
    connection: Connection, run_id: int, state: RunState, reason: str | None, now: datetime
) -> None:
    """Write the end of a run; steps that did not come to theirs have failed."""
    connection.execute(
        update(_STEPS)
        .where(_STEPS.c.run_id == run_id, _STEPS.c.state == "running")
        .values(state="failed", reason="the run ended before this step did", finished_at=now)
    )
    connection.execute(
        update(_RUNS)
        .where(_RUNS.c.id == run_id)
        .values(state=state, reason=reason and reason[:1000], finished_at=now)
    )


def open_step(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write the start of a step and return its id."""
    step = connection.scalar(
        insert(_STEPS).values(state="running", **values).returning(_STEPS.c.id)
    )
    return int(cast("int", step))


def close_step(
    connection: Connection,
    step_id: int,
    values: Mapping[str, Any],
    sources: Iterable[SourceReading],
) -> None:
    """Write the end of a step and how completely it read each source."""
    reason = values.get("reason")
    connection.execute(
        update(_STEPS)
        .where(_STEPS.c.id == step_id)
        .values(**{**values, "reason": reason and reason[:2000]})
    )
    rows = [
        {
            "step_id": step_id,
            "source": source.source,
            "outcome": source.outcome,
            "reason": source.reason and source.reason[:2000],
            "rows": source.rows,
            "spared": source.spared,
        }
        for source in sources
    ]
    if rows:
        connection.execute(insert(_SOURCES), rows)


def state_of(sources: Sequence[SourceReading]) -> tuple[StepState, str | None]:
    """Return the state of a step from what became of its sources, and the reasons in one line."""
    read = [source for source in sources if source.outcome not in NOT_READ]
    short = [source for source in sources if source.outcome not in {"complete", *NOT_READ}]
    if not read:
        return "skipped", "; ".join(s.reason for s in sources if s.reason) or "nothing to read"
    if not short:
        return "complete", None
    reason = " | ".join(f"{source.source}: {source.reason}" for source in short)
    if any(source.outcome in {"complete", "partial"} for source in read):
        return "partial", reason
    return "failed", reason
