"""Two accounts of one drift: what the simulated tenant planted, and what a comparison finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectory.domain.drift.comparing import diff
from connectory.domain.drift.profiles import ENVIRONMENTS, HISTORY, Profile
from connectory.domain.drift.properties import ConnectorProperties
from connectory.domain.drift.reading import read_api
from connectory.domain.json_document import Unreadable
from connectory.simulator.advance import advance
from connectory.simulator.definitions import load_pool
from connectory.simulator.drafts import Extras
from connectory.simulator.drift_edits import extras_of
from connectory.simulator.mutations import MUTATIONS, Mutated, mutate
from connectory.simulator.openapi import roundtrips
from connectory.simulator.randomness import stream
from connectory.simulator.state import Connector, Tenant
from connectory.simulator.tenant import build
from connectory.simulator.truth import truth

Fact = tuple[Any, ...]


def found(
    before: tuple[bytes, Extras], after: tuple[bytes, Extras], profile: Profile = HISTORY
) -> set[Fact]:
    """Return what a comparison finds between two states of a connector."""
    apis = []
    for content, extras in (before, after):
        properties = ConnectorProperties(
            connection_parameters=extras.connection_parameters,
            policies=tuple(extras.policies),
            script_operations=tuple(extras.script_operations),
            brand_color=extras.brand_color,
        )
        api = read_api(content, properties)
        assert not isinstance(api, Unreadable)
        apis.append(api)
    return {
        (change.rule, None if change.expected else change.severity, change.place.operation_id,
         change.place.kind, change.place.name, change.place.status, change.place.property)
        for change in diff(*apis, profile)
    }  # fmt: skip


def told(facts: list[dict[str, Any]]) -> set[Fact]:
    """Return planted facts in the same words; how bad one is that is meant to be is left open."""
    return {
        (fact["rule"], None if fact["expected"] else fact["class"], fact["operation_id"],
         fact["in"], fact["name"], fact["status"], fact["property"])
        for fact in facts
    }  # fmt: skip


def unmeant(changed: Mutated) -> set[Fact]:
    """Return what was planted, as a comparison over time tells it: there nothing is meant to be."""
    return told([fact.told() | {"expected": False} for fact in changed.facts])


@pytest.mark.parametrize("kind", sorted(MUTATIONS))
def test_a_comparison_finds_what_was_planted_and_nothing_else(kind: str) -> None:
    """Over invented documents both accounts agree on rule, verdict and place."""
    for blueprint in load_pool(None, 7)[:25]:
        before = blueprint.content, extras_of(blueprint)
        changed = mutate(
            blueprint.content, stream(1, kind, blueprint.key), [kind], extras=before[1]
        )

        assert found(before, (changed.content, changed.extras)) == unmeant(changed)


def test_real_documents_are_judged_alike(corpus: Path) -> None:
    """Over real documents both accounts agree as well, one kind of change after the other."""
    for number, blueprint in enumerate(load_pool(corpus / "connectors", 7)):
        if not roundtrips(blueprint.content) or len(blueprint.content) > 300_000:
            continue
        kinds = sorted(MUTATIONS)
        before = blueprint.content, extras_of(blueprint)
        for kind in (kinds[number % len(kinds)], kinds[(number * 7) % len(kinds)]):
            numbers = stream(2, kind, blueprint.key)
            changed = mutate(blueprint.content, numbers, [kind], extras=before[1])
            after = changed.content, changed.extras

            assert found(before, after) == unmeant(changed), (blueprint.key, kind)


def state_of(tenant: Tenant, place: dict[str, Any]) -> Connector:
    """Return the connector at a place."""
    return next(
        one
        for one in tenant.connectors
        if one.environment == place["environment_id"]
        and one.name == place["connector"]
        and (one.dataverse.connector_id if one.dataverse else None) == place["dataverse_id"]
    )


@pytest.mark.parametrize("seed", [3, 7])
def test_families_differ_as_they_were_made_to(seed: int) -> None:
    """After weeks of changes on every side, members differ from their reference by the facts told."""
    tenant = build("small", seed, None)
    advance(tenant, 70)
    compared = 0
    for family in truth(tenant)["drift"]["families"]:
        if family["reference"] is None:
            continue
        origin = state_of(tenant, family["reference"])
        for member in family["members"]:
            one = state_of(tenant, member)
            assert origin.definition is not None
            assert one.definition is not None

            seen = found(
                (origin.definition.content, extras_of(origin)),
                (one.definition.content, extras_of(one)),
                ENVIRONMENTS,
            )

            assert seen == told(member["facts"])
            compared += 1
    assert compared > 20
