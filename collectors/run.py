"""One run: the collectors in their order, every scope a step, every step isolated."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import Engine, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from collectors import COLLECTORS
from collectors.api.client import Api
from collectors.api.documents import Documents
from collectors.contract import Collector, EnvironmentScope, StepContext
from collectors.ledger import (
    RunState,
    StepReport,
    claim_for_tenant,
    close_dead_runs,
    close_run,
    close_step,
    open_run,
    open_step,
    refuse_another_tenant,
    run_lease,
    state_of,
)
from collectors.nouns import ENVIRONMENTS
from collectors.order import Order
from collectors.retiring import follow_environments, retire
from collectors.store import StepStore
from collectors.waiting import Waiting
from connectory.config import CollectSettings
from connectory.database import reading, refresh_statistics, writing
from connectory.lease import HeldLease, LeaseLost, LeaseTaken
from connectory.telemetry_settings import TelemetrySettings
from connectory.upstream_settings import UpstreamSettings
from models import EnvironmentVersion, Step

_LOG = logging.getLogger(__name__)
_ENVIRONMENTS = cast("Table", EnvironmentVersion.__table__)
_STEPS = cast("Table", Step.__table__)
Clock = Callable[[], datetime]


class UnknownEnvironment(Exception):
    """A run was asked to read an environment that is not there."""


class Progress(Protocol):
    """Somebody who watches a run."""

    def collector_started(self, name: str, steps: int) -> None:
        """A collector begins; it has so many steps."""

    def step_ended(self, report: StepReport) -> None:
        """A step ended."""


@dataclass(slots=True)
class RunReport:
    """How a run ended."""

    run_id: int
    state: RunState = "running"
    reason: str | None = None
    steps: list[StepReport] = field(default_factory=list)

    @property
    def short(self) -> list[StepReport]:
        """Steps that are not whole."""
        return [step for step in self.steps if step.state in {"partial", "failed"}]


@dataclass(slots=True)
class Runner:
    """Runs collectors over one tenant into one store.

    Attributes:
        engine: The store, migrated.
        api: Signed-in client of the tenant's services.
        settings: Bounds of a run.
        tenant_id: Tenant that is read.
        identity: Who the client signs in as, for the ledger.
        version: Version of the product, for the ledger.
        now: Time of the tenant; the clock of everything stored.
        wall: Real time; the clock of leases.
        progress: Who watches.
        telemetry: Which logs of calls are read.
        cloud: Name of the tenant's cloud.
        waiting: How steps wait for what a service answers later.
        upstream: Which documents of the APIs behind connectors are read.
        documents: Fetches them.
    """

    engine: Engine
    api: Api
    settings: CollectSettings
    tenant_id: str
    identity: str
    version: str
    now: Clock
    wall: Clock
    progress: Progress
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    cloud: str = "commercial"
    waiting: Waiting = field(default_factory=Waiting)
    upstream: UpstreamSettings = field(default_factory=UpstreamSettings)
    documents: Documents | None = None
    _claimed: bool = False
    _owners: defaultdict[int | None, dict[str, str]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def run(self, collectors: Sequence[Collector] | None = None) -> RunReport:
        """Run the collectors and return what became of every step.

        Args:
            collectors: Which, in order; all by default.

        Raises:
            WrongTenant: The store belongs to another tenant.
            LeaseTaken: Another process runs one of the collectors at this moment.
        """
        chosen = list(collectors or COLLECTORS)
        with writing(self.engine) as connection:
            refuse_another_tenant(connection, self.tenant_id)
            close_dead_runs(connection, self.wall(), self.now())
            run_id = open_run(
                connection,
                self.now(),
                identity=self.identity,
                version=self.version,
                arguments={
                    "collectors": [collector.name for collector in chosen],
                    "environments": list(self.settings.environments),
                    "full": self.settings.full,
                },
            )
        report = RunReport(run_id)
        alive = self._lease(run_lease(run_id))
        try:
            self._run_all(chosen, report)
        except LeaseTaken as error:
            report.state, report.reason = "failed", str(error)
            raise
        except LeaseLost as error:
            report.state, report.reason = "failed", str(error)
        except KeyboardInterrupt:
            report.state, report.reason = "failed", "interrupted; what was read is kept"
            raise
        except BaseException as error:
            report.state, report.reason = "failed", _one_line(error)
            raise
        finally:
            self._close(report)
            alive.release()
        return report

    def _close(self, report: RunReport) -> None:
        """Write the end of a run; where the store is away the next run closes it as dead."""
        try:
            with writing(self.engine) as connection:
                close_run(connection, report.run_id, report.state, report.reason, self.now())
            if any(step.rows_changed for step in report.steps):
                refresh_statistics(self.engine)
        except SQLAlchemyError as error:
            _LOG.warning("the end of run %s could not be written: %s", report.run_id, error)

    def _lease(self, name: str) -> HeldLease:
        return HeldLease(self.engine, name, self.settings.lease_seconds, self.wall)

    def _run_all(self, collectors: Sequence[Collector], report: RunReport) -> None:
        leases: dict[str, HeldLease] = {}

        def begin(collector: Collector) -> Sequence[EnvironmentScope | None]:
            leases[collector.name] = self._lease(f"collector:{collector.name}")
            if self._overtaken(collector, report.run_id):
                reason = "a newer run has read this already"
                report.steps.append(StepReport(collector.name, None, "skipped", reason))
                return []
            scopes = [None] if collector.scope == "tenant" else self._environments()
            self.progress.collector_started(collector.name, len(scopes))
            return scopes

        def step(collector: Collector, scope: EnvironmentScope | None) -> str | None:
            lease = leases[collector.name]
            ended, reason = self._run_step(collector, scope, lease, report.run_id)
            self.progress.step_ended(ended)
            report.steps.append(ended)
            return reason if collector.scope == "tenant" else None

        def end(collector: Collector) -> None:
            leases.pop(collector.name).release()

        try:
            fatal = Order(begin, step, end, self.settings.steps_at_once).run(collectors)
        finally:
            for lease in leases.values():
                lease.release()
        if fatal:
            report.state, report.reason = "failed", fatal
            return
        report.state = "complete"
        if report.short:
            whole = any(step.state in {"complete", "partial"} for step in report.steps)
            report.state = "partial" if whole else "failed"
            report.reason = f"{len(report.short)} of {len(report.steps)} steps are not whole"

    def _overtaken(self, collector: Collector, run_id: int) -> bool:
        """Tell whether a run that began later has read this: intervals follow the order of runs."""
        with reading(self.engine) as connection:
            newest = connection.scalar(
                select(func.max(_STEPS.c.run_id)).where(_STEPS.c.collector == collector.name)
            )
        return newest is not None and newest > run_id

    def _environments(self) -> list[EnvironmentScope]:
        table = _ENVIRONMENTS
        query = (
            select(table.c.environment_id, table.c.name, table.c.api_url, table.c.is_default)
            .where(table.c.to_run.is_(None), table.c.presence == "present")
            .order_by(table.c.environment_id)
        )
        wanted = {name.casefold() for name in self.settings.environments}
        with reading(self.engine) as connection:
            known = [
                EnvironmentScope(
                    row.environment_id,
                    row.name.casefold(),
                    row.name,
                    row.api_url,
                    large=row.is_default,
                )
                for row in connection.execute(query)
            ]
        unknown = wanted - {scope.key for scope in known}
        if unknown:
            raise UnknownEnvironment(
                f"no environment {min(unknown)}; --environment or collect.environments; "
                "connectory export environments lists those that are known"
            )
        return [scope for scope in known if not wanted or scope.key in wanted]

    def _run_step(
        self,
        collector: Collector,
        scope: EnvironmentScope | None,
        lease: HeldLease,
        run_id: int,
    ) -> tuple[StepReport, str | None]:
        environment_id = scope.id if scope else None
        with lease.writing() as connection:
            step_id = open_step(
                connection,
                {
                    "run_id": run_id,
                    "collector": collector.name,
                    "environment_id": environment_id,
                    "identity": self.identity,
                    "fence": lease.fence,
                    "started_at": self.now(),
                },
            )
        store = StepStore(lease.writing, run_id, environment_id, look=lambda: reading(self.engine))
        with self.api.metered() as (api, meter):
            context = StepContext(
                api,
                store,
                self.settings,
                self.tenant_id,
                self.now(),
                scope,
                self._owners[environment_id],
                telemetry=self.telemetry,
                cloud=self.cloud,
                waiting=self.waiting,
                upstream=self.upstream,
                documents=self.documents,
                meter=meter,
                decisive=ENVIRONMENTS in collector.retires,
            )
            broken = _guarded(collector, context)
        figures = {
            "requests": meter.requests,
            "retries": meter.retries,
            "throttled_seconds": meter.throttled_seconds,
            "bytes_received": meter.bytes_received,
        }
        try:
            return self._finish(collector, context, step_id, figures, broken)
        except SQLAlchemyError as error:
            # What only the whole may conclude was not written; that it was not is, once more.
            again = f"the store refused the end of the step: {_one_line(error)}; {_ASK}"
            return self._finish(collector, context, step_id, figures, again)

    def _finish(
        self,
        collector: Collector,
        context: StepContext,
        step_id: int,
        figures: dict[str, Any],
        broken: str | None,
    ) -> tuple[StepReport, str | None]:
        store, scope = context.store, context.environment
        sources = list(context.sources.values())
        state, reason = state_of(sources) if broken is None else ("failed", broken)
        with store.together() as connection:
            claiming = state in {"complete", "partial"} and not self._claimed
            if claiming:
                claim_for_tenant(connection, self.tenant_id, self.now())
            if broken is None:
                complete = [s for s in collector.presence_sources if context.settled(s)]
                for noun in collector.retires:
                    retire(store, noun, complete, ignoring=collector.outranks)
                if ENVIRONMENTS in collector.retires:
                    follow_environments(store)
            tally = {"rows_seen": store.tally.seen, "rows_changed": store.tally.changed}
            close_step(
                connection,
                step_id,
                {
                    "state": state,
                    "reason": reason,
                    "finished_at": self.now(),
                    "watermark": context.watermark if broken is None else None,
                    **figures,
                    **tally,
                },
                sources,
            )
        self._claimed = self._claimed or claiming
        ended = StepReport(
            collector.name,
            scope.name if scope else None,
            state,
            reason,
            store.tally.seen,
            store.tally.changed,
            figures["requests"],
            sum(source.spared for source in sources),
        )
        stop = next((source.reason for source in sources if source.fatal), None)
        return ended, stop


def _guarded(collector: Collector, context: StepContext) -> str | None:
    """Run a collector; return in one line what broke it, beyond a source that failed."""
    try:
        collector.collect(context)
    except LeaseLost:
        raise
    except SQLAlchemyError as error:
        _LOG.debug("the step broke", exc_info=True)
        return f"the store refused a row: {_one_line(error)}; collector {collector.name}; {_ASK}"
    except Exception as error:  # noqa: BLE001 - whatever breaks one step breaks no other
        _LOG.debug("the step broke", exc_info=True)
        return (
            f"a reply is not in the expected form: {type(error).__name__} {_one_line(error)}; "
            f"collector {collector.name}; {_ASK}"
        )
    return None


_ASK = "what was read before is kept; report it with the log at level debug"


def _one_line(error: BaseException) -> str:
    """Return what an error says, on one line and without the statement it stood in."""
    text = str(getattr(error, "orig", None) or error) or type(error).__name__
    return " ".join(text.split())[:500]


__all__ = ["Progress", "RunReport", "Runner"]
