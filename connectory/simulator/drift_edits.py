"""How changed definitions come into a connector: as its state from the start, or as an upload."""

from __future__ import annotations

import hashlib
from datetime import datetime

from connectory.simulator.audit import note
from connectory.simulator.drafts import Extras
from connectory.simulator.drift_facts import Edit
from connectory.simulator.mutations import Mutated
from connectory.simulator.openapi import Blueprint, backend_of, define, parse
from connectory.simulator.state import Connector, Definition, Tenant


def extras_of(one: Connector | Blueprint) -> Extras:
    """Return what stands beside the document of a connector or blueprint."""
    return Extras(one.connection_parameters, one.policies, one.script_operations, one.brand_color)


def ground_of(tenant: Tenant, family: str | None) -> set[str]:
    """Return where anything was ever changed in a family.

    Whatever is changed on fresh ground can be told between any two members.
    """
    return {
        ground
        for one in tenant.connectors
        if one.family == family
        for fact in one.planted or ()
        for ground in fact.ground
    }


def become(connector: Connector, mutated: Mutated) -> None:
    """Let a connector be what its document was changed to, as if it had never been otherwise."""
    if connector.definition is None or mutated.content != connector.definition.content:
        connector.definition = define(mutated.content)
        if connector.backend_url is not None:
            connector.backend_url = backend_of(parse(mutated.content))
    extras = mutated.extras
    connector.connection_parameters = extras.connection_parameters
    connector.policies = list(extras.policies)
    connector.script_operations = list(extras.script_operations)
    connector.brand_color = extras.brand_color
    if connector.planted is not None:
        connector.planted = [*connector.planted, *mutated.facts]


def upload(
    tenant: Tenant,
    connector: Connector,
    mutated: Mutated,
    at: datetime,
    actor: str | None,
    *,
    story: str | None = None,
    noted: bool = True,
) -> None:
    """Upload a changed definition; the audit log tells of it if somebody is named.

    Args:
        tenant: The tenant.
        connector: Whose.
        mutated: What it becomes.
        at: When.
        actor: Who does it; None where nobody will ever know.
        story: Name of the story it is part of, if any.
        noted: The log gets its record now; otherwise somebody else writes it.
    """
    before = digest(connector.definition)
    become(connector, mutated)
    connector.changed, connector.modified_by = at, actor
    after = digest(connector.definition)
    connector.edits.append(Edit(at, mutated.facts, actor, before, after, story))
    if actor is not None and noted:
        note(tenant, at, "edited", connector, actor)


def digest(definition: Definition | None) -> str | None:
    """Return the hash of a document as the store keeps it."""
    return hashlib.sha256(definition.content).hexdigest() if definition else None
