"""Agents built in Copilot Studio and the connectors their tools and topics call.

Sources: the Dataverse tables ``bot`` and ``botcomponent``. A component's document calls operations
through connection references, whose connectors the connection references just read tell. Where
Dataverse is closed, an administrator's inventory still shows agents (collectors/inventory.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collectors.api.errors import NotFound
from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.dataverse import NO_DATAVERSE, Owners, headers
from collectors.lookups import connectors_of_references
from collectors.nouns import AGENT_OPERATIONS, AGENTS
from collectors.records import Shape, every, sound
from collectors.store import Kept
from connectory.domain.agent import AgentCall, calls, named_connector
from connectory.domain.identity import parse_time

_PAGE = 250
_AGENTS = (
    "botid,name,schemaname,statecode,_ownerid_value,ismanaged,solutionid,"
    "createdon,modifiedon,publishedon"
)
_COMPONENTS = "botcomponentid,schemaname,data,_parentbotid_value"
# Tools and topics are components of the same type; others call no connector.
_CALLING = "componenttype eq 9"
_AGENT = Shape(texts=("botid",))
_COMPONENT = Shape(texts=("botcomponentid",))
_NO_TABLE = "this environment's Dataverse has no table of agents"


def collect(step: StepContext) -> None:
    """Read the agents of one environment, then what all of them call."""
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
        return
    ids: dict[str, int] = {}
    with step.reading("dataverse") as source:
        try:
            ids = _agents(step, source)
        except NotFound:
            step.skip("dataverse", _NO_TABLE, settles=False)
            return
    if not ids:
        step.skip("components", "no agent is known to ask about")
        return
    with step.reading("components") as source:
        _components(step, source, ids)


def _agents(step: StepContext, source: SourceReading) -> dict[str, int]:
    owners = Owners(step)
    ids: dict[str, int] = {}
    url = f"{step.scope.api_url}/api/data/v9.2/bots"
    pages = step.api.pages(
        "dataverse", url, {"$select": _AGENTS}, pager=ODataNextLink(), headers=headers(_PAGE)
    )
    for page in sound(source, pages, _AGENT):
        owners.look_up(record.get("_ownerid_value") for record in page)
        rows = [parse(record, owners.person(record.get("_ownerid_value"))) for record in page]
        ids |= step.store.keep(AGENTS, rows, source=source.source)
        source.rows += len(rows)
    return ids


def parse(record: dict[str, Any], owner: str | None) -> Kept:
    """Return one agent.

    Args:
        record: Its row.
        owner: Object id of who owns the row.
    """
    state = record.get("statecode")
    return Kept(
        record["botid"].casefold(),
        {
            "name": record["botid"],
            "schema_name": record.get("schemaname"),
            "display_name": record.get("name"),
            "owner_key": owner,
            "active": None if state is None else state == 0,
            "managed": record.get("ismanaged"),
            "solution_id": record.get("solutionid"),
            "created_at": parse_time(record.get("createdon")),
            "modified_at": parse_time(record.get("modifiedon")),
            "published_at": parse_time(record.get("publishedon")),
        },
    )


def _components(step: StepContext, source: SourceReading, ids: Mapping[str, int]) -> None:
    """Read every component; an agent's stand on any page, so links are stored after the last."""
    found: dict[str, dict[str, AgentCall]] = {}
    url = f"{step.scope.api_url}/api/data/v9.2/botcomponents"
    parameters = {"$select": _COMPONENTS, "$filter": _CALLING}
    pages = step.api.pages(
        "dataverse", url, parameters, pager=ODataNextLink(), headers=headers(_PAGE)
    )
    for record in every(pages, _COMPONENT, "botcomponents"):
        source.rows += 1
        # Components of a collection that no agent has taken in belong to nobody.
        agent = (record.get("_parentbotid_value") or "").casefold()
        if agent in ids:
            found.setdefault(agent, {}).update(actions(record))
    names = {call.reference for told in found.values() for call in told.values() if call.reference}
    known = connectors_of_references(step.store, sorted(names))
    rows = [
        {
            "agent_id": ids[agent],
            "action": action,
            "connector_key": known.get((call.reference or "").casefold())
            or named_connector(call.reference),
            "operation_id": call.operation_id,
            "logical_name": (call.reference or "").casefold() or None,
            "invoker": call.invoker,
        }
        for agent, told in found.items()
        for action, call in told.items()
    ]
    step.store.replace_edges(AGENT_OPERATIONS, list(ids.values()), rows)


def actions(record: dict[str, Any]) -> dict[str, AgentCall]:
    """Return the calls in one component by a name of their own; a lone one has the component's."""
    name = record.get("schemaname") or record["botcomponentid"]
    told = calls(record.get("data"))
    if len(told) == 1:
        return {name: told[0]}
    steps = [call.step for call in told]
    return {
        f"{name}/{call.step}" if steps.count(call.step) == 1 else f"{name}/{number}": call
        for number, call in enumerate(told, 1)
    }


COLLECTOR = Collector(
    "agents",
    "environment",
    collect,
    retires=(AGENTS,),
    presence_sources=("dataverse",),
    outranks=("inventory",),
    after=("environments", "connection_references"),
)
