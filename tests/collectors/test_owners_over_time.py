"""Who is said to own a connector is true, as people leave and return while Graph fails now and then.

A moment at which the directory was read whole is held to the tenant's account, word for word. At
any other a verdict may say that it does not know, or what was true at a run since the directory was
last read whole, of which each may have read a part; never what was true at none of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, select
from tenants import Tenant, tenant

from collectors.nouns import CONNECTORS, ENVIRONMENTS
from connectory.database import reading
from connectory.domain.ownership import OwnerVerdict, owner_verdict
from connectory.queries.moments import latest
from connectory.queries.ownership import owner_facts
from connectory.simulator import state
from connectory.simulator.truth_of_owners import condition, owner_verdicts

ASKED: Final = ("environments", "people", "connectors", "permissions", "group_members")
GRAPH: Final = "graph.microsoft.com"
Place = tuple[str, str]
Fault = dict[str, Any]

FAILURES: Final[tuple[tuple[str, tuple[Fault, ...]], ...]] = (
    ("nothing", ()),
    ("hiccups", ({"kind": "429", "times": 2, "retry_after": 0}, {"kind": "drop", "times": 1})),
    ("users", ({"kind": "503", "path": r"^/v1\.0/users"},)),
    ("one group", ({"kind": "500", "path": "groups/{group}"},)),
    ("nothing", ()),
    ("half of the users", ({"kind": "partial_error", "path": r"^/v1\.0/users"},)),
    ("deleted users", ({"kind": "forbidden", "path": "deletedItems"},)),
    ("late pages", ({"kind": "truncate", "after": 1, "path": "users|servicePrincipals"},)),
    ("nothing", ()),
    ("applications", ({"kind": "502", "path": "servicePrincipals"},)),
    ("a record", ({"kind": "malformed_record", "how": "nameless", "path": r"^/v1\.0/users"},)),
    ("everything", ({"kind": "503"},)),
    ("nothing", ()),
)
"""What fails at Graph in each run, one after the other."""
DAYS: Final = 5
"""Days between two runs: twelve times that make sixty."""
WHOLE: Final = {"nothing", "hiccups"}
"""What a run gets over."""
WORKS: Final = {
    "owned": {"member", "everyone"},
    "sole_owner": {"member"},
    "guest_owner": {"guest"},
    "service_principal_owner": {"application"},
    "group_owned": {"group"},
    "empty_group": {"empty group"},
    "disabled_owner": {"disabled"},
    "departed_owner": {"left"},
}
"""What each verdict says of the owner that it rests on."""


@dataclass
class Moment:
    """The tenant and the store at a moment.

    Attributes:
        failing: What fails at Graph.
        whole: The directory was read whole.
        truth: Verdicts by the tenant's account.
        told: Verdicts by the store.
        now: The tenant as it is,
        before: and at each run since the directory was last read whole, and then.
    """

    failing: str
    whole: bool
    truth: dict[Place, dict[str, Any]]
    told: dict[Place, OwnerVerdict]
    now: state.Tenant
    before: list[state.Tenant]

    def wrong(self) -> list[str]:
        """Return every verdict that is not true."""
        return [
            f"{self.failing}: {place} is said to be {self.told.get(place)}, and is {row}"
            for place, row in self.truth.items()
            if not self._fits(row, self.told.get(place))
        ]

    def _fits(self, row: dict[str, Any], verdict: OwnerVerdict | None) -> bool:
        if verdict is None:
            return not row["readable"]
        if not row["readable"]:
            return verdict.state == "owner_unknown"
        if self.whole:
            said = (verdict.state, verdict.owners, verdict.editors, verdict.members)
            rests = {str(one).casefold() for one in row["rests_on"]} or {""}
            return (verdict.principal_id or "") in rests and said == (
                row["state"], row["owners"], row["editors"], row["members"],
            )  # fmt: skip
        if verdict.state == "owner_unknown":
            return True
        if verdict.state == "nobody":
            return bool(row["state"] == "nobody")
        held = self._held(row, verdict)
        was = {condition(at, held) for at in (self.now, *self.before) if held is not None}
        return bool(was & WORKS[verdict.state])

    def _held(self, row: dict[str, Any], verdict: OwnerVerdict) -> Any:
        return next(
            (
                held
                for connector in self.now.connectors
                if (connector.environment, connector.name)
                == (row["environment_id"], row["connector"])
                for held in connector.permissions
                if held.role == "Owner"
                and str(held.principal_id).casefold() == verdict.principal_id
            ),
            None,
        )


def told(engine: Engine) -> dict[Place, OwnerVerdict]:
    """Return the verdicts of a store by environment and connector."""
    connectors, places = CONNECTORS.entity, ENVIRONMENTS.entity
    query = select(connectors.c.id, places.c.key, connectors.c.key).join(
        places, places.c.id == connectors.c.environment_id
    )
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        names = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
        facts = owner_facts(connection, moment.run_id)
    return {names[one]: owner_verdict(fact) for one, fact in facts.items()}


def directory(tenant: state.Tenant) -> state.Tenant:
    """Return a tenant whose people, groups and applications stay as they are now."""
    return replace(
        tenant,
        people=deepcopy(tenant.people),
        groups=deepcopy(tenant.groups),
        service_principals=deepcopy(tenant.service_principals),
    )


def owning_group(tenant: state.Tenant) -> str:
    """Return the id of a group that owns a connector."""
    return next(
        str(held.principal_id)
        for connector in tenant.connectors
        for held in connector.permissions
        if held.role == "Owner" and held.principal_type == "Group"
    )


def lived(simulated: Tenant, engine: Engine) -> Iterator[Moment]:
    """Let sixty days pass, collect every few of them, and yield what is true and told then."""
    now = simulated.served.tenant
    before: list[state.Tenant] = []
    for number, (failing, faults) in enumerate(FAILURES):
        if number:
            simulated.post("advance", days=DAYS)
        for fault in faults:
            path = str(fault.get("path", "")).replace("{group}", owning_group(now))
            simulated.post("faults", **{"host": GRAPH, **fault, "path": path})
        report = simulated.collect(engine, ASKED)
        simulated.clear_faults()
        short = {step.collector for step in report.short} & {"people", "group_members"}
        assert bool(short) is (failing not in WHOLE), (failing, report.short)
        living = [c for c in now.connectors if c.deleted is None and c.name is not None]
        living = [c for c in living if now.environments[c.environment].deleted is None]
        truth = {
            (row["environment_id"].casefold(), row["connector"].casefold()): row
            for row in owner_verdicts(now, living)
        }
        before = [*(before if short else ()), directory(now)]
        yield Moment(failing, not short, truth, told(engine), now, before)


@pytest.mark.parametrize(
    ("size", "seed"),
    [
        ("small", 7),
        pytest.param("small", 3, marks=pytest.mark.soak),
        pytest.param("medium", 7, marks=pytest.mark.soak),
    ],
)
@pytest.mark.postgresql_in_soak
def test_owners_are_told_truly_for_sixty_days(
    store: Engine, tmp_path: Path, size: str, seed: int
) -> None:
    """Every verdict at every moment, and what became of the owners in between was seen."""
    seen: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    last: dict[Place, str] = {}
    with tenant(tmp_path, size, seed=seed) as simulated:
        for moment in lived(simulated, store):
            assert moment.wrong() == []
            states: dict[Place, str] = {
                place: verdict.state for place, verdict in moment.told.items()
            }
            seen.update(
                f"{last[place]} to {now}"
                for place, now in states.items()
                if place in last and last[place] != now
            )
            readable = {place for place, row in moment.truth.items() if row["readable"]}
            unknown[moment.failing] += sum(states[one] == "owner_unknown" for one in readable)
            last = states

    assert seen["sole_owner to departed_owner"]
    assert seen["departed_owner to sole_owner"]
    assert seen["disabled_owner to sole_owner"]
    assert seen["group_owned to empty_group"]
    assert unknown["nothing"] == unknown["hiccups"] == 0


def test_who_was_never_heard_of_has_not_left_while_the_directory_fails(
    sqlite_store: Engine, tmp_path: Path
) -> None:
    """The same ids are unknown after a batch that failed, and gone after one that answered."""
    with tenant(tmp_path, "small") as simulated:
        simulated.post("faults", host=GRAPH, kind="503")
        simulated.collect(sqlite_store, ASKED)
        silent = Counter(verdict.state for verdict in told(sqlite_store).values())
        simulated.clear_faults()
        simulated.collect(sqlite_store, ASKED)
        heard = Counter(verdict.state for verdict in told(sqlite_store).values())

    assert silent.keys() == {"owner_unknown", "nobody"}
    assert heard["departed_owner"] > 5
    assert heard["owner_unknown"] < 5
