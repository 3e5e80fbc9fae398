"""Policies over the small tenant in `factories`, written by hand.

* **Baseline** applies everywhere: from run 2 it blocks a host by a pattern, and leaves the rest to
  others. **Finance only** names one connector there. **Unread** told everything but its patterns.
* **Allow-list** is assigned to a group that no environment is in.
* As assessed, Invoices is blocked from run 2, and was business before; it is in use.
"""

from __future__ import annotations

from typing import Any

from factories import INVOICES, INVOICES_KEY, PAYROLL, RUN_TIMES, WEATHER
from sqlalchemy import Connection, Engine, insert

import models
from connectory.database import writing

BASELINE, FINANCE_ONLY, UNREAD, ALLOW_LIST = 1, 2, 3, 4
REASON = "matched by a URL pattern of Baseline: https://invoices.example*"


def fill_policies(engine: Engine) -> None:
    """Add these to a store that `factories.fill` has filled."""
    with writing(engine) as connection:
        _policies(connection)
        _answers(connection)


def _add(connection: Connection, model: type[models.Base], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        connection.execute(insert(model).values(**row))


def _policies(connection: Connection) -> None:
    names = {
        BASELINE: ("Baseline", "AllEnvironments", "data_policy", "non_business", True),
        FINANCE_ONLY: ("Finance only", "OnlyEnvironments", "data_policy", "blocked", True),
        UNREAD: ("Unread", "ExceptEnvironments", "data_policy", "non_business", False),
        ALLOW_LIST: ("Allow-list", "Assigned", "allow_list", "blocked", True),
    }
    _add(connection, models.DataPolicy, [{"id": n, "key": f"policy-{n}"} for n in names])
    _add(connection, models.DataPolicyVersion, [
        {"data_policy_id": number, "from_run": 1, "presence": "present", "name": name,
         "reach": reach, "system": system, "default_group": default, "patterns_read": read,
         "targets_read": True,
         "created_at": RUN_TIMES[0]}
        for number, (name, reach, system, default, read) in names.items()
    ])  # fmt: skip
    _add(connection, models.DataPolicyTarget, [
        {"data_policy_id": FINANCE_ONLY, "kind": "environment", "target_key": "env-finance",
         "from_run": 1},
        {"data_policy_id": UNREAD, "kind": "environment", "target_key": "env-finance",
         "from_run": 1},
        {"data_policy_id": ALLOW_LIST, "kind": "group", "target_key": "group", "from_run": 1},
    ])  # fmt: skip
    _add(connection, models.DataPolicyConnector, [
        {"data_policy_id": FINANCE_ONLY, "environment_key": "", "connector_key": INVOICES_KEY,
         "data_group": "business", "from_run": 1}
    ])  # fmt: skip
    _add(connection, models.DataPolicyPattern, [
        {"data_policy_id": BASELINE, "position": 1, "pattern": "*", "data_group": "ignore",
         "from_run": 1, "to_run": 2},
        {"data_policy_id": BASELINE, "position": 1, "pattern": "https://invoices.example*",
         "data_group": "blocked", "from_run": 2},
        {"data_policy_id": BASELINE, "position": 2, "pattern": "*", "data_group": "ignore",
         "from_run": 2},
    ])  # fmt: skip


def _answers(connection: Connection) -> None:
    told = [
        (INVOICES, "business", "name", "named by Finance only", 1, 2),
        (INVOICES, "blocked", "pattern", REASON, 2, None),
        (PAYROLL, "business", "name", "named by Finance only", 1, None),
        (WEATHER, "unknown", "unread", "not known from Unread", 1, None),
    ]
    _add(connection, models.PolicyAnswer, [
        {"connector_id": connector, "data_group": group, "rule": rule, "policies": 2,
         "reason": reason, "from_run": start, "to_run": end}
        for connector, group, rule, reason, start, end in told
    ])  # fmt: skip
