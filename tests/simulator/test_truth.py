"""The account of truth: what an honest reader can know, said from the state alone."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from connectory.simulator.state import Tenant
from connectory.simulator.stories import (
    delete_connector,
    delete_environment,
    deny_environment,
    remove_person,
    replace_definition,
    revoke_application_user,
)
from connectory.simulator.tenant import build
from connectory.simulator.truth import truth

KEYS = {
    "now", "tenant_id", "environments", "people", "memberships", "connectors", "permissions",
    "connections", "connection_references", "flows", "apps", "agents",
    "app_permissions", "flow_permissions", "flow_runs", "audit_events",
    "connection_permissions", "connection_findings", "connection_cases",
    "licence_verdicts", "licence_verdicts_of_flows",
    "licence_skus", "licence_assignments", "billing_policies", "allocations",
    "app_registrations", "service_principal_credentials", "connector_clients",
    "data_policies", "sorted_connectors", "gateways", "drift",
    "owner_verdicts", "owner_cases", "use", "leavers",
}  # fmt: skip


@pytest.fixture
def tenant() -> Tenant:
    """A fresh small tenant that a test may change."""
    return build("small", 5, None)


def named(rows: list[dict[str, Any]], environment: str, name: str | None) -> list[dict[str, Any]]:
    """Return the rows of one name in one environment."""
    return [row for row in rows if row["environment_id"] == environment and row["name"] == name]


def chain_environment(tenant: Tenant, suffix: str) -> str:
    """Return the id of the small tenant's environment whose display name ends in `suffix`."""
    return next(e.name for e in tenant.environments.values() if e.display_name.endswith(suffix))


def test_truth_is_json_and_reproducible(tenant: Tenant) -> None:
    """Truth survives a trip through JSON and is the same each time it is asked for."""
    told = truth(tenant)

    assert set(told) == KEYS
    assert json.loads(json.dumps(told)) == told
    assert truth(tenant) == told
    assert told["now"] == "2026-11-02T02:00:00+00:00"


def test_every_environment_is_told_with_what_is_readable(tenant: Tenant) -> None:
    """Environments, the deleted one included, say what they are and what can be read of them."""
    told = {row["id"]: row for row in truth(tenant)["environments"]}

    assert set(told) == set(tenant.environments)
    default = told[f"Default-{tenant.id}"]
    assert default["is_default"] is default["has_dataverse"] is default["admin_readable"] is True
    assert default["dataverse_readable"] is False
    assert [row["display_name"] for row in told.values() if row["deleted"]] == [
        "Campaign trial 2025"
    ]


def test_nothing_in_a_deleted_environment_is_told(tenant: Tenant) -> None:
    """A deleted environment takes everything in it along."""
    environment = chain_environment(tenant, "PROD")

    delete_environment(tenant, environment)

    told = truth(tenant)
    for key in ("connectors", "permissions", "connections", "connection_references", "flows",
                "apps"):  # fmt: skip
        assert told[key]
        assert not [row for row in told[key] if row["environment_id"] == environment]


def test_memberships_are_transitive_and_end_in_people(tenant: Tenant) -> None:
    """Groups that contain each other have the same members; deleted people and groups have none."""
    groups = {group.display_name: group.id for group in tenant.groups.values()}
    rows = truth(tenant)["memberships"]
    members = {
        name: {row["member_id"] for row in rows if row["group_id"] == group}
        for name, group in groups.items()
    }

    assert members["Integration guild"] == members["Platform champions"]
    assert len(members["Integration guild"]) >= 2
    assert members["Project Halyard (empty)"] == members["Rollout 2024"] == set()
    assert members["Finance: everyone"] <= members["All staff"]
    present = {key for key, person in tenant.people.items() if person.deleted is None}
    assert members["All staff"] <= present


def test_a_removed_person_is_told_as_deleted_for_thirty_days(tenant: Tenant) -> None:
    """A leaver stays in the recycle bin for thirty days, in no group, and is then unknown."""
    guild = next(g for g in tenant.groups.values() if g.display_name == "Integration guild")
    leaver = guild.member_ids[0]

    remove_person(tenant, leaver)

    at_once = truth(tenant)
    tenant.now += timedelta(days=30)
    later = truth(tenant)
    assert [p["deleted"] for p in at_once["people"] if p["id"] == leaver] == [True]
    assert leaver not in {row["member_id"] for row in at_once["memberships"]}
    assert leaver not in {p["id"] for p in later["people"]}


def test_sources_name_who_shows_a_connector(tenant: Tenant) -> None:
    """A connector without runtime name is Dataverse's alone; refusals take sources away."""
    environment = chain_environment(tenant, "PROD")
    before = [row for row in truth(tenant)["connectors"] if row["environment_id"] == environment]

    deny_environment(tenant, environment)
    denied = [row for row in truth(tenant)["connectors"] if row["environment_id"] == environment]
    revoke_application_user(tenant, environment)
    refused = [row for row in truth(tenant)["connectors"] if row["environment_id"] == environment]

    nameless = [row for row in truth(tenant)["connectors"] if row["name"] is None]
    assert any({"admin", "connectivity", "dataverse"} <= set(row["sources"]) for row in before)
    # Neither the makers' list nor the inventory asks whether an administrator may read there.
    beside = {"inventory", "maker_list"}
    assert any(beside & set(row["sources"]) for row in before)
    assert all(set(row["sources"]) <= {"dataverse"} | beside for row in denied)
    assert all(set(row["sources"]) <= beside for row in refused)
    assert len(before) == len(denied) == len(refused)
    assert nameless
    assert all(row["sources"] in (["dataverse"], []) for row in nameless)


def test_flows_only_in_a_refused_dataverse_have_no_source(tenant: Tenant) -> None:
    """What nobody can see is told with no source, so that a collector is not asked for it."""
    default = f"Default-{tenant.id}"
    hidden = {f.name for f in tenant.flows if f.environment == default and not f.in_flow_api}

    told = {row["id"]: row["sources"] for row in truth(tenant)["flows"]}

    assert hidden
    assert all(told[name] == [] for name in hidden)
    assert {tuple(sources) for sources in told.values()} == {
        (), ("dataverse",), ("flow_api",), ("dataverse", "flow_api"),
    }  # fmt: skip


def test_a_definition_is_told_by_its_hash_and_operations(tenant: Tenant) -> None:
    """The hash is over the raw bytes; an unreadable document has a hash and no operations."""
    connector = next(c for c in tenant.connectors if c.in_admin_list and c.name)
    content = b'\xef\xbb\xbf{"paths": {"/a": {"get": {"operationId": "B"}, "put": '
    content += b'{"operationId": "A"}}}}'

    replace_definition(tenant, connector.environment, str(connector.name), content)
    (readable,) = named(truth(tenant)["connectors"], connector.environment, connector.name)
    replace_definition(tenant, connector.environment, str(connector.name), b"{")
    (broken,) = named(truth(tenant)["connectors"], connector.environment, connector.name)

    assert readable["definition_sha256"] == hashlib.sha256(content).hexdigest()
    assert readable["operations"] == ["A", "B"]
    assert broken["definition_sha256"] == hashlib.sha256(b"{").hexdigest()
    assert broken["operations"] is None


def test_a_connection_is_in_error_if_any_part_of_it_is(tenant: Tenant) -> None:
    """One failing element makes the connection fail, whatever comes first."""
    connection = tenant.connections[0]
    connection.statuses = [{"status": "Connected"}, {"status": "Error", "target": "token"}]

    (told,) = named(truth(tenant)["connections"], connection.environment, connection.name)

    assert told["status"] == "Error"


def test_flows_and_apps_tell_what_they_use(tenant: Tenant) -> None:
    """A flow's calls and references and an app's connectors are told in full, in order."""
    flow = max(tenant.flows, key=lambda flow: len(flow.calls))
    app = max(tenant.apps, key=lambda app: len(app.references))
    told = truth(tenant)

    (flow_row,) = [row for row in told["flows"] if row["id"] == flow.name]
    (app_row,) = [row for row in told["apps"] if row["id"] == app.name]
    assert [(o["connector"], o["operation_id"], o["action"], o["trigger"])
            for o in flow_row["operations"]] == sorted(
        (c.connector, c.operation_id, c.action, c.trigger) for c in flow.calls
    )  # fmt: skip
    assert {r["connector"] for r in flow_row["references"]} == {
        r.connector for r in flow.references
    }
    assert app_row["connectors"] == sorted({r.connector for r in app.references})


def test_a_deleted_connector_is_told_no_more(tenant: Tenant) -> None:
    """Deleting removes the connector and its permissions; what used it still names it."""
    used = {(f.environment, call.connector) for f in tenant.flows for call in f.calls}
    connector = next(c for c in tenant.connectors if (c.environment, c.name) in used)
    key = (connector.environment, str(connector.name))

    delete_connector(tenant, *key)

    told = truth(tenant)
    assert named(told["connectors"], *key) == []
    assert key not in {(row["environment_id"], row["connector"]) for row in told["permissions"]}
    assert key in {
        (row["environment_id"], operation["connector"])
        for row in told["flows"]
        for operation in row["operations"]
    }
