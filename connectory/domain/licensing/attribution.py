"""What a connector costs: the cheapest plan with it, less the cheapest plan without it.

That is what retiring it would save. Two connectors of one app cost nothing each: without either the
other one still makes the app premium. So these amounts do not add up to the cost of the plan, and
what is left over is shared.

Only the pieces of a tenant that a connector bears upon are looked at again; what is the same with
another connector gone is solved once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from connectory.domain.licensing.cheapest import costs_by_tier
from connectory.domain.licensing.classes import classes_of, people_of, people_tied
from connectory.domain.licensing.holders import Holders
from connectory.domain.licensing.links import plain_links, plain_links_in
from connectory.domain.licensing.naming import Naming
from connectory.domain.licensing.needs import Needs
from connectory.domain.licensing.part import Answer, Part, scale
from connectory.domain.licensing.parting import counted_flows, tying
from connectory.domain.licensing.prices import Price, Tier
from connectory.domain.licensing.rules import DEFAULTS, OpenRules
from connectory.domain.licensing.scenario import App, Flow, Scenario
from connectory.domain.licensing.solving import Taken
from connectory.domain.licensing.standing import ALONE, NOWHERE, Standing

Asset = TypeVar("Asset", App, Flow)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one connector costs.

    Attributes:
        connector: Which, as apps and flows name it.
        monthly: What the cheapest plan would cost less without it.
        apps: Numbers of apps that use it.
        flows: Numbers of flows that use it.
        only: Numbers of people who need cover because of it alone.
    """

    connector: str
    monthly: Decimal
    apps: tuple[int, ...]
    flows: tuple[int, ...]
    only: tuple[int, ...]


def causes(
    scenario: Scenario,
    holders: Holders,
    needs: Needs,
    prices: Mapping[str, Price],
    rules: OpenRules = DEFAULTS,
    progress: Callable[[int, int], None] | None = None,
) -> list[Cause]:
    """Return what each connector costs, the dearest first.

    Args:
        scenario: The tenant.
        holders: What its people hold.
        needs: What it needs.
        prices: What plans cost.
        rules: Answers to what is open.
        progress: Told how many connectors were reckoned, of how many.

    Raises:
        Unsolved: A cheapest plan was not found or proven.
    """
    return _Causes(scenario, holders, needs, prices, rules).all(progress)


def cause_of(
    scenario: Scenario,
    holders: Holders,
    needs: Needs,
    prices: Mapping[str, Price],
    connector: str,
    rules: OpenRules = DEFAULTS,
) -> Cause | None:
    """Return what one connector costs; None where no app and no flow uses it.

    Raises:
        Unsolved: A cheapest plan was not found or proven.
    """
    apps = tuple(n for n, one in enumerate(scenario.apps) if connector in one.connectors)
    flows = tuple(n for n, one in enumerate(scenario.flows) if connector in one.connectors)
    if not apps and not flows:
        return None
    return _Causes(scenario, holders, needs, prices, rules).one(connector, apps, flows)


def without(scenario: Scenario, connector: str) -> Scenario:
    """Return a scenario as it would be if a connector were retired."""
    return replace(
        scenario,
        apps=tuple(_left(one, connector) for one in scenario.apps),
        flows=tuple(_left(one, connector) for one in scenario.flows),
    )


def _left(asset: Asset, connector: str) -> Asset:
    """Return an app or a flow without a connector."""
    if connector not in asset.connectors:
        return asset
    left = tuple(one for one in asset.connectors if one != connector)
    return replace(asset, connectors=left, custom_connector=bool(left))


class _Causes:
    """The pieces of a tenant as it is, and what becomes of them without each connector."""

    def __init__(
        self,
        scenario: Scenario,
        holders: Holders,
        needs: Needs,
        prices: Mapping[str, Price],
        rules: OpenRules,
    ) -> None:
        self._scenario, self._holders, self._needs = scenario, holders, needs
        self._prices, self._rules = prices, rules
        self._standing = Standing(scenario, needs, prices)
        nobody = np.zeros(len(scenario.people), dtype=np.bool_)
        self._cost = self._least(
            scenario, _Change(needs, self._standing.links, frozenset(), nobody)
        )

    def all(self, progress: Callable[[int, int], None] | None) -> list[Cause]:
        """Return what each connector costs."""
        apps: defaultdict[str, list[int]] = defaultdict(list)
        flows: defaultdict[str, list[int]] = defaultdict(list)
        for number, app in enumerate(self._scenario.apps):
            for connector in app.connectors:
                apps[connector].append(number)
        for number, flow in enumerate(self._scenario.flows):
            for connector in flow.connectors:
                flows[connector].append(number)
        every = {**apps, **flows}
        found = []
        for one in every:
            found.append(self.one(one, tuple(apps[one]), tuple(flows[one])))
            if progress is not None:
                progress(len(found), len(every))
        return sorted(found, key=lambda cause: (-cause.monthly, cause.connector))

    def one(self, connector: str, apps: tuple[int, ...], flows: tuple[int, ...]) -> Cause:
        """Return what one connector costs that some apps and flows use."""
        changed = self._without(connector, apps, flows)
        freed = {n for n in apps if not changed.apps[n].custom_connector}
        standard = {n for n in flows if not changed.flows[n].custom_connector}
        # An app is premium as well because of a flow that it starts.
        freed |= {app for n in standard if (app := self._scenario.flows[n].app) is not None}
        if not freed and not standard:
            return Cause(connector, Decimal(0), apps, flows, ())
        naming = Naming(changed, self._holders, self._rules)
        needs = naming.without(self._needs, freed, standard)
        people = self._concerned(needs, freed, standard)
        links = self._links_without(changed, needs, freed, standard)
        monthly = self._cost - self._least(
            changed, _Change(needs, links, frozenset(standard), people)
        )
        before = people_of(self._scenario, self._needs, "now", people)
        after = people_of(changed, needs, "now", people)
        return Cause(connector, monthly, apps, flows, tuple(sorted(before - after)))

    def _without(self, connector: str, apps: tuple[int, ...], flows: tuple[int, ...]) -> Scenario:
        """Return the tenant without a connector, of which it is known what uses it."""
        left, kept = list(self._scenario.apps), list(self._scenario.flows)
        for number in apps:
            left[number] = _left(left[number], connector)
        for number in flows:
            kept[number] = _left(kept[number], connector)
        return replace(self._scenario, apps=tuple(left), flows=tuple(kept))

    def _concerned(self, needs: Needs, apps: set[int], flows: set[int]) -> NDArray[np.bool_]:
        """Return for whom some apps and flows were or are needed or billed."""
        number = np.array(sorted(apps), dtype=np.int64)
        found = np.zeros(len(self._scenario.people), dtype=np.bool_)
        for told in (self._needs, needs):
            found[told.apps.person[np.isin(told.apps.app, number)]] = True
            found[told.use.person[np.isin(told.use.app, number)]] = True
        gone, named = np.array(sorted(flows), dtype=np.int64), self._needs.concerned
        found[named.person[np.isin(named.flow, gone)]] = True
        found[named.payer[np.isin(named.paid, gone)]] = True
        return found

    def _links_without(
        self, changed: Scenario, needs: Needs, apps: set[int], flows: set[int]
    ) -> dict[int, bool]:
        """Return of which environments it is plain now: it may be other ones where assets changed."""
        serving = {self._scenario.flows[one].associated_app for one in flows} - {None}
        homes = {self._scenario.apps[one].environment for one in apps | serving if one is not None}
        told = plain_links_in(changed, needs, homes, self._prices)
        left = {number: on for number, on in self._standing.links.items() if number not in homes}
        return left | told

    def _least(self, changed: Scenario, change: _Change) -> Decimal:
        """Return what the cheapest plan costs after a change."""
        standing = self._standing
        pieces, people = self._touched(changed, change)
        needs, place_of = change.needs, change.needs.places
        classes = classes_of(changed, needs, "plan", people, standing.plain)
        named = {place for one in classes for place in one.flows}
        named |= {place for one in classes for place, _ in one.associated}
        settled = {
            place: told
            for place in named
            if (told := standing.settled.get(needs.flows[place].flow)) is not None
        }
        flows = [flow for number in pieces for flow in standing.flows_of(number)]
        places = sorted(place_of[flow] for flow in flows if flow in place_of)
        part = Part(tuple(classes), tuple(places))
        taken = standing.solver.take(
            change.needs, part, change.links, settled=settled, ample=standing.ample
        )
        rest = Part((), ())

        def solve(one: Part, tiers: Sequence[Tier], cost_alone: bool) -> Answer:  # noqa: FBT001
            del cost_alone  # what costs least is enough here
            if one is rest:
                return standing.rest(pieces, people, change.flows, tiers)
            told = taken if one is part else self._everything(changed, change)
            return standing.solver.answer(told, tiers, cost_alone=True)

        costs = costs_by_tier(
            [rest, part], self._prices, solve, lambda: self._everything(changed, change).part
        )
        return Decimal(int(min(costs.values()))) / scale(self._prices)

    def _everything(self, changed: Scenario, change: _Change) -> Taken:
        """Return everybody and every flow after a change."""
        classes = classes_of(changed, change.needs, "plan")
        part = Part(tuple(classes), tuple(counted_flows(changed, change.needs)))
        links = plain_links(changed, classes, self._prices)
        return self._standing.solver.take(change.needs, part, links)

    def _touched(self, changed: Scenario, change: _Change) -> tuple[set[int], NDArray[np.bool_]]:
        """Return the numbers of the pieces that a change bears upon, and whom."""
        standing, needs = self._standing, change.needs
        tied = tying(changed, change.links, standing.ample)
        moved = {
            home
            for home in {*change.links, *standing.links}
            if change.links.get(home) != standing.links.get(home)
        }
        people = change.people | self._in_homes(needs, moved)
        pieces = {standing.piece_of_flow(flow) for flow in change.flows}
        pieces |= {standing.piece_of_home(home) for home in moved}
        while True:
            pieces |= set(np.unique(standing.piece_of[people]).tolist())
            pieces -= {NOWHERE, ALONE}
            people |= np.isin(standing.piece_of, sorted(pieces))
            more = self._tied_to(changed, needs, people, tied) - pieces
            if not more:
                return pieces, people
            pieces |= more

    def _in_homes(self, needs: Needs, homes: set[int]) -> NDArray[np.bool_]:
        """Return who needed or needs something in some environments."""
        found = np.zeros(len(self._scenario.people), dtype=np.bool_)
        if homes:
            mine = np.array([app.environment in homes for app in self._scenario.apps])
            for told in (self._needs, needs):
                found[told.apps.person[mine[told.apps.app]]] = True
                found[told.use.person[mine[told.use.app]]] = True
                for need in told.flows:
                    if need.app is not None and mine[need.app]:
                        found[need.people if need.billed is None else need.billed] = True
        return found

    def _tied_to(
        self, changed: Scenario, needs: Needs, people: NDArray[np.bool_], tied: frozenset[int]
    ) -> set[int]:
        """Return the numbers of the pieces to which something ties some people after a change."""
        standing = self._standing
        named, homes = people_tied(changed, needs, people, standing.plain)
        found = {standing.piece_of_flow(needs.flows[place].flow) for place in named}
        found |= {standing.piece_of_home(home) for home in homes & tied}
        return found - {NOWHERE, ALONE}


@dataclass(frozen=True, slots=True)
class _Change:
    """What a tenant needs after a change.

    Attributes:
        needs: What it needs.
        links: Environments of which it is plain whether their meter is to be on.
        flows: Numbers of flows that need nothing any more.
        people: For whom that changes anything.
    """

    needs: Needs
    links: Mapping[int, bool]
    flows: frozenset[int]
    people: NDArray[np.bool_]
