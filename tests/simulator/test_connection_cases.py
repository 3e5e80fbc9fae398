from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest

from connectory.simulator.state import Connection, Tenant
from connectory.simulator.tenant import build
from connectory.simulator.truth import truth

KINDS = {
    "broken", "unconfirmed", "unbound", "connection_absent", "connector_absent", "owner_left",
    "owner_disabled", "personal_account", "guest", "outside", "shared",
}  # fmt: skip


def findings(tenant: Tenant) -> dict[tuple[str, str], list[str]]:
    """Return the findings of each connection and reference in the account of truth."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in truth(tenant)["connection_findings"]:
        found[row["asset"], row["id"]].append(row["finding"])
    return found


@pytest.mark.parametrize("seed", [1, 5, 7, 11])
@pytest.mark.parametrize("size", ["tiny", "small"])
def test_every_case_shows_what_it_was_planted_for(size: str, seed: int) -> None:
    """The account, computed from the state, says of each planted case what was meant."""
    tenant = build(size, seed, None)
    found = findings(tenant)

    assert {
        case.case: sorted(found.get((case.asset, case.identity), [])) for case in tenant.planted
    } == {case.case: sorted(case.findings) for case in tenant.planted}
    assert {kind for case in tenant.planted for kind in case.findings} == KINDS


def planted(tenant: Tenant, name: str) -> Connection:
    """Return the connection of a case."""
    case = next(one for one in tenant.planted if one.case == name)
    return next(c for c in tenant.connections if c.name == case.identity)


def test_findings_follow_what_happens() -> None:
    """Mending a connection takes its finding away; a maker who leaves brings one."""
    tenant = build("tiny", 7, None)
    broken, sound = planted(tenant, "account disabled"), planted(tenant, "status not known")

    broken.statuses = [{"status": "Connected"}]
    maker = tenant.people[str(sound.created_by)]
    tenant.people[maker.id] = replace(maker, deleted=tenant.now - timedelta(hours=1))

    found = findings(tenant)
    assert found["connection", broken.name] == ["owner_left"]
    assert found["connection", sound.name] == ["owner_left"]


def test_what_must_be_readable_is_told() -> None:
    """A reference needs Dataverse, and its connection or connector the administration lists too."""
    told = {(row["finding"], row["asset"]): row["needs"]
            for row in truth(build("small", 5, None))["connection_findings"]}  # fmt: skip

    assert told["broken", "connection"] == ["admin"]
    assert told["unbound", "connection_reference"] == ["dataverse"]
    assert told["connection_absent", "connection_reference"] == ["admin", "dataverse"]
