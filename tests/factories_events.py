"""Runs of flows and entries of the audit log of the small tenant in `factories`.

* **Pay the bills** ran on 13 to 15 November; the Flow service and Dataverse both tell of the 14th,
  and differ. **Payroll nightly** was read on the 15th and did not run.
* The log was read from 1 to 8 November and from 10 November on; what lay between is lost. Ada saved
  **Invoices**; a stranger to the directory shared it; Carla's attempt to delete it failed. Bruno
  and Ada opened the app that uses it and **Payroll** on the 14th. A connector that nobody ever saw
  was deleted on the 15th, which run 3 read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from factories import ADA, BRUNO, CARLA, INVOICES_KEY
from sqlalchemy import Connection, Engine, insert, select

import models
from connectory.database import writing

_COUNTS = ("succeeded", "failed", "cancelled", "unfinished", "other")


def fill_events(engine: Engine) -> None:
    """Add these to a store that `factories.fill` has filled."""
    with writing(engine) as connection:
        _flow_runs(connection)
        _audit(connection)


def _flow_runs(connection: Connection) -> None:
    told = [
        (1, 13, "flow_api", (3, 1, 0, 0, 0)),
        (1, 14, "flow_api", (5, 0, 1, 0, 0)),
        (1, 14, "dataverse", (4, 0, 1, 0, 0)),
        (1, 15, "dataverse", (2, 0, 0, 1, 1)),
        (2, 15, "dataverse", (0, 0, 0, 0, 0)),
        (3, 15, "flow_api", (9, 0, 0, 0, 0)),  # of a flow that uses no connector any more
        (1, 20, "flow_api", (7, 0, 0, 0, 0)),  # after the third run
    ]
    for flow, day, source, counts in told:
        values = dict(zip(_COUNTS, counts, strict=True))
        row = {"flow_id": flow, "day": date(2026, 11, day), "source": source, "run_id": 3}
        connection.execute(insert(models.FlowRunDay).values(**row, **values))


def _audit(connection: Connection) -> None:
    home = connection.scalar(select(models.Environment.key).where(models.Environment.id == 1))
    for start, end in ((1, 8), (10, 16)):
        span = {"from_at": _at(start), "to_at": _at(end), "run_id": 3}
        connection.execute(insert(models.AuditSpan).values(**span))
    expired = {"content_id": "blob-1", "created_at": _at(12), "state": "expired", "records": 0}
    connection.execute(insert(models.AuditBlob).values(**expired, run_id=3))
    told = [
        (3, "PutApi", "connector", "saved", INVOICES_KEY, INVOICES_KEY, ADA, None, True),
        (4, "PutApiRoleAssignment", "connector", "shared", INVOICES_KEY, INVOICES_KEY, None,
         "stranger@elsewhere.example", True),
        (12, "DeleteApi", "connector", "deleted", INVOICES_KEY, INVOICES_KEY, CARLA, None, False),
        (13, "PutConnection", "connection", "saved", "conn-2", INVOICES_KEY, BRUNO, None, True),
        (14, "LaunchPowerApp", "app", "launched", "app-1", None, BRUNO, None, True),
        (14, "LaunchPowerApp", "app", "launched", "app-1", None, BRUNO, None, True),
        (14, "LaunchPowerApp", "app", "launched", "app-1", None, ADA, None, True),
        (14, "EditFlow", "flow", "edited", "flow-1", None, ADA, None, None),
        (15, "DeleteApi", "connector", "deleted", "shared_never", "shared_never", ADA, None, True),
    ]  # fmt: skip
    names = ("operation", "noun", "action", "target_key", "connector_key", "actor_key",
             "actor_name", "succeeded")  # fmt: skip
    for number, (day, *rest) in enumerate(told):
        row = {"event_key": f"event-{number}", "at": _at(day, 12), "record_type": 256}
        values = dict(zip(names, rest, strict=True))
        connection.execute(
            insert(models.AuditEvent).values(**row, **values, environment_key=home, run_id=3)
        )


def _at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)
