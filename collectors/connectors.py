"""Custom connectors: what four lists each say of them.

They see different subsets on purpose: the admin list every runtime connector, the makers' list
what was shared with who asks, Dataverse only those in solutions (some of which have no runtime
yet), the connectivity API what the caller's role lets it see. All are read, and who saw what is
remembered; a fifth view is noted by collectors/inventory.py.
"""

from __future__ import annotations

from typing import Any

import orjson

from collectors.api.paging import NextLink, ODataNextLink
from collectors.contract import Collector, SourceReading, StepContext
from collectors.dataverse import NO_DATAVERSE, Owners, headers
from collectors.definitions import ABSENT, keep_definition
from collectors.details import Details
from collectors.lookups import keys_shown_by, known_keys
from collectors.nouns import CONNECTORS
from collectors.originals import keep_definitions
from collectors.records import Shape, sound
from collectors.spellings import note_spellings
from collectors.store import Kept
from connectory.domain.authentication import authentication
from connectory.domain.identity import connector_key, parse_time
from connectory.domain.redaction import redact_json

_PAGE = 50
_COLUMNS = (
    "connectorid,connectorinternalid,name,displayname,description,connectortype,"
    "openapidefinition,connectionparameters,policytemplateinstances,scriptoperations,"
    "iconbrandcolor,statecode,statuscode,ismanaged,componentstate,solutionid,_ownerid_value,"
    "createdon,modifiedon"
)


_LISTED = Shape(
    texts=("name",),
    objects=("properties",),
    may_be_objects=("properties.metadata", "properties.createdBy", "properties.apiDefinitions"),
)
_ROW = Shape(texts=("connectorid",))


def collect(step: StepContext) -> None:
    """Read the lists, then give rows without a runtime name the one they turn out to have."""
    by_row: dict[str, str] = {}
    shown: set[str] = set()
    with step.reading("definitions") as definitions, step.reading("admin") as source:
        _admin(step, source, definitions, by_row, shown)
    shown |= _told_better(step, "admin")
    with step.reading("maker_list") as source:
        _maker_list(step, source, definitions, by_row, shown)
    shown |= _told_better(step, "maker_list")
    if step.scope.api_url is None:
        step.skip("dataverse", NO_DATAVERSE)
    else:
        with step.reading("dataverse") as source:
            _dataverse(step, source, by_row, shown)
        shown |= _told_better(step, "dataverse")
    with step.reading("connectivity") as source:
        _connectivity(step, source, shown)


def _told_better(step: StepContext, source: str) -> set[str]:
    """Return what a better source told before, and still does while it cannot be asked."""
    return set() if step.was_read(source) else keys_shown_by(step.store, CONNECTORS, source)


def _admin(
    step: StepContext,
    source: SourceReading,
    definitions: SourceReading,
    by_row: dict[str, str],
    shown: set[str],
) -> None:
    path = f"/providers/Microsoft.PowerApps/scopes/admin/environments/{step.scope.name}/apis"
    parameters = {
        "api-version": step.settings.powerapps_admin_api_version,
        "$filter": "isCustomApi eq 'True'",
    }
    names: dict[str, str] = {}
    pages = step.api.pages("powerapps", path, parameters, pager=NextLink())
    for page in sound(source, pages, _LISTED):
        records = _custom(page)
        _tell_collisions(source, [record["name"] for record in records], names)
        ids = step.store.keep(CONNECTORS, [parse_admin(r) for r in records], source="admin")
        note_spellings(step.store, ids, [record["name"] for record in records], "admin")
        shown.update(ids)
        source.rows += len(records)
        by_row.update(_rows_named(records))
        keep_definitions(step, definitions, records, ids)


def _maker_list(
    step: StepContext,
    source: SourceReading,
    definitions: SourceReading,
    by_row: dict[str, str],
    shown: set[str],
) -> None:
    """Read what a maker with our rights would see; the facts of the admin list are the better ones."""
    parameters = {
        "api-version": step.settings.powerapps_maker_api_version,
        "$filter": f"environment eq '{step.scope.name}' and IsCustomApi eq 'True'",
    }
    names: dict[str, str] = {}
    path = "/providers/Microsoft.PowerApps/apis"
    pages = step.api.pages("powerapps", path, parameters, pager=NextLink())
    for page in sound(source, pages, _LISTED):
        records = _custom(page)
        _tell_collisions(source, [record["name"] for record in records], names)
        untold = [record for record in records if connector_key(record["name"]) not in shown]
        rows = [Kept(connector_key(record["name"]), {}) for record in records]
        rows += [parse_admin(record) for record in untold]
        ids = step.store.keep(CONNECTORS, rows, source="maker_list")
        note_spellings(step.store, ids, [record["name"] for record in records], "maker_list")
        source.rows += len(records)
        by_row.update(_rows_named(untold))
        keep_definitions(step, definitions, untold, ids)
        shown.update(ids)


def _custom(page: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the platform's own connectors, which a filter does not always keep away."""
    return [record for record in page if record["properties"].get("isCustomApi") is True]


def _rows_named(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return the key of each connector that names its row in Dataverse, by that row."""
    named = {
        ((record["properties"].get("metadata") or {}).get("xrmConnectorId") or ""): record["name"]
        for record in records
    }
    return {row.casefold(): connector_key(name) for row, name in named.items() if row}


def _tell_collisions(source: SourceReading, listed: list[str], names: dict[str, str]) -> None:
    """Say where two names of one listing are one key: neither is silently taken for the other."""
    for name in listed:
        first = names.setdefault(connector_key(name), name)
        if first.casefold() != name.casefold():
            source.falls_short(f"{first} and {name} cannot be told apart; one is kept")


def parse_admin(record: dict[str, Any]) -> Kept:
    """Return one connector as the admin list tells it.

    The last change is called ``changedTime`` there. ``tier`` says Standard for every custom
    connector, although each is premium; it is kept as told.
    """
    properties = record["properties"]
    metadata = properties.get("metadata") or {}
    creator = properties.get("createdBy") or _embedded(metadata.get("createdBy"))
    modifier = properties.get("modifiedBy") or _embedded(metadata.get("modifiedBy"))
    return Kept(
        connector_key(record["name"]),
        {
            "name": record["name"],
            "display_name": properties.get("displayName"),
            "description": properties.get("description"),
            "dataverse_id": _folded(metadata.get("xrmConnectorId")),
            "creator_key": _folded(creator.get("id")),
            "modifier_key": _folded(modifier.get("id")),
            "created_at": parse_time(properties.get("createdTime")),
            "changed_at": parse_time(properties.get("changedTime")),
            "tier": properties.get("tier"),
            "publisher": properties.get("publisher"),
            "brand_color": properties.get("iconBrandColor"),
            "backend_url": (properties.get("backendService") or {}).get("serviceUrl"),
            **_configuration(
                properties.get("connectionParameters"),
                properties.get("connectionParameterSets"),
                properties.get("policyTemplateInstances"),
                properties.get("scriptOperations"),
                has_script=bool(properties.get("scriptDefinitionUrl")),
            ),
        },
    )


def _configuration(
    parameters: Any, sets: Any, policies: Any, scripts: Any, *, has_script: bool
) -> dict[str, Any]:
    signs_in = authentication(parameters, sets)
    stored = {"parameters": parameters or {}, "sets": sets or {}}
    operations = [str(name) for name in scripts] if isinstance(scripts, list) else []
    return {
        "authentication": signs_in.label,
        "authentication_kinds": list(signs_in.kinds),
        "client_id": signs_in.client_id,
        "gateway": signs_in.gateway,
        "connection_parameters": redact_json(stored),
        "policies": redact_json(policies if isinstance(policies, list) else []),
        "script_operations": operations,
        "has_script": has_script or bool(operations),
    }


def _embedded(text: Any) -> dict[str, Any]:
    """Read the people whom the metadata carries as JSON inside a string."""
    if not isinstance(text, str):
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _folded(value: Any) -> str | None:
    return value.casefold() if isinstance(value, str) and value else None


def _dataverse(
    step: StepContext, source: SourceReading, by_row: dict[str, str], shown: set[str]
) -> None:
    url = f"{step.scope.api_url}/api/data/v9.2/connectors"
    parameters = {"$select": _COLUMNS, "$filter": "connectortype eq 1"}
    # Definitions stand in the rows: small pages keep a reply within bounds.
    owners = Owners(step)
    row_of: dict[str, str] = {}
    pages = step.api.pages(
        "dataverse", url, parameters, pager=ODataNextLink(), headers=headers(_PAGE)
    )
    for page in sound(source, pages, _ROW):
        owners.look_up(record.get("_ownerid_value") for record in page)
        rows, provisional = [], {}
        asked = [key for record in page for key in _spellings(record)]
        known = shown | known_keys(step.store, CONNECTORS, asked)
        for record in page:
            key = _row_key(record, by_row, known)
            first = row_of.setdefault(key, record["connectorid"])
            if first != record["connectorid"]:
                source.falls_short(
                    f"rows {first} and {record['connectorid']} have one runtime name; one is kept"
                )
            unnamed = f"dv:{record['connectorid'].casefold()}"
            if key != unnamed:
                provisional[unnamed] = key
            rows.append(_parse_row(step, record, key, owners, told=key in shown))
        step.store.adopt(CONNECTORS, provisional)
        ids = step.store.keep(CONNECTORS, rows, source="dataverse")
        told = [row for key, row in ids.items() if key not in shown]
        Details(step, CONNECTORS, "definition").forget(told)
        shown.update(ids)
        source.rows += len(rows)


def _row_key(record: dict[str, Any], by_row: dict[str, str], known: set[str]) -> str:
    """Return the key of a Dataverse row, provisional while it has no runtime name.

    The prefix ``shared_`` stands before the runtime name in some rows and is missing in others.
    """
    row_id = record["connectorid"].casefold()
    if row_id in by_row:
        return by_row[row_id]
    spellings = _spellings(record)
    if not spellings:
        return f"dv:{row_id}"
    return next((key for key in spellings if key in known), spellings[0])


def _spellings(record: dict[str, Any]) -> list[str]:
    """Return both spellings a row's runtime name can have, the usual one first."""
    internal = record.get("connectorinternalid")
    if not internal:
        return []
    bare = connector_key(internal).removeprefix("shared_")
    return [f"shared_{bare}", bare]


def _parse_row(
    step: StepContext, record: dict[str, Any], key: str, owners: Owners, *, told: bool
) -> Kept:
    """Return what only Dataverse knows, and the rest where the admin list did not tell it."""
    values: dict[str, Any] = {
        "dataverse_id": record["connectorid"].casefold(),
        "logical_name": record.get("name"),
        "solution_id": record.get("solutionid"),
        "managed": record.get("ismanaged"),
        "dataverse_owner_key": owners.person(record.get("_ownerid_value")),
    }
    if told:
        return Kept(key, values)
    document = record.get("openapidefinition")
    if isinstance(document, str) and document:
        values |= keep_definition(step, document.encode()).reference
    else:
        values |= ABSENT
    values |= {
        "name": record.get("connectorinternalid"),
        "display_name": record.get("displayname"),
        "description": record.get("description"),
        "brand_color": record.get("iconbrandcolor"),
        "created_at": parse_time(record.get("createdon")),
        "changed_at": parse_time(record.get("modifiedon")),
        **_configuration(
            _loaded(record.get("connectionparameters")),
            None,
            _loaded(record.get("policytemplateinstances")),
            _loaded(record.get("scriptoperations")),
            has_script=False,
        ),
    }
    return Kept(key, values)


def _loaded(text: Any) -> Any:
    """Read a column that holds JSON as a string."""
    if not isinstance(text, str) or not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _connectivity(step: StepContext, source: SourceReading, shown: set[str]) -> None:
    name = step.scope.name
    parameters = {"$filter": f"environment eq '{name}'", "api-version": "2024-10-01"}
    path = f"/connectivity/environments/{name}/connectors"
    pages = step.api.pages("powerplatform", path, parameters, pager=ODataNextLink())
    for page in sound(source, pages, _LISTED):
        rows = []
        for record in page:
            properties = record.get("properties") or {}
            if properties.get("isCustomApi") is not True:
                continue
            key = connector_key(record["name"])
            told = key in shown
            rows.append(Kept(key, {}) if told else parse_admin(record))
        ids = step.store.keep(CONNECTORS, rows, source="connectivity")
        note_spellings(step.store, ids, [record["name"] for record in page], "connectivity")
        source.rows += len(rows)


COLLECTOR = Collector(
    "connectors",
    "environment",
    collect,
    retires=(CONNECTORS,),
    presence_sources=("admin", "maker_list", "dataverse", "connectivity"),
    outranks=("inventory",),
)
