"""Rows of an environment's Dataverse, table by table; columns that hold documents are strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from connectory.simulator.state import ConnectionReference, Connector, Definition, Environment, Flow
from connectory.simulator.wire import bots, flow_runs, workflows
from connectory.simulator.wire.exchange import Json, seconds
from connectory.simulator.wire.world import World, derived, system_user

_ETAG: Final[Json] = {"@odata.etag": 'W/"1074022"'}
SYSTEM: Final = "SYSTEM"
"""The user that stands for a database itself, behind which there is nobody."""
_STATES: Final = {"Stopped": (0, 1), "Started": (1, 2), "Suspended": (2, 3)}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its names, which rows a filter leaves, and how a row is told.

    Attributes:
        name: Logical name, in the singular.
        key: Column with the id.
        find: Returns the things that are rows, in order.
        facts: Turns one into a row without its documents; filters look at these columns.
        documents: Adds the columns that hold documents, which only the rows of a page need.
        narrowed: Stands in for `find` where there is too much of it: sees the filter as well.
    """

    name: str
    key: str
    find: Callable[[World, Environment], Sequence[Any]]
    facts: Callable[[World, Environment, Any], Json]
    documents: Callable[[Any], Json] = lambda _: {}
    narrowed: Callable[[World, Environment, str], Sequence[Any]] | None = None

    def rows(self, world: World, home: Environment, text: str) -> Sequence[Any]:
        """Return the things that may pass a filter, in order."""
        return self.narrowed(world, home, text) if self.narrowed else self.find(world, home)

    def row(self, world: World, home: Environment, one: Any) -> Json:
        """Return one thing as a row with all its columns."""
        return self.facts(world, home, one) | self.documents(one)


def _connectors(world: World, home: Environment) -> Sequence[Connector]:
    return [c for c in world.connectors.get(home.name.casefold(), ()) if c.dataverse is not None]


def _connector(world: World, home: Environment, one: Connector) -> Json:
    del world
    row = one.dataverse
    if row is None:
        return {}
    return _ETAG | {
        "connectorid": row.connector_id,
        "connectorinternalid": row.internal_id,
        "name": row.logical_name,
        "displayname": one.display_name,
        "description": one.description,
        "connectortype": 1,
        "iconbrandcolor": one.brand_color,
        "statecode": 0,
        "statuscode": 1,
        "ismanaged": row.managed,
        "componentstate": 0,
        "solutionid": row.solution_id,
        "introducedversion": "1.0",
        "_ownerid_value": system_user(home, row.owner_id),
        "_createdby_value": system_user(home, one.created_by or row.owner_id),
        "createdon": seconds(one.created),
        "modifiedon": seconds(one.changed),
    }


def _text(definition: Definition | None) -> str | None:
    """Return a definition as a text column holds it, mark of byte order included."""
    try:
        return definition.content.decode() if definition is not None else None
    except UnicodeDecodeError:
        return None


def _connector_documents(one: Connector) -> Json:
    sets = one.connection_parameter_sets
    return {
        "openapidefinition": _text(one.definition),
        "connectionparameters": orjson.dumps(one.connection_parameters).decode(),
        "connectionparametersets": None if sets is None else orjson.dumps(sets).decode(),
        "policytemplateinstances": orjson.dumps(one.policies).decode(),
        "scriptoperations": orjson.dumps(one.script_operations).decode(),
    }


def _references(world: World, home: Environment) -> Sequence[ConnectionReference]:
    return world.references.get(home.name.casefold(), [])


def _reference(world: World, home: Environment, one: ConnectionReference) -> Json:
    del world
    return _ETAG | {
        "connectionreferenceid": one.id,
        "connectionreferencelogicalname": one.logical_name,
        "connectionreferencedisplayname": one.display_name,
        "connectorid": f"/providers/Microsoft.PowerApps/apis/{one.connector}",
        "connectionid": one.connection,
        "_customconnectorid_value": one.connector_row_id,
        "_ownerid_value": system_user(home, one.owner_id),
        "promptingbehavior": one.prompting_behavior,
        "statecode": 0 if one.active else 1,
        "statuscode": 1 if one.active else 2,
        "ismanaged": one.managed,
        "componentstate": 0,
        "solutionid": one.solution_id,
        "createdon": seconds(one.created),
        "modifiedon": seconds(one.modified),
    }


def _flows(world: World, home: Environment) -> Sequence[Flow | None]:
    """Return the cloud flows and, as None, the one workflow of the older kind."""
    found = world.flows.get(home.name.casefold(), ())
    return [*(f for f in found if f.workflow_id is not None), None]


def _flow(world: World, home: Environment, one: Flow | None) -> Json:
    if one is None:
        return _classic(world, home)
    state, status = _STATES[one.state]
    return _ETAG | {
        "workflowid": one.workflow_id,
        "workflowidunique": one.workflow_id,
        "name": one.display_name,
        "category": 5,
        "statecode": state,
        "statuscode": status,
        "_ownerid_value": system_user(home, one.owner_id),
        "_modifiedby_value": system_user(home, one.owner_id),
        "createdon": seconds(one.created),
        "modifiedon": seconds(one.modified),
        "ismanaged": one.managed,
        "solutionid": None,
        "primaryentity": "none",
    }


def _flow_documents(one: Flow | None) -> Json:
    return {"clientdata": workflows.clientdata(one) if one is not None else None}


def _classic(world: World, home: Environment) -> Json:
    """Return a workflow of the older kind, which keeps its steps elsewhere than in ``clientdata``."""
    identity = derived("classic workflow", home.name)
    del world
    owner = system_user(home, home.created_by or SYSTEM)
    return _ETAG | {
        "workflowid": identity,
        "workflowidunique": identity,
        "name": "Number accounts on creation",
        "category": 0,
        "statecode": 1,
        "statuscode": 2,
        "_ownerid_value": owner,
        "_modifiedby_value": owner,
        "createdon": seconds(home.created),
        "modifiedon": seconds(home.created),
        "ismanaged": True,
        "solutionid": None,
        "primaryentity": "account",
    }


def _users(world: World, home: Environment) -> Sequence[tuple[str, str]]:
    """Return the users of this database, by what they stand for.

    They are people, those who left the tenant included, the collector's own application user,
    and the database itself.
    """
    known = world.owners.get(home.name.casefold(), {})
    database = home.dataverse
    robots = [
        s.id
        for s in world.tenant.service_principals.values()
        if s.app_id == world.tenant.collector_app_id and database and database.application_user
    ]
    return [*known.items(), *((one, system_user(home, one)) for one in (SYSTEM, *robots))]


def _user(world: World, home: Environment, one: tuple[str, str]) -> Json:
    del home
    identity, row = one
    person = world.tenant.people.get(identity)
    robot = world.tenant.service_principals.get(identity)
    if robot is not None or identity == SYSTEM:
        return _ETAG | {
            "systemuserid": row,
            "azureactivedirectoryobjectid": robot.id if robot else None,
            "applicationid": robot.app_id if robot else None,
            "fullname": f"# {robot.display_name}" if robot else SYSTEM,
            "internalemailaddress": None,
            "isdisabled": False,
        }
    return _ETAG | {
        "systemuserid": row,
        "azureactivedirectoryobjectid": identity,
        "applicationid": None,
        "fullname": person.display_name if person else "# Former user",
        "internalemailaddress": person.mail if person else None,
        "isdisabled": person is None or person.deleted is not None,
    }


def _nothing(world: World, home: Environment) -> Sequence[Json]:
    del world, home
    return []


def _itself(world: World, home: Environment, one: Json) -> Json:
    del world, home
    return one


def _solutions(world: World, home: Environment) -> Sequence[Json]:
    """Return the solutions that hold connectors or references of this environment."""
    folded = home.name.casefold()
    rows = [c.dataverse.solution_id for c in world.connectors.get(folded, ()) if c.dataverse]
    rows += [r.solution_id for r in world.references.get(folded, ()) if r.solution_id]
    return [_solution(identity) for identity in sorted(set(rows))]


def _solution(identity: str) -> Json:
    return _ETAG | {
        "solutionid": identity,
        "uniquename": f"sim_{identity[:8]}",
        "friendlyname": f"Solution {identity[:8]}",
        "version": "1.0.0.1",
        "versionnumber": 1_074_022,
        "solutionpackageversion": None,
        "installedon": "2026-01-05T08:00:00Z",
        "isvisible": True,
        "_publisherid_value": _PUBLISHER["publisherid"],
        "publisherid": {name: _PUBLISHER[name] for name in ("publisherid", "friendlyname")},
    }


_PUBLISHER: Final[Json] = {
    "publisherid": "5f0c1b52-43a7-4a6b-9a0e-5d3f5a7c9e01",
    "uniquename": "simulatedpublisher",
    "friendlyname": "Simulated publisher",
    "versionnumber": 1_074_021,
    "isreadonly": False,
    "description": None,
    "customizationprefix": "sim",
    "customizationoptionvalueprefix": 10_000,
}


def _publishers(world: World, home: Environment) -> Sequence[Json]:
    del world, home
    return [_ETAG | _PUBLISHER]


TABLES: Final[Mapping[str, Table]] = {
    "connectors": Table("connector", "connectorid", _connectors, _connector, _connector_documents),
    "connectionreferences": Table(
        "connectionreference", "connectionreferenceid", _references, _reference
    ),
    "workflows": Table("workflow", "workflowid", _flows, _flow, _flow_documents),
    "systemusers": Table("systemuser", "systemuserid", _users, _user),
    "solutions": Table("solution", "solutionid", _solutions, _itself),
    "publishers": Table("publisher", "publisherid", _publishers, _itself),
    "flowruns": Table(
        "flowrun", "flowrunid", lambda *_: (), flow_runs.row, narrowed=flow_runs.rows
    ),
    "flowevents": Table("flowevent", "floweventid", flow_runs.events, _itself),
    "organizations": Table("organization", "organizationid", flow_runs.organizations, _itself),
    "bots": Table("bot", "botid", bots.agents, bots.agent),
    "botcomponents": Table("botcomponent", "botcomponentid", bots.parts, bots.part, bots.document),
    "msdyn_aimodels": Table("msdyn_aimodel", "msdyn_aimodelid", _nothing, _itself),
}
