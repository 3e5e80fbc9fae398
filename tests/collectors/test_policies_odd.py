"""Policies told in an odd way: each costs itself, and no verdict rests on what was not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from told import told

from collectors.contract import ODD
from collectors.policies import storable
from collectors.policy_records import allowed, first_version, rules, second_version
from connectory.assess import assess
from connectory.database import reading
from connectory.simulator.governance import AdvancedPolicy, DataPolicy, NamedConnector, UrlPattern

pytestmark = pytest.mark.postgresql_in_soak

BAP, PLATFORM = "api.bap.microsoft.com", "api.powerplatform.com"
CUSTOM = "/providers/Microsoft.PowerApps/scopes/admin/environments/ENV-1/apis/Shared_One-5F0a"
COLLECTORS = ["environments", "connectors", "flows", "apps", "policies"]
Verdict = tuple[str, str, str]


def definition(**more: Any) -> dict[str, Any]:
    """Return the barest definition of a policy, with more members."""
    return {"name": "POLICY-1", "environmentType": "OnlyEnvironments", **more}


def verdicts(simulated: Tenant, store: Engine) -> dict[tuple[str, str], Verdict]:
    """Assess and return where connectors stand, by environment and key."""
    assess(store, now=lambda: simulated.served.tenant.now)
    query = """
        SELECT e.key AS home, c.key, a.data_group, a.rule, a.reason FROM policy_answers a
        JOIN connectors c ON c.id = a.connector_id JOIN environments e ON e.id = c.environment_id
        WHERE a.to_run IS NULL
    """
    with reading(store) as connection:
        rows = connection.execute(text(query)).all()
    return {(row.home, row.key): (row.data_group, row.rule, row.reason) for row in rows}


def planted(simulated: Tenant, found: dict[tuple[str, str], Verdict]) -> list[tuple[str, str]]:
    """Return wrong verdicts on planted connectors: wanted and found group, `unknown` excepted."""
    return [
        (case["group"], group)
        for case in simulated.get("truth")["sorted_connectors"]
        for group, _, _ in [found[case["environment_id"].casefold(), case["connector"].casefold()]]
        if group not in {case["group"], "unknown"}
    ]


def groups(simulated: Tenant, found: dict[tuple[str, str], Verdict]) -> list[tuple[str, str]]:
    """Return wanted and found group of each planted connector."""
    return [
        (case["group"], found[case["environment_id"].casefold(), case["connector"].casefold()][0])
        for case in simulated.get("truth")["sorted_connectors"]
    ]


def sources(store: Engine) -> dict[str, tuple[str, str]]:
    """Return outcome and reason of each source of the latest step."""
    query = """
        SELECT source, outcome, reason FROM step_sources WHERE step_id =
        (SELECT max(id) FROM steps WHERE collector = 'policies')
    """
    with reading(store) as connection:
        rows = connection.execute(text(query)).all()
    return {row.source: (row.outcome, row.reason or "") for row in rows}


def baseline(simulated: Tenant) -> DataPolicy:
    """Return the policy for all environments, which the newest list tells whole."""
    named = simulated.served.tenant.governance.policies
    return next(one for one in named if one.reach == "AllEnvironments" and not one.thin)


# --- one record


@pytest.mark.parametrize(
    "record",
    [
        {"policyDefinition": definition(name=7)},
        {"policyDefinition": definition(environmentType=None)},
        {"policyDefinition": definition(environments=[{"name": 7}])},
        {"policyDefinition": definition(connectorGroups=[
            {"classification": 1, "connectors": [{"id": CUSTOM}]}])},
        {"policyDefinition": definition(), "customConnectorUrlPatternsDefinition": {"rules": [
            {"order": 1, "pattern": None, "customConnectorRuleClassification": "General"}]}},
        {"policyDefinition": definition(), "customConnectorUrlPatternsDefinition": {"rules": [
            {"order": 1, "pattern": {"a": 1}, "customConnectorRuleClassification": "General"}]}},
        {"policyDefinition": definition(), "customConnectorUrlPatternsDefinition": {"rules": [
            {"order": "x", "pattern": "*", "customConnectorRuleClassification": "General"}]}},
        {"policyDefinition": definition(), "customConnectorUrlPatternsDefinition": {"rules": []},
         "connectorConfigurationsDefinition": {"connectorActionConfigurations": [
             {"connectorId": CUSTOM, "actionRules": [{"actionId": {}, "behavior": "Block"}]}]}},
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_makes_the_record_odd(record: dict[str, Any]) -> None:
    """It is found before anything is stored, and costs that policy alone."""
    with pytest.raises(ODD):
        storable(second_version(record))


def test_what_a_thin_row_leaves_out_is_not_told() -> None:
    """Absent members of a row told in half are unknown; of a whole one they are empty."""
    thin = second_version({"policyDefinition": definition()})
    whole = thin.whole()

    assert (thin.targets, thin.connectors, thin.patterns, thin.rules) == (None,) * 4
    assert "default_group" not in thin.values
    assert "targets_read" not in thin.kept.values
    assert (whole.targets, whole.connectors, whole.values["default_group"]) == (
        [],
        [],
        "non_business",
    )
    assert whole.kept.values["targets_read"] is True


def test_a_wrapped_policy_of_the_first_version_is_the_same_policy() -> None:
    """Some tenants put the definition one level deeper."""
    bare = definition(environments=[{"name": "ENV-1"}])

    assert first_version({"policyDefinition": bare}) == first_version(bare)
    assert first_version(bare).patterns is None


@pytest.mark.parametrize("word", ["allEnvironments", "ALLENVIRONMENTS", "AllEnvironments"])
def test_whom_a_policy_is_for_is_read_in_any_letters(word: str) -> None:
    """The service spells the words of this member in more than one way."""
    told_there = second_version({"policyDefinition": definition(environmentType=word)})

    assert told_there.values["reach"] == "AllEnvironments"


def test_rules_of_one_connector_are_numbered_through_all_its_entries() -> None:
    """Two entries of one connector lose none of their rules."""
    entry = {"connectorId": CUSTOM, "actionRules": [{"actionId": "A", "behavior": "Block"}]}
    again = {"connectorId": CUSTOM.upper(), "actionRules": [{"actionId": "B", "behavior": "Allow"}]}
    found = rules({"connectorActionConfigurations": [entry, again]})
    twice = [
        {"AllowedConnector": CUSTOM, "AllowedActionsMode": "SomeAllowed", "AllowedActions": [name]}
        for name in ("A", "B")
    ]

    assert [(row["position"], row["subject"], row["allowed"]) for row in found] == [
        (1, "A", False),
        (2, "B", True),
    ]
    assert [row["position"] for row in allowed(twice)[1] if row["kind"] == "action"] == [1, 2]


def test_exempted_resources_are_kept_in_bounds_and_without_secrets() -> None:
    """No page says what they look like, so that anything may stand there."""
    deep: Any = 1
    for _ in range(700):
        deep = {"a": deep}
    record = {
        "policyDefinition": definition(),
        "exemptResourcesDefinition": {"clientSecret": "made-up-0123456789", "deep": deep},
    }
    kept = second_version(record).values["exempt"]

    assert kept[0]["clientSecret"] == "[redacted]"
    assert str(kept).count("'a'") < 30


# --- a tenant


def no_pattern(policy: DataPolicy) -> None:
    """Let a pattern of a policy be no text."""
    policy.patterns.append(UrlPattern(None, "General"))  # type: ignore[arg-type]


def no_subject(policy: DataPolicy) -> None:
    """Let the name of a connector be no text."""
    policy.connectors.append(NamedConnector(None, None, "Blocked"))  # type: ignore[arg-type]
    policy.environments = [{"odd": True}]  # type: ignore[list-item]


@pytest.mark.parametrize("spoil", [no_pattern, no_subject])
@pytest.mark.parametrize("thin", [True, False])
def test_an_odd_policy_costs_itself_and_its_verdicts_stay(
    store: Engine, tmp_path: Path, spoil: Callable[[DataPolicy], None], *, thin: bool
) -> None:
    """The list is partial, every other policy is there, and nothing is told of it in half."""
    with tenant(tmp_path, "small") as simulated:
        policy = baseline(simulated)
        policy.thin = thin
        simulated.collect(store, COLLECTORS)
        before, wanted = dict(told(store)["data_policies"]), verdicts(simulated, store)
        kept = (list(policy.patterns), list(policy.connectors), list(policy.environments))
        spoil(policy)
        report = simulated.collect(store, COLLECTORS)
        during, found = dict(told(store)["data_policies"]), verdicts(simulated, store)
        outcomes = sources(store)
        policy.patterns, policy.connectors, policy.environments = kept
        simulated.collect(store, COLLECTORS)

    assert report.state == "partial"
    assert any(outcome == "partial" for outcome, _ in outcomes.values())
    assert during == before
    assert found == wanted
    assert told(store)["data_policies"] == before


def test_an_odd_policy_nobody_knew_leaves_verdicts_unknown_at_most(
    store: Engine, tmp_path: Path
) -> None:
    """With one policy unread no connector is said to be free that it would block."""
    with tenant(tmp_path, "small") as simulated:
        no_pattern(baseline(simulated))
        simulated.collect(store, COLLECTORS)
        wrong = planted(simulated, verdicts(simulated, store))

    assert wrong == []


def test_an_allow_list_nobody_could_place_leaves_verdicts_unknown(
    store: Engine, tmp_path: Path
) -> None:
    """A list that appears while its assignments are refused might apply anywhere."""
    with tenant(tmp_path, "small") as simulated:
        governance = simulated.served.tenant.governance
        lists = list(governance.advanced)
        governance.advanced.clear()
        simulated.collect(store, COLLECTORS)
        governance.advanced.extend(lists)
        simulated.post("faults", host=PLATFORM, path="assignments", kind="forbidden")
        simulated.collect(store, COLLECTORS)
        during = verdicts(simulated, store)
        wrong = planted(simulated, during)
        simulated.clear_faults()
        simulated.collect(store, COLLECTORS)
        after = groups(simulated, verdicts(simulated, store))

    assert wrong == []
    assert any("where it applies is not known" in reason for _, _, reason in during.values())
    assert all(wanted == found for wanted, found in after)


def test_an_assignment_of_an_unknown_kind_is_said_and_changes_nothing(
    store: Engine, tmp_path: Path
) -> None:
    """Where such a policy applies stays as it was known; that of others is read."""
    with tenant(tmp_path, "small") as simulated:
        lists = simulated.served.tenant.governance.advanced
        strange: AdvancedPolicy = lists[0]
        simulated.collect(store, COLLECTORS)
        before = dict(told(store)["data_policies"])
        homes, strange.environments, strange.groups = strange.environments, [], []
        strange.others = ["thing-1"]
        report = simulated.collect(store, COLLECTORS)

    assert report.state == "partial"
    assert "kind of thing that is not known" in sources(store)["rule_based_assignments"][1]
    assert told(store)["data_policies"] == before
    assert homes or before[strange.id]["groups"]


def test_a_reach_nobody_knows_leaves_verdicts_unknown(store: Engine, tmp_path: Path) -> None:
    """A new word may mean any environment; what is blocked by another policy stays blocked."""
    with tenant(tmp_path, "small") as simulated:
        for policy in simulated.served.tenant.governance.policies:
            policy.reach = "SomeEnvironments"  # type: ignore[assignment]
        simulated.post("faults", host=BAP, path="apiPolicies", kind="forbidden")
        simulated.collect(store, COLLECTORS)
        found = verdicts(simulated, store)

    assert {group for group, _, _ in found.values()} <= {"unknown", "blocked"}


def test_the_oldest_list_refused_is_named_in_every_proof(store: Engine, tmp_path: Path) -> None:
    """A policy that only it shows may block what is said to be free."""
    with tenant(tmp_path, "small") as simulated:
        simulated.post("faults", host=BAP, path="apiPolicies", kind="forbidden")
        simulated.collect(store, COLLECTORS)
        during = verdicts(simulated, store)
        simulated.clear_faults()
        simulated.collect(store, COLLECTORS)
        after = verdicts(simulated, store)

    free = [reason for group, _, reason in during.values() if group not in {"blocked", "unknown"}]
    assert free
    assert all("the oldest data policies have not been read" in reason for reason in free)
    assert not any("have not been read" in reason for _, _, reason in after.values())
