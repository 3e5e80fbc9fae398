"""Connectors and connections as the Power Apps service tells them, with the quirks it has."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from connectory.simulator.state import Connection, Connector, Environment, Permission
from connectory.simulator.wire import principals, storage
from connectory.simulator.wire.exchange import Json, stamp
from connectory.simulator.wire.world import World

FIRST_PARTY = (
    "shared_sharepointonline",
    "shared_office365",
    "shared_commondataserviceforapps",
    "shared_logicflows",
)
_BOM = b"\xef\xbb\xbf"
_TYPE = "Microsoft.PowerApps/apis"


def place(home: Environment) -> str:
    """Return the path under which administrators find what is in an environment."""
    return f"/providers/Microsoft.PowerApps/scopes/admin/environments/{home.name}"


def environment(home: Environment) -> Json:
    """Return how a record names its environment."""
    return {"id": f"/providers/Microsoft.PowerApps/environments/{home.name}", "name": home.name}


def icon(name: str) -> str:
    """Return the address of an icon, which is open to everybody."""
    return f"https://{storage.HOST}/icons/{hashlib.sha256(name.encode()).hexdigest()[:12]}.png"


def first_party(scope: str, name: str) -> Json:
    """Return a connector of Microsoft's own, which the admin list shows as well."""
    return {
        "name": name,
        "id": f"{scope}/apis/{name}",
        "type": _TYPE,
        "properties": {
            "displayName": name.removeprefix("shared_"),
            "iconUri": icon(name),
            "iconBrandColor": "#036C70",
            "apiEnvironment": "Shared",
            "isCustomApi": False,
            "connectionParameters": {},
            "runtimeUrls": [f"https://europe-001.azure-apim.net/apim/{_bare(name)}"],
            "primaryRuntimeUrl": f"https://europe-001.azure-apim.net/apim/{_bare(name)}",
            "metadata": {"source": "marketplace", "brandColor": "#036C70"},
            "capabilities": ["actions"],
            "description": "A connector of the platform's own.",
            "createdTime": "2016-10-07T18:40:04.3726521Z",
            "changedTime": "2026-09-26T00:11:38.2143635Z",
            "tier": "Standard",
            "publisher": "Microsoft",
        },
    }


def connector(world: World, scope: str, home: Environment, one: Connector) -> Json:
    """Return a custom connector; it never carries its definition, only signed addresses of it.

    Args:
        world: The tenant.
        scope: Path that its id starts with.
        home: Its environment.
        one: The connector, with a runtime name.
    """
    name = one.name or ""
    runtime = f"https://{home.location}-002.azure-apim.net/apim/{_bare(name)}"
    properties: Json = {
        "displayName": one.display_name,
        "description": one.description or "",
        "iconUri": icon(name),
        "iconBrandColor": one.brand_color,
        "contact": {},
        "license": {},
        "apiEnvironment": "Shared",
        "isCustomApi": True,
        "connectionParameters": one.connection_parameters,
        "runtimeUrls": [runtime],
        "primaryRuntimeUrl": runtime,
        "metadata": {
            "source": "powerapps-user-defined",
            "brandColor": one.brand_color,
            "environmentName": home.name,
            "xrmConnectorId": one.dataverse.connector_id if one.dataverse else None,
            "almMode": "Environment",
            "allowSharing": False,
        },
        "capabilities": [],
        "policyTemplateInstances": one.policies,
        "scriptOperations": one.script_operations,
        "createdTime": stamp(one.created),
        "changedTime": stamp(one.changed),
        # What licensing treats as premium is called Standard here, for every custom connector.
        "tier": "Standard",
        "publisher": principals.display_name(world, one.created_by or "") or one.display_name,
        "almMode": "Environment",
    }
    if one.connection_parameter_sets is not None:
        properties["connectionParameterSets"] = one.connection_parameter_sets
    if one.backend_url is not None:
        properties["backendService"] = {"serviceUrl": one.backend_url}
    elif _odd(name, 2):
        properties["backendService"] = None
    if one.definition is not None:
        properties["apiDefinitions"] = {
            "originalSwaggerUrl": storage.original(world, one),
            "modifiedSwaggerUrl": storage.modified(world, one),
        }
    if one.has_script:
        properties["scriptDefinitionUrl"] = storage.script(world, one)
    _add_people(world, one, properties)
    if _odd(name, 3):
        properties["environment"] = environment(home)
    return {"name": name, "id": f"{scope}/apis/{name}", "type": _TYPE, "properties": properties}


def _add_people(world: World, one: Connector, properties: Json) -> None:
    """Name the people as objects, or only as JSON inside a string of the metadata."""
    for member, person in (("createdBy", one.created_by), ("modifiedBy", one.modified_by)):
        if person is None:
            continue
        told = principals.person(world, person)
        properties["metadata"][member] = orjson.dumps(told).decode()
        if not _odd(one.name or "", 4):
            properties[member] = told


def rewritten(one: Connector) -> Any:
    """Return a definition as the platform rewrote it: with its own host, not the API's.

    None where the document could not be read.
    """
    if one.definition is None or one.definition.operations is None:
        return None
    try:
        document = orjson.loads(one.definition.content.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return None
    own = {"host": "europe-002.azure-apim.net", "basePath": f"/apim/{_bare(one.name or '')}"}
    return {**document, **own} if isinstance(document, dict) else None


def permission(world: World, one: Connector, held: Permission) -> Json:
    """Return a role assignment of a connector."""
    scope = (
        "/providers/Microsoft.PowerApps/scopes/admin/environments/"
        f"{one.environment}/apis/{one.name}"
    )
    return {
        "name": held.name,
        "id": f"{scope}/permissions/{held.name}",
        "type": "Microsoft.PowerApps/apis/permissions",
        "properties": {
            "roleName": held.role,
            "principal": principals.holder(world, held),
            "scope": scope,
            "createdOn": stamp(one.created),
            "createdBy": one.created_by,
        },
    }


def connection(world: World, home: Environment, one: Connection) -> Json:
    """Return a connection in admin scope, whose account name is often not told."""
    api = f"{place(home)}/apis/{one.connector}"
    properties: Json = {
        "apiId": api,
        "displayName": one.display_name,
        "iconUri": icon(one.connector),
        "statuses": one.statuses,
        "connectionParameters": {},
        "keywordsRemaining": 0,
        "createdTime": stamp(one.created),
        "lastModifiedTime": stamp(one.modified),
        "testLinks": [],
        "allowSharing": one.allow_sharing,
        "environment": environment(home),
    }
    if one.created_by is not None:
        creator = principals.person(world, one.created_by)
        if one.creator_tenant is not None:
            creator["tenantId"] = one.creator_tenant
        properties["createdBy"] = creator
    if one.account_tenant is not None:
        properties["authenticatedUser"] = {
            "name": one.account_name,
            "tenantId": one.account_tenant,
        }
    if one.account_name is not None:
        properties["accountName"] = one.account_name
    if one.expiration is not None:
        properties["expirationTime"] = stamp(one.expiration)
    return {
        "name": one.name,
        "id": f"{api}/connections/{one.name}",
        "type": "Microsoft.PowerApps/scopes/apis/connections",
        "properties": properties,
    }


def connection_permission(
    world: World, home: Environment, one: Connection, held: Permission
) -> Json:
    """Return a role assignment of a connection."""
    where = f"{place(home)}/apis/{one.connector}/connections/{one.name}/permissions"
    return {
        "name": held.name,
        "id": f"{where}/{held.name}",
        "type": "Microsoft.PowerApps/apis/connections/permissions",
        "properties": {
            "roleName": held.role,
            "principal": principals.holder(world, held),
            "notifyShareTargetOption": "NotSpecified",
            "inviteGuestToTenant": False,
        },
    }


def connection_holders(one: Connection) -> list[Permission]:
    """Return who may use a connection: the person who made it first, if that is known."""
    if one.created_by is None:
        return list(one.permissions)
    return [Permission(one.created_by, "Owner", "User", one.created_by), *one.permissions]


def _bare(name: str) -> str:
    return name.removeprefix("shared_")


def _odd(name: str, modulus: int) -> bool:
    """Tell whether a record shows a quirk that only some records have."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % modulus == 0
