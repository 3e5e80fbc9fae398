"""Cloud flows with every operation each one calls.

Two sources see different flows: the Flow service (all, but closed to many service principals) and
the Dataverse ``workflow`` table (those in solutions, with their definition in one column). The
list of the Flow service says nothing of connectors; it takes one request per flow to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.api.errors import ApiError, NotFound
from collectors.api.paging import NextLink, ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.dataverse import NO_DATAVERSE, Owners, headers
from collectors.details import Details
from collectors.lookups import flow_keys, keys_shown_by, workflow_ids
from collectors.nouns import FLOW_OPERATIONS, FLOW_REFERENCES, FLOWS
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import connector_key, parse_time
from connectory.domain.workflow import Workflow, from_clientdata, from_flow

_PAGE = 250
_COLUMNS = (
    "workflowid,workflowidunique,name,clientdata,statecode,statuscode,_ownerid_value,"
    "createdon,modifiedon,ismanaged,solutionid"
)
_STATES = {0: "Stopped", 1: "Started", 2: "Suspended"}
_EXPAND = (
    "properties.connectionreferences.apidefinition,"
    "properties.definitionsummary.operations.apioperation,operationDefinition"
)


_LISTED = Shape(texts=("name",), objects=("properties",), may_be_objects=("properties.creator",))
_ROW = Shape(texts=("workflowid",))


def collect(step: StepContext) -> None:
    """Read the flows of one environment: the Flow service first, then Dataverse."""
    named: dict[str, str] = {}
    with step.reading("flow_api") as source:
        _flow_api(step, source, named)
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
        return
    with step.reading("dataverse") as source:
        _dataverse(step, source, named)


def _flow_api(step: StepContext, source: SourceReading, named: dict[str, str]) -> None:
    path = (
        f"/providers/Microsoft.ProcessSimple/scopes/admin/environments/{step.scope.name}/v2/flows"
    )
    pages = step.api.pages("flow", path, {"api-version": "2016-11-01"}, pager=NextLink())
    for page in sound(source, pages, _LISTED):
        names = {record["name"]: record for record in page}
        source.rows += len(names)
        known = _keep_known(step, page, named)
        source.spared += len(known)
        changed = [name for name in names if name.casefold() not in known]
        for batch in step.read_each(lambda item: _one(step, item), changed):
            told: list[dict[str, Any]] = []
            rows: list[Kept] = []
            for name, result in batch:
                if isinstance(result, NotFound):
                    continue  # deleted since the list was read
                if isinstance(result, ApiError):
                    source.falls_short(f"{name}: {result}")
                    rows.append(parse(names[name], whole=False))
                else:
                    told.append(result)
                    rows.append(parse(result, whole=True))
            _keep_batch(step, rows, told, named, {row["name"]: _stamp(row) for row in page})


def _keep_known(
    step: StepContext, page: list[dict[str, Any]], named: dict[str, str]
) -> dict[str, int]:
    """Store what the list tells of flows whose definition is known; return these by key."""
    stamps = {record["name"].casefold(): _stamp(record) for record in page}
    known = Details(step, FLOWS, "definition").unchanged(stamps)
    rows = [parse(r, whole=False) for r in page if r["name"].casefold() in known]
    step.store.keep(FLOWS, rows, source="flow_api")
    named.update(workflow_ids(step.store, {row: key for key, row in known.items()}))
    return known


def _stamp(record: dict[str, Any]) -> str | None:
    stamp = record["properties"].get("lastModifiedTime")
    return stamp if isinstance(stamp, str) else None


def _keep_batch(
    step: StepContext,
    rows: list[Kept],
    told: list[dict[str, Any]],
    named: dict[str, str],
    stamps: Mapping[str, str | None],
) -> None:
    """Store flows in one transaction: what they are, and for those read singly what they call."""
    of_row = {
        workflow.casefold(): record["name"].casefold()
        for record in told
        if (workflow := record["properties"].get("workflowEntityId"))
    }
    named.update(of_row)
    with step.store.together():
        step.store.adopt(FLOWS, {f"wf:{row_id}": key for row_id, key in of_row.items()})
        ids = step.store.keep(FLOWS, rows, source="flow_api")
        found = {ids[record["name"].casefold()]: record for record in told}
        _edges(step, {flow: from_flow(r["properties"]) for flow, r in found.items()})
        Details(step, FLOWS, "definition").note({f: stamps[r["name"]] for f, r in found.items()})


def _one(step: StepContext, name: str) -> dict[str, Any]:
    path = (
        f"/providers/Microsoft.ProcessSimple/scopes/admin/environments/{step.scope.name}"
        f"/flows/{name}"
    )
    record = step.api.get_json("flow", path, {"api-version": "2016-11-01", "$expand": _EXPAND})
    return dict(record)


def parse(record: dict[str, Any], *, whole: bool) -> Kept:
    """Return one flow as the Flow service tells it.

    Args:
        record: From the list, or from the single read, which alone has the definition.
        whole: It is from the single read.
    """
    properties = record["properties"]
    creator = properties.get("creator") or {}
    values = {
        "name": record["name"],
        "display_name": properties.get("displayName"),
        "state": properties.get("state"),
        "creator_key": (creator.get("objectId") or creator.get("userId") or "").casefold() or None,
        "created_at": parse_time(properties.get("createdTime")),
        "modified_at": parse_time(properties.get("lastModifiedTime")),
    }
    if whole:
        workflow = properties.get("workflowEntityId")
        values |= {
            "workflow_id": workflow.casefold() if workflow else None,
            "managed": properties.get("isManaged"),
            "trigger_kind": from_flow(properties).trigger_kind,
            "definition_state": "readable",
        }
    return Kept(record["name"].casefold(), values)


def _dataverse(step: StepContext, source: SourceReading, named: dict[str, str]) -> None:
    owners = Owners(step)
    # What the Flow service told before stays as it told it while it cannot be asked.
    closed = not step.was_read("flow_api")
    before = keys_shown_by(step.store, FLOWS, "flow_api") if closed else set[str]()
    url = f"{step.scope.api_url}/api/data/v9.2/workflows"
    parameters = {"$select": _COLUMNS, "$filter": "category eq 5"}
    pages = step.api.pages(
        "dataverse", url, parameters, pager=ODataNextLink(), headers=headers(_PAGE)
    )
    for page in sound(source, pages, _ROW):
        owners.look_up(record.get("_ownerid_value") for record in page)
        found = [(record, from_clientdata(record.get("clientdata"))) for record in page]
        told_before = flow_keys(step.store, [r["workflowid"].casefold() for r in page])
        keys = {
            record["workflowid"]: _key(record["workflowid"].casefold(), named, told_before)
            for record in page
        }
        current = set(named.values())
        told = current | before
        rows = [
            parse_row(record, workflow, keys[record["workflowid"]], owners, told=told)
            for record, workflow in found
        ]
        ids = step.store.keep(FLOWS, rows, source="dataverse")
        source.rows += len(rows)
        untold: dict[int, Workflow] = {}
        half_told: dict[int, Workflow] = {}
        for record, workflow in found:
            key = keys[record["workflowid"]]
            if workflow is not None and key not in current:
                (half_told if key in before else untold)[ids[key]] = workflow
        step.store.replace_edges(FLOW_OPERATIONS, list(half_told), _calls(half_told))
        _edges(step, untold)
        Details(step, FLOWS, "definition").forget([*half_told, *untold])


def _key(workflow_id: str, named: dict[str, str], before: dict[str, str]) -> str:
    """Return the flow's name where the Flow service tells it now or told it before."""
    return named.get(workflow_id) or before.get(workflow_id) or f"wf:{workflow_id}"


def parse_row(
    record: dict[str, Any],
    workflow: Workflow | None,
    key: str,
    owners: Owners,
    *,
    told: set[str],
) -> Kept:
    """Return one flow as Dataverse tells it; facts the Flow service told stay as it told them."""
    values: dict[str, Any] = {
        "workflow_id": record["workflowid"].casefold(),
        "owner_key": owners.person(record.get("_ownerid_value")),
        "solution_id": record.get("solutionid"),
        "managed": record.get("ismanaged"),
    }
    if key not in told:
        values |= {
            "display_name": record.get("name"),
            "state": _STATES.get(record.get("statecode", -1)),
            "created_at": parse_time(record.get("createdon")),
            "modified_at": parse_time(record.get("modifiedon")),
            "trigger_kind": workflow.trigger_kind if workflow else None,
            "definition_state": "readable" if workflow else "unreadable",
        }
    return Kept(key, values)


def _edges(step: StepContext, flows: Mapping[int, Workflow]) -> None:
    references = [
        {
            "flow_id": flow,
            "reference_key": reference.key,
            "connector_key": connector_key(reference.connector),
            "connection_key": (reference.connection_name or "").casefold() or None,
            "logical_name": (reference.logical_name or "").casefold() or None,
            "invoker": reference.invoker,
        }
        for flow, workflow in flows.items()
        for reference in workflow.references
    ]
    step.store.replace_edges(FLOW_OPERATIONS, list(flows), _calls(flows))
    step.store.replace_edges(FLOW_REFERENCES, list(flows), references)


def _calls(flows: Mapping[int, Workflow]) -> list[dict[str, Any]]:
    return [
        {
            "flow_id": flow,
            "action": call.action,
            "is_trigger": call.trigger,
            "connector_key": connector_key(call.connector),
            "operation_id": call.operation_id,
        }
        for flow, workflow in flows.items()
        for call in workflow.calls
    ]


COLLECTOR = Collector(
    "flows",
    "environment",
    collect,
    retires=(FLOWS,),
    presence_sources=("flow_api", "dataverse"),
)
