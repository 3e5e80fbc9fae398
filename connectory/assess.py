"""Run the domain over a finished run and store its answers.

An answer is an interval: one that did not change costs no row, and any past run keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from connectory.actions.retiring import close_removed
from connectory.assess_drift import Drifted, drift
from connectory.assess_upstream import upstream_answers
from connectory.database import reading
from connectory.domain.ownership import owner_verdict
from connectory.domain.staleness import stale_verdict
from connectory.drift_settings import DriftSettings
from connectory.lease import HeldLease
from connectory.licensing_settings import LicensingSettings
from connectory.queries.exposure_answers import Progress, Reckoned, reckon
from connectory.queries.moments import Moment, latest
from connectory.queries.ownership import owner_facts
from connectory.queries.policies import policy_verdicts
from connectory.queries.silence import today_of
from connectory.queries.stale_facts import stale_facts
from connectory.staleness_settings import StalenessSettings
from models import (
    Assessment,
    ConnectorExposureAnswer,
    DriftAnswer,
    ExposureAnswer,
    FamilyAnswer,
    OwnershipAnswer,
    PolicyAnswer,
    StalenessAnswer,
    UpstreamAnswer,
)

_ANSWERS = cast("Table", OwnershipAnswer.__table__)
_POLICY_ANSWERS = cast("Table", PolicyAnswer.__table__)
_EXPOSURE_ANSWERS = cast("Table", ExposureAnswer.__table__)
_CONNECTOR_EXPOSURE_ANSWERS = cast("Table", ConnectorExposureAnswer.__table__)
_FAMILY_ANSWERS = cast("Table", FamilyAnswer.__table__)
_DRIFT_ANSWERS = cast("Table", DriftAnswer.__table__)
_UPSTREAM_ANSWERS = cast("Table", UpstreamAnswer.__table__)
_STALENESS_ANSWERS = cast("Table", StalenessAnswer.__table__)
_ASSESSMENTS = cast("Table", Assessment.__table__)
_LEASE_SECONDS = 60
_CHUNK = 400
_LIST_PRICES = LicensingSettings()
_USUAL_DRIFT = DriftSettings()
_USUAL_DAYS = StalenessSettings()
Clock = Callable[[], datetime]
Wanted = dict[Any, dict[str, Any]]
"""Answers by what they are about."""


@dataclass(frozen=True, slots=True)
class AssessReport:
    """How many answers there are about a run, and how many of them are new.

    Attributes:
        run_id: The run.
        answers: Answers about it.
        changed: Of these, new ones, and those that are no more.
        licences: The answer on licences, as it is stored.
        drift: What was answered about families and their drift.
    """

    run_id: int
    answers: int
    changed: int
    licences: Reckoned
    drift: Drifted


def assess(
    engine: Engine,
    *,
    now: Clock,
    wall: Clock | None = None,
    licensing: LicensingSettings = _LIST_PRICES,
    drifting: DriftSettings = _USUAL_DRIFT,
    staleness: StalenessSettings = _USUAL_DAYS,
    progress: Progress | None = None,
    drift_progress: Progress | None = None,
) -> AssessReport | None:
    """Compute and store the answers over the latest finished run.

    What licences cost may take a minute of a huge tenant, and so may comparing its definitions.
    Both are reckoned while nothing is held for writing, and after the answers before are stored,
    which they cannot take along however they end.

    Args:
        engine: The store.
        now: Clock of the tenant.
        wall: Real clock, for the lease; `now` by default.
        licensing: Prices, and how licences are bought.
        drifting: Which connectors belong together, and how changes are judged.
        staleness: After how many days without use a connector is what.
        progress: Told how many connectors' cost was reckoned, of how many.
        drift_progress: Told how many pairs of definitions were compared, of how many.

    Returns:
        What changed; None if there is no finished run yet.

    Raises:
        LeaseTaken: Another process assesses at this moment.
    """
    lease = HeldLease(engine, "assess", _LEASE_SECONDS, wall or now)
    try:
        started = now()
        with lease.writing() as connection:
            moment = latest(connection)
            if moment is None:
                return None
            owners, groups = _ownership(connection, moment.run_id), _policies(connection, moment)
            changed = _store(connection, _ANSWERS, moment.run_id, owners)
            changed += _store(connection, _POLICY_ANSWERS, moment.run_id, groups)
            close_removed(connection, moment.run_id, now=started)
        try:
            with reading(engine) as connection:
                stale = _staleness(connection, moment, staleness)
            with lease.writing() as connection:
                changed += _store(connection, _STALENESS_ANSWERS, moment.run_id, stale)
            with reading(engine) as connection:
                licences = reckon(connection, moment, licensing, progress)
            with lease.writing() as connection:
                changed += _store_licences(connection, moment.run_id, licences)
            drifted = drift(engine, lease, moment, drifting, drift_progress)
            upstream = upstream_answers(engine, lease, moment, drifting)
        except BaseException as error:
            with lease.writing() as connection:
                why = f"{type(error).__name__}: {error}"
                _note(connection, moment, started, now(), state="failed", reason=why)
            raise
        with lease.writing() as connection:
            changed += _store(connection, _FAMILY_ANSWERS, moment.run_id, drifted.families)
            changed += _store(connection, _DRIFT_ANSWERS, moment.run_id, drifted.drift)
            changed += _store(connection, _UPSTREAM_ANSWERS, moment.run_id, upstream)
            through = drifted.through
            _note(connection, moment, started, now(), state="complete", steps_through=through)
        answers = len(owners) + len(groups) + len(stale) + len(licences.connectors) + 1
        answers += len(drifted.families) + len(drifted.drift) + len(upstream)
        return AssessReport(moment.run_id, answers, changed, licences, drifted)
    finally:
        lease.release()


def _store_licences(connection: Connection, run_id: int, told: Reckoned) -> int:
    tenant = {told.tenant["scope"]: told.tenant}
    changed = _store(connection, _EXPOSURE_ANSWERS, run_id, tenant, "scope")
    return changed + _store(connection, _CONNECTOR_EXPOSURE_ANSWERS, run_id, told.connectors)


def _note(
    connection: Connection, moment: Moment, started: datetime, ended: datetime, **told: Any
) -> None:
    """Store that the run is assessed, or why that broke off."""
    connection.execute(
        insert(_ASSESSMENTS).values(
            run_id=moment.run_id, started_at=started, finished_at=ended, **told
        )
    )


def _ownership(connection: Connection, run_id: int) -> Wanted:
    return {
        connector: {
            "state": verdict.state,
            "owner_key": verdict.principal_id,
            "reason": verdict.reason[:1000],
            "source": verdict.source,
            "owners": verdict.owners,
            "editors": verdict.editors,
            "members": verdict.members,
        }
        for connector, verdict in (
            (connector, owner_verdict(facts))
            for connector, facts in owner_facts(connection, run_id).items()
        )
    }


def _policies(connection: Connection, moment: Moment) -> Wanted:
    return {
        connector: {
            "data_group": verdict.group,
            "rule": verdict.rule,
            "policies": verdict.policies,
            "reason": verdict.reason[:1000],
        }
        for connector, verdict in policy_verdicts(connection, moment.run_id).items()
    }


def _staleness(connection: Connection, moment: Moment, settings: StalenessSettings) -> Wanted:
    """Return the verdicts on use. They rest on who owns a connector, as that is stored."""
    found: Wanted = {}
    for connector, facts in stale_facts(connection, moment).items():
        profile = settings.profile(facts.kind)
        verdict = stale_verdict(facts, profile, today_of(moment))
        last = verdict.last
        found[connector] = {
            "state": verdict.state,
            "score": verdict.score,
            "parts": [part.stored() for part in verdict.parts],
            "last_used_on": last.day if last and last.grade != "reference" else None,
            "evidence": last.grade if last else None,
            "source": last.source if last else None,
            "profile": profile.name,
            "known": verdict.known,
            "reason": verdict.reason[:1000],
        }
    return found


def _store(
    connection: Connection, table: Table, run_id: int, wanted: Wanted, key: str = "connector_id"
) -> int:
    """Put answers in the place of those that stand and differ; return how many that were.

    Args:
        connection: Open transaction on the store.
        table: Where such answers are kept.
        run_id: The run they are about.
        wanted: The answers.
        key: Column that tells what an answer is about.
    """
    standing = {
        row[key]: row
        for row in connection.execute(select(table).where(table.c.to_run.is_(None))).mappings()
    }
    ending = [
        row
        for about, row in standing.items()
        if about not in wanted or any(row[name] != value for name, value in wanted[about].items())
    ]
    ended = {row[key] for row in ending}
    fresh = [
        {**answer, key: about, "from_run": run_id}
        for about, answer in wanted.items()
        if about not in standing or about in ended
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
    return len(fresh) + len([row for row in ending if row[key] not in wanted])
