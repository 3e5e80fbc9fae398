"""Connection references of an environment's solutions.

Source: the Dataverse ``connectionreference`` table. There is no list across environments, and
each Dataverse needs the application user (docs/permissions.md).
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, StepContext
from collectors.dataverse import NO_DATAVERSE, Owners, headers
from collectors.nouns import CONNECTION_REFERENCES
from collectors.records import Shape, sound
from collectors.store import Kept
from connectory.domain.identity import connector_key, parse_time

_SELECT = (
    "connectionreferenceid,connectionreferencelogicalname,connectionreferencedisplayname,"
    "connectorid,connectionid,_customconnectorid_value,_ownerid_value,promptingbehavior,"
    "statecode,statuscode,ismanaged,componentstate,solutionid,createdon,modifiedon"
)
_PAGE = 500


_REFERENCE = Shape(texts=("connectionreferenceid", "connectionreferencelogicalname"))


def collect(step: StepContext) -> None:
    """Read the connection references of one environment."""
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
        return
    owners = Owners(step)
    url = f"{step.scope.api_url}/api/data/v9.2/connectionreferences"
    with step.reading("dataverse") as source:
        pages = step.api.pages(
            "dataverse", url, {"$select": _SELECT}, pager=ODataNextLink(), headers=headers(_PAGE)
        )
        for page in sound(source, pages, _REFERENCE):
            owners.look_up(record.get("_ownerid_value") for record in page)
            kept = [parse(record, owners) for record in page]
            step.store.keep(CONNECTION_REFERENCES, kept, source=source.source)
            source.rows += len(kept)


def parse(record: dict[str, Any], owners: Owners) -> Kept:
    """Return one connection reference; its connector is a path, its connection a name."""
    connector = record.get("connectorid")
    connection = record.get("connectionid")
    row = record.get("_customconnectorid_value")
    return Kept(
        record["connectionreferenceid"].casefold(),
        {
            "logical_name": record["connectionreferencelogicalname"],
            "display_name": record.get("connectionreferencedisplayname"),
            "connector_key": connector_key(connector) if connector else None,
            "connector_row_key": row.casefold() if row else None,
            "connection_key": connection.casefold() if connection else None,
            "owner_key": owners.person(record.get("_ownerid_value")),
            "active": record.get("statecode") == 0,
            "managed": record.get("ismanaged"),
            "prompting_behavior": record.get("promptingbehavior"),
            "solution_id": record.get("solutionid"),
            "created_at": parse_time(record.get("createdon")),
            "modified_at": parse_time(record.get("modifiedon")),
        },
    )


COLLECTOR = Collector(
    "connection_references",
    "environment",
    collect,
    retires=(CONNECTION_REFERENCES,),
    presence_sources=("dataverse",),
)
