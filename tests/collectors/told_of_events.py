"""What a store says of flow runs and of the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select

from collectors.nouns import CONNECTORS, ENVIRONMENTS, FLOW_OPERATIONS, FLOW_REFERENCES, FLOWS
from models import AuditEvent, FlowRunDay, Step

DAYS = FlowRunDay.__table__
EVENTS = AuditEvent.__table__
COUNTS = ("succeeded", "failed", "cancelled", "unfinished", "other")


def events(connection: Connection) -> dict[str, Any]:
    """Return these nouns, keyed as the account of truth is."""
    return {
        "flow_runs": _flow_runs(connection),
        "audit_events": audit_events(connection, "connector", "connection"),
    }


def _flow_runs(connection: Connection) -> dict[tuple[Any, ...], dict[str, int]]:
    """Return the days of the last four weeks that had a run, of flows here that use a connector."""
    newest = connection.scalar(select(func.max(Step.started_at)))
    if newest is None:
        return {}
    table: Table = FLOWS.versions
    query = (
        select(
            DAYS, ENVIRONMENTS.entity.c.key.label("home"), FLOWS.entity.c.key, table.c.workflow_id
        )
        .join(FLOWS.entity, FLOWS.entity.c.id == DAYS.c.flow_id)
        .join(table, table.c.flow_id == FLOWS.entity.c.id)
        .join(ENVIRONMENTS.entity, ENVIRONMENTS.entity.c.id == FLOWS.entity.c.environment_id)
        .where(
            table.c.to_run.is_(None),
            table.c.presence == "present",
            FLOWS.entity.c.id.in_(_using(connection)),
            DAYS.c.day > (newest - timedelta(days=28)).date(),
        )
    )
    return {
        (row["home"], row["workflow_id"] or row["key"], row["day"].isoformat(), row["source"]): {
            name: row[name] for name in COUNTS if row[name]
        }
        for row in connection.execute(query).mappings()
        if any(row[name] for name in COUNTS)
    }


def _using(connection: Connection) -> set[int]:
    facts = CONNECTORS.versions
    here = {
        (row.environment_id, row.key)
        for row in connection.execute(
            select(CONNECTORS.entity.c.environment_id, CONNECTORS.entity.c.key)
            .join(facts, facts.c.connector_id == CONNECTORS.entity.c.id)
            .where(facts.c.to_run.is_(None), facts.c.presence == "present")
        )
    }
    homes = {
        row.id: row.environment_id
        for row in connection.execute(select(FLOWS.entity.c.id, FLOWS.entity.c.environment_id))
    }
    return {
        row.flow_id
        for edge in (FLOW_OPERATIONS, FLOW_REFERENCES)
        for row in connection.execute(
            select(edge.table.c.flow_id, edge.table.c.connector_key).where(
                edge.table.c.to_run.is_(None)
            )
        )
        if (homes[row.flow_id], row.connector_key) in here
    }


def audit_events(connection: Connection, *nouns: str) -> dict[str, dict[str, Any]]:
    """Return what is kept of the audit log about some nouns, by the id of the record."""
    query = select(EVENTS).where(EVENTS.c.noun.in_(nouns))
    return {
        row["event_key"]: {
            "at": row["at"].isoformat(),
            "noun": row["noun"],
            "action": row["action"],
            "environment_id": row["environment_key"],
            "target": row["target_key"],
            "connector": row["connector_key"],
            "actor_id": row["actor_key"],
        }
        for row in connection.execute(query).mappings()
    }
