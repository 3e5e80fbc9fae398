"""What one connector costs: with it, without it, and what the plan gives whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connectory.domain.licensing.attribution import Cause
from connectory.domain.licensing.showback import given
from connectory.queries.exposure import Exposure, some


@dataclass(frozen=True, slots=True)
class Asset:
    """An app or a flow that uses a connector.

    Attributes:
        name: Its name.
        people: How many people need cover for it and hold no licence.
        gets: What of the plan covers a flow; empty if nothing has to.
        others: Other connectors that make it premium.
    """

    name: str
    people: int
    gets: str
    others: str


@dataclass(frozen=True, slots=True)
class ConnectorCost:
    """What one connector costs.

    Attributes:
        monthly: What retiring it would save.
        plan: What the cheapest plan of the tenant costs.
        without: What that would cost without it.
        proven: Nothing costs less than the plan.
        concerned: Ids of different people who need cover for an app or a flow with it.
        only: Ids of those of them who need cover because of it alone.
        apps: Apps that use it.
        flows: Flows that use it.
    """

    monthly: Decimal
    plan: Decimal
    without: Decimal
    proven: bool
    concerned: tuple[str, ...]
    only: tuple[str, ...]
    apps: tuple[Asset, ...]
    flows: tuple[Asset, ...]


def cost_of(told: Exposure, connector_id: int) -> ConnectorCost | None:
    """Return what a connector costs; None where no app and no flow uses it."""
    cause = told.cause(str(connector_id))
    if cause is None:
        return None
    by_app, by_flow = _people(told, cause)
    everybody = {person for some_of in (*by_app.values(), *by_flow.values()) for person in some_of}
    plan = told.estimate.plan
    licensed = {one.person for one in given(plan.classes, plan.shares) if one.automate}
    return ConnectorCost(
        monthly=cause.monthly,
        plan=told.estimate.monthly,
        without=told.estimate.monthly - cause.monthly,
        proven=told.estimate.plan.proven,
        concerned=_ids(told, everybody),
        only=_ids(told, cause.only),
        apps=tuple(_app(told, cause, number, len(by_app[number])) for number in cause.apps),
        flows=tuple(_flow(told, cause, n, by_flow[n], licensed) for n in cause.flows),
    )


def _people(told: Exposure, cause: Cause) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return by app and by flow of a connector who needs cover for it."""
    apps: dict[int, set[int]] = {number: set() for number in cause.apps}
    flows: dict[int, set[int]] = {number: set() for number in cause.flows}
    asked = told.needs.apps
    for person, app in zip(asked.person.tolist(), asked.app.tolist(), strict=True):
        if app in apps:
            apps[app].add(person)
    for need in told.needs.flows:
        if need.flow in flows:
            flows[need.flow].update(need.people.tolist())
    return apps, flows


def _ids(told: Exposure, people: Iterable[int]) -> tuple[str, ...]:
    return tuple(told.tenant.scenario.people.name(person) for person in sorted(people))


def _app(told: Exposure, cause: Cause, number: int, people: int) -> Asset:
    app = told.tenant.scenario.apps[number]
    return Asset(told.tenant.apps[number], people, "", _others(told, cause, app.connectors))


def _flow(told: Exposure, cause: Cause, number: int, people: set[int], licensed: set[int]) -> Asset:
    flow, places, gets = told.tenant.scenario.flows[number], told.needs.places, ""
    if number in told.estimate.plan.processed:
        gets = "Power Automate Process"
    elif number in places:
        need = told.needs.flows[places[number]]
        if people and people <= licensed:
            gets = "Power Automate Premium"
        elif need.spare:
            gets = "Process licence that is held"
        else:
            gets = "Run meter" if need.app is None else "What covers its app"
    others = _others(told, cause, flow.connectors)
    return Asset(told.tenant.flows[number], len(people), gets, others)


def _others(told: Exposure, cause: Cause, connectors: tuple[str, ...]) -> str:
    names = told.tenant.connectors
    return some(sorted(names.get(one, one) for one in connectors if one != cause.connector))
