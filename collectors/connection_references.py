"""Connection references of an environment's solutions.

Source: the Dataverse ``connectionreference`` table. There is no list across environments, and
each Dataverse needs the application user (docs/permissions.md).
"""

from __future__ import annotations

from typing import Any

from collectors.api.paging import ODataNextLink
from collectors.contract import Collector, StepContext
from collectors.nouns import CONNECTION_REFERENCES
from collectors.store import Kept
from connectory.domain.identity import connector_key, parse_time

_SELECT = (
    "connectionreferenceid,connectionreferencelogicalname,connectionreferencedisplayname,"
    "connectorid,connectionid,_customconnectorid_value,_ownerid_value,promptingbehavior,"
    "statecode,statuscode,ismanaged,componentstate,solutionid,createdon,modifiedon"
)
HEADERS = {
    "Accept": "application/json",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
    "Prefer": "odata.maxpagesize=500",
}
NO_DATAVERSE = "this environment has no Dataverse database"


def collect(step: StepContext) -> None:
    """Read the connection references of one environment."""
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
        return
    url = f"{step.scope.api_url}/api/data/v9.2/connectionreferences"
    with step.reading("dataverse") as source:
        pages = step.api.pages(
            "dataverse", url, {"$select": _SELECT}, pager=ODataNextLink(), headers=HEADERS
        )
        for page in pages:
            kept = [parse(record) for record in page]
            step.store.keep(CONNECTION_REFERENCES, kept, source=source.source)
            source.rows += len(kept)


def parse(record: dict[str, Any]) -> Kept:
    """Return one connection reference; its connector is a path, its connection a name."""
    connector = record.get("connectorid")
    connection = record.get("connectionid")
    row = record.get("_customconnectorid_value")
    owner = record.get("_ownerid_value")
    return Kept(
        record["connectionreferenceid"].casefold(),
        {
            "logical_name": record["connectionreferencelogicalname"],
            "display_name": record.get("connectionreferencedisplayname"),
            "connector_key": connector_key(connector) if connector else None,
            "connector_row_key": row.casefold() if row else None,
            "connection_key": connection.casefold() if connection else None,
            "owner_key": owner.casefold() if owner else None,
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
