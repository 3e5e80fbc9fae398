"""What is true of licences, billing and credentials, told plainly."""

from __future__ import annotations

from collections import Counter

from connectory.simulator.entitlements import Credential
from connectory.simulator.licences import living_licences
from connectory.simulator.registrations import client_ids
from connectory.simulator.state import Connector, Json, Tenant


def entitlements(tenant: Tenant) -> dict[str, list[Json]]:
    """Return what the tenant has bought, handed out and registered, by noun."""
    return {
        "licence_skus": _skus(tenant),
        "licence_assignments": _licences(tenant),
        "billing_policies": _policies(tenant),
        "allocations": _allocations(tenant),
        "app_registrations": _registrations(tenant),
        "service_principal_credentials": _own(tenant),
        "connector_clients": _clients(tenant),
    }


def _skus(tenant: Tenant) -> list[Json]:
    used = Counter(licence.sku for licence in living_licences(tenant))
    return [
        {
            "id": one.product.sku,
            "part_number": one.product.part_number,
            "status": one.status,
            "applies_to": one.product.applies_to,
            "consumed": used[one.product.sku],
            "enabled": one.enabled,
            "warning": one.warning,
            "suspended": one.suspended,
            "plans": sorted([plan, name] for plan, name in one.product.plans),
        }
        for one in sorted(tenant.subscriptions, key=lambda one: one.product.sku)
    ]


def _licences(tenant: Tenant) -> list[Json]:
    rows = [
        {
            "person_id": licence.person,
            "sku_id": licence.sku,
            "direct": licence.direct,
            "groups": sorted(licence.groups),
            "disabled_plans": sorted(licence.disabled_plans),
        }
        for licence in living_licences(tenant)
    ]
    return sorted(rows, key=lambda row: (row["person_id"], row["sku_id"]))


def _policies(tenant: Tenant) -> list[Json]:
    return [
        {
            "id": policy.id,
            "name": policy.name,
            "status": "Enabled" if policy.enabled else "Disabled",
            "location": policy.location,
            "subscription_id": policy.subscription,
            "resource_group": policy.resource_group,
            "meters": policy.meters,
            "created": policy.created.isoformat(),
            "environments": sorted(policy.environments),
        }
        for policy in sorted(tenant.billing_policies, key=lambda policy: policy.id)
    ]


def _allocations(tenant: Tenant) -> list[Json]:
    """Return what living environments were handed out, each with who tells it."""
    rows = [
        {
            "environment_id": one.environment,
            "currency": one.currency,
            "allocated": one.allocated,
            "listed": tenant.environments[one.environment].lists_addons,
        }
        for one in tenant.allocations
        if tenant.environments[one.environment].deleted is None
    ]
    return sorted(rows, key=lambda row: (row["environment_id"], row["currency"]))


def _registrations(tenant: Tenant) -> list[Json]:
    return [
        {
            "id": one.id,
            "client_id": one.app_id,
            "display_name": one.display_name,
            "created": one.created.isoformat(),
            "credentials": _credentials(one.credentials),
        }
        for one in sorted(tenant.registrations, key=lambda one: one.id)
        if one.deleted is None
    ]


def _own(tenant: Tenant) -> list[Json]:
    """Return the credentials that enterprise applications carry themselves."""
    principals = sorted(tenant.service_principals.values(), key=lambda one: one.id)
    return [
        {"id": one.id, "client_id": one.app_id, "credentials": _credentials(one.credentials)}
        for one in principals
        if one.credentials
    ]


def _credentials(held: list[Credential]) -> list[Json]:
    return [
        {
            "id": one.key_id,
            "kind": one.kind,
            "display_name": one.display_name,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
        }
        for one in sorted(held, key=lambda one: one.key_id)
    ]


def _clients(tenant: Tenant) -> list[Json]:
    """Return the client ids that the parameters of living connectors name, each in their order."""
    gone = {name for name, home in tenant.environments.items() if home.deleted is not None}
    rows = [
        {"environment_id": one.environment, "connector": _name(one), "client_id": client}
        for one in tenant.connectors
        if one.deleted is None and one.environment not in gone
        for client in client_ids(one)
    ]
    return sorted(rows, key=lambda row: (row["environment_id"], row["connector"]))


def _name(connector: Connector) -> str:
    row = connector.dataverse
    return connector.name or (row.connector_id if row else "")
