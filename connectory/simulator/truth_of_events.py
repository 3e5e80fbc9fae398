"""What is true of flow runs and of the audit log: what happened, and which source tells it by now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from connectory.simulator.flow_runs import RETENTION, runs_of
from connectory.simulator.state import Flow, Json, Tenant


def flow_runs(flows: Sequence[Flow], tenant: Tenant) -> list[Json]:
    """Return the runs of each flow that uses a custom connector, per UTC day of their start.

    `flow_api` and `dataverse` hold the counts that either source shows now, if it knows the flow;
    days without a run are left out.
    """
    custom = {(c.environment, c.name) for c in tenant.connectors if c.name is not None}
    return [
        row
        for flow in sorted(flows, key=lambda one: (one.environment, one.name))
        if custom & {(flow.environment, name) for name in _connectors(flow)}
        for row in _days(flow, tenant)
    ]


def _connectors(flow: Flow) -> set[str]:
    called = {call.connector for call in flow.calls}
    return called | {reference.connector for reference in flow.references}


def _days(flow: Flow, tenant: Tenant) -> list[Json]:
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    stored: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs_of(tenant, flow, tenant.now - RETENTION - timedelta(days=1)):
        day = run.started.date().isoformat()
        shown[day][run.status.lower() if run.ended <= tenant.now else "unfinished"] += 1
        stored[day].update([run.status.lower()] if run.ingested <= tenant.now else [])
    return [
        {
            "environment_id": flow.environment,
            "flow": flow.name,
            "workflow_id": flow.workflow_id,
            "day": day,
            "flow_api": dict(shown[day]) if flow.in_flow_api else None,
            "dataverse": dict(stored[day]) if flow.workflow_id is not None else None,
        }
        for day in sorted(shown)
    ]


def audit_events(tenant: Tenant) -> list[Json]:
    """Return everything the audit log holds, in the order it happened.

    `custom` tells whether it is about a custom connector, or a connection to one; None for flows
    and apps. `told` is when the log handed it out first, None if it has not before now.
    """
    custom = {(c.environment, c.name) for c in tenant.connectors}
    return [
        {
            "id": record.id,
            "at": record.at.isoformat(),
            "noun": record.noun,
            "action": record.action,
            "environment_id": record.environment,
            "target": record.target,
            "connector": record.connector,
            "actor_id": record.actor,
            "custom": (
                (record.environment, record.connector) in custom if record.connector else None
            ),
            "told": told.isoformat()
            if (told := handed_out(record.delivered)) < tenant.now
            else None,
        }
        for record in sorted(tenant.audit, key=lambda record: (record.at, record.id))
    ]


def handed_out(delivered: datetime) -> datetime:
    """Return when the blob with a record is made: at the next full hour."""
    return delivered.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
