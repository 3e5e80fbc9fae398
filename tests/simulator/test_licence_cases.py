"""Cases of licensing: everybody is in one, all of them are planted, and nothing else spoils them."""

from __future__ import annotations

import pytest

from connectory.simulator.advance import advance
from connectory.simulator.licence_cases import CASES
from connectory.simulator.licences import living_licences
from connectory.simulator.state import Tenant
from connectory.simulator.tenant import build
from connectory.simulator.truth_of_licences import licence_verdicts

RULES = {"custom_connector_app", "custom_connector_flow", "managed_environment"}


@pytest.mark.parametrize("size", ["tiny", "small", "medium"])
def test_everybody_has_one_verdict(size: str) -> None:
    """Each account once, by a rule there is; who needs a licence is in a case."""
    tenant = build(size, 7, None)
    rows = licence_verdicts(tenant)

    assert [row["person_id"] for row in rows] == sorted(tenant.people)
    for row in rows:
        for basis in ("active", "access"):
            told = row[basis]
            assert set(told["needs"]) | {rule for rule, _ in told["covered"]} <= RULES
            assert not (told["needs"] or told["covered"] or told["review"]) or row["group"]


def test_a_medium_tenant_has_every_case() -> None:
    """There are people and an environment for each; no name is used twice."""
    tenant = build("medium", 7, None)
    planted = {part.case for part in tenant.dealt.parts.values()}
    planted |= {case for _, case in tenant.dealt.principal_flows}

    assert {case.name for case in CASES} == planted
    assert len({case.name for case in CASES}) == len(CASES)


def licences(tenant: Tenant) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return what everybody in a case holds."""
    return {
        person: sorted(
            (held.sku, tuple(held.disabled_plans))
            for held in living_licences(tenant)
            if held.person == person
        )
        for person in tenant.dealt.parts
    }


@pytest.mark.parametrize("seed", [3, 7])
def test_cases_outlast_what_happens(seed: int) -> None:
    """In half a year nobody of a case leaves or changes licences, and none of its assets goes."""
    tenant = build("small", seed, None)
    held = licences(tenant)
    rows = {row["person_id"]: row for row in licence_verdicts(tenant)}

    advance(tenant, 182)

    after = {row["person_id"]: row for row in licence_verdicts(tenant)}
    assert licences(tenant) == held
    assert all(after[person] == rows[person] for person in tenant.dealt.parts)
    there = {(app.environment, app.name) for app in tenant.apps if app.deleted is None}
    there |= {(flow.environment, flow.name) for flow in tenant.flows if flow.deleted is None}
    assert tenant.dealt.assets <= there
    assert not tenant.dealt.parts.keys() & tenant.dealt.builders


def test_who_opens_an_app_does_so_every_week() -> None:
    """So that at any moment the log of the last 30 days tells of it."""
    tenant = build("small", 7, None)
    advance(tenant, 40)

    lately = {
        ((one.environment, one.target), one.actor)
        for one in tenant.audit
        if one.action == "launched" and (tenant.now - one.at).days < 8
    }

    assert set(tenant.dealt.openings) <= lately
