"""What a store says of policies over connectors, in the words of the simulator's own account."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from collectors.nouns import (
    DATA_POLICIES,
    DATA_POLICY_CONNECTORS,
    DATA_POLICY_PATTERNS,
    DATA_POLICY_RULES,
    DATA_POLICY_TARGETS,
    Edge,
)
from collectors.versions import SIGHTINGS

Row = dict[str, Any]
_SOURCES = {
    "data_policies": "v2",
    "data_policies_v1": "v1",
    "data_policies_legacy": "legacy",
    "rule_based_policies": "rule_based",
}


def policies(connection: Connection) -> dict[str, dict[str, Row]]:
    """Return every policy that is present, with its parts."""
    table, versions = DATA_POLICIES.entity, DATA_POLICIES.versions
    query = (
        select(table.c.id, table.c.key, versions)
        .join(versions, versions.c.data_policy_id == table.c.id)
        .where(versions.c.to_run.is_(None), versions.c.presence == "present")
    )
    parts = {
        edge.name: _parts(connection, edge.edge)
        for edge in (
            _Part("targets", DATA_POLICY_TARGETS),
            _Part("connectors", DATA_POLICY_CONNECTORS),
            _Part("patterns", DATA_POLICY_PATTERNS),
            _Part("rules", DATA_POLICY_RULES),
        )
    }
    sources = _sources(connection)
    found = {}
    for row in connection.execute(query).mappings():
        mine = {name: rows[row["id"]] for name, rows in parts.items()}
        found[row["key"]] = _policy(dict(row), mine, sources[row["id"]])
    return {"data_policies": found}


class _Part:
    """A part of a policy by its name."""

    def __init__(self, name: str, edge: Edge) -> None:
        self.name, self.edge = name, edge


def _parts(connection: Connection, edge: Edge) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    query = select(edge.table).where(edge.table.c.to_run.is_(None))
    for row in connection.execute(query).mappings():
        found[row["data_policy_id"]].append(dict(row))
    return found


def _sources(connection: Connection) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(SIGHTINGS.c.entity_id, SIGHTINGS.c.source).where(
        SIGHTINGS.c.noun == DATA_POLICIES.name, SIGHTINGS.c.to_run.is_(None)
    )
    for row in connection.execute(query):
        found[row.entity_id].append(_SOURCES[row.source])
    return found


def _policy(row: Row, parts: dict[str, list[Row]], sources: list[str]) -> Row:
    targets = parts["targets"]
    return {
        "name": row["name"],
        "system": row["system"],
        "sources": sorted(sources),
        "reach": row["reach"],
        "default": row["default_group"],
        "patterns_read": row["patterns_read"],
        "targets_read": row["targets_read"],
        "environments": sorted(t["target_key"] for t in targets if t["kind"] == "environment"),
        "groups": sorted(t["target_key"] for t in targets if t["kind"] == "group"),
        "connectors": sorted(
            (one["environment_key"], one["connector_key"], one["data_group"])
            for one in parts["connectors"]
        ),
        "patterns": [
            (one["pattern"], one["data_group"])
            for one in sorted(parts["patterns"], key=lambda one: int(one["position"]))
        ],
        "rules": sorted(
            (
                one["connector_key"],
                one["environment_key"],
                one["kind"],
                one["subject"],
                one["allowed"],
            )
            for one in parts["rules"]
            if one["kind"] != "other_actions"
        ),
        "created": _when(row["created_at"]),
        "modified": _when(row["modified_at"]),
    }


def _when(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None
