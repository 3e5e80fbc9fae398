"""Tables of an environment's Dataverse, as its Web API answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import orjson

from connectory.simulator.state import Connector, Environment
from connectory.simulator.wire import workflows
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page, seconds, selected
from connectory.simulator.wire.world import World, system_user

_PATH = re.compile(r"/api/data/v9\.[0-2]/([a-z_]+)(\(.*\))?", re.IGNORECASE)
_SIZE = re.compile(r"odata\.maxpagesize=(\d+)")
_USERS = re.compile(r"systemuserid eq ([0-9a-f-]{36})", re.IGNORECASE)
_STATES = {"Stopped": (0, 1), "Started": (1, 2), "Suspended": (2, 3)}
Table = Callable[[World, Environment, Request], Iterable[Json]]


def answer(world: World, request: Request) -> Reply:
    """Answer a request to one environment's Dataverse."""
    home = world.by_host.get(request.host)
    if home is None or home.dataverse is None:
        return error(404, "0x80040217", f"No organization at {request.host}.")
    if request.app_only and not home.dataverse.application_user:
        text = "The user is not a member of the organization."
        return error(403, "0x80072560", text)
    match = _PATH.fullmatch(request.path)
    if match is None:
        return error(404, "0x8006088a", f"Resource not found for the segment '{request.path}'.")
    name = match[1].casefold()
    if name == "whoami":
        return Reply(200, {"OrganizationId": home.dataverse.organization_id})
    table = TABLES.get(name)
    if table is None:
        return error(404, "0x80060888", f"Resource not found for the segment '{match[1]}'.")
    rows = list(table(world, home, request))
    return _listed(request, rows, name)


def _listed(request: Request, rows: Sequence[Json], name: str) -> Reply:
    wanted = _SIZE.search(request.headers.get("prefer", ""))
    some, following = page(
        request, rows, int(wanted[1]) if wanted else 5000, link="@odata.nextLink"
    )
    context = f"https://{request.host}/api/data/v9.2/$metadata#{name}"
    shown = [selected(row, request.query) for row in some]
    return Reply(200, {"@odata.context": context, "value": shown, **following})


def _connectors(world: World, home: Environment, request: Request) -> Iterable[Json]:
    del request
    for one in world.connectors.get(home.name.casefold(), []):
        if one.dataverse is not None:
            yield _connector(home, one)


def _connector(home: Environment, one: Connector) -> Json:
    row = one.dataverse
    if row is None:
        return {}
    document = None
    if one.definition is not None and one.definition.operations is not None:
        document = one.definition.content.decode("utf-8-sig")
    return {
        "@odata.etag": 'W/"1"',
        "connectorid": row.connector_id,
        "connectorinternalid": row.internal_id,
        "name": row.logical_name,
        "displayname": one.display_name,
        "description": one.description,
        "connectortype": 1,
        "openapidefinition": document,
        "connectionparameters": orjson.dumps(one.connection_parameters).decode(),
        "policytemplateinstances": orjson.dumps(one.policies).decode(),
        "scriptoperations": orjson.dumps(one.script_operations).decode(),
        "iconbrandcolor": one.brand_color,
        "statecode": 0,
        "statuscode": 1,
        "ismanaged": row.managed,
        "componentstate": 0,
        "solutionid": row.solution_id,
        "_ownerid_value": system_user(home, row.owner_id),
        "createdon": seconds(one.created),
        "modifiedon": seconds(one.changed),
    }


def _references(world: World, home: Environment, request: Request) -> Iterable[Json]:
    del request
    for one in world.references.get(home.name.casefold(), []):
        yield {
            "@odata.etag": 'W/"1"',
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


def _workflows(world: World, home: Environment, request: Request) -> Iterable[Json]:
    del request
    for flow in world.flows.get(home.name.casefold(), []):
        if flow.workflow_id is None:
            continue
        state, status = _STATES[flow.state]
        yield {
            "@odata.etag": 'W/"1"',
            "workflowid": flow.workflow_id,
            "workflowidunique": flow.workflow_id,
            "name": flow.display_name,
            "category": 5,
            "clientdata": workflows.clientdata(flow),
            "statecode": state,
            "statuscode": status,
            "_ownerid_value": system_user(home, flow.owner_id),
            "createdon": seconds(flow.created),
            "modifiedon": seconds(flow.modified),
            "ismanaged": flow.managed,
            "solutionid": None,
            "primaryentity": "none",
        }


def _system_users(world: World, home: Environment, request: Request) -> Iterable[Json]:
    """Yield the users of this database, people who left the tenant included."""
    asked = {one.casefold() for one in _USERS.findall(request.query.get("$filter", ""))}
    owners = {
        c.dataverse.owner_id for c in world.connectors.get(home.name.casefold(), []) if c.dataverse
    }
    owners |= {r.owner_id for r in world.references.get(home.name.casefold(), [])}
    owners |= {f.owner_id for f in world.flows.get(home.name.casefold(), [])}
    for identity in sorted(owners):
        row = system_user(home, identity)
        if asked and row not in asked:
            continue
        person = world.tenant.people.get(identity)
        yield {
            "@odata.etag": 'W/"1"',
            "systemuserid": row,
            "azureactivedirectoryobjectid": identity,
            "applicationid": None,
            "fullname": person.display_name if person else "# Former user",
            "internalemailaddress": person.mail if person else None,
            "isdisabled": person is None or person.deleted is not None,
        }


def _nothing(world: World, home: Environment, request: Request) -> Iterable[Json]:
    del world, home, request
    return ()


TABLES: dict[str, Table] = {
    "connectors": _connectors,
    "connectionreferences": _references,
    "workflows": _workflows,
    "systemusers": _system_users,
    "solutions": _nothing,
    "publishers": _nothing,
    "bots": _nothing,
    "flowruns": _nothing,
}
