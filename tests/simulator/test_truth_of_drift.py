"""The account of drift: families, uploads with and without a name, and the stories that are surely there."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.drift_cases import AHEAD, BROKEN, EQUAL, MISSING, REMOVED, RENAMED, UNSEEN
from connectory.simulator.state import Connector, Tenant
from connectory.simulator.stories import replace_definition
from connectory.simulator.tenant import build
from connectory.simulator.truth import truth

Facts = dict[str, Any]
SEEDS = (1, 5, 7, 11)


@pytest.fixture(scope="module", params=SEEDS)
def tenant(request: pytest.FixtureRequest) -> Tenant:
    """A small tenant as it begins; tests of a module share it and change nothing."""
    return build("small", request.param, None)


def told(tenant: Tenant) -> Facts:
    """Return what is true of drift."""
    return dict(truth(tenant)["drift"])


def family_of(drift: Facts, story: str) -> Facts:
    """Return the family that a story is told of."""
    name = next(one["family"] for one in drift["stories"] if one["story"] == story)
    return next(one for one in drift["families"] if one["family"] == name)


def states(family: Facts) -> dict[str, str]:
    """Return the state of each member by its stage."""
    return {member["stage"]: member["state"] for member in family["members"]}


def facts_of(family: Facts, stage: str) -> list[Facts]:
    """Return the facts of one member."""
    return [f for m in family["members"] if m["stage"] == stage for f in m["facts"]]


def connector(tenant: Tenant, environment: str, name: str | None) -> Connector:
    """Return a connector by its place."""
    return next(c for c in tenant.connectors if (c.environment, c.name) == (environment, name))


def test_stories_of_environments_are_surely_there(tenant: Tenant) -> None:
    """A family is equal but for its host, one is missing in test, one is ahead in production."""
    drift = told(tenant)

    assert states(family_of(drift, EQUAL)) == {
        "dev": "expected",
        "test": "expected",
        "prod": "same",
    }
    missing = family_of(drift, MISSING)
    assert missing["missing"] == [missing["chain"][1]]
    ahead = family_of(drift, AHEAD)
    assert states(ahead)["prod"] == "same"
    assert {m["state"] for m in ahead["members"] if m["stage"] != "prod"} & {"breaking", "risky"}
    step = next(step for step in drift["steps"] if step["story"] == AHEAD)
    assert step["actor_id"] in {None, *tenant.people}
    logged = {
        (event["at"], event["target"])
        for event in truth(tenant)["audit_events"]
        if event["action"] == "edited" and event["noun"] == "connector"
    }
    assert ((step["at"], step["connector"]) in logged) is (step["actor_id"] is not None)


@pytest.mark.parametrize(
    ("story", "rule"), [(RENAMED, "operation-id-renamed"), (REMOVED, "operation-removed")]
)
def test_development_breaks_what_production_uses(tenant: Tenant, story: str, rule: str) -> None:
    """In development an operation is renamed, in another family removed, that flows call in production."""
    family = family_of(told(tenant), story)

    hit = [fact for fact in facts_of(family, "dev") if fact["rule"] == rule and fact["flows"]]

    assert hit
    assert states(family)["dev"] == "breaking"
    for fact in hit:
        production = family["reference"]
        known = connector(tenant, production["environment_id"], production["connector"]).definition
        assert known is not None
        assert fact["operation_id"] in {one["operationId"] for one in known.operations or []}


def test_every_member_differs_as_its_document_says(tenant: Tenant) -> None:
    """Where facts name no change of the document but the host, the rest of it is the same."""
    for family in told(tenant)["families"]:
        reference = family["reference"]
        if reference is None:
            continue
        origin = connector(tenant, reference["environment_id"], reference["connector"])
        for member in family["members"]:
            one = connector(tenant, member["environment_id"], member["connector"])
            if member["state"] not in {"same", "expected"}:
                continue
            assert one.definition is not None
            assert origin.definition is not None
            mine, theirs = json.loads(one.definition.content), json.loads(origin.definition.content)
            assert {**mine, "host": None} == {**theirs, "host": None}
            assert (mine["host"] == theirs["host"]) is (member["state"] == "same")


def test_uploads_are_told_with_names_where_the_log_has_them() -> None:
    """In the first fortnight two updates break their own flows, by name, and two are nobody's."""
    tenant = build("small", 7, None)

    advance(tenant, 14)

    facts = truth(tenant)
    steps = facts["drift"]["steps"]
    events = Counter(
        (event["at"], event["target"], event["actor_id"])
        for event in facts["audit_events"]
        if event["noun"] == "connector" and event["action"] == "edited"
    )
    broken = [step for step in steps if step["story"] == BROKEN]
    unseen = [step for step in steps if step["story"] == UNSEEN]
    assert [fact["rule"] for step in broken for fact in step["facts"]] == [
        "operation-id-renamed", "operation-removed",
    ]  # fmt: skip
    assert all(fact["flows"] for step in broken + unseen for fact in step["facts"])
    assert all(step["actor_id"] in tenant.people for step in broken)
    assert [step["actor_id"] for step in unseen] == [None, None]
    for step in steps:
        at = step["at"].partition(".")[0] + "+00:00" if "." in step["at"] else step["at"]
        logged = any(when == at and name == step["connector"] for when, name, _ in events)
        assert logged is (step["actor_id"] is not None)


def test_steps_lead_from_document_to_document() -> None:
    """Each upload begins where the one before it ended, and the last is what is there now."""
    tenant = build("small", 3, None)

    advance(tenant, 60)

    now = {(c["environment_id"], c["name"]): c for c in truth(tenant)["connectors"]}
    steps = truth(tenant)["drift"]["steps"]
    last: dict[tuple[str, str], str] = {}
    for step in steps:
        place = step["environment_id"], step["connector"]
        assert last.setdefault(place, step["before_sha256"]) == step["before_sha256"]
        last[place] = step["after_sha256"]
    assert len(steps) > 15
    assert all(now[place]["definition_sha256"] == digest for place, digest in last.items())


def test_what_was_replaced_by_hand_is_not_known() -> None:
    """A document that a test puts there was not made by changing another: nothing is claimed of it."""
    tenant = build("small", 5, None)
    place = family_of(told(tenant), EQUAL)["members"][0]

    replace_definition(tenant, place["environment_id"], place["connector"], b'{"paths": {}}')

    member = family_of(told(tenant), EQUAL)["members"][0]
    assert (member["state"], member["facts"]) == (None, None)
    assert told(tenant)["steps"][-1]["facts"] is None


def test_a_tiny_tenant_has_no_families() -> None:
    """The smallest tenant tells no story of drift."""
    drift = told(build("tiny", 7, None))

    assert (drift["families"], drift["stories"]) == ([], [])
