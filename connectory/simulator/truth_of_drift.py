"""What is true of drift: how the members of a family differ, and who changed what when.

Nothing is compared here: every difference is known from the changes by which it came about.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from connectory.simulator.drift_edits import digest
from connectory.simulator.drift_facts import Backend, Edit, PlantedFact, between, worst
from connectory.simulator.state import Connector, Flow, Json, Tenant

Users = dict[tuple[str, str | None, str | None], set[str]]
"""Flows that call an operation: by environment, connector and operationId."""


def drift(tenant: Tenant, connectors: Sequence[Connector], flows: Sequence[Flow]) -> dict[str, Any]:
    """Return what is true of drift.

    Args:
        tenant: The tenant.
        connectors: Those that exist now, in environments that exist now.
        flows: The same of flows.

    Returns:
        `families`: connectors that are one in several environments, each member with every fact
        by which it differs from the reference. `steps`: every upload of another definition.
        `stories`: what was planted by name. `upstream`: what the APIs behind connectors say of
        themselves, with every fact by which that differs from the connector.
    """
    users: Users = defaultdict(set)
    for flow in flows:
        for call in flow.calls:
            users[flow.environment, call.connector, call.operation_id].add(flow.name)
    grouped: dict[str, list[Connector]] = defaultdict(list)
    for one in connectors:
        grouped[str(one.family)].append(one)
    chains = tenant.drifting.chains
    return {
        "families": [
            _family(tenant, name, members, users)
            for name, members in sorted(grouped.items())
            if len(members) > 1 or name in chains
        ],
        "steps": sorted(
            (_step(one, edit, users) for one in connectors for edit in one.edits),
            key=lambda row: (row["at"], row["environment_id"], str(row["connector"])),
        ),
        "stories": [
            {
                "story": story.story,
                "family": story.family,
                "environment_id": story.environment,
                "connector": story.connector,
            }
            for story in tenant.drifting.stories
        ],
        "upstream": [_backend(backend) for backend in tenant.drifting.backends],
    }


def _backend(backend: Backend) -> Json:
    said = backend.published
    serves = backend.behaviour == "serves"
    return {
        "environment_id": backend.environment,
        "connector": backend.connector,
        "url": backend.url,
        "usual_place": backend.usual,
        "form": backend.form,
        "behaviour": backend.behaviour,
        "sha256": hashlib.sha256(said.content).hexdigest() if serves else None,
        "changed": backend.changed.isoformat() if backend.changed else None,
        "facts": [fact.told() for fact in said.facts] if serves else None,
        "available": sorted(said.available) if serves else None,
    }


def _family(tenant: Tenant, name: str, members: list[Connector], users: Users) -> Json:
    chain = tenant.drifting.chains.get(name, ())
    reference = _reference(tenant, chain, members)
    rows = [_member(one, reference, chain, users) for one in members]
    there = {one.environment for one in members}
    return {
        "family": name,
        "display_name": members[0].display_name,
        "chain": list(chain),
        "reference": _place(reference) if reference else None,
        "missing": [one for one in chain if one not in there],
        "members": sorted(rows, key=lambda row: (row["environment_id"], str(row["connector"]))),
    }


def _reference(tenant: Tenant, chain: Sequence[str], members: list[Connector]) -> Connector | None:
    """Return the one the others are held against: that in production, of a chain the last there is."""
    placed = sorted(members, key=lambda one: (one.environment, str(one.name)))
    if chain:
        return max(placed, key=lambda one: chain.index(one.environment))
    production = [o for o in placed if tenant.environments[o.environment].sku == "Production"]
    return production[0] if production else None


def _place(one: Connector) -> Json:
    return {
        "environment_id": one.environment,
        "connector": one.name,
        "dataverse_id": one.dataverse.connector_id if one.dataverse else None,
    }


def _member(
    one: Connector, reference: Connector | None, chain: Sequence[str], users: Users
) -> Json:
    stages = dict(zip(chain, ("dev", "test", "prod"), strict=False))
    row = {
        **_place(one),
        "stage": stages.get(one.environment),
        "definition_sha256": digest(one.definition),
    }
    # A document that cannot be read differs in nothing that anybody could name.
    readable = one.definition is not None and one.definition.operations is not None
    if reference is None or one.planted is None or reference.planted is None or not readable:
        return {**row, "state": None, "facts": None}
    # Between environments another host is meant to be, whenever it came about.
    facts = [
        replace(fact, expected=fact.rule == "host-changed")
        for fact in between(reference.planted, one.planted)
    ]
    return {**row, "state": worst(facts), "facts": _told(facts, reference, users)}


def _step(one: Connector, edit: Edit, users: Users) -> Json:
    facts = edit.facts
    return {
        "environment_id": one.environment,
        "connector": one.name,
        "at": edit.at.isoformat(),
        "actor_id": edit.actor,
        "before_sha256": edit.before,
        "after_sha256": edit.after,
        "story": edit.story,
        "facts": None if facts is None else _told(facts, one, users),
    }


def _told(facts: Iterable[PlantedFact], caller: Connector, users: Users) -> list[Json]:
    """Return facts as JSON, each with the flows that call its operation at a connector now."""
    return [
        {
            **fact.told(),
            "flows": sorted(users.get((caller.environment, caller.name, fact.operation_id), ())),
        }
        for fact in facts
    ]
