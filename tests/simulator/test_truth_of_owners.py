"""Who owns a connector and how it is used: what was planted by hand is what the account tells."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.call_store import CallStore
from connectory.simulator.owner_cases import CASES
from connectory.simulator.state import Group, Permission, Person, Tenant
from connectory.simulator.tenant import START, build
from connectory.simulator.truth import truth
from connectory.simulator.truth_of_owners import working_members

STATES = {
    "owned", "sole_owner", "group_owned", "empty_group", "guest_owner", "disabled_owner",
    "departed_owner", "service_principal_owner", "nobody",
}  # fmt: skip


def verdicts(told: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the verdicts of an account by environment and connector."""
    return {(r["environment_id"], r["connector"]): r for r in told["owner_verdicts"]}


def planted(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return where each case was planted."""
    return {r["case"]: (r["environment_id"], r["connector"]) for r in told["owner_cases"]}


@pytest.mark.parametrize(("size", "seed"), [("small", 3), ("small", 11), ("medium", 7)])
def test_every_case_is_true_as_it_was_written_down(size: str, seed: int) -> None:
    """What the table says by hand is what the state says, counts and all; nothing hides it."""
    told = truth(build(size, seed, None))
    found = verdicts(told)
    differ = [
        (case["case"], name)
        for case in told["owner_cases"]
        for name in ("state", "owners", "editors", "members")
        if found[case["environment_id"], case["connector"]][name] != case[name]
    ]

    assert differ == []
    assert planted(told).keys() == {case.title for case in CASES}
    assert {row["state"] for row in found.values()} == STATES
    assert all(found[place]["readable"] for place in planted(told).values())
    assert not all(row["readable"] for row in found.values())


def test_a_tiny_tenant_has_none_of_them() -> None:
    """It would be nothing else; its verdicts are told all the same."""
    told = truth(build("tiny", 7, None))

    assert told["owner_cases"] == []
    assert len(told["owner_verdicts"]) == len(told["connectors"])


@pytest.mark.parametrize(("size", "seed"), [("small", 3), ("small", 11), ("medium", 7)])
def test_two_weeks_show_a_leaver_a_return_and_every_class(size: str, seed: int) -> None:
    """What is planned happens on its day, and nothing else happens to what was planted."""
    tenant = build(size, seed, None)
    seen = {}
    for _ in range(3):
        told = truth(tenant)
        found = verdicts(told)
        seen[tenant.now - START] = {
            case: found[place]["state"] for case, place in planted(told).items()
        }
        advance(tenant, 7)
    first, week, fortnight = (seen[timedelta(days=days)] for days in (0, 7, 14))

    assert {case for case in first if first[case] != week[case]} == set()
    assert {case for case in first if first[case] != fortnight[case]} == {
        "Route Planner", "Goods Receipt",
    }  # fmt: skip
    assert (first["Route Planner"], fortnight["Route Planner"]) == ("sole_owner", "departed_owner")
    assert (first["Goods Receipt"], fortnight["Goods Receipt"]) == ("group_owned", "empty_group")
    assert set(fortnight.values()) == STATES


def away(tenant: Tenant) -> Person:
    """Return who is planned to leave and to return."""
    (who,) = {one.who for one in tenant.owning.plans if one.what == "returns"}
    return tenant.people[who]


def test_somebody_is_away_for_a_week_under_the_same_id() -> None:
    """They are in the recycle bin in between, and then as they were."""
    tenant = build("small", 7, None)
    before = away(tenant).deleted
    advance(tenant, 7)
    meanwhile = away(tenant).deleted
    advance(tenant, 7)

    assert before is None
    assert meanwhile is not None
    assert away(tenant).deleted is None
    assert away(tenant).enabled


def test_sixty_days_move_people_both_ways() -> None:
    """People leave and return, are blocked and let in, move; teams empty and fill; so do applications."""
    tenant = build("medium", 7, None)
    changes: Counter[str] = Counter()
    before = snapshot(tenant)
    for _ in range(60):
        advance(tenant, 1)
        now = snapshot(tenant)
        for key in before.keys() & now.keys():
            changes.update(
                f"{name} {old} to {new}" if isinstance(new, bool) else name
                for name, old, new in zip(NAMES[key[0]], before[key], now[key], strict=True)
                if old != new
            )
        before = now

    assert min(
        changes[one]
        for one in (
            "here True to False", "here False to True", "enabled True to False",
            "enabled False to True", "department", "manager", "filled True to False",
            "filled False to True", "switched on True to False", "switched on False to True",
        )
    ) > 0  # fmt: skip


NAMES = {
    "person": ("here", "enabled", "department", "manager"),
    "group": ("filled",),
    "application": ("switched on",),
}


def snapshot(tenant: Tenant) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return what may change about people, groups and applications."""
    people = {
        ("person", p.id): (p.deleted is None, p.enabled, p.department, p.manager_id)
        for p in tenant.people.values()
    }
    groups = {("group", g.id): (bool(g.member_ids),) for g in tenant.groups.values()}
    principals = {("application", s.id): (s.enabled,) for s in tenant.service_principals.values()}
    return {**people, **groups, **principals}


def test_nobody_in_a_case_of_licensing_is_touched() -> None:
    """Whoever was dealt a part keeps it; whoever comes back to build is licensed for it."""
    tenant = build("medium", 7, None)
    parts = [tenant.people[one] for one in tenant.dealt.parts]
    before = [(p.id, p.enabled, p.deleted) for p in parts]
    gone = {p.id for p in tenant.people.values() if p.deleted is not None}
    advance(tenant, 28)
    back = {p.id for p in tenant.people.values() if p.deleted is None} & gone
    members = {one for one in back if tenant.people[one].user_type == "Member"}

    assert [(p.id, p.enabled, p.deleted) for p in parts] == before
    assert members
    assert members <= tenant.dealt.builders


def test_a_verdict_follows_what_becomes_of_the_owner() -> None:
    """Each thing that can happen to one owner gives the word for it."""
    tenant = build("small", 7, None)
    place = planted(truth(tenant))["Parcel Labels"]
    connector = next(c for c in tenant.connectors if (c.environment, c.name) == place)
    (held,) = (one for one in connector.permissions if one.role == "Owner")
    person = tenant.people[str(held.principal_id)]
    told = [verdicts(truth(tenant))[place]["state"]]
    person.enabled = False
    told.append(verdicts(truth(tenant))[place]["state"])
    person.deleted = tenant.now
    told.append(verdicts(truth(tenant))[place]["state"])
    person.deleted, person.enabled, person.user_type = None, True, "Guest"
    told.append(verdicts(truth(tenant))[place]["state"])
    connector.permissions.remove(held)
    told.append(verdicts(truth(tenant))[place]["state"])

    assert told == ["sole_owner", "disabled_owner", "departed_owner", "guest_owner", "nobody"]


def test_groups_are_counted_by_who_can_act_in_them() -> None:
    """However deep, each once, without those who cannot sign in; a circle ends."""
    tenant = build("small", 7, None)
    working = [p.id for p in tenant.people.values() if p.enabled and p.deleted is None][:2]
    idle = [p.id for p in tenant.people.values() if not p.enabled][:2]
    tenant.groups["a"] = Group("a", "A", [working[0], "b", *idle])
    tenant.groups["b"] = Group("b", "B", [*working, "a", "c", "nobody"])
    tenant.groups["c"] = Group("c", "C", [idle[0]], deleted=tenant.now)

    assert working_members(tenant, ["a"]) == set(working)
    assert working_members(tenant, ["c"]) == set()


def test_an_editor_is_no_owner_and_an_owner_no_editor_beside() -> None:
    """Who holds both roles counts once, as owner."""
    tenant = build("small", 7, None)
    place = planted(truth(tenant))["Parcel Labels"]
    connector = next(c for c in tenant.connectors if (c.environment, c.name) == place)
    owner = str(connector.permissions[0].principal_id)
    connector.permissions.append(Permission(f"{owner}-2", "CanEdit", "User", owner))
    told = verdicts(truth(tenant))[place]

    assert (told["state"], told["owners"], told["editors"]) == ("sole_owner", 1, 0)
    assert told["rests_on"] == [owner]


# --- use


def used(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return how planted connectors are used, by case, with the logs of four weeks."""
    calls = CallStore()
    calls.begin(tenant, 28, 1.0)
    told = truth(tenant, calls)
    by_place = {(r["environment_id"], r["connector"]): r for r in told["use"]}
    return {case: by_place[place] for case, place in planted(told).items()}


def test_planted_use_is_told_to_the_day() -> None:
    """In use is called today or yesterday; what fell silent did on its day; the rest never was."""
    tenant = build("small", 7, None)
    found = used(tenant)
    days = {
        case: (START.date() - START.date().fromisoformat(row["called"])).days
        for case, row in found.items()
        if row["called"] is not None
    }
    silent = {"quiet": 25, "stale": 100, "abandoned": 260}

    assert {row["use"] for row in found.values()} == {
        "active", "quiet", "stale", "abandoned", "never_used", "unknown",
    }  # fmt: skip
    for case, row in found.items():
        if row["use"] in silent:
            assert days[case] == silent[row["use"]], case
        else:
            assert (days.get(case, 99) <= 4) is (row["use"] in {"active", "unknown"}), case
    assert all(row["last_used"] == {} for row in found.values() if row["use"] == "never_used")
    assert all(row["logged_by"] == "nobody" for row in found.values() if row["use"] == "unknown")
    assert all(
        {"gateway_logs", "flow_runs", "audit"} <= row["last_used"].keys()
        for row in found.values()
        if row["use"] == "active"
    )


def test_without_logs_no_log_tells_anything() -> None:
    """Before the logs were switched on only runs and launches tell of use."""
    tenant = build("small", 7, None)
    told = truth(tenant)["use"]

    assert {source for row in told for source in row["last_used"]} == {"flow_runs", "audit"}
    assert all(row["called"] is None for row in told)
