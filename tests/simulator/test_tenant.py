"""The content of simulated tenants: sizes, determinism, and what is planted on purpose."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from pathlib import Path

import pytest

from connectory.simulator.connections import FIRST_PARTY
from connectory.simulator.drift_edits import digest
from connectory.simulator.openapi import define
from connectory.simulator.sizes import SIZES
from connectory.simulator.state import Connector, Tenant
from connectory.simulator.tenant import START, build
from connectory.simulator.words import (
    HOSTILE_APPS,
    HOSTILE_CONNECTIONS,
    HOSTILE_CONNECTORS,
    HOSTILE_FLOWS,
)

OFFERED = ("tiny", "small", "medium")


@pytest.fixture(scope="module")
def tenants() -> dict[str, Tenant]:
    """Build one tenant of every size that tests and demo use."""
    return {size: build(size, 7, None) for size in OFFERED}


def owner_of(connector: Connector) -> str | None:
    """Return the id in a connector's Owner row."""
    return next((p.principal_id for p in connector.permissions if p.role == "Owner"), None)


@pytest.mark.parametrize("size", OFFERED)
def test_the_same_arguments_give_the_same_tenant(size: str, tenants: dict[str, Tenant]) -> None:
    """Building twice with the same arguments gives equal states, down to the last id."""
    again = build(size, 7, None)

    assert again == tenants[size]


def test_another_seed_gives_another_tenant(tenants: dict[str, Tenant]) -> None:
    """The seed decides: with another one no person keeps an id."""
    other = build("tiny", 8, None)

    assert other.id != tenants["tiny"].id
    assert not set(other.people) & set(tenants["tiny"].people)


def test_an_unknown_size_is_refused_by_name() -> None:
    """A mistyped size is answered with the sizes there are."""
    with pytest.raises(ValueError, match="choose one of tiny, small, medium, tenth, large"):
        build("huge", 1, None)


@pytest.mark.parametrize(
    ("size", "environments", "connectors", "people", "flows", "apps", "connections"),
    [
        ("tiny", 2, 7, 14, 10, 5, 16),
        ("small", 5, 60, 150, 120, 40, 250),
        ("medium", 60, 420, 3000, 2500, 600, 2500),
    ],
)
def test_each_size_holds_what_it_promises(
    size: str, environments: int, connectors: int, people: int, flows: int, apps: int,
    connections: int, tenants: dict[str, Tenant],
) -> None:  # fmt: skip
    """A size is a promise about counts, beside one deleted environment and what is planted."""
    tenant = tenants[size]
    planted = Counter(case.asset for case in tenant.planted)
    owned = tenant.owning.planted

    readable = [e for e in tenant.environments.values() if e.deleted is None and e.admin_readable]
    here = [c for c in tenant.connectors if c.environment in {e.name for e in readable}]
    here = [c for c in here if (c.environment, c.name) not in owned]
    live = [e for e in tenant.environments.values() if e.deleted is None]
    assert len(live) == environments
    assert len(tenant.environments) == environments + 1
    assert len(here) == connectors
    assert len(tenant.people) == people
    cased = tenant.dealt.assets
    assert sum((f.environment, f.name) not in cased for f in tenant.flows) == flows
    assert sum((a.environment, a.name) not in cased for a in tenant.apps) == apps + 1
    usual = [c for c in tenant.connections if (c.environment, c.connector) not in owned]
    assert len(usual) - planted["connection"] == connections
    usual_references = [
        r for r in tenant.connection_references if (r.environment, r.connector) not in owned
    ]
    references = len(usual_references) - planted["connection_reference"]
    assert references == SIZES[size].references
    assert tenant.now == START


@pytest.mark.parametrize("size", OFFERED)
def test_every_id_is_a_version_4_uuid(size: str, tenants: dict[str, Tenant]) -> None:
    """Ids look like Entra's and Dataverse's; only the default environment spells its own."""
    tenant = tenants[size]
    ids = [
        tenant.id, *tenant.people, *tenant.groups, *tenant.service_principals,
        *(name for name, e in tenant.environments.items() if not e.is_default),
        *(flow.name for flow in tenant.flows), *(app.name for app in tenant.apps),
        *(reference.id for reference in tenant.connection_references),
    ]  # fmt: skip

    assert all(uuid.UUID(value).version == 4 and str(uuid.UUID(value)) == value for value in ids)
    assert len(set(ids)) == len(ids)
    assert f"Default-{tenant.id}" in tenant.environments


@pytest.mark.parametrize("size", OFFERED)
def test_names_that_are_keys_are_unique(size: str, tenants: dict[str, Tenant]) -> None:
    """Principal names, runtime names, connections and references are unique where they are keys."""
    tenant = tenants[size]
    keys = (
        [person.user_principal_name.lower() for person in tenant.people.values()],
        [(c.environment, c.name) for c in tenant.connectors if c.name is not None],
        [(c.environment, c.name) for c in tenant.connections],
        [(r.environment, r.logical_name) for r in tenant.connection_references],
    )

    for values in keys:
        assert [value for value, count in Counter(values).items() if count > 1] == []


@pytest.mark.parametrize("size", OFFERED)
def test_runtime_names_are_spelled_as_the_service_spells_them(
    size: str, tenants: dict[str, Tenant]
) -> None:
    """Runtime names are `shared_` and hex-escaped lower case, ending in an escaped hex suffix."""
    names = [c.name for c in tenants[size].connectors if c.name is not None]

    assert names
    assert all(re.fullmatch(r"shared_[a-z0-9-]+-5f[0-9a-f]{16}", name) for name in names)


@pytest.mark.parametrize("size", OFFERED)
def test_links_resolve_except_those_planted(size: str, tenants: dict[str, Tenant]) -> None:
    """Connections, flows and apps point at connectors of their environment; few references do not."""
    tenant = tenants[size]
    known = {(c.environment, c.name) for c in tenant.connectors if c.name} | {
        (environment, name)
        for environment in tenant.environments
        for name in (*FIRST_PARTY, "shared_logicflows")
    }
    flows = {(flow.environment, flow.name) for flow in tenant.flows}
    used = [
        *((c.environment, c.connector) for c in tenant.connections),
        *((f.environment, call.connector) for f in tenant.flows for call in f.calls),
        *((a.environment, r.connector) for a in tenant.apps for r in a.references),
    ]
    started = [(a.environment, r.flow) for a in tenant.apps for r in a.references if r.flow]
    cases = {case.identity for case in tenant.planted}
    lost = [
        r
        for r in tenant.connection_references
        if (r.environment, r.connector) not in known and r.id not in cases
    ]

    assert [link for link in used if link not in known] == []
    assert [link for link in started if link not in flows] == []
    assert started
    assert len(lost) == max(1, SIZES[size].references // 60)
    assert any(r.connection is None for r in tenant.connection_references)


@pytest.mark.parametrize("size", OFFERED)
def test_a_flow_reaches_every_connector_it_calls_through_one_reference(
    size: str, tenants: dict[str, Tenant]
) -> None:
    """Calls and references of a flow name the same connectors, each reference once."""
    for flow in tenants[size].flows:
        assert len({r.key for r in flow.references}) == len(flow.references)
        assert {c.connector for c in flow.calls} == {r.connector for r in flow.references}
        assert len({c.action for c in flow.calls}) == len(flow.calls)


@pytest.mark.parametrize("size", OFFERED)
def test_few_calls_name_an_operation_the_definition_lacks(
    size: str, tenants: dict[str, Tenant]
) -> None:
    """Almost every call names an operation its connector defines; a planted few do not."""
    tenant = tenants[size]
    defined = {
        (c.environment, c.name, operation["operationId"])
        for c in tenant.connectors
        if c.definition
        for operation in c.definition.operations or []
    }
    custom = [
        (f.environment, call.connector, call.operation_id)
        for f in tenant.flows
        for call in f.calls
        if call.connector not in FIRST_PARTY
    ]
    lost = [call for call in custom if call not in defined]

    assert len(custom) > len(tenant.flows) // 2
    assert 1 <= len(lost) <= max(1, len(custom) // 50)
    assert all(call[2].endswith("Legacy") for call in lost)


def test_most_connectors_have_a_working_owner(tenants: dict[str, Tenant]) -> None:
    """About one connector in nine has no working owner, and few have an unknown one."""
    tenant = tenants["medium"]
    planted = tenant.owning.planted
    named = [c for c in tenant.connectors if c.name and (c.environment, c.name) not in planted]
    owners = [owner_of(c) for c in named]
    working = {p.id for p in tenant.people.values() if p.enabled and p.deleted is None}
    working |= set(tenant.service_principals)

    ownerless = sum(owner is not None and owner not in working for owner in owners)
    unknown = owners.count(None)
    purged = [o for o in owners if o and o not in tenant.people and o not in working]
    assert 0.09 < ownerless / len(named) < 0.13
    assert 0 < unknown / len(named) < 0.02
    assert 0 < len(purged) < 10


def test_people_of_every_kind_own_connectors(tenants: dict[str, Tenant]) -> None:
    """Departed, disabled, guest and service-principal owners all occur in a small tenant."""
    tenant = tenants["small"]
    owners = {owner_of(connector) for connector in tenant.connectors}
    people = [tenant.people[owner] for owner in owners if owner in tenant.people]

    assert any(person.deleted is not None for person in people)
    assert any(person.deleted is None and not person.enabled for person in people)
    assert any(person.enabled and person.user_type == "Guest" for person in people)
    assert owners & set(tenant.service_principals)


def test_sharing_of_every_kind_occurs(tenants: dict[str, Tenant]) -> None:
    """Connectors are shared with everyone, with groups, and with a group that is gone."""
    tenant = tenants["medium"]
    permissions = [p for c in tenant.connectors for p in c.permissions]
    gone = {group.id for group in tenant.groups.values() if group.deleted is not None}

    assert any(p.principal_type == "Tenant" and p.role == "CanView" for p in permissions)
    assert all(p.principal_id is None for p in permissions if p.principal_type == "Tenant")
    assert any(p.principal_id in gone for p in permissions)
    assert any(p.principal_id in tenant.groups and p.principal_id not in gone for p in permissions)


@pytest.mark.parametrize("size", OFFERED)
def test_groups_hold_a_cycle_an_empty_one_and_a_nest(size: str, tenants: dict[str, Tenant]) -> None:
    """Membership is as awkward as in a real directory: nested, cyclic and empty groups."""
    groups = {group.display_name: group for group in tenants[size].groups.values()}

    guild, champions = groups["Integration guild"], groups["Platform champions"]
    assert champions.id in guild.member_ids
    assert guild.id in champions.member_ids
    assert groups["Project Halyard (empty)"].member_ids == []
    assert set(groups["All staff"].member_ids) <= set(tenants[size].groups)


@pytest.mark.parametrize("size", OFFERED)
def test_connectors_disagree_between_sources(size: str, tenants: dict[str, Tenant]) -> None:
    """Every size has a connector only Dataverse knows and solution-aware ones beside others."""
    connectors = tenants[size].connectors
    nameless = [c for c in connectors if c.name is None]

    assert nameless
    assert all(c.dataverse and c.dataverse.internal_id is None for c in nameless)
    assert not any(c.in_admin_list or c.in_connectivity for c in nameless)
    assert any(c.dataverse is None for c in connectors)


def test_families_share_a_logical_name_and_differ_in_runtime_name(
    tenants: dict[str, Tenant],
) -> None:
    """Members of a family carry one logical name; test and production are managed."""
    families: dict[str, list[Connector]] = {}
    for connector in tenants["small"].connectors:
        if "@" in (connector.family or ""):
            families.setdefault(str(connector.family), []).append(connector)

    assert len(families) == SIZES["small"].families
    for members in families.values():
        rows = [member.dataverse for member in members if member.dataverse]
        assert len(rows) == len(members) > 1
        assert len({row.logical_name for row in rows}) == 1
        assert len({member.name for member in members}) == len(members)
        assert [row.managed for row in rows] == [False] + [True] * (len(rows) - 1)


def test_some_environments_refuse_us(tenants: dict[str, Tenant]) -> None:
    """Small has an environment without application user; medium also one that denies admin calls."""

    def refused(tenant: Tenant) -> list[str]:
        return [
            e.name
            for e in tenant.environments.values()
            if e.dataverse and not e.dataverse.application_user
        ]

    denied = [e for e in tenants["medium"].environments.values() if not e.admin_readable]
    assert len(refused(tenants["small"])) == 1
    assert len(refused(tenants["medium"])) == 2
    assert len(denied) == 1
    assert any(e.dataverse is None for e in tenants["small"].environments.values())


@pytest.mark.parametrize("size", OFFERED)
def test_flows_are_known_to_dataverse_the_flow_api_or_both(
    size: str, tenants: dict[str, Tenant]
) -> None:
    """Each size has flows in both lists and flows in either one only; none is in neither."""
    seen = {(f.workflow_id is not None, f.in_flow_api) for f in tenants[size].flows}

    assert seen == {(True, True), (True, False), (False, True)}


def test_calls_sit_in_containers_of_every_kind(tenants: dict[str, Tenant]) -> None:
    """Calls are nested in scopes, both sides of conditions, cases, loops, and combinations."""
    paths = {call.path for flow in tenants["small"].flows for call in flow.calls}
    kinds = {":".join([p.split(":")[0], *p.split(":")[2:]]) for path in paths for p in path}

    assert kinds == {
        "Scope", "If", "If:else", "Switch:open", "Switch:default", "Foreach", "Until",
    }  # fmt: skip
    assert () in paths
    assert max(map(len, paths)) == 3


def test_usage_of_every_kind_occurs(tenants: dict[str, Tenant]) -> None:
    """Webhook triggers, invoker references, old apps, and troubled connections all occur."""
    tenant = tenants["small"]
    statuses = {tuple(s["status"] for s in c.statuses) for c in tenant.connections}
    accounts = [c.account_name for c in tenant.connections]
    production = {e.name for e in tenant.environments.values() if e.sku == "Production"}

    assert any(call.trigger for flow in tenant.flows for call in flow.calls)
    assert any(reference.invoker for flow in tenant.flows for reference in flow.references)
    assert any(app.old for app in tenant.apps)
    assert {("Connected",), ("Error",), ("Connected", "Error")} <= statuses
    assert None in accounts
    assert any(
        c.environment in production and (c.account_name or "").endswith("@freemail.example")
        for c in tenant.connections
    )


def test_hostile_names_are_few(tenants: dict[str, Tenant]) -> None:
    """A tenant holds each hostile name once: enough to test, not enough to spoil a demo."""
    tenant = tenants["small"]
    accounts = [c.display_name for c in tenant.connections if c.display_name in HOSTILE_CONNECTIONS]
    counted = Counter(
        [c.display_name for c in tenant.connectors]
        + accounts
        + [f.display_name for f in tenant.flows]
        + [a.display_name for a in tenant.apps]
    )

    hostile = [*HOSTILE_CONNECTORS, *HOSTILE_CONNECTIONS, *HOSTILE_APPS]
    hostile += [name[:300] for name in HOSTILE_FLOWS]
    assert {name: counted[name] for name in hostile} == dict.fromkeys(hostile, 1)
    assert max(map(len, counted)) == 300


def test_a_medium_tenant_uses_every_real_definition(corpus: Path) -> None:
    """With the corpus each definition is used byte for byte at first, broken ones singly."""
    files = sorted(corpus.glob("connectors/*/apiDefinition.swagger.json"))
    documents = [path.read_bytes() for path in files]

    tenant = build("medium", 7, corpus / "connectors")

    used = {digest(c.definition) for c in tenant.connectors}
    used |= {edit.before for c in tenant.connectors for edit in c.edits}
    broken = [content for content in documents if define(content).operations is None]
    families = {
        c.definition.content for c in tenant.connectors if c.definition and "@" in str(c.family)
    }
    unused = [p.parent.name for p in files if digest(define(p.read_bytes())) not in used]
    assert unused == []
    assert len(broken) > 5
    assert not families & set(broken)
    assert build("medium", 7, corpus / "connectors") == tenant
