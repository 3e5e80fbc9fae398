"""Licences people hold, billing policies with what they pay for, and capacity handed out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from connectory.queries.frames import Schema, frame, framed
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    BILLING_POLICIES,
    BILLING_POLICY_ENVIRONMENTS,
    BILLING_POLICY_VERSIONS,
    ENVIRONMENT_ALLOCATIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    LICENCE_ASSIGNMENTS,
    LICENCE_SKU_VERSIONS,
    LICENCE_SKUS,
    environment_name,
    holds,
    meaning_of_absence,
    present,
    with_person,
)

_LICENCES: Schema = {
    "person": "text",
    "principal_key": "text",
    "state": "text",
    "department": "text",
    "product": "text",
    "sku_key": "text",
    "disabled_plans": "list",
    "direct": "maybe",
    "groups": "number",
}
_POLICIES: Schema = {
    "name": "text",
    "policy_key": "text",
    "status": "text",
    "location": "text",
    "subscription_id": "text",
    "resource_group": "text",
    "meters": "list",
    "environments": "list",
    "created_at": "time",
    "modified_at": "time",
}
_ALLOCATIONS: Schema = {
    "environment": "text",
    "environment_key": "text",
    "currency": "text",
    "allocated": "count",
}


def licences(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the licences people hold, by person.

    disabled_plans names the service plans switched off, by id where the product is not known.
    direct and groups say how the licence came, and are missing where the directory did not tell.
    """
    run_id = moment.run_id
    products, plans = _products(connection, run_id)
    held = LICENCE_ASSIGNMENTS
    joined, person = with_person(held, held.c.principal_key, run_id, "holder")
    query = (
        select(
            person.name,
            held.c.principal_key,
            person.state(absent=meaning_of_absence(connection, run_id)),
            person.facts.c.department,
            held.c.sku_key,
            held.c.disabled_plans,
            held.c.direct,
            held.c.group_keys,
        )
        .select_from(joined)
        .where(holds(held, run_id))
        .order_by(func.lower(person.name), held.c.principal_key, held.c.sku_key)
    )
    rows = [
        (
            *who,
            products.get(sku, sku),
            sku,
            [plans.get(plan, plan) for plan in disabled],
            direct,
            None if groups is None else len(groups),
        )
        for *who, sku, disabled, direct, groups in connection.execute(query)
    ]
    return frame(rows, _LICENCES)


def _products(connection: Connection, run_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of products and of service plans by id."""
    facts = LICENCE_SKU_VERSIONS.c
    query = (
        select(LICENCE_SKUS.c.key, facts.part_number, facts.service_plans)
        .join(LICENCE_SKU_VERSIONS, facts.sku_id == LICENCE_SKUS.c.id)
        .where(holds(LICENCE_SKU_VERSIONS, run_id))
    )
    products: dict[str, str] = {}
    plans: dict[str, str] = {}
    for row in connection.execute(query):
        products[row.key] = row.part_number or row.key
        plans |= {plan["id"]: plan["name"] or plan["id"] for plan in row.service_plans or []}
    return products, plans


def billing_policies(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return the billing policies present, by name.

    meters lists those that are on; it is missing where the service does not tell meters, which is
    not the same as none. environments lists the names of those that are here, else their ids.
    """
    run_id = moment.run_id
    facts = BILLING_POLICY_VERSIONS.c
    paid = _paid(connection, run_id)
    query = (
        select(
            BILLING_POLICIES.c.id,
            BILLING_POLICIES.c.key,
            *(facts[name] for name in _POLICIES if name in facts),
        )
        .join(BILLING_POLICY_VERSIONS, facts.billing_policy_id == BILLING_POLICIES.c.id)
        .where(present(BILLING_POLICY_VERSIONS, run_id))
        .order_by(func.lower(facts.name), BILLING_POLICIES.c.key)
    )
    rows = []
    for row in connection.execute(query).mappings():
        told: dict[str, Any] = {
            **row,
            "policy_key": row["key"],
            "meters": _on(row["meters"]),
            "environments": sorted(paid[row["id"]]),
        }
        rows.append([told[name] for name in _POLICIES])
    return frame(rows, _POLICIES)


def _on(meters: dict[str, bool] | None) -> list[str] | None:
    return None if meters is None else sorted(name for name, on in meters.items() if on)


def _paid(connection: Connection, run_id: int) -> dict[int, list[str]]:
    """Return the names of the environments that each billing policy pays for."""
    edge = BILLING_POLICY_ENVIRONMENTS
    rows = edge.outerjoin(ENVIRONMENTS, ENVIRONMENTS.c.key == edge.c.environment_key).outerjoin(
        ENVIRONMENT_VERSIONS,
        and_(
            ENVIRONMENT_VERSIONS.c.environment_id == ENVIRONMENTS.c.id,
            holds(ENVIRONMENT_VERSIONS, run_id),
        ),
    )
    name = func.coalesce(environment_name(), edge.c.environment_key)
    query = select(edge.c.billing_policy_id, name).select_from(rows).where(holds(edge, run_id))
    found: dict[int, list[str]] = defaultdict(list)
    for policy, home in connection.execute(query):
        found[policy].append(home)
    return found


def allocations(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Return what environments that are present were handed out, by environment."""
    run_id = moment.run_id
    edge = ENVIRONMENT_ALLOCATIONS
    rows = edge.join(ENVIRONMENTS, ENVIRONMENTS.c.key == edge.c.environment_key).join(
        ENVIRONMENT_VERSIONS,
        and_(
            ENVIRONMENT_VERSIONS.c.environment_id == ENVIRONMENTS.c.id,
            present(ENVIRONMENT_VERSIONS, run_id),
        ),
    )
    query = (
        select(environment_name(), edge.c.environment_key, edge.c.currency, edge.c.allocated)
        .select_from(rows)
        .where(holds(edge, run_id))
        .order_by(func.lower(environment_name()), edge.c.environment_key, edge.c.currency)
    )
    return framed(connection, query, _ALLOCATIONS)
