"""Policies over connectors, gateways and single runs of flows, as their services answer."""

from __future__ import annotations

from wired import BAP, FLOW, PLATFORM, Wired

GOVERNANCE = "https://api.bap.microsoft.com/providers/PowerPlatform.Governance"
GATEWAYS = "https://api.powerbi.com/v1.0/myorg/gateways"
POWER_BI = "https://analysis.windows.net/powerbi/api"
NOBODY = "00000000-0000-4000-8000-000000000000"


def test_each_list_shows_the_policies_it_knows(shared_cloud: Wired) -> None:
    """The oldest list shows all; the others pass over one made long ago and never touched."""
    policies = shared_cloud.tenant.governance.policies
    newer = {policy.id for policy in policies if not policy.old}

    v2 = shared_cloud.rows(f"{GOVERNANCE}/v2/policies")
    v1 = shared_cloud.rows(f"{GOVERNANCE}/v1/policies?$top=2&api-version=2016-11-01")
    oldest = shared_cloud.rows(f"{BAP}/scopes/admin/apiPolicies?api-version=2016-11-01")

    assert {row["policyDefinition"]["name"] for row in v2} == newer
    assert {row["name"] for row in v1} == newer
    assert {row["name"] for row in oldest} == {policy.id for policy in policies}
    assert newer < {row["name"] for row in oldest}


def test_some_rows_of_the_list_are_thin_and_whole_by_name(shared_cloud: Wired) -> None:
    """Patterns missing from the list are there when the policy is asked for by name."""
    rows = shared_cloud.rows(f"{GOVERNANCE}/v2/policies")
    thin = [row for row in rows if "customConnectorUrlPatternsDefinition" not in row]
    name = thin[0]["policyDefinition"]["name"]
    whole = shared_cloud.get(f"{GOVERNANCE}/v2/policies/{name}")

    assert 0 < len(thin) < len(rows)
    assert whole["customConnectorUrlPatternsDefinition"]["rules"]
    assert shared_cloud.ask(f"{GOVERNANCE}/v2/policies/{NOBODY}").status_code == 404


def test_the_first_version_tells_patterns_apart_and_wants_a_version(shared_cloud: Wired) -> None:
    """A policy has its patterns under its tenant; what it never had is not found."""
    policy = next(p for p in shared_cloud.tenant.governance.policies if p.rules)
    parts = f"{GOVERNANCE}/v1/tenants/{shared_cloud.tenant.id}/policies/{policy.id}"
    bare = next(p for p in shared_cloud.tenant.governance.policies if not p.patterns and not p.old)
    other = parts.replace(policy.id, bare.id)
    version = "?api-version=2016-11-01"

    told = shared_cloud.get(f"{parts}/urlPatterns{version}")["rules"]
    assert sorted(row["order"] for row in told) == list(range(1, len(policy.patterns) + 1))
    configured = shared_cloud.get(f"{parts}/policyconnectorconfigurations{version}")
    assert configured["endpointConfigurations"]
    assert shared_cloud.ask(f"{other}/urlPatterns{version}").status_code == 404
    assert shared_cloud.ask(f"{parts}/urlPatterns").status_code == 400


def test_allow_lists_are_assigned_to_groups_of_environments(shared_cloud: Wired) -> None:
    """A list, its assignment, and the group that environments say they belong to, meet."""
    version = "api-version=2024-10-01"
    rows = shared_cloud.rows(f"{PLATFORM}/governance/ruleBasedPolicies?{version}")
    assigned = shared_cloud.rows(
        f"{PLATFORM}/governance/ruleBasedPolicies/assignments?includeRuleSetCounts=true&{version}"
    )
    homes = shared_cloud.rows(f"{BAP}/scopes/admin/environments?api-version=2020-10-01")
    groups = {(row["properties"].get("parentEnvironmentGroup") or {}).get("id") for row in homes}

    assert {"ruleSets" in row for row in rows} == {True, False}
    assert {row["policyId"] for row in assigned} < {row["id"] for row in rows}
    assert {row["resourceId"] for row in assigned} < groups


def test_gateways_are_listed_for_a_person_of_power_bi(shared_cloud: Wired) -> None:
    """The list wants that service's own token, and shows every gateway of the tenant."""
    token = shared_cloud.person_token(POWER_BI)
    told = shared_cloud.ask(GATEWAYS, token=token)

    assert [row["id"] for row in told.json()["value"]] == [
        one.id for one in shared_cloud.tenant.governance.gateways
    ]
    assert shared_cloud.ask(f"{GATEWAYS}/{NOBODY}", token=token).status_code == 404
    wrong = shared_cloud.person_token("https://graph.microsoft.com")
    assert shared_cloud.ask(GATEWAYS, token=wrong).status_code == 401


def test_a_run_of_a_flow_is_found_by_its_name(shared_cloud: Wired) -> None:
    """One run is the same as in the list; one that never was is not found."""
    flow = next(f for f in shared_cloud.tenant.flows if f.in_flow_api and f.deleted is None)
    runs = f"environments/{flow.environment}/flows/{flow.name}/runs"
    version = "?api-version=2016-11-01"
    rows = shared_cloud.rows(f"{FLOW}/scopes/admin/{runs}{version}")

    assert shared_cloud.get(f"{FLOW}/{runs}/{rows[0]['name']}{version}") == rows[0]
    assert shared_cloud.ask(f"{FLOW}/{runs}/0858{version}").status_code == 404
