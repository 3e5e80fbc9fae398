"""What an honest reader must know of flow runs and of the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from expected_of_entitlements import using_connectors

Row = dict[str, Any]
RETENTION = timedelta(days=28)


def events(truth: dict[str, Any]) -> dict[str, Any]:
    """Return the simulator's account of these nouns, narrowed to what its services show."""
    return {
        "flow_runs": _flow_runs(truth),
        "audit_events": {
            row["id"]: audit_event(row)
            for row in truth["audit_events"]
            if row["told"] and row["custom"]
        },
    }


def _flow_runs(truth: dict[str, Any]) -> dict[tuple[Any, ...], Row]:
    """Return the runs of each whole day: by Dataverse where it tells the flow, else by the service."""
    sources = {(row["environment_id"], row["id"]): row["sources"] for row in truth["flows"]}
    using = using_connectors(truth)
    first = (datetime.fromisoformat(truth["now"]) - RETENTION).date().isoformat()
    found: dict[tuple[Any, ...], Row] = {}
    for row in truth["flow_runs"]:
        key = (row["environment_id"], row["flow"])
        shown = sources[key] if key in using else []
        source = next((one for one in ("dataverse", "flow_api") if one in shown), None)
        if source is not None and row[source] and row["day"] > first:
            flow = row["workflow_id"] or row["flow"]
            found[row["environment_id"].casefold(), flow, row["day"], source] = row[source]
    return found


def audit_event(row: Row) -> Row:
    """Return an event as the log tells it: whether one was made or changed it leaves open."""
    own = row["noun"] in {"connector", "connection"}
    return {
        "at": row["at"],
        "noun": row["noun"],
        "action": "saved" if own and row["action"] == "created" else row["action"],
        "environment_id": row["environment_id"].casefold(),
        "target": row["target"].casefold(),
        "connector": row["connector"].casefold() if row["connector"] else None,
        "actor_id": row["actor_id"],
    }
