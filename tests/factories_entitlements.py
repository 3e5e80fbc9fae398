"""Licences, billing, credentials and roles on assets of the small tenant in `factories`.

* **Premium** is held by Ada directly, with its flow plan switched off, and by Bruno from a group
  of makers. Carla's is taken back at run 3. How Dora came to hers the directory did not tell.
* **PAYG** pays for Finance and, until run 3, for Sandbox; its meters are told, those of the pilot
  are not. Finance holds passes; those of Trial went with it.
* **Invoices** signs in with an application whose first secret was replaced at run 3. Another
  application is gone, and an enterprise application carries a certificate.
* The app that uses Invoices is open to everyone from run 2; a flow may be run by makers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from factories import (
    ADA,
    BRUNO,
    CARLA,
    DORA,
    INVOICES,
    MAKERS,
    ROBOT,
    RUN_TIMES,
    TENANT,
)
from sqlalchemy import Connection, Engine, insert, select, update

import models
from connectory.database import writing

PREMIUM, APP_PLAN, FLOW_PLAN = "sku-premium", "plan-app", "plan-flow"
CLIENT, GONE_CLIENT = "client-invoices", "client-gone"


def fill_entitlements(engine: Engine) -> None:
    """Add these to a store that `factories.fill` has filled."""
    with writing(engine) as connection:
        _licences(connection)
        _billing(connection)
        _credentials(connection)
        _roles(connection)


def _add(connection: Connection, model: type[models.Base], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        connection.execute(insert(model).values(**row))


def _licences(connection: Connection) -> None:
    plans = [{"id": APP_PLAN, "name": "APP"}, {"id": FLOW_PLAN, "name": "FLOW"}]
    _add(connection, models.LicenceSku, [{"id": 1, "key": PREMIUM}])
    _add(connection, models.LicenceSkuVersion, [
        {"sku_id": 1, "from_run": 1, "presence": "present", "part_number": "PREMIUM",
         "service_plans": plans}
    ])  # fmt: skip
    held: list[tuple[str, list[str], bool | None, list[str] | None, int | None]] = [
        (ADA, [FLOW_PLAN, "plan-unknown"], True, [], None),
        (BRUNO, [], False, [MAKERS], None),
        (CARLA, [], True, [], 3),
        (DORA, [], None, None, None),
    ]
    _add(connection, models.LicenceAssignment, [
        {"principal_key": person, "sku_key": PREMIUM, "disabled_plans": off, "direct": direct,
         "group_keys": groups, "from_run": 1, "to_run": end}
        for person, off, direct, groups, end in held
    ])  # fmt: skip


def _billing(connection: Connection) -> None:
    meters = {"powerApps": True, "cloudFlowRuns": False}
    for entity, name, told in ((1, "PAYG", meters), (2, "Pilot", None)):
        _add(connection, models.BillingPolicy, [{"id": entity, "key": f"policy-{entity}"}])
        _add(connection, models.BillingPolicyVersion, [
            {"billing_policy_id": entity, "from_run": 1, "presence": "present", "name": name,
             "status": "Enabled", "meters": told}
        ])  # fmt: skip
    names = select(models.Environment.id, models.Environment.key)
    homes = {row.id: row.key for row in connection.execute(names)}
    _add(connection, models.BillingPolicyEnvironment, [
        {"billing_policy_id": 1, "environment_key": homes[1], "from_run": 1},
        {"billing_policy_id": 1, "environment_key": homes[2], "from_run": 1, "to_run": 3},
        {"billing_policy_id": 1, "environment_key": "elsewhere", "from_run": 1},
    ])  # fmt: skip
    _add(connection, models.EnvironmentAllocation, [
        {"environment_key": homes[home], "currency": "AppPass", "allocated": units, "from_run": 1}
        for home, units in ((1, 5), (3, 2))
    ])  # fmt: skip


def _credentials(connection: Connection) -> None:
    for entity, client, presence in ((1, CLIENT, "present"), (2, GONE_CLIENT, "gone")):
        _add(connection, models.AppRegistration, [{"id": entity, "key": client}])
        _add(connection, models.AppRegistrationVersion, [
            {"app_registration_id": entity, "from_run": 1, "presence": presence,
             "object_id": f"object-{entity}", "display_name": f"Application {entity}"}
        ])  # fmt: skip
    held: list[tuple[str, str, str, str, int, int, int | None]] = [
        ("object-1", "application", CLIENT, "secret", 10, 1, 3),
        ("object-1", "application", CLIENT, "secret", 200, 3, None),
        ("object-2", "application", GONE_CLIENT, "secret", 30, 1, None),
        (ROBOT, "service_principal", "client-robot", "certificate", 90, 2, None),
    ]
    _add(connection, models.AppCredential, [
        {"holder_key": carrier, "holder": holder, "client_key": client, "kind": kind,
         "credential_key": f"credential-{number}", "from_run": start, "to_run": end,
         "ends_at": RUN_TIMES[0] + timedelta(days=days)}
        for number, (carrier, holder, client, kind, days, start, end) in enumerate(held)
    ])  # fmt: skip
    # A connector may spell the id otherwise than the directory does.
    mine = models.ConnectorVersion.connector_id == INVOICES
    connection.execute(update(models.ConnectorVersion).where(mine).values(client_id=CLIENT.upper()))


def _roles(connection: Connection) -> None:
    _add(connection, models.AppPermission, [
        {"app_id": 1, "principal_type": kind, "principal_key": who, "role": role, "from_run": start}
        for kind, who, role, start in (
            ("user", BRUNO, "Owner", 1), ("tenant", TENANT, "CanView", 2)
        )
    ])  # fmt: skip
    _add(connection, models.FlowPermission, [
        {"flow_id": flow, "principal_type": kind, "principal_key": who, "role": role, "from_run": 1}
        for flow, kind, who, role in (
            (1, "user", ADA, "Owner"), (1, "group", MAKERS, "CanView"), (4, "user", ADA, "Owner")
        )
    ])  # fmt: skip
