"""Time and stories: what happens to a simulated tenant, by itself and when asked."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.state import Connector, Tenant
from connectory.simulator.stories import STORIES, StoryError
from connectory.simulator.tenant import START, build
from connectory.simulator.truth import truth

Facts = dict[str, Any]


@pytest.fixture
def tenant() -> Tenant:
    """A fresh small tenant that a test may change."""
    return build("small", 11, None)


def connectors(facts: Facts) -> dict[str, Facts]:
    """Return a truth's connectors by what never changes about them."""
    return {
        f"{r['environment_id']} {r['dataverse_id'] or r['name']}": r for r in facts["connectors"]
    }


def owners(facts: Facts) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return each connector's owner and whether that owner works here, but for those planted."""
    working = {p["id"] for p in facts["people"] if p["enabled"] and not p["deleted"]}
    planted = {(r["environment_id"], r["connector"]) for r in facts["owner_cases"]}
    return {
        (r["environment_id"], r["connector"]): (r["principal_id"], r["principal_id"] in working)
        for r in facts["permissions"]
        if r["role"] == "Owner" and (r["environment_id"], r["connector"]) not in planted
    }


def changes(before: Facts, after: Facts) -> dict[str, int]:
    """Count what a reader of both truths sees changed about connectors."""
    old, new = connectors(before), connectors(after)
    both = old.keys() & new.keys()
    was, now = owners(before), owners(after)
    return {
        "new": len(new.keys() - old.keys()),
        "deleted": len(old.keys() - new.keys()),
        "definition": sum(old[k]["definition_sha256"] != new[k]["definition_sha256"] for k in both),
        "owner": sum(was[k] != now[k] for k in was.keys() & now.keys()),
    }


@pytest.mark.parametrize("seed", [1, 2, 11])
@pytest.mark.parametrize("offset", [0, 3])
def test_a_week_brings_a_handful_of_changes(seed: int, offset: int) -> None:
    """Whatever weekday it starts on, a small tenant's week shows changes and no storm."""
    tenant = build("small", seed, None)
    advance(tenant, offset)
    for _ in range(3):
        before = truth(tenant)

        advance(tenant, 7)

        seen = changes(before, truth(tenant))
        assert 2 <= seen["new"] <= 4
        assert 1 <= seen["deleted"] <= 2
        assert 1 <= seen["definition"] <= 5
        assert 1 <= seen["owner"] <= 8


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_seven_days_are_seven_times_one_day(size: str) -> None:
    """How often the clock is asked to move makes no difference to where the tenant stands."""
    at_once, by_day = build(size, 4, None), build(size, 4, None)

    advance(at_once, 7)
    for _ in range(7):
        advance(by_day, 1)

    assert at_once == by_day
    assert at_once.now == START + timedelta(days=7)


def test_half_a_year_keeps_the_tenant_in_order() -> None:
    """After long runs names are still unique, nothing is dated ahead, most owners still work."""
    tenant = build("small", 2, None)

    advance(tenant, 182)

    facts = truth(tenant)
    names = [(r["environment_id"], r["name"]) for r in facts["connectors"] if r["name"]]
    working = [works for _, works in owners(facts).values()]
    service = {p["id"] for p in facts["people"] if p["kind"] == "service_principal"}
    departed = [o for o, works in owners(facts).values() if not works and o not in service]
    assert len(set(names)) == len(names)
    assert all(c.created <= c.changed <= tenant.now for c in tenant.connectors)
    assert len(departed) < len(working) * 0.25
    assert all(flow.modified <= tenant.now for flow in tenant.flows)


def test_the_clock_never_runs_backwards(tenant: Tenant) -> None:
    """A negative number of days is refused and changes nothing."""
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        advance(tenant, -1)

    assert tenant.now == START


def test_breaking_and_compatible_changes_both_happen() -> None:
    """Over a quarter, definitions gain operations, and some lose one."""
    tenant = build("small", 3, None)
    before = connectors(truth(tenant))

    advance(tenant, 90)

    after = connectors(truth(tenant))
    pairs = [
        (set(before[k]["operations"]), set(after[k]["operations"])) for k in before.keys() & after
    ]
    assert any(new - old for old, new in pairs)
    assert any(old - new for old, new in pairs)


def a_connector(tenant: Tenant) -> Connector:
    """Return a connector with a runtime name in an environment that exists."""
    return next(
        c for c in tenant.connectors if c.name and not tenant.environments[c.environment].deleted
    )


def test_a_connector_can_be_deleted_restored_and_renamed(tenant: Tenant) -> None:
    """A restored connector is the one that was deleted; renaming keeps the runtime name."""
    connector = a_connector(tenant)
    place = {"environment": connector.environment, "name": str(connector.name)}
    before = truth(tenant)

    STORIES["delete_connector"](tenant, place)
    without = truth(tenant)
    STORIES["restore_connector"](tenant, place)
    restored = truth(tenant)
    STORIES["rename_connector"](tenant, {**place, "display_name": "Renamed"})

    assert len(without["connectors"]) == len(before["connectors"]) - 1
    logged = restored.pop("audit_events")
    assert logged[:-1] == before.pop("audit_events")
    assert (logged[-1]["action"], logged[-1]["target"]) == ("deleted", place["name"])
    assert restored == before
    assert (connector.display_name, connector.name) == ("Renamed", place["name"])


def test_an_environment_can_be_denied_deleted_and_brought_back(tenant: Tenant) -> None:
    """Denying and deleting are undone by their counterparts without a trace."""
    environment = next(e for e in tenant.environments.values() if e.display_name.endswith("PROD"))
    place = {"environment": environment.name}
    before = truth(tenant)

    for story in ("deny_environment", "delete_environment", "revoke_application_user"):
        STORIES[story](tenant, place)
    changed = truth(tenant)
    for story in ("allow_environment", "restore_environment", "grant_application_user"):
        STORIES[story](tenant, place)

    row = next(row for row in changed["environments"] if row["id"] == environment.name)
    assert (row["deleted"], row["admin_readable"], row["dataverse_readable"]) == (
        True,
        False,
        False,
    )
    assert truth(tenant) == before


def test_people_can_be_removed_or_disabled_and_connectors_change_hands(tenant: Tenant) -> None:
    """A leaver keeps what they own until it is handed over."""
    connector = a_connector(tenant)
    place = {"environment": connector.environment, "name": str(connector.name)}
    first, second, third = (p.id for p in list(tenant.people.values())[20:23])

    STORIES["change_owner"](tenant, {**place, "person": first})
    STORIES["remove_person"](tenant, {"person": first})
    STORIES["disable_person"](tenant, {"person": second})
    orphaned = owners(truth(tenant))[connector.environment, place["name"]]
    STORIES["change_owner"](tenant, {**place, "person": third})

    assert orphaned == (first, False)
    assert tenant.people[first].deleted == tenant.now
    assert not tenant.people[second].enabled
    assert owners(truth(tenant))[connector.environment, place["name"]][0] == third


def test_a_definition_is_replaced_byte_for_byte(tenant: Tenant) -> None:
    """The new document travels as base64 and arrives exactly, readable or not."""
    connector = a_connector(tenant)
    content = b"\xff\xfe not json"

    STORIES["replace_definition"](tenant, {
        "environment": connector.environment, "name": str(connector.name),
        "content": base64.b64encode(content).decode(),
    })  # fmt: skip

    assert connector.definition is not None
    assert connector.definition.content == content
    assert connector.definition.operations is None
    assert connector.changed == tenant.now


@pytest.mark.parametrize(
    ("story", "arguments", "message"),
    [
        (
            "delete_connector",
            {"environment": "e", "name": "shared_none"},
            "no connector 'shared_none'",
        ),
        ("restore_connector", {"environment": "e", "name": "x"}, "no deleted connector 'x'"),
        ("deny_environment", {"environment": "nowhere"}, "no environment 'nowhere'"),
        ("remove_person", {"person": "nobody"}, "the id 'nobody'"),
        ("remove_person", {}, "arguments are person"),
        ("remove_person", {"person": "p", "when": "now"}, "check when"),
        ("replace_definition", {"environment": "e", "name": "x", "content": "%"}, "not base64"),
    ],
)
def test_a_story_about_nothing_is_refused(
    tenant: Tenant, story: str, arguments: dict[str, str], message: str
) -> None:
    """A story that names what is not there says so and changes nothing."""
    before = truth(tenant)

    with pytest.raises(StoryError, match=message):
        STORIES[story](tenant, arguments)

    assert truth(tenant) == before
