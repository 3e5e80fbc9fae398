"""What the cheapest compliant plan costs to find, beside what reading its facts costs.

A store of 200,000 people and 5,000 apps and flows with custom connectors, which departments share
and many reach across, is read by a process of its own, which then looks for the plan: prints its
time over that of reading the same facts, and the peak memory of both. Then a tenant of the simulator
is collected, and the cost of each of its connectors told: prints that time over one estimate's.

    python bench/exposure.py [--people 200000] [--assets 5000] [--environments 300] [--rounds 3]
        [--size medium]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from collect import collect, settings, simulator
from sqlalchemy import Connection, insert

import models
from connectory.database import open_store, reading, refresh_statistics, upgrade, writing
from connectory.domain.licensing.attribution import causes
from connectory.domain.licensing.cheapest import cheapest
from connectory.domain.licensing.estimate import estimate
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.naming import needs_of
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.plan import Plan
from connectory.domain.licensing.prices import list_prices
from connectory.domain.licensing.products import products
from connectory.domain.licensing.scenario import Scenario
from connectory.queries.exposure_facts import Tenant, tenant
from connectory.queries.moments import latest

NOW = datetime(2026, 11, 2, tzinfo=UTC)
CHANNEL = "csp_new"
DEPARTMENT = 100
PER_ENVIRONMENT = 4
HELD = (
    (None, 0.05),
    ("SPE_E3", 0.75),
    ("POWERAPPS_PER_USER", 0.12),
    ("POWERAUTOMATE_ATTENDED_RPA", 0.05),
    ("DYN365_ENTERPRISE_SALES", 0.03),
)
KINDS = ("Recurrence", "Button", "Request", "ApiConnectionWebhook")
TOGETHER = 10_000
ROWS = dict[str, Any]


class Made:
    """A tenant in which departments share apps and flows, and some reach across departments."""

    def __init__(self, people: int, assets: int, environments: int) -> None:
        self.people, self.environments = people, environments
        self._chance = random.Random(5)
        self.apps = list(range(1, assets * 7 // 10 + 1))
        self.flows = list(range(1, assets - len(self.apps) + 1))
        self._users = {app: self._some(app) for app in self.apps}
        self._runners = {flow: self._some(flow) for flow in self.flows}

    def fill(self, connection: Connection) -> None:
        """Write it into an empty store."""
        for model, rows in self._tables():
            batch: list[ROWS] = []
            for row in rows:
                batch.append(row)
                if len(batch) == TOGETHER:
                    connection.execute(insert(model), batch)
                    batch = []
            if batch:
                connection.execute(insert(model), batch)

    def _some(self, asset: int) -> list[int]:
        """Return up to 300 of one department and the next, and a few of anywhere."""
        chance = self._chance
        size = int(min(self.people, chance.lognormvariate(4.2, 1.3)))
        start = self._home(asset) * DEPARTMENT * 7 % self.people
        near = range(start + 1, min(self.people, start + min(size, 300)) + 1)
        far = (chance.randint(1, self.people) for _ in range(size // 10))
        return sorted({*near, *far})

    def _home(self, asset: int) -> int:
        return asset * 7919 % self.environments + 1

    def _tables(self) -> Iterator[tuple[type[models.Base], Iterable[ROWS]]]:
        run = {"id": 1, "state": "complete", "started_at": NOW, "finished_at": NOW,
               "product_version": "0", "arguments": {}}  # fmt: skip
        homes = range(1, self.environments + 1)
        everybody = range(1, self.people + 1)
        connectors = range(1, self.environments * PER_ENVIRONMENT + 1)
        yield models.Run, [run]
        yield models.Environment, ({"id": n, "key": f"env-{n}"} for n in homes)
        yield models.EnvironmentVersion, map(self._environment, homes)
        yield models.BillingPolicy, [{"id": 1, "key": "policy-1"}, {"id": 2, "key": "policy-2"}]
        yield models.BillingPolicyVersion, [
            _version("billing_policy_id", n, name=f"Policy {n}", status="Enabled",
                     meters={"powerApps": True, "cloudFlowRuns": n == 2})
            for n in (1, 2)
        ]  # fmt: skip
        yield models.BillingPolicyEnvironment, (
            {"billing_policy_id": 2 if n % 18 == 0 else 1, "environment_key": f"env-{n}",
             "from_run": 1}
            for n in homes if n % 9 == 0
        )  # fmt: skip
        yield models.EnvironmentAllocation, (
            {"environment_key": f"env-{n}", "currency": "AppPass", "from_run": 1,
             "allocated": self._chance.randint(1, 50)}
            for n in homes if n % 5 == 0
        )  # fmt: skip
        yield models.Principal, ({"id": n, "key": _person(n)} for n in everybody)
        yield models.PrincipalVersion, (
            _version("principal_id", n, kind="user", display_name=f"Person {n}", enabled=True,
                     department=f"Department {n // DEPARTMENT}")
            for n in everybody
        )  # fmt: skip
        yield models.LicenceAssignment, self._licences()
        yield models.Definition, [_definition()]
        yield (
            models.Connector,
            (
                {"id": n, "environment_id": n % self.environments + 1, "key": f"custom-{n}"}
                for n in connectors
            ),
        )
        yield models.ConnectorVersion, (
            _version("connector_id", n, name=f"custom-{n}", display_name=f"Connector {n}",
                     definition_id=1, definition_state="readable")
            for n in connectors
        )  # fmt: skip
        yield from self._app_tables()
        yield from self._flow_tables()

    def _environment(self, number: int) -> ROWS:
        sku = "Production" if number % 3 else "Sandbox"
        return _version(
            "environment_id",
            number,
            name=f"env-{number}",
            display_name=f"Environment {number}",
            sku=sku,
            is_default=number == 1,
            managed=number % 7 == 0,
            has_dataverse=True,
        )

    def _licences(self) -> Iterator[ROWS]:
        names, weights = zip(*HELD, strict=True)
        for number in range(1, self.people + 1):
            (product,) = self._chance.choices(names, weights)
            if product is not None:
                yield {
                    "principal_key": _person(number),
                    "sku_key": product,
                    "disabled_plans": [],
                    "from_run": 1,
                }

    def _used(self, asset: int) -> str:
        """Return the key of a connector of the asset's own environment."""
        nth = self._chance.randrange(PER_ENVIRONMENT)
        return f"custom-{nth * self.environments + self._home(asset) - 1 or self.environments}"

    def _app_tables(self) -> Iterator[tuple[type[models.Base], Iterable[ROWS]]]:
        apps = self.apps
        yield (
            models.App,
            ({"id": n, "environment_id": self._home(n), "key": f"app-{n}"} for n in apps),
        )
        yield (
            models.AppVersion,
            (_version("app_id", n, name=f"app-{n}", display_name=f"App {n}") for n in apps),
        )
        yield (
            models.AppReference,
            (
                {
                    "app_id": n,
                    "reference_key": f"ref-{i}",
                    "connector_key": self._used(n),
                    "from_run": 1,
                }
                for n in apps
                for i in range(1 + n % 2)
            ),
        )
        yield models.AppPermission, (
            {"app_id": n, "principal_type": "user", "principal_key": _person(who),
             "role": "CanView", "from_run": 1}
            for n in apps for who in self._users[n]
        )  # fmt: skip
        yield models.AuditEvent, (
            {"event_key": f"launch-{n}-{who}", "at": NOW - timedelta(days=who % 29, hours=1),
             "record_type": 45, "operation": "LaunchPowerApp", "noun": "app", "action": "launched",
             "environment_key": f"env-{self._home(n)}", "target_key": f"app-{n}",
             "actor_key": _person(who), "run_id": 1}
            for n in apps for who in self._users[n] if self._chance.random() < 0.6
        )  # fmt: skip

    def _flow_tables(self) -> Iterator[tuple[type[models.Base], Iterable[ROWS]]]:
        flows = self.flows
        yield (
            models.Flow,
            ({"id": n, "environment_id": self._home(n), "key": f"flow-{n}"} for n in flows),
        )
        yield models.FlowVersion, (
            _version("flow_id", n, name=f"flow-{n}", display_name=f"Flow {n}",
                     trigger_kind=KINDS[n % len(KINDS)], owner_key=_person(self._owner(n)),
                     definition_state="readable")
            for n in flows
        )  # fmt: skip
        yield models.FlowReference, (
            {"flow_id": n, "reference_key": "ref", "connector_key": self._used(n),
             "invoker": False, "from_run": 1}
            for n in flows
        )  # fmt: skip
        yield models.FlowPermission, (
            {"flow_id": n, "principal_type": "user", "principal_key": _person(who),
             "role": "CanView", "from_run": 1}
            for n in flows if KINDS[n % len(KINDS)] == "Button" for who in self._runners[n]
        )  # fmt: skip

    def _owner(self, flow: int) -> int:
        return (self._runners[flow] or [1])[0]


def _person(number: int) -> str:
    return f"person-{number:06}"


def _version(whose: str, number: int, **facts: object) -> ROWS:
    return {whose: number, "from_run": 1, "presence": "present", **facts}


def _definition() -> ROWS:
    return {
        "id": 1,
        "sha256": "0" * 64,
        "size_bytes": 2,
        "state": "readable",
        "content": "{}",
        "redactions": 0,
        "operations": 0,
        "first_run": 1,
    }


def measure(url: str, rounds: int) -> ROWS:
    """Read the facts of a store and find its plan, so many times; tell the medians in seconds."""
    engine = open_store(url)
    read, found = [], []
    for _ in range(rounds):
        told, spent = timed(facts, engine)
        read.append(spent)
        answer, spent = timed(estimate, told.scenario)
        found.append(spent)
    assert answer.plan.proven
    engine.dispose()
    return {
        "read": statistics.median(read),
        "found": statistics.median(found),
        "ratio": statistics.median(b / a for a, b in zip(read, found, strict=True)),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "people": len(answer.need.people),
        "classes": len(answer.plan.classes),
    }


def attributed(url: str, rounds: int) -> tuple[int, float]:
    """Return how many connectors a store has, and the cost of telling what all cost, in optima."""
    engine = open_store(url)
    told = facts(engine).scenario
    engine.dispose()
    prices = list_prices().on(told.as_of, told.channel)
    ratios = []
    for _ in range(rounds):
        answer, one = timed(optimum, told)
        plan, holders, needs = answer
        assert plan.proven
        each, all_of_them = timed(causes, told, holders, needs, prices)
        ratios.append(all_of_them / one)
    return len(each), statistics.median(ratios)


def optimum(told: Scenario) -> tuple[Plan, Holders, Needs]:
    """Find the cheapest plan of a tenant, and what it needs."""
    holders = Holders(told, products())
    needs = needs_of(told, holders)
    return cheapest(told, needs, list_prices().on(told.as_of, told.channel)), holders, needs


def facts(engine: Any) -> Tenant:
    """Return the tenant in a store."""
    with reading(engine) as connection:
        moment = latest(connection)
        assert moment is not None
        return tenant(connection, moment, CHANNEL)


def timed(work: Callable[..., Any], *given: object) -> tuple[Any, float]:
    """Return what something gives, and the seconds it took."""
    begun = time.perf_counter()
    return work(*given), time.perf_counter() - begun


def large(given: argparse.Namespace) -> None:
    """Print what the plan of a large tenant costs to find."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        engine = open_store(url)
        upgrade(engine)
        with writing(engine) as connection:
            Made(given.people, given.assets, given.environments).fill(connection)
        refresh_statistics(engine)
        engine.dispose()
        command = [sys.executable, __file__, "--measure", url, "--rounds", str(given.rounds)]
        told = json.loads(subprocess.check_output(command, text=True))
    print(
        f"exposure: the cheapest plan of {given.people:,} people and {given.assets:,} apps and flows "
        f"({told['people']:,} in need, {told['classes']:,} kinds of people) in {told['found']:.1f} s, "
        f"{told['ratio']:.1f} times reading their facts ({told['read']:.1f} s); "
        f"{told['megabytes']:.0f} MB at most",
        flush=True,
    )


def collected(given: argparse.Namespace) -> None:
    """Print what it costs to tell the cost of each connector of a simulated tenant."""
    with tempfile.TemporaryDirectory() as folder, simulator(given.size) as address:
        place = Path(folder)
        url = f"sqlite:///{place / 'bench.sqlite'}"
        engine = open_store(url)
        upgrade(engine)
        engine.dispose()
        told = httpx.get(f"{address}/_sim/tenant").json()
        (place / "secret").write_text(told["secret"], encoding="utf-8")
        (place / "config.toml").write_text(settings(told, address, place), encoding="utf-8")
        now = httpx.get(f"{address}/_sim/clock").json()["now"]
        collect(place, url, str(now), address)
        number, ratio = attributed(url, given.rounds)
    print(
        f"exposure: what each of {number} connectors of a {given.size} tenant costs, "
        f"in {ratio:.1f} times finding the plan once",
        flush=True,
    )


def main() -> None:
    """Measure and print a line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--assets", type=int, default=5_000, help="apps and flows")
    parser.add_argument("--environments", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", default="medium", help="tenant of the simulator")
    parser.add_argument("--only", choices=("large", "collected"))
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.rounds)))
        return
    if given.only != "collected":
        large(given)
    if given.only != "large":
        collected(given)


if __name__ == "__main__":
    main()
