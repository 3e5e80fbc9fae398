"""Records of the Power Apps service, with the quirks the real one has."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import orjson

from connectory.simulator.state import App, Connection, Connector, Environment, Permission
from connectory.simulator.wire.exchange import Json, Request, stamp
from connectory.simulator.wire.world import World, blob_name

FIRST_PARTY = (
    "shared_sharepointonline",
    "shared_office365",
    "shared_commondataserviceforapps",
    "shared_logicflows",
)
BLOB_HOST = "simulatedconnectors.blob.core.windows.net"
_SAS_SECONDS = 62 * 60


def first_party(home: Environment, name: str) -> Json:
    """Return a connector of Microsoft's own, which the admin list shows as well."""
    return {
        "name": name,
        "id": f"/providers/Microsoft.PowerApps/scopes/admin/environments/{home.name}/apis/{name}",
        "type": "Microsoft.PowerApps/apis",
        "properties": {
            "displayName": name.removeprefix("shared_"),
            "iconUri": f"https://icons.simulated.example/{name}.png",
            "iconBrandColor": "#036C70",
            "apiEnvironment": "Shared",
            "isCustomApi": False,
            "connectionParameters": {},
            "tier": "Standard",
            "publisher": "Microsoft",
        },
    }


def connector(world: World, request: Request, home: Environment, one: Connector) -> Json:
    """Return a custom connector; a list never carries its definition, only signed addresses."""
    name = one.name or ""
    properties: Json = {
        "displayName": one.display_name,
        "description": one.description or "",
        "iconUri": f"https://icons.simulated.example/{_short(name)}.png",
        "iconBrandColor": one.brand_color,
        "contact": {},
        "license": {},
        "apiEnvironment": "Shared",
        "isCustomApi": True,
        "connectionParameters": one.connection_parameters,
        "runtimeUrls": [f"https://europe-002.azure-apim.net/apim/{name}"],
        "primaryRuntimeUrl": f"https://europe-002.azure-apim.net/apim/{name}",
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
        "tier": "Standard",
        "publisher": one.display_name if one.created_by is None else _name(world, one.created_by),
        "almMode": "Environment",
    }
    if one.connection_parameter_sets is not None:
        properties["connectionParameterSets"] = one.connection_parameter_sets
    if one.backend_url is not None:
        properties["backendService"] = {"serviceUrl": one.backend_url}
    if one.definition is not None:
        address = signed(blob_name(one))
        properties["apiDefinitions"] = {
            "originalSwaggerUrl": address.replace(".json?", ".json_original?"),
            "modifiedSwaggerUrl": address,
        }
    if one.has_script:
        properties["scriptDefinitionUrl"] = signed(f"{blob_name(one)}-script")
    _add_people(world, one, properties)
    if _odd(name, 3):
        place = f"/providers/Microsoft.PowerApps/environments/{home.name}"
        properties["environment"] = {"id": place, "name": home.name}
    scope = (
        ""
        if request.path.casefold().startswith("/providers/microsoft.powerapps/apis")
        else (f"/scopes/admin/environments/{home.name}")
    )
    return {
        "name": name,
        "id": f"/providers/Microsoft.PowerApps{scope}/apis/{name}",
        "type": "Microsoft.PowerApps/apis",
        "properties": properties,
    }


def _add_people(world: World, one: Connector, properties: Json) -> None:
    """Name the people as objects, or only as JSON inside a string of the metadata."""
    for member, person in (("createdBy", one.created_by), ("modifiedBy", one.modified_by)):
        if person is None:
            continue
        told = person_record(world, person)
        properties["metadata"][member] = orjson.dumps(told).decode()
        if not _odd(one.name or "", 4):
            properties[member] = told


def signed(name: str) -> str:
    """Return the signed address of a document in storage, good for about an hour."""
    until = int(time.time()) + _SAS_SECONDS
    return (
        f"https://{BLOB_HOST}/api-swagger-files/{name}.json"
        f"?sv=2024-11-04&se={until}&sp=r&sr=b&sig={signature(name, until)}"
    )


def signature(name: str, until: int) -> str:
    """Return the signature of a signed address."""
    return hashlib.sha256(f"simulated {name} {until}".encode()).hexdigest()


def rewritten(home: Environment, one: Connector) -> Any:
    """Return the definition as the single read shows it: with the platform's host, not the API's."""
    if one.definition is None or one.definition.operations is None:
        return None
    document = orjson.loads(one.definition.content.removeprefix(b"\xef\xbb\xbf"))
    return {
        **document,
        "host": f"{home.location}-002.azure-apim.net",
        "basePath": f"/apim/{one.name}",
    }


def permission(world: World, one: Connector, held: Permission) -> Json:
    """Return a role assignment of a connector."""
    scope = f"/providers/Microsoft.PowerApps/scopes/admin/environments/{one.environment}/apis/{one.name}"
    return {
        "name": held.name,
        "id": f"{scope}/permissions/{held.name}",
        "type": "Microsoft.PowerApps/apis/permissions",
        "properties": {
            "roleName": held.role,
            "principal": _principal(world, held),
            "scope": scope,
            "createdOn": stamp(one.created),
            "createdBy": one.created_by,
        },
    }


def _principal(world: World, held: Permission) -> Json:
    tenant = world.tenant
    identity = held.principal_id or ""
    if held.principal_type == "Tenant":
        return {"id": None, "type": "Tenant", "tenantId": tenant.id}
    if held.principal_type == "Group":
        group = tenant.groups.get(identity)
        shown = group.display_name if group and group.deleted is None else ""
        return {"id": identity, "displayName": shown, "type": "Group", "tenantId": tenant.id}
    if held.principal_type == "ServicePrincipal":
        application = tenant.service_principals.get(identity)
        name = application.display_name if application else ""
        return {
            "id": identity,
            "displayName": name,
            "type": "ServicePrincipal",
            "tenantId": tenant.id,
        }
    return person_record(world, identity)


def person_record(world: World, identity: str) -> Json:
    """Return a person as records name them; of one who left only the id remains."""
    person = world.tenant.people.get(identity)
    if person is None or person.deleted is not None:
        return {"id": identity, "displayName": "", "type": "User", "tenantId": world.tenant.id}
    return {
        "id": identity,
        "displayName": person.display_name,
        "email": person.mail,
        "type": "User",
        "tenantId": world.tenant.id,
        "userPrincipalName": person.user_principal_name,
    }


def connection(world: World, home: Environment, one: Connection) -> Json:
    """Return a connection in admin scope, whose account name is often not told."""
    api = (
        f"/providers/Microsoft.PowerApps/scopes/admin/environments/{home.name}/apis/{one.connector}"
    )
    properties: Json = {
        "apiId": api,
        "displayName": one.display_name,
        "iconUri": f"https://icons.simulated.example/{_short(one.connector)}.png",
        "statuses": one.statuses,
        "connectionParameters": {},
        "keywordsRemaining": 0,
        "createdTime": stamp(one.created),
        "lastModifiedTime": stamp(one.modified),
        "testLinks": [],
        "allowSharing": one.allow_sharing,
        "environment": {
            "id": f"/providers/Microsoft.PowerApps/environments/{home.name}",
            "name": home.name,
        },
    }
    if one.created_by is not None:
        properties["createdBy"] = person_record(world, one.created_by)
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


def app(world: World, home: Environment, one: App) -> Json:
    """Return a canvas app; the ids of its connectors are in lower case there."""
    return {
        "name": one.name,
        "id": f"/providers/Microsoft.PowerApps/scopes/admin/environments/{home.name}/apps/{one.name}",
        "type": "Microsoft.PowerApps/scopes/admin/apps",
        "appType": "ClassicCanvasApp",
        "tags": {"primaryDeviceWidth": "1366", "publisherVersion": "3.26102.7"},
        "properties": {
            "displayName": one.display_name,
            "description": "",
            "owner": person_record(world, one.owner_id),
            "createdBy": person_record(world, one.created_by),
            "lastModifiedBy": person_record(world, one.owner_id),
            "createdTime": stamp(one.created),
            "lastModifiedTime": stamp(one.modified),
            "lastPublishTime": stamp(one.published),
            "sharedGroupsCount": one.shared_groups,
            "sharedUsersCount": one.shared_users,
            **({} if one.old else _flags(one)),
            "connectionReferences": {r.key: _app_reference(one, r) for r in one.references},
            "environment": {
                "id": f"/providers/Microsoft.PowerApps/environments/{home.name}",
                "name": home.name,
            },
            "almMode": "Environment",
        },
    }


def _flags(one: App) -> Json:
    custom = any(reference.custom for reference in one.references)
    return {
        "usesPremiumApi": custom,
        "usesCustomApi": custom,
        "usesOnPremiseGateway": False,
        "bypassConsent": False,
        "appPlanClassification": "Premium" if custom else "Standard",
    }


def _app_reference(one: App, reference: Any) -> Json:
    told: Json = {
        "id": f"/providers/microsoft.powerapps/apis/{reference.connector}".lower(),
        "displayName": (reference.data_sources or [reference.connector])[0],
        "iconUri": "https://icons.simulated.example/reference.png",
        "dataSources": reference.data_sources,
        "dependencies": [],
        "dependents": [],
        "isOnPremiseConnection": False,
        "bypassConsent": False,
    }
    if not one.old:
        told |= {"apiTier": "Standard", "isCustomApiConnection": reference.custom}
    if reference.shared_connection is not None:
        told["sharedConnectionId"] = f"{told['id']}/connections/{reference.shared_connection}"
    if reference.flow is not None:
        told["workflowDetails"] = {"workflowEntityId": reference.flow}
    return told


def app_permission(world: World, one: App, held: Permission) -> Json:
    """Return a role assignment of an app."""
    place = f"/providers/Microsoft.PowerApps/apps/{one.name}"
    return {
        "name": held.name,
        "id": f"{place}/permissions/{held.name}",
        "type": "Microsoft.PowerApps/apps/permissions",
        "properties": {
            "roleName": held.role,
            "principal": _principal(world, held),
            "scope": place,
            "notifyShareTargetOption": "NotSpecified",
            "inviteGuestToTenant": False,
        },
    }


def maker_environment(home: Environment) -> Json:
    """Return an environment as makers see it."""
    place = f"/providers/Microsoft.PowerApps/environments/{home.name}"
    return {
        "name": home.name,
        "id": place,
        "type": "Microsoft.PowerApps/environments",
        "location": home.location,
        "properties": {
            "displayName": home.display_name,
            "createdTime": stamp(home.created),
            "environmentSku": home.sku,
            "isDefault": home.is_default,
        },
    }


def _name(world: World, identity: str) -> str:
    person = world.tenant.people.get(identity)
    return person.display_name if person else ""


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _odd(name: str, modulus: int) -> bool:
    """Tell whether a record shows a quirk that only some records have."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % modulus == 0
