"""Policies: every form in which one is told, what refusals leave untouched, where they put things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from tenants import Tenant, tenant
from told import told
from verdicts import Verdict, verdicts

from collectors.allow_lists import allow_list, assigned
from collectors.policy_records import first_version, oldest, place, rules, second_version
from connectory.assess import assess
from connectory.database import reading
from connectory.queries.export import VIEWS
from connectory.queries.moments import latest
from connectory.queries.policies import policy_verdicts

BAP, PLATFORM = "api.bap.microsoft.com", "api.powerplatform.com"
CUSTOM = "/providers/Microsoft.PowerApps/scopes/admin/environments/ENV-1/apis/Shared_One-5F0a"
PLAIN = "/providers/Microsoft.PowerApps/apis/shared_two-5f0b"
MICROSOFT = "/providers/Microsoft.PowerApps/apis/shared_sharepointonline"
SOURCES = {
    "data_policies": (BAP, r"/v2/policies\?"),
    "data_policy_details": (BAP, "/v2/policies/"),
    "data_policies_v1": (BAP, r"/v1/policies\?"),
    "data_policies_legacy": (BAP, "apiPolicies"),
    "rule_based_policies": (PLATFORM, r"ruleBasedPolicies\?"),
    "rule_based_assignments": (PLATFORM, "ruleBasedPolicies/assignments"),
}


def known(engine: Engine) -> dict[str, Any]:
    """Return what a store says of policies."""
    return dict(told(engine)["data_policies"])


def groups(engine: Engine) -> set[Verdict]:
    """Return where policies are said to put each connector."""
    return verdicts(engine)["group_verdicts"]


def outcomes(engine: Engine) -> dict[str, str]:
    """Return how the latest step read each of its sources."""
    query = """
        SELECT source, outcome FROM step_sources WHERE step_id =
        (SELECT max(id) FROM steps WHERE collector = 'policies')
    """
    with reading(engine) as connection:
        return {row.source: row.outcome for row in connection.execute(text(query))}


def definition(**more: Any) -> dict[str, Any]:
    """Return the barest definition of a policy, with more members."""
    return {"name": "POLICY-1", "environmentType": "OnlyEnvironments", **more}


# --- one record


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (CUSTOM, ("env-1", "shared_one-5f0a")),
        (PLAIN, ("", "shared_two-5f0b")),
        ("/providers/Microsoft.PowerApps/apis/shared_two.5f0b", ("", "shared_two-5f0b")),
        (MICROSOFT, None),
        ("HttpWebhook", None),
        ("", None),
    ],
)
def test_only_custom_connectors_are_named(path: str, wanted: tuple[str, str] | None) -> None:
    """Connectors of Microsoft's and actions that are no connectors are passed over."""
    found = place(path)

    assert (found and tuple(found.values())) == wanted


def test_a_policy_of_the_second_version_is_read_whole() -> None:
    """Groups, patterns in the order of their numbers, rules; ids are folded."""
    record = {
        "policyDefinition": definition(
            displayName="Baseline",
            defaultConnectorsClassification="Blocked",
            environments=[{"name": "ENV-1"}],
            connectorGroups=[
                {"classification": "Confidential", "connectors": [{"id": CUSTOM}, {"id": MICROSOFT}]},
                {"classification": "Blocked", "connectors": [{"id": PLAIN}]},
                {"classification": "General"},
            ],
        ),
        "connectorConfigurationsDefinition": {
            "connectorActionConfigurations": [
                {"connectorId": CUSTOM, "defaultConnectorActionRuleBehavior": "Allow",
                 "actionRules": [{"actionId": "Delete", "behavior": "Block"}]},
            ],
            "endpointConfigurations": [
                {"connectorId": CUSTOM, "endpointRules": [
                    {"order": 2, "behavior": "Deny", "endpoint": "*"},
                    {"order": 1, "behavior": "Allow", "endpoint": "https://a*"},
                ]},
            ],
        },
        "customConnectorUrlPatternsDefinition": {
            "rules": [
                {"order": 2, "customConnectorRuleClassification": "Ignore", "pattern": "*"},
                {"order": 1, "customConnectorRuleClassification": "General", "pattern": "a"},
            ]
        },
        "exemptResourcesDefinition": {"exemptResources": [{"id": "app-1"}]},
    }  # fmt: skip
    read = second_version(record)

    assert read.key == "policy-1"
    assert read.values["default_group"] == "blocked"
    assert read.values["exempt"] == [{"exemptResources": [{"id": "app-1"}]}]
    assert read.targets == [{"kind": "environment", "target_key": "env-1"}]
    assert [tuple(row.values()) for row in read.connectors or []] == [
        ("env-1", "shared_one-5f0a", "business"),
        ("", "shared_two-5f0b", "blocked"),
    ]
    assert [tuple(row.values()) for row in read.patterns or []] == [
        (1, "a", "non_business"),
        (2, "*", "ignore"),
    ]
    assert [(row["kind"], row["subject"], row["allowed"]) for row in read.rules or []] == [
        ("action", "Delete", False),
        ("other_actions", "*", True),
        ("endpoint", "https://a*", True),
        ("endpoint", "*", False),
    ]
    assert read.kept.values["patterns_read"] is True


def test_a_policy_told_in_half_says_nothing_of_its_patterns() -> None:
    """What a thin row leaves out is unknown; a policy asked for by name has what it shows."""
    thin = second_version({"policyDefinition": definition()})

    assert (thin.patterns, thin.rules) == (None, None)
    assert "patterns_read" not in thin.kept.values
    assert (thin.whole().patterns, thin.whole().kept.values["patterns_read"]) == ([], True)
    assert first_version(definition()).patterns is None


@pytest.mark.parametrize(
    ("constraints", "wanted"),
    [
        ({}, ("AllEnvironments", [])),
        (None, ("AllEnvironments", [])),
        ({"environmentFilter1": {"parameters": {
            "filterType": "include", "environments": [{"name": "ENV-1"}]}}},
         ("OnlyEnvironments", ["env-1"])),
        ({"environmentFilter1": {"parameters": {
            "filterType": "exclude", "environments": [{"name": "ENV-1"}]}}},
         ("ExceptEnvironments", ["env-1"])),
    ],
)  # fmt: skip
def test_the_oldest_words_mean_the_same_as_the_new(
    constraints: dict[str, Any] | None, wanted: tuple[str, list[str]]
) -> None:
    """Business impact is business, and a filter says whom a policy is for."""
    groups = {"hbi": {"apis": [{"id": PLAIN}]}, "lbi": {}, "blocked": None}
    told_there = {"constraints": constraints, "apiGroups": groups, "defaultApiGroup": "hbi"}
    read = oldest({"name": "OLD", "properties": {"definition": told_there}})

    assert (read.values["reach"], [row["target_key"] for row in read.targets or []]) == wanted
    assert read.values["default_group"] == "business"
    assert [row["data_group"] for row in read.connectors or []] == ["business"]


def test_an_allow_list_is_one_rule_set_among_others() -> None:
    """A rule-based policy without it is none of ours; actions left out are not allowed."""
    entries = [
        {"AllowedConnector": CUSTOM, "AllowedActionsMode": "SomeAllowed", "AllowedActions": ["Get"]},
        {"AllowedConnector": PLAIN, "AllowedActionsMode": "AllAllowed"},
        {"AllowedConnector": MICROSOFT},
    ]  # fmt: skip
    sets = [
        {"id": "Sharing", "inputs": {}},
        {"id": "ConnectorManagement", "inputs": {"AllowedConnectorList": entries}},
    ]
    read = allow_list({"id": "LIST-1", "name": "List", "ruleSets": sets})

    assert read is not None
    assert [row["connector_key"] for row in read.connectors or []] == [
        "shared_one-5f0a",
        "shared_two-5f0b",
    ]
    assert [(row["kind"], row["subject"], row["allowed"]) for row in read.rules or []] == [
        ("action", "Get", True),
        ("other_actions", "*", False),
    ]
    assert allow_list({"id": "LIST-2", "ruleSets": sets[:1]}) is None


def test_an_assignment_to_what_nobody_knows_is_passed_over() -> None:
    """Environments and their groups are understood; a new kind of thing is not guessed at."""
    environment = {"resourceType": "Environment", "resourceId": "ENV-1"}
    group = {"resourceType": "EnvironmentGroup", "resourceId": "GROUP-1"}

    assert assigned(environment) == {"kind": "environment", "target_key": "env-1"}
    assert assigned(group) == {"kind": "group", "target_key": "group-1"}
    assert assigned({"resourceType": "NotSpecified", "resourceId": "x"}) is None


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"policyDefinition": {}},
        {"policyDefinition": definition(environments=[{}])},
        {"policyDefinition": definition(connectorGroups=[{"connectors": []}])},
        {"policyDefinition": definition(), "customConnectorUrlPatternsDefinition": {"rules": [{}]}},
    ],
)
def test_a_malformed_record_is_refused_rather_than_guessed(record: dict[str, Any]) -> None:
    """What must be there is asked for by name, so that nonsense fails the source."""
    with pytest.raises(KeyError):
        second_version(record)
    with pytest.raises(KeyError):
        rules({"endpointConfigurations": [{"connectorId": CUSTOM, "endpointRules": [{}]}]})


# --- a tenant


def test_what_is_collected_is_not_empty(store: Engine, tmp_path: Path) -> None:
    """The tiny tenant has some of everything, so that equality proves something."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["environments", "policies"])
    found = known(store).values()

    assert {row["system"] for row in found} == {"data_policy", "allow_list"}
    assert {row["patterns_read"] for row in found} == {True, False}
    for part in ("connectors", "patterns", "rules", "environments", "groups"):
        assert any(row[part] for row in found), part
    assert set(outcomes(store).values()) == {"complete", "skipped"}
    assert outcomes(store)["data_policy_parts_v1"] == "skipped"


def test_reading_the_same_again_costs_no_row(store: Engine, tmp_path: Path) -> None:
    """Two runs over an unchanged tenant leave one interval of everything."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["policies"])
        again = simulated.collect(store, ["policies"])

    assert [(step.state, step.rows_changed) for step in again.steps] == [("complete", 0)]


@pytest.mark.parametrize("source", sorted(SOURCES))
@pytest.mark.parametrize("kind", ["forbidden", "truncate", "500"])
def test_a_source_that_fails_changes_nothing(
    sqlite_store: Engine, tmp_path: Path, source: str, kind: str
) -> None:
    """Whatever cannot be read stays as it was last read, and the step says which source it was."""
    host, path = SOURCES[source]
    with tenant(tmp_path) as simulated:
        simulated.collect(sqlite_store, ["environments", "connectors", "policies"])
        before, put = known(sqlite_store), groups(sqlite_store)
        simulated.post("faults", host=host, path=path, kind=kind)
        simulated.collect(sqlite_store, ["policies"])
        after, then = known(sqlite_store), groups(sqlite_store)
        simulated.clear_faults()
        simulated.collect(sqlite_store, ["policies"])

    assert {group for _, _, group, *_ in put} > {"blocked", "business"}
    assert (after, then) == (before, put)
    assert (known(sqlite_store), groups(sqlite_store)) == (before, put)


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_source_that_is_refused_is_named(
    sqlite_store: Engine, tmp_path: Path, source: str
) -> None:
    """The step is partial and says so; a list that came to nothing asks for no more."""
    host, path = SOURCES[source]
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host=host, path=path, kind="forbidden")
        report = simulated.collect(sqlite_store, ["policies"])

    assert report.state == "partial"
    assert outcomes(sqlite_store)[source] in {"refused", "partial"}


def test_the_first_version_tells_the_same_as_the_second(store: Engine, tmp_path: Path) -> None:
    """Where the second is refused, patterns and rules are asked for part by part: none is lost."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host=BAP, path="/v2/policies", kind="forbidden")
        simulated.collect(store, ["policies"])
        first = known(store)
        simulated.clear_faults()
        again = simulated.collect(store, ["policies"])
    second = known(store)

    for row in (*first.values(), *second.values()):
        del row["sources"]
    assert first == second
    assert again.steps[0].state == "complete"


def test_the_oldest_list_alone_leaves_patterns_unknown(store: Engine, tmp_path: Path) -> None:
    """What it tells is kept; of what it cannot tell nothing is said, and no verdict rests on it."""
    with tenant(tmp_path) as simulated:
        simulated.post("faults", host=BAP, path="PowerPlatform.Governance", kind="forbidden")
        simulated.collect(store)
        truth = simulated.get("truth")
    found = known(store)
    wanted = {row["id"] for row in truth["data_policies"] if "legacy" in row["sources"]}
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        groups = {one.group for one in policy_verdicts(connection, moment.run_id).values()}

    assert wanted <= found.keys()
    assert not any(found[key]["patterns_read"] for key in wanted)
    assert groups <= {"blocked", "unknown"}


def test_a_policy_that_is_gone_is_gone_after_two_whole_reads(store: Engine, tmp_path: Path) -> None:
    """Absence from a list cut short proves nothing; absence from whole ones does."""
    with tenant(tmp_path) as simulated:
        simulated.collect(store, ["policies"])
        before = known(store)
        policies = simulated.served.tenant.governance.policies
        gone = policies.pop(0).id
        simulated.post("settings", page_limit=1)
        simulated.post("faults", host=BAP, path="skiptoken", kind="500")
        simulated.collect(store, ["policies"])
        cut = known(store)
        simulated.clear_faults()
        simulated.collect(store, ["policies"])
        simulated.collect(store, ["policies"])

    assert cut == before
    assert known(store).keys() == before.keys() - {gone}


def _verdicts(simulated: Tenant, store: Engine) -> dict[tuple[str, str], tuple[str, str]]:
    """Return where connectors stand as assessed, by environment and key."""
    assess(store, now=lambda: simulated.served.tenant.now)
    query = """
        SELECT e.key AS home, c.key, a.data_group, a.rule FROM policy_answers a
        JOIN connectors c ON c.id = a.connector_id JOIN environments e ON e.id = c.environment_id
        WHERE a.to_run IS NULL
    """
    with reading(store) as connection:
        rows = connection.execute(text(query)).all()
    return {(row.home, row.key): (row.data_group, row.rule) for row in rows}


def test_planted_connectors_stand_where_they_were_planted(store: Engine, tmp_path: Path) -> None:
    """One case for each way of being sorted, told by the tenant's own account of the truth."""
    with tenant(tmp_path, "small") as simulated:
        simulated.collect(store, ["environments", "connectors", "flows", "apps", "policies"])
        cases = simulated.get("truth")["sorted_connectors"]
        found = _verdicts(simulated, store)
    with reading(store) as connection:
        moment = latest(connection)
        assert moment is not None
        frame = VIEWS["policy_answers"](connection, moment)

    assert {case["rule"] for case in cases} == {"name", "pattern", "default", "allow_list"}
    assert {case["group"] for case in cases} == {"blocked", "business", "non_business"}
    for case in cases:
        key = (case["environment_id"].casefold(), case["connector"].casefold())
        assert found[key] == (case["group"], case["rule"]), key
    assert frame["data_group"].iloc[0] == "blocked"
    assert len(frame) == len(found)
