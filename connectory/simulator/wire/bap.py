"""Environments and their administration, as the admin API answers."""

from __future__ import annotations

import re

from connectory.simulator.state import Environment
from connectory.simulator.wire.exchange import Json, Reply, Request, error, page, stamp
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.businessappplatform"
_LIST = re.compile(rf"{_ROOT}(/scopes/admin)?/environments/?", re.IGNORECASE)
_ONE = re.compile(rf"{_ROOT}(/scopes/admin)?/environments/([^/]+)", re.IGNORECASE)
_DELETED = re.compile(rf"{_ROOT}/scopes/admin/deletedenvironments", re.IGNORECASE)
_APPLICATIONS = re.compile(rf"{_ROOT}/adminapplications", re.IGNORECASE)
_SETTINGS = re.compile(rf"{_ROOT}/listtenantsettings", re.IGNORECASE)
_PAGE = 40
_REGIONS = {"crm": "unitedstates", "crm4": "europe", "crm11": "unitedkingdom"}


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the admin API of environments."""
    if "api-version" not in request.query:
        return error(
            400, "MissingApiVersionParameter", "The api-version query parameter is required."
        )
    if _LIST.fullmatch(request.path):
        found = sorted(world.environments.values(), key=lambda e: e.name)
        rows, following = page(request, found, _PAGE)
        return Reply(200, {"value": [record(world, e) for e in rows], **following})
    if match := _ONE.fullmatch(request.path):
        return _single(world, match[2])
    if _DELETED.fullmatch(request.path):
        gone = [e for e in world.tenant.environments.values() if e.deleted is not None]
        return Reply(200, {"value": [record(world, e) for e in gone]})
    if _APPLICATIONS.fullmatch(request.path):
        return Reply(200, {"value": [{"applicationId": world.tenant.collector_app_id}]})
    if _SETTINGS.fullmatch(request.path) and request.method == "POST":
        return Reply(200, {"walkMeOptOut": False, "powerPlatform": {"governance": {}}})
    return error(404, "NotFound", f"No resource at {request.path}.")


def _single(world: World, name: str) -> Reply:
    if name.casefold() == "~default":
        found = next((e for e in world.environments.values() if e.is_default), None)
    else:
        found = world.environments.get(name.casefold())
    if found is None:
        # What does not exist is answered like what is forbidden.
        text = f"The environment '{name}' could not be found in the tenant '{world.tenant.id}'."
        return error(403, "EnvironmentAccessDenied", text)
    return Reply(200, record(world, found))


def record(world: World, environment: Environment) -> Json:
    """Return an environment as the admin list shows it."""
    root = "/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments"
    properties: Json = {
        "tenantId": world.tenant.id,
        "azureRegion": environment.azure_region,
        "displayName": environment.display_name,
        "createdTime": stamp(environment.created),
        "createdBy": _creator(world, environment),
        "lastModifiedTime": stamp(environment.modified),
        "provisioningState": "Succeeded",
        "creationType": "User",
        "environmentSku": environment.sku,
        "isDefault": environment.is_default,
        "states": {"management": {"id": "Ready"}, "runtime": {"id": "Enabled"}},
        "runtimeEndpoints": {
            "microsoft.BusinessAppPlatform": "https://europe.api.bap.microsoft.com",
            "microsoft.PowerApps": "https://europe.api.powerapps.com",
            "microsoft.Flow": "https://emea.api.flow.microsoft.com",
        },
        "governanceConfiguration": {
            "protectionLevel": "Standard" if environment.managed else "Basic"
        },
    }
    if environment.description is not None:
        properties["description"] = environment.description
    if environment.dataverse is not None:
        properties |= {
            "databaseType": "CommonDataService",
            "linkedEnvironmentMetadata": _database(environment),
        }
    if environment.deleted is not None:
        properties |= {
            "softDeletedTime": stamp(environment.deleted),
            "lifecycleOperationsState": "Deleted",
        }
    return {
        "id": f"{root}/{environment.name}",
        "type": "Microsoft.BusinessAppPlatform/scopes/environments",
        "location": environment.location,
        "name": environment.name,
        "properties": properties,
    }


def _database(environment: Environment) -> Json:
    database = environment.dataverse
    if database is None:
        return {}
    return {
        "resourceId": database.organization_id,
        "friendlyName": environment.display_name,
        "uniqueName": f"unq{database.organization_id.replace('-', '')[:12]}",
        "domainName": database.domain,
        "version": "9.2.25103.00198",
        "instanceUrl": f"https://{database.web_host}/",
        "instanceApiUrl": f"https://{database.api_host}",
        "baseLanguage": 1033,
        "instanceState": "Ready",
        "createdTime": stamp(environment.created, 3),
        "backgroundOperationsState": "Enabled",
    }


def _creator(world: World, environment: Environment) -> Json:
    person = world.tenant.people.get(environment.created_by or "")
    if person is None:
        return {"id": "SYSTEM", "displayName": "SYSTEM", "type": "NotSpecified"}
    return {
        "id": person.id,
        "displayName": person.display_name,
        "email": person.mail,
        "type": "User",
        "tenantId": world.tenant.id,
        "userPrincipalName": person.user_principal_name,
    }
