"""Environments and their administration, as the admin API answers."""

from __future__ import annotations

import re
from typing import Final

from connectory.simulator.state import Environment
from connectory.simulator.wire import billing, policies
from connectory.simulator.wire.exchange import (
    Json,
    Reply,
    Request,
    error,
    require_api_version,
    stamp,
)
from connectory.simulator.wire.paging import Pages
from connectory.simulator.wire.powerapps import denied
from connectory.simulator.wire.world import World

_ROOT = r"/providers/microsoft\.businessappplatform"
# With an empty id the address of one environment becomes that of the list, and answers as such.
_LIST = re.compile(rf"{_ROOT}(/scopes/admin)?/environments/*", re.IGNORECASE)
_ONE = re.compile(rf"{_ROOT}(/scopes/admin)?/environments/([^/]+)/?", re.IGNORECASE)
_DELETED = re.compile(rf"{_ROOT}/scopes/admin/deletedenvironments", re.IGNORECASE)
_APPLICATIONS = re.compile(rf"{_ROOT}/adminapplications", re.IGNORECASE)
_SETTINGS = re.compile(rf"{_ROOT}/listtenantsettings", re.IGNORECASE)
_PAGES: Final = Pages(40)


def answer(world: World, request: Request) -> Reply:
    """Answer a request to the admin API of environments, or to that of policies."""
    path = request.path
    if policies.GOVERNANCE.match(path):
        return policies.answer(world, request)
    require_api_version(request)
    if policies.OLDEST.fullmatch(path):
        return policies.oldest(world, request)
    if match := _LIST.fullmatch(path):
        admin = bool(match[1])
        found = list(world.environments.values())
        page = _PAGES.cut(request, found, lambda e: record(world, e, request, admin=admin))
        return Reply(200, page)
    if match := _ONE.fullmatch(path):
        return _single(world, request, match[2], admin=bool(match[1]))
    if _DELETED.fullmatch(path):
        gone = [e for e in world.tenant.environments.values() if e.deleted is not None]
        return Reply(200, _PAGES.cut(request, gone, lambda e: record(world, e, request)))
    if _APPLICATIONS.fullmatch(path):
        return Reply(200, {"value": [{"applicationId": world.tenant.collector_app_id}]})
    if _SETTINGS.fullmatch(path) and request.method == "POST":
        return Reply(200, {"walkMeOptOut": False, "powerPlatform": {"governance": {}}})
    return error(404, "NotFound", f"No resource at {path}.")


def _single(world: World, request: Request, name: str, *, admin: bool) -> Reply:
    if name.casefold() == "~default":
        found = next((e for e in world.environments.values() if e.is_default), None)
    else:
        found = world.environments.get(name.casefold())
    if found is None or (admin and not found.admin_readable):
        return denied(world, name)
    return Reply(200, record(world, found, request, admin=admin))


def record(world: World, environment: Environment, request: Request, *, admin: bool = True) -> Json:
    """Return an environment as the admin list shows it, or with fewer members to makers."""
    scope = "/scopes/admin" if admin else ""
    kind = "scopes/environments" if admin else "environments"
    properties: Json = {
        "tenantId": world.tenant.id,
        "azureRegion": environment.azure_region,
        "displayName": environment.display_name,
        "createdTime": stamp(environment.created),
        "createdBy": _creator(world, environment),
        "provisioningState": "Succeeded",
        "creationType": "User",
        "environmentSku": environment.sku,
        "isDefault": environment.is_default,
        "clientUris": {
            "admin": (
                "https://admin.powerplatform.microsoft.com/environments/environment/"
                f"{environment.name}/hub"
            ),
            "maker": f"https://make.powerapps.com/environments/{environment.name}/home",
        },
        "runtimeEndpoints": {
            "microsoft.BusinessAppPlatform": "https://europe.api.bap.microsoft.com",
            "microsoft.CommonDataModel": "https://europe.api.cds.microsoft.com",
            "microsoft.PowerApps": "https://europe.api.powerapps.com",
            "microsoft.PowerAppsAdvisor": "https://europe.api.advisor.powerapps.com",
            "microsoft.ApiManagement": "https://management.EUROPE.azure-apihub.net",
            "microsoft.Flow": "https://emea.api.flow.microsoft.com",
        },
    }
    if admin:
        properties |= _administered(environment)
    if environment.group is not None:
        properties["parentEnvironmentGroup"] = {"id": environment.group}
    if environment.description is not None:
        properties["description"] = environment.description
    if environment.dataverse is not None:
        properties |= {
            "databaseType": "CommonDataService",
            "linkedEnvironmentMetadata": _database(environment),
        }
    if environment.deleted is not None:
        properties["softDeletedTime"] = stamp(environment.deleted)
    expanded = request.query.get("$expand", "")
    if "capacity" in expanded:
        properties["capacity"] = _capacity(environment)
    if "addons" in expanded and environment.lists_addons:
        properties["addons"] = billing.addons(world, environment)
    return {
        "id": f"/providers/Microsoft.BusinessAppPlatform{scope}/environments/{environment.name}",
        "type": f"Microsoft.BusinessAppPlatform/{kind}",
        "location": environment.location,
        "name": environment.name,
        "properties": properties,
    }


def _administered(environment: Environment) -> Json:
    gone = environment.deleted is not None
    return {
        "lastModifiedTime": stamp(environment.modified),
        "retentionPeriod": "P7D",
        "states": {
            "management": {"id": "NotSpecified" if gone else "Ready"},
            "runtime": {"id": "Disabled" if gone else "Enabled"},
        },
        "protectionStatus": {"keyManagedBy": "Microsoft"},
        # A managed environment has the level Standard, an ordinary one Basic.
        "governanceConfiguration": {
            "protectionLevel": "Standard" if environment.managed else "Basic"
        },
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
        "scaleGroup": "EURCRMLIVESG705",
        "platformSku": "Standard",
        "schemaType": "Standard",
    }


def _capacity(environment: Environment) -> list[Json]:
    used = 812.25 if environment.dataverse is not None else 0.0
    measured = {"actualConsumption": used, "ratedConsumption": used, "capacityUnit": "MB"}
    updated = {"updatedOn": stamp(environment.modified, 0)}
    return [{"capacityType": kind, **measured, **updated} for kind in ("Database", "File", "Log")]


def _creator(world: World, environment: Environment) -> Json:
    person = world.tenant.people.get(environment.created_by or "")
    if person is None:
        return {"id": "SYSTEM", "displayName": "SYSTEM", "type": "NotSpecified"}
    return {
        "id": person.id,
        "displayName": person.display_name,
        "email": person.mail or person.user_principal_name,
        "type": "User",
        "tenantId": world.tenant.id,
        "userPrincipalName": person.user_principal_name,
    }
