"""What is true of the use of each connector: when it was last called, and what any source tells.

`called` is what happened, told by nobody perhaps. `last_used` holds the last UTC day of which each
source tells use to an honest reader who has read it since the tenant's first moment: of logs what
was taken in by now, of files what was written, of runs and launches those of flows and apps that
use the connector now. What no source can tell is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from connectory.simulator.access_logs import keeper_of
from connectory.simulator.call_store import CallStore, Days
from connectory.simulator.flow_runs import RETENTION, last_run_of
from connectory.simulator.state import App, Connector, Flow, Json, Tenant
from connectory.simulator.truth_of_events import handed_out


def use(
    tenant: Tenant,
    calls: CallStore,
    connectors: Sequence[Connector],
    flows: Sequence[Flow],
    apps: Sequence[App],
) -> list[Json]:
    """Return how each connector with a runtime name is used; `use` is what it was planted as."""
    told = calls.last_days(tenant.now)
    _add_runs(told, tenant, flows)
    _add_launches(told, tenant, apps)
    happened = calls.last_called(tenant.now)
    rows = []
    for connector in connectors:
        if connector.name is None:
            continue
        place = connector.environment, connector.name
        planted = tenant.owning.planted.get(place)
        last = happened.get(place)
        if planted is not None and planted.called_until is not None and calls.since is not None:
            last = max(filter(None, (last, min(planted.called_until, tenant.now.date()))))
        rows.append(
            {
                "environment_id": connector.environment,
                "connector": connector.name,
                "created": connector.created.isoformat(),
                "use": planted.use if planted else None,
                "called": last.isoformat() if last else None,
                "logged_by": keeper_of(tenant, connector) if connector.backend_url else None,
                "last_used": {
                    source: day.isoformat() for source, day in sorted(told[place].items())
                },
            }
        )
    return sorted(rows, key=lambda row: (str(row["environment_id"]), str(row["connector"])))


def _add_runs(told: Days, tenant: Tenant, flows: Iterable[Flow]) -> None:
    """Add the last run of each flow that a service shows whom we may ask."""
    begun = tenant.started - RETENTION
    for flow in flows:
        home = tenant.environments[flow.environment]
        database = home.dataverse
        stored = flow.workflow_id is not None and database is not None and database.application_user
        if not stored and not (flow.in_flow_api and home.admin_readable):
            continue
        last = last_run_of(tenant, flow, begun, ended=stored)
        if last is not None:
            called = {call.connector for call in flow.calls}
            called |= {reference.connector for reference in flow.references}
            _note(told, flow.environment, called, "flow_runs", last)


def _add_launches(told: Days, tenant: Tenant, apps: Iterable[App]) -> None:
    # Apps of an environment that refuses us are on no list, so that nobody can link their launches.
    used = {
        (app.environment, app.name): {r.connector for r in app.references}
        for app in apps
        if tenant.environments[app.environment].admin_readable
    }
    for record in tenant.audit:
        if record.noun != "app" or record.action != "launched":
            continue
        place = record.environment, record.target
        if place in used and handed_out(record.delivered) < tenant.now:
            _note(told, record.environment, used[place], "audit", record.at)


def _note(told: Days, environment: str, names: Iterable[str], source: str, at: datetime) -> None:
    for name in names:
        days = told[environment, name]
        days[source] = max(days.get(source, date.min), at.date())
