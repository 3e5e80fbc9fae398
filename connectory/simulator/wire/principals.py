"""People, groups and applications as the records of the Power Apps service name them."""

from __future__ import annotations

from connectory.simulator.state import Permission
from connectory.simulator.wire.exchange import Json
from connectory.simulator.wire.world import World


def person(world: World, identity: str) -> Json:
    """Return a person as records name them; of one who left only the id remains."""
    found = world.tenant.people.get(identity)
    tenant = world.tenant.id
    if found is None or found.deleted is not None:
        return {"id": identity, "displayName": "", "type": "User", "tenantId": tenant}
    return {
        "id": identity,
        "displayName": found.display_name,
        "email": found.mail or found.user_principal_name,
        "type": "User",
        "tenantId": tenant,
        "userPrincipalName": found.user_principal_name,
    }


def display_name(world: World, identity: str) -> str:
    """Return a person's display name, empty where it is not known."""
    found = world.tenant.people.get(identity)
    return found.display_name if found else ""


def holder(world: World, held: Permission) -> Json:
    """Return who holds a permission.

    The whole tenant has no id of its own, and a group that was deleted has no name left.
    """
    tenant = world.tenant
    identity = held.principal_id or ""
    if held.principal_type == "Tenant":
        return {"id": None, "type": "Tenant", "tenantId": tenant.id}
    if held.principal_type == "Group":
        group = tenant.groups.get(identity)
        shown = group.display_name if group and group.deleted is None else ""
        return {"id": identity, "displayName": shown, "type": "Group", "tenantId": tenant.id}
    if held.principal_type == "ServicePrincipal":
        one = tenant.service_principals.get(identity)
        shown = one.display_name if one else ""
        kind = "ServicePrincipal"
        return {"id": identity, "displayName": shown, "type": kind, "tenantId": tenant.id}
    return person(world, identity)
