"""A tenant as a scenario of licences: what the store knows of who uses what, and holds what.

Each kind of fact is one statement, however large the tenant. What the store does not know is not
made up: it is left out, or asked for in the estimate (connectory/domain/licensing/naming.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from connectory.domain.licensing.prices import Channel
from connectory.domain.licensing.scenario import (
    TYPES,
    App,
    Basis,
    Environment,
    EnvironmentType,
    Flow,
    Numbers,
    People,
    Scenario,
    Trigger,
)
from connectory.queries.exposure_people import Directory, on_trial
from connectory.queries.flow_runs import COUNTS, best_days
from connectory.queries.moments import Moment
from connectory.queries.tables import (
    APP_PERMISSIONS,
    APP_VERSIONS,
    APPS,
    AUDIT_EVENTS,
    BILLING_POLICIES,
    BILLING_POLICY_ENVIRONMENTS,
    BILLING_POLICY_VERSIONS,
    CONNECTOR_VERSIONS,
    CONNECTORS,
    ENVIRONMENT_ALLOCATIONS,
    ENVIRONMENT_VERSIONS,
    ENVIRONMENTS,
    FLOW_PERMISSIONS,
    FLOW_VERSIONS,
    FLOWS,
    connector_name,
    environment_name,
    holds,
    present,
)
from connectory.queries.usage import app_pairs, flow_pairs

DAYS: Final = 30
"""Days within which who opened an app counts as one who uses it, and in which runs are counted."""
PASSES: Final = "AppPass"
APP_METER, RUN_METER = "powerApps", "cloudFlowRuns"
_CHANGING: Final = ("Owner", "CanEdit")
"""Roles of those who may change a flow; the others may only run it."""
_TRIGGERS: Final[Mapping[str, Trigger]] = {
    "recurrence": "scheduled",
    "slidingwindow": "scheduled",
    "button": "instant",
    "manual": "instant",
    "powerapp": "app",
    "powerappv2": "app",
    "request": "http",
    "http": "http",
}
"""By what a definition calls its trigger; whatever else there is waits for something to happen."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as a scenario, and what people call what is in it.

    Attributes:
        scenario: The tenant.
        environments: Names of its environments, in their order.
        apps: Names of its apps.
        flows: Names of its flows.
        connectors: Names of connectors, by their number as apps and flows tell it.
        people: Names and departments, by user.
    """

    scenario: Scenario
    environments: tuple[str, ...]
    apps: tuple[str, ...]
    flows: tuple[str, ...]
    connectors: Mapping[str, str]
    people: tuple[tuple[str, str | None], ...]


def tenant(
    connection: Connection,
    moment: Moment,
    channel: Channel | None,
    basis: Basis = "active",
    trial_ends: Mapping[str, date] = MappingProxyType({}),
) -> Tenant:
    """Return the tenant at a moment, as far as licences of custom connectors are concerned.

    Args:
        connection: Open transaction on the store.
        moment: As of when.
        channel: How licences are bought; None if that is not told.
        basis: Who needs a licence for an app: who uses it, or who has access.
        trial_ends: Last days of trials, by part number or GUID.
    """
    return _Facts(connection, moment).tenant(channel, basis, trial_ends)


class _Facts:
    """Reads facts of one moment, and puts numbers in place of keys."""

    def __init__(self, connection: Connection, moment: Moment) -> None:
        self._connection, self._moment = connection, moment
        self._run = moment.run_id
        self._homes: dict[int, int] = {}
        self._there: dict[int, str] = {}
        self._directory = Directory(connection, moment.run_id)
        self._numbers = self._directory.numbers

    def tenant(
        self, channel: Channel | None, basis: Basis, trial_ends: Mapping[str, date]
    ) -> Tenant:
        environments, home_names = self._environments()
        connectors = self._connectors()
        apps, app_names = self._apps()
        flows, flow_names = self._flows()
        scenario = Scenario(
            as_of=self._moment.read_at.astimezone(UTC).date(),
            channel=channel,
            basis=basis,
            environments=tuple(environments),
            people=People(on_trial(self._directory.users, trial_ends)),
            apps=tuple(apps),
            flows=tuple(flows),
        )
        return Tenant(
            scenario,
            tuple(home_names),
            tuple(app_names),
            tuple(flow_names),
            connectors,
            tuple(self._directory.names),
        )

    def _rows(self, query: Any) -> Iterable[Any]:
        return self._connection.execute(query)

    # --- environments

    def _environments(self) -> tuple[list[Environment], list[str]]:
        meters, passes = self._meters(), self._passes()
        facts = ENVIRONMENT_VERSIONS.c
        query = (
            select(ENVIRONMENTS.c.id, ENVIRONMENTS.c.key, environment_name(), facts.sku,
                   facts.managed, facts.is_default)
            .join(ENVIRONMENT_VERSIONS, facts.environment_id == ENVIRONMENTS.c.id)
            .where(present(ENVIRONMENT_VERSIONS, self._run))
            .order_by(ENVIRONMENTS.c.key)
        )  # fmt: skip
        found, names = [], []
        for number, (row_id, key, name, sku, managed, default) in enumerate(self._rows(query)):
            self._homes[row_id] = number
            on = meters.get(key)
            kind = "Default" if default else _kind(sku)
            found.append(
                Environment(
                    id=key,
                    type=kind,
                    managed=bool(managed),
                    linked=on is not None and kind in ("Production", "Sandbox"),
                    app_meter=bool(on and on.get(APP_METER)),
                    flow_meter=bool(on and on.get(RUN_METER)),
                    passes=passes.get(key, 0),
                )
            )
            names.append(name)
        return found, names

    def _meters(self) -> dict[str, dict[str, bool]]:
        """Return the meters of each environment that a policy pays for, as far as they are told."""
        facts, edge = BILLING_POLICY_VERSIONS.c, BILLING_POLICY_ENVIRONMENTS
        query = (
            select(edge.c.environment_key, facts.meters)
            .join(BILLING_POLICIES, BILLING_POLICIES.c.id == edge.c.billing_policy_id)
            .join(BILLING_POLICY_VERSIONS, facts.billing_policy_id == BILLING_POLICIES.c.id)
            .where(
                holds(edge, self._run),
                present(BILLING_POLICY_VERSIONS, self._run),
                func.lower(func.coalesce(facts.status, "enabled")) == "enabled",
            )
        )
        return {key: dict(meters or {}) for key, meters in self._rows(query)}

    def _passes(self) -> dict[str, int]:
        edge = ENVIRONMENT_ALLOCATIONS
        query = select(edge.c.environment_key, edge.c.allocated).where(
            holds(edge, self._run), edge.c.currency == PASSES
        )
        return {key: int(number) for key, number in self._rows(query)}

    # --- connectors, apps and flows

    def _connectors(self) -> dict[str, str]:
        query = (
            select(CONNECTORS.c.id, connector_name())
            .join(CONNECTOR_VERSIONS, CONNECTOR_VERSIONS.c.connector_id == CONNECTORS.c.id)
            .where(present(CONNECTOR_VERSIONS, self._run))
        )
        self._there = dict(map(tuple, self._rows(query)))
        return {str(number): name for number, name in self._there.items()}

    def _used(self, pairs: Any, asset: str) -> dict[int, tuple[str, ...]]:
        """Return by asset the numbers of the custom connectors it uses, of those that are there."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        told = pairs.subquery("pairs")
        for connector, number in self._rows(select(told.c.connector_id, told.c[asset])):
            if connector in self._there:
                found[number].append(connector)
        return {one: tuple(str(n) for n in sorted(some)) for one, some in found.items()}

    def _roles(self, edge: Any, asset: str, *where: Any) -> dict[int, set[int]]:
        query = select(edge.c[asset], edge.c.principal_type, edge.c.principal_key).where(
            holds(edge, self._run), *where
        )
        found: defaultdict[int, set[int]] = defaultdict(set)
        for number, kind, key in self._rows(query):
            found[number].update(self._directory.holders(kind, key))
        return found

    def _apps(self) -> tuple[list[App], list[str]]:
        used = self._used(app_pairs(self._run), "app_id")
        access, opened = self._roles(APP_PERMISSIONS, "app_id"), self._opened()
        facts = APP_VERSIONS.c
        name = func.coalesce(facts.display_name, facts.name, APPS.c.key)
        query = (
            select(APPS.c.id, APPS.c.key, APPS.c.environment_id, name, facts.owner_key)
            .join(APP_VERSIONS, facts.app_id == APPS.c.id)
            .where(present(APP_VERSIONS, self._run))
            .order_by(APPS.c.environment_id, APPS.c.key)
        )
        found, names = [], []
        for number, key, home, told, owner in self._rows(query):
            if number not in used or home not in self._homes:
                continue
            own = self._numbers.get(owner)
            users = access.get(number, set()) | ({own} if own is not None else set())
            active = users if opened is None else opened.get(number, set()) & users
            found.append(
                App(
                    id=key,
                    environment=self._homes[home],
                    custom_connector=True,
                    users=_array(users),
                    active=_array(active),
                    connectors=used[number],
                )
            )
            names.append(told)
        return found, names

    def _opened(self) -> dict[int, set[int]] | None:
        """Return by app who opened it lately; None if no log tells of that."""
        events = AUDIT_EVENTS.c
        since = self._moment.read_at - timedelta(days=DAYS)
        query = (
            select(APPS.c.id, events.actor_key)
            .distinct()
            .join(
                ENVIRONMENTS,
                and_(
                    ENVIRONMENTS.c.key == events.environment_key,
                    ENVIRONMENTS.c.id == APPS.c.environment_id,
                ),
            )
            .select_from(AUDIT_EVENTS.join(APPS, APPS.c.key == events.target_key))
            .where(
                events.noun == "app",
                events.action == "launched",
                events.run_id <= self._run,
                events.at >= since,
            )
        )
        found: defaultdict[int, set[int]] = defaultdict(set)
        for app, actor in self._rows(query):
            if (number := self._numbers.get(actor)) is not None:
                found[app].add(number)
        return found or None

    def _flows(self) -> tuple[list[Flow], list[str]]:
        used = self._used(flow_pairs(self._run), "flow_id")
        runners = self._roles(
            FLOW_PERMISSIONS, "flow_id", FLOW_PERMISSIONS.c.role.not_in(_CHANGING)
        )
        runs, facts = self._runs(), FLOW_VERSIONS.c
        name = func.coalesce(facts.display_name, facts.name, FLOWS.c.key)
        owner = func.coalesce(facts.owner_key, facts.creator_key)
        query = (
            select(FLOWS.c.id, FLOWS.c.key, FLOWS.c.environment_id, name, owner, facts.trigger_kind)
            .join(FLOW_VERSIONS, facts.flow_id == FLOWS.c.id)
            .where(present(FLOW_VERSIONS, self._run))
            .order_by(FLOWS.c.environment_id, FLOWS.c.key)
        )
        found, names = [], []
        for number, key, home, told, by, kind in self._rows(query):
            if number not in used or home not in self._homes:
                continue
            found.append(
                Flow(
                    id=key,
                    environment=self._homes[home],
                    custom_connector=True,
                    trigger=_TRIGGERS.get(str(kind or "").casefold(), "automated"),
                    owner=self._numbers.get(by),
                    service_principal=by if by in self._directory.principals else None,
                    invokers=_array(runners.get(number, set())),
                    runs=runs.get(number),
                    connectors=used[number],
                )
            )
            names.append(told)
        return found, names

    def _runs(self) -> dict[int, int]:
        """Return by flow how often it ran lately, of those of which that is told."""
        best = best_days(self._moment)
        first = (self._moment.read_at - timedelta(days=DAYS)).astimezone(UTC).date()
        runs: ColumnElement[int] = sum((best.c[name] for name in COUNTS), literal(0))
        total = func.sum(runs)
        query = select(best.c.flow_id, total).where(best.c.day >= first).group_by(best.c.flow_id)
        return {flow: int(number) for flow, number in self._rows(query)}


def _kind(sku: str | None) -> EnvironmentType:
    """Return the type of an environment; what the platform calls otherwise can be linked to nothing."""
    for kind in TYPES:
        if (sku or "").casefold() == kind.casefold():
            return kind
    return "Trial"


def _array(some: Iterable[int]) -> Numbers:
    return np.array(sorted(some), dtype=np.int64)
