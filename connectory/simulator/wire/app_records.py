"""Canvas apps, and environments as makers see them, as the Power Apps service tells them."""

from __future__ import annotations

from connectory.simulator.state import App, AppReference, Environment, Permission
from connectory.simulator.wire import principals
from connectory.simulator.wire.exchange import Json, stamp
from connectory.simulator.wire.records import environment, icon, place
from connectory.simulator.wire.world import World


def app(world: World, home: Environment, one: App) -> Json:
    """Return a canvas app; the ids of its connectors are in lower case there."""
    custom = any(reference.custom for reference in one.references)
    flags: Json = {
        "usesPremiumApi": custom,
        "usesCustomApi": custom,
        "usesOnPremiseGateway": False,
        "appPlanClassification": "Premium" if custom else "Standard",
    }
    owner = principals.person(world, one.owner_id)
    return {
        "name": one.name,
        "id": f"{place(home)}/apps/{one.name}",
        "type": "Microsoft.PowerApps/scopes/admin/apps",
        "appType": "ClassicCanvasApp",
        "tags": {"primaryDeviceWidth": "1366", "publisherVersion": "3.26102.7"},
        "properties": {
            "displayName": one.display_name,
            "description": "",
            "owner": owner,
            "createdBy": principals.person(world, one.created_by),
            "lastModifiedBy": owner,
            "lastPublishedBy": owner,
            "createdTime": stamp(one.created),
            "lastModifiedTime": stamp(one.modified),
            "lastPublishTime": stamp(one.published),
            "sharedGroupsCount": one.shared_groups,
            "sharedUsersCount": one.shared_users,
            "bypassConsent": False,
            **({} if one.old else flags),
            "connectionReferences": {r.key: _reference(one, r) for r in one.references},
            "environment": environment(home),
            "almMode": "Environment",
        },
    }


def _reference(one: App, reference: AppReference) -> Json:
    told: Json = {
        "id": f"/providers/microsoft.powerapps/apis/{reference.connector}".lower(),
        "displayName": (reference.data_sources or [reference.connector])[0],
        "iconUri": icon(reference.connector),
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
    where = f"/providers/Microsoft.PowerApps/apps/{one.name}"
    return {
        "name": held.name,
        "id": f"{where}/permissions/{held.name}",
        "type": "Microsoft.PowerApps/apps/permissions",
        "properties": {
            "roleName": held.role,
            "principal": principals.holder(world, held),
            "scope": where,
            "notifyShareTargetOption": "NotSpecified",
            "inviteGuestToTenant": False,
        },
    }


def maker_environment(home: Environment, provider: str = "Microsoft.PowerApps") -> Json:
    """Return an environment as makers see it.

    Args:
        home: The environment.
        provider: Service whose path its id starts with.
    """
    return {
        "name": home.name,
        "id": f"/providers/{provider}/environments/{home.name}",
        "type": f"{provider}/environments",
        "location": home.location,
        "properties": {
            "displayName": home.display_name,
            "createdTime": stamp(home.created),
            "environmentSku": home.sku,
            "isDefault": home.is_default,
            "azureRegionHint": home.azure_region,
            "provisioningState": "Succeeded",
            "creationType": "User",
        },
    }
