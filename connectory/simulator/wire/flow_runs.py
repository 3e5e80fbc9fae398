"""Runs of flows, as the Flow service lists them and as Dataverse keeps them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from connectory.simulator.flow_runs import RETENTION, FlowRun, runs_of
from connectory.simulator.state import Environment, Flow
from connectory.simulator.wire.exchange import Json, Refused, Reply, Request, error, seconds, stamp
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.world import World, derived, system_user

_PAGES: Final = Pages(250)
_PART: Final = re.compile(
    r"\s*(?:status eq '(?P<status>\w+)'|startTime (?P<order>ge|lt) (?P<moment>[0-9T:.-]+Z))\s*"
)
_WANTED: Final = re.compile(r"_workflow_value eq '?([0-9a-f-]{36})", re.IGNORECASE)


def listed(world: World, request: Request, home: Environment, flow: Flow) -> Reply:
    """Answer the list of a flow's runs, the newest first; 28 days of them."""
    found = sorted(
        (
            run
            for run in runs_of(world.tenant, flow, world.tenant.now - RETENTION)
            if _passes(world, run, request.query.get("$filter", ""))
        ),
        key=lambda run: (run.started, run.name),
        reverse=True,
    )
    top = request.number("$top", _PAGES.size)
    return Reply(200, _PAGES.cut(request, found, lambda run: _run(world, home, flow, run), top))


def single(world: World, home: Environment, flow: Flow, name: str) -> Reply:
    """Answer one run of a flow, by its name."""
    for run in runs_of(world.tenant, flow, world.tenant.now - RETENTION):
        if run.name.casefold() == name.casefold():
            return Reply(200, _run(world, home, flow, run))
    return error(404, "FlowRunNotFound", f"Could not find run '{name}'.")


def _passes(world: World, run: FlowRun, text: str) -> bool:
    """Tell whether a run passes a filter; the service knows of two comparisons joined by and."""
    for part in text.split(" and ") if text.strip() else ():
        found = _PART.fullmatch(part)
        if found is None:
            said = f"The filter '{text}' is not supported."
            raise Refused(error(400, "InvalidFilterInQuery", said))
        if found["status"] and found["status"] != _status(world, run):
            return False
        if found["order"]:
            moment = datetime.fromisoformat(found["moment"])
            if (run.started >= moment) is not (found["order"] == "ge"):
                return False
    return True


def _status(world: World, run: FlowRun) -> str:
    return run.status if run.ended <= world.tenant.now else "Running"


def _run(world: World, home: Environment, flow: Flow, run: FlowRun) -> Json:
    """Return a run with links to what it was given and gave, which are secrets."""
    path = (
        f"/providers/Microsoft.ProcessSimple/environments/{home.name}/flows/{flow.name}"
        f"/runs/{run.name}"
    )
    link = f"https://prod-12.westeurope.logic.azure.com:443/runs/{run.name}/contents?sig=simulated"
    properties: Json = {
        "startTime": stamp(run.started),
        "status": _status(world, run),
        "correlation": {"clientTrackingId": run.name},
        "trigger": {
            "name": "manual",
            "inputsLink": {"uri": link, "contentSize": 412},
            "outputsLink": {"uri": link, "contentSize": 1207},
            "status": "Succeeded",
            "code": "OK",
        },
    }
    if run.ended <= world.tenant.now:
        properties["endTime"] = stamp(run.ended)
    if properties["status"] == "Failed":
        properties["code"] = "ActionFailed"
        properties["error"] = {"code": "ActionFailed", "message": "An action failed."}
    kind = "Microsoft.ProcessSimple/environments/flows/runs"
    return {"name": run.name, "id": path, "type": kind, "properties": properties}


def rows(world: World, home: Environment, text: str) -> Sequence[tuple[Flow, FlowRun]]:
    """Return the runs that an environment's Dataverse holds: ended ones of flows in solutions.

    Args:
        world: The tenant.
        home: Which environment.
        text: The filter, which is applied later; flows it does not ask for are passed over here.
    """
    wanted = {one.casefold() for one in _WANTED.findall(text)}
    kept = timedelta(seconds=world.settings.flow_run_ttl)
    now = world.tenant.now
    return [
        (flow, run)
        for flow in world.flows.get(home.name.casefold(), ())
        if flow.workflow_id is not None and (not wanted or flow.workflow_id in wanted)
        for run in runs_of(world.tenant, flow, now - kept - timedelta(days=7))
        if kept and run.ingested <= now < run.ingested + kept
    ]


def row(world: World, home: Environment, one: tuple[Flow, FlowRun]) -> Json:
    """Return a run as a row of the table ``flowrun``."""
    flow, run = one
    failed = run.status == "Failed"
    return {
        "@odata.etag": 'W/"1074022"',
        "flowrunid": derived("flow run", run.name),
        "name": run.name,
        "starttime": seconds(run.started),
        "endtime": seconds(run.ended),
        "duration": int((run.ended - run.started).total_seconds()),
        "status": run.status,
        "triggertype": "Automated",
        "errorcode": "ActionFailed" if failed else None,
        "errormessage": "An action failed." if failed else None,
        "_ownerid_value": system_user(home, flow.owner_id),
        "_workflow_value": flow.workflow_id,
        "workflowid": flow.workflow_id,
        "isprimary": True,
        "parentrunid": None,
        "partitionid": system_user(home, flow.owner_id),
        "ttlinseconds": world.settings.flow_run_ttl,
        "createdon": seconds(run.ingested),
    }


def events(world: World, home: Environment) -> Sequence[Json]:
    """Return what Dataverse says of runs it could not take in."""
    if not world.settings.flow_runs_dropped:
        return []
    when = seconds(world.tenant.now - timedelta(hours=6))
    return [
        {
            "floweventid": derived("flow event", home.name),
            "eventtype": "FlowRunIngestion",
            "createdon": when,
        }
    ]


def organizations(world: World, home: Environment) -> Sequence[Json]:
    """Return the one row that holds the settings of an environment's Dataverse."""
    database = home.dataverse
    return [
        {
            "organizationid": database.organization_id if database else None,
            "name": database.domain if database else None,
            "flowruntimetoliveinseconds": world.settings.flow_run_ttl,
        }
    ]
